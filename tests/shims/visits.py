"""Clients of the module's server sockets, and peers of its own connections, in this process."""

import functools
import queue
import socket
import ssl
import threading

from spwf04_sim import EchoPeer, Peer
from tests import HANG
from tests.shims.credentials import servers
from tests.shims.servers import HERE, pattern


class _Silent(Peer):
    pass


class _Talker(Peer):
    """Sends 2000 bytes at once, then closes."""

    def on_connect(self):
        self.send(pattern(2000))
        self.close()


class Visitor(threading.Thread):
    """A client of the module's server sockets."""

    def __init__(self, address, data, tls):
        super().__init__(daemon=True)
        self._sock = socket.create_connection(address)
        self._sock.settimeout(HANG)
        self._data = data
        self._tls = tls
        self._got = queue.Queue()
        self._sent = threading.Event()
        self.start()

    def run(self):
        try:
            if self._tls:
                context = ssl.create_default_context(cadata=servers().ca.cert_pem.bytes().decode())
                self._sock = context.wrap_socket(self._sock, server_hostname="www.example.com")
            self._sock.sendall(self._data)
            self._sent.set()
            while byte := self._sock.recv(1):
                self._got.put(byte)
        except OSError:
            pass
        self._got.put(b"")

    def read(self, n):
        """Return n bytes, or fewer at the end."""
        data = b""
        while len(data) < n:
            byte = self._got.get(timeout=HANG)
            if not byte:
                break
            data += byte
        return data

    def leave(self):
        """Send nothing more."""
        self._sent.wait(HANG)
        self._sock.shutdown(socket.SHUT_WR)


class _UdpEcho(threading.Thread):
    """Sends each datagram back, and sends it twice if it begins with "twice"."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((HERE[0], 0))
        self.start()

    def run(self):
        while True:
            data, address = self.sock.recvfrom(2000)
            for _ in range(2 if data.startswith(b"twice") else 1):
                self.sock.sendto(data, address)


@functools.cache
def udp_echo():
    """Return the address of a UDP echo server."""
    return _UdpEcho().sock.getsockname()


def route_usual(world):
    """Lead a world's names to the usual servers."""
    world.route("echo.example", 7, EchoPeer)
    world.route("silent.example", 9, _Silent)
    world.route("talker.example", 19, _Talker)
    world.route("udp.example", 7, udp_echo())
    world.route("other.example", 7, udp_echo())
    for (host, port), address in servers().targets.items():
        world.route(host, port, address)


class Visits:
    """The part of a Controller that has clients. address_of(port): where a server socket of the
    module is reached."""

    def visit(self, port, data, tls=False):
        """Have a client connect and send data."""
        self.visitor = Visitor(self.address_of(port), data, tls)

    def visitor_reads(self, n):
        return self.visitor.read(n)

    def visit_text(self, port, text):
        self.visit(port, text.encode())

    def visited(self):
        self.visitor.text = getattr(self.visitor, "text", None) or self.visitor.read(100000)
        return self.visitor.text.decode()

    def visitor_text(self):
        """Return what the client got, once its connection is closed; "" until then."""
        visitor = self.visitor
        return "" if visitor.is_alive() else self.visited()

    def visitor_leaves(self):
        self.visitor.leave()

    def send_datagrams(self, port, datagrams):
        """Send datagrams from one address; each call uses another."""
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.settimeout(HANG)
        for data in datagrams:
            self.sender.sendto(data, self.address_of(port))

    def sender_reads(self):
        return self.sender.recv(2000)

    # more servers
    def second_port(self):
        """Have www.example.com answer on port 4433 too."""
        self.world.route("www.example.com", 4433, servers().targets["www.example.com", 443])

    def echo_on_443(self):
        self.world.route("echo.example", 443, EchoPeer)
