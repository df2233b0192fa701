"""Opens a connection, TCP or by the module's TLS: SOCKON, and what must be in place before.

Imported to connect, forgotten then.
"""

from ..arguments import address as checked
from ..arguments import server_name
from ..const import const

# states of Socket
_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)

_SOCKETS = const(8)  # [g.1]
_OPEN_MS = const(35000)  # ST waits 20-30 s for SOCKON [g.1]


def connect(sock, address, mode):
    """Socket.connect(): same arguments."""
    if mode is not None and not isinstance(mode, int):
        raise TypeError("mode must be an int, not " + type(mode).__name__)
    if sock._state != _NEW or mode == 2:
        from .failure import connect

        return connect(sock, address, mode)
    address = checked(address)
    name = address[0].encode()
    context = None
    kind = b"t"
    if sock._tls is not None:
        # The fourth argument of SOCKON: the name to be checked, or s for none
        context, kind = sock._tls
        if kind is None:
            kind = server_name(name, "host")
        if not context.check_hostname:
            kind = b"s"
    sock.address = address
    # of an earlier one that was refused or given up
    if sock.engine == "host":
        sock._over.undo()
    sock.engine = None
    sock._id = -1
    sock._key = b""
    command = b"AT+S.SOCKON=%s,%d,NULL,%s\r" % (name, address[1], kind)
    sock._exchange.prepare(command)  # ValueError now, if it is too long: nothing was sent yet
    sock._end = sock._deadline()
    sock.channel.poll()  # a boot leaves nothing to be reclaimed
    pool = sock._pool
    if pool._leaked or pool._resyncs != sock.channel.resyncs:
        from .closing import reclaim

        reclaim(pool)
    if context is None or not context.before_connect(sock):
        while start(sock, command):
            pass


def on_line(sock, parser):
    """A line in reply to SOCKON."""
    if parser.starts(b"AT-S.On:"):
        n = parser.number(-1)
        if 0 <= n < _SOCKETS:
            pool = sock._pool
            if pool._open[n] is not None:
                from .failure import drop

                drop(pool, n)
                return
            # now, because a server that speaks first may be announced right after the OK
            sock._id = n
            sock._key = b"%d" % n
            sock._asked_for = sock._wrote = 0
            pool._open[n] = sock
    elif parser.starts(b"AT-S.Certificate Error:"):
        sock._got = max(0, parser.number(1))
    # else "Skip CA", "Loading:1:2", "Http …": not needed, not always there [h.2]


def start(sock, command, on_line=on_line):
    """Send SOCKON; True if it failed, and is worth another try."""
    exchange = sock._exchange.prepare(command, None, _OPEN_MS)
    exchange.on_line = lambda parser: on_line(sock, parser)
    sock._got = sock._id = -1
    sock._pending = sock._owed = 0
    sock._peer_closed = sock._ended = False
    sock._quiet = None
    # With all eight in use the module would say 75, or hang [T20]
    if sock.timeout_ms and None in sock._pool._open:
        sock._state = _OPENING
        if sock.channel.run(exchange, sock._end):
            return ended(sock, exchange.code)
    from .failure import unopened

    return unopened(sock)


def ended(sock, code):
    """SOCKON has ended. As start()."""
    if code or sock._id < 0:
        from .failure import refused

        return refused(sock)
    sock._exchange.on_line = None
    sock._state = _OPEN
    if sock._tls is not None:
        sock._tls[0].accepted(sock)
    return False
