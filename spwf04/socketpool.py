"""TCP and TLS client sockets over the module's eight.

Life of a socket, one int `_state`, changed only where this says:

    NEW --connect()--> OPENING --On:--> OPEN --close()--> CLOSED
                          |               |
                          +--error--> NEW +--bytes lost, restart--> DEAD --close()--> CLOSED

Data wait in the module. An indication says so; they are pulled by SOCKR straight into the
caller's buffer, or, for small reads, through a read-ahead buffer.
"""

from .at import Exchange, plain_argument
from .parser import const

try:
    from io import IOBase  # what select.poll() of MicroPython wants

    if hasattr(IOBase, "readline"):  # CPython's does more than give a name
        IOBase = object
except ImportError:
    IOBase = object

try:
    import errno
except ImportError:
    from .errors import errno

# Exchange.code of at.py
_RUNNING = const(-1)
_TIMED_OUT = const(-2)
_RESTARTED = const(-3)
_LOST = const(-4)

_AF_INET = const(2)
_SOCK_STREAM = const(1)

_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)
_DEAD = const(3)
_CLOSED = const(4)

_CUT = const(2)  # Socket._ended: by the network, not by the other side

_SOCKETS = const(8)  # [g.1]
_OPEN_MS = const(35000)  # ST waits 20-30 s for SOCKON [g.1]
_MS = const(10000)  # MBED's limit for sending; all other socket commands are faster [k.20]
_SMALL = const(256)  # reads below this are served from a buffer that is read ahead
_AHEAD = const(730)  # its size: a page of a web server's is there with one command
_SURPLUS_MAX = const(4096)  # more than this beyond what was asked is not believed

# Fourth arguments of SOCKON that are not names; a server called so must not become plain TCP
_KINDS = (b"t", b"u", b"s", b"s1", b"s2")


class gaierror(OSError):
    """Raised by SocketPool.getaddrinfo() for a host that cannot be one."""


def _host(host):
    """Check a host name or address and return it as bytes; nothing is sent."""
    host = plain_argument(host, "host", 255)
    if not host or b" " in host:
        raise ValueError("host must not be empty or contain blanks")
    return host


def server_name(name):
    """Check a server name for TLS and return it as bytes. [decision 6]

    ValueError for names that SOCKON takes for something else: t, u, s, s1, s2.
    """
    name = _host(name)
    if name.lower() in _KINDS:
        raise ValueError(
            "a server cannot be called %s: the module would not use TLS" % name.decode()
        )
    return name


