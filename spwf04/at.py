"""Owns the UART: one command in flight, a deadline on each, indications to whom they concern.

Rule 1: one exchange (a command and its reply) at a time; the module loses bursts. [a.2]
Rule 2: start() and poll() never wait; run() is the only loop, and it is built on them.
Rule 3: no byte is discarded unparsed. After a failure the channel finds the module again by
        questions whose answers cannot be mistaken for an older reply.
Rule 4: it knows no command but those of rule 3, and no feature: features register themselves
        in on_indication, on_restart and on_stray.
"""

from .parser import Parser, const
from .port import Clock, Port

# The smallest period among the interpreters (CircuitPython wraps at 2**29 ms).
_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)

# The parser's events
_NEED_DATA = const(0)
_LINE = const(1)
_INDICATION = const(2)
_OK = const(3)
_ERROR = const(4)

# Exchange.code: a module's number when positive, 0 for OK, else one of these, which are
# repeated where they are needed: an underscored const costs no memory.
_RUNNING = const(-1)
_TIMED_OUT = const(-2)  # no final line within timeout_ms
_RESTARTED = const(-3)  # the module restarted meanwhile
_LOST = const(-4)  # not sent: the module could not be found again

_LINE_MAX = const(512)  # [a.2]
_PROBE_MS = const(1500)
_BOOT_MS = const(8000)  # MBED's limit for WIND 0 [b.3]
# More than any data phase of ours: a module that was left in one is filled up. [decision 8]
_FILL = const(2600)
_LFS = b"\n" * 64
_SILENCE_MS = const(50)  # after a failure: what still comes within this is heard out
_DRAIN_MS = const(1000)  # but not for longer than this
_CUT_MS = const(20)  # part of a line, and then nothing for so long: the rest is lost
_CARE_MS = const(60)  # how long a refusal may take that must come before its payload

# Asked in turn, so that an answer tells which question it belongs to.
_PROBES = ("console_delimiter", "console_echo", "console_errs", "console_enabled")

# Channel states
_UNKNOWN = const(0)  # nothing has answered yet, or the module restarted: echo may be on
_READY = const(1)
_OUT_OF_STEP = const(2)  # a reply was missed; the next command starts by finding the module


def argument(value, name, size=0):
    """Return value (str or bytes-like) as bytes fit to stand in a command line.

    ValueError if it contains CR, LF or NUL, which would end the command and begin another, or
    if it is longer than `size` bytes (0: not checked). The value itself is never shown.
    """
    data = value.encode() if isinstance(value, str) else bytes(value)
    if b"\r" in data or b"\n" in data or b"\0" in data:
        raise ValueError("%s must not contain CR, LF or NUL" % name)
    if size and len(data) > size:
        raise ValueError("%s is %d bytes long, the limit is %d" % (name, len(data), size))
    return data


def _like_commands(data):
    """True if a payload might do harm as console input, which a refused one becomes. [g.4]"""
    if not isinstance(data, memoryview):
        return b"+S." in data or b"+s." in data or b"T&" in data or b"t&" in data
    before = 0
    for c in data:
        if (c == 46 and before | 32 == 115) or (c == 38 and before | 32 == 116):  # "S.", "T&"
            return True
        before = c
    return False


def plain_argument(value, name, size=0):
    """As argument(), and refuse a comma, which would start the next argument. [decision 7]"""
    data = argument(value, name, size)
    if b"," in data:
        raise ValueError("%s must not contain a comma" % name)
    return data


class Exchange:
    """A command and what became of it. Kept and used again by its owner.

    on_line: called with the Parser for each line of the reply but the last; it may call
    expect_data(). code: running (-1), 0 (OK), the module's error number, or a negative reason.
    """

    def __init__(self, on_line=None):
        self.on_line = on_line
        self.command = b""
        self.payload = None
        self.timeout_ms = 0
        self.restarts = False  # the command restarts the module: no OK is needed
        self.code = 0
        self.text = ""

    def prepare(self, command, payload=None, timeout_ms=5000):
        """Set the command (bytes that end in CR), its payload and its time limit; return self."""
        end = command.find(b"\r")
        if end != len(command) - 1 or end >= _LINE_MAX:
            raise ValueError("command line not valid, or longer than 512 bytes")
        self.command = command
        self.payload = payload
        self.timeout_ms = timeout_ms
        return self


