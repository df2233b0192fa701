"""Owns the UART: one command in flight, a time limit for each, indications to their handlers.

Rule 1: one exchange (a command and its reply) at a time, because the module loses bursts. [a.2]
Rule 2: start() and poll() never wait. What waits is a loop over them: run(), wait() and take().
Rule 3: no byte is dropped before it is parsed. After a failure resync.py finds the module again,
        by questions whose answers cannot be mistaken for an older reply.
Rule 4: the channel knows no command and no feature. Features register their handlers.
"""

from ..const import const
from .exchange import ASLEEP, RESTARTED, RUNNING, TIMED_OUT, Exchange
from .parser import ERROR, INDICATION, LINE, Parser
from .task import Task
from .uart import UART

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Callable

# The smallest period among the interpreters (CircuitPython wraps at 2**29 ms).
_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)
_BOOT_MS = const(8000)  # from reset to WIND 0: mbed's limit [b.3]
_CUT_MS = const(20)  # if a line stops for so long, the rest of it is lost
_BOOT = (0, 1, 65)  # indications of a restart
_REFUSAL_MS = const(60)  # a refusal comes before the module takes the payload: wait so long for it

# Bytes taken at once. Payload in one piece with its header is copied byte by byte, so a piece is
# no longer than the header of a read, 22 or 23 bytes. Behind a payload only its OK is taken.
_LINES = const(64)
_HEADER = const(23)
_OK_LINE = const(9)

# Channel._state
_UNKNOWN = const(0)  # nothing has answered yet, or the module restarted: the echo may be on
_READY = const(1)
_OUT_OF_STEP = const(2)  # a reply was missed; the next command starts by finding the module

# Channel._echo
_ECHO_ON = const(0)  # an echo may come, and means nothing
_ECHO_ENDING = const(1)  # it was switched off; an echo may come until the next reply has ended
_ECHO_OFF = const(2)  # an echo tells of a restart