class SocketPool:
    """The module's sockets, as CircuitPython's socketpool. One per radio: SocketPool(radio)
    returns the one that exists.

    chunk: most bytes moved by one command, 730 by default because of firmware bugs. [k.1]
    quiet_ms: silence after which the module is asked whether data wait. [decision 2]
    """

    # Numbers as in CircuitPython's socketpool; more of them in more.py
    AF_INET = 2
    SOCK_STREAM = 1
    gaierror = gaierror

    def __new__(cls, radio):
        if radio._pool is None:
            radio._pool = object.__new__(cls)
            radio._pool._setup(radio)
        return radio._pool

    def __getattr__(self, name):
        from .rare import method

        return method(self, name)

    def _setup(self, radio):
        self.radio = radio
        self.channel = channel = radio.channel
        self.chunk = 730
        self.quiet_ms = 500
        self.flush = None  # sends what cork.py holds back
        self._open = [None] * _SOCKETS  # id -> Socket
        self._leaked = 0  # bit mask of ids that are open on the module and ours no more
        self._resyncs = 0  # of the channel, when the module was last asked for its sockets
        self._leftovers = channel.generation == 0  # the module may have sockets of an earlier run
        channel.on_indication[55] = self._on_pending
        channel.on_indication[58] = self._on_closed
        channel.on_restart.append(self._on_restart)
        channel.on_stray = self._on_stray
        channel.on_damage = self._on_damage
        self._writer = None  # the socket that wrote last

    # what the module says by itself ----------------------------------------------------------
    def _on_pending(self, parser):
        """+WIND:55:Pending Data:<sid>:<cid>:<received>:<cumulated>; no sid: a client. [g.7]"""
        if parser.number(3) >= 0:
            return
        n = parser.number(4)
        if 0 <= n < _SOCKETS and self._open[n] is not None:
            self._open[n]._on_pending(parser)

    def _on_closed(self, parser):
        """+WIND:58:Socket Closed:<cid>:<reason>; the id stays taken until SOCKC. [g.5]

        parser None: the network was lost, WIND 33. What the network took away is no end of a
        stream, whichever of the two comes first.
        """
        n = -1 if parser is None else parser.number(3)
        down = self.radio._known and self.radio._ip is None
        for sock in self._open:
            if sock is not None and (sock._id == n or (n < 0 and sock._peer_closed)):
                sock._peer_closed = True
                if down and not sock._ended:
                    sock._ended = _CUT

    def _on_restart(self):
        for n in range(_SOCKETS):
            if self._open[n] is not None:
                self._open[n]._die()
                self._open[n] = None
        self._leaked = 0
        self._leftovers = False

    def _on_damage(self):
        if self._writer is not None:
            self._writer._die()

    def _on_stray(self, parser):
        # The answer to a SOCKON that we had given up: that socket is nobody's
        if parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            if 0 <= n < _SOCKETS and self._open[n] is None:
                self._leaked |= 1 << n

    # ids -------------------------------------------------------------------------------------
    def _release(self, n):
        """Close id n on the module; what cannot be closed now is closed before the next open."""
        self._leaked |= 1 << n
        exchange = Exchange().prepare(b"AT+S.SOCKC=%d\r" % n, None, _MS)
        self.channel.run(exchange)
        if exchange.code == 77:
            from .reclaim import drain

            drain(self, n, exchange)
        if exchange.code in (0, 72, 76, _RESTARTED):
            self._leaked &= ~(1 << n)

    def _reclaim(self):
        """Before an open: have no socket on the module that nobody owns."""
        channel = self.channel
        if channel.resyncs != self._resyncs:  # replies were lost: about sockets, perhaps
            self._resyncs = channel.resyncs
            self._leftovers = True
        if self._leaked or self._leftovers:
            from .reclaim import reclaim

            reclaim(self)

    def _on_query(self, parser):
        if parser.starts(b"AT-S.Query:"):
            self._answer = parser.number(1)

    def _query(self, exchange, command):
        """SOCKQ: how many bytes wait; -1 with exchange.code set if it failed. [g.2]"""
        self._answer = -1
        exchange.on_line = self._on_query
        self.channel.run(exchange.prepare(command, None, _MS))
        if exchange.code == 0 and self._answer < 0:  # a byte of it was lost
            self.channel.run(exchange.prepare(command, None, _MS))
        exchange.on_line = None
        if exchange.code == 0 and self._answer < 0:
            self.channel.lose()
            exchange.code = _TIMED_OUT
        return -1 if exchange.code else self._answer

    # public ----------------------------------------------------------------------------------
    def socket(self, family=_AF_INET, type=_SOCK_STREAM, proto=0):
        """Return a new socket for TCP or (SOCK_DGRAM) UDP; nothing is sent."""
        if family == _AF_INET and type == _SOCK_STREAM:
            return Socket(self)
        from .rare import socket

        return socket(self, family, type)

    def getaddrinfo(self, host, port, family=0, type=0, proto=0, flags=0):
        """Return [(family, type, proto, "", (host, port))] without asking anybody.

        The name stays a name: the module resolves it in the same command that connects. An
        unknown name is thus noticed by connect().
        """
        try:
            _host(host)
        except ValueError as e:
            raise gaierror(errno.EINVAL, str(e))
        return [(_AF_INET, type or _SOCK_STREAM, proto, "", (host, port))]


