"""UDP sockets: SocketPool.socket(type=SOCK_DGRAM).

The module's UDP sockets have one peer each, so sendto() to another closes and opens. A socket
that was bound and receives first becomes one of the module's two UDP servers and hears
everybody. Datagrams are told apart by the sizes that indications announce; should one be lost,
those that wait come as one. [g.8]
"""

from ..arguments import address as checked
from ..const import const
from ..payload import payload
from .closing import reclaim
from .connect import on_line, start
from .server import Server
from .silence import ask
from .socket import Socket
from .transfer import from_ahead, receive, time_out, transmit

try:
    import errno
except ImportError:
    from ..errors import errno

_EADDRNOTAVAIL = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
_EMSGSIZE = getattr(errno, "EMSGSIZE", 90)
_NEW = const(0)
_OPEN = const(2)
_MS = const(10000)
_QUEUED = const(64)  # sizes of datagrams that are remembered


def _on_line(sock, parser):
    if parser.starts(b"AT-S.On:"):
        sock._ip = parser.text().split(":")[1]
    on_line(sock, parser)


class Datagrams(Socket):
    """A UDP socket. Errors and time-outs are Socket's; connect, send and recv_into too, for one
    peer. Nothing says that nobody listens there."""

    type = 2

    def __init__(self, pool):
        Socket.__init__(self, pool)
        self.started = True  # nothing is held back
        self._sizes = []
        self._local = b"NULL"
        self._ip = None

    # addresses -------------------------------------------------------------------------------
    def bind(self, address) -> None:
        """Receive on this port: address is (host, port), host "", "0.0.0.0" or the module's."""
        Socket.bind(self, address)
        self._local = b"%d" % self.address[1]

    def listen(self, backlog=0) -> None:
        """Not for UDP."""
        raise OSError(errno.EOPNOTSUPP, "UDP sockets do not listen")

    def accept(self):
        """Not for UDP."""
        raise OSError(errno.EOPNOTSUPP, "UDP sockets do not accept")

    def connect(self, address) -> None:
        """Set the peer: (host, port). Waits for the name to be resolved."""
        address = checked(address)
        if self.state != _NEW:
            self._leave()
        self.address = address
        reclaim(self.pool)
        timeout = self.timeout_ms
        if timeout == 0:
            self.timeout_ms = -1  # a name must be resolved
        self.connect_by = self.deadline()
        try:
            start(
                self,
                b"AT+S.SOCKON=%s,%d,%s,u\r" % (address[0].encode(), address[1], self._local),
                _on_line,
            )
        finally:
            self.timeout_ms = timeout

    def _leave(self):
        """Let go of the peer."""
        n = self.abandon()
        if n >= 0:
            self.pool.release(n)
        self.pending = 0
        self._sizes = []

    def _serve(self):
        """Become a server, on the port of bind()."""
        if self._local == b"NULL":
            raise OSError(errno.ENOTCONN, "bind() or connect() first")
        self.server = _Server(self, b"u")

    # sending ---------------------------------------------------------------------------------
    def sendto(self, data, address) -> int:
        """Send one datagram to (host, port); return its length in bytes.

        data: as for Socket.send(). At most `pool.chunk` bytes (730), else EMSGSIZE. A server can
        only answer: EADDRNOTAVAIL for an address that nothing came from.
        """
        data = payload(data)
        where = checked(address)
        if self.server is not None:
            return self.server.find(where).send(data)
        self._check_size(data)
        if self.state != _OPEN or (where != self.address and where != (self._ip, where[1])):
            self.connect(where)
        return self.send(data)

    def send(self, data) -> int:
        """Send one datagram to the peer of connect()."""
        data = payload(data)
        self.check_open()
        self._check_size(data)
        if data:
            transmit(self, data, 0)
        return len(data)

    def _check_size(self, data):
        if len(data) > self.pool.chunk:
            raise OSError(
                _EMSGSIZE,
                "a datagram of %d bytes: pool.chunk is %d" % (len(data), self.pool.chunk),
            )

    # receiving -------------------------------------------------------------------------------
    def on_pending(self, parser):
        """+WIND:55: one datagram, and all that wait. [g.7]"""
        size = parser.number(5)
        if size > 0 and len(self._sizes) < _QUEUED:
            self._sizes.append(size)
            self.pending += size
        self.fresh = True

    def recvfrom_into(self, buffer, nbytes=0) -> "tuple[int, tuple[str, int]]":
        """Receive one datagram into buffer; return (its length in bytes, (address, port)).

        What does not fit is lost. Waits as settimeout() says.
        """
        view = buffer
        if type(buffer) is not bytearray or type(nbytes) is not int or nbytes < 0:
            from ..checks import size
            from ..payload import fill, writable

            nbytes = size(nbytes)
            view = writable(buffer)
            if view is None:  # of items that are no bytes
                n = len(bytes(memoryview(buffer)))
                data, address = self.recvfrom(min(n, nbytes or n))
                n = len(data)  # pyright: ignore[reportArgumentType]
                fill(buffer, data, n)
                return n, address
        n = len(view)
        return self._from(view, min(n, nbytes or n))

    def _from(self, buffer, n) -> tuple:
        """A datagram of at most n bytes and its address: into buffer, or, None, as bytes."""
        if self.server is None and self.state == _NEW:
            self._serve()
        if self.server is not None:
            return self.server.receive(buffer, n)
        return self._receive(buffer, n), (self._ip or self.address[0], self.address[1])

    def recvfrom(self, size) -> "tuple[bytes, tuple[str, int]]":
        """As recvfrom_into(), at most size bytes: (bytes, (address, port))."""
        if type(size) is not int or size < 0:
            from ..checks import size as checked

            size = checked(size, "size")
        return self._from(None, size)

    def recv(self, size) -> bytes:
        """Receive one datagram: at most size bytes of it."""
        return self.recvfrom(size)[0]

    def recv_into(self, buffer, nbytes=0) -> int:
        """Receive one datagram; return its length in bytes."""
        return self.recvfrom_into(buffer, nbytes)[0]

    def _receive(self, buffer, n):
        deadline = self.deadline()
        while not self.ready():
            self._wait(deadline)
        return self.take(buffer, n)

    def _wait(self, deadline):
        if self.channel.expired(deadline):
            if self.timeout_ms == 0:
                raise OSError(errno.EAGAIN, "no datagram yet")
            raise OSError(errno.ETIMEDOUT, "no datagram in time")
        self.channel.step()

    def ready(self):
        """True if a datagram waits. Asks the module after a while of silence. [decision 2]"""
        channel = self.channel
        channel.poll()
        if self.state != _OPEN:
            self.check_open()
        if not self._sizes and self.ahead_at != self.ahead_end:
            self._sizes.append(self.ahead_end - self.ahead_at)
        if self._sizes:
            self.ask_at = None
        elif self.ask_at is None:
            self.ask_at = channel.deadline(self.pool.quiet_ms)
        elif channel.expired(self.ask_at):
            self.ask_at = None
            if ask(self) > 0 and not self._sizes:
                self._sizes.append(self.pending)  # its indication was lost
        return bool(self._sizes)

    def take(self, buffer, n):
        """Read the first datagram that waits; return its length, or, without buffer, its bytes."""
        size = self._sizes.pop(0)
        if buffer is None:
            buffer = bytearray(min(n, size))
            n = self._take(buffer, len(buffer), size)
            return bytes(memoryview(buffer)[:n])
        return self._take(buffer, n, size)

    def _take(self, buffer, n, size):
        got = 0
        view = memoryview(buffer)
        rest = None
        while size > 0:
            if got < n:
                part = self._some(view[got:n], min(size, n - got))
                got += part
            else:
                rest = rest or bytearray(min(size, self.pool.chunk))
                part = self._some(rest, min(size, len(rest)))
            if not part:
                break
            size -= part
        return got

    def _some(self, buffer, n):
        """Bytes that came beyond what was asked, else one SOCKR."""
        if self.ahead_at != self.ahead_end:
            return from_ahead(self, buffer, n)
        return receive(self, buffer, n)

    # the rest --------------------------------------------------------------------------------
    def settimeout(self, value) -> None:
        """Time limit of receiving in seconds; None: none, 0: never wait."""
        value = time_out(value)
        self.timeout_ms = -1 if value is None else int(value * 1000)

    def own_poll(self, events):
        """As Socket's: readable when a datagram waits."""
        self.channel.poll()
        sizes = self._sizes if self.server is None else self.server.waiting_sizes()
        return events & (5 if sizes else 4)

    def close(self) -> None:
        """Close; may be called again."""
        if self.server is not None:
            self.server.close()
            self.server = None
        Socket.close(self)


