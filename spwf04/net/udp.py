"""UDP sockets: SocketPool.socket(type=SOCK_DGRAM). [g.8]

A UDP socket of the module has one peer, so sendto() to another peer closes it and opens another.
A socket that is bound and receives before it sends becomes one of the module's two servers, and
receives from everybody.
"""

from ..arguments import address as checked
from ..at.task import Task
from ..const import const
from ..payload import payload
from .connect import Opening, continue_connect
from .datagrams import Peer, Senders
from .endpoint import NOT_WAITED, check_open, wait
from .socket import Socket

try:
    import errno
except ImportError:
    from ..errors import errno

_EMSGSIZE = getattr(errno, "EMSGSIZE", 90)
_CLOSE_MS = const(5000)


class Datagrams(Socket):
    """A UDP socket, made by SocketPool.socket(type=SOCK_DGRAM).

    Time-outs and errors are as Socket's. A call sends or receives one datagram. After connect(),
    send() and recv() have one peer. The module does not tell whether anybody listens there.
    """

    type = 2  # SOCK_DGRAM

    def __init__(self, pool):
        Socket.__init__(self, pool)
        self.cork_decided = True  # datagrams are never held back
        self._ip = None  # of the peer, as the reply to SOCKON tells it

    # addresses -------------------------------------------------------------------------------
    def bind(self, address) -> None:
        """Choose the local port: address is (host, port), port 1 to 65535.

        host is "", "0.0.0.0" or the module's own address. OSError: EADDRNOTAVAIL for another host,
        EINVAL if the socket is bound or connected.
        """
        Socket.bind(self, address)

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
        local = b"NULL" if self.bound is None else b"%d" % self.bound[1]
        opening = Opening(self.pool, address[0].encode(), address[1], b"u", local, Peer)
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
        if self.bound is None:
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
        if self.stream is None or where not in (self.address, (self._ip, self.address[1])):
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

        nbytes = size(nbytes, "nbytes", -1)
        return self.read_some(buffer, max(0, nbytes)) if nbytes else 0
