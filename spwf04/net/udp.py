"""UDP sockets: SocketPool.socket(type=SOCK_DGRAM).

The module's UDP sockets have one peer each, so sendto() to another closes and opens. A socket
that was bound and receives first becomes one of the module's two UDP servers and hears
everybody. Datagrams are told apart by the sizes that indications announce; should one be lost,
those that wait come as one. [g.8]
"""

from ..arguments import address as checked
from ..at.task import Task
from ..const import const
from ..payload import payload
from .connect import Opening
from .server import Listener
from .socket import Socket
from .stream import Stream

try:
    import errno
except ImportError:
    from ..errors import errno

_EADDRNOTAVAIL = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
_EMSGSIZE = getattr(errno, "EMSGSIZE", 90)
_RUNNING = const(-1)  # Exchange.code of channel.py
_CLOSE_MS = const(5000)
_QUEUED = const(64)  # sizes of datagrams that are remembered
_OUT = const(1024)  # bytes of datagrams that wait for the line
_READING = const(1)  # what was begun, of stream.py
_COUNTING = const(2)


class Peer(Stream):
    """A stream of datagrams, from and to one peer: read() gives one, write() takes one."""

    def __init__(self, pool):
        Stream.__init__(self, pool)
        self._sizes = []
        self._left = 0  # bytes of the first that are in the module still
        self._data = None  # the others
        self._part = None  # where they go
        self._out = []  # datagrams to be sent

    def on_pending(self, parser):
        """+WIND:55: one datagram, and all that wait. [g.7]"""
        size = parser.number(5)
        if size > 0 and len(self._sizes) < _QUEUED:
            self._sizes.append(size)
            self.pending += size
        self.fresh = True

    def _silence(self):
        if self.ask_at is None:
            self.ask_at = self.channel.deadline(self.pool.quiet_ms)
        elif self.channel.expired(self.ask_at):
            self.ask(_COUNTING)

    def _answered(self, doing):
        Stream._answered(self, doing)
        if self.pending and not self._sizes:
            self._sizes.append(self.pending)  # its indication was lost

    def _gather(self):
        """Fetch the datagram that comes first; True when all of it is here."""
        if self.doing:
            if self.exchange.code == _RUNNING:
                return False
            reading = self.doing == _READING
            if self.finish():
                self._data.extend(memoryview(self._part)[: self.got])  # pyright: ignore
                self._left -= self.got
            elif reading:
                self._left = 0  # the rest does not come
                self._data = self._data or None
        if self.error is not None or not self.alive:
            return False
        if self._data is None:
            if not self._sizes and self.ahead_at != self.ahead_end:
                self._sizes.append(self.ahead_end - self.ahead_at)
            if not self._sizes:
                self._silence()
                return False
            self.ask_at = None
            self._left = self._sizes.pop(0)
            self._data = bytearray()
        while self._left > 0:
            n = min(self._left, self.pool.chunk)
            self._part = part = bytearray(n)
            if self.ahead_at == self.ahead_end:
                self.fetch(part, n)
                return False
            n = self.from_ahead(part, n)  # what came beyond the one before
            self._data.extend(memoryview(part)[:n])
            self._left -= n
        return True

    def readable(self):
        """As Stream.readable(): a whole datagram is here."""
        return self._gather() or self.error is not None or not self.alive

    def read(self, buffer, n):
        """One datagram into buffer, at most n bytes; what does not fit is lost. None: not yet."""
        data = self.take(n)
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def take(self, n):
        """One datagram as bytes, at most n; None: not yet."""
        self.channel.poll()
        if self._gather():
            data = bytes(memoryview(self._data)[:n])  # pyright: ignore
            self._data = self._part = None
            return data
        if self.error is not None or not self.alive:
            self.refuse()
        return None

    def stop(self):
        """As Stream.stop(): nothing goes into a caller's buffer."""
        return True

    def write(self, data, at, copy):
        """Take one datagram; None: others wait for the line already."""
        self.written()
        self.channel.poll()
        if not self.alive or self.error is not None:
            self.refuse()
        if self._out and sum([len(d) for d in self._out]) + len(data) > _OUT:
            return None
        self._out.append(bytes(data))
        if not self.poll():
            self.pool.put_off(self)
        return len(data)

    def poll(self):
        """As Stream.poll(): a datagram by each SOCKW."""
        if not self.written():
            return False
        if self._out and not self.alive:
            self.lost = True
            self._out = []
        if self._out:
            self.pool.let_read()
        if self._out and self.begin_send(self._out[0], 0, len(self._out[0])):
            self._out.pop(0)
        return not self._out and not self.writing

    def writable(self):
        """As Stream.writable()."""
        return not self._out


