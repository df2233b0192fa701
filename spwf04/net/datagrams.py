"""The streams under UDP sockets: datagrams from and to one peer, and a server's. [g.8]

Indications tell the size of each datagram. If one is lost, the datagrams that wait come as one.
"""

from ..at.exchange import RUNNING
from ..const import const
from .server import Listener
from .stream import COUNTING, READING, Stream

try:
    import errno
except ImportError:
    from ..errors import errno

_EADDRNOTAVAIL = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
_QUEUED = const(64)  # most datagrams whose sizes are remembered
_OUT = const(1024)  # most bytes of datagrams that wait for the line


class Peer(Stream):
    """Datagrams from and to one peer: read() returns one, write() takes one."""

    def __init__(self, pool):
        Stream.__init__(self, pool)
        self._sizes = []  # of the datagrams that wait in the module
        self._data = None  # what has come of the first datagram
        self._missing = 0  # bytes of it that have not come
        self._spoiled = False  # there was no memory for bytes of it: it is lost
        self._unsized = 0  # bytes of datagrams for whose size there was no memory
        self._buffer = None  # for its next bytes
        self._out = []  # datagrams that wait for the line

    def on_pending(self, parser):
        """+WIND:55: the size of a datagram, and of all that wait. [g.7]"""
        size = parser.number(5)
        if size > 0 and len(self._sizes) < _QUEUED:
            self.pending += size
            self._unsized += size  # with the next one, if there is no memory: they come as one
            self._sizes.append(self._unsized)
            self._unsized = 0
        self.indicated = True

    def on_silence(self):
        """As Stream.on_silence(): asks how many bytes wait. A peer cannot have gone."""
        if self.ask_at is None:
            self.ask_at = self.channel.deadline(self.pool.quiet_ms)
        elif self.channel.expired(self.ask_at):
            self.ask(COUNTING)

    def on_answer(self, what):
        """As Stream.on_answer(): bytes that no indication has announced are a datagram."""
        Stream.on_answer(self, what)
        if self.pending and not self._sizes:
            self._sizes.append(self.pending)
            self._unsized = 0

    def _gather(self):
        """Fetch the first datagram; True when all of it is here."""
        if self.in_flight:
            if self.exchange.code == RUNNING:
                return False
            reading = self.in_flight == READING
            if self.finish():
                self._missing -= self.got
                spoiled, self._spoiled = self._spoiled, True  # if this raises
                self._data.extend(memoryview(self._buffer)[: self.got])  # pyright: ignore
                self._spoiled = spoiled
            elif reading:
                self._missing = 0  # the read failed: the rest is lost
                self._data = self._data or None
        if self.error is not None or not self.alive:
            return False
        if self._data is None:
            if not self._sizes and self.ahead_at != self.ahead_end:
                self._sizes.append(self.ahead_end - self.ahead_at)
            if not self._sizes:
                self.on_silence()
                return False
            self.ask_at = None
            self._data = bytearray()
            self._spoiled = False
            self._missing = self._sizes.pop(0)
        while self._missing > 0:
            n = min(self._missing, self.pool.chunk)
            self._buffer = part = bytearray(n)
            if self.ahead_at == self.ahead_end:
                self.fetch(part, n)
                return False
            n = self.from_ahead(part, n)  # surplus bytes of the last read
            self._data.extend(memoryview(part)[:n])
            self._missing -= n
        if self._spoiled:
            self._data, self._spoiled = None, False
            return False
        return True

    def readable(self):
        """As Stream.readable(): True when a whole datagram is here."""
        return self._gather() or self.error is not None or not self.alive

    def read(self, buffer, n):
        """As Stream.read(), of one datagram: bytes beyond n are lost."""
        data = self.take(n)
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def take(self, n):
        """Return one datagram, up to n bytes of it, None if there is none yet."""
        self.channel.poll()
        if self._gather():
            data = bytes(memoryview(self._data)[:n])  # pyright: ignore
            self._data = self._buffer = None
            return data
        if self.error is not None or not self.alive:
            self.raise_error()
        return None

    def free_buffers(self):
        """True: no caller's buffer is in use."""
        return True

    def write(self, data, at, copy):
        """Take one datagram and return its length; None if too many bytes wait for the line."""
        self.written()
        self.channel.poll()
        if not self.alive or self.error is not None:
            self.raise_error()
        if self._out and sum([len(d) for d in self._out]) + len(data) > _OUT:
            return None
        self._out.append(bytes(data))
        if not self.poll():
            self.pool.add_job(self)
        return len(data)

    def poll(self):
        """As Stream.poll(): each SOCKW sends one datagram."""
        if not self.written():
            return False
        if self._out and not self.alive:
            self.unsent = True
            self._out = []
        if self._out:
            self.pool.yield_to_reader()
        if self._out and self.begin_send(self._out[0], 0, len(self._out[0])):
            self._out.pop(0)
        return not self._out and not self.writing

    def writable(self):
        """As Stream.writable()."""
        return not self._out


