"""WebSocket as bytes: the opening handshake, and frames, as RFC 6455 has them. [j]"""

import base64
import hashlib
import os

_UNIQUE = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of the RFC
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class BadFrame(Exception):
    """The server does not keep to the protocol."""


def new_key():
    """Return a fresh key for a handshake."""
    return base64.b64encode(os.urandom(16)).decode()


def proof(key):
    """Return what a server answers to a key, both bytes."""
    return base64.b64encode(hashlib.sha1(key + _UNIQUE).digest())


def accepted(status, fields, key):
    """True if an answer is that of a server that has taken the handshake.

    status: its number. fields: of its head, {name in lower case: value}, bytes. key: what the
    handshake had.
    """
    return (
        status == 101
        and fields.get(b"upgrade", b"").lower() == b"websocket"
        and b"upgrade" in fields.get(b"connection", b"").lower()
        and fields.get(b"sec-websocket-accept") == proof(key.encode())
    )


def frame(opcode, data, last=True):
    """Return a frame of a client: masked with fresh bytes."""
    mask = os.urandom(4)
    size = len(data)
    if size < 126:
        head = bytes((0x80 | size,))
    elif size < 1 << 16:
        head = b"\xfe" + size.to_bytes(2, "big")
    else:
        head = b"\xff" + size.to_bytes(8, "big")
    masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
    return bytes((0x80 * last | opcode,)) + head + mask + masked


class Frames:
    """Reads a server's frames as their bytes come."""

    def __init__(self):
        self._waiting = bytearray()
        self._opcode = -1  # of the frame whose data come; -1: none
        self._left = 0  # bytes of it that have not come
        self._last = False
        self._begun = False  # a message is not complete

    def feed(self, data):
        """Take bytes, and return a list of (opcode, data, end of frame, end of message).

        The data of a message come in pieces, those of a control frame whole. Raises BadFrame.
        """
        self._waiting += data
        found = []
        while True:
            if self._opcode < 0 and not self._head():
                return found
            control = self._opcode >= CLOSE
            if (control and len(self._waiting) < self._left) or (self._left and not self._waiting):
                return found
            part = bytes(self._waiting[: self._left])
            del self._waiting[: len(part)]
            self._left -= len(part)
            done = not self._left
            found.append((self._opcode, part, done, done and self._last))
            if done:
                self._opcode = -1

    def _head(self):
        """Read the head of a frame; False if it is not there yet."""
        waiting = self._waiting
        if len(waiting) < 2:
            return False
        size = waiting[1] & 127
        more = {126: 2, 127: 8}.get(size, 0)
        if len(waiting) < 2 + more:
            return False
        if more:
            size = int.from_bytes(waiting[2 : 2 + more], "big")
        opcode, last = waiting[0] & 15, bool(waiting[0] & 0x80)
        if waiting[0] & 0x70 or waiting[1] & 0x80 or opcode not in (0, 1, 2, 8, 9, 10):
            raise BadFrame
        if opcode >= CLOSE:
            if size > 125 or not last:
                raise BadFrame
        else:
            if (opcode == CONTINUATION) != self._begun:
                raise BadFrame
            self._begun = not last
            self._last = last
        del waiting[: 2 + more]
        self._opcode, self._left = opcode, size
        return True
