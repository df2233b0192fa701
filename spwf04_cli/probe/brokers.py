"""WebSocket servers and MQTT brokers on this computer."""

import base64
import contextlib
import hashlib
import queue
import threading

from . import servers
from .experiment import Untried
from .websites import field, request_of

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_UNIQUE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455
_WAIT_S = 10


class WebSocket:
    """A connection of the module to a server here, after the handshake. path: that it asked for.
    The experiment drives it."""

    def __init__(self, connection):
        head, _ = request_of(connection)
        self.path = (head.split(" ") + [""])[1]
        self._connection = connection
        self._over = threading.Event()
        key = (field(head, "Sec-WebSocket-Key") or "") + _UNIQUE
        proof = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        text += f"Sec-WebSocket-Accept: {proof}\r\n"
        protocol = field(head, "Sec-WebSocket-Protocol")
        text += f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
        connection.sendall(text.encode() + b"\r\n")

    def send(self, opcode, data):
        """Send a frame."""
        size = len(data)
        head = bytes((size,)) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
        self._connection.sendall(bytes((0x80 | opcode,)) + head + data)

    def read(self):
        """The next frame of the module: (opcode, whether it ends a message, data). OSError if the
        connection ends."""
        first, size = self._exactly(2)
        size &= 127
        if size > 125:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
        mask = self._exactly(4)
        data = bytes(byte ^ mask[n % 4] for n, byte in enumerate(self._exactly(size)))
        return first & 15, bool(first & 0x80), data

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self._connection.recv(size - len(data))
            if not piece:
                raise OSError("the connection has ended")
            data += piece
        return data

    def finish(self):
        """Let the server close the connection."""
        self._over.set()

    def wait(self, limit_s):
        """Wait until finish() is called."""
        self._over.wait(limit_s)


@contextlib.contextmanager
def websockets(bench):
    """A WebSocket server; yields (its port, a function that returns the next WebSocket)."""
    arrived = queue.Queue()
    known = []

    def serve(connection):
        known.append(WebSocket(connection))
        arrived.put(known[-1])
        known[-1].wait(120)

    with servers.tcp(bench, serve) as port:
        try:
            yield port, lambda: _next(arrived)
        finally:
            for one in known:
                one.finish()


def _next(arrived):
    try:
        return arrived.get(timeout=_WAIT_S)
    except queue.Empty:
        raise Untried("no WebSocket came") from None


# MQTT --------------------------------------------------------------------------------------------
class Broker:
    """A client of an MQTT broker here. path: of its WebSocket. keep_alive: what its CONNECT says.
    acknowledges: its messages are acknowledged."""

    def __init__(self, connection):
        self._socket = WebSocket(connection)
        self.path = self._socket.path
        self.keep_alive = None
        self.acknowledges = True
        self._open = []  # answers that were held back

    def serve(self):
        """Answer until the client goes."""
        data = b""
        while True:
            opcode, _, piece = self._socket.read()
            if opcode == CLOSE:
                self._socket.send(CLOSE, piece[:2])
                return
            if opcode == PING:
                self._socket.send(PONG, piece)
                continue
            data += piece
            while (size := _size(data)) is not None:
                self._answer(data[0], data[size[0] : size[1]])
                data = data[size[1] :]

    def _answer(self, first, body):
        kind, qos = first >> 4, first >> 1 & 3
        if kind == 1:
            at = 2 + int.from_bytes(body[:2], "big") + 2
            self.keep_alive = int.from_bytes(body[at : at + 2], "big")
            self._emit(0x20, b"\0\0")
        elif kind == 3 and qos:
            end = 2 + int.from_bytes(body[:2], "big")
            self._open.append((0x40 if qos == 1 else 0x50, body[end : end + 2]))
            if self.acknowledges:
                self.acknowledge()
        elif kind in (5, 6):
            self._emit(0x62 if kind == 5 else 0x70, body[:2])
        elif kind in (8, 10):
            self._emit(0x90 if kind == 8 else 0xB0, body[:2] + body[-1:] * (kind == 8))
        elif kind == 12:
            self._emit(0xD0, b"")

    def acknowledge(self):
        """Send the answers that were held back."""
        while self._open:
            self._emit(*self._open.pop())

    def publish(self, topic, data, flags):
        """Send a message. flags: dup, QoS and retained, as the packet has them."""
        identifier = b"\0\x07" if flags & 6 else b""
        name = len(topic).to_bytes(2, "big") + topic
        self._emit(0x30 | flags, name + identifier + data)

    def _emit(self, first, body):
        size, length = len(body), b""
        while size > 127:
            length += bytes((size & 127 | 128,))
            size >>= 7
        self._socket.send(BINARY, bytes((first,)) + length + bytes((size,)) + body)


def _size(data):
    """(where the body of a packet begins, where it ends); None if it has not come."""
    size = 0
    for n in range(1, min(5, len(data))):
        size |= (data[n] & 127) << 7 * (n - 1)
        if not data[n] & 128:
            return (n + 1, n + 1 + size) if len(data) > n + size else None
    return None


@contextlib.contextmanager
def broker(bench):
    """An MQTT broker; yields (its port, a list of its clients, each a Broker)."""
    clients = []

    def serve(connection):
        clients.append(Broker(connection))
        clients[-1].serve()

    with servers.tcp(bench, serve) as port:
        yield port, clients
