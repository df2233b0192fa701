"""The engine for CircuitPython's ssl, on a stand-in that has that module's face.

The stand-in (tests/shims/circuitpython_ssl.py) shows that the engine keeps to that face;
CircuitPython itself it is not.
"""

import importlib
import sys
import time

import pytest

from spwf04 import SPWF04, CertificateError, SocketPool, SSLContext, hosttls
from spwf04_sim import VirtualClock
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
