"""The engine for CircuitPython's ssl, on a stand-in that has that module's face.

The stand-in (tests/shims/circuitpython_ssl.py) shows that the engine keeps to that face;
CircuitPython itself it is not.
"""

import errno
import importlib
import sys
import time

import pytest

from spwf04 import SPWF04, CertificateError, SocketPool, SSLContext, hosttls
from spwf04_sim import Peer, VirtualClock
from tests.shims import circuitpython_ssl
from tests.shims.controller import Controller


@pytest.fixture
def desk(monkeypatch):
    monkeypatch.setitem(sys.modules, "ssl", circuitpython_ssl)
    monkeypatch.delitem(sys.modules, "spwf04.hosttls_circuitpython", raising=False)
    module = importlib.import_module("spwf04.hosttls_circuitpython")
    monkeypatch.undo()
    monkeypatch.setattr(hosttls, "_engine", lambda: module.Engine)
    clock = VirtualClock()
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


def test_a_silent_server_does_not_hold_a_socket_that_must_not_wait_for_ever(desk, monkeypatch):
    radio, controller = desk
    monkeypatch.setattr(circuitpython_ssl, "delay", radio.channel.clock.idle)
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
