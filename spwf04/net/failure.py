"""Decides what the failure of a read, a question or a write says about the stream, its number and
the size of a command. Imported only when something has failed.

The first argument of each function is the Stream. A failure that may have lost bytes ends it.
"""

from ..at.exchange import ASLEEP, LOST, RESTARTED, TIMED_OUT
from ..const import const
from ..errors import SPWF04Error, errno

_TRUSTED = const(730)  # bytes by one command that are known to work [k.1]
_SURPLUS_MAX = const(4096)  # a header that announces more surplus than this is damaged


def odd_header(stream, parser, n):
    """The header of a read does not announce the n bytes that were asked for. Return a buffer for
    surplus bytes ("more data received than requested can occur"), None if it is damaged. [g.3]"""
    more = n - stream.asked_for
    if not 0 < more <= _SURPLUS_MAX or parser.number(2) < 0:
        stream.die()
        stream.channel.lose()
        return None
    stream.surplus = bytearray(more)
    return stream.surplus


def read_failed(stream):
    """SOCKR failed."""
    exchange = stream.exchange
    code = exchange.code
    if code == 0 or (code > 0 and stream.got >= 0):
        # There was no header, an error after one, or data after the end: bytes were lost
        stream.channel.lose()
        exchange.damaged = True
        exchange.code = TIMED_OUT
    if not _bytes_lost(stream, exchange):
        # `pending` may have been an old number: ask for the true one
        distrust(stream.pool, code)
        stream.pending = 0
        stream.ask_at = stream.channel.deadline(0)
        stream.failures += 1
        if stream.failures > 3:
            raise_later(stream, exchange)


def question_failed(stream):
    """SOCKQ or SOCKL failed."""
    exchange = stream.exchange
    code = exchange.code
    if _bytes_lost(stream, exchange):
        return
    if code in (72, 78) or (code == 76 and stream.daemon):
        if code == 76 and not stream.peer_closed:
            stream.truncated = True  # nothing told of its end: its last bytes may be lost
        stream.peer_closed = stream.eof = True
        stream.pending = 0
        return
    if code == 76:  # the id is not in use: maybe the module restarted, and nothing told of it
        stream.pool.list_again()
        stream.die()
    if code:
        raise_later(stream, exchange)


def answer_missing(stream):
    """The reply to SOCKQ had no number, because a byte was lost. The second time, the place in the
    module's byte stream counts as lost."""
    stream.failures += 1
    stream.ask_at = stream.channel.deadline(0)
    if stream.failures > 1:
        stream.channel.lose()
        stream.exchange.code = TIMED_OUT
        _bytes_lost(stream, stream.exchange)


def refuse(stream):
    """The peer has closed, and the module sends nothing more. What it has sent can be read."""
    stream.peer_closed = stream.refused = stream.unsent = True
    stream.error = OSError(errno.ECONNRESET, "the other side has closed the connection")
    stream.out_at = stream.out_end = 0


def write_over(stream):
    """SOCKW failed, or was in doubt, see half.py."""
    exchange = stream.writer
    code = exchange.code
    if not code:
        stream.pool.sends_after_end = True
        return
    closed = (72, 76, 78) if stream.daemon else (72, 78, 79) if stream.peer_closed else ()
    if code in closed:
        refuse(stream)
        return
    stream.unsent = True
    if not _bytes_lost(stream, exchange):
        distrust(stream.pool, code)
        stream.die()
        raise_later(stream, exchange)


def raise_later(stream, exchange):
    """Have the next call raise the error of an exchange."""
    try:
        stream.channel.check(exchange)
    except OSError as e:
        stream.error = e


def _bytes_lost(stream, exchange):
    """True if bytes of the stream may have been lost; it is over then."""
    code = exchange.code
    if code not in (1, TIMED_OUT, RESTARTED, LOST):
        return False
    distrust(stream.pool, code)
    if code == 1:  # command not found: bytes stood before it, maybe the rest of a write
        stream.pool.write_doubtful()
    stream.die()
    raise_later(stream, exchange)
    return True


def distrust(pool, code):
    """A command failed: from now on use no larger chunk than is known to work. [decision 3]"""
    if code not in (72, 76, 78, ASLEEP):  # the socket is closed, or nothing was sent
        pool.chunk = min(pool.chunk, _TRUSTED)


def is_closed():
    """The exception for a call of a closed socket."""
    return OSError(getattr(errno, "EBADF", 9), "the socket is closed")


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
    """Raise the error of a call that needs an open stream."""
    error = stream.error
    stream.unsent = False  # this error tells of it
    if error is not None:
        stream.error = None
        raise error
    if not stream.alive:
        words = "the connection is lost: the module restarted, or bytes of it were lost"
    elif not stream.truncated:
        words = "the other side has closed the connection"
    elif stream.reason:
        words = "the connection is broken, not closed: reason %d" % stream.reason
    elif stream.daemon:
        words = "the client has gone, and what it sent last may be lost"
    else:
        words = "the connection is lost: the module lost its network"
    raise OSError(errno.ECONNRESET, words)


def unsteady(address):
    """The exception for a connection that could not be opened with the CAs of its context."""
    return SPWF04Error(
        errno.EAGAIN,
        "%s:%d: other tasks connect with other CAs all the time" % address[:2],
        hint="Try again, or let these tasks share one context",
        remedy="one_context",
    )
