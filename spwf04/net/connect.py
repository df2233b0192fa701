"""Opens a connection: SOCKON, and what its reply means.

What TLS needs beside that is the affair of the context that the socket was wrapped with, see
SSLContext: before_connect(), accepted(), refused().
"""

from ..arguments import address as checked
from ..arguments import server_name
from ..at.exchange import Exchange
from ..const import const

try:
    import errno
except ImportError:
    from ..errors import errno

# states of Socket
_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)

_RUNNING = const(-1)  # Exchange.code of channel.py

_SOCKETS = const(8)  # [g.1]
_OPEN_MS = const(35000)  # ST waits 20-30 s for SOCKON [g.1]
_TLS_MODE = const(2)  # as SPWF04.TLS_MODE


def connect(sock, address, mode=None):
    """Socket.connect(): same arguments."""
    if sock.state == _OPENING:
        _go_on(sock)
        return
    address = target(sock, address, mode)
    name = address[0].encode()
    context = None
    kind = b"t"
    if sock.tls is not None:
        # The fourth argument of SOCKON: the name to be checked, or s for none
        context, kind = sock.tls
        if kind is None:
            kind = server_name(name, "host")
        if not context.check_hostname:
            kind = b"s"
    sock.address = address
    # of an earlier one that was refused or given up
    sock.engine = sock.later = None
    sock.id = -1
    sock.address_on_module = b""
    command = b"AT+S.SOCKON=%s,%d,NULL,%s\r" % (name, address[1], kind)
    sock.exchange.prepare(command)  # ValueError now, if it is too long: nothing was sent yet
    sock.connect_by = sock.deadline()
    sock.channel.poll()  # a boot leaves nothing to be reclaimed
    pool = sock.pool
    if pool.leaked or pool.listed_at != sock.channel.resyncs:
        from .closing import reclaim

        reclaim(pool)
    if context is None or not context.before_connect(sock):
        while start(sock, command):
            pass


def target(sock, address, mode):
    """Return the address of a connect() that is to begin. A mode that says so makes the socket a
    TLS one."""
    if mode is not None and not isinstance(mode, int):
        raise TypeError("mode must be an int, not " + type(mode).__name__)
    if sock.state != _NEW:
        raise OSError(errno.EINVAL, "already connected, or closed")
    address = checked(address)
    if mode == _TLS_MODE and sock.tls is None:
        sock.pool.radio.wrap(sock)
    return address


def on_line(sock, parser):
    """A line in reply to SOCKON."""
    if parser.starts(b"AT-S.On:"):
        n = parser.number(-1)
        if 0 <= n < _SOCKETS:
            pool = sock.pool
            if pool.owners[n] is not None:
                _drop(pool, n)
                return
            # now, because a server that speaks first may be announced right after the OK
            sock.id = n
            sock.address_on_module = b"%d" % n
            sock.asked_for = sock.wrote = 0
            pool.owners[n] = sock
    elif parser.starts(b"AT-S.Certificate Error:"):
        sock.got = max(0, parser.number(1))
    # else "Skip CA", "Loading:1:2", "Http …": not needed, not always there [h.2]


def _drop(pool, n):
    """SOCKON gave a number that is in use. A byte was changed on its way, or the module restarted
    unheard: whose data come is not certain any more."""
    pool.owners[n].die()
    pool.owners[n] = None
    pool.leaked |= 1 << n


def start(sock, command, on_line=on_line):
    """Send SOCKON; True if it failed, and is worth another try."""
    exchange = sock.exchange.prepare(command, None, _OPEN_MS)
    exchange.on_line = lambda parser: on_line(sock, parser)
    sock.got = sock.id = -1
    sock.pending = sock.owed = 0
    sock.peer_closed = sock.ended = False
    sock.ask_at = None
    # With all eight in use the module would say 75, or hang [T20]
    if None not in sock.pool.owners:
        raise OSError(errno.ENOMEM, "no free socket: the module has eight, close one")
    if sock.timeout_ms:
        sock.state = _OPENING
        if sock.channel.run(exchange, sock.connect_by):
            return _ended(sock, exchange.code)
        _give_up(sock)
    if not sock.channel.start(exchange):
        raise OSError(errno.EAGAIN, "the module is busy with another command")
    sock.state = _OPENING
    raise OSError(errno.EINPROGRESS, "connecting")


def _go_on(sock):
    """SOCKON was started, and not waited for."""
    sock.connect_by = sock.deadline()
    exchange = sock.exchange
    if exchange.code == _RUNNING:
        sock.channel.poll()
    if exchange.code == _RUNNING:
        if sock.timeout_ms == 0:
            raise OSError(errno.EINPROGRESS, "connecting")
        ms = sock.timeout_ms if sock.timeout_ms > 0 else _OPEN_MS
        if not sock.channel.wait(lambda: exchange.code != _RUNNING, ms):
            _give_up(sock)
    again = _ended(sock, exchange.code)
    while again:
        again = start(sock, exchange.command)


def _give_up(sock):
    """The caller's time is over."""
    _call_off(sock)
    sock.abandon()
    raise OSError(errno.ETIMEDOUT, "connect timed out")


def _call_off(sock):
    """SOCKON is not waited for any more. It cannot be stopped: what it opens is nobody's."""
    if sock.exchange.code == _RUNNING:
        sock.exchange.on_line = sock.pool.late_line
        sock.exchange = Exchange()


def back_out(sock):
    """Close a plain connection, or one that is opening, that is to be made again by TLS; return
    its address, None if there is none. OSError (EINVAL) if bytes have moved."""
    if sock.tls is not None or sock.state not in (_OPENING, _OPEN):
        return None
    if sock.cork is not None or sock.wrote or sock.asked_for or sock.pending:
        raise OSError(errno.EINVAL, "bytes have moved: TLS must be there from the start")
    _call_off(sock)
    n = sock.abandon()
    if n >= 0:
        sock.pool.release(n)
    return sock.address


def _ended(sock, code):
    """SOCKON has ended. As start()."""
    if code or sock.id < 0:
        return _refused(sock, code)
    sock.exchange.on_line = None
    sock.state = _OPEN
    if sock.tls is not None:
        sock.tls[0].accepted(sock)
    return False


def _refused(sock, code):
    """SOCKON failed. True: try again, False: open after all; else the exception."""
    sock.abandon()
    exchange = sock.exchange
    pool = sock.pool
    if code == 0:
        sock.channel.lose()
        raise OSError(errno.EIO, "SOCKON was answered without a socket number, or a wrong one")
    if code == 44:
        pool.radio.doubt_network()  # it is gone, and we heard nothing of it
    elif code == 75:
        pool.listed_at = -1  # it has some that nobody owns: closed before the next
    if sock.tls is not None and code > 0:
        return sock.tls[0].refused(sock, exchange, sock.got)
    sock.channel.check(exchange)
