"""Finds the module: at the start, after its restart, and after a reply was missed.

Step 0 waits until nothing comes any more, so that nothing can be mistaken for an answer.
Step 1 asks until an answer fits the latest question; answers to earlier ones are passed over. If
the same was asked before without an answer, because the module was busy, more answers may follow
at once: it waits until they are over.
Step 2 puts the delimiter right, in case a command was cut off that had changed it.
Step 3 is that command's end. Steps 4 to 6 have errors and indications shown in full, whatever was
saved, and switch the echo off. Then the exchange that waits is sent. If OK comes, and no line that
tells what was asked, step 7 has the keywords of lines shown, and step 1 follows again. [a.3, a.4]

The search ends whatever comes: each try has one step 7, and few boots begin step 1 anew.
"""

from ..const import const
from .exchange import LOST, Exchange

_PROBE_MS = const(1500)
# LFs that fill a data phase in which a module was left: more than any of ours has. [decision 8]
_PADDING = const(2600)
_SILENCE_MS = const(50)  # after a failure: when nothing came for so long, nothing comes any more
_DRAIN_MS = const(1000)  # and step 0 takes no longer than this
_LATE_MS = const(200)  # between answers to questions that a busy module has kept
_BOOTS = const(3)  # so many are waited for: with too little power, the module boots for ever

# A different one each time, so that an answer tells which question it belongs to
_NAMES = ("console_delimiter", "console_echo", "console_errs", "console_enabled")

# Resync._step
_SILENCE = const(0)
_ASKING = const(1)
_DELIMITER = const(2)
_RESTORING = const(3)
_ERRS = const(4)
_ECHO = const(6)
_VERBOSE = const(7)
_SETTINGS = (b"errs,2", b"winds,2", b"echo,0", b"verbose,1")  # of steps 4 to 7


def find(channel, exchange, heard):
    """Find the module, then send the exchange. heard: bytes have just come."""
    if hasattr(channel.parser, "lines"):  # a stranger's bytes may still come
        channel.parser.find(channel, exchange)  # see raw.py
    else:
        Resync(channel, exchange, heard)


