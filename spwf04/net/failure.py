"""What sockets do when something did not go as it should. Imported only then.

The first argument of each is the Socket that it happened to. After a failure that may have lost
bytes of its stream a socket never goes on as if it had not.
"""

from ..const import const
from ..errors import errno

# Exchange.code of channel.py
_TIMED_OUT = const(-2)
_RESTARTED = const(-3)
_LOST = const(-4)

# states of Socket
_OPENING = const(1)
_OPEN = const(2)
_DEAD = const(3)

_TRUSTED = const(730)  # bytes by one command that are known to work [k.1]
_SURPLUS_MAX = const(4096)  # more than this beyond what was asked is not believed


# receiving -----------------------------------------------------------------------------------
def interrupted(sock):
    """The last read ended by Ctrl-C: its bytes are lost."""
    failed(sock, _TIMED_OUT)


def surplus(sock, parser, n):
    """The header of a read is odd. Returns a buffer for what comes beyond the bytes asked for
    ("more data received than requested can occur"), or None: it is not to be believed. [g.3]"""
    more = n - sock.asked_for
    if not 0 < more <= _SURPLUS_MAX or parser.number(2) < 0:
        sock.die()
        sock.channel.lose()
        return None
    sock.spill = bytearray(more)
    return sock.spill


def unanswered(sock, exchange):
    """SOCKQ failed."""
    code = exchange.code
    failed(sock, code)
    if code in (72, 78) or (code == 76 and sock.verb):
        if code == 76 and not sock.peer_closed:
            sock.ended = True  # a client that has gone unheard: what it sent last may be lost
        sock.peer_closed = True
        sock.pending = 0
        return
    if code == 76:  # not ours any more: a restart that was not heard, perhaps
        sock.pool.listed_at = -1
        sock.die()
    sock.channel.check(exchange)


def not_open(sock):
    """A call that needs an open socket. Returns if it is open now."""
    if sock.state == _OPENING:
        sock.connect(sock.address)
    elif sock.later is not None:
        sock.connect(sock.later)
    if sock.state == _DEAD:
        raise OSError(errno.ENOTCONN, "the connection was lost with the module's restart or reply")
    if sock.state != _OPEN:
        raise OSError(errno.ENOTCONN, "not connected")


def closed(sock):
    """A send() to a connection that is over."""
    if sock.verb and sock.state == _OPEN:
        raise OSError(errno.ECONNRESET, "the client has gone")
    raise OSError(errno.ENOTCONN, "the other side has closed the connection")


def past_tls(sock):
    """End a call that would send or read in clear on a socket whose TLS is the host's.

    Only the plain socket below the TLS may do that. A call gets here through nothing but a fault
    in a layer over the socket. The connection ends with it: OSError (ENOTCONN)."""
    sock.die()
    sock.close()
    raise OSError(errno.ENOTCONN, "closed, because bytes would have gone past the host's TLS")


# sending -------------------------------------------------------------------------------------
def unsent(sock, exchange):
    """SOCKW failed."""
    if sock.verb and exchange.code in (72, 76, 78):
        sock.peer_closed = True
        closed(sock)
    failed(sock, exchange.code)
    distrust(sock.pool, exchange.code)
    sock.die()
    sock.channel.check(exchange)


def failed(sock, code):
    """Raise if bytes of this stream may have been lost."""
    if code in (1, _TIMED_OUT, _RESTARTED, _LOST):
        distrust(sock.pool, code)
        if code == 1:  # not found: something stood before it, of a write perhaps
            sock.pool.write_doubtful()
        sock.die()
        exchange = sock.exchange
        exchange.code = code
        sock.channel.check(exchange)


def distrust(pool, code):
    """A chunk larger than what everybody uses is trusted only while it works. [decision 3]"""
    if code not in (72, 76, 78):  # the socket is closed
        pool.chunk = min(pool.chunk, _TRUSTED)
