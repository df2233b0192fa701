"""Replies that bring a payload, but for those of sockets.

"AT-S.<word>:<n>…" announces it, n bytes follow, then OK. If bytes of the announcement were lost, a
line of the payload could be taken for it. So a line that may be a damaged announcement ends the
exchange, and the module is found again. A file's bytes may also come without an announcement, if
there are as many as were asked for. [i]
"""

from ..const import const
from .exchange import TIMED_OUT, Exchange

_SURPLUS_MAX = const(4096)  # more than this beyond what was asked is not believed


def informs(parser):
    """True for a line that only informs, AT-S.<words>. It has no digit and no colon, so it is no
    damaged announcement. Such lines may come in any reply. [a.3, decision 1]"""
    if not parser.starts(b"AT-S."):
        return False
    at = parser.start
    end = at + parser.length
    while at < end:
        if 48 <= parser.line[at] <= 58:
            return False
        at += 1
    return True


def announced(channel, parser, asked, buffer=None):
    """Look for an announcement in a line of a reply; return its number of bytes, or -1.

    The payload goes into buffer (None: it is dropped). asked: how many bytes the command asked
    for. A line that may be a damaged announcement, or a second one, ends the exchange: the place
    is lost. To be called by on_line() of an exchange whose awaits_payload is True.
    """
    n = parser.number(1)
    if n < 0 or n > asked + _SURPLUS_MAX or not parser.starts(b"AT-S."):
        if not informs(parser):
            channel.lose()
        return -1
    channel.announced(n >= asked)
    parser.expect_data(n, buffer, 0 if buffer is None else min(n, len(buffer)))
    return n


def fetch(channel, command, buffer, timeout_ms, accept=(), asked=0, plain=None):
    """Steps of a command of the file system that brings a payload. [i, l.17]

    As much of it as fits goes into buffer. asked: how many bytes the command asks for; 0: as many
    as fit. plain: a list if the payload may come without an announcement, and then has as many
    bytes as fit; True is added to the list if it does. Returns the payload's length in bytes, or
    minus the module's error number if that is in `accept`.
    """
    got = -1

    def on_line(parser):
        nonlocal got  # AT-S.Reading:<n>, Printing or Read Cap
        if parser.length:
            got = max(got, announced(channel, parser, asked or len(buffer), buffer))
        elif parser.take_plain(len(buffer), buffer):
            channel.announced(True)
            got = len(buffer)
            plain.append(True)
        else:
            channel.lose()

    exchange = Exchange(on_line).prepare(command, None, timeout_ms)
    exchange.awaits_payload = True
    exchange.plain = plain is not None
    yield exchange
    if got < 0 and exchange.code == 0:  # bytes of the announcement were lost
        channel.lose()
        exchange.damaged = True
        exchange.code = TIMED_OUT
    if exchange.code not in accept:
        channel.check(exchange)
    return got if exchange.code == 0 else -exchange.code
