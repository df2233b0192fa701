"""Stream: one connection of the module, in steps that never wait.

    read(buffer, n)         bytes that came, 0 at the end, None: not yet
    write(data, at, copy)   bytes that were taken, None: not yet
    sent()                  True when the module has all that was taken
    readable(), writable()  whether these say something else than None
    stop()                  gives up a read that said None
    close(), closed()       begins to close; True when that is over

A Socket is over a Stream, or over a Cork or the host's TLS, which have the same methods and are
over one. Whoever is over a stream holds it, and nobody else calls it.

Data wait in the module. An indication says so. They are pulled by SOCKR straight into the
reader's buffer, or into the read-ahead: for small reads, and while a socket is polled. What is
written goes to the UART straight from the writer's data if he waits for sent(). Else it is copied
to `out`, and goes when the line is free.
"""

from ..at.exchange import Exchange
from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

_RUNNING = const(-1)  # Exchange.code of channel.py

_MS = const(10000)  # mbed's limit for sending; all other socket commands are faster [k.20]
_SMALL = const(256)  # reads below this are served from a buffer that is read ahead
_AHEAD = const(730)  # its size: a page of a web server's is there with one command
_OUT = const(1024)  # bytes that a write takes which does not wait
_PIECE = const(256)  # of them in one SOCKW, because the UART takes them at its own pace

# What was begun, and is not over
_NOTHING = const(0)
_READING = const(1)  # SOCKR
_COUNTING = const(2)  # SOCKQ
_LISTING = const(3)  # SOCKL


