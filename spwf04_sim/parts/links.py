"""Links: what is behind a socket of the module. A peer, or a real socket; tlslink.py has TLS over
either.

A link never blocks: receive(limit) returns bytes, b"" at the end of the stream, or None if
nothing is there; send(data) returns False if the connection is gone; fileno() is None if there is
no real socket.
"""

import contextlib
import errno
import select
import socket

_MSS = 1460
# What connect_ex() returns while a connection is being made; EWOULDBLOCK on Windows
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


class PeerLink:
    """A connection to a Peer inside the simulation."""

    def __init__(self, peer):
        self._peer = peer
        self._closed = False
        peer.on_connect()

    def ready(self):
        """True: a peer is connected at once."""
        return True

    failed = False

    def send(self, data):
        """Give data to the peer; False if the connection is closed."""
        if self._peer.closed or self._closed:
            return False
        self._peer.on_data(bytes(data))
        return True

    def receive(self, limit):
        """Return bytes, b"" at the end of the stream, None if nothing is there."""
        out = self._peer.outgoing
        if out:
            part = bytes(out[: min(limit, _MSS)])
            del out[: len(part)]
            return part
        return b"" if self._peer.closed else None

    def hang_up(self):
        """Have the peer close the connection."""
        self._peer.close()

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

    def __init__(self, address, kind=socket.SOCK_STREAM):
        self._sock = socket.socket(socket.AF_INET, kind)
        self._sock.setblocking(False)
        self._unsent = bytearray()
        self.failed = False
        self._connected = False
        error = self._sock.connect_ex(address)
        if error not in _UNDER_WAY:
            self.failed = True

    @classmethod
    def accepted(cls, sock):
        """Make a link of a socket that accept() returned."""
        made = cls.__new__(cls)
        sock.setblocking(False)
        made._sock, made._unsent = sock, bytearray()
        made.failed, made._connected = False, True
        return made

    def ready(self):
        """True once connected."""
        if not self._connected and not self.failed:
            mine = (self._sock,)
            _, writable, broken = select.select(
                (), mine, mine, 0
            )  # Windows shows a refusal as broken
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
        self._unsent += data
        return self._flush()

    def receive(self, limit):
        """Return bytes, b"" at the end of the stream, None if nothing is there."""
        self._flush()
        try:
            return self._sock.recv(min(limit, _MSS))
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def hang_up(self):
        """End the stream as if the peer had closed."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        """Close the socket."""
        self._flush()
        self._sock.close()

    def fileno(self):
        """Return the file descriptor of the socket."""
        return self._sock.fileno()
