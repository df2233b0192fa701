"""What a person reads if a service cannot reach its server: each text names the server, and says
the cause once and what to do once."""

import pytest

from spwf04 import SPWF04, SocketPool, SPWF04Error, SSLContext
from spwf04.services import http, mail, tftp, websocket
from spwf04.services.mqtt import MQTTClient
from spwf04_sim import Peer, Timing, VirtualClock
from tests.shims.controller import Controller

SECONDS = 60
URL = {False: "http://%s:%d/", True: "https://%s:%d/"}
WORDS = {False: "ws://%s:%d/", True: "wss://%s:%d/"}


def _socket(radio, host, port, tls):
    sock = SocketPool(radio).socket()
    sock.settimeout(SECONDS)
    if tls:
        sock = SSLContext().wrap_socket(sock, server_hostname=host)
    sock.connect((host, port))


def _mqtt(radio, host, port, tls):
    MQTTClient(radio, "id", host, port, context=SSLContext() if tls else None).connect()


def _mail(radio, host, port, tls):
    context = SSLContext() if tls else None
    words = "a@b.example", "c@d.example", "x", "y"
    mail.send_mail(radio, host, *words, port=port, context=context, timeout=SECONDS)


def _get(radio, host, port, tls):
    http.get(radio, URL[tls] % (host, port), timeout=SECONDS)


def _raw(radio, host, port, tls):
    http.get(radio, URL[tls] % (host, port), timeout=SECONDS, into=bytearray(9))


def _post(radio, host, port, tls):
    http.post(radio, URL[tls] % (host, port), b"x", timeout=SECONDS)


def _websocket(radio, host, port, tls):
    websocket.connect(radio, WORDS[tls] % (host, port), timeout=SECONDS)


def _tftp(radio, host, port, tls):
    tftp.tftp_get(radio, host, "x", timeout=SECONDS)


def _update(radio, host, port, tls):
    radio.fetch_update(host, port, "/x", timeout=SECONDS)


def _files(radio, host, port, tls):
    radio.fetch_files(host, port, "/x", 1, True, timeout=SECONDS)


def _ping(radio, host, port, tls):
    radio.ping(host)


PLAIN = (_tftp, _update, _files, _ping)
BOTH = (_socket, _get, _raw, _post, _websocket, _mqtt, _mail)
CASES = {
    "unknown": ("nobody.example", 443),
    "refused": ("closed.example", 443),
    "silent": ("silent.example", 443),
    "not trusted": ("www.example.com", 443),
}


def text(call, case, tls):
    """The words of the error."""
    controller = Controller(clock=VirtualClock(), timing=Timing.fast())
    controller.world.add_host("closed.example")
    controller.world.route("silent.example", 443, Peer)
    radio = SPWF04(controller.module.uart("machine"), clock=controller.clock)
    radio.connect("home", "correct horse")
    radio.set_time(controller.now())
    with pytest.raises(SPWF04Error) as caught:
        call(radio, *CASES[case], tls)
    return str(caught.value), caught.value


TRIED = [
    (call, case, tls)
    for tls, calls in ((False, (*PLAIN, *BOTH)), (True, BOTH))
    for call in calls
    for case in CASES
    if tls or case in ("unknown", "refused")
    if not (call is _ping and case == "refused")  # it answers a ping
]


@pytest.mark.parametrize(
    ("call", "case", "tls"),
    TRIED,
    ids=[f"{call.__name__[1:]}{'-TLS' * tls}-{case}" for call, case, tls in TRIED],
)
def test_the_cause_and_what_to_do_are_said_once(call, case, tls):
    said, error = text(call, case, tls)
    assert error.hint and said.endswith(error.hint)
    for words in ("AT-S.ERROR", "Check host", "failed", "DNS server", "Certificate Error"):
        assert said.count(words) <= 1, said
    if case == "unknown" or (tls and call is not _socket and call is not _mail):
        assert CASES[case][0] in said, said
    if case == "not trusted":
        assert "was not trusted" in said and error.remedy == "install_ca"
    if case == "unknown":
        assert (error.code, error.remedy) == (65, "check_dns")
