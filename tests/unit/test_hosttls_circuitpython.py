"""The engine for CircuitPython's ssl, on a stand-in with the face of that module.

The stand-in (tests/shims/circuitpython_ssl.py) is not CircuitPython: it shows only that the engine
uses nothing but that face.
"""

import datetime
import errno
import ssl
import tempfile
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from spwf04 import SPWF04, CertificateError, SocketPool, SSLContext
from spwf04_sim import Peer, VirtualClock
from tests.shims import circuitpython_ssl, engines
from tests.shims.collecting import Collector
from tests.shims.controller import Controller
from tests.unit import test_validity


@pytest.fixture
def desk(monkeypatch):
    clock = VirtualClock(longest=20)
    engines.use(monkeypatch, "circuitpython")
    controller = Controller(clock=clock)
    radio = SPWF04(controller.module.uart("busio"), clock=clock)
    radio.connect("home", "correct horse")
    radio.set_time(int(time.time()))
    return radio, controller


def fetch(radio, pem, host="www.example.com"):
    context = SSLContext(engine="host")
    context.load_verify_locations(cadata=pem)
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=host)
    sock.settimeout(20)
    with sock:
        sock.connect(("www.example.com", 443))
        sock.send(b"GET / HTTP/1.0\r\n\r\n")
        return sock.read(), sock.engine


def test_a_page(desk):
    radio, controller = desk
    page, engine = fetch(radio, controller.ca_pem())
    assert page.endswith(b"</html>\n")
    assert engine == "host"
    assert controller.open_sockets() == 0


def test_another_ca_and_another_name_are_refused(desk):
    radio, controller = desk
    with pytest.raises(CertificateError, match="X509"):
        fetch(radio, controller.other_ca_pem())
    with pytest.raises(CertificateError, match="X509"):
        fetch(radio, controller.ca_pem(), "www.example.org")
    assert controller.open_sockets() == 0


def test_its_ssl_takes_our_sockets_as_they_are(desk):
    radio, controller = desk
    context = circuitpython_ssl.create_default_context()
    context.load_verify_locations(cadata=controller.ca_pem())
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
    sock.settimeout(20)
    sock.connect(("www.example.com", 443))
    sock.send(b"GET / HTTP/1.0\r\n\r\n")
    buffer = bytearray(15)
    assert sock.recv_into(buffer, 15) == 15
    assert buffer == b"HTTP/1.0 200 OK"
    sock.close()
    assert controller.open_sockets() == 0


def test_a_silent_server_does_not_hold_a_socket_that_must_not_wait_for_ever(desk):
    radio, controller = desk
    controller.world.route("silent.example", 443, Peer)
    context = SSLContext(engine="host")
    context.load_verify_locations(cadata=controller.ca_pem())
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname="silent.example")
    sock.settimeout(0)
    end = radio.channel.clock.ticks_ms() + 60000
    with pytest.raises(OSError) as caught:
        while True:
            try:
                sock.connect(("silent.example", 443))
            except OSError as e:
                if e.errno != errno.EINPROGRESS:
                    raise
            radio.channel.step()
            assert radio.channel.clock.ticks_ms() < end
    assert caught.value.errno == errno.ETIMEDOUT


# dates: test_validity.py tests the gate, test_watch.py the certificates that it is given
def served(controller, *chain):
    """www.example.com on 444 sends these certificates (numbers of test_validity.KEYS)."""
    key = test_validity.KEYS[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(ssl.DER_cert_to_PEM_cert(der).encode() for der in chain) + key)
        file.flush()
        context.load_cert_chain(file.name)
    controller.collect(465)
    made = []

    def connected():
        made.append(Collector(context, b"", controller.module.clock))
        return made[-1]

    controller.world.route("www.example.com", 444, connected)
    return made


def test_a_chain_is_in_date_as_a_whole_or_nothing_of_ours_is_sent(desk):
    radio, controller = desk
    make = test_validity.make
    when = datetime.datetime.now(datetime.timezone.utc)
    days = datetime.timedelta
    now, old = (when - days(2), when + days(9)), (when - days(900), when - days(500))
    name = x509.SubjectAlternativeName([x509.DNSName("www.example.com")])

    def leaf(dates=now, **more):
        return make("www.example.com", "Mid", 2, 1, dates, more=[name], **more)

    root = make("Root", "Root", 0, 0, now)
    mid, old_mid = make("Mid", "Root", 1, 0, now), make("Mid", "Root", 1, 0, old)
    forged = make("Mid", "Root", 3, 3, now, ski=b"k" * 20)
    for chain, words in (
        ((leaf(), mid), None),
        ((leaf(), mid, make("Root", "Older", 0, 4, old)), None),
        ((leaf(old), mid), "expired 500 days ago"),
        ((leaf(), old_mid), "expired 500 days ago"),
        ((leaf(aki=b"k" * 20), old_mid, forged), "expired 500 days ago"),
        ((leaf(), mid, old_mid), "expired 500 days ago"),
    ):
        made = served(controller, *chain)
        context = SSLContext(engine="host")
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(root))
        sock = context.wrap_socket(SocketPool(radio).socket())
        sock.settimeout(20)
        if words is None:
            sock.connect(("www.example.com", 444))
            sock.send(b"told")
            assert made[0].text == b"told"
        else:
            with pytest.raises(CertificateError, match=words):
                sock.connect(("www.example.com", 444))
            with pytest.raises(OSError, match="not connected"):
                sock.send(b"told")
            assert made[0].text == b""
        sock.close()
    assert controller.open_sockets() == 0


def test_a_clock_that_is_not_set_refuses(desk):
    clock = VirtualClock(longest=20)
    controller = Controller(clock=clock)
    radio = SPWF04(controller.module.uart("busio"), clock=clock)
    radio.connect("home", "correct horse")
    with pytest.raises(CertificateError, match="clock is not set"):
        fetch(radio, controller.ca_pem())
    assert controller.open_sockets() == 0
