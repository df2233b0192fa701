"""The module's SMTP client, with a real mail server."""

import email
import ssl
import time

import pytest
import trustme

from spwf04_sim import Peer, Quirks
from tests.shims.postoffice import Mail
from tests.sim.replay import dated
from tests.sim.talk import Talk

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
OK = b"AT-S.OK\r\n"
BODY = b"Hello,\r\n.one dot\r\n"


@pytest.fixture
def server():
    made = Mail()
    yield made
    made.stop()


def at(server, port=25, **quirks):
    talk = Talk(Quirks(**quirks))
    talk.world.route("mail.example", port, server.address)
    return talk


def send(talk, line, body=BODY):
    return talk.say(f"AT+S.SMTP={line},{len(body)}", body)


def test_a_mail_is_sent(server):
    talk = at(server)
    assert send(talk, "mail.example,25,,,,,me@a.example,you@b.example,,,Greeting,") == OK
    sender, recipients, mail = server.mails[0]
    assert (sender, recipients) == ("me@a.example", ["you@b.example"])
    assert mail == (b"From: me@a.example\r\nTo: you@b.example\r\nSubject: Greeting\r\n\r\n" + BODY)
    assert server.names == ["iwm-BD-00-39"]


def test_in_another_reading_a_line_of_one_dot_ends_the_mail(server):
    talk = at(server, smtp_dots="as they are")
    body = b"Hello,\r\n.\r\nmore\r\n"
    assert send(talk, "mail.example,25,,,,,me@a,you@b,,,Hi,", body) == OK
    assert server.mails[0][2].endswith(b"\r\n\r\nHello,\r\n")


def test_copies_name_and_default_port(server):
    talk = at(server)
    line = "mail.example,,0,,,me.example,me@a,you@b,other@c;third@d,secret@e,Greeting,"
    assert send(talk, line) == OK
    _, recipients, mail = server.mails[0]
    assert recipients == ["you@b", "other@c", "third@d", "secret@e"]
    assert b"Cc: other@c;third@d\r\n" in mail
    assert b"secret@e" not in mail
    assert server.names == ["me.example"]


def test_a_file_is_attached(server):
    talk = at(server)
    data = bytes(range(256)) * 4
    talk.file("log.bin", data)
    assert send(talk, "mail.example,25,,,,,me@a,you@b,,,Log,/log.bin") == OK
    mail = email.message_from_bytes(server.mails[0][2])
    text, file = mail.get_payload()
    assert text.get_payload(decode=True).startswith(b"Hello,")
    assert file.get_filename() == "log.bin"
    assert file.get_payload(decode=True) == data


@pytest.mark.parametrize("way", ["LOGIN", "PLAIN"])
def test_user_and_password_are_asked_for(way):
    server = Mail(user=("me", "hunter2"))
    talk = at(server, smtp_auth=way)
    assert send(talk, "mail.example,25,,me,hunter2,,me@a,you@b,,,Hi,") == OK
    assert server.logins == [(way, "me", "hunter2")]
    assert b"AT-S.ERROR:111:" in send(talk, "mail.example,25,,me,wrong,,me@a,you@b,,,Hi,")
    assert b"AT-S.ERROR:111:" in send(talk, "mail.example,25,,,,,me@a,you@b,,,Hi,")
    assert len(server.mails) == 1
    server.stop()


def test_a_mail_over_tls():
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    dated(ca, "mail.example").configure_cert(context)
    server = Mail(context=context)
    talk = at(server, 465)
    talk.module.set_clock(int(time.time()))
    talk.module.flash.slot["ca"] = ca.cert_pem.bytes()
    assert send(talk, "mail.example,,2,,,,me@a,you@b,,,Hi,").endswith(OK)
    assert len(server.mails) == 1
    server.stop()


def test_a_recipient_that_the_server_refuses_is_an_error(server):
    talk = at(server)
    assert b"AT-S.ERROR:111:" in send(talk, "mail.example,25,,,,,me@a,nobody@b,,,Hi,")
    assert server.mails == []
    assert talk.module.connections.links == []


def test_a_server_that_says_nothing_is_an_error():
    talk = Talk()
    talk.world.route("mail.example", 25, Peer)
    assert b"AT-S.ERROR:111:" in send(talk, "mail.example,25,,,,,me@a,you@b,,,Hi,")


def test_answers_of_several_lines_and_in_pieces_are_read():
    class Wordy(Peer):
        said = b""

        def on_connect(self):
            self.send(b"220-hello\r\n220 there\r\n")

        def on_data(self, data):
            Wordy.said += data
            codes = {b"DATA\r\n": b"354 go\r\n", b"QUIT\r\n": b"221 bye\r\n"}
            self.send(codes.get(data, b"250-well\r\n250-yes\r\n250 done\r\n"))

    talk = Talk()
    talk.world.route("mail.example", 25, Wordy)
    assert send(talk, "mail.example,25,,,,,me@a,you@b,,,Hi,") == OK
    assert Wordy.said.startswith(b"HELO iwm-BD-00-39\r\nMAIL FROM:<me@a>\r\nRCPT TO:<you@b>\r\n")
    assert Wordy.said.endswith(b"\r\n\r\nHello,\r\n..one dot\r\n.\r\nQUIT\r\n")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("mail.example,25,,,,,,you@b,,,Hi,", 2),
        ("mail.example,25,,,,,me@a,,,,Hi,", 2),
        ("mail.example,x,,,,,me@a,you@b,,,Hi,", 7),
        ("mail.example,25,,,,,me@a,you@b,,,Hi,missing", 51),
        ("nowhere.example,25,,,,,me@a,you@b,,,Hi,", 65),
    ],
)
def test_errors(line, number):
    talk = Talk()
    body = b"" if number != 65 else BODY
    said = talk.say(f"AT+S.SMTP={line},{len(BODY)}", body)
    assert f"AT-S.ERROR:{number}:".encode() in said
