"""Asks another machine for a sign of life.

    reply = radio.ping("www.example.com")     # reply.answered, reply.ms, reply.said

The words with which the module tells of an answer are not known for certain. [c.3, l.16] So they
are handed on, and judged where they are plain.
"""

from ..arguments import host as checked
from ..arguments import milliseconds
from ..at.exchange import TIMED_OUT, Exchange
from ..checks import integer
from .config import done

_YES = ("ok", "success", "reply", "alive", "bytes from")
_NO = ("timeout", "timed out", "time-out", "fail", "unreach", "lost", "error", "no answer", "-1")
# Errors that say that nothing was sent: not joined, no address, no such name, an argument [e]
_NOT_SENT = (1, 2, 6, 7, 32, 33, 44, 60, 63, 64, 65)


class Reply:
    """What became of a ping.

    answered: True, False, or None if the module's words are not understood. ms: milliseconds from
    the command to its end, with the look-up of the name. said: the module's lines, str, without
    AT-S.
    """

    def __init__(self, answered: "bool | None", ms: int, said: "list[str]"):
        self.answered = answered
        self.ms = ms
        self.said = said


def ping(radio, host, size, timeout):
    """SPWF04.ping(), as steps."""
    host = checked(host)
    size = integer(size, "size", 1, 1472)
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    said = []

    def on_line(parser):
        if parser.starts(b"AT-S."):
            said.append(parser.text(5))

    exchange = Exchange(on_line).prepare(b"AT+S.PING=1,%d,%s\r" % (size, host), None, timeout_ms)
    yield from done(channel)  # so that ms has no search for the module in it
    start = channel.clock.ticks_ms()
    yield exchange
    ms = (channel.clock.ticks_ms() - start) & 0x1FFFFFFF
    code = exchange.code
    if code == TIMED_OUT:  # is the host silent, or the module?
        yield from done(channel)
        return Reply(False, ms, ["no answer within %g s" % timeout])
    if code < 0 or code in _NOT_SENT:
        channel.check(exchange)
    if code:
        return Reply(False, ms, said + ["ERROR:%d:%s" % (code, exchange.text)])
    return Reply(_judged(said), ms, said)


def _judged(said):
    word = said[0].lower() if said else ""
    word = word[word.find(":") + 1 :]
    for known, answered in ((_NO, False), (_YES, True)):
        for part in known:
            if part in word:
                return answered
    return None
