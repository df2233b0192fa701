"""UDP sockets: SocketPool.socket(type=SOCK_DGRAM). [g.8]

A UDP socket of the module has one peer, so sendto() to another peer closes it and opens another.
A socket that is bound and receives before it sends becomes one of the module's two servers, and
receives from everybody. Indications tell the size of each datagram. If one is lost, the datagrams
that wait come as one.
"""

from ..arguments import address as checked
from ..at.exchange import RUNNING
from ..at.task import Task
from ..const import const
from ..payload import payload
from .connect import Opening, continue_connect
from .endpoint import NOT_WAITED, check_open, wait
from .server import Listener
from .socket import Socket
from .stream import COUNTING, READING, Stream

try:
    import errno
except ImportError:
    from ..errors import errno

_EADDRNOTAVAIL = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
_EMSGSIZE = getattr(errno, "EMSGSIZE", 90)
_CLOSE_MS = const(5000)
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


class Datagrams(Socket):
    """A UDP socket, made by SocketPool.socket(type=SOCK_DGRAM).

    Time-outs and errors are as Socket's. A call sends or receives one datagram. After connect(),
    send() and recv() have one peer. The module does not tell whether anybody listens there.
    """

    type = 2  # SOCK_DGRAM

    def __init__(self, pool):
        Socket.__init__(self, pool)
        self.cork_decided = True  # datagrams are never held back
        self._local = b"NULL"  # local port, as SOCKON takes it
        self._ip = None  # of the peer, as the reply to SOCKON tells it

    # addresses -------------------------------------------------------------------------------
    def bind(self, address) -> None:
        """Choose the local port: address is (host, port), port 1 to 65535.

        host is "", "0.0.0.0" or the module's own address. OSError: EADDRNOTAVAIL for another host,
        EINVAL if the socket is bound or connected.
        """
        Socket.bind(self, address)
        self._local = b"%d" % self.address[1]

    def listen(self, backlog=0) -> None:
        """UDP sockets do not listen: OSError (EOPNOTSUPP)."""
        raise OSError(errno.EOPNOTSUPP, "UDP sockets do not listen: bind() is enough")

    def accept(self):
        """UDP sockets accept no clients: OSError (EOPNOTSUPP)."""
        raise OSError(
            errno.EOPNOTSUPP, "UDP sockets accept no clients: recvfrom() tells who has sent"
        )

    def connect(self, address) -> None:
        """Set the peer: address is (host, port). The module resolves the name; this waits for it,
        also with time-out 0. OSError (EINVAL) if the socket receives from everybody."""
        address = checked(address)
        check_open(self)
        if self.listening:
            raise OSError(
                errno.EINVAL, "the socket receives from everybody already: connect() a new one"
            )
        opening = Opening(self.pool, address[0].encode(), address[1], b"u", self._local, Peer)
        self._leave_peer()
        self.address = address
        timeout = self.timeout_ms
        self.timeout_ms = timeout or -1
        try:
            self.connect_by = None
            self.opening = opening
            self.connecting = Task(self.channel, self._steps(opening))
            continue_connect(self, errno.EINPROGRESS)
        finally:
            self.timeout_ms = timeout

    def _steps(self, opening):
        stream = yield from opening.steps()
        if stream is None:
            self.channel.check(opening.exchange)
        self._ip = opening.ip
        self.stream = stream

    def _leave_peer(self):
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
            self.channel.wait(stream.closed, _CLOSE_MS)

    def _serve(self):
        """Become a server on the port of bind(); return its stream."""
        check_open(self)
        if self._local == b"NULL":
            raise OSError(errno.ENOTCONN, "the socket is neither bound nor connected")
        self.stream, self.listening = None, False  # so that it takes no memory once it listens
        self.stream = Senders(self, b"u")
        self.listening = True
        return self.stream

    # sending ---------------------------------------------------------------------------------
    def sendto(self, data, address) -> int:
        """Send one datagram and return its length in bytes.

        data: as for Socket.send(), at most `pool.chunk` bytes (730). address: (host, port).
        OSError: EMSGSIZE; EADDRNOTAVAIL if the socket receives from everybody and nothing came
        from this address; EAGAIN (time-out 0) while too many datagrams wait to be sent.
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
        """Send one datagram to the peer of connect() and return its length in bytes.

        data, flags: as Socket.send() has them. OSError: as of sendto(); ENOTCONN without a peer.
        """
        if type(flags) is not int or flags:
            from ..checks import no_flags

            no_flags(flags)
        data = payload(data)
        self._check_size(data)
        if self.stream is None or self.listening:
            check_open(self)
            raise OSError(errno.ENOTCONN, "the socket has no peer: connect() it, or use sendto()")
        return self._write(self.stream, data)

    def _write(self, stream, data):
        deadline = NOT_WAITED
        while data:
            if stream.write(data, 0, True) is not None:
                break
            deadline = wait(self, deadline)
        while self.timeout_ms and not stream.sent():
            deadline = wait(self, deadline)
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
        """Receive one datagram into buffer and return (its length in bytes, (address, port)).

        buffer: bytearray, memoryview, array or another writable buffer. nbytes: most bytes, 0: as
        many as fit. The rest of the datagram is lost. flags: 0. It waits for as long as
        settimeout() allows. OSError: ENOTCONN if the socket is neither bound nor connected.
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
            if view is None:  # its items are not bytes
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
        """Receive one datagram and return (up to size bytes of it, (address, port)). flags and
        errors: as recvfrom_into() has them."""
        if type(size) is not int or size < 0 or type(flags) is not int or flags:
            from ..checks import no_flags
            from ..checks import size as checked

            no_flags(flags)
            size = checked(size, "size")
        stream = self.stream
        if stream is None:
            stream = self._serve()
        deadline = NOT_WAITED
        while True:
            if self.listening:
                data, address = stream.receive(size)
            else:
                data = stream.take(size)
                address = (self._ip or self.address[0], self.address[1])
            if data is not None:
                if self.timeout_ms and self.pool.jobs:
                    # Close the place of an old sender now, so that a new one finds it free
                    self.channel.wait(lambda: not self.pool.jobs, _CLOSE_MS)
                return data, address
            deadline = wait(self, deadline)

    def recv(self, size, flags=0) -> bytes:
        """Receive one datagram and return up to size bytes of it; all else as recvfrom_into()."""
        return self.recvfrom(size, flags)[0]

    def recv_into(self, buffer, nbytes=0, flags=0) -> int:
        """Receive one datagram into buffer and return its length in bytes; arguments and errors as
        recvfrom_into() has them."""
        return self.recvfrom_into(buffer, nbytes, flags)[0]

    def readinto(self, buffer, nbytes=-1) -> "int | None":
        """Receive one datagram as recv_into(); with time-out 0 return None instead of raising
        EAGAIN. nbytes: most bytes, -1: as many as fit."""
        from ..checks import size

        return self.read_some(buffer, max(0, size(nbytes, "nbytes", -1)))


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