class _Server(Server):
    """A module's UDP server."""

    def make(self, n, address):
        """A sender."""
        return _Sender(self, n, address)

    def comes(self, n, address):
        """One who has sent, from this address."""
        self.client(n, address)

    def speaks(self, n):
        """One who has sent, of whom nothing else was said perhaps."""
        return self.client(n, None)

    def question(self):
        """As Server's: senders do not leave."""
        return self.after_silence()

    def waiting_sizes(self):
        """True if a datagram waits."""
        return any([c is not None and c._sizes for c in self.clients])

    def find(self, address):
        """The sender with this address."""
        for client in self.clients:
            if client is not None and client.address == (address[0], address[1]):
                return client
        raise OSError(_EADDRNOTAVAIL, "nothing came from there: a server can only answer")

    def receive(self, buffer, n):
        """One datagram of whom it may be."""
        sock = self.sock
        deadline = sock.deadline()
        while True:
            sock.channel.poll()
            if sock.state != _OPEN:
                sock.check_open()
            for client in self.clients:
                if client is not None and client.ready():
                    n = client.take(buffer, n)
                    self._make_room()
                    return n, client.address
            self.look()
            sock._wait(deadline)

    def _make_room(self):
        """Forget the oldest sender when all places are taken: no new one would be heard."""
        if self.clients.count(None) == 0:
            for client in self.waiting:
                if not client._sizes:
                    self.waiting.remove(client)
                    client.leave()
                    return

    def close(self):
        """Stop."""
        if self.number >= 0:
            self.clients = [None] * len(self.clients)
            self._listening = False
            self.end()


class _Sender(Datagrams):
    """One who sends to a UDP server."""

    verb = b"D"

    def __init__(self, server, number, address):
        Datagrams.__init__(self, server.pool)
        self.address_on_module = b"%d,%d" % (server.number, number)
        self._number = number
        self._owner = server
        self.address = address
        self.state = _OPEN
        self.timeout_ms = -1

    def leave(self):
        """Let the module forget it."""
        self._owner.clients[self._number] = None
        self._owner.send_close(self.address_on_module)
