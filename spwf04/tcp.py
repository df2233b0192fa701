"""Socket: a TCP or TLS client over one of the module's eight.

Life of a socket, one int `_state`, changed only where this says:

    NEW --connect()--> OPENING --On:--> OPEN --close()--> CLOSED
                          |               |
                          +--error--> NEW +--bytes lost, restart--> DEAD --close()--> CLOSED

Data wait in the module. An indication says so; they are pulled by SOCKR straight into the
caller's buffer, or, for small reads, through a read-ahead buffer. Connecting is in opening.py;
what goes wrong is dealt with in mishap.py.
"""

from .at import Exchange, forget, rare
from .parser import const

try:
    from io import IOBase  # what select.poll() of MicroPython wants

    if hasattr(IOBase, "readline"):  # CPython's does more than give a name
        IOBase = object
except ImportError:
    IOBase = object

_STREAM = const(1)

_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)
_DEAD = const(3)
_CLOSED = const(4)

_MS = const(10000)  # MBED's limit for sending; all other socket commands are faster [k.20]
_SMALL = const(256)  # reads below this are served from a buffer that is read ahead
_AHEAD = const(730)  # its size: a page of a web server's is there with one command


class Socket(IOBase):  # pyright: ignore
    """A TCP or, after SSLContext.wrap_socket(), TLS socket; made by SocketPool.socket().

    Besides the methods below: recv, read, readinto, readline, write, sendall (stream.py), bind,
    listen and accept (server.py), makefile (makefile.py), ioctl for select.poll() and asyncio
    (stepwise.py), setblocking, setsockopt, version and cipher (odds.py).

    Blocking until settimeout() or setblocking() says otherwise. All errors are OSError:
    ETIMEDOUT, EAGAIN (time-out 0), ENOTCONN (not connected, closed, or its module restarted),
    ECONNREFUSED, EHOSTUNREACH, ENOMEM (all eight in use).
    """

    type = _STREAM
    engine = None  # whose TLS it uses: "module" or "host"; None: none
    timeout_ms = -1  # -1: wait as long as the module answers
    address = None
    _rare = "Socket"
    _over = None  # who gets the calls first: a Cork, Stepwise, hosttls.Layer or server.Server
    _kind = b""  # of its commands: SOCKR; D for those of a server's client, SOCKDR
    _key = b""  # what they name it by
    _state = _NEW
    _id = -1
    _tls = None  # (SSLContext, server name as bytes or None)
    _pending = 0  # bytes that wait in the module, as far as we know
    _owed = 0  # bytes announced and not read
    _fresh = False  # an indication came since the module was asked last
    _peer_closed = False
    _ended = False  # end of stream was reported; or _CUT
    _quiet = None  # when to ask the module again
    _asked = 0  # questions asked in silence, see silence.py
    _tries = 0  # reads refused in a row
    _started = False  # something was sent
    _asked_for = 0  # bytes: of the SOCKR that _reading is
    _wrote = 0  # bytes: of the SOCKW that _writing is
    # read ahead: a buffer made at the first small read, and its valid part
    _ahead = None
    _ahead_at = _ahead_end = 0
    _spill = None  # what the module gave beyond what was asked
    _sink = None  # where a read in flight goes
    __getattr__ = rare

    def __init__(self, pool):
        self._pool = pool
        self.channel = pool.channel
        self._exchange = Exchange(self._on_reading)
        # of an open or read in flight: _certificate_code; _got: bytes in _sink, or -1

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def _via(self, name, *args):
        """Hand a call to whoever is over this socket. What that calls meanwhile (busy) is the
        socket's own. Callers may have kept the socket's methods from before it was there."""
        over = self._over
        over.busy = True
        try:
            return getattr(over, name)(*args)
        finally:
            over.busy = False

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None):
        """Connect to (host, port): host is a name or IPv4 address as str, port 1..65535.

        For TLS the module verifies the server's chain and name here: CertificateError says what
        is missing. With time-out 0 it starts and raises EINPROGRESS; the next call goes on.
        mode: radio.TLS_MODE makes it a TLS socket, as drivers without an ssl module have it.
        """
        try:
            from .opening import connect

            connect(self, address, mode)
        finally:
            connect = None
            if self._state != _OPENING:  # or it is needed again at once
                forget("opening")
                forget("argument")

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

    # receiving -------------------------------------------------------------------------------
    def _on_pending(self, parser):
        n = parser.number(5)
        if n > 0:
            self._owed += n
        n = parser.number(6)
        if n > self._pending:  # less is stale news [g.7]
            self._pending = n
        self._fresh = True

    def recv_into(self, buffer, nbytes=0):
        """Receive up to nbytes (0: len(buffer)) into buffer and return how many.

        At least one byte, unless the stream has ended: 0 once, ENOTCONN after that. Waits as
        settimeout() says. No command if the bytes are here already, else one SOCKR, when an
        indication has announced them. Allocates nothing in the steady state.
        """
        if self._over is not None and not self._over.busy:
            return self._via("recv_into", buffer, nbytes)
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        if self._ahead_at != self._ahead_end:
            return self._from_ahead(buffer, n)
        deadline = -1
        while n:
            if not self._pending:
                self.channel.poll()
            if self._state != _OPEN:
                self._check_open()
            if self._pending:
                self._quiet = None
                if n >= self._pending or n >= _SMALL:
                    nbytes = self._read(buffer, n)
                else:
                    if self._ahead is None or len(self._ahead) != _AHEAD:
                        self._ahead = bytearray(_AHEAD)
                    self._ahead_end = nbytes = self._read(self._ahead, _AHEAD)
                    if nbytes:
                        nbytes = self._from_ahead(buffer, n)
                if nbytes:
                    return nbytes
            elif not self._peer_closed:
                deadline = self._wait(deadline)
            else:
                from .silence import at_end

                if at_end(self):
                    break
        return 0

    def _wait(self, deadline):
        """One step of waiting for data; deadline: of the call, -1 if it has not waited yet."""
        pool = self._pool
        channel = self.channel
        if deadline == -1:
            if pool.flush is not None:
                pool.flush()  # see cork.py
            deadline = self._deadline()
            if self._quiet is None:
                self._quiet = channel.deadline(pool.quiet_ms)
        if channel.expired(self._quiet):
            from .silence import silent

            silent(self)
        elif channel.expired(deadline):
            from .silence import no_data

            no_data(self)
        else:
            channel.step()
        return deadline

    def _from_ahead(self, buffer, n):
        ahead = self._ahead
        at = self._ahead_at
        n = min(n, self._ahead_end - at)
        i = 0
        while i < n:
            buffer[i] = ahead[at]
            i += 1
            at += 1
        self._ahead_at = at
        if at == self._ahead_end:
            self._ahead_at = self._ahead_end = 0
            if self._spill is not None:  # then what came beyond
                self._ahead = self._spill
                self._ahead_end = len(self._spill)
                self._spill = None
        return n

    def _read(self, buffer, n):
        """One SOCKR of at most n bytes into buffer; return what came, 0 if nothing did."""
        if self._sink is not None:
            from .mishap import interrupted

            interrupted(self)
        n = min(n, self._pending, self._pool.chunk)
        if n != self._asked_for:
            self._asked_for = n
            self._reading = b"AT+S.SOCK%sR=%s,%d\r" % (self._kind, self._key, n)
        self._sink = buffer
        self._got = -1
        exchange = self._exchange
        if exchange.command is not self._reading:
            exchange.prepare(self._reading, None, _MS)
        self.channel.run(exchange)
        self._sink = None
        if exchange.code or self._got < 0:
            from .mishap import unread

            return unread(self, exchange)
        self._tries = 0
        if self._spill is not None and buffer is not self._ahead:
            self._from_ahead(buffer, 0)  # nothing is left there: now what came beyond
        return self._got

    def _on_reading(self, parser):
        """AT-S.Reading:<n>:<m>: n bytes follow at once; m means nothing. [g.3, decision 3]"""
        if not parser.starts(b"AT-S.Reading:"):
            return
        n = parser.number(1)
        spill = None
        if not 0 <= n <= self._asked_for or parser.number(2) < 0 or self._got >= 0:
            from .mishap import surplus

            spill = surplus(self, parser, n)
            if spill is None:
                return
        self._owed -= n
        self._pending = self._pending - n if self._asked_for <= n < self._pending else 0
        self._got = min(n, self._asked_for)
        parser.expect_data(n, self._sink, self._got, spill)

    def _die(self):
        if self._state == _OPEN:
            self._state = _DEAD
        self._pending = self._ahead_at = self._ahead_end = 0
        self._spill = None

    def _check_open(self):
        """Raise unless the socket is open."""
        if self._state != _OPEN:
            from .mishap import not_open

            not_open(self)

    # sending ---------------------------------------------------------------------------------
    def send(self, data):
        """Send all of data (bytes-like) and return its length: one SOCKW per `pool.chunk` bytes.

        An SOCKW that fails is never sent again, because its data might have gone out: the
        socket is closed and the error raised. [k.1, g.4] Allocates nothing in the steady state,
        but for a memoryview, which is copied.
        """
        if self._over is not None and not self._over.busy:
            return self._via("send", data)
        self._check_open()
        self.channel.poll()
        if self._state != _OPEN or self._peer_closed:
            # Not sent: the module takes the payload of a refused SOCKW for commands [g.4]
            from .mishap import closed

            closed()
        if isinstance(data, memoryview):
            data = bytes(data)  # once, not for each SOCKW
        total = len(data)
        if not self._started:
            self._started = True
            if total and data[0] in b"GPHDO\x10" and bytes(data[-4:]) != b"\r\n\r\n":
                # an HTTP request or an MQTT packet, perhaps, and not whole
                from .cork import send

                return send(self, data)
        at = 0
        while at < total:
            at += self._send(data, at)
        return total

    def _send(self, data, at):
        """One SOCKW of data from byte `at` on; return how many bytes it took."""
        n = min(len(data) - at, self._pool.chunk)
        if n != self._wrote:
            self._wrote = n
            self._writing = b"AT+S.SOCK%sW=%s,%d\r" % (self._kind, self._key, n)
        self._pool._writer = self
        exchange = self._exchange.prepare(self._writing, data, _MS)
        exchange.at = at
        exchange.end = at + n
        self.channel.run(exchange)
        if exchange.code:
            from .mishap import unsent

            unsent(self, exchange)
        return n

    # the rest --------------------------------------------------------------------------------
    def settimeout(self, seconds):
        """Time limit of connect and receive in seconds; None: none, 0: never wait."""
        if self._over is not None and not self._over.busy:
            return self._via("settimeout", seconds)
        self.timeout_ms = -1 if seconds is None else int(seconds * 1000)
        if seconds == 0 and self.engine != "host":  # see hosttls.Layer
            from .stepwise import Stepwise

            Stepwise(self)

    def close(self):
        """Close; may be called again. Data that wait are thrown away, within a bound. [k.4]"""
        if self._over is not None and not self._over.busy:
            return self._via("close")
        state = self._state
        if state == _OPENING:
            self._exchange.on_line = self._pool._on_stray
        elif state != _CLOSED:
            self._pending = self._ahead_at = self._ahead_end = 0
            self._ahead = self._spill = None
            n = self._abandon()
            self._state = _CLOSED
            if n >= 0:
                self._pool._release(n)
        self._state = _CLOSED
