"""A read, a question or a write of a stream failed: what that says about the stream, its number,
and the size of a command. Imported only then.

The first argument of each is the Stream that it happened to. After a failure that may have lost
bytes a stream never goes on as if it had not.
"""

from ..const import const
from ..errors import SPWF04Error, errno

# Exchange.code of channel.py
_TIMED_OUT = const(-2)
_RESTARTED = const(-3)
_LOST = const(-4)

_TRUSTED = const(730)  # bytes by one command that are known to work [k.1]
_SURPLUS_MAX = const(4096)  # more than this beyond what was asked is not believed


def surplus(stream, parser, n):
    """The header of a read is odd. Returns a buffer for what comes beyond the bytes asked for
    ("more data received than requested can occur"), or None: it is not to be believed. [g.3]"""
    more = n - stream.asked_for
    if not 0 < more <= _SURPLUS_MAX or parser.number(2) < 0:
        stream.die()
        stream.channel.lose()
        return None
    stream.spill = bytearray(more)
    return stream.spill


def unread(stream):
    """SOCKR failed."""
    exchange = stream.exchange
    code = exchange.code
    if code == 0 or (code > 0 and stream.got >= 0):
        # No header came, an error after one, or more after the end: bytes were lost
        stream.channel.lose()
        exchange.damaged = True
        exchange.code = _TIMED_OUT
    if not _lost(stream, exchange):
        # The count was stale, perhaps: ask for the true one
        distrust(stream.pool, code)
        stream.pending = 0
        stream.ask_at = stream.channel.deadline(0)
        stream.tries += 1
        if stream.tries > 3:
            keep(stream, exchange)


def unanswered(stream):
    """SOCKQ, or SOCKL, failed."""
    exchange = stream.exchange
    code = exchange.code
    if _lost(stream, exchange):
        return
    if code in (72, 78) or (code == 76 and stream.verb):
        if code == 76 and not stream.peer_closed:
            stream.cut = True  # a client that has gone unheard: what it sent last may be lost
        stream.peer_closed = stream.ended = True
        stream.pending = 0
        return
    if code == 76:  # not ours any more: a restart that was not heard, perhaps
        stream.pool.listed_at = -1
        stream.die()
    if code:
        keep(stream, exchange)


def unknown(stream):
    """SOCKQ was answered without a number: a byte was lost. At the second time the place is."""
    stream.tries += 1
    stream.ask_at = stream.channel.deadline(0)
    if stream.tries > 1:
        stream.channel.lose()
        stream.exchange.code = _TIMED_OUT
        _lost(stream, stream.exchange)


def unsent(stream):
    """SOCKW failed."""
    exchange = stream.writer
    code = exchange.code
    if stream.verb and code in (72, 76, 78):
        stream.peer_closed = True
        stream.error = OSError(errno.ECONNRESET, "the other side has closed the connection")
        stream.lost = True
        stream.out_at = stream.out_end = 0
        return
    stream.lost = True
    if not _lost(stream, exchange):
        distrust(stream.pool, code)
        stream.die()
        keep(stream, exchange)


def keep(stream, exchange):
    """The next call raises what an exchange ended with."""
    try:
        stream.channel.check(exchange)
    except OSError as e:
        stream.error = e


def _lost(stream, exchange):
    """True if bytes of this stream may have been lost."""
    code = exchange.code
    if code not in (1, _TIMED_OUT, _RESTARTED, _LOST):
        return False
    distrust(stream.pool, code)
    if code == 1:  # not found: something stood before it, of a write perhaps
        stream.pool.write_doubtful()
    stream.die()
    keep(stream, exchange)
    return True


def distrust(pool, code):
    """A chunk larger than what everybody uses is trusted only while it works. [decision 3]"""
    if code not in (72, 76, 78):  # the socket is closed
        pool.chunk = min(pool.chunk, _TRUSTED)


def without_number(exchange):
    """The exception for a SOCKON or SOCKDON that ended with OK, but gave no valid number."""
    return SPWF04Error(
        errno.EIO,
        "the reply to %s has no valid socket number"
        % exchange.command[5:].split(b"=")[0].decode(),
        hint="Try again. If it happens often: use RTS/CTS, a larger receive buffer, or "
        "SocketPool(radio).fit()",
        remedy="check_line",
    )


def not_open(stream):
    """Raise what a call gets that needs an open stream."""
    error = stream.error
    stream.lost = False  # this tells of it
    if error is not None:
        stream.error = None
        raise error
    if not stream.alive:
        words = "the connection is lost: the module restarted, or bytes of it were lost"
    elif not stream.cut:
        words = "the other side has closed the connection"
    elif stream.verb:
        words = "the client has gone, and what it sent last may be lost"
    else:
        words = "the connection is lost: the module lost its network"
    raise OSError(errno.ECONNRESET, words)
