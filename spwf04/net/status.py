"""What the module says of its sockets when it is asked: SOCKQ, SOCKL."""

from ..at.exchange import Exchange
from ..const import const

_TIMED_OUT = const(-2)  # Exchange.code of channel.py
_MS = const(10000)
_LIST_MS = const(3000)


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


def gone(sock):
    """True if the list of sockets says that its peer has closed: WIND 58, or 62, may be lost.
    [k.3]"""
    closed = []
    server = sock.address_on_module.split(b",")[0] if sock.verb else b""
    head = b"AT-S.List:%s:%s:" % (server, sock.address_on_module.split(b",")[-1])

    def on_line(parser):
        # AT-S.List:<server>:<id>:<connected>:…; what comes after the id is not certain [g.5, g.6]
        if parser.starts(head):
            closed.append(parser.number(3) == 0)

    command = b"AT+S.SOCK%sL\r" % sock.verb
    sock.channel.run(Exchange(on_line).prepare(command, None, _LIST_MS))
    return closed == [True]


def listed(channel):
    """The ids of the sockets that the module has open, as a list.

    An error is no matter: firmware without SOCKL has nothing to tell.
    """
    found = []

    def on_line(parser):
        # AT-S.List::<id>:…; the other fields are not certain [g.5]
        if parser.starts(b"AT-S.List::"):
            found.append(parser.number(2))

    channel.run(Exchange(on_line).prepare(b"AT+S.SOCKL\r", None, _LIST_MS))
    return found