class Senders(Listener):
    """A UDP server of the module, and who has sent to it."""

    def make_client(self, n, address):  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the stream of a new sender."""
        return Sender(self, n, address)

    def on_arrival(self, n, address):
        """+WIND:61: a new sender."""
        self.client(n, address)

    def on_data(self, n):
        """+WIND:55: a datagram waits; its sender may be new."""
        return self.client(n, None)

    def question(self):
        """As Places.question(): senders do not go."""
        return self.after_silence()

    def find(self, address):
        """Return the sender with this address; OSError (EADDRNOTAVAIL)."""
        for client in self.clients:
            if client is not None and client.address == (address[0], address[1]):
                return client
        raise OSError(
            _EADDRNOTAVAIL,
            "nothing came from there: a socket that receives from everybody can only answer",
        )

    def _first(self):
        """A sender that a datagram is here from, or None."""
        self.channel.poll()
        if not self.alive:
            raise OSError(
                errno.ECONNRESET, "the module restarted, and the server is gone: use a new socket"
            )
        for client in self.clients:
            if client is not None and client.readable():
                return client
        self.ask_module()
        return None

    def receive(self, n):
        """Return (up to n bytes of a datagram, its sender's address), (None, None) if there is
        none yet."""
        client = self._first()
        if client is None:
            return None, None
        data = client.take(n)
        self._make_room()
        return data, client.address

    def readable(self):
        """True when a datagram is here."""
        return not self.alive or self._first() is not None

    def writable(self):
        """True: an answer can be sent at once."""
        return True

    def arriving(self):
        """True while an answer of the module is on its way."""
        return any([c is not None and c.arriving() for c in self.clients])

    def _make_room(self):
        """If all places are taken, free that of the oldest sender, so that a new one is heard."""
        if self.clients.count(None) == 0:
            for client in self.waiting:
                if client.idle():
                    client.give_place_back()
                    return

    def close(self, now=True):
        """As Stream.close(): close the module's server."""
        if self.number >= 0:
            self.alive = self.listening = False
            for n in range(len(self.clients)):
                self.clients[n] = None
            self.close_if_unused(now)

    def release(self):
        """As Listener.release(): senders do not own it."""
        for n in range(len(self.clients)):
            self.clients[n] = None
        return Listener.release(self)


class Sender(Peer):
    """The datagrams from and to one sender of a UDP server."""

    daemon = b"D"
    certain = True

    def __init__(self, server, number, address):
        Peer.__init__(self, server.pool)
        self.address_on_module = b"%d,%d" % (server.number, number)
        self.number = number
        self._server = server
        self.address = address
        self.alive = True

    def idle(self):
        """True if no datagram from it is waiting or on its way."""
        return not self._sizes and self._data is None and not self.in_flight

    def give_place_back(self):
        """Give its place back."""
        self._server.forget(self)
        self._server.send_close(self.address_on_module)
