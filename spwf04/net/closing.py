"""Closes a connection of the module, and frees numbers that nobody owns any more.

A close may take several commands. They are sent when the line is free, and not waited for.
"""

from ..at.exchange import Exchange
from ..at.reading import announced
from ..at.task import Task, Wait
from ..const import const

_SOCKETS = const(8)  # [g.1]
_MS = const(10000)
_LIST_MS = const(3000)
_SEND_MS = const(60000)  # for what was taken, while other commands are in flight
_TRIES = const(4)  # of SOCKC [k.4]
_READS = const(64)  # most reads while the data of one socket are thrown away
_FEW = const(16)  # the same for one that has been tried before
_RUNNING = const(-1)  # Exchange.code of channel.py
_FREE = (0, 72, 76, -3)  # of a close: the number is free; or the module has restarted


class Closing:
    """A close on its way. over: nothing more is done. sent: its first command has gone out.

    verb, name: as Stream's; n: the id of the module's eight that is marked as leaked until it is
    closed, or -1; stream: whose bytes that were taken are sent first, or None.
    """

    over = False
    sent = False
    _off = False

    def __init__(self, pool, verb, name, n=-1, stream=None, reads=_READS):
        self.channel = pool.channel
        self._pool = pool
        self._name = verb, name
        self._command = b"AT+S.SOCK%sC=%s\r" % (verb, name)
        self._exchange = Exchange(self._on_line)
        self._id = n
        self.stream = stream
        self._reads = reads
        self._waiting = 0
        self._generation = pool.channel.generation
        self._task = Task(pool.channel, self.steps())

    def poll(self):
        """Take the next step; True when there is nothing more to do."""
        self.over = self.over or self._task.poll()
        return self.over

    def free(self):
        """True once the id is nobody's: the module has said so, or has restarted."""
        exchange = self._exchange
        said = self.sent and exchange.command is self._command and exchange.code in _FREE
        return said or self._generation != self.channel.generation

    def cancel(self):
        """Do nothing, if nothing was done yet."""
        self._off = not self.sent

    def _current(self):
        """False if the id is closed by other means, and perhaps in use again."""
        return (
            not self._off
            and self._generation == self.channel.generation
            and (self._id < 0 or bool(self._pool.leaked >> self._id & 1))
        )

    def steps(self):
        """The steps: SOCKC, and while that says 77, "Pending data", what waits is read. Bounded,
        because a peer that goes on sending may keep it at 77. [g.5, k.4]"""
        stream = self.stream
        if stream is not None:
            yield Wait(stream.poll, _SEND_MS)
            if stream.lost:
                self._pool.unsent += 1
            self._id = stream.release()
            if self._pool.writer is stream:
                self._pool.writer = None
            if self._id < 0 and not stream.verb:
                return  # the module has it no more
        exchange = self._exchange
        for _ in range(_TRIES):
            # Not by Task, which waits for the line: meanwhile the place may be another's
            yield Wait(self._free_to_send, _SEND_MS)
            if not self._current():
                return
            self.sent = True
            exchange.code = _RUNNING
            yield exchange.prepare(self._command, None, _MS)
            if self.free():
                if self._id >= 0:
                    self._pool.leaked &= ~(1 << self._id)
                return
            if exchange.code != 77 or not self._reads:
                break
            while self._reads:
                self._reads -= 1
                yield exchange.prepare(b"AT+S.SOCK%sQ=%s\r" % self._name, None, _MS)
                if exchange.code or self._waiting <= 0:
                    break
                self._waiting = size = min(self._waiting, self._pool.chunk)
                exchange.awaits_payload = True
                yield exchange.prepare(b"AT+S.SOCK%sR=%s,%d\r" % (self._name + (size,)), None, _MS)
                exchange.awaits_payload = False
                self._waiting = 0
                if exchange.code:
                    break
        # An id that is still marked is closed before the next open

    def _free_to_send(self):
        return not self.channel.busy() or not self._current()

    def _on_line(self, parser):
        if self._waiting > 0:
            announced(self.channel, parser, self._waiting)
        elif parser.starts(b"AT-S.Query:"):
            self._waiting = parser.number(1)


def reclaim(pool):
    """Steps before an open: have no socket on the module that nobody owns, from an earlier run or
    after a failure."""
    yield Wait(lambda: not pool.work, _MS)  # what is being closed already
    channel = pool.channel
    if pool.listed_at != channel.resyncs:  # -1, or replies were lost: about sockets, perhaps
        pool.listed_at = channel.resyncs

        def on_line(parser):
            # AT-S.List::<id>:…; the other fields are not certain [g.5]
            if parser.starts(b"AT-S.List::"):
                n = parser.number(2)
                if 0 <= n < _SOCKETS and pool.owners[n] is None:
                    pool.leaked |= 1 << n

        # An error is no matter: firmware without SOCKL has nothing to tell
        yield Exchange(on_line).prepare(b"AT+S.SOCKL\r", None, _LIST_MS)
    for n in range(_SOCKETS):
        if pool.leaked & 1 << n and pool.owners[n] is None:
            yield from Closing(pool, b"", b"%d" % n, n, None, _FEW).steps()


def give_up_spent(pool):
    """Steps when all eight are in use: streams whose peer has gone, and that have no byte unread,
    give theirs up, and those that were opened and that nobody goes on with. What a stream says
    from now on is that it has ended."""
    for stream in list(pool.owners):
        if stream is None:
            continue
        opening = stream.opening
        if opening is not None and opening.forgotten():
            opening.drop()
        elif stream.spent():
            yield Wait(stream.readable, _MS)  # asks whether that is so
            if not stream.ended or not stream.spent():
                continue
        else:
            continue
        name = stream.address_on_module
        n = stream.release()
        stream.address_on_module = b""
        if n >= 0:
            yield from Closing(pool, b"", name, n).steps()
