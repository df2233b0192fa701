"""docs/mail.md: its programs run as they are printed, with a real mail server."""

import datetime
import email
import email.policy
import functools
import ssl

import pytest

from tests.shims.postoffice import Mail
from tests.shims.servers import servers

from .stage import Stage, example, stage  # noqa: F401
from .table import INTERPRETERS, cell

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
USER = "door", "correct horse"


@functools.cache
def certificate():
    since = datetime.datetime.now() - datetime.timedelta(days=9)
    return servers().ca.issue_cert(
        "mail.example.com", common_name="mail.example.com", not_before=since
    )


@pytest.fixture
def secure():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate().configure_cert(context)
    made = Mail(context, USER)
    yield made
    made.stop()


@pytest.fixture
def plain():
    made = Mail()
    yield made
    made.stop()


def read(mail):
    return email.message_from_bytes(mail[2], policy=email.policy.default)


def test_a_mail_over_tls(stage, secure):  # noqa: F811
    stage.route("mail.example.com", 465, secure.address)
    assert stage.run(example("mail")) == ["sent"]
    (mail,) = secure.mails
    assert mail[:2] == ("door@example.com", ["me@example.com", "you@example.com"])
    assert read(mail)["Subject"] == "Tür auf"
    assert mail[2].endswith(b"\r\n\r\nThe front door is open.\r\nIt was opened at 12:00.\r\n")
    assert secure.logins[-1][1:] == USER
    cell("mail", "TLS", stage.interpreter)


def test_a_mail_and_an_attachment_without_tls(stage, plain):  # noqa: F811
    stage.route("relay.example", 25, plain.address)
    program = "from spwf04.services.mail import send_mail\n"
    stage.run(program + example("mail", 1) + example("mail", 2))
    first, second = plain.mails
    assert first[:2] == ("door@example.com", ["me@example.com"])
    assert first[2].endswith(b"\r\n\r\nIt is open.\r\n")
    _, file = read(second).iter_parts()
    assert file.get_filename() == "log.txt"
    assert file.get_payload(decode=True) == b"12:00 open\n12:05 shut\n"
    cell("mail", "plain", stage.interpreter)


AWAITED = """
import asyncio
import spwf04.aio
from spwf04 import SSLContext
from spwf04.services.mail import sending_mail

async def main():
    context = SSLContext(roots=roots)
    steps = sending_mail(
        radio, "mail.example.com", "a@b.example", "c@d.example", "x", "y", context=context,
        user="door", password="correct horse", attachment=("log.txt", b"12:00 open"),
    )
    await spwf04.aio.take(radio.channel, steps)
    print("sent")

asyncio.run(main())
"""


@pytest.mark.parametrize("interpreter", INTERPRETERS[:3])  # CircuitPython's modules lack asyncio
def test_a_mail_with_asyncio(interpreter, secure):
    stage = Stage(interpreter)  # noqa: F811
    stage.route("mail.example.com", 465, secure.address)
    assert stage.run(AWAITED) == ["sent"]
    _, file = read(secure.mails[0]).iter_parts()
    assert file.get_payload(decode=True) == b"12:00 open"
    assert (2, "log.txt") not in stage.module.flash.files


WRONG = """
from spwf04.services.mail import send_mail
from spwf04 import ModuleError, CertificateError, SSLContext
def attempt(host, context, **more):
    try:
        send_mail(radio, host, "a@b.example", "c@d.example", "x", "y", context=context, **more)
        print("sent")
    except CertificateError as e:
        print("certificate")
    except ModuleError as e:
        print(e.code, e.remedy)
"""


def test_a_wrong_password_and_a_server_without_tls_are_told_apart_from_distrust(
    secure,
    plain,
    stage,  # noqa: F811
):
    stage.route("mail.example.com", 465, secure.address)
    stage.route("mail.example.com", 25, secure.address)
    stage.route("other.example", 465, secure.address)
    stage.route("plain.example", 465, plain.address)
    program = WRONG + (
        "context = SSLContext(roots=roots)\n"
        "attempt('mail.example.com', context, user='door', password='wrong')\n"
        "attempt('mail.example.com', context)\n"
        "attempt('mail.example.com', context, user='door', password='correct horse')\n"
        "attempt('other.example', context)\n"
    )
    assert stage.run(program) == ["111 check_mail", "111 check_mail", "sent", "certificate"]
    assert len(secure.mails) == 1
