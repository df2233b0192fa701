"""Closes connections of the module, and frees ids that nobody owns any more.

A close may take several commands. They are sent when the line is free; no call waits for them.
The module refuses to close a socket whose data wait. So they are read and thrown away, within a
bound, because a peer that never stops sending could keep it so for ever. An id that is not free
then is marked as leaked: each open tries again, for a short time. [k.4]
"""

from ..at.exchange import RESTARTED, RUNNING, Exchange
from ..at.reading import announced
from ..at.task import Task, Wait
from ..const import const

_MS = const(10000)
_LIST_MS = const(3000)
_SEND_MS = const(60000)  # for bytes that were taken, while other commands are in flight
_TRIES = const(4)  # of SOCKC [k.4]
_READS = const(64)  # most reads that throw the data of one socket away
FEW = const(16)  # the same for a socket whose close has failed before
_DRAIN_MS = const(10000)  # no command for it begins later than this after the first SOCKC
_RECLAIM_MS = const(1500)  # the same before an open, for all leaked ids together
_FREE = (0, 72, 76, RESTARTED)  # codes of a close after which the id is free


class Closing:
    """A close on its way. over: nothing more is done. sent: its first command has gone out.

    daemon, name: Stream.daemon and Stream.address_on_module. n: the id, which is marked as leaked
    until it is closed, or -1. stream: its bytes that were taken are sent first; or None. reads,
    ms: the bound, see _READS and _DRAIN_MS.
    """

    over = False
    sent = False
    _cancelled = False

    def __init__(self, pool, daemon, name, n=-1, stream=None, reads=_READS, ms=_DRAIN_MS):
        self.channel = pool.channel
        self._pool = pool
        self.name = daemon, name
        self._command = b"AT+S.SOCK%sC=%s\r" % (daemon, name)
        self._exchange = Exchange(self._on_line)
        self._id = n
        self.stream = stream
        self._reads = reads
        self._until = ms  # after the first SOCKC: when the bound is reached
        self._pending = 0
        self._generation = pool.channel.generation
        self._task = Task(pool.channel, self.steps())

    def begin(self, now):
        """Begin the close of its stream. now: False if this call may not send a command."""
        self.stream.closing = self
        try:
            self._pool.add_job(self, now)
        except MemoryError:
            if self not in self._pool.jobs:
                self.stream.closing = None  # it was not begun
            raise

    def poll(self):
        """Take the next step; True when there is nothing more to do."""
        try:
            self.over = self.over or self._task.poll()
        except MemoryError:
            self.over = True
            if self.stream is not None:
                self.stream.release()  # the next open closes it
        return self.over

    def free(self):
        """True once the id is free: the module has said so, or has restarted."""
        exchange = self._exchange
        said = self.sent and exchange.command is self._command and exchange.code in _FREE
        return said or self._generation != self.channel.generation

    def cancel(self):
        """Send nothing, if no command has gone out yet."""
        self._cancelled = not self.sent

    def _needed(self):
        """False if the id was closed by other means; it may be in use again then."""
        return (
            not self._cancelled
            and self._generation == self.channel.generation
            and (self._id < 0 or bool(self._pool.leaked >> self._id & 1))
        )

    def steps(self):
        """Steps: SOCKC; if the reply is 77, "Pending data", read what waits and try again. This is
        bounded, because a peer that goes on sending could keep it at 77. [g.5, k.4]"""
        stream = self.stream
        if stream is not None:
            yield Wait(stream.poll, _SEND_MS)
            if stream.unsent:
                self._pool.unsent += 1
            self._id = stream.release()
            if self._pool.last_writer is stream:
                self._pool.last_writer = None
            if self._id < 0 and not stream.daemon:
                return  # it has no id any more
        exchange = self._exchange
        for _ in range(_TRIES):
            # Task waits for the line too, but then sends in any case. The place may be another
            # client's by then.
            yield Wait(self._free_to_send, _SEND_MS)
            if not self._needed():
                return
            if not self.sent:
                self._until = self.channel.deadline(self._until)
            elif self.channel.expired(self._until):
                return
            self.sent = True
            exchange.code = RUNNING
            yield exchange.prepare(self._command, None, _MS)
            if self.free():
                if self._id >= 0:
                    self._pool.leaked &= ~(1 << self._id)
                return
            if exchange.code != 77 or not self._reads:
                break
            yield from self.throw_away()
        # An id that is still marked as leaked is closed before the next open

    def throw_away(self):
        """Steps: read what waits, until nothing does or the bound is reached."""
        exchange = self._exchange
        while self._reads and exchange.code >= 0 and not self.channel.expired(self._until):
            self._reads -= 1
            yield exchange.prepare(b"AT+S.SOCK%sQ=%s\r" % self.name, None, _MS)
            if exchange.code or self._pending <= 0:
                break
            self._pending = size = min(self._pending, self._pool.chunk)
            exchange.awaits_payload = True
            yield exchange.prepare(b"AT+S.SOCK%sR=%s,%d\r" % (self.name + (size,)), None, _MS)
            exchange.awaits_payload = False
            self._pending = 0
            if exchange.code:
                break

    def _free_to_send(self):
        return not self.channel.busy() or not self._needed()

    def _on_line(self, parser):
        if self._pending > 0:
            announced(self.channel, parser, self._pending)
        elif parser.starts(b"AT-S.Query:"):
            self._pending = parser.number(1)


def reclaim(pool):
    """Steps before an open: close the module's sockets that nobody owns. An earlier run or a
    failure has left them."""
    yield Wait(lambda: not pool.jobs, _MS)  # closes that are on their way
    channel = pool.channel
    if pool.listed_at != channel.resyncs:  # a lost reply may have told of a socket
        pool.listed_at = channel.resyncs

        def on_line(parser):
            # AT-S.List::<id>:…; the other fields are not certain [g.5]
            if parser.starts(b"AT-S.List::"):
                n = parser.number(2)
                if 0 <= n < len(pool.owners) and pool.owners[n] is None:
                    pool.leaked |= 1 << n

        # Firmware without SOCKL answers with an error: then there is no list
        yield Exchange(on_line).prepare(b"AT+S.SOCKL\r", None, _LIST_MS)
    until = channel.deadline(_RECLAIM_MS)
    for _ in pool.owners:
        if channel.expired(until):
            return  # the next open begins with the next id
        pool.tried = n = (pool.tried + 1) & 7
        if pool.leaked >> n & 1 and pool.owners[n] is None:
            left = channel.left(until)
            yield from Closing(pool, b"", b"%d" % n, n, None, FEW, left).steps()


def close_spent(pool):
    """Steps when all eight ids are in use: close streams whose peer has gone and that have no byte
    unread, and connections whose connect() was abandoned. Such a stream reads as ended."""
    for stream in list(pool.owners):
        if stream is None:
            continue
        opening = stream.opening
        if opening is not None and opening.abandoned():
            opening.drop()
        elif stream.spent():
            yield Wait(stream.readable, _MS)  # this asks the module whether it is so
            if not stream.eof or not stream.spent():
                continue
        else:
            continue
        name = stream.address_on_module
        n = stream.release()
        stream.address_on_module = b""
        if n >= 0:
            yield from Closing(pool, b"", name, n).steps()
