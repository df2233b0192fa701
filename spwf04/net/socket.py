"""Socket: a TCP or TLS client over one of the module's eight.

Life of a socket, one int `_state`, changed only where this says:

    NEW --connect()--> OPENING --On:--> OPEN --close()--> CLOSED
                          |               |
                          +--error--> NEW +--bytes lost, restart--> DEAD --close()--> CLOSED

Connecting is in opening.py, receiving and sending in transfer.py; what goes wrong is dealt with
in mishap.py.

recv_into, send, settimeout and close go to the layer that is over the socket (_over), if there is
one. The socket's own have an underscore: _recv_into and so on. A layer calls these, of the Socket
or of the layer that it lies on, and never the public ones: so no call comes back to where it came
from, and none goes past a layer.
"""

from ..at.channel import Exchange, forget, rare
from ..const import const

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


def time_out(value):
    """A time-out as all layers take it: None, or seconds for which int(value * 1000) is right."""
    if value is None or (type(value) in (int, float) and (value == 0 or 0.1 < value < 9999)):
        return value
    from ..checks import seconds

    return seconds(value)


class Socket(IOBase):  # pyright: ignore
    """A TCP or, after SSLContext.wrap_socket(), TLS socket; made by SocketPool.socket().

    Besides the methods below: recv_into and send (transfer.py), recv, read, readinto, readline,
    write, sendall (stream.py), bind, listen and accept (server.py), makefile (makefile.py), ioctl
    for select.poll() and asyncio (stepwise.py), setblocking, setsockopt, version and cipher
    (odds.py).

    Blocking until settimeout() or setblocking() says otherwise. All errors are OSError:
    ETIMEDOUT, EAGAIN (time-out 0), ENOTCONN (not connected, closed, or its module restarted),
    ECONNREFUSED, EHOSTUNREACH, ENOMEM (all eight in use).
    """

    type = _STREAM
    engine = None  # whose TLS it uses: "module" or "host"; None: none
    timeout_ms = -1  # -1: wait as long as the module answers
    address = None
    _end = None  # when connect() must be over
    _rare = "Socket"
    _over = None  # who gets the calls: a Cork, Stepwise, hosttls_layer.Layer or server.Server
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
    _asked_for = 0  # bytes: of the last SOCKR
    _wrote = 0  # bytes: of the last SOCKW
    # read ahead: a buffer made at the first small read, and its valid part
    _ahead = None
    _ahead_at = _ahead_end = 0
    _spill = None  # what the module gave beyond what was asked
    _sink = None  # where a read in flight goes
    _view = None  # the memoryview that was found fit to be read into, see transfer.py
    __getattr__ = rare

    def __init__(self, pool):
        self._pool = pool
        self.channel = pool.channel
        self._exchange = Exchange()
        # _got: what the reply told, or -1: the code of a certificate error, or how many bytes are
        # in _sink; _reading, _writing: the commands for _asked_for and _wrote bytes;
        # _header: how the reply to _reading begins

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None):
        """Connect to (host, port): host is a name or IPv4 address as str, port 1..65535.

        For TLS the module verifies the server's chain and name here: CertificateError says what
        is missing. With time-out 0 it starts and raises EINPROGRESS; the next call goes on.
        mode: radio.TLS_MODE makes it a TLS socket, as drivers without an ssl module have it.
        """
        try:
            from .connect import connect

            connect(self, address, mode)
        finally:
            connect = None
            if self._state != _OPENING:  # or it is needed again at once
                forget("net.connect")
                forget("arguments")
        if self._state == _OPEN:
            from .transfer import send  # noqa: F401 (the methods, before the first data)

    def left(self, seconds) -> float:
        """The seconds that connect() has left for something else than SOCKON, at most `seconds`.

        A socket that has no time limit, or must not wait, has `seconds`.
        """
        if self.timeout_ms <= 0 or self._end is None:
            return seconds
        return max(0.01, min(seconds, self.channel.left(self._end) / 1000))

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

    def _die(self):
        if self._state == _OPEN:
            self._state = _DEAD
        self._pending = self._ahead_at = self._ahead_end = 0
        self._spill = None

    def _check_open(self):
        """Raise unless the socket is open."""
        if self._state != _OPEN:
            from .failure import not_open

            not_open(self)

    # the rest --------------------------------------------------------------------------------
    def settimeout(self, value):
        """Time limit in seconds, of a connect() as a whole, and of each receive; None: none, 0:
        never wait."""
        value = time_out(value)
        if self._over is not None:
            self._over.settimeout(value)
        else:
            self._settimeout(value)

    def _settimeout(self, value):
        self.timeout_ms = -1 if value is None else int(value * 1000)
        if value == 0 and self.engine != "host":  # see hosttls_layer.Layer
            from .stepwise import Stepwise

            Stepwise(self)

    def close(self):
        """Close; may be called again. Data that wait are thrown away, within a bound. [k.4]"""
        if self._over is not None:
            self._over.close()
        else:
            self._close()

    def _close(self):
        state = self._state
        if state == _OPENING:
            self._exchange.on_line = self._pool._on_stray
        elif state != _CLOSED:
            self._pending = self._ahead_at = self._ahead_end = 0
            self._ahead = self._spill = self._view = None
            n = self._abandon()
            self._state = _CLOSED
            if n >= 0:
                self._pool._release(n)
        self._state = _CLOSED