class Datagrams(Socket):
    """A UDP socket. Errors and time-outs are Socket's; connect, send and recv_into too, for one
    peer. Nothing says that nobody listens there."""

    type = 2

    def __init__(self, pool):
        Socket.__init__(self, pool)
        self.started = True  # nothing is held back
        self._local = b"NULL"
        self._ip = None  # of the peer, as the module told it

    # addresses -------------------------------------------------------------------------------
    def bind(self, address) -> None:
        """Receive on this port: address is (host, port), host "", "0.0.0.0" or the module's."""
        Socket.bind(self, address)
        self._local = b"%d" % self.address[1]

    def listen(self, backlog=0) -> None:
        """Not for UDP."""
        raise OSError(errno.EOPNOTSUPP, "UDP sockets do not listen: bind() is enough")

    def accept(self):
        """Not for UDP."""
        raise OSError(
            errno.EOPNOTSUPP, "UDP sockets accept no clients: recvfrom() tells who has sent"
        )

    def connect(self, address) -> None:
        """Set the peer: (host, port). Waits for the name to be resolved, with time-out 0 too."""
        address = checked(address)
        self.check_closed()
        if self.listening:
            raise OSError(
                errno.EINVAL, "the socket receives from everybody already: connect() a new one"
            )
        opening = Opening(self.pool, address[0].encode(), address[1], b"u", self._local, Peer)
        self.leave()
        self.address = address
        timeout = self.timeout_ms
        self.timeout_ms = timeout or -1
        try:
            self.connect_by = self.deadline()
            self.attempt = opening
            self.opening = Task(self.channel, self._steps(opening))
            self.go_on(errno.EINPROGRESS)
        finally:
            self.timeout_ms = timeout

    def _steps(self, opening):
        stream = yield from opening.steps()
        if stream is None:
            self.channel.check(opening.exchange)
        self._ip = opening.ip
        self.stream = stream

    def leave(self):
        """Let go of the peer."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
            self.channel.wait(stream.closed, _CLOSE_MS)

    def connected(self):
        """The stream; before it is connected it becomes a server, on the port of bind()."""
        self.check_closed()
        if self._local == b"NULL":
            raise OSError(errno.ENOTCONN, "the socket is neither bound nor connected")
        self.stream = Senders(self, b"u")
        self.listening = True
        return self.stream

    # sending ---------------------------------------------------------------------------------
    def sendto(self, data, address) -> int:
        """Send one datagram to (host, port); return its length in bytes.

        data: as for Socket.send(). At most `pool.chunk` bytes (730), else EMSGSIZE. A server can
        only answer: EADDRNOTAVAIL for an address that nothing came from. With time-out 0: EAGAIN
        while others wait for the line.
        """
        data = payload(data)
        where = checked(address)
        self._check_size(data)
        if self.listening and self.stream is not None:
            return self._write(self.stream.find(where), data)
        if self.stream is None or (where != self.address and where != (self._ip, where[1])):
            self.connect(where)
        return self._write(self.stream, data)

    def send(self, data, flags=0) -> int:
        """Send one datagram to the peer of connect(). flags: 0."""
        if type(flags) is not int or flags:
            from ..checks import no_flags

            no_flags(flags)
        data = payload(data)
        self._check_size(data)
        if self.stream is None or self.listening:
            self.check_closed()
            raise OSError(errno.ENOTCONN, "the socket has no peer: connect() it, or use sendto()")
        return self._write(self.stream, data)

    def _write(self, stream, data):
        deadline = -1
        while data:
            if stream.write(data, 0, True) is not None:
                break
            deadline = self.wait(deadline)
        while self.timeout_ms and not stream.sent():
            deadline = self.wait(deadline)
        return len(data)

    def _check_size(self, data):
        if len(data) > self.pool.chunk:
            raise OSError(
                _EMSGSIZE,
                "a datagram of %d bytes is larger than pool.chunk, %d"
                % (len(data), self.pool.chunk),
            )

    # receiving -------------------------------------------------------------------------------
    def recvfrom_into(self, buffer, nbytes=0, flags=0) -> "tuple[int, tuple[str, int]]":
        """Receive one datagram into buffer; return (its length in bytes, (address, port)).

        What does not fit is lost. Waits as settimeout() says. flags: 0.
        """
        view = buffer
        if (
            type(buffer) is not bytearray
            or type(nbytes) is not int
            or nbytes < 0
            or type(flags) is not int
            or flags
        ):
            from ..checks import no_flags, size
            from ..payload import fill, writable

            no_flags(flags)
            nbytes = size(nbytes)
            view = writable(buffer)
            if view is None:  # of items that are no bytes
                n = len(bytes(memoryview(buffer)))
                data, address = self.recvfrom(min(n, nbytes or n))
                n = len(data)
                fill(buffer, data, n)
                return n, address
        n = len(view)
        data, address = self.recvfrom(min(n, nbytes or n))
        view[: len(data)] = data
        return len(data), address

    def recvfrom(self, size, flags=0) -> "tuple[bytes, tuple[str, int]]":
        """As recvfrom_into(), at most size bytes: (bytes, (address, port))."""
        if type(size) is not int or size < 0 or type(flags) is not int or flags:
            from ..checks import no_flags
            from ..checks import size as checked

            no_flags(flags)
            size = checked(size, "size")
        stream = self.stream
        if stream is None:
            stream = self.connected()
        deadline = -1
        while True:
            if self.listening:
                data, address = stream.receive(size)
            else:
                data = stream.take(size)
                address = (self._ip or self.address[0], self.address[1])
            if data is not None:
                if self.timeout_ms and self.pool.work:
                    # a sender is let go of, so that a new one is heard
                    self.channel.wait(lambda: not self.pool.work, _CLOSE_MS)
                return data, address
            deadline = self.wait(deadline)

    def recv(self, size, flags=0) -> bytes:
        """Receive one datagram: at most size bytes of it."""
        return self.recvfrom(size, flags)[0]

    def recv_into(self, buffer, nbytes=0, flags=0) -> int:
        """Receive one datagram; return its length in bytes."""
        return self.recvfrom_into(buffer, nbytes, flags)[0]

    def readinto(self, buffer, nbytes=-1) -> "int | None":
        """As recv_into(); None instead of EAGAIN."""
        from ..checks import size

        return self.read_some(buffer, max(0, size(nbytes, "nbytes", -1)))


class Senders(Listener):
    """A module's UDP server: who has sent to it."""

    def make(self, n, address):  # pyright: ignore[reportIncompatibleMethodOverride]
        """A sender."""
        return Sender(self, n, address)

    def comes(self, n, address):
        """One who has sent, from this address."""
        self.client(n, address)

    def speaks(self, n):
        """One who has sent, of whom nothing else was said perhaps."""
        return self.client(n, None)

    def question(self):
        """As Listener's: senders do not leave."""
        return self.after_silence()

    def find(self, address):
        """The sender with this address."""
        for client in self.clients:
            if client is not None and client.address == (address[0], address[1]):
                return client
        raise OSError(
            _EADDRNOTAVAIL,
            "nothing came from there: a socket that receives from everybody can only answer",
        )

    def _first(self):
        """The sender of whom a datagram is here, or None."""
        self.channel.poll()
        if not self.alive:
            raise OSError(errno.ECONNRESET, "the module restarted: listen on a new socket")
        for client in self.clients:
            if client is not None and client.readable():
                return client
        self.look()
        return None

    def receive(self, n):
        """(datagram, address) of whom it may be, at most n bytes; (None, None): not yet."""
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
        """True: it answers at once."""
        return True

    def arriving(self):
        """True while a datagram is on its way."""
        return any([c is not None and c.arriving() for c in self.clients])

    def _make_room(self):
        """Forget the oldest sender when all places are taken: no new one would be heard."""
        if self.clients.count(None) == 0:
            for client in self.waiting:
                if client.idle():
                    client.leave()
                    return

    def close(self, now=True):
        """Stop."""
        if self.number >= 0:
            self.alive = self._listening = False
            self.clients = [None] * len(self.clients)
            self.end(now)


class Sender(Peer):
    """One who sends to a UDP server."""

    verb = b"D"
    sure = True

    def __init__(self, server, number, address):
        Peer.__init__(self, server.pool)
        self.address_on_module = b"%d,%d" % (server.number, number)
        self.number = number
        self._owner = server
        self.address = address
        self.alive = True

    def idle(self):
        """True if nothing of it waits."""
        return not self._sizes and self._data is None and not self.doing

    def leave(self):
        """Let the module forget it."""
        self._owner.forget(self)
        self._owner.send_close(self.address_on_module)
