"""Sends arguments that hold a comma, by changing the delimiter around a command. [decision 7]"""

from ..at.exchange import Exchange
from ..const import const

_DELIMITERS = b"|;~^!\t"
COMMA = const(44)


def steps(channel, head, last):
    """Steps: send AT+S.<head><last>. Commas of head separate arguments, those of last are text."""
    for delimiter in _DELIMITERS:
        if delimiter not in last and delimiter not in head:
            break
    else:
        raise ValueError("too many kinds of punctuation in one argument")
    head = head.replace(b",", bytes((delimiter,)))
    exchange = Exchange().prepare(b"AT+S." + head + last + b"\r", None, 3000)
    yield from delimited(channel, exchange, delimiter)
    channel.check(exchange)


def joined(fields):
    """Return (fields, all bytes, as they stand in a command; the byte that separates them).

    That is a comma, unless one is in a field: see around(). ValueError.
    """
    text = b"".join(fields)
    delimiter = COMMA
    if b"," in text:
        for delimiter in _DELIMITERS:
            if delimiter not in text:
                break
        else:
            raise ValueError("the arguments have too many kinds of punctuation beside a comma")
    return bytes((delimiter,)).join(fields), delimiter


def around(channel, delimiter, exchange, steps):
    """Steps that run `steps`, with the delimiter changed whenever `exchange` is in flight."""
    for step in steps:
        if step is exchange:
            yield from delimited(channel, exchange, delimiter)
        else:
            yield step


def delimited(channel, exchange, delimiter):
    """Steps: run a prepared exchange whose arguments are separated by this byte. [decision 7]

    No command of another caller comes in between, and the comma comes back though this one gives
    up. If it cannot be set back, it is put right when the module is found again.
    """
    if delimiter == COMMA:
        yield exchange
        return
    before, after = Exchange(), Exchange()
    before.prepare(b"AT+S.SCFG=console_delimiter,0x%02X\r" % delimiter, None, 3000)
    after.prepare(b"AT+S.SCFG=console_delimiter%c0x2C\r" % delimiter, None, 3000)
    before.then = exchange
    exchange.then = after
    try:
        yield before
        channel.check(before)
    finally:
        if before.then is exchange:  # the caller gave up: it is not sent
            before.then = after
    yield exchange
    if after.follows:
        yield after
        if after.code and channel.in_step():
            channel.lose()