class Stream:
    """A connection that SOCKON has opened, or, with another verb and name, a server's client."""

    verb = b""  # in its commands: SOCKR; D for those of a server's client, SOCKDR
    address_on_module = b""  # what they name it by; empty: nothing there is its own any more
    id = -1  # of the module's eight
    alive = False  # it is open, as far as we know
    opening: "Any" = None  # connect.Opening, until its connect() is over
    error: "OSError | None" = None  # what the next call raises
    pending = 0  # bytes that wait in the module, as far as we know
    owed = 0  # bytes announced and not read
    fresh = False  # an indication came since the module was asked last
    peer_closed = False
    ended = False  # and nothing of it waits any more
    cut = False  # its end is none that the other side made: by the network, or unheard
    ask_at = None  # when to ask the module again
    asked = 0  # questions asked in silence
    tries, doing = 0, _NOTHING  # tries: reads refused in a row
    asked_for = 0  # bytes: of the last SOCKR
    got = -1  # bytes: of its payload; -1: not announced yet
    answer = -1  # of the last SOCKQ
    sink = None  # where a read in flight goes
    # read ahead: a buffer made at the first small read, and its valid part
    ahead: "Any" = None
    ahead_at = ahead_end = 0
    spill: "Any" = None  # what the module gave beyond what was asked
    wrote = 0  # bytes: of the last SOCKW
    writing = False  # one was begun, and what became of it is not known yet
    out, out_at, out_end = None, 0, 0  # its part that still has to be sent
    lost = False  # bytes that were taken and copied could not be sent
    closing = None  # closing.Closing, once it was closed

    def __init__(self, pool):
        self.pool = pool
        self.channel = pool.channel
        self.exchange = Exchange(self.on_line)  # asks and reads
        self.writer = Exchange()
        # read_command, write_command: for asked_for and wrote bytes; read_header: its reply's

    def is_open(self):
        """As alive."""
        return self.alive

    # reading ---------------------------------------------------------------------------------
    def read(self, buffer, n):
        """Up to n bytes into buffer: how many, 0 at the end of the stream, None: not yet.

        After None they may be on their way into the buffer: call again with the same one, or
        stop(). n is above 0. OSError (ECONNRESET): bytes were lost, or may have been.
        """
        if self.doing:
            if self.exchange.code == _RUNNING:
                return None
            if self.finish():
                return self.got
        if self.ahead_at != self.ahead_end:
            return self.from_ahead(buffer, n)
        if not self.pending:
            self.channel.poll()
        if not self.alive or self.error is not None:
            self.refuse()
        if self.pending:
            self._pull(buffer, n)
        elif self.peer_closed:
            return self._end()
        else:
            self._silence()
        return None

    def readable(self):
        """True if read() gives bytes, the end or an error at once. Else what waits in the module
        is fetched, so that it will."""
        if self.doing:
            if self.exchange.code == _RUNNING:
                return False
            self.finish()
        told = self.error is not None or not self.alive or self.ended or not self.address_on_module
        if told or self.ahead_at != self.ahead_end:
            return True
        if self.pending:
            self._pull(None, self.pool.chunk)
        elif self.peer_closed:
            self.ask(_COUNTING)
        else:
            self._silence()
        return False

    def arriving(self):
        """True while an answer of the module is on its way."""
        return self.doing != _NOTHING

    def stop(self):
        """Give up a read that said None: what still comes goes into the read-ahead. False if the
        data of a write are on their way to the UART still."""
        if self.doing == _READING and self.sink is not self.ahead:
            sink = self.sink
            self._make_ahead(self.asked_for)
            n = max(0, self.got)
            self.ahead[:n] = memoryview(sink)[:n]  # pyright: ignore
            self.channel.parser.redirect(sink, self.ahead)
            self.sink = self.ahead
        payload = self.writer.payload
        return payload is None or payload is self.out or self.channel.outgoing is None

    def interrupted(self):
        """A call ended in the midst of it, by Ctrl-C for one: what was on its way is lost."""
        if self.writing and self.writer.code < 0:
            self.writing = False
            self.die()
        if self.doing and self.exchange.code < 0:
            if self.doing == _READING:
                self.die()
            self.doing, self.sink = _NOTHING, None
        self.stop()

    def _make_ahead(self, n):
        if self.ahead is None or len(self.ahead) < n:
            self.ahead = bytearray(max(n, _AHEAD))

    def from_ahead(self, buffer, n):
        """Up to n bytes of what was read ahead; return how many."""
        ahead = self.ahead
        at = self.ahead_at
        n = min(n, self.ahead_end - at)
        i = 0
        while i < n:
            buffer[i] = ahead[at]
            i += 1
            at += 1
        self.ahead_at = at
        if at == self.ahead_end:
            self.ahead_at = self.ahead_end = 0
            if self.spill is not None:  # then what came beyond
                self._spilled()
        return n

    def _spilled(self):
        self.ahead = self.spill
        self.ahead_end = len(self.spill)
        self.spill = None

    def _pull(self, buffer, n):
        """Begin a SOCKR of at most n bytes, if the line is free. Without buffer, and if more waits
        than a small read takes, they go into the read-ahead."""
        if n > self.pending:
            n = self.pending
        elif n < _SMALL and n < self.pending:
            n = min(_AHEAD, self.pending)
            buffer = None
        if n > self.pool.chunk:
            n = self.pool.chunk
        if buffer is None:
            self._make_ahead(n)
        self.fetch(buffer or self.ahead, n)

    def fetch(self, buffer, n):
        """Begin the SOCKR of n bytes, if the line is free."""
        exchange = self.exchange
        if n != self.asked_for:
            self.asked_for = n
            self.read_command = b"AT+S.SOCK%sR=%s,%d\r" % (self.verb, self.address_on_module, n)
            self.read_header = b"AT-S.Reading:%d:" % n
        if exchange.command is not self.read_command:
            exchange.prepare(self.read_command, None, _MS)
        exchange.awaits_payload = True
        self.got = -1
        self.sink = buffer
        if self.channel.start(exchange):
            self.doing = _READING
            self.ask_at = None
        elif not self.doing:  # or start() took in what came, and that went on with this stream
            self.sink, self.pool.reader = None, self
            self.channel.poll()  # or it would stay so for a reader who does nothing else

    def on_line(self, parser):
        """A line in reply to what was begun."""
        if self.doing != _READING:
            self._on_answer(parser)
            return
        # AT-S.Reading:<n>:<m>: n bytes follow at once; m means nothing. [g.3, decision 3]
        if parser.starts(self.read_header):
            n = self.asked_for
        elif parser.starts(b"AT-S.Reading:"):
            n = parser.number(1)
        else:
            # What could be this line, damaged, ends the stream: the payload behind it may hold
            # lines that look like it
            from ..at.reading import informs

            if not informs(parser):
                self.die()
                self.channel.lose()
            return
        spill = None
        if not 0 <= n <= self.asked_for or parser.number(2) < 0:
            from .failure import surplus

            spill = surplus(self, parser, n)
            if spill is None:
                return
        self.channel.announced(n >= self.asked_for, self)
        self.owed -= n
        self.pending = self.pending - n if self.asked_for <= n < self.pending else 0
        self.got = min(n, self.asked_for)
        parser.expect_data(n, self.sink, self.got, spill)

    def finish(self):
        """What was begun is over. True if the bytes of a read went straight into its buffer."""
        doing, self.doing = self.doing, _NOTHING
        if doing != _READING:
            self._answered(doing)
            return False
        sink, self.sink = self.sink, None
        if self.exchange.code or self.got < 0 or not self.alive:
            from .failure import unread

            unread(self)
            return False
        self.tries = 0
        if sink is self.ahead:
            self.ahead_end = self.got
            return False
        if self.spill is not None:
            self._spilled()
        return self.got > 0

    # asking ----------------------------------------------------------------------------------
    def _silence(self):
        """Nothing came. After pool.quiet_ms the module is asked, because indications can be lost;
        now and then for the list of sockets, which tells who has gone. [g.7, k.3, decision 2]"""
        if self.ask_at is None:
            self.ask_at = self.channel.deadline(self.pool.quiet_ms)
        elif self.channel.expired(self.ask_at):
            self.ask(_LISTING if self.asked & 7 == 7 and not self.tries else _COUNTING)

    def _end(self):
        """The other side has closed, and no bytes are known to wait. 0: that is all; None: the
        module is asked, because an indication may have been lost. [g.7, k.5]"""
        if self.ended or not self.address_on_module:
            if self.cut:
                self.refuse()
            self.ended = True
            return 0
        self.ask(_COUNTING)
        return None

    def ask(self, what):
        """Begin a question, if the line is free."""
        if what == _LISTING:
            command = b"AT+S.SOCK%sL\r" % self.verb
        else:
            command = b"AT+S.SOCK%sQ=%s\r" % (self.verb, self.address_on_module)
        self.answer = -1
        if self.channel.start(self.exchange.prepare(command, None, _MS)):
            self.doing = what
            self.fresh, self.ask_at = False, None
            self.asked += 1
        else:
            self.pool.reader = self

    def _on_answer(self, parser):
        if self.doing == _LISTING:
            # AT-S.List:<server>:<id>:<connected>:…; what comes after is not certain [g.5, g.6]
            name = self.address_on_module
            at = name.find(b",")
            if parser.starts(b"AT-S.List:%s:%s:" % (name[: max(0, at)], name[at + 1 :])):
                self.answer = parser.number(3)
        elif parser.starts(b"AT-S.Query:"):
            self.answer = parser.number(1)

    def _answered(self, doing):
        """A question is over."""
        code = self.exchange.code
        n = self.answer
        if doing == _LISTING and code >= 0:  # 0: WIND 58, or 62, was lost
            self.peer_closed = self.peer_closed or (n == 0 and not self.pending)
            return
        if code or not self.alive:
            from .failure import unanswered

            unanswered(self)
        elif n < 0:
            from .failure import unknown

            unknown(self)
        else:
            self.tries = 0
            if not self.fresh or self.pending <= n:
                self.pending = n
            if n == 0 and self.peer_closed and not self.pending:
                self.ended = self.owed <= 0
                self.owed = 0  # if more was announced, ask again: a digit may be lost

    # writing ---------------------------------------------------------------------------------
    def write(self, data, at, copy):
        """Take bytes of data (bytes or bytearray), from byte `at` on: how many, None: not yet.

        copy: they are copied, as many as there is room for. Else one SOCKW is begun that sends
        them from where they are: leave data alone until sent() is True. OSError (ECONNRESET): they
        were not sent, and will not be. An SOCKW that fails is never sent again, because its data
        might have gone out: it ends the stream. [k.1, g.4]
        """
        free = self.written()
        self.channel.poll()
        if not self.alive or self.error is not None or self.peer_closed or self.ended:
            self.refuse()
        if copy:
            return self._queue(data, at)
        if not free or self.out_at != self.out_end:
            self.poll()
            return None
        n = min(len(data) - at, self.pool.chunk)
        return n if self.begin_send(data, at, n) else None

    def sent(self):
        """True when the module has all that was taken; OSError if it has not got it."""
        over = self.poll()
        if over and self.error is not None:
            self.refuse()
        return over

    def writable(self):
        """True if write() takes at least a byte, or raises, at once."""
        if not self.written() or self.out_at != self.out_end:
            return self.out is None or self.out_end < len(self.out)
        return True

    def poll(self):
        """Begin to send what was taken and copied, if the line is free. True when nothing of it is
        left, or it cannot be sent: then error says why."""
        if not self.written():
            return False
        n = self.out_end - self.out_at
        if n and not (self.alive and self.address_on_module):
            self.lost = True
            n = 0
        if not n:
            self.out_at = self.out_end = 0
            return True
        self.pool.let_read()
        n = min(n, _PIECE, self.pool.chunk)
        if self.begin_send(self.out, self.out_at, n):
            self.out_at += n
            while self.channel.writing():  # or the rest would wait for the next call
                self.channel.poll()
        return False

    def _queue(self, data, at):
        """Copy bytes of data to `out`."""
        if self.out is None:
            self.out = bytearray(_OUT)
        if self.out_at == self.out_end and not self.writing:
            self.out_at = self.out_end = 0
        n = min(len(data) - at, len(self.out) - self.out_end)
        if n <= 0:
            return None
        end = self.out_end + n
        self.out[self.out_end : end] = data if n == len(data) else memoryview(data)[at : at + n]
        self.out_end = end
        self.poll()
        if self.out_at != self.out_end:
            self.pool.put_off(self)
        return n

    def keep(self, data):
        """Take all of data, whatever room there is, and send it when the line is free."""
        rest = self.out_end - self.out_at
        room = 0 if self.out is None else len(self.out) - self.out_end
        if len(data) > room:
            out = bytearray(max(_OUT, rest + len(data)))
            if rest:
                out[:rest] = memoryview(self.out)[self.out_at : self.out_end]  # pyright: ignore
            self.out = out  # an SOCKW in flight has the other one
            self.out_at = 0
            self.out_end = rest
        self._queue(data, 0)

    def begin_send(self, data, at, n):
        """Begin an SOCKW of n bytes of data from byte `at` on; False if the line is not free."""
        if self.channel.busy():
            return False
        if n != self.wrote:
            self.wrote = n
            self.write_command = b"AT+S.SOCK%sW=%s,%d\r" % (self.verb, self.address_on_module, n)
        exchange = self.writer.prepare(self.write_command, data, _MS, at + n)
        exchange.at = at
        self.pool.writer = self
        begun = self.channel.start(exchange)
        self.writing = self.writing or begun  # as in fetch()
        if not self.writing:
            exchange.payload = None
        return begun

    def written(self):
        """False while an SOCKW is in flight. Sees to what became of it."""
        if self.writing:
            if self.writer.code == _RUNNING:
                return False
            self.writing = False
            if self.writer.code:
                from .failure import unsent

                unsent(self)
        return True

    # its end ---------------------------------------------------------------------------------
    def spent(self):
        """True if its peer has gone, and nothing of it is known to be unread."""
        unread = self.pending or self.sink or self.ahead_at != self.ahead_end
        return self.peer_closed and not unread and bool(self.address_on_module)

    def on_pending(self, parser):
        """+WIND:55 of this stream: bytes have come, and wait in the module. [g.7]"""
        n = parser.number(5)
        if n > 0:
            self.owed += n
        n = parser.number(6)
        if n > self.pending:  # less is stale news [g.7]
            self.pending = n
        self.fresh = True

    def die(self):
        """Bytes of the stream may be lost: it is over."""
        self.alive, self.spill = False, None
        self.pending = self.ahead_at = self.ahead_end = 0

    def refuse(self):
        """Raise what a call gets that needs an open stream."""
        from .failure import not_open

        not_open(self)

    def release(self):
        """Let go of the number on the module; return it, or -1."""
        pool = self.pool
        n, self.id = self.id, -1
        if n < 0 or pool.owners[n] is not self:
            return -1
        pool.owners[n] = None
        pool.leaked |= 1 << n
        return n

    def close(self, now=True):
        """Begin to close. What was taken is sent first; then data that wait in the module are
        thrown away, within a bound. [k.4] now: False if no command may be sent yet."""
        if self.closing is None:
            from .closing import Closing

            self.ahead, self.spill, self.ahead_at, self.ahead_end = None, None, 0, 0
            self.closing = Closing(self.pool, self.verb, self.address_on_module, -1, self)
            self.pool.put_off(self.closing, now)

    def closed(self):
        """True when close() is over."""
        return self.closing is not None and self.closing.over

    def confirm(self):
        """After close(): OSError if bytes that were taken could not be sent."""
        if self.lost:
            self.refuse()
