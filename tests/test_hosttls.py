"""The host's TLS on CPython over a module, with a TLS server inside the simulation."""

import errno
import ssl

import pytest
import trustme

from spwf04 import CertificateError, SSLContext
from spwf04_sim import Peer
from tests.faults.exchanges import Stage
from tests.shims.tlspeer import TlsPeer

NAME = "tls.example"
CA = trustme.CA()
LEAF = CA.issue_cert(NAME)
HELLO = b"GET / HTTP/1.0\r\n\r\n"


class Server(Peer):
    """A TLS server that answers b"send <n>" with n bytes, and all else with the same bytes."""

    def __init__(self, later):
        super().__init__()
        self._later = later  # later(function, argument) calls it after a network's delay
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        LEAF.configure_cert(context)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._shaken = False
        self.got = b""
        self.ended = None  # True: by a close_notify; False: without one

    def on_data(self, data):
        self._in.write(data)
        self._go_on()
        self._later(self.send, self._out.read())

    def _go_on(self):
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while True:
                data = self._tls.read(4096)
                if not data:
                    self.ended = True
                    return
                self.got += data
                word, _, n = data.partition(b" ")
                self._tls.write(bytes(int(n)) if word == b"send" else data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # an alert: it was refused
            self.ended = False

    def on_close(self):
        if self.ended is None:
            self._in.write_eof()
            self._go_on()
            self.ended = self.ended is True

    def hang_up(self):
        """Close as TLS does it."""
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self._later(self.send, self._out.read())
        self._later(Peer.close, self)


class Desk(Stage):
    """A Stage with TLS servers; server: the last that was connected to."""

    def __init__(self):
        super().__init__()
        self.clock.end = self.clock.now() + 2000
        self.servers = []
        self.world.route(NAME, 443, self._made)

    def _made(self):
        self.servers.append(Server(lambda *args: self.module.after(30, *args)))
        return self.servers[-1]

    @property
    def server(self):
        return self.servers[-1]

    def wrapped(self, ca=CA):
        context = SSLContext(engine="host")
        context.load_verify_locations(cadata=ca.cert_pem.bytes().decode())
        self.sock = context.wrap_socket(self.pool.socket(), server_hostname=NAME)
        self.sock.settimeout(8)
        return self.sock

    def opened(self):
        """A connected socket on which bytes have already gone there and back."""
        self.wrapped().connect((NAME, 443))
        self.sock.sendall(HELLO)
        assert self.sock.recv(100) == HELLO
        self.server.got = b""
        return self.sock

    def until(self, condition):
        assert self.radio.channel.wait(condition, 20000)


@pytest.fixture
def desk():
    return Desk()


def again(desk, function, *args):
    """Call function(*args) again and again for as long as it would have to wait."""
    for _ in range(2000):
        try:
            return function(*args)
        except OSError as e:
            if e.errno not in (errno.EAGAIN, errno.EINPROGRESS):
                raise
            desk.clock.idle()
    raise AssertionError("it goes on for ever")


# without waiting -----------------------------------------------------------------------------
def test_connect_without_waiting_begins_and_comes_to_its_end(desk):
    sock = desk.wrapped()
    sock.settimeout(0)
    with pytest.raises(OSError) as caught:
        sock.connect((NAME, 443))
    assert caught.value.errno == errno.EINPROGRESS
    again(desk, sock.connect, (NAME, 443))
    assert sock.engine == "host"
    assert sock.version().startswith("TLSv1.")
    assert len(desk.servers) == 1
    assert again(desk, sock.send, b"hello") == 5
    assert again(desk, sock.recv, 10) == b"hello"
    with pytest.raises(OSError) as caught:
        sock.recv(1)
    assert caught.value.errno == errno.EAGAIN
    sock.close()


@pytest.mark.parametrize("events", [1, 4, 5])
def test_polling_drives_the_handshake_to_its_end(desk, events):
    sock = desk.wrapped()
    sock.settimeout(0)
    with pytest.raises(OSError):
        sock.connect((NAME, 443))
    desk.until(lambda: sock.ioctl(3, 5) & 4)
    sock.send(b"hello")
    got = b""
    while len(got) < 5:
        desk.until(lambda: sock.ioctl(3, events | 1) & 1)
        got += sock.recv(10)
    assert got == b"hello"
    assert desk.server.got == b"hello"
    assert len(desk.servers) == 1
    sock.close()


def test_a_server_of_another_ca_is_refused_without_waiting_too(desk):
    sock = desk.wrapped(ca=trustme.CA())
    sock.settimeout(0)
    with pytest.raises(CertificateError):
        again(desk, lambda: sock.connect((NAME, 443)))
    assert desk.server.got == b""


def test_much_without_waiting(desk):
    sock = desk.opened()
    sock.settimeout(0)
    again(desk, sock.send, b"send 20000")
    got = 0
    while got < 20000:
        got += len(again(desk, sock.recv, 700))
    assert got == 20000
    sock.close()


# sizes ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("seconds", [8, 0])
@pytest.mark.parametrize("n", [1, 2, 9, 10, 11, 0])
def test_recv_into_takes_no_more_than_it_is_told(desk, n, seconds):
    sock = desk.opened()
    sock.sendall(b"0123456789")
    desk.radio.channel.wait(lambda: False, 100)
    sock.settimeout(seconds)
    buffer = bytearray(b"." * 40)
    got = again(desk, sock.recv_into, buffer, n)
    assert got == min(n or 40, 10)
    assert buffer == (b"0123456789"[:got]).ljust(40, b".")
    rest = b""
    while len(rest) < 10 - got:
        rest += again(desk, sock.recv, 1)
    assert rest == b"0123456789"[got:]
    sock.close()


def test_a_poll_before_a_read_of_one_byte_loses_nothing(desk):
    sock = desk.opened()
    sock.sendall(b"0123456789")
    desk.until(lambda: sock.ioctl(3, 1) & 1)
    buffer = bytearray(b"." * 40)
    assert sock.recv_into(buffer, 1) == 1
    assert buffer == b"0".ljust(40, b".")
    assert buffer[sock.recv_into(buffer, 2) :] == b"." * 38
    assert buffer[:2] == b"12"
    assert sock.recv_into(bytearray(0)) == 0
    assert sock.recv(40) == b"3456789"
    sock.close()


# the end -------------------------------------------------------------------------------------
@pytest.mark.parametrize("seconds", [8, 0])
def test_close_tells_the_server(desk, seconds):
    sock = desk.opened()
    sock.sendall(b"bye")
    desk.receive(3)
    sock.settimeout(seconds)
    sock.close()
    desk.radio.channel.wait(lambda: desk.server.ended is not None, 20000)
    assert desk.server.ended is True
    assert desk.server.got == b"bye"
    with pytest.raises(OSError) as caught:
        sock.send(b"x")
    assert caught.value.errno == errno.EBADF
    sock.close()


def test_the_servers_end_is_the_end(desk):
    sock = desk.opened()
    sock.sendall(b"hello")
    desk.receive(5)
    desk.server.hang_up()
    for _ in range(3):
        assert sock.recv(1) == b""
        assert sock.readinto(bytearray(5)) == 0
        assert sock.readline() == b""
        assert sock.ioctl(3, 1) & 1
    for seconds, number in ((8, errno.ECONNRESET), (0, errno.ENOTCONN)):
        sock.settimeout(seconds)
        with pytest.raises(OSError) as caught:
            sock.recv_into(bytearray(5))
        assert caught.value.errno == number
    sock.close()
    desk.radio.channel.wait(lambda: False, 100)
    assert [s for s in desk.module.sockets if s is not None] == []


# a client certificate ------------------------------------------------------------------------
@pytest.mark.parametrize("call", ["send", "recv", "send later"])
@pytest.mark.parametrize("asks", [True, False])
def test_a_client_certificate_that_a_server_of_tls_1_3_misses_is_named(desk, call, asks):
    """It refuses after the handshake, so that connect() has succeeded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    LEAF.configure_cert(context)
    if asks:
        CA.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    desk.world.route(NAME, 8443, lambda: TlsPeer(context, []))
    sock = desk.wrapped()
    sock.connect((NAME, 8443))
    if "later" in call:
        desk.radio.channel.wait(lambda: False, 500)
    if not asks:  # nothing is missed: no such hint
        sock.sendall(HELLO)
        assert sock.recv(8) == b"HTTP/1.0"
        return
    with pytest.raises(OSError) as caught:
        for _ in range(5):  # a first send may go out before the refusal comes
            sock.recv(1) if call == "recv" else sock.send(HELLO)
            desk.radio.channel.wait(lambda: False, 500)
    assert caught.value.errno == errno.ECONNRESET
    assert caught.value.remedy == "client_certificate"
    assert "load_cert_chain()" in str(caught.value)
