"""Owns the UART: one command in flight, a deadline on each, indications to whom they concern.

Rule 1: one exchange (a command and its reply) at a time; the module loses bursts. [a.2]
Rule 2: start() and poll() never wait; run() is the only loop, and it is built on them.
Rule 3: no byte is discarded unparsed. After a failure resync.py finds the module again, by
        questions whose answers cannot be mistaken for an older reply.
Rule 4: it knows no command, and no feature: features register themselves in on_indication,
        on_restart and on_stray.
"""

from ..const import const
from .exchange import Exchange
from .parser import Parser
from .task import Task
from .uart import UART

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Callable

# The smallest period among the interpreters (CircuitPython wraps at 2**29 ms).
_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)

# The parser's events, besides 0: NEED_DATA
_LINE = const(1)
_INDICATION = const(2)
_ERROR = const(4)

# Exchange.code: a module's number when positive, 0 for OK, else one of these, which are
# repeated where they are needed: an underscored const costs no memory.
_RUNNING = const(-1)
_TIMED_OUT = const(-2)  # no final line within timeout_ms
_RESTARTED = const(-3)  # the module restarted meanwhile
_LOST = const(-4)  # not sent: the module could not be found again

_BOOT_MS = const(8000)  # mbed's limit for WIND 0 [b.3]
_CUT_MS = const(20)  # part of a line, and then nothing for so long: the rest is lost
_LONGEST = const(128)  # of the last lines of replies, and of indications
_CARE_MS = const(60)  # how long a refusal may take that must come before its payload

# Bytes of lines taken at once: no more than the header of a read has, 22 or 23, because payload
# behind it in the same piece is copied byte by byte; or just the OK after the payload
_LINES = const(64)
_HEADER = const(23)
_OK_LINE = const(9)

# Channel states
_UNKNOWN = const(0)  # nothing has answered yet, or the module restarted: echo may be on
_READY = const(1)
_OUT_OF_STEP = const(2)  # a reply was missed; the next command starts by finding the module


def _hold(data, at, end):
    """True if a payload might do harm as console input, which a refused one becomes. [g.4]"""
    return (
        data.find(b"+S.", at, end) >= 0
        or data.find(b"+s.", at, end) >= 0
        or data.find(b"T&", at, end) >= 0
        or data.find(b"t&", at, end) >= 0
    )


def _glued(parser):
    """True if another line begins in this one: what looks like an end is payload that has none."""
    at = parser.start
    return parser.length > _LONGEST or (
        parser.line.find(b"AT-S.", at + 5, at + parser.length) >= 0  # 5: behind its own
    )


