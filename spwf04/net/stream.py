"""Stream: one connection of the module, in steps that never wait.

    read(buffer, n)         receives: how many bytes, 0 at the end, None: nothing yet
    write(data, at, copy)   takes bytes to be sent: how many, None: no room yet
    sent()                  True when the module has all bytes that were taken
    readable(), writable()  True if read() or write() would not return None
    free_buffers()          ends the use of a caller's buffer after read() returned None
    close(), closed()       begins to close; True when that is over

A Socket holds one stream: a Stream, or a Cork or the host's TLS, which have the same methods and
hold a Stream. Nobody but its holder calls a stream.

Received data wait in the module until SOCKR fetches them; an indication announces them. They go
straight into the reader's buffer. Small reads, and sockets that are polled, use the read-ahead.
Data of a writer that waits for sent() go to the UART from where they are. Others are copied to
`out`, and go when the line is free.
"""

from ..at.exchange import RUNNING, Exchange
from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

_MS = const(10000)  # mbed's limit for sending; all other socket commands are faster [k.20]
_SMALL = const(256)  # reads below this many bytes use the read-ahead
_AHEAD = const(730)  # its size: one command fetches a small web page
_OUT = const(1024)  # size of `out`
_PIECE = const(256)  # bytes of `out` in one SOCKW, because the UART takes them at its own pace

# Stream.in_flight
_NOTHING = const(0)
READING = const(1)  # SOCKR
COUNTING = const(2)  # SOCKQ: how many bytes wait
_LISTING = const(3)  # SOCKL: which sockets are connected


