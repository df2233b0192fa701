"""What sockets do when nothing comes: they ask, because indications can be lost. [g.7]"""

from ..at.exchange import Exchange
from ..const import const
from .status import gone, query

try:
    import errno
except ImportError:
    from ..errors import errno

_TIMED_OUT = const(-2)  # Exchange.code of channel.py


def ask(sock):
    """SOCKQ; return the bytes that wait, or -1 if the module says that it is closed."""
    exchange = Exchange()
    sock.fresh = False
    n = query(sock.pool, exchange, b"AT+S.SOCK%sQ=%s\r" % (sock.verb, sock.address_on_module))
    if n < 0:
        from .failure import unanswered

        unanswered(sock, exchange)
    elif not sock.fresh or sock.pending <= n:
        sock.pending = n
    return n


def at_end(sock):
    """The other side has closed, and no bytes are known to wait: is that all? True: the end."""
    if sock.ended is True:
        if sock.verb:  # a server's client: libraries for servers go on after this
            raise OSError(errno.ECONNRESET, "the client has gone")
        raise OSError(errno.ENOTCONN, "the connection is closed")
    # An indication may have been lost: the last bytes first [g.7, k.5]; not of a client that gave
    # its place back, see server.py
    if sock.address_on_module and ask(sock) > 0:
        return False
    if sock.owed > 0:  # more was announced: ask again, a digit may be lost
        sock.owed = 0
        return False
    if sock.ended:
        raise OSError(errno.ENOTCONN, "the network was lost")
    sock.ended = True
    return True


def silent(sock):
    """Nothing came for pool.quiet_ms. [decision 2]"""
    ask(sock)
    sock.asked += 1
    if sock.asked & 7 == 0 and not sock.pending:
        if gone(sock):
            sock.peer_closed = True
    sock.ask_at = sock.channel.deadline(sock.pool.quiet_ms)


def no_data(sock):
    """The caller's time is over."""
    if sock.timeout_ms:
        raise OSError(errno.ETIMEDOUT, "no data in time")
    raise OSError(errno.EAGAIN, "no data yet")


def unread(sock, exchange):
    """SOCKR failed. The count was stale, perhaps: ask for the true one. Returns 0, or raises."""
    from .failure import distrust, failed

    code = exchange.code
    if code == 0 or (code > 0 and sock.got >= 0):
        # No header came, an error after one, or more after the end: bytes were lost
        sock.channel.lose()
        exchange.text = None
        code = _TIMED_OUT
    failed(sock, code)
    distrust(sock.pool, code)
    sock.tries += 1
    sock.pending = 0
    ask(sock)
    if sock.tries > 3:
        sock.channel.check(exchange)
    return 0
