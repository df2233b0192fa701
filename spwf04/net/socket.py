"""Socket: a TCP or TLS client over one of the module's eight.

Life of a socket, one int `state`, changed only where this says:

    NEW --connect()--> OPENING --On:--> OPEN --close()--> CLOSED
                          |               |
                          +--error--> NEW +--bytes lost, restart--> DEAD --close()--> CLOSED

Connecting is in connect.py, one read or write of the module in transfer.py; what goes wrong is
dealt with in failure.py.

Something may be over a socket: a Cork, Stepwise, a Server, or the host's TLS. It gets the public
calls. What it calls in turn, of the Socket or of what lies between, is own_recv_into() and so on,
never the public ones: so no call comes back to where it came from, and none goes past anything.
"""

from ..at.exchange import Exchange
from ..const import const
from .transfer import on_line, otherwise, poll, recv_into, send, time_out

try:
    import errno
except ImportError:
    from ..errors import errno

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    IOBase = object
else:
    try:
        from io import IOBase  # what select.poll() of MicroPython wants

        if hasattr(IOBase, "readline"):  # CPython's does more than give a name
            IOBase = object
    except ImportError:
        IOBase = object

_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)
_DEAD = const(3)
_CLOSED = const(4)

_MOST = const(4096)  # bytes of one recv(): memory is not taken for more before they are there

_POLL = const(3)  # of ioctl()
_CLOSE = const(4)


