"""Sends an argument with a comma in it, by changing the delimiter around it. [decision 7]"""

from ..at.exchange import Exchange

_DELIMITERS = b"|;~^!\t"


def command(channel, head, last):
    """Send AT+S.<head><last>. Commas of head separate arguments, those of last are text.

    If the delimiter cannot be set back, it is put right when the module is found again.
    """
    for delimiter in _DELIMITERS:
        if delimiter not in last and delimiter not in head:
            break
    else:
        raise ValueError("too many kinds of punctuation in one argument")
    head = head.replace(b",", bytes((delimiter,)))
    exchange = Exchange().prepare(b"AT+S." + head + last + b"\r", None, 3000)
    channel.command(b"AT+S.SCFG=console_delimiter,0x%02X\r" % delimiter, None, 3000)
    channel.run(exchange)
    channel.command(b"AT+S.SCFG=console_delimiter%c0x2C\r" % delimiter, None, 3000)
    channel.check(exchange)