class ATChannel:
    """The line to the module.

    uart: anything like machine.UART, busio.UART or serial.Serial. clock: an object with
    ticks_ms() and idle(), as uart.UART has them; None: the interpreter's.

    Read them: uart, the adapter, which counts the bytes received and sent. clock. exchange: in
    flight, or None. commands: count of commands sent. resyncs: how often the module had to be
    found again. recovered: how often each level brought it back: asking once, filling up a data
    phase, asking again, a reset by command, a reset by its pin. generation: count of restarts of
    the module that were seen. booting: it is starting.

    Set them: on_indication, a dictionary of handler(parser) by the number of an indication;
    on_wind, one for all other numbers; on_restart, a list of handler(); on_sent, a
    handler(exchange) that is called as its command is begun.
    """

    def __init__(self, uart, clock=None):
        self.uart = UART(uart)
        self.clock = clock or self.uart
        self.parser = Parser()
        self.on_indication = {}  # number -> handler(parser)
        self.on_wind: "Callable | None" = None  # handler(parser) for all other numbers
        self.on_restart = []  # handler() each
        self.on_stray = None  # handler(parser) for reply lines of a command given up
        self.on_doubt = None  # handler() when the last write was not what it should have been
        self.on_sent: "Callable | None" = None  # handler(exchange) when its command is begun
        self.idle: "Callable | None" = None  # see when_idle()
        self.commands = self.resyncs = self.generation = 0
        self.recovered = [0] * 5
        self.booting = False  # WIND 1 was seen, WIND 0 not yet
        self._state = _UNKNOWN
        self._found = False  # something has answered since the channel was made
        self._finder = None  # resync.Finder, which is then in flight
        self.exchange = None  # in flight
        self._fill = 0  # LFs that complete a data phase left open
        # _room: bytes to be taken next of a reply: as many as an indication in the last one had
        # (_heard), if one came, for it comes again while data flow
        self._room = self._heard = _HEADER
        # What is being written, the command in flight or its payload: to be gone on with at byte
        # out_at, up to out_end; a payload waits until _hold: a refusal must come before it
        self.outgoing = self._hold = None
        self.out_at = self.out_end = 0
        self._ending = None  # the code of an end that is not believed yet, see Exchange.doubt
        self._reader = None  # whose payload came last, if no command was sent since
        self._mute = None  # True: no echo came since it was switched off. None: it did
        self.probe = 0  # which question resync.py asked last
        # _deadline: of the exchange in flight. _quiet: when part of a line is given up. _boot_end:
        # of booting.

    # time ------------------------------------------------------------------------------------
    def deadline(self, timeout_ms):
        """The moment so many ms from now, for expired()."""
        return (self.clock.ticks_ms() + timeout_ms) & _MASK

    def expired(self, deadline):
        """True if the moment has come. None never comes."""
        return deadline is not None and (self.clock.ticks_ms() - deadline) & _MASK < _HALF

    def left(self, deadline):
        """Milliseconds until that moment, 0 once it has come."""
        return 0 if self.expired(deadline) else (deadline - self.clock.ticks_ms()) & _MASK

    # what is known ---------------------------------------------------------------------------
    def in_step(self):
        """True if the module answers, as far as is known: the next command is sent at once."""
        return self._state == _READY

    def lost(self):
        """True if a reply was missed and the module was not found again yet."""
        return self._state == _OUT_OF_STEP

    # stepwise --------------------------------------------------------------------------------
    def busy(self):
        """True while a command is in flight, or a line is arriving."""
        if self.exchange is not None:
            return True
        parser = self.parser
        if parser.begun and self._state == _READY:
            # The reply would be glued to a line whose end the host's UART has lost
            if not self.expired(self._quiet):
                return True
            parser.reset()
        return False

    def start(self, exchange):
        """Begin a prepared exchange; False if busy. Never waits."""
        came = False
        if self.exchange is None and self._state != _READY:
            came = self.poll()  # what came before, the text of a boot perhaps, is no answer
        if (self.exchange is not None or self.parser.begun) and self.busy():
            return False
        exchange.code = _RUNNING
        try:
            if self._state == _READY:
                self._launch(exchange)
            else:
                from .resync import Finder

                Finder(self, exchange, came)
        except:  # by the UART, or by what is to be sent
            self._broken(exchange)
            raise
        return True

    def poll(self):
        """Take in what has arrived and advance the exchange in flight. Never waits.

        Returns True if anything moved. Ends after sixteen pieces, so that a fast sender cannot
        hold the caller.
        """
        moved = self.outgoing is not None and self._write()
        parser = self.parser
        left = 16
        while left:
            if parser.strict:
                most = _OK_LINE
            elif self.exchange is None:
                most = _LINES
            elif parser.begun:  # what is missing of a header that has begun
                most = _HEADER - parser.begun % _HEADER
            else:
                most = self._room
            if not self.uart.read(parser, most):
                break
            left -= 1
            while parser.pos < parser.end:
                event = parser.next_event()
                if event == _LINE:
                    self._on_line(parser)
                elif event == _INDICATION:
                    self._on_wind(parser)
                elif event:
                    self._ended(max(1, parser.code) if event == _ERROR else 0)
        if left < 16:
            moved = True
            if parser.begun:
                self._quiet = self.deadline(_CUT_MS)
            if self._finder is not None:
                self._finder.heard()
        if self.exchange is None:
            if self.idle is not None:
                self.idle()
        elif self.expired(self._deadline):
            if self._finder is not None:
                self._finder.late()
            elif self._ending is not None:
                self._believe()
            else:
                parser.drop()
                self._lost_step(self.exchange)
                self._finish(_TIMED_OUT)
        return moved

    def when_idle(self, handler):
        """Have handler() called after each poll() that finds no command in flight, or None."""
        self.idle = handler

    # blocking --------------------------------------------------------------------------------
    def run(self, exchange, deadline=None):
        """Run a prepared exchange to its end and return True.

        With a deadline: False once it has come; the exchange is then still in flight
        (code -1), or was never started (code -2).
        """
        while not self.start(exchange):
            if self.expired(deadline):
                exchange.code = _TIMED_OUT
                return False
            self.step()
        try:
            while exchange.code == _RUNNING:
                if deadline is not None and self.expired(deadline):
                    return False
                if not self.poll():
                    self.clock.idle()
        except:  # Ctrl-C: the memory that it reads into or writes from is its owner's again
            self._broken(exchange)
            raise
        return True

    def interrupted(self):
        """An exception came out of the midst of something, Ctrl-C for one: nothing is in flight
        any more. What was, ends as if it had timed out, and the module is found again."""
        if self.exchange is not None:
            self._broken(self.exchange if self._finder is None else self._finder.exchange)

    def _broken(self, exchange):
        """As interrupted(), of this exchange."""
        from .resync import interrupted

        interrupted(self, exchange)

    def step(self):
        """poll() once; give the time back if nothing moved."""
        if not self.poll():
            self.clock.idle()

    def wait(self, done, timeout_ms):
        """step() until done() is true, for at most timeout_ms; return its last answer."""
        end = self.deadline(timeout_ms)
        while not done():
            if self.expired(end):
                return False
            self.step()
        return True

    def take(self, steps):
        """Take steps to their end, see task.py, and return what they return."""
        task = Task(self, steps)
        try:
            while not task.poll():
                self.clock.idle()
        except:  # as in run(); or raised by the steps
            exchange = task.step
            if exchange is not None and getattr(exchange, "code", 0) == _RUNNING:
                self._broken(exchange)
            task.close()
            raise
        return task.result

    def command(self, command, payload=None, timeout_ms=5000, on_line=None):
        """Send one command and wait for its end; raise what check() raises."""
        exchange = Exchange(on_line).prepare(command, payload, timeout_ms)
        self.run(exchange)
        self.check(exchange)

    def lines(self, command, payload=None, timeout_ms=5000, accept=()):
        """Send one command; return (lines of its reply as str, its error number or 0).

        Raises what check() raises, but not for the error numbers in `accept`.
        """
        lines = []
        exchange = Exchange(lambda parser: lines.append(parser.text()))
        self.run(exchange.prepare(command, payload, timeout_ms))
        if exchange.code not in accept:
            self.check(exchange)
        return lines, exchange.code

    def check(self, exchange):
        """Raise the exception for an exchange that did not end with OK: see failure.exchange()."""
        if exchange.code:
            from .failure import exchange as explain

            raise explain(exchange, self._found)

    # for who reads and writes ----------------------------------------------------------------
    def expect_echo(self):
        """The echo is being switched on: one that comes is no sign of a restart."""
        self._mute = None

    def announced(self, whole, reader=None):
        """The reply in flight has told how many bytes of payload follow; whole: all that the
        command asked for. reader: whose they are; die() is called of it should they turn out to
        be too many."""
        if whole:
            self.exchange.doubt = False
        self._reader = reader

    def writing(self):
        """True while there is more of the command in flight to be written, and no reason to wait
        with it."""
        return self.outgoing is not None and self._hold is None

    # what arrives ----------------------------------------------------------------------------
    def _on_line(self, parser):
        if parser.strict:  # rubbish where the end of the reply should be: bytes were lost
            parser.strict = False
            if self._finder is None:
                self.lose()
            return
        n = parser.start
        line = parser.line
        if line[n + 2] in b"+\r\n\0" and line[n] | 32 == 97 and line[n + 1] | 32 == 116:
            # The echo of a command: "AT", "AT+S.…", as it was sent [a.5]
            if self._mute:
                self._on_restart()  # it was off: the module restarted, and we heard nothing of it
            self._mute = None
            return
        exchange = self.exchange
        if exchange is not None:
            if exchange.on_line is not None:
                try:
                    exchange.on_line(parser)
                except:  # a payload may follow, and nobody knows of it
                    self._broken(exchange)
                    raise
            if self._finder is None:
                return
        if self.on_stray is not None:
            self.on_stray(parser)

    def _on_wind(self, parser):
        n = parser.code
        if self._ending is not None and _glued(parser):
            self.lose()
            return
        if self.exchange is not None:
            self._heard = parser.length + 2
            self._room = _HEADER
        if n < 2 or n == 65:
            if n == 1 or not self.booting:  # or WIND 1 was missed
                self._on_restart()
            self.booting = n != 0
            self._boot_end = self.deadline(_BOOT_MS)
            if n == 0 and self._finder is not None:
                self._finder.booted()
        handler = self.on_indication.get(n, self.on_wind)
        if handler is not None:
            handler(parser)

    def _on_restart(self):
        self.generation += 1
        self.parser.strict = False
        if self._finder is None:
            self._state = _UNKNOWN  # a place in the byte stream that is known
            self._fill = 0
            exchange = self.exchange
            if exchange is not None:
                exchange.text = ""
                self._finish(0 if exchange.restarts else _RESTARTED)
        for handler in self.on_restart:
            handler()

    def _ended(self, code):
        exchange = self.exchange
        if self._finder is not None:
            self._finder.ended(code)
        elif self._ending is not None:
            self.lose()  # a second end: the first one was payload
        elif exchange is not None:
            if self._mute is False:
                self._mute = True
            if code:
                exchange.text = self.parser.text(12 + len(str(code)))
            if (exchange.doubt or self._reader is not None) and _glued(self.parser):
                self.lose()
                return
            if exchange.doubt:
                exchange.doubt = False
                self._ending = code
                self.parser.strict = True
                self._deadline = self.deadline(_CUT_MS)
                return
            if code:
                if exchange.payload is not None:
                    # Refused: the module takes the payload for commands, or still waits for its
                    # end. Both are mended by LFs and a question. [g.4, l.6, decision 8]
                    self._lost_step(exchange)
            self._finish(code)
        elif self._state == _READY:
            # The late end of a command given up; or, if there is none, of a write whose length
            # was changed on its way, so that the rest of it became a command; or a network's
            # name with a line end in it; or of a read whose payload had bytes too many
            self._state = _OUT_OF_STEP
            if self._reader is not None:
                self._reader.die()
            if code and self.on_doubt is not None:
                self.on_doubt()

    def _believe(self):
        """Nothing but indications followed the end of the reply: it was the end."""
        parser = self.parser
        if parser.begun and parser.kept[parser.start] != 43:
            self.lose()
        else:
            parser.strict = False
            self._finish(self._ending)

    def _lost_step(self, exchange):
        self._fill = exchange.end - exchange.at
        self._state = _OUT_OF_STEP

    def lose(self):
        """Declare the place in the byte stream lost; the next command finds the module again."""
        self.parser.reset()
        self._state = _OUT_OF_STEP
        if self.exchange is not None and self._finder is None:
            self.exchange.text = None
            self._finish(_TIMED_OUT)

    # what is sent ----------------------------------------------------------------------------
    def _launch(self, exchange):
        self.exchange = exchange
        self._reader = None
        self.commands += 1
        self._room = self._heard if self._heard < _LINES else _LINES
        self._heard = _HEADER
        self._deadline = (self.clock.ticks_ms() + exchange.timeout_ms) & _MASK
        self.outgoing = exchange.command
        self.out_at = 0
        self.out_end = len(self.outgoing)
        if self.on_sent is not None:
            self.on_sent(exchange)
        self._write()

    def _write(self):
        if self._fill and self._finder is not None:
            return self._finder.fill()
        if self._hold is not None:
            if not self.expired(self._hold):
                return False
            self._hold = None
        n = self.uart.write(self.outgoing, self.out_at, self.out_end)
        self.out_at += n
        if self.out_at == self.out_end:
            # Data begin right after the CR [a.2]
            exchange = self.exchange
            payload = exchange.payload
            if self.outgoing is payload or payload is None:
                self.outgoing = None
            else:
                self.outgoing = payload
                self.out_at = exchange.at
                self.out_end = exchange.end
                if _hold(payload, exchange.at, exchange.end):
                    self._hold = self.deadline(_CARE_MS)
        return n > 0

    def _finish(self, code):
        exchange = self.exchange
        self.exchange = self.outgoing = self._hold = self._ending = None
        exchange.payload = None
        exchange.code = code