class Socket(IOBase):
    """A TCP or, after SSLContext.wrap_socket(), TLS socket; made by SocketPool.socket().

    Blocking until settimeout() or setblocking() says otherwise. All errors are OSError:
    ETIMEDOUT, EAGAIN (time-out 0), ENOTCONN (not connected, closed, or its module restarted),
    ECONNREFUSED, EHOSTUNREACH, ENOMEM (all eight in use). TypeError and ValueError name an
    argument, before anything is sent.
    """

    type = 1  # SOCK_STREAM
    engine = None  # whose TLS it uses: "module" or "host"; None: none
    timeout_ms = -1  # -1: wait as long as the module answers
    address: "tuple[str, int] | None" = None

    # for the driver's other files
    state = _NEW
    tls: "tuple | None" = None  # (SSLContext, server name as bytes or None)
    over = None  # who gets the calls
    cork = None  # who holds small writes back
    server = None  # who listens for it
    later = None  # address to connect to at the next call: SOCKON could not be sent yet
    connect_by = None  # when connect() must be over
    id = -1  # of its eight
    verb = b""  # in its commands: SOCKR; D for those of a server's client, SOCKDR
    address_on_module = b""  # what they name it by
    started = False  # something was sent, or nothing is ever held back
    ended: int = False  # end of stream was reported; 2: the network was lost
    pending = 0  # bytes that wait in the module, as far as we know
    owed = 0  # bytes announced and not read
    fresh = False  # an indication came since the module was asked last
    peer_closed = False
    ask_at = None  # when to ask the module again
    asked = 0  # questions asked in silence, see silence.py
    tries = 0  # reads refused in a row
    asked_for = 0  # bytes: of the last SOCKR
    wrote = 0  # bytes: of the last SOCKW
    # read ahead: a buffer made at the first small read, and its valid part
    ahead = None
    ahead_at = ahead_end = 0
    spill = None  # what the module gave beyond what was asked
    sink = None  # where a read in flight goes
    view = None  # the memoryview that was found fit to be read into, see transfer.otherwise()

    # the socket's own: of transfer.py
    own_recv_into = recv_into
    own_send = send
    own_poll = poll
    on_line = on_line

    def __init__(self, pool):
        self.pool = pool
        self.channel = pool.channel
        self.exchange = Exchange()
        # got: what the reply told, or -1: the code of a certificate error, or how many bytes are
        # in sink; read_command, write_command: for asked_for and wrote bytes; read_header: how
        # the reply to read_command begins

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None) -> None:
        """Connect to (host, port): host is a name or IPv4 address as str, port 1..65535.

        For TLS the module verifies the server's chain and name here: CertificateError says what
        is missing. With time-out 0 it starts and raises EINPROGRESS; the next call goes on.
        mode: radio.TLS_MODE makes it a TLS socket, as drivers without an ssl module have it.
        """
        if self.over is not None:
            self.over.connect(address, mode)
            return
        from .connect import connect

        connect(self, address, mode)

    def bind(self, address) -> None:
        """Choose the port to listen on: address is (host, port), port 1..65535.

        The module listens on its only address: host must be "", "0.0.0.0" or that one, else
        EADDRNOTAVAIL.
        """
        from ..arguments import address as checked

        host, port = checked(address, True)
        if self.state != _NEW or self.address is not None:
            raise OSError(errno.EINVAL, "already bound, connected or closed")
        if host not in ("", "0.0.0.0") and host != self.pool.radio.ipv4_address:
            number = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
            raise OSError(number, "%s is not the module's address" % host)
        self.address = (host, port)

    def listen(self, backlog=8) -> None:
        """Listen. backlog has no effect: as many clients wait for accept() as the module has
        places, eight with those that were accepted."""
        if not isinstance(backlog, int):
            raise TypeError("backlog must be an int, not " + type(backlog).__name__)
        if self.state != _NEW or self.address is None:
            raise OSError(errno.EINVAL, "bind() first")
        self.pool.serve(self)

    def accept(self) -> "tuple[Socket, tuple[str, int]]":
        """Take the next client: (its socket, (address, port)).

        Waits as settimeout() says: EAGAIN (0), ETIMEDOUT. ENOTCONN if the module restarted. A
        client that has gone again is passed over, unless it has sent something.
        """
        if self.server is None:
            raise OSError(errno.EINVAL, "listen() first")
        return self.server.accept()

    # No property: with one, MicroPython looks up each attribute that is set in the class as well
    def is_new(self) -> bool:
        """True while it is neither connected nor connecting, does not listen and is not closed."""
        return self.state == _NEW and (self.engine != "host" or self.over.raw is None)

    def is_open(self) -> bool:
        """True while it is connected or listens, as far as we know."""
        return self.state == _OPEN

    def left(self, seconds):
        """The seconds that connect() has left for something else than SOCKON, at most `seconds`.
        A socket that has no time limit, or must not wait, has `seconds`."""
        if self.timeout_ms <= 0 or self.connect_by is None:
            return seconds
        return max(0.01, min(seconds, self.channel.left(self.connect_by) / 1000))

    def abandon(self):
        """The id is no more this socket's; return it, or -1."""
        pool = self.pool
        n = self.id
        self.state = _NEW
        self.id = -1
        if n < 0 or pool.owners[n] is not self:
            return -1
        pool.owners[n] = None
        pool.leaked |= 1 << n
        return n

    def deadline(self):
        """When a call that begins now must be over, for ATChannel.expired()."""
        return None if self.timeout_ms < 0 else self.channel.deadline(self.timeout_ms)

    # receiving -------------------------------------------------------------------------------
    def recv_into(self, buffer, nbytes=0) -> int:
        """Receive up to nbytes (0: as many as fit) into buffer and return how many.

        buffer: bytearray, or whatever is writable: memoryview, array; its length is counted in
        bytes. At least one byte, unless the stream has ended: 0 once, ENOTCONN after that. Waits
        as settimeout() says. No command if the bytes are here already, else one SOCKR, when an
        indication has announced them. Allocates nothing in the steady state.
        """
        if (
            (type(buffer) is not bytearray and (buffer is not self.view or buffer is None))
            or type(nbytes) is not int
            or nbytes < 0
        ):
            return otherwise(self, buffer, nbytes)
        if self.over is not None:
            return self.over.recv_into(buffer, nbytes)
        return self.own_recv_into(buffer, nbytes)

    def recv(self, size) -> bytes:
        """Receive up to size bytes and return them, at most 4096 at once; b"" once at the end of
        the stream."""
        if type(size) is not int or size < 0:
            from ..checks import size as checked

            size = checked(size, "size")
        size = min(size, _MOST)
        buffer = bytearray(size)
        n = self.recv_into(buffer)
        return bytes(buffer) if n == size else bytes(memoryview(buffer)[:n])

    def readinto(self, buffer, nbytes=-1) -> "int | None":
        """As recv_into(); None instead of EAGAIN, 0 for good at the end of the stream."""
        if type(nbytes) is int and nbytes < 1:
            if nbytes == 0:
                return 0
            nbytes = 0  # as many as fit
        try:
            return self.recv_into(buffer, nbytes)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            if self.ended is True:
                return 0
            raise

    def read(self, nbytes=-1) -> "bytes | None":
        """Read nbytes, or everything up to the end of the stream (-1), and return them as bytes.

        Fewer at the end. Non-blocking: what is there, None if nothing is.
        """
        if nbytes is None:
            nbytes = -1
        if type(nbytes) is not int:
            from ..checks import size

            nbytes = size(nbytes)
        if nbytes == 0:
            return b""
        data = bytearray()
        part = bytearray(nbytes if 0 < nbytes < 512 else 512)
        while nbytes < 0 or len(data) < nbytes:
            want = len(part) if nbytes < 0 else min(len(part), nbytes - len(data))
            n = self.readinto(part, want)
            if not n:
                if n is None and not data:
                    return None
                break
            data.extend(part if n == len(part) else memoryview(part)[:n])
        return bytes(data)

    def readline(self) -> "bytes | None":
        """Read up to and with the next LF, or to the end of the stream, and return it as bytes.
        Non-blocking: what is there, None if nothing is."""
        data = bytearray()
        one = bytearray(1)
        while True:
            n = self.readinto(one, 1)
            if not n:
                return None if n is None and not data else bytes(data)
            data.extend(one)
            if one[0] == 10:
                return bytes(data)

    def on_pending(self, parser):
        """+WIND:55 of this socket: bytes have come, and wait in the module. [g.7]"""
        n = parser.number(5)
        if n > 0:
            self.owed += n
        n = parser.number(6)
        if n > self.pending:  # less is stale news [g.7]
            self.pending = n
        self.fresh = True

    def die(self):
        """Bytes of the stream may be lost: it is over."""
        if self.state == _OPEN:
            self.state = _DEAD
        self.pending = self.ahead_at = self.ahead_end = 0
        self.spill = None

    def check_open(self):
        """Raise unless the socket is open; connect first, if that was put off."""
        if self.state != _OPEN:
            from .failure import not_open

            not_open(self)

    # sending ---------------------------------------------------------------------------------
    def send(self, data) -> int:
        """Send all of data (bytes-like; on MicroPython also str, as UTF-8) and return its length
        in bytes: one SOCKW per `pool.chunk` bytes.

        An SOCKW that fails is never sent again, because its data might have gone out: the
        socket is closed and the error raised. [k.1, g.4] Allocates nothing in the steady state
        for bytes and bytearray; all else is copied.
        """
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data)
        if self.over is not None:
            return self.over.send(data)
        return self.own_send(data)

    def sendall(self, data) -> None:
        """As send(); returns None."""
        self.send(data)

    def write(self, data, nbytes=-1) -> "int | None":
        """As send(), of the first nbytes of data; str is sent as UTF-8, on all interpreters,
        because libraries write it. None instead of EAGAIN."""
        if type(data) is str:
            try:
                data = data.encode()
            except ValueError:
                pass  # which shows it: payload() says what is wrong
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data, text=True)
        if type(nbytes) is not int:
            from ..checks import size

            nbytes = size(nbytes, "nbytes", -1)
        if 0 <= nbytes < len(data):
            data = data[:nbytes]
        try:
            return self.send(data)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
            return None

    # the rest --------------------------------------------------------------------------------
    def makefile(self, mode="rb", buffering=-1, encoding="utf-8", errors=None, newline=None):
        """Return a file object over the socket; mode: of r, w, b. Closing it leaves the socket
        open. On MicroPython and CircuitPython it is the socket itself, and binary."""
        import io

        if not isinstance(mode, str):
            raise TypeError("mode must be str, not " + type(mode).__name__)
        if not mode or not all([c in "rwb+" for c in mode]):
            raise ValueError("mode is of r, w, b")
        if not hasattr(io, "RawIOBase"):
            if "b" not in mode:
                raise ValueError("only binary modes here")
            return self
        from .makefile import file

        return file(self, mode, buffering, encoding, errors, newline)

    def settimeout(self, value) -> None:
        """Time limit in seconds, of a connect() as a whole, and of each receive; None: none, 0:
        never wait."""
        value = time_out(value)
        if self.over is not None:
            self.over.settimeout(value)
        else:
            self.own_settimeout(value)

    def own_settimeout(self, value):
        """settimeout() of what is over it."""
        self.timeout_ms = -1 if value is None else int(value * 1000)
        if value == 0 and self.engine != "host":  # the host's TLS has its own way not to wait
            from .stepwise import Stepwise

            Stepwise(self)

    def setblocking(self, value) -> None:
        """setblocking(True) is settimeout(None), setblocking(False) is settimeout(0)."""
        if value is not None and not isinstance(value, (bool, int)):
            raise TypeError("value must be True or False, not " + type(value).__name__)
        self.settimeout(None if value else 0)

    def setsockopt(self, level, option, value) -> None:
        """TCP_NODELAY (6, 1): never hold small writes back, see cork.py; else without effect."""
        if not isinstance(level, int) or not isinstance(option, int):
            raise TypeError("level and option must be int")
        if (level, option) == (6, 1) and isinstance(value, (bool, int)) and value:
            self.started = True
            if self.cork is not None:
                self.cork.end()

    def version(self) -> "str | None":
        """The TLS version of an open TLS socket as str, else None. The module has 1.2. [h.9]"""
        if self.engine == "host":
            return self.over.version()
        return "TLSv1.2" if self.engine is not None and self.state == _OPEN else None

    def cipher(self) -> "tuple | None":
        """(name, version, bits) of an open TLS socket as far as known, else None.

        The module does not tell; the host's TLS does.
        """
        return self.over.cipher() if self.engine == "host" else None

    def ioctl(self, request, argument) -> int:
        """MicroPython's stream protocol, for select.poll() and asyncio: 3 (poll) with a mask of
        events, 4 (close). With a time-out other than 0 a poll may wait for one SOCKR."""
        if not isinstance(request, int) or not isinstance(argument, int):
            raise TypeError("ioctl() takes two int")
        if request == _CLOSE:
            self.close()
            return 0
        if request != _POLL:
            return -22
        if self.over is not None:
            return self.over.poll(argument)
        return self.own_poll(argument)

    def close(self) -> None:
        """Close; may be called again. Data that wait are thrown away, within a bound. [k.4]"""
        if self.over is not None:
            self.over.close()
        else:
            self.own_close()

    def own_close(self):
        """close() of what is over it."""
        state = self.state
        self.later = None
        if state == _OPENING:
            self.exchange.on_line = self.pool.late_line
        elif state != _CLOSED:
            self.pending = self.ahead_at = self.ahead_end = 0
            self.ahead = self.spill = self.view = None
            n = self.abandon()
            self.state = _CLOSED
            if n >= 0:
                self.pool.release(n)
        self.state = _CLOSED

    # for the host's TLS ----------------------------------------------------------------------
    def hand_over(self, stream):
        """Give all calls to the host's TLS: nothing of this socket's own is left, of a connection
        that was given up or that the module refused, neither a number nor a byte."""
        if self.over is not None:
            self.over.undo()  # Stepwise: the host's TLS has its own way not to wait
        self.id = -1
        self.address_on_module = b""
        self.asked_for = self.wrote = self.pending = 0
        self.ahead_at = self.ahead_end = 0
        self.spill = None
        self.peer_closed = self.ended = False
        self.engine = "host"
        self.over = stream

    def take_back(self):
        """Its connection did not come about: the socket is as before hand_over()."""
        self.over = self.cork = self.engine = None
        if self.timeout_ms == 0:
            self.own_settimeout(0)

    def mark(self, opened):
        """The connection of the host's TLS is open, or (False) closed for good."""
        self.state = _OPEN if opened else _CLOSED
