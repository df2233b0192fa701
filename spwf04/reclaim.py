"""Frees sockets of the module that do not close at once, or that nobody owns any more.

Imported only when there is one.
"""

from .at import Exchange
from .parser import const

_MS = const(10000)
_READS = const(64)  # most reads while draining one socket
_TRIES = const(3)  # [k.4]


def drain(pool, n, exchange):
    """SOCKC of id n said 77: read what waits and close again; exchange.code tells the end.

    Bounded, because a peer that goes on sending may keep it at 77. [g.5, k.4]
    """

    def on_line(parser):
        if parser.starts(b"AT-S.Reading:"):
            parser.expect_data(max(0, parser.number(1)), None, 0)

    run = pool.channel.run
    reads = _READS
    for _ in range(_TRIES):
        while reads:
            reads -= 1
            waiting = pool._query(exchange, n)
            if waiting <= 0:
                break
            exchange.on_line = on_line
            command = b"AT+S.SOCKR=%d,%d\r" % (n, min(waiting, pool.chunk))
            run(exchange.prepare(command, None, _MS))
            exchange.on_line = None
            if exchange.code:
                break
        run(exchange.prepare(b"AT+S.SOCKC=%d\r" % n, None, _MS))
        if exchange.code != 77:
            return


def reclaim(pool):
    """Close what an earlier run, or a failure, left open on the module."""
    if pool._leftovers:
        pool._leftovers = False

        def on_line(parser):
            # AT-S.List::<id>:…; the other fields are not certain [g.5]
            if parser.starts(b"AT-S.List::"):
                n = parser.number(2)
                if 0 <= n < 8 and pool._open[n] is None:
                    pool._leaked |= 1 << n

        # an error is no matter: firmware without SOCKL has nothing to tell
        pool.channel.run(Exchange(on_line).prepare(b"AT+S.SOCKL\r", None, 3000))
    for n in range(8):
        if pool._leaked & 1 << n and pool._open[n] is None:
            pool._release(n)