class Socket(IOBase):  # pyright: ignore
    """A TCP or, after SSLContext.wrap_socket(), TLS socket; made by SocketPool.socket().

    Besides the methods below: bind, listen and accept (server.py), makefile (makefile.py), and
    ioctl for select.poll() and asyncio (stepwise.py).

    Blocking until settimeout() or setblocking() says otherwise. All errors are OSError:
    ETIMEDOUT, EAGAIN (time-out 0), ENOTCONN (not connected, closed, or its module restarted),
    ECONNREFUSED, EHOSTUNREACH, ENOMEM (all eight in use).
    """

    type = _SOCK_STREAM
    _kind = b""  # of its commands: SOCKR; D for those of a server's client, SOCKDR
    _key = b""  # what they name it by
    _next = None  # who gets the calls first: a Cork, Stepwise, hosttls.Layer or server.Server
    engine = None  # whose TLS it uses: "module" or "host"; None: none

    def __init__(self, pool):
        self._pool = pool
        self.channel = pool.channel
        self._state = _NEW
        self._id = -1
        self.timeout_ms = -1  # -1: wait as long as the module answers
        self._tls = None  # (SSLContext, server name as bytes or None)
        self.address = None
        self._pending = 0  # bytes that wait in the module, as far as we know
        self._owed = 0  # bytes announced and not read
        self._fresh = False  # an indication came since the module was asked last
        self._peer_closed = False
        self._ended = False  # end of stream was reported
        self._quiet = None  # when to ask the module again
        self._exchange = Exchange(self._on_line)
        self._certificate_code = -1
        # the read in flight
        self._asked_for = 0
        self._tries = 0  # reads refused in a row
        self._asked = 0  # questions asked in silence
        self._started = False  # something was sent
        self.command = b""
        self._sink = None
        self._got = 0
        # read ahead: a buffer made at the first small read, and its valid part
        self._ahead = None
        self._ahead_at = 0
        self._ahead_end = 0
        self._spill = None  # what the module gave beyond what was asked

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def __getattr__(self, name):
        from .rare import method

        return method(self, name)

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None):
        """Connect to (host, port): host is a name or IPv4 address as str, port 1..65535.

        For TLS the module verifies the server's chain and name here: CertificateError says what
        is missing. With time-out 0 it starts and raises EINPROGRESS; the next call goes on.
        mode: radio.TLS_MODE makes it a TLS socket, as drivers without an ssl module have it.
        """
        if self._state == _OPENING:
            again = self._finish_opening()
            while again:
                again = self._open(self._exchange.command)
            return
        if self._state != _NEW:
            raise OSError(errno.EINVAL, "already connected, or closed")
        if mode == 2:
            from .rare import settimeout

            settimeout(self, mode)
        host, port = address[0], address[1]
        if not isinstance(port, int) or not 0 < port < 65536:
            raise ValueError("port must be 1 to 65535")
        name = _host(host)
        kind = b"t"
        if self._tls is not None:
            kind = self._tls[0]._kind(self._tls[1], name)
        self.address = (host, port)
        command = b"AT+S.SOCKON=%s,%d,NULL,%s\r" % (name, port, kind)
        self._exchange.prepare(command, None, _OPEN_MS)
        self.channel.poll()  # a boot leaves nothing to be reclaimed
        self._pool._reclaim()
        if self._tls is not None and self._tls[0]._before_connect(self, self.address):
            return
        while self._open(command):
            pass

    def _open(self, command):
        """Send SOCKON; True if it failed, and is worth another try."""
        pool = self._pool
        if pool._open.count(None) == 0:
            # The module would say 75, or hang [T20]
            raise OSError(errno.ENOMEM, "no free socket: the module has eight, close one")
        channel = self.channel
        exchange = self._exchange.prepare(command, None, _OPEN_MS)
        self._certificate_code = self._id = -1
        self._pending = self._owed = 0
        self._peer_closed = self._ended = False
        self._state = _OPENING
        if self.timeout_ms == 0:
            if not channel.start(exchange):
                self._state = _NEW
                raise OSError(errno.EAGAIN, "the module is busy with another command")
            raise OSError(errno.EINPROGRESS, "connecting")
        if not channel.run(exchange, self._deadline()):
            self._give_up()
        return self._finish_opening()

    def _finish_opening(self):
        """Take the result of SOCKON, which has ended or is still in flight."""
        exchange = self._exchange
        if exchange.code == _RUNNING:
            self.channel.poll()
        if exchange.code == _RUNNING:
            if self.timeout_ms == 0:
                raise OSError(errno.EINPROGRESS, "connecting")
            ms = self.timeout_ms if self.timeout_ms > 0 else _OPEN_MS
            if not self.channel.wait(lambda: self._exchange.code != _RUNNING, ms):
                self._give_up()
        code = exchange.code
        if code == 0 and self._id >= 0:
            self._state = _OPEN
            self._quiet = None
            if self._tls is not None:
                self._tls[0]._connected(self)
            return False
        self._abandon()
        if code == 0:
            self.channel.lose()
            raise OSError(errno.EIO, "SOCKON was answered without a socket number, or a wrong one")
        if code == 44:
            self._pool.radio._known = False  # the network is gone, and we heard nothing of it
            self._pool.radio._ip = None
        elif code == 75:
            self._pool._leftovers = True  # it has some that nobody owns: closed before the next
        if self._tls is not None and code > 0:
            from .more import tls

            return tls(self, exchange, self._certificate_code)
        self.channel.check(exchange)

    def _give_up(self):
        """The caller's time is over. SOCKON cannot be called off: what it opens is nobody's."""
        if self._exchange.code == _RUNNING:
            self._exchange.on_line = self._pool._on_stray
            self._exchange = Exchange(self._on_line)
        self._abandon()
        raise OSError(errno.ETIMEDOUT, "connect timed out")

    def _abandon(self):
        """The id is no more this socket's; return it, or -1."""
        pool = self._pool
        n = self._id
        self._state = _NEW
        self._id = -1
        if n < 0 or pool._open[n] is not self:
            return -1
        pool._open[n] = None
        pool._leaked |= 1 << n
        return n

    def _deadline(self):
        return None if self.timeout_ms < 0 else self.channel.deadline(self.timeout_ms)

    def _on_line(self, parser):
        """A line in reply to SOCKON or SOCKR."""
        if self._state == _OPEN:
            if parser.starts(b"AT-S.Reading:"):
                self._on_reading(parser)
        elif parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            if 0 <= n < _SOCKETS:
                pool = self._pool
                if pool._open[n] is not None:
                    # A byte was changed on its way, or the module restarted unheard: whose data
                    # come is not certain any more
                    pool._open[n]._die()
                    pool._open[n] = None
                    pool._leaked |= 1 << n
                    return
                # now, because a server that speaks first may be announced right after the OK
                self._id = n
                self._key = b"%d" % n
                pool._open[n] = self
        elif parser.starts(b"AT-S.Certificate Error:"):
            self._certificate_code = max(0, parser.number(1))
        # else "Skip CA", "Loading:1:2", "Http …": not needed, not always there [h.2]

    # receiving -------------------------------------------------------------------------------
    def _on_pending(self, parser):
        count = parser.number(5)
        if count > 0:
            self._owed += count
        count = parser.number(6)
        if count > self._pending:  # less is stale news [g.7]
            self._pending = count
        self._fresh = True

    def recv_into(self, buffer, nbytes=0):
        """Receive up to nbytes (0: len(buffer)) into buffer and return how many.

        At least one byte, unless the stream has ended: 0 once, ENOTCONN after that. Waits as
        settimeout() says. No command if the bytes are here already, else one SOCKR, when an
        indication has announced them. Allocates nothing in the steady state.
        """
        over = self._next
        if over is not None and not over.busy:
            over.busy = True
            try:
                return over.recv_into(buffer, nbytes)
            finally:
                over.busy = False
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        if n == 0:
            return 0
        if self._ahead_at != self._ahead_end:
            return self._from_ahead(buffer, n)
        if self._state != _OPEN:
            self._check_open()
        deadline = None
        waiting = False
        while True:
            if self._pending == 0:
                self.channel.poll()
            if self._state != _OPEN:
                self._check_open()
            if self._pending:
                self._quiet = None
                if n >= self._pending or n >= _SMALL:
                    got = self._read(buffer, n)
                else:
                    if self._ahead is None or len(self._ahead) != _AHEAD:
                        self._ahead = bytearray(_AHEAD)
                    self._ahead_end = 0
                    self._ahead_at = 0
                    self._ahead_end = self._read(self._ahead, _AHEAD)
                    got = self._from_ahead(buffer, n) if self._ahead_end else 0
                if got:
                    return got
                continue
            if self._ended is True:
                raise OSError(errno.ENOTCONN, "the connection is closed")
            if self._peer_closed:
                # An indication may have been lost: the last bytes first [g.7, k.5]
                if self._ask() <= 0:
                    if self._owed > 0:  # more was announced: ask again, a digit may be lost
                        self._owed = 0
                        continue
                    if self._ended:
                        raise OSError(errno.ENOTCONN, "the network was lost")
                    self._ended = True
                    return 0
                continue
            if not waiting:
                waiting = True
                if self._pool.flush is not None:
                    self._pool.flush()  # see cork.py
                deadline = self._deadline()
                if self._quiet is None:
                    self._quiet = self.channel.deadline(self._pool.quiet_ms)
            if self.channel.expired(self._quiet):
                self._ask()
                self._asked += 1
                if self._asked & 7 == 0 and not self._pending and not self._kind:
                    from .reclaim import gone

                    if gone(self._pool, self._id):
                        self._peer_closed = True
                self._quiet = self.channel.deadline(self._pool.quiet_ms)
                continue
            if self.channel.expired(deadline):
                if self.timeout_ms == 0:
                    raise OSError(errno.EAGAIN, "no data yet")
                raise OSError(errno.ETIMEDOUT, "no data in time")
            self.channel.step()

    def _from_ahead(self, buffer, n):
        ahead = self._ahead
        at = self._ahead_at
        if n > self._ahead_end - at:
            n = self._ahead_end - at
        i = 0
        while i < n:
            buffer[i] = ahead[at]
            i += 1
            at += 1
        if at == self._ahead_end:
            at = self._ahead_end = 0
            if self._spill is not None:  # then what came beyond
                self._ahead = self._spill
                self._ahead_end = len(self._spill)
                self._spill = None
        self._ahead_at = at
        return n

    def _read(self, buffer, n):
        """One SOCKR of at most n bytes into buffer; return what came, 0 if nothing did."""
        if self._sink is not None:  # the last was interrupted: its bytes are lost
            self._failed(_TIMED_OUT)
        if n > self._pending:
            n = self._pending
        if n > self._pool.chunk:
            n = self._pool.chunk
        if n != self._asked_for:
            self.command = b"AT+S.SOCK%sR=%s,%d\r" % (self._kind, self._key, n)
            self._asked_for = n
        self._sink = buffer
        self._got = -1
        exchange = self._exchange.prepare(self.command, None, _MS)
        self.channel.run(exchange)
        self._sink = None
        code = exchange.code
        if code == 0 and self._got < 0:  # no header came: bytes of it were lost
            self.channel.lose()
            code = _TIMED_OUT
        if code == 0:
            self._tries = 0
            if self._spill is not None and self._ahead_at == self._ahead_end:
                if buffer is not self._ahead:
                    self._ahead = self._spill
                    self._ahead_at = 0
                    self._ahead_end = len(self._spill)
                    self._spill = None
            return self._got
        self._failed(code)
        # The count was stale, perhaps: ask for the true one
        self._tries += 1
        self._pending = 0
        self._ask()
        if self._tries > 3:
            self.channel.check(exchange)
        return 0

    def _on_reading(self, parser):
        """AT-S.Reading:<n>:<m>: n bytes follow at once; m means nothing. [g.3, decision 3]"""
        n = parser.number(1)
        asked = self._asked_for
        if n < 0 or n > asked + _SURPLUS_MAX or parser.number(-1) < 0 or self._got >= 0:
            self._die()
            self.channel.lose()
            return
        self._owed -= n
        spill = None
        if n > asked:  # "more data received than requested can occur" [g.3]
            spill = self._spill = bytearray(n - asked)
            self._got = asked
        else:
            self._got = n
        if n < asked:
            self._pending = 0
        else:
            self._pending = max(0, self._pending - n)
        parser.expect_data(n, self._sink, self._got, spill)

    def _ask(self):
        """SOCKQ; return the bytes that wait, or -1 if the module knows the socket no more."""
        exchange = Exchange()
        self._fresh = False
        n = self._pool._query(exchange, b"AT+S.SOCK%sQ=%s\r" % (self._kind, self._key))
        if n >= 0:
            if not (self._fresh and self._pending > n):
                self._pending = n
            return n
        self._failed(exchange.code)
        if exchange.code == 76:  # not ours any more: a restart that was not heard, perhaps
            self._pool._leftovers = True
            self._die()
        elif exchange.code in (72, 78):
            self._peer_closed = True
            self._pending = 0
            return -1
        self.channel.check(exchange)
        return -1

    def _failed(self, code):
        """After a failure that may have lost bytes of this stream: never go on as if not."""
        if code in (1, _TIMED_OUT, _RESTARTED, _LOST):
            if code == 1:  # not found: something stood before it, of a write perhaps
                self._pool._on_damage()
            exchange = self._exchange
            self._die()
            exchange.code = code
            self.channel.check(exchange)

    def _die(self):
        if self._state == _OPEN:
            self._state = _DEAD
        self._pending = self._ahead_at = self._ahead_end = 0
        self._spill = None

    def _check_open(self):
        """Raise unless the socket is open."""
        if self._state == _OPENING:
            self.connect(self.address)
        if self._state == _DEAD:
            raise OSError(
                errno.ENOTCONN, "the connection was lost with the module's restart or reply"
            )
        if self._state != _OPEN:
            raise OSError(errno.ENOTCONN, "not connected")

    def recv(self, size):
        """Receive up to size bytes and return them; b"" once at the end of the stream."""
        buffer = bytearray(size)
        n = self.recv_into(buffer)
        return bytes(buffer) if n == size else bytes(memoryview(buffer)[:n])

    # as a stream -----------------------------------------------------------------------------
    def readinto(self, buffer, nbytes=-1):
        """As recv_into(); None instead of EAGAIN, 0 for good at the end of the stream."""
        try:
            return self.recv_into(buffer, len(buffer) if nbytes < 0 else nbytes)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            if self._ended is True:
                return 0
            raise

    def read(self, nbytes=-1):
        """Read nbytes, or everything up to the end of the stream (-1).

        Fewer at the end. Non-blocking: what is there, None if nothing is.
        """
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

    def readline(self):
        """Read up to and with the next LF, or to the end of the stream."""
        data = bytearray()
        one = bytearray(1)
        while True:
            n = self.readinto(one, 1)
            if not n:
                return None if n is None and not data else bytes(data)
            data.extend(one)
            if one[0] == 10:
                return bytes(data)

    # sending ---------------------------------------------------------------------------------
    def send(self, data):
        """Send all of data (bytes-like) and return its length: one SOCKW per `pool.chunk` bytes.

        An SOCKW that fails is never sent again, because its data might have gone out: the
        socket is closed and the error raised. [k.1, g.4]
        """
        over = self._next
        if over is not None and not over.busy:
            over.busy = True
            try:
                return over.send(data)
            finally:
                over.busy = False
        self._check_open()
        self.channel.poll()
        if self._state != _OPEN or self._ended or self._peer_closed:
            # Not sent: the module takes the payload of a refused SOCKW for commands [g.4]
            raise OSError(errno.ENOTCONN, "the other side has closed the connection")
        total = len(data)
        if not self._started:
            self._started = True
            if total and data[0] in b"GPHDO\x10" and bytes(data[-4:]) != b"\r\n\r\n":
                # an HTTP request or an MQTT packet, perhaps, and not whole
                from .rare import send

                return send(self, data)
        chunk = self._pool.chunk
        at = 0
        while at < total:
            part = data
            if total > chunk:
                part = memoryview(data)[at : at + chunk]
            self._send(part)
            at += len(part)
        return total

    def _send(self, data):
        exchange = self._exchange
        self._pool._writer = self
        command = b"AT+S.SOCK%sW=%s,%d\r" % (self._kind, self._key, len(data))
        self.channel.run(exchange.prepare(command, data, _MS))
        if exchange.code:
            self._failed(exchange.code)
            self._die()
            self.channel.check(exchange)

    def sendall(self, data):
        """As send(); returns None."""
        self.send(data)

    def write(self, data, nbytes=-1):
        """As send(), of the first nbytes of data; str is sent as UTF-8. None instead of EAGAIN."""
        if isinstance(data, str):
            data = data.encode()
        if 0 <= nbytes < len(data):
            data = memoryview(data)[:nbytes]
        try:
            return self.send(data)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
            return None

    # the rest --------------------------------------------------------------------------------
    def settimeout(self, seconds):
        """Time limit of connect and receive in seconds; None: none, 0: never wait."""
        over = self._next
        if over is not None and not over.busy:
            over.busy = True
            try:
                return over.settimeout(seconds)
            finally:
                over.busy = False
        self.timeout_ms = -1 if seconds is None else int(seconds * 1000)
        if seconds == 0:
            from .rare import settimeout

            settimeout(self)

    def setblocking(self, value):
        """setblocking(True) is settimeout(None), setblocking(False) is settimeout(0)."""
        self.settimeout(None if value else 0)

    def version(self):
        """The TLS version of an open TLS socket, else None. The module has 1.2. [2.6]"""
        if self.engine is None or self._state != _OPEN:
            return None
        from .rare import version

        return version

    def cipher(self):
        """(name, version, bits) of an open TLS socket as far as known, else None.

        The module does not tell; the host's TLS does.
        """
        return None

    def setsockopt(self, level, option, value):
        """TCP_NODELAY (6, 1): never hold small writes back, see cork.py; else without effect."""
        self._started = (level, option) == (6, 1) and bool(value)

    def close(self):
        """Close; may be called again. Data that wait are thrown away, within a bound. [k.4]"""
        over = self._next
        if over is not None and not over.busy:
            over.busy = True
            try:
                return over.close()
            finally:
                over.busy = False
        state = self._state
        if state == _CLOSED:
            return
        self._state = _CLOSED
        self._ahead_at = self._ahead_end = self._pending = 0
        self._ahead = self._spill = None
        pool = self._pool
        if state == _OPENING:
            self._exchange.on_line = pool._on_stray
            return
        n = self._abandon()
        self._state = _CLOSED
        if n >= 0:
            pool._release(n)
