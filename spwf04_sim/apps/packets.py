"""MQTT 3.1.1 as bytes: packets of a client, and those of a broker as they come. [j, j.2]"""

from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 1, 2, 3, 4, 5, 6, 7
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 10, 11, 12, 13, 14


class BadPacket(Exception):
    """The broker does not keep to the protocol."""


def text(value):
    """Return a str, or bytes, with its length before it."""
    data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    return len(data).to_bytes(2, "big") + data


def number(value):
    """Return a packet identifier."""
    return value.to_bytes(2, "big")


def packet(kind, flags=0, body=b""):
    """Return a packet."""
    size = len(body)
    length = bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes((kind << 4 | flags,)) + bytes(length) + body


@dataclass
class Will:
    """What the broker publishes when the client is lost."""

    topic: str
    message: str
    qos: int


def connect(client, keep_alive, user, password, will):
    """Return the packet CONNECT, for a clean session. keep_alive: seconds. will: Will or None."""
    flags = 2
    payload = text(client)
    if will is not None:
        flags |= 4 | will.qos << 3
        payload += text(will.topic) + text(will.message)
    if user:
        flags |= 128
        payload += text(user)
        if password:
            flags |= 64
            payload += text(password)
    return packet(CONNECT, 0, text("MQTT") + bytes((4, flags)) + number(keep_alive) + payload)


@dataclass
class Publication:
    """A message that comes. total: bytes of it. identifier: 0 with QoS 0."""

    topic: bytes
    dup: int
    qos: int
    retained: int
    identifier: int
    total: int


class Packets:
    """Reads a broker's packets as their bytes come.

    piece: a message comes in pieces of so many bytes, as it is not kept as a whole.
    """

    def __init__(self, piece):
        self._piece = piece
        self._waiting = bytearray()
        self._message = None  # the Publication whose data come
        self._left = 0

    def feed(self, data):
        """Take bytes; return a list of (kind, flags, body), and for messages of (PUBLISH,
        Publication, data, True at its end). Raises BadPacket."""
        self._waiting += data
        found = []
        while (part := self._next()) is not None:
            found.append(part)
        return found

    def _next(self):
        if self._message is not None:
            return self._part()
        size = self._size()
        if size is None:
            return None
        start, length = size
        kind, flags = self._waiting[0] >> 4, self._waiting[0] & 15
        if kind == PUBLISH:
            return self._head(flags, start, length)
        if len(self._waiting) < start + length:
            return None
        body = bytes(self._waiting[start : start + length])
        del self._waiting[: start + length]
        return kind, flags, body

    def _size(self):
        """Return (where the body begins, its length), or None."""
        size = 0
        for n in range(1, 5):
            if len(self._waiting) <= n:
                return None
            size |= (self._waiting[n] & 127) << 7 * (n - 1)
            if not self._waiting[n] & 128:
                return n + 1, size
        raise BadPacket

    def _head(self, flags, start, length):
        """Read the head of a PUBLISH, and return the first piece of its data, or None."""
        waiting = self._waiting
        qos = flags >> 1 & 3
        if len(waiting) < start + 2:
            return None
        size = int.from_bytes(waiting[start : start + 2], "big")
        end = start + 2 + size + (2 if qos else 0)
        if qos == 3 or end - start > length:
            raise BadPacket
        if len(waiting) < end:
            return None
        topic = bytes(waiting[start + 2 : start + 2 + size])
        identifier = int.from_bytes(waiting[end - 2 : end], "big") if qos else 0
        self._left = length - (end - start)
        del waiting[:end]
        self._message = Publication(
            topic, flags >> 3, qos, flags & 1, identifier, total=self._left
        )
        return self._part()

    def _part(self):
        size = min(self._piece, self._left)
        if len(self._waiting) < size:
            return None
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        self._left -= size
        message, end = self._message, not self._left
        if end:
            self._message = None
        return PUBLISH, message, data, end
