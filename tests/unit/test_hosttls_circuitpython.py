"""The engine for CircuitPython's ssl, on a stand-in that has that module's face.

The stand-in takes what CircuitPython's SSLSocket takes (an object with `type` and nine methods)
and shakes hands in connect(). It shows that the engine keeps to that face; CircuitPython itself it
is not.
"""

import importlib
import ssl as real
import sys
import time
import types

import pytest

from spwf04 import SPWF04, CertificateError, SocketPool, SSLContext, hosttls
from spwf04_sim import VirtualClock
from tests.shims.controller import Controller

METHODS = "accept bind close connect listen recv_into send settimeout setsockopt".split()


class SSLSocket:
    def __init__(self, context, sock, name):
        assert sock.type == 1
        for method in METHODS:
            assert callable(getattr(sock, method))
        self._sock = sock
        self._in, self._out = real.MemoryBIO(), real.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        self._buffer = bytearray(512)

    def _pump(self, function, *args):
        while True:
            try:
                result = function(*args)
                self._flush()
                return result
            except real.SSLWantReadError:
                self._flush()
                n = self._sock.recv_into(self._buffer)
                self._in.write(self._buffer[:n]) if n else self._in.write_eof()
            except real.SSLError as e:
                raise OSError(-0x2700, f"MBEDTLS_ERR_X509_CERT_VERIFY_FAILED {e.reason}") from None

    def _flush(self):
        if self._out.pending:
            self._sock.send(self._out.read())

    def connect(self, address):
        self._sock.connect(address)
        self._pump(self._tls.do_handshake)

    def settimeout(self, seconds):
        self._sock.settimeout(seconds)

    def recv_into(self, buffer, nbytes):
        try:
            return self._pump(self._tls.read, nbytes, memoryview(buffer)[:nbytes])
        except (real.SSLZeroReturnError, OSError):
            return 0

    def send(self, data):
        return self._pump(self._tls.write, data)

    def close(self):
        self._sock.close()


class Context:
    def __init__(self):
        self._context = real.SSLContext(real.PROTOCOL_TLS_CLIENT)

    def load_verify_locations(self, cadata):
        assert isinstance(cadata, str)
        self._context.load_verify_locations(cadata=cadata)

    def wrap_socket(self, sock, *, server_hostname):
        return SSLSocket(self._context, sock, server_hostname)


@pytest.fixture
def desk(monkeypatch):
    stand_in = types.ModuleType("ssl")
    stand_in.create_default_context = Context
    monkeypatch.setitem(sys.modules, "ssl", stand_in)
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
