"""Mail, TFTP and scripts.

What a script prints has no frame. So it is not compared: a byte that was lost on the way cannot be
told from one that was not printed.
"""

from spwf04.services.mail import send_mail
from spwf04.services.python import run
from spwf04.services.tftp import tftp_get, tftp_put
from tests.shims.posts import MailServer, TftpServer
from tests.shims.servers import pattern
from tests.shims.tlspeer import among_strangers

SIZE = 700


def _mail(stage):
    stage.radio.get("nv_model")
    stage.mails = []
    stage.arrived = stage.mails.copy
    stage.world.route("mail.example", 25, lambda: MailServer(stage.mails, "door", "hun,ter2"))


def _send(stage, **more):
    send_mail(
        stage.radio,
        "mail.example",
        "door@a.example",
        ["me@b.example", "you@b.example"],
        "Alarm",
        "It is open.\n.\n",
        user="door",
        password="hun,ter2",
        timeout=30,
        **more,
    )


def _attach(stage):
    _send(stage, attachment=("log.txt", pattern(40)))


def _known(stage):
    stage.mails = []
    stage.arrived = stage.mails.copy
    ca = among_strangers(
        stage, "mail.example", 465, lambda: MailServer(stage.mails, "door", "hun,ter2")
    )
    stage.radio.certs.install(ca)
    stage.again = lambda: _send_by_tls(stage)


def _send_by_tls(stage):
    _send(stage, context=True)


def _tftp(stage):
    stage.radio.get("nv_model")
    stage.served = {"config": pattern(SIZE)}
    stage.world.route("tftp.example", 69, lambda: TftpServer(stage.served))


def _get(stage):
    tftp_get(stage.radio, "tftp.example", "config", timeout=30)
    stage.got += stage.module.flash.files.get((2, "config"), b"")  # a restart empties the disk


def _log(stage):
    _tftp(stage)
    stage.module.flash.files[2, "log"] = bytearray(pattern(SIZE))


def _put(stage):
    tftp_put(stage.radio, "tftp.example", "2:/log", timeout=30)


def _script(stage):
    stage.radio.get("nv_model")
    stage.module.flash.files[2, "x.py"] = bytearray(b"print('one')\nprint(2, 'three')\n")


def _run(stage):
    run(stage.radio, "2:/x.py", timeout=30)


EXCHANGES = {
    "mail, plain: send": (_mail, _send, b""),
    "mail, plain: attach": (_mail, _attach, b""),
    "mail, TLS: send": (_known, _send_by_tls, b""),
    "TFTP, plain: get": (_tftp, _get, pattern(SIZE)),
    "TFTP, plain: put": (_log, _put, b""),
    "scripts, plain: run": (_script, _run, b""),
}
