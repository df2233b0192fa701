"""What sockets do when something did not go as it should. Imported only then.

The first argument of each is the Socket that it happened to. After a failure that may have lost
bytes of its stream a socket never goes on as if it had not.
"""

from ..at.channel import Exchange
from ..const import const
from ..errors import errno

# Exchange.code of at.py
_RUNNING = const(-1)
_TIMED_OUT = const(-2)
_RESTARTED = const(-3)
_LOST = const(-4)

# states of Socket
_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)
_DEAD = const(3)

_OPEN_MS = const(35000)
_TRUSTED = const(730)  # bytes by one command that are known to work [k.1]
_SURPLUS_MAX = const(4096)  # more than this beyond what was asked is not believed


# opening -------------------------------------------------------------------------------------
def connect(sock, address, mode):
    """connect() of a socket that is not new, or is to be made a TLS one."""
    if sock._state == _OPENING:
        from .connect import start

        sock._end = sock._deadline()
        again = _go_on(sock)
        while again:
            again = start(sock, sock._exchange.command)
        return
    if sock._state != _NEW:
        raise OSError(errno.EINVAL, "already connected, or closed")
    from ..arguments import address as checked

    address = checked(address)
    if sock._tls is None:
        from ..tls.context import SSLContext

        SSLContext().wrap_socket(sock)
    sock.connect(address)


def _go_on(sock):
    """SOCKON was started, and not waited for."""
    exchange = sock._exchange
    if exchange.code == _RUNNING:
        sock.channel.poll()
    if exchange.code == _RUNNING:
        if sock.timeout_ms == 0:
            raise OSError(errno.EINPROGRESS, "connecting")
        ms = sock.timeout_ms if sock.timeout_ms > 0 else _OPEN_MS
        if not sock.channel.wait(lambda: exchange.code != _RUNNING, ms):
            _give_up(sock)
    from .connect import ended

    return ended(sock, exchange.code)


def unopened(sock):
    """SOCKON could not be sent, is not to be waited for, or took too long."""
    if None not in sock._pool._open:
        raise OSError(errno.ENOMEM, "no free socket: the module has eight, close one")
    if sock.timeout_ms:
        _give_up(sock)
    if not sock.channel.start(sock._exchange):
        raise OSError(errno.EAGAIN, "the module is busy with another command")
    sock._state = _OPENING
    raise OSError(errno.EINPROGRESS, "connecting")


def _give_up(sock):
    """The caller's time is over. SOCKON cannot be called off: what it opens is nobody's."""
    if sock._exchange.code == _RUNNING:
        sock._exchange.on_line = sock._pool._on_stray
        sock._exchange = Exchange()
    sock._abandon()
    raise OSError(errno.ETIMEDOUT, "connect timed out")


def refused(sock):
    """SOCKON failed. True: try again, False: open after all; else the exception."""
    sock._abandon()
    exchange = sock._exchange
    code = exchange.code
    pool = sock._pool
    if code == 0:
        sock.channel.lose()
        raise OSError(errno.EIO, "SOCKON was answered without a socket number, or a wrong one")
    if code == 44:
        pool.radio._known = False  # the network is gone, and we heard nothing of it
        pool.radio._ip = None
    elif code == 75:
        pool._resyncs = -1  # it has some that nobody owns: closed before the next
    if sock._tls is not None and code > 0:
        return sock._tls[0].refused(sock, exchange, sock._got)
    sock.channel.check(exchange)


def drop(pool, n):
    """SOCKON gave a number that is in use. A byte was changed on its way, or the module restarted
    unheard: whose data come is not certain any more."""
    pool._open[n]._die()
    pool._open[n] = None
    pool._leaked |= 1 << n


# receiving -----------------------------------------------------------------------------------
def unread(sock, exchange):
    """SOCKR failed. The count was stale, perhaps: ask for the true one. Returns 0, or raises."""
    code = exchange.code
    if code == 0 or (code > 0 and sock._got >= 0):
        # No header came, an error after one, or more after the end: bytes were lost
        sock.channel.lose()
        exchange.text = None
        code = _TIMED_OUT
    _failed(sock, code)
    _distrust(sock._pool, code)
    sock._tries += 1
    sock._pending = 0
    from .silence import ask

    ask(sock)
    if sock._tries > 3:
        sock.channel.check(exchange)
    return 0


def interrupted(sock):
    """The last read ended by Ctrl-C: its bytes are lost."""
    _failed(sock, _TIMED_OUT)


def surplus(sock, parser, n):
    """The header of a read is odd. Returns a buffer for what comes beyond the bytes asked for
    ("more data received than requested can occur"), or None: it is not to be believed. [g.3]"""
    more = n - sock._asked_for
    if not 0 < more <= _SURPLUS_MAX or parser.number(2) < 0:
        sock._die()
        sock.channel.lose()
        return None
    sock._spill = bytearray(more)
    return sock._spill


def unanswered(sock, exchange):
    """SOCKQ failed."""
    code = exchange.code
    _failed(sock, code)
    if code in (72, 78) or (code == 76 and sock._kind):
        if code == 76 and not sock._peer_closed:
            sock._ended = True  # a client that has gone unheard: what it sent last may be lost
        sock._peer_closed = True
        sock._pending = 0
        return
    if code == 76:  # not ours any more: a restart that was not heard, perhaps
        sock._pool._resyncs = -1
        sock._die()
    sock.channel.check(exchange)


def not_open(sock):
    """A call that needs an open socket. Returns if it is open now."""
    if sock._state == _OPENING:
        sock.connect(sock.address)
    if sock._state == _DEAD:
        raise OSError(errno.ENOTCONN, "the connection was lost with the module's restart or reply")
    if sock._state != _OPEN:
        raise OSError(errno.ENOTCONN, "not connected")


def closed(sock):
    """A send() to a connection that is over."""
    if sock._kind and sock._state == _OPEN:
        raise OSError(errno.ECONNRESET, "the client has gone")
    raise OSError(errno.ENOTCONN, "the other side has closed the connection")


def past_tls(sock):
    """End a call that would send or read in clear on a socket whose TLS is the host's.

    Only the plain socket below the TLS may do that. A call gets here through nothing but a fault
    in a layer over the socket. The connection ends with it: OSError (ENOTCONN)."""
    sock._die()
    sock.close()
    raise OSError(errno.ENOTCONN, "closed, because bytes would have gone past the host's TLS")


# sending -------------------------------------------------------------------------------------
def unsent(sock, exchange):
    """SOCKW failed."""
    if sock._kind and exchange.code in (72, 76, 78):
        sock._peer_closed = True
        closed(sock)
    _failed(sock, exchange.code)
    _distrust(sock._pool, exchange.code)
    sock._die()
    sock.channel.check(exchange)


def _failed(sock, code):
    """Raise if bytes of this stream may have been lost."""
    if code in (1, _TIMED_OUT, _RESTARTED, _LOST):
        _distrust(sock._pool, code)
        if code == 1:  # not found: something stood before it, of a write perhaps
            sock._pool._on_stray(None)
        sock._die()
        exchange = sock._exchange
        exchange.code = code
        sock.channel.check(exchange)


def _distrust(pool, code):
    """A chunk larger than what everybody uses is trusted only while it works. [decision 3]"""
    if code not in (72, 76, 78):  # the socket is closed
        pool.chunk = min(pool.chunk, _TRUSTED)
