"""Frees sockets of the module that do not close at once, or that nobody owns any more.

Imported only when there is one.
"""

import sys

from ..at.exchange import Exchange
from ..at.reading import announced
from ..const import const
from .status import listed, query

_SOCKETS = const(8)  # [g.1]
_MS = const(10000)
_READS = const(64)  # most reads while draining one socket
_TRIES = const(3)  # [k.4]
_RUNNING = const(-1)
_RESTARTED = const(-3)


def close(pool, n, exchange):
    """SOCKC of id n did not end with OK."""
    if exchange.code == 77:
        _drain(pool, n, exchange)
    if exchange.code in (0, 72, 76, _RESTARTED):
        pool.leaked &= ~(1 << n)


def _drain(pool, n, exchange):
    """SOCKC said 77: read what waits and close again; exchange.code tells the end.

    Bounded, because a peer that goes on sending may keep it at 77. [g.5, k.4]
    """

    size = 0

    def on_line(parser):
        announced(pool.channel, parser, size)

    run = pool.channel.run
    question = b"AT+S.SOCKQ=%d\r" % n
    reads = _READS
    for _ in range(_TRIES):
        while reads:
            reads -= 1
            waiting = query(pool, exchange, question)
            if waiting <= 0:
                break
            size = min(waiting, pool.chunk)
            exchange.on_line = on_line
            exchange.doubt = True
            run(exchange.prepare(b"AT+S.SOCKR=%d,%d\r" % (n, size), None, _MS))
            exchange.on_line = None
            if exchange.code:
                break
        run(exchange.prepare(b"AT+S.SOCKC=%d\r" % n, None, _MS))
        if exchange.code != 77:
            return


def reclaim(pool):
    """Before an open: have no socket on the module that nobody owns, from an earlier run or
    after a failure."""
    resyncs = pool.channel.resyncs
    if pool.listed_at != resyncs:  # -1, or replies were lost: about sockets, perhaps
        pool.listed_at = resyncs
        for n in listed(pool.channel):
            if 0 <= n < _SOCKETS and pool.owners[n] is None:
                pool.leaked |= 1 << n
    for n in range(_SOCKETS):
        if pool.leaked & 1 << n and pool.owners[n] is None:
            pool.release(n)


def _background(channel):
    """Have asyncio go on with what was put off, if it runs: perhaps nobody else will."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return

    async def drive():
        while channel.idle is not None:
            channel.poll()
            await asyncio.sleep(0.002)

    try:
        if asyncio.current_task() is not None:
            asyncio.create_task(drive())
    except RuntimeError:
        pass  # it does not run


class Closing:
    """A close that is sent when the line is free, and not waited for.

    n: id that is marked as leaked until it is closed, or -1. kind, name: as Socket's. Data that
    wait are thrown away first, within a bound. [g.5, k.4]
    """

    def __init__(self, channel, pool, n, kind, name):
        self.channel = channel
        self._pool = pool
        self._id = n
        self._kind = kind
        self._name = name
        self.over = False
        self.sent = False  # a command has gone out
        self._closed = False  # the module has said so
        self._off = False
        self._generation = channel.generation
        self._exchange = Exchange(self._on_line)
        self._verb = b"C"
        self._begun = False
        self._reads = _READS
        self._waiting = 0
        # one after the other, each when the line is free
        self._next = self.channel.idle
        self.channel.idle = self._step
        self.channel.poll()
        if self.channel.idle is not None:
            _background(self.channel)

    def free(self):
        """True once the id is nobody's: the module has said so, or has restarted."""
        exchange = self._exchange
        said = self._begun and self._verb == b"C" and exchange.code in (0, 72, 76)
        return self._closed or said or self._generation != self.channel.generation

    def cancel(self):
        """Do nothing, if nothing was done yet."""
        self._off = not self.sent

    def _on_line(self, parser):
        if self._verb == b"R":
            announced(self.channel, parser, self._waiting)
        elif parser.starts(b"AT-S.Query:"):
            self._waiting = parser.number(1)

    def _step(self):
        channel = self.channel
        channel.idle = None  # not while this is under way
        self.over = self._over()
        channel.idle = self._next if self.over else self._step

    def _over(self):
        """Take the next step; True when there is nothing more to do."""
        if self._off or self._generation != self.channel.generation:
            return True
        if self._id >= 0 and not self._pool.leaked >> self._id & 1:
            return True  # closed by another, and perhaps in use again
        if self._begun:
            code = self._exchange.code
            if code == _RUNNING:
                return False
            if self._done(code):
                return True
        self._waiting = min(self._waiting, self._pool.chunk)
        size = b",%d" % self._waiting if self._verb == b"R" else b""
        command = b"AT+S.SOCK%s%s=%s%s\r" % (self._kind, self._verb, self._name, size)
        self._exchange.doubt = self._verb == b"R"
        self._begun = self.channel.start(self._exchange.prepare(command, None, _MS))
        self.sent = self.sent or self._begun
        return False

    def _done(self, code):
        verb = self._verb
        if verb == b"C":
            if code == 77 and self._reads:
                self._reads -= 1
                self._verb = b"Q"
                return False
            if code in (0, 72, 76):
                self._closed = True
                if self._id >= 0:
                    self._pool.leaked &= ~(1 << self._id)
            return True  # an id that is still marked is closed before the next open
        if code:
            return True
        self._verb = b"R" if verb == b"Q" and self._waiting > 0 else b"C"
        return False
