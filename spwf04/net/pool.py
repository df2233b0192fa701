"""SocketPool: the module's eight sockets, and what the module says of them by itself.

The files of this folder, each of which imports only what stands behind it: pool, udp, server,
clients, socket, makefile, endpoint, cork, connect, stream, closing, failure.
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
_SMALL = const(128)  # a reply and an indication do not fit into less
_ASK_MS = const(20)
# WIND 55 in console_wind_off_medium [a.4]; 58 tells of an end
_NO_PENDING = b"AT+S.SCFG=console_wind_off_medium,0x00800000\r"


class gaierror(OSError):
    """Raised by SocketPool.getaddrinfo() for a host that cannot be one."""


class SocketPool:
    """The module's sockets, as CircuitPython's socketpool. One per radio: SocketPool(radio)
    returns the one that exists.

    chunk: most bytes moved by one command, 730 by default because of firmware bugs. [k.1]
    A larger one goes back to 730 when a read or write fails.
    quiet_ms: silence after which the module is asked whether data wait. [decision 2]
    """

    radio: "Any"  # the SPWF04, which is on a higher floor
    channel: "ATChannel"
    owners: "list[Stream | None]"  # by id

    # numbered as in CircuitPython
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
    holds = None  # the Cork that holds something back
    servers: "Servers | None" = None  # once something has listened
    leaked = 0  # bit mask of ids that are open on the module and ours no more
    # Of the channel, when the module was last asked for its sockets. -1: it has some that nobody
    # owns, or may have some of an earlier run
    listed_at = -1
    writer: "Stream | None" = None  # the one that wrote last
    reader: "Stream | None" = None  # the one that could not read, because the line was not free
    unsent = 0  # closes after which bytes that a socket had taken could not be sent
    # what has to be done when the line is free: objects with poll(), True when that is over
    work: list
    _going = False
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
            self.work = []
            if channel.generation:
                self.listed_at = channel.resyncs
            channel.on_indication[55] = self._on_pending
            channel.on_indication[58] = self._on_closed
            channel.on_restart.append(self._on_restart)
            channel.on_late_line = self.late_line
            channel.on_doubtful_write = self.write_doubtful
        return radio.pool

    # for programs ----------------------------------------------------------------------------
    if TYPE_CHECKING:

        @overload
        def socket(self, family: int = 2, type: Literal[1] = 1, proto: int = 0) -> "Socket": ...
        @overload
        def socket(self, family: int, type: Literal[2], proto: int = 0) -> "Datagrams": ...
        @overload
        def socket(self, family: int, type: int, proto: int = 0) -> "Socket": ...

    def socket(self, family=2, type=1, proto=0) -> "Socket":
        """Return a new socket for TCP or (SOCK_DGRAM) UDP; nothing is sent.

        OSError (EINVAL) for what is not TCP or UDP over IPv4.
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
        """Return [(family, type, proto, "", (host, port))] without asking anybody.

        The name stays a name: the module resolves it in the same command that connects. An
        unknown name is thus noticed by connect(). gaierror for a host that cannot be one.
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
        """Bound the module's replies to a receive buffer of `size` bytes without RTS/CTS.

        So that a host that is busy for a while loses nothing: reads are as long as fits, and
        below 128 bytes the module is asked for data instead of announcing them. Until the next
        restart of the module; call it again then. ValueError below 64 bytes. [a.4, g.7]
        """
        from ..checks import integer

        size = integer(size, "size", 64, 1 << 24)  # less cannot hold the module's replies
        self.chunk = min(730, size - _OVERHEAD)
        if size < _SMALL:
            self.quiet_ms = _ASK_MS
            self.channel.command(_NO_PENDING, None, 3000)

    # for sockets -----------------------------------------------------------------------------
    def serve(self, sock):
        """Have the module listen for a socket: Socket.listen() calls it."""
        from .server import Listener

        kind = b"t"
        if sock.tls is not None:
            kind = sock.tls[0].before_listen(self.radio)
        sock.stream = Listener(sock, kind)
        sock.listening = True

    def full(self) -> bool:
        """True while the module has no number to give, of those either that it does not let go."""
        for n in range(_SOCKETS):
            if self.owners[n] is None and not self.leaked >> n & 1:
                return False
        return True

    def serves_tls(self) -> bool:
        """True while a TLS server is open: its clients are judged by what is on the module."""
        if self.servers is not None:
            for server in self.servers.open:
                if server is not None and server.secure:
                    return True
        return False

    # what the module says by itself ----------------------------------------------------------
    def _on_pending(self, parser):
        """+WIND:55:Pending Data:<sid>:<cid>:<received>:<cumulated>; no sid: a client. [g.7]"""
        if parser.number(3) < 0:
            n = parser.number(4)
            if 0 <= n < _SOCKETS and self.owners[n] is not None:
                self.owners[n].on_pending(parser)

    def _on_closed(self, parser):
        """+WIND:58:Socket Closed:<cid>:<reason>; the id stays taken until SOCKC. [g.5]"""
        self._closed(parser.number(3))

    def network_lost(self):
        """The radio has lost its network, WIND 33."""
        self._closed(-1)

    def _closed(self, n):
        """The other side of socket n has closed; -1: of none more. What the network took away is
        no end of a stream, whichever of the two comes first."""
        down = self.radio.is_down()
        for stream in self.owners:
            if stream is not None and (stream.id == n or (n < 0 and stream.peer_closed)):
                stream.peer_closed = True
                if down and not stream.ended:
                    stream.cut = True

    def _on_restart(self):
        for stream in self.owners:
            if stream is not None:
                stream.die()
        self.owners = [None] * _SOCKETS
        self.leaked = 0
        self.listed_at = self.channel.resyncs

    def write_doubtful(self):
        """What was written last may have lost bytes."""
        if self.writer is not None:
            self.writer.die()

    def late_line(self, parser):
        """A line of a reply that nobody waits for."""
        if parser.starts(b"AT-S.On:"):
            # The answer to a SOCKON that we had given up: that socket is nobody's
            n = parser.number(-1)
            if 0 <= n < _SOCKETS and self.owners[n] is None:
                self.leaked |= 1 << n

    # what is put off --------------------------------------------------------------------------
    def put_off(self, job, now=True):
        """Have job.poll() called whenever no command is in flight, until it says True. now: False
        if that must not be in this call."""
        first = not self.work
        if job not in self.work:
            self.work.append(job)
        if not now:
            self.channel.when_idle(self._go_on)
            return
        if not self._going:
            self._go_on()
        if first and self.work and self._background is not None:
            self._background(self.channel)

    def let_read(self):
        """Before a write that nobody waits for: who could not read because the line was not free
        has its turn. Else one who writes on and on would have the line for itself."""
        stream = self.reader
        if stream is not None and not self.channel.busy():
            self.reader = None
            if not stream.doing and stream.closing is None:
                stream.readable()

    def in_background(self, handler) -> None:
        """Have handler(channel) called when something is put off, to go on with it."""
        from ..checks import callback

        self._background = callback(handler, "handler")

    def _go_on(self):
        channel = self.channel
        work = self.work
        if self._going:
            return
        self._going = True
        channel.when_idle(self._go_on)
        try:
            for _ in range(len(work)):
                if channel.busy():
                    break
                job = work.pop(0)
                work.append(job)  # the others are next
                if job.poll():
                    work.remove(job)
        finally:
            self._going = False
            if not work:
                channel.when_idle(None)
