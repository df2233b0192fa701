"""Finds the module: at the start, after its restart, and when a reply was missed.

Step 0 hears out what still comes: silence, and then nothing can be mistaken for an answer.
Step 1 asks until an answer fits the latest question; older replies pass by unheard.
Step 2 puts the delimiter right if a command was cut off while it was changed, step 3 switches
the echo off. Then the exchange that waits is sent.
"""

from ..const import const
from .exchange import Exchange

_PROBE_MS = const(1500)
# More than any data phase of ours: a module that was left in one is filled up. [decision 8]
_FILL = const(2600)
_SILENCE_MS = const(50)  # after a failure: what still comes within this is heard out
_DRAIN_MS = const(1000)  # but not for longer than this

# Of channel.py
_TIMED_OUT = const(-2)
_LOST = const(-4)
_READY = const(1)
_OUT_OF_STEP = const(2)


def interrupted(channel, exchange):
    """ATChannel.run() ended by Ctrl-C or another exception: nothing is in flight any more."""
    if exchange.payload is not None and channel.on_doubt is not None:
        channel.on_doubt()
    channel._finder = None
    if channel.exchange is not None:
        channel._finish(_TIMED_OUT)
    channel.lose()
    exchange.payload = None
    exchange.code = _TIMED_OUT


class Finder(Exchange):
    """The channel's exchange in flight while it looks for the module.

    exchange: what is sent then; or it ends with the code -4. heard: something came just now.
    """

    timeout_ms = _PROBE_MS
    payload = None

    def __init__(self, channel, exchange, heard):
        self.channel = channel
        self.exchange = exchange
        self._tries = 3
        self._delimiter = -1
        self._fill = channel._fill
        self._state = 0  # the step, see above
        self._answer = False
        if channel._state == _OUT_OF_STEP:
            channel.resyncs += 1
            heard = True
        channel._deadline = channel.deadline(_SILENCE_MS if heard else 0)
        self._end = channel.deadline(_DRAIN_MS)  # of step 0
        channel._finder = channel.exchange = self
        if not heard:
            self.late()

    # told by the channel ---------------------------------------------------------------------
    def heard(self):
        """Something came."""
        if not self._state and not self.channel.expired(self._end):
            self.channel._deadline = self.channel.deadline(_SILENCE_MS)

    def booted(self):
        """The console has started."""
        if self._state == 1:
            self.ask()  # what was asked during the boot was not heard

    def late(self):
        """There is silence, or no answer."""
        channel = self.channel
        parser = channel.parser
        if self._state == 0:
            if not parser.remaining or channel.expired(self._end):
                parser.reset()
            self.ask()
            return
        parser.reset()
        if self._state == 1 and channel.booting and not channel.expired(channel._boot_end):
            channel._deadline = channel.deadline(_PROBE_MS)
            return
        self._tries -= 1
        if self._tries:
            channel._fill = _FILL
            self.ask()
            return
        channel.booting = False
        self._finish()
        channel.exchange = self.exchange
        channel._finish(_LOST)

    def fill(self):
        """Write some of the LFs that fill a data phase, and are ignored elsewhere. [a.2]"""
        channel = self.channel
        n = min(channel._fill, 64)
        n = channel.uart.write(b"\n" * n, 0, n)
        channel._fill -= n
        return n > 0

    def ended(self, code):
        """The end of an answer came."""
        if self._state < 2 and not self._answer:
            return  # belongs to something older
        channel = self.channel
        channel._found = True
        channel.booting = False
        if self._state == 1 and self._delimiter < 0:
            self._state = 2
            self.command = b"AT+S.GCFG=console_delimiter\r"
        elif self._state < 3 and self._delimiter not in (44, -1):
            self.command = b"AT+S.SCFG=console_delimiter%c0x2C\r" % self._delimiter
            self._delimiter = 44
            self._state = 3
        elif self._state > 1 and (code if self._state > 2 else self._delimiter < 0 and not code):
            # A byte of it was lost: from the beginning
            self._delimiter = -1
            channel._deadline = channel.deadline(0)
            return
        elif self._state < 4:
            self._state = 4
            self.command = b"AT+S.SCFG=console_echo,0\r"
        else:
            if channel._state == _OUT_OF_STEP:
                channel.recovered[2 if self._tries < 3 else 1 if self._fill else 0] += 1
            channel._state = _READY
            channel._mute = False
            self._finish()
            channel._launch(self.exchange)
            return
        channel._launch(self)

    def on_line(self, parser):
        """A line of an answer."""
        if parser.starts(b"AT-S.Reading:"):  # of a read given up: its payload says nothing
            parser.expect_data(max(0, min(parser.number(1), _FILL)), None, 0)
        if not self._state or not parser.starts(b"AT-S.Var:console_"):
            return  # nothing was asked yet
        name, _, value = parser.text(9).partition("=")
        if name == "console_delimiter":
            try:
                self._delimiter = int(value, 16) if len(value) > 1 else ord(value)
            except (ValueError, TypeError):
                pass
            if not 0 < self._delimiter < 256:
                self._delimiter = -1
        if self._state == 1 and name == self._key:
            self._answer = True

    # steps -----------------------------------------------------------------------------------
    def ask(self):
        """Ask the next question."""
        channel = self.channel
        self._state = 1
        self._answer = False
        # One after the other, so that an answer tells which question it belongs to
        names = ("console_delimiter", "console_echo", "console_errs", "console_enabled")
        channel.probe = (channel.probe + 1) % len(names)
        self._key = names[channel.probe]
        # The CR ends a line of rubbish
        self.command = b"\rAT+S.GCFG=" + self._key.encode() + b"\r"
        channel._launch(self)

    def _finish(self):
        self.channel._finder = None