class ATChannel:
    """The line to the module.

    uart: anything like machine.UART, busio.UART or serial.Serial. clock: an object with
    ticks_ms() and idle(), as uart.UART has them; None: the interpreter's.

    To be read: uart, the adapter, which counts the bytes `received` and `sent`. clock. exchange:
    the one in flight, or None. commands: count of those sent. resyncs: how often the module had to
    be found again. recovered: how often each means brought it back: asking once, filling up a data
    phase, asking again, a reset by command, a reset by its pin. generation: count of restarts that
    were seen. booting: WIND 1 came, and WIND 0 has not.

    To be set: on_indication, a dictionary of handler(parser) by the number of the indication;
    on_other_indication, a handler(parser) for all other numbers; on_restart, a list of handler();
    on_late_line, a handler(parser) for reply lines of a command that was given up;
    on_doubtful_write, a handler() for a write whose bytes may be damaged; on_sent, a
    handler(exchange), called as a command is begun; gate, a function(exchange) while the module
    sleeps: True if the command may begin, else the code is ASLEEP if it never will.
    """

    def __init__(self, uart, clock=None):
        self.uart = UART(uart)
        self.clock = clock or self.uart
        self.parser = Parser()
        self.on_indication = {}
        self.on_other_indication: "Callable | None" = None
        self.on_restart = []
        self.on_late_line = self.on_doubtful_write = None
        self.on_sent: "Callable | None" = None
        self.idle: "Callable | None" = None  # see when_idle()
        self.gate: "Callable | None" = None
        self._later = []  # see later()
        self.commands = self.resyncs = self.generation = 0
        self.recovered = [0] * 5
        self.booting, self._boot_end = False, None  # that is over then, at the latest
        self._state, self._echo = _UNKNOWN, _ECHO_ON
        self._answered = False  # the module has answered since the channel was made
        self._resync = None  # the Resync that is in flight
        self.exchange = self._deadline = None  # the one in flight, and its end at the latest
        self.then: "Exchange | None" = None  # what is sent next
        # Of resync.py: its last question; how many have no answer; LFs that end a data phase
        self._question = self._unanswered = self._padding = 0
        # Bytes to take next of a reply: as many as the last one's indication had; it comes again
        self._next_read = self._wind_size = _HEADER
        self._cut_at = None  # when the rest of a line counts as lost; None: poll() has raised
        # What is being written, the command in flight or its payload, from byte out_at to out_end.
        # A payload waits until _payload_at: a refusal comes before it.
        self.outgoing = self._payload_at = None
        self.out_at = self.out_end = 0
        self._end_code = None  # of an end that is not believed yet, see Exchange.awaits_payload
        self._last_reader = None  # whose payload came last, unless a command was sent since

    # time ------------------------------------------------------------------------------------
    def deadline(self, timeout_ms):
        """Return the moment so many ms from now, for expired()."""
        return (self.clock.ticks_ms() + timeout_ms) & _MASK

    def expired(self, deadline):
        """True if the moment has come. None never comes."""
        return deadline is not None and (self.clock.ticks_ms() - deadline) & _MASK < _HALF

    def left(self, deadline):
        """Return the milliseconds until that moment, 0 once it has come."""
        return 0 if self.expired(deadline) else (deadline - self.clock.ticks_ms()) & _MASK

    # what is known ---------------------------------------------------------------------------
    def in_step(self):
        """True if the module answered last: the next command is sent at once."""
        return self._state == _READY

    def lost(self):
        """True if a reply was missed and the module has not been found again."""
        return self._state == _OUT_OF_STEP

    # stepwise --------------------------------------------------------------------------------
    def busy(self):
        """True while a command is in flight, or a line is arriving."""
        if self.exchange is not None or self.then is not None:
            return True
        parser = self.parser
        if parser.begun and self._state == _READY:
            # The reply would run into a line whose end the host's UART has lost
            if self.uart.any() or not (self._cut_at is None or self.expired(self._cut_at)):
                return True
            parser.reset()
        return False

    def start(self, exchange):
        """Begin a prepared exchange; False if busy. Never waits."""
        if exchange.follows or (self.gate is not None and not self.gate(exchange)):
            return exchange.follows or exchange.code == ASLEEP
        # What came before, such as the text of a boot, is no answer
        heard = self.exchange is None and self._state != _READY and self.poll()
        if (self.exchange or self.then or self.parser.begun) and self.busy():
            return False
        exchange.code = RUNNING
        try:
            if self._state == _READY:
                self.launch(exchange)
            else:
                from .resync import find

                find(self, exchange, heard)
        except:  # raised by the UART, or by on_sent()
            self.break_off(exchange)
            raise
        return True

    def poll(self):
        """Take in what has arrived and advance the exchange in flight; True if anything moved.
        Never waits. Ends after sixteen pieces, so that a fast sender cannot hold the caller."""
        moved = self.outgoing is not None and self._write()
        left = 16
        while left:
            parser = self.parser
            if parser.strict:
                most = _OK_LINE
            elif self.exchange is None:
                most = _LINES
            elif parser.begun:  # the rest of a header that has begun
                most = _HEADER - parser.begun % _HEADER
            else:
                most = self._next_read
            # A handler that has raised may have left a part of the last piece
            if parser.pos == parser.end and not self.uart.read(parser, most):
                break
            left -= 1
            while parser.pos < parser.end:
                event = parser.next_event()
                if event == LINE:
                    self._on_line(parser)
                elif event == INDICATION:
                    self._on_indication(parser)
                elif event:
                    self._on_end(max(1, parser.code) if event == ERROR else 0)
        if left < 16:
            moved = True
            self._cut_at = self.deadline(_CUT_MS) if parser.begun else None
            if self._resync is not None:
                self._resync.heard()
        if self.exchange is None:
            if self.then is not None:
                self.then.go_on(self)
            elif self._later:
                self._later.pop(0)()
            if self.idle is not None:
                self.idle()
        elif self.expired(self._deadline):
            if self._resync is not None:
                self._resync.late()
            elif self._end_code is not None:
                self._accept_end()
            else:
                self.exchange.damaged = parser.begun + parser.remaining > 0
                parser.drop()
                self._leave_open(self.exchange)
                self._finish(TIMED_OUT)
        return moved

    def when_idle(self, handler):
        """Call handler() after each poll() that finds no command in flight; None: no more."""
        self.idle = handler

    def later(self, function):
        """Call function() once, after a poll() that finds no command in flight: it may run one."""
        self._later.append(function)

    # blocking --------------------------------------------------------------------------------
    def run(self, exchange, deadline=None):
        """Run a prepared exchange to its end and return True. With a deadline: False once that
        has come; the exchange is in flight then (RUNNING), or was never started (TIMED_OUT)."""
        while not self.start(exchange):
            if self.expired(deadline):
                exchange.code = TIMED_OUT
                return False
            self.step()
        try:
            while exchange.code == RUNNING:
                if deadline is not None and self.expired(deadline):
                    return False
                self.step()
        except:  # Ctrl-C: the memory that it reads into or writes from is its owner's again
            self.break_off(exchange)
            raise
        return True

    def interrupted(self):
        """An exception, such as Ctrl-C, ended what was going on: nothing is in flight any more.
        The exchange ends as if it had timed out, and the next command finds the module again."""
        if self.exchange is not None:
            self.break_off(self.exchange if self._resync is None else self._resync.exchange)

    def break_off(self, exchange):
        """As interrupted(), for this exchange. It takes no memory: there may be none left."""
        doubtful = exchange.payload is not None and self.on_doubtful_write
        self._resync = None
        if self.exchange is not None:
            self._finish(TIMED_OUT)
        self.lose()
        exchange.payload = None
        exchange.code = TIMED_OUT
        if doubtful:
            doubtful()

    def step(self):
        """poll() once, and give time to others if nothing moved."""
        try:
            if not self.poll():
                self.clock.idle()
        except:  # as in run(): the end of what is in flight may be lost
            self.interrupted()
            raise

    def wait(self, done, timeout_ms):
        """step() until done() is true, for at most timeout_ms; return whether it is."""
        end = self.deadline(timeout_ms)
        while not done():
            if self.expired(end):
                return False
            self.step()
        return True

    def take(self, steps):
        """Run steps to their end, see task.py, and return what they return."""
        task = Task(self, steps)
        try:
            while not task.poll():
                self.clock.idle()
        except:  # as in run(), or of the steps
            exchange = task.step
            if exchange is not None and getattr(exchange, "code", 0) == RUNNING:
                self.break_off(exchange)
            task.close()
            raise
        return task.result

    def command(self, command, payload=None, timeout_ms=5000, on_line=None):
        """Send a command, bytes with CR, and wait for its reply's end. payload: bytes after it.
        timeout_ms: ms to an answer. on_line: called for each line with the parser. See check()."""
        exchange = Exchange(on_line).prepare(command, payload, timeout_ms)
        self.run(exchange)
        self.check(exchange)

    def lines(self, command, payload=None, timeout_ms=5000, accept=()):
        """As command(), but return (lines of the reply as str, its error number or 0), and raise
        nothing for the error numbers in `accept`."""
        lines = []
        exchange = Exchange(lambda parser: lines.append(parser.text()))
        self.run(exchange.prepare(command, payload, timeout_ms))
        if exchange.code not in accept:
            self.check(exchange)
        return lines, exchange.code

    def check(self, exchange):
        """Raise the exception for an exchange that did not end with OK.

        ModuleError: it was refused. LinkLost: no reply, or a damaged one. NotFound: nothing has
        ever answered. ModuleRestarted.
        """
        if exchange.code:
            from .failure import exchange as explain

            raise explain(exchange, self._answered)

    # told by those who use it ----------------------------------------------------------------
    def expect_echo(self):
        """The echo is being switched on: one that comes is no sign of a restart."""
        self._echo = _ECHO_ON

    def told(self, exchange):
        """An indication tells the end of this command: an OK follows at once, or none."""
        if self.exchange is exchange:
            self._end_code = RUNNING
            self._deadline = self.deadline(_CUT_MS)

    def announced(self, whole, reader=None):
        """The reply in flight has announced its payload. whole: it brings all that was asked for.
        reader: whose payload it is; its die() is called if it turns out to have been longer."""
        if whole:
            self.exchange.awaits_payload = False
        self._last_reader = reader

    def writing(self):
        """True while more of the command in flight can be written at once."""
        return self.outgoing is not None and self._payload_at is None

    # what arrives ----------------------------------------------------------------------------
    def _on_line(self, parser):
        if parser.strict:  # something else where the end of the reply should be: bytes were lost
            parser.strict = False
            if self._resync is None:
                self.lose()
            return
        n = parser.start
        line = parser.line
        if line[n + 2] in b"+\r\n\0" and line[n] | 32 == 97 and line[n + 1] | 32 == 116:
            # The echo of a command: "AT", "AT+S.…", as it was sent [a.5]
            if self._echo == _ECHO_OFF:
                self._on_restart()  # the module restarted, and no indication told of it
            self._echo = _ECHO_ON
            return
        exchange = self.exchange
        if exchange is not None:
            if exchange.on_line is not None:
                try:
                    exchange.on_line(parser)
                except:  # a payload may follow that the parser does not know of
                    self.break_off(exchange)
                    raise
            if self._resync is None:
                return
        if self.on_late_line is not None:
            self.on_late_line(parser)

    def _on_indication(self, parser):
        n = parser.code
        if (parser.plain and n in _BOOT) or (self._end_code is not None and parser.runs_on()):
            self.lose()  # it may be payload; after a restart other indications follow
            return
        if self.exchange is not None:
            self._wind_size = parser.length + 2
            self._next_read = _HEADER
        if n in _BOOT:
            if n == 1 or not self.booting:  # else WIND 1 has told of this restart
                self._on_restart()
            self.booting = n != 0
            self._boot_end = self.deadline(_BOOT_MS)
            if n == 0 and self._resync is not None:
                self._resync.booted()
        handler = self.on_indication.get(n, self.on_other_indication)
        if handler is not None:
            handler(parser)

    def _on_restart(self):
        self.generation += 1
        self.parser.strict = False
        if self._resync is None:
            self._state = _UNKNOWN  # and no reply is outstanding
            self._padding = 0
            if self.exchange is not None:
                self._finish(0 if self.exchange.restarts else RESTARTED)
        for handler in self.on_restart:
            handler()

    def _on_end(self, code):
        exchange = self.exchange
        if self._resync is not None:
            self._resync.ended(code)
        elif self._end_code is not None and self._end_code != RUNNING:
            self.lose()  # a second end: the first one was payload
        elif exchange is not None:
            if self._echo == _ECHO_ENDING:
                self._echo = _ECHO_OFF
            if code:
                exchange.keep_text(self.parser, code)
            if (
                exchange.awaits_payload or self._last_reader is not None
            ) and self.parser.runs_on():
                self.lose()
                return
            if exchange.awaits_payload:
                exchange.awaits_payload = False
                self._end_code = code
                self.parser.strict = True
                self._deadline = self.deadline(_CUT_MS)
                return
            if code and exchange.payload is not None:
                # The module refused: it takes the payload for commands, or still waits for its
                # end. LFs and a question mend both. [g.4, l.6, decision 8]
                self._leave_open(exchange)
            self._finish(code)
        elif self._state == _READY:
            # The late end of a command that was given up. If there was none: a write's length was
            # changed on its way, so that the rest of its payload became a command; or the name of
            # a network has a line end in it; or the payload of a read had too many bytes.
            self._state = _OUT_OF_STEP
            if self._last_reader is not None:
                self._last_reader.die()
            if code and self.on_doubtful_write is not None:
                self.on_doubtful_write()

    def _accept_end(self):
        """Nothing but indications followed the end of the reply: believe it."""
        parser = self.parser
        if parser.begun and parser.kept[parser.start] != 43:  # "+": of an indication
            self.lose()
        else:
            parser.strict = False
            self._finish(max(0, self._end_code or 0))  # RUNNING: told() was called

    def _leave_open(self, exchange):
        """The module may still wait for the rest of the payload."""
        self._padding = exchange.end - exchange.at
        self._state = _OUT_OF_STEP

    def lose(self):
        """Give up the place in the byte stream: the next command finds the module again."""
        self.parser.reset()
        self._state = _OUT_OF_STEP
        if self.exchange is not None and self._resync is None:
            self.exchange.damaged = True
            self._finish(TIMED_OUT)

    # what is sent ----------------------------------------------------------------------------
    def _resume(self, exchange):
        """The module was found: send what waits."""
        self._resync = None
        self._state = _READY
        self._echo = _ECHO_ENDING
        self.launch(exchange)

    def launch(self, exchange):
        """Begin to send an exchange: the line is free, and the module in step."""
        self.exchange = exchange
        self._last_reader = None
        self.commands += 1
        self._next_read = self._wind_size if self._wind_size < _LINES else _LINES
        self._wind_size = _HEADER
        self._deadline = (self.clock.ticks_ms() + exchange.timeout_ms) & _MASK
        self.outgoing = exchange.command
        self.out_at, self.out_end = 0, len(self.outgoing)
        exchange.launched(self)
        if self.on_sent is not None:
            self.on_sent(exchange)
        self._write()

    def _write(self):
        if self._padding and self._resync is not None:
            return self._resync.pad()
        if self._payload_at is not None:
            if not self.expired(self._payload_at):
                return False
            self._payload_at = None
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
                if exchange.doubtful or exchange.is_harmful():
                    self._payload_at = self.deadline(_REFUSAL_MS)
        return n > 0

    def _finish(self, code):
        exchange = self.exchange
        self.exchange = self.outgoing = self._payload_at = self._end_code = None
        exchange.payload = None
        exchange.code = code
        if exchange.then is not None and self._state == _READY:
            self.then = exchange.following()
