"""Links: what is behind a socket of the module. A peer, or a real socket; tlslink.py has TLS over
either.

A link never blocks: receive(limit) returns bytes, b"" at the end of the stream, or None if
nothing is there; send(data) returns False if the connection is gone; fileno() is None if there is
no real socket. was_reset: the stream has ended because the peer has reset the connection.
unanswered: the peer is gone, and nothing has told of it.
"""

import contextlib
import errno
import select
import socket

SEGMENT = 730  # bytes: the firmware limits TCP's segments to this [b.5]
# What connect_ex() returns while a connection is being made; EWOULDBLOCK on Windows
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


class PeerLink:
    """A connection to a Peer inside the simulation."""

    failed = False

    def __init__(self, peer, segment=SEGMENT):
        self._peer = peer
        self._segment = segment
        self._closed = False
        if peer.answers:
            peer.on_connect()

    @property
    def was_reset(self):
        """True if the peer has reset the connection."""
        return self._peer.was_reset

    @property
    def unanswered(self):
        """True if the peer is gone, and nothing has told of it."""
        return self._peer.vanished

    def ready(self):
        """True at once, if the peer answers at all."""
        return self._peer.answers

    def send(self, data):
        """Give data to the peer; False if the connection is closed."""
        if self._peer.closed or self._closed:
            return False
        if not self._peer.vanished:
            self._peer.on_data(bytes(data))
        return True

    def receive(self, limit):
        """Return bytes of one segment, b"" at the end of the stream, None if nothing is there."""
        peer = self._peer
        if peer.vanished:
            return None
        out = peer.outgoing
        if out:
            part = bytes(out[: min(limit, self._segment, peer.segment or limit)])
            del out[: len(part)]
            return part
        return b"" if peer.closed or peer.shut else None

    def hang_up(self):
        """Have the peer close the connection."""
        self._peer.close()

    def vanish(self):
        """Have the peer be gone, and nothing tells of it."""
        self._peer.vanish()

    def close(self):
        """Close the module's end."""
        if not self._closed:
            self._closed = True
            self._peer.on_close()

    def fileno(self):
        """None: there is no real socket."""
        return None


class TcpLink:
    """A connection to a real server."""

    kind = socket.SOCK_STREAM
    unanswered = False  # see vanish()

    def __init__(self, address, segment=SEGMENT):
        self._sock = socket.socket(socket.AF_INET, self.kind)
        self._sock.setblocking(False)
        self._unsent = bytearray()
        self._segment = segment
        self.failed = self.was_reset = False
        self._connected = False
        try:
            error = self._sock.connect_ex(address)
        except OSError:  # the name of a route's target is not known
            error = errno.EHOSTUNREACH
        if error not in _UNDER_WAY:
            self.failed = True

    @classmethod
    def accepted(cls, sock, segment=SEGMENT):
        """Make a link of a socket that accept() returned."""
        made = cls.__new__(cls)
        sock.setblocking(False)
        made._sock, made._unsent, made._segment = sock, bytearray(), segment
        made.failed, made.was_reset, made._connected = False, False, True
        return made

    def ready(self):
        """True once connected."""
        if not self._connected and not self.failed:
            mine = (self._sock,)
            # Windows shows a refusal as broken
            _, writable, broken = select.select((), mine, mine, 0)
            if writable or broken:
                self._connected = True
                self.failed = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        return self._connected

    def _flush(self):
        while self._unsent:
            try:
                n = self._sock.send(self._unsent)
            except BlockingIOError:
                return True
            except OSError:
                return False
            del self._unsent[:n]
        return True

    def send(self, data):
        """Send data, or keep what the socket does not take; False if the connection is gone."""
        if self.unanswered:
            return True
        self._unsent += data
        return self._flush()

    def receive(self, limit):
        """Return bytes, b"" at the end of the stream, None if nothing is there."""
        if self.unanswered:
            return None
        self._flush()
        try:
            return self._sock.recv(min(limit, self._segment))
        except BlockingIOError:
            return None
        except OSError:
            self.was_reset = True
            return b""

    def hang_up(self):
        """End the stream as if the peer had closed."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def vanish(self):
        """Have the server be gone, and nothing tells of it."""
        self.unanswered = True

    def close(self):
        """Close the socket."""
        self._flush()
        self._sock.close()

    def fileno(self):
        """Return the file descriptor of the socket, None if nothing will come any more."""
        return None if self.unanswered else self._sock.fileno()


class UdpLink(TcpLink):
    """Datagrams to and from a real address.

    received, sent: what becomes of a datagram above SEGMENT bytes, see pieces().
    """

    kind = socket.SOCK_DGRAM

    def __init__(self, address, received, sent):
        super().__init__(address)
        self._received, self._sent = received, sent
        self._arrived = []

    def send(self, data):
        """Send a datagram, or several; False if there is no way there."""
        try:
            for piece in pieces(bytes(data), self._sent):
                self._sock.send(piece)
        except OSError:
            return False
        return True

    def receive(self, limit):
        """Return a datagram, or a piece of one, None if nothing is there. What does not fit into
        limit is lost."""
        while not self._arrived:
            try:
                self._arrived = pieces(self._sock.recv(65536), self._received)
            except OSError:  # nothing is there, or nobody
                return None
        piece = self._arrived.pop(0)
        return piece if len(piece) <= limit else None


def pieces(data, way):
    """Return what becomes of a datagram, a list of bytes. way: "cut" after SEGMENT bytes, in
    "pieces" of that size, or "whole". Of an empty datagram nothing is left. [g.8]"""
    if way == "whole" or not data:
        return [data] if data else []
    if way == "cut":
        return [data[:SEGMENT]]
    return [data[at : at + SEGMENT] for at in range(0, len(data), SEGMENT)]