class Stream:
    """A connection that SOCKON opened. clients.Client is one that a server accepted."""

    daemon = b""  # b"D" in the commands of a server's client: SOCKDR instead of SOCKR
    address_on_module = b""  # names it in commands; empty: it has no place on the module any more
    id = -1  # of the module's eight
    opened_by = b""  # the command that has opened it
    alive = False  # it is open, as far as is known
    opening: "Any" = None  # connect.Opening, until its connect() is over
    error: "OSError | None" = None  # the next call raises it
    pending = 0  # bytes that wait in the module, as far as is known
    outstanding = 0  # bytes announced by indications, less those read
    indicated = False  # an indication came after the last question
    peer_closed = False
    eof = False  # the peer has closed, and all bytes were read
    truncated = False  # its end is not the peer's doing, or bytes before it may be lost
    reason = 0  # the module's number for such an end, 0 if it gave none
    refused, probe = False, None  # see half.py
    ask_at = None  # when to ask the module again
    questions = 0  # count of questions
    failures = 0  # reads and questions that failed, one after the other
    in_flight = _NOTHING
    asked_for = 0  # bytes that the last SOCKR asked for
    got = -1  # bytes that its reply brings; -1: not known yet
    answer = -1  # number in the reply to the last question
    sink = None  # the buffer of a read in flight
    ahead: "Any" = None  # the read-ahead, made by the first small read
    ahead_at = ahead_end = 0  # the part of it that is not read yet
    surplus: "Any" = None  # bytes that the module gave beyond those asked for
    wrote = 0  # bytes of the last SOCKW
    writing = False  # an SOCKW was begun, and its result was not looked at yet
    out, out_at, out_end = None, 0, 0  # copied data, and the part of them that is not sent yet
    unsent = False  # copied data could not be sent
    closing = None  # closing.Closing, after close()

    def __init__(self, pool):
        self.pool = pool
        self.channel = pool.channel
        self.exchange = Exchange(self.on_line)  # reads and questions
        self.writer = Exchange()
        # The first command makes read_command, read_header (of its reply) and write_command

    def is_open(self):
        """True while it is open, as far as is known."""
        return self.alive and not self.refused

    # reading ---------------------------------------------------------------------------------
    def read(self, buffer, n):
        """Receive up to n bytes, at least 1, into buffer: how many, 0 at the end, None: not yet.

        After None bytes may be on their way into the buffer: call again with the same buffer, or
        call free_buffers(). OSError (ECONNRESET): bytes were lost, or may have been.
        """
        if self.in_flight:
            if self.exchange.code == RUNNING:
                return None
            if self.finish():
                return self.got
        if self.ahead_at != self.ahead_end:
            return self.from_ahead(buffer, n)
        if not self.pending:
            self.channel.poll()
        if not self.alive or self.error is not None:
            self.raise_error()
        if self.pending:
            self._pull(buffer, n)
        elif self.peer_closed:
            return self._at_end()
        else:
            self.on_silence()
        return None

    def readable(self):
        """True if read() gives bytes, the end or an error at once. If not, this fetches what
        waits in the module, or asks whether there is anything."""
        if self.in_flight:
            if self.exchange.code == RUNNING:
                return False
            self.finish()
        over = self.error is not None or not self.alive or self.eof or not self.address_on_module
        if over or self.ahead_at != self.ahead_end:
            return True
        if self.pending:
            self._pull(None, self.pool.chunk)
        elif self.peer_closed:
            self.ask(COUNTING)
        else:
            self.on_silence()
        return False

    def arriving(self):
        """True while an answer of the module is on its way."""
        return self.in_flight != _NOTHING

    def free_buffers(self):
        """End the use of callers' buffers: bytes that still come go into the read-ahead. False
        while the data of a write are on their way to the UART."""
        if self.in_flight == READING and self.sink is not self.ahead:
            sink = self.sink
            self._make_ahead(self.asked_for)
            n = max(0, self.got)
            self.ahead[:n] = memoryview(sink)[:n]  # pyright: ignore
            self.channel.parser.redirect(sink, self.ahead)
            self.sink = self.ahead
        payload = self.writer.payload
        return payload is None or payload is self.out or self.channel.outgoing is None

    def interrupted(self):
        """An exception, Ctrl-C for one, ended a call: what was on its way is lost."""
        if self.writing and self.writer.code < 0:
            self.writing = False
            self.die()
        if self.in_flight and self.exchange.code < 0:
            if self.in_flight == READING:
                self.die()
            self.in_flight, self.sink = _NOTHING, None
        self.free_buffers()

    def _make_ahead(self, n):
        if self.ahead is None or len(self.ahead) < n:
            self.ahead = bytearray(max(n, _AHEAD))

    def from_ahead(self, buffer, n):
        """Copy up to n bytes of the read-ahead into buffer; return how many."""
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
            if self.surplus is not None:
                self._take_surplus()
        return n

    def _take_surplus(self):
        self.ahead, self.surplus = self.surplus, None
        self.ahead_end = len(self.ahead)

    def _pull(self, buffer, n):
        """Begin an SOCKR of up to n bytes, if the line is free. They go into the read-ahead if
        buffer is None, or if n is small and more waits."""
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
        """Begin an SOCKR of n bytes, if the line is free."""
        exchange = self.exchange
        if n != self.asked_for:
            self.asked_for = -1  # until there was memory for both
            self.read_command = b"AT+S.SOCK%sR=%s,%d\r" % (self.daemon, self.address_on_module, n)
            self.read_header = b"AT-S.Reading:%d:" % n
            self.asked_for = n
        if exchange.command is not self.read_command:
            exchange.prepare(self.read_command, None, _MS)
        exchange.awaits_payload = True
        self.got = -1
        self.sink = buffer
        if self.channel.start(exchange):
            self.in_flight = READING
            self.ask_at = None
        elif not self.in_flight:  # start() takes in what came, which may begin a read here
            self.sink, self.pool.waiting_reader = None, self
            self.channel.poll()  # so that the line gets free, though the caller only reads

    def on_line(self, parser):
        """A line in reply to what is in flight."""
        if self.in_flight != READING:
            self._on_answer_line(parser)
            return
        # AT-S.Reading:<n>:<m>: n bytes follow at once; m means nothing. [g.3, decision 3]
        if parser.starts(self.read_header):
            n = self.asked_for
        elif parser.starts(b"AT-S.Reading:"):
            n = parser.number(1)
        else:
            # It may be a damaged header. The payload behind it may have lines that look like one
            from ..at.reading import informs

            if not informs(parser):
                self.die()
                self.channel.lose()
            return
        surplus = None
        if not 0 <= n <= self.asked_for or parser.number(2) < 0:
            from .failure import odd_header

            surplus = odd_header(self, parser, n)
            if surplus is None:
                return
        self.channel.announced(n >= self.asked_for, self)
        self.outstanding -= n
        self.pending = self.pending - n if self.asked_for <= n < self.pending else 0
        self.got = min(n, self.asked_for)
        parser.expect_data(n, self.sink, self.got, surplus)

    def finish(self):
        """What was in flight is over. True if bytes of a read are in the caller's buffer."""
        what, self.in_flight = self.in_flight, _NOTHING
        if what != READING:
            self.on_answer(what)
            return False
        sink, self.sink = self.sink, None
        if self.exchange.code or self.got < 0 or not self.alive:
            from .failure import read_failed

            read_failed(self)
            return False
        self.failures = 0
        if sink is self.ahead:
            self.ahead_end = self.got
            return False
        if self.surplus is not None:
            self._take_surplus()
        return self.got > 0

    # asking ----------------------------------------------------------------------------------
    def on_silence(self):
        """Nothing came. After pool.quiet_ms ask the module how many bytes wait, each eighth time
        which peers have gone, because indications can be lost. [g.7, k.3, decision 2]"""
        if self.ask_at is None:
            self.ask_at = self.channel.deadline(self.pool.quiet_ms)
        elif self.channel.expired(self.ask_at):
            self.ask(_LISTING if self.questions & 7 == 7 and not self.failures else COUNTING)

    def _at_end(self):
        """The peer has closed, and no bytes are known to wait. 0: that is all. None: this asks the
        module, because an indication may have been lost. [g.7, k.5]"""
        if self.eof or not self.address_on_module:
            if self.truncated:
                self.raise_error()
            self.eof = True
            return 0
        self.ask(COUNTING)
        return None

    def ask(self, what):
        """Begin a question, COUNTING or _LISTING, if the line is free."""
        if what == _LISTING:
            command = b"AT+S.SOCK%sL\r" % self.daemon
        else:
            command = b"AT+S.SOCK%sQ=%s\r" % (self.daemon, self.address_on_module)
        self.answer = -1
        if self.channel.start(self.exchange.prepare(command, None, _MS)):
            self.in_flight = what
            self.indicated, self.ask_at = False, None
            self.questions += 1
        else:
            self.pool.waiting_reader = self

    def _on_answer_line(self, parser):
        if self.in_flight == _LISTING:
            # AT-S.List:<server>:<id>:<connected>:…; the rest is not certain [g.5, g.6]
            name = self.address_on_module
            at = name.find(b",")
            if parser.starts(b"AT-S.List:%s:%s:" % (name[: max(0, at)], name[at + 1 :])):
                self.answer = parser.number(3)
        elif parser.starts(b"AT-S.Query:"):
            self.answer = parser.number(1)

    def on_answer(self, what):
        """A question is over."""
        code = self.exchange.code
        n = self.answer
        if what == _LISTING and code >= 0:  # not connected: WIND 58 or 62 was lost
            self.peer_closed = self.peer_closed or (n == 0 and not self.pending)
            return
        if code or not self.alive:
            from .failure import question_failed

            question_failed(self)
        elif n < 0:
            from .failure import answer_missing

            answer_missing(self)
        else:
            self.failures = 0
            if not self.indicated or self.pending <= n:
                self.pending = n
            if n == 0 and self.peer_closed and not self.pending:
                self.eof = self.outstanding <= 0
                self.outstanding = 0  # if bytes are missing, ask again: n may have lost a digit

    # writing ---------------------------------------------------------------------------------
    def write(self, data, at, copy):
        """Take bytes of data (bytes or bytearray) from byte `at` on: how many, None: no room yet.

        copy: copies as many as fit into `out`. Else it begins one SOCKW that sends them from where
        they are: leave data alone until sent() is True. OSError (ECONNRESET): they are not sent,
        and will not be. A failed SOCKW is never sent again, because its data might have gone out:
        it ends the stream. [k.1, g.4]
        """
        free = self.written()
        self.channel.poll()
        if not self.alive or self.error is not None:
            self.raise_error()
        if self.peer_closed and self.pool.in_doubt(self, copy):
            return None
        if copy:
            return self._copy(data, at)
        if not free or self.out_at != self.out_end:
            self.poll()
            return None
        n = min(len(data) - at, self.pool.chunk)
        return n if self.begin_send(data, at, n) else None

    def sent(self):
        """True when the module has all bytes that were taken; OSError if they cannot be sent."""
        over = self.poll()
        if over and self.error is not None:
            self.raise_error()
        return over

    def writable(self):
        """True if write() takes at least a byte, or raises, at once."""
        free = self.written() and self.out_at == self.out_end
        return free or self.out is None or self.out_end < len(self.out)

    def poll(self):
        """Begin to send copied data, if the line is free. True when nothing of them is left, or
        they cannot be sent; then the next call raises."""
        if not self.written():
            return False
        n = self.out_end - self.out_at
        if n and not (self.alive and self.address_on_module):
            self.unsent = True
            n = 0
        if not n:
            self.out_at = self.out_end = 0
            return True
        self.pool.yield_to_reader()
        n = min(n, _PIECE, self.pool.chunk)
        if self.begin_send(self.out, self.out_at, n):
            self.out_at += n
            while self.channel.writing():  # the rest must not wait for the next call
                self.channel.poll()
        return False

    def _copy(self, data, at):
        """Copy bytes of data from byte `at` on to `out`; return how many, None if it is full."""
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
            self.pool.add_job(self)
        return n

    def queue(self, data):
        """Copy all of data, in a larger `out` if need be, and send it when the line is free."""
        rest = self.out_end - self.out_at
        room = 0 if self.out is None else len(self.out) - self.out_end
        if len(data) > room:
            out = bytearray(max(_OUT, rest + len(data)))
            if rest:
                out[:rest] = memoryview(self.out)[self.out_at : self.out_end]  # pyright: ignore
            self.out = out  # an SOCKW in flight still reads from the old one
            self.out_at, self.out_end = 0, rest
        self._copy(data, 0)

    def begin_send(self, data, at, n):
        """Begin an SOCKW of n bytes of data from byte `at` on; False if the line is not free."""
        if self.channel.busy():
            return False
        if n != self.wrote:
            self.write_command = b"AT+S.SOCK%sW=%s,%d\r" % (self.daemon, self.address_on_module, n)
            self.wrote = n
        exchange = self.writer.prepare(self.write_command, data, _MS, at + n)
        exchange.at = at
        exchange.doubtful = self.peer_closed
        self.pool.last_writer = self
        begun = self.channel.start(exchange)
        self.writing = self.writing or begun  # start() may have begun one, as in fetch()
        if not self.writing:
            exchange.payload = None
        return begun

    def written(self):
        """False while an SOCKW is in flight. Looks at its result when it is over."""
        if self.writing:
            if self.writer.code == RUNNING:
                return False
            self.writing = False
            if self.writer.code or self.writer.doubtful:
                from .failure import write_over

                write_over(self)
        return True

    # the end ---------------------------------------------------------------------------------
    def spent(self):
        """True if the peer has gone, no byte is known to be unread, and it still has a place."""
        unread = self.pending or self.sink or self.ahead_at != self.ahead_end
        return self.peer_closed and not unread and bool(self.address_on_module)

    def on_pending(self, parser):
        """+WIND:55 of this stream: bytes have come and wait in the module. [g.7]"""
        n = parser.number(5)
        if n > 0:
            self.outstanding += n
        n = parser.number(6)
        if n > self.pending:  # a smaller number is an old one [g.7]
            self.pending = n
        self.indicated = True

    def die(self):
        """End the stream, because bytes of it may be lost."""
        self.alive, self.surplus = False, None
        self.pending = self.ahead_at = self.ahead_end = 0

    def raise_error(self):
        """Raise the error of a call that needs an open stream."""
        from .failure import not_open

        not_open(self)

    def release(self):
        """Give up the id on the module and mark it as leaked; return it, -1 if there is none."""
        pool = self.pool
        n, self.id = self.id, -1
        if n < 0 or pool.owners[n] is not self:
            return -1
        pool.owners[n] = None
        pool.leaked |= 1 << n
        return n

    def close(self, now=True):
        """Begin to close. Bytes that were taken are sent first. Data that wait in the module are
        thrown away, within a bound. [k.4] now: False if this call may not send a command."""
        if self.closing is None:
            from .closing import Closing

            self.ahead, self.surplus, self.ahead_at, self.ahead_end = None, None, 0, 0
            Closing(self.pool, self.daemon, self.address_on_module, -1, self).begin(now)

    def closed(self):
        """True when close() is over."""
        return self.closing is not None and self.closing.over

    def confirm(self):
        """After close(): OSError if bytes that were taken could not be sent."""
        if self.unsent:
            self.raise_error()
