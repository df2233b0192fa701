"""What sockets do when nothing comes: they ask, because indications can be lost. [g.7]"""

from ..at.channel import Exchange
from ..const import const

try:
    import errno
except ImportError:
    from ..errors import errno

_TIMED_OUT = const(-2)  # Exchange.code of at.py
_MS = const(10000)


def query(pool, exchange, command):
    """SOCKQ: how many bytes wait; -1 with exchange.code set if it failed. [g.2]"""
    found = []

    def on_line(parser):
        if parser.starts(b"AT-S.Query:") and parser.number(1) >= 0:
            found.append(parser.number(1))

    exchange.on_line = on_line
    for _ in range(2):  # twice if a byte of the answer was lost
        pool.channel.run(exchange.prepare(command, None, _MS))
        if exchange.code or found:
            break
    else:
        pool.channel.lose()
        exchange.code = _TIMED_OUT
    exchange.on_line = None
    return -1 if exchange.code else found[-1]


def ask(sock):
    """SOCKQ; return the bytes that wait, or -1 if the module says that it is closed."""
    exchange = Exchange()
    sock._fresh = False
    n = query(sock._pool, exchange, b"AT+S.SOCK%sQ=%s\r" % (sock._kind, sock._key))
    if n < 0:
        from .failure import unanswered

        unanswered(sock, exchange)
    elif not sock._fresh or sock._pending <= n:
        sock._pending = n
    return n


def at_end(sock):
    """The other side has closed, and no bytes are known to wait: is that all? True: the end."""
    if sock._ended is True:
        if sock._kind:  # a server's client: libraries for servers go on after this
            raise OSError(errno.ECONNRESET, "the client has gone")
        raise OSError(errno.ENOTCONN, "the connection is closed")
    # An indication may have been lost: the last bytes first [g.7, k.5]; not of a client that gave
    # its place back, see server.py
    if sock._key and ask(sock) > 0:
        return False
    if sock._owed > 0:  # more was announced: ask again, a digit may be lost
        sock._owed = 0
        return False
    if sock._ended:
        raise OSError(errno.ENOTCONN, "the network was lost")
    sock._ended = True
    return True


def silent(sock):
    """Nothing came for pool.quiet_ms. [decision 2]"""
    ask(sock)
    sock._asked += 1
    if sock._asked & 7 == 0 and not sock._pending:
        from .closing import gone

        if gone(sock):
            sock._peer_closed = True
    sock._quiet = sock.channel.deadline(sock._pool.quiet_ms)


def no_data(sock):
    """The caller's time is over."""
    if sock.timeout_ms:
        raise OSError(errno.ETIMEDOUT, "no data in time")
    raise OSError(errno.EAGAIN, "no data yet")
