"""SocketPool: the module's eight sockets, and the indications that tell of them.

A file of this folder imports only files that stand behind it in this list: pool, udp, server,
clients, socket, makefile, endpoint, cork, connect, stream, closing, half, failure.
"""

from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any, Literal, overload

    from ..at.channel import ATChannel
    from .clients import Servers
    from .socket import Socket
    from .stream import Stream
    from .udp import Datagrams

_SOCKETS = const(8)  # [g.1]

_OVERHEAD = const(44)  # of a reply to SOCKR: "AT-S.Reading:730:8192", "AT-S.OK", line ends
_SMALL = const(128)  # a smaller receive buffer cannot hold a reply and an indication
_ASK_MS = const(20)
# Switches WIND 55 off in console_wind_off_medium [a.4]; WIND 58 still tells of an end
_NO_PENDING = b"AT+S.SCFG=console_wind_off_medium,0x00800000\r"


class gaierror(OSError):
    """SocketPool.getaddrinfo() raises it for what cannot be a host."""


class SocketPool:
    """The module's sockets, with the interface of CircuitPython's socketpool.

    A radio has one pool: SocketPool(radio) returns it. Programs call socket(), getaddrinfo(),
    fit(), in_background() and lost(); the driver's own files call the other methods.

    chunk: most bytes that one command moves; 730, because larger ones meet firmware bugs. [k.1] A
    larger number goes back to 730 when a read or a write fails. quiet_ms: after so many ms without
    an indication the module is asked whether data wait. [decision 2] unsent: count of closes
    after which bytes that a socket had taken could not be sent.
    """

    radio: "Any"  # the SPWF04, which is on a higher floor
    channel: "ATChannel"
    owners: "list[Stream | None]"  # by id

    # CircuitPython's numbers
    AF_INET = 2
    AF_INET6 = 10
    SOCK_STREAM = 1
    SOCK_DGRAM = 2
    SOCK_RAW = 3
    SOL_SOCKET = 4095
    SO_REUSEADDR = 4
    IPPROTO_IP = 0
    IPPROTO_TCP = 6
    IPPROTO_UDP = 17
    TCP_NODELAY = 1
    EAI_NONAME = -2

    gaierror = gaierror
    chunk = 730
    quiet_ms = 500
    corked = None  # the Cork that holds data back
    servers: "Servers | None" = None  # after the first listen()
    leaked = 0  # bit mask of ids that are open on the module and that nobody owns
    tried = -1  # the leaked id that an open has tried to close last
    listed_at = -1  # ATChannel.resyncs when the module last listed its sockets; see list_again()
    last_writer: "Stream | None" = None
    waiting_reader: "Stream | None" = None  # the line was not free for its read
    unsent = 0
    sends_after_end = False  # the module has sent to a peer that had sent its end
    reasons_tell = False  # WIND 58 or 62 had the reason 0, see ended()
    jobs: list  # see add_job()
    _running = False
    _background = None

    def __new__(cls, radio):
        if not hasattr(type(radio), "isconnected"):
            from ..checks import radio as checked

            checked(radio)
        if radio.pool is None:
            radio.pool = self = object.__new__(cls)
            self.radio = radio
            self.channel = channel = radio.channel
            self.owners = [None] * _SOCKETS
            self.jobs = []
            self.leaked = 0  # here: to note a leak then takes no memory
            if channel.generation:
                self.listed_at = channel.resyncs
            channel.on_indication[55] = self._on_pending
            channel.on_indication[58] = self._on_closed
            channel.on_restart.append(self._on_restart)
            channel.on_late_line = self.late_line
            channel.on_doubtful_write = self.write_doubtful
        return radio.pool

    # For programs ----------------------------------------------------------------------------
    if TYPE_CHECKING:

        @overload
        def socket(self, family: int = 2, type: Literal[1] = 1, proto: int = 0) -> "Socket": ...
        @overload
        def socket(self, family: int, type: Literal[2], proto: int = 0) -> "Datagrams": ...
        @overload
        def socket(self, family: int, type: int, proto: int = 0) -> "Socket": ...

    def socket(self, family=2, type=1, proto=0) -> "Socket":
        """Return a new socket: a Socket for SOCK_STREAM, TCP, or Datagrams for SOCK_DGRAM, UDP.

        Nothing is sent; proto has no effect. family: AF_INET. OSError (EINVAL) for another family
        or type. [g.1, g.8]
        """
        if not isinstance(family, int) or not isinstance(type, int):
            raise TypeError("family and type must be int")
        if family == 2 and type == 1:
            from .socket import Socket

            return Socket(self)
        if family == 2 and type == 2:
            from .udp import Datagrams

            return Datagrams(self)
        from ..errors import errno

        raise OSError(errno.EINVAL, "the module has only TCP and UDP over IPv4")

    def getaddrinfo(
        self, host, port, family=0, type=0, proto=0, flags=0
    ) -> "list[tuple[int, int, int, str, tuple[str, int]]]":
        """Return [(family, type, proto, "", (host, port))]. Nothing is sent.

        host is returned as it is, because the command that connects resolves it: an unknown name
        is an error of connect(). flags has no effect. gaierror for what cannot be a host.
        """
        from ..arguments import host as check

        if not isinstance(type, int):
            raise TypeError("type must be an int")
        try:
            check(host)
        except ValueError as e:
            from ..errors import errno

            raise gaierror(errno.EINVAL, str(e))
        return [(2, type or 1, proto, "", (host, port))]

    def fit(self, size) -> None:
        """Make the module's replies fit into the UART's receive buffer, for a board without
        RTS/CTS. Then no byte is lost while the program does something else.

        size: of that buffer in bytes, 64 or more. A read asks for no more than fits. Below 128
        bytes, data are not announced, but asked for. Call it again after a restart of the module.
        ValueError, OSError. [a.4, g.7]
        """
        from ..checks import integer

        size = integer(size, "size", 64, 1 << 24)
        self.chunk = min(730, size - _OVERHEAD)
        if size < _SMALL:
            self.quiet_ms = _ASK_MS
            self.channel.command(_NO_PENDING, None, 3000)

    def in_background(self, handler) -> None:
        """Have handler(channel) called when something is left to be done after a call, a close for
        example. It sees to it that the channel is polled until pool.jobs is empty. None: no
        handler."""
        from ..checks import callback

        self._background = callback(handler, "handler")

    def lost(self) -> int:
        """Return how many ids are lost: the module keeps them open, and no socket has them.

        A close gives up on a connection whose other side never stops sending. Each connect() tries
        again for 1.5 s. [k.4]
        """
        return sum([self.leaked >> n & 1 for n in range(_SOCKETS)])

    # For the driver's other files ------------------------------------------------------------
    def serve(self, sock):
        """Have the module listen, for Socket.listen()."""
        from .server import Listener

        kind = b"t"
        if sock.tls is not None:
            kind = sock.tls[0].before_listen(self.radio)
        sock.stream, sock.listening = None, False  # so that it takes no memory once it listens
        sock.stream = Listener(sock, kind)
        sock.listening = True

    def full(self) -> bool:
        """True while all ids are in use. A leaked id is in use."""
        for n in range(_SOCKETS):
            if self.owners[n] is None and not self.leaked >> n & 1:
                return False
        return True

    def serves_tls(self) -> bool:
        """True while a TLS server is open. It verifies its clients by the CA on the module."""
        if self.servers is not None:
            for server in self.servers.open:
                if server is not None and server.secure:
                    return True
        return False

    def list_again(self):
        """Have the module list its sockets before the next open, because it may have some that
        nobody owns."""
        self.listed_at = -1

    def ask_soon(self):
        """Have streams ask at once, because indications may have been missed."""
        servers = () if self.servers is None else self.servers.open
        for streams in [self.owners] + [s.clients for s in servers if s is not None]:
            for stream in streams:
                if stream is not None:
                    stream.ask_at = self.channel.deadline(0)

    # What the module tells by itself ---------------------------------------------------------
    def _on_pending(self, parser):
        """+WIND:55:Pending Data:<sid>:<cid>:<received>:<cumulated>. The sid is empty for a socket
        of connect(). [g.7]"""
        if parser.number(3) < 0:
            n = parser.number(4)
            if 0 <= n < _SOCKETS and self.owners[n] is not None:
                self.owners[n].on_pending(parser)

    def _on_closed(self, parser):
        """+WIND:58:Socket Closed:<cid>:<reason>; the id stays in use until SOCKC. [g.5]"""
        n = parser.number(3)
        stream = self.owners[n] if 0 <= n < _SOCKETS else None
        if stream is not None:
            self.ended(stream, parser.number(4))
            if self.radio.is_down() and not stream.eof:
                stream.truncated = True

    def ended(self, stream, reason):
        """The other side of a stream has gone. reason: the module's number, -1 if there is none.

        What the numbers mean is not known. But on a module that has said 0 of an end, another
        number tells that this is none, such as a reset. [l.15]
        """
        stream.peer_closed = True
        if reason == 0:
            self.reasons_tell = True
        elif reason > 0 and self.reasons_tell and not stream.eof:
            stream.truncated = True
            stream.reason = reason

    def in_doubt(self, stream, copy):
        """As in_doubt() of half.py. Without that file nothing is written after the peer's end."""
        try:
            from .half import in_doubt
        except ImportError:
            stream.raise_error()
        return in_doubt(stream, copy)

    def network_lost(self):
        """+WIND:33, the network is lost. It may come after +WIND:58 of the sockets it ends."""
        for stream in self.owners:
            if stream is not None and stream.peer_closed and not stream.eof:
                stream.truncated = True

    def _on_restart(self):
        for stream in self.owners:
            if stream is not None:
                stream.die()
        self.owners = [None] * _SOCKETS
        self.leaked = 0
        self.listed_at = self.channel.resyncs

    def write_doubtful(self):
        """The last write may have lost bytes, so its stream ends."""
        if self.last_writer is not None:
            self.last_writer.die()

    def late_line(self, parser):
        """A line of a reply that nobody waits for."""
        if parser.starts(b"AT-S.On:"):
            # The reply to an abandoned SOCKON: nobody owns this socket
            n = parser.number(-1)
            if 0 <= n < _SOCKETS and self.owners[n] is None:
                self.leaked |= 1 << n

    # Jobs --------------------------------------------------------------------------------------
    def add_job(self, job, now=True):
        """Have job.poll() called whenever no command is in flight, until it returns True. now:
        False if this call may not call it."""
        first = not self.jobs
        if job not in self.jobs:
            self.jobs.append(job)
        if not now:
            self.channel.when_idle(self._run_jobs)
            return
        if not self._running:
            self._run_jobs()
        if first and self.jobs and self._background is not None:
            self._background(self.channel)

    def yield_to_reader(self):
        """Before a write of copied data: let the stream read first that found the line busy. Else
        a writer that never stops would keep the line for itself."""
        stream = self.waiting_reader
        if stream is not None and not self.channel.busy():
            self.waiting_reader = None
            if not stream.in_flight and stream.closing is None:
                stream.readable()

    def _run_jobs(self):
        channel = self.channel
        jobs = self.jobs
        if self._running:
            return
        self._running = True
        channel.when_idle(self._run_jobs)
        try:
            for _ in range(len(jobs)):
                if channel.busy():
                    break
                job = jobs[0]
                jobs.append(job)  # the others have their turn next
                jobs.pop(0)
                if job.poll():
                    jobs.remove(job)
        finally:
            self._running = False
            if not jobs:
                channel.when_idle(None)