class Resync(Exchange):
    """The exchange in flight while the channel looks for the module.

    exchange: what is sent then; if the module is not found, it ends with the code LOST. heard:
    bytes have just come.
    """

    timeout_ms = _PROBE_MS
    payload = None

    def __init__(self, channel, exchange, heard):
        self.channel = channel
        self.exchange = exchange
        self._tries = 3
        self._delimiter = -1
        self._padded = channel._padding > 0
        self._step = _SILENCE
        self._answered = False  # the latest question
        self._bare = False  # an OK came without the line that was asked for
        self._verbose = False  # step 7 has been in this try
        self._drains = False  # late answers may still come
        self._last_boot = channel.generation + _BOOTS
        if channel.lost():
            channel.resyncs += 1
            heard = True
        channel._deadline = channel.deadline(_SILENCE_MS if heard else 0)
        self._end = channel.deadline(_DRAIN_MS)  # of step 0
        channel._resync = channel.exchange = self
        if not heard:
            self.late()

    # told by the channel ---------------------------------------------------------------------
    def heard(self):
        """Something came."""
        if (self._step == _SILENCE or self._drains) and not self.channel.expired(self._end):
            ms = _LATE_MS if self._drains else _SILENCE_MS
            self.channel._deadline = self.channel.deadline(ms)

    def booted(self):
        """The console has started."""
        if self._step == _ASKING and self.channel.generation < self._last_boot:
            self._ask()  # a question during the boot was not heard

    def late(self):
        """There is silence, or no answer."""
        channel = self.channel
        parser = channel.parser
        if self._drains:
            self._drains = False
            self.ended(0)
            return
        if self._step == _SILENCE:
            if not parser.remaining or channel.expired(self._end):
                parser.reset()
            self._ask()
            return
        parser.reset()
        if self._bare and not self._verbose:
            self._bare = False
            self._verbose = True
            self._set(_VERBOSE)
            return
        if self._step == _ASKING and channel.booting and channel.generation < self._last_boot:
            if not channel.expired(channel._boot_end):
                channel._deadline = channel.deadline(_PROBE_MS)
                return
        self._tries -= 1
        self._verbose = False
        if self._tries:
            channel._padding = _PADDING
            self._ask()
            return
        channel.booting = False
        channel._resync = None
        channel.exchange = self.exchange
        channel._finish(LOST)

    def pad(self):
        """Write some of the LFs that fill a data phase, and are ignored elsewhere. [a.2]"""
        channel = self.channel
        n = min(channel._padding, 64)
        n = channel.uart.write(b"\n" * n, 0, n)
        channel._padding -= n
        return n > 0

    def ended(self, code):
        """The end of an answer came."""
        step = self._step
        if self._drains:
            return
        if step < _DELIMITER and not self._answered:
            self._bare = step == _ASKING and not code
            return  # it belongs to an earlier question
        if step == _VERBOSE:
            self._ask()
            return
        channel = self.channel
        if step == _ASKING and channel._unanswered > len(_NAMES):
            self._drains = True
            self._end = channel.deadline(_DRAIN_MS)
            channel._deadline = channel.deadline(_LATE_MS)
            channel._unanswered = 0
            return
        channel._answered = True
        channel.booting = False
        if step == _ASKING and self._delimiter < 0:
            self._step = _DELIMITER
            self.command = b"AT+S.GCFG=console_delimiter\r"
        elif step < _RESTORING and self._delimiter not in (44, -1):
            self._step = _RESTORING
            self.command = b"AT+S.SCFG=console_delimiter%c0x2C\r" % self._delimiter
            self._delimiter = 44
        elif self._is_damaged(code):  # from the beginning
            self._delimiter = -1
            channel._deadline = channel.deadline(0)
            return
        elif step < _ECHO:
            self._set(max(step, _RESTORING) + 1)
            return
        else:
            if channel.lost():
                channel.recovered[2 if self._tries < 3 else 1 if self._padded else 0] += 1
            channel._unanswered = 0
            channel._resume(self.exchange)
            return
        channel.launch(self)

    def _is_damaged(self, code):
        """True if the end of an answer shows that bytes of the command were lost."""
        step = self._step
        if step > _DELIMITER:
            # 4: a firmware without the variable
            return code and (code != 4 or not _ERRS <= step < _ECHO)
        return step > _ASKING and self._delimiter < 0 and not code

    def _set(self, step):
        """Go on with the step of a setting."""
        self._step = step
        self.command = b"AT+S.SCFG=console_" + _SETTINGS[step - _ERRS] + b"\r"
        self.channel.launch(self)

    def on_line(self, parser):
        """A line of an answer."""
        if parser.starts(b"AT-S.Reading:"):  # of a read that was given up: drop its payload
            parser.expect_data(max(0, min(parser.number(1), _PADDING)), None, 0)
        if self._step == _SILENCE or not parser.starts(b"AT-S.Var:console_"):
            return
        name, _, value = parser.text(9).partition("=")
        if name == "console_delimiter":
            try:
                self._delimiter = int(value, 16) if len(value) > 1 else ord(value)
            except (ValueError, TypeError):
                pass
            if not 0 < self._delimiter < 256:
                self._delimiter = -1
        if self._step == _ASKING and name == self._asked:
            self._answered = True

    def _ask(self):
        """Ask the next question."""
        channel = self.channel
        self._step = _ASKING
        self._answered = self._bare = self._drains = False
        channel._question = (channel._question + 1) % len(_NAMES)
        channel._unanswered += 1
        self._asked = _NAMES[channel._question]
        # The CR ends a line of rubbish
        self.command = b"\rAT+S.GCFG=" + self._asked.encode() + b"\r"
        channel.launch(self)