class ATChannel:
    """The line to the module.

    uart: anything like machine.UART, busio.UART or serial.Serial. clock: see Clock.
    commands: count of commands sent. resyncs: how often the module had to be found again.
    recovered: how often each level brought it back: asking once, filling up a data phase,
    asking again, a reset by command, a reset by its pin.
    generation: count of restarts of the module that were seen.
    """

    def __init__(self, uart, clock=None):
        self.port = Port(uart)
        self.clock = clock or Clock()
        self.parser = Parser()
        self.on_indication = {}  # number -> handler(parser)
        self.on_restart = []  # handler() each
        self.on_stray = None  # handler(parser) for reply lines of a command given up
        self.on_damage = None  # handler() when the last write was not what it should have been
        self.idle = None  # handler() after each poll() that finds no command in flight
        self.commands = 0
        self.resyncs = 0
        self.recovered = [0] * 5
        self.generation = 0
        self.booting = False  # WIND 1 was seen, WIND 0 not yet
        self._boot_end = 0
        self._state = _UNKNOWN
        self._found = False  # something has answered since the channel was made
        self._exchange = None  # in flight
        self._next = None  # waits until the module is found again
        self._deadline = 0
        self._tx = None  # what is being written, and from where
        self._tx_at = 0
        self._fill = 0  # LFs that complete a data phase left open
        self._hold = None  # the payload waits until then: a refusal must come before it
        self._heard = None  # when part of a line is given up
        self._mute = False  # True: no echo came since it was switched off. None: it did
        # finding the module
        self._own = Exchange(self._on_own_line)
        self._own.timeout_ms = _PROBE_MS
        self._drain_end = None
        self._filled = 0
        self._step = 0
        self._tries = 0
        self._probe = 0
        self._answer = False
        self._delimiter = -1

    # time ------------------------------------------------------------------------------------
    def deadline(self, ms):
        """The moment `ms` from now, for expired()."""
        return (self.clock.ticks_ms() + ms) & _MASK

    def expired(self, deadline):
        """True if the moment has come. None never comes."""
        return deadline is not None and (self.clock.ticks_ms() - deadline) & _MASK < _HALF

    # stepwise --------------------------------------------------------------------------------
    @property
    def busy(self):
        """True while a command is in flight, or a line is arriving."""
        if self._exchange is not None:
            return True
        parser = self.parser
        if parser.length and self._state == _READY:
            # The reply would be glued to a line whose end the host's UART has lost
            if not self.expired(self._heard):
                return True
            parser.reset()
        return False

    def start(self, exchange):
        """Begin a prepared exchange; False if busy. Never waits."""
        came = False
        if self._exchange is None and self._state != _READY:
            came = self.poll()  # what came before, the text of a boot perhaps, is no answer
        if self.busy:
            return False
        exchange.code = _RUNNING
        if self._state == _READY:
            self._launch(exchange)
        else:
            self._next = exchange
            self._find(came)
        return True

    def poll(self):
        """Take in what has arrived and advance the exchange in flight. Never waits.

        Returns True if anything moved. Ends after about 1 KB, so that a fast sender cannot
        hold the caller.
        """
        moved = self._tx is not None and self._write()
        parser = self.parser
        left = 16
        while left and self.port.read(parser):
            if not moved:
                moved = True
                draining = self._exchange is self._own and not self._step
                if draining and not self.expired(self._drain_end):
                    self._deadline = self.deadline(_SILENCE_MS)
            left -= 1
            event = parser.next_event()
            while event != _NEED_DATA:
                if event == _LINE:
                    self._on_line(parser)
                elif event == _INDICATION:
                    self._on_wind(parser)
                elif event == _OK:
                    self._on_final(0)
                elif event == _ERROR:
                    self._on_final(max(1, parser.number(1)))
                event = parser.next_event()
        if moved and parser.length:
            self._heard = self.deadline(_CUT_MS)
        if self._exchange is not None:
            if self.expired(self._deadline):
                self._on_timeout()
        elif self.idle is not None:
            self.idle()
        return moved

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
                if self.expired(deadline):
                    return False
                self.step()
        except:  # Ctrl-C: the memory that it reads into or writes from is its owner's again
            if exchange.payload is not None and self.on_damage is not None:
                self.on_damage()
            self._next = None
            if self._exchange is not None:
                self._finish(_TIMED_OUT)
            self.lose()
            raise
        return True

    def step(self):
        """poll() once; give the time back if nothing moved."""
        if not self.poll():
            self.clock.idle()

    def wait(self, ready, ms):
        """step() until ready() is true, for at most ms; return its last answer."""
        end = self.deadline(ms)
        while not ready():
            if self.expired(end):
                return False
            self.step()
        return True

    def command(self, command, payload=None, timeout_ms=5000, on_line=None):
        """Send one command and wait for its end; raise what check() raises."""
        exchange = Exchange(on_line).prepare(command, payload, timeout_ms)
        self.run(exchange)
        self.check(exchange)

    def check(self, exchange):
        """Raise the exception for an exchange that did not end with OK: see explain.exchange()."""
        if exchange.code:
            from .explain import exchange as explain

            raise explain(exchange, self._found)

    # what arrives ----------------------------------------------------------------------------
    def _on_line(self, parser):
        line = parser.line
        if parser.strict:  # rubbish where the end of the reply should be: bytes were lost
            parser.strict = False
            if self._exchange is not self._own:
                self.lose()
            return
        if line[0] | 32 == 97 and line[1] | 32 == 116 and (parser.length == 2 or line[2] == 43):
            # The echo of a command: "AT", "AT+S.…", as it was sent [a.5]
            if self._mute is True:
                self._restarted()  # it was off: the module restarted, and we heard nothing of it
            self._mute = None
            return
        exchange = self._exchange
        if exchange is self._own:
            self._on_own_line(parser)
            if self.on_stray is not None:
                self.on_stray(parser)
        elif exchange is not None:
            if exchange.on_line is not None:
                exchange.on_line(parser)
        elif self.on_stray is not None:
            self.on_stray(parser)

    def _on_wind(self, parser):
        n = parser.number(1)
        if n == 1:
            self.booting = True
            self._boot_end = self.deadline(_BOOT_MS)
            self._restarted()
        elif n == 0 or n == 65:
            if not self.booting:  # WIND 1 was missed
                self._restarted()
            self.booting = n != 0
            self._boot_end = self.deadline(_BOOT_MS)
            if not self.booting and self._exchange is self._own and self._step == 1:
                self._ask()  # what was asked during the boot was not heard
        handler = self.on_indication.get(n)
        if handler is not None:
            handler(parser)

    def _restarted(self):
        self.generation += 1
        exchange = self._exchange
        if exchange is not self._own:  # a place in the byte stream that is known
            self._state = _UNKNOWN
            self._fill = 0
        if exchange is not None and exchange is not self._own:
            if exchange.restarts:
                self._finish(0)
            else:
                exchange.text = ""
                self._finish(_RESTARTED)
        for handler in self.on_restart:
            handler()

    def _on_final(self, code):
        exchange = self._exchange
        if exchange is None:
            # The late end of a command given up; or, if there is none, of a write whose length
            # was changed on its way, so that the rest of it became a command; or a network's
            # name with a line end in it
            if self._state == _READY:
                self._state = _OUT_OF_STEP
                if code and self.on_damage is not None:
                    self.on_damage()
            return
        if exchange is self._own:
            if self._step < 2 and not self._answer:
                return  # belongs to something older
            self._found_step(code)
            return
        if self._mute is False:
            self._mute = True
        if code:
            exchange.text = self.parser.text(12 + len(str(code)))
            if exchange.payload is not None:
                # Refused: the module takes the payload for commands, or still waits for its
                # end. Both are mended by LFs and a question. [g.4, l.6, decision 8]
                self._fill = len(exchange.payload)
                self._state = _OUT_OF_STEP
        self._finish(code)

    def _on_timeout(self):
        exchange = self._exchange
        if exchange is self._own:
            if self._step == 0:
                if not self.parser.remaining or self.expired(self._drain_end):
                    self.parser.reset()
                self._ask()
                return
            self.parser.reset()
            if self._step == 1 and self.booting and not self.expired(self._boot_end):
                self._deadline = self.deadline(_PROBE_MS)
                return
            self._tries -= 1
            if self._tries:
                self._fill = _FILL
                self._ask()
                return
            self.booting = False
            self._exchange = self._next
            self._next = None
            self._finish(_LOST)
            return
        self.parser.forget_sink()
        self._fill = len(exchange.payload) if exchange.payload is not None else 0
        self._state = _OUT_OF_STEP
        self._finish(_TIMED_OUT)

    # what is sent ----------------------------------------------------------------------------
    def _launch(self, exchange):
        self._exchange = exchange
        self.commands += 1
        self._deadline = self.deadline(exchange.timeout_ms)
        self._tx = exchange.command
        self._tx_at = 0
        self._write()

    def _write(self):
        if self._fill and self._exchange is self._own:
            n = self.port.write(_LFS[: self._fill], 0)
            self._fill -= n
            return n > 0
        if self._hold is not None:
            if not self.expired(self._hold):
                return False
            self._hold = None
        n = self.port.write(self._tx, self._tx_at)
        self._tx_at += n
        if self._tx_at == len(self._tx):  # pyright: ignore[reportArgumentType]
            self._tx_at = 0
            # Data begin right after the CR [a.2]
            payload = self._exchange.payload
            if self._tx is not payload and payload is not None:
                self._tx = payload
                if _like_commands(payload):
                    self._hold = self.deadline(_CARE_MS)
            else:
                self._tx = None
        return n > 0

    def _finish(self, code):
        exchange = self._exchange
        self._exchange = self._tx = self._hold = None
        exchange.payload = None
        exchange.code = code

    # finding the module ----------------------------------------------------------------------
    # Step 0 hears out what still comes: silence, and then nothing can be mistaken for an answer.
    # Step 1 asks until an answer fits the latest question; older replies pass by unheard.
    # Step 2 puts the delimiter right if a command was cut off while it was changed, step 3
    # switches the echo off. Then the exchange that waits is sent.
    def _find(self, came):
        if self._state == _OUT_OF_STEP:
            self.resyncs += 1
            came = True
        self._deadline = self.deadline(_SILENCE_MS if came else 0)
        self._drain_end = self.deadline(_DRAIN_MS)
        self._tries = 3
        self._delimiter = -1
        self._filled = self._fill
        self._step = 0
        self._answer = False
        self._exchange = self._own
        if self.expired(self._deadline):
            self._on_timeout()

    def lose(self):
        """Declare the place in the byte stream lost; the next command finds the module again."""
        self.parser.reset()
        self._state = _OUT_OF_STEP
        if self._exchange is not None and self._exchange is not self._own:
            self._finish(_TIMED_OUT)

    def _ask(self):
        self._step = 1
        self._answer = False
        self._probe = (self._probe + 1) % len(_PROBES)
        # LFs fill a data phase and are ignored elsewhere [a.2]; the CR ends a line of rubbish.
        self._own.command = b"\rAT+S.GCFG=" + _PROBES[self._probe].encode() + b"\r"
        self._launch(self._own)

    def _on_own_line(self, parser):
        if parser.starts(b"AT-S.Reading:"):  # of a read given up: its payload says nothing
            parser.expect_data(max(0, min(parser.number(1), _FILL)), None, 0)
        if not parser.starts(b"AT-S.Var:console_"):
            return
        text = parser.text(9)
        name, _, value = text.partition("=")
        if name == "console_delimiter":
            try:
                self._delimiter = int(value, 16) if len(value) > 1 else ord(value)
            except (ValueError, TypeError):
                pass
            if not 0 < self._delimiter < 256:
                self._delimiter = -1
        if self._step == 1 and name == _PROBES[self._probe]:
            self._answer = True

    def _found_step(self, code):
        self._found = True
        self.booting = False
        own = self._own
        if self._step == 1 and self._delimiter < 0:
            self._step = 2
            own.command = b"AT+S.GCFG=console_delimiter\r"
        elif self._step < 3 and self._delimiter not in (44, -1):
            own.command = b"AT+S.SCFG=console_delimiter%c0x2C\r" % self._delimiter
            self._delimiter = 44
            self._step = 3
        elif self._step > 1 and (code if self._step > 2 else self._delimiter < 0 and not code):
            # A byte of it was lost: from the beginning
            self._delimiter = -1
            self._deadline = self.deadline(0)
            return
        elif self._step < 4:
            self._step = 4
            own.command = b"AT+S.SCFG=console_echo,0\r"
        else:
            if self._state == _OUT_OF_STEP:
                self.recovered[2 if self._tries < 3 else 1 if self._filled else 0] += 1
            self._state = _READY
            self._mute = False
            exchange = self._next
            self._next = self._exchange = None
            self._launch(exchange)
            return
        self._launch(own)
