"""Commands that print a stranger's bytes without a frame: HTTPGET, HTTPPOST, and TFTPGET on some
firmware. [j]

An indication among these bytes would be taken for some of them. So all are masked meanwhile. [a.4]
What they would have told is asked for afterwards: by sockets, by isconnected(), and by whoever has
put a handler into radio.on_gap.
"""

from ..at.exchange import RESTARTED, RUNNING, Exchange
from ..at.raw import RawExchange
from ..commands.comma import COMMA, delimited
from ..commands.filesystem import ANY, ask
from ..net.pool import SocketPool

_MASKS = (b"console_wind_off_low", b"console_wind_off_medium", b"console_wind_off_high")
_ALL = b"0xFFFFFFFF"


def printing(radio, command, sink, timeout_ms, on_line=None, opener=None, delimiter=COMMA):
    """Steps: run a command (bytes) whose reply prints bytes without a frame; return its
    RawExchange, whose code its owner looks at.

    sink(memoryview, n): gets the bytes piece by piece, n of at most 256, and must not use the
    radio. on_line: called with the parser for each line before the bytes; it returns True if they
    begin behind this line; None: they begin at once. See at/raw.py. timeout_ms: for all of it.
    opener: the Opener of secure.py that runs it, and runs it again if need be. delimiter: what
    separates its arguments.
    """
    exchange = RawExchange(sink, on_line).prepare(command, None, timeout_ms)
    steps = iter((exchange,)) if opener is None else opener.steps(exchange)
    for step in steps:
        masks = _Masks(radio)
        try:
            yield from masks.set()
            yield from delimited(radio.channel, step, delimiter)
            if exchange.code == RESTARTED:
                masks.before.clear()  # they were not saved
            elif radio.channel.in_step():
                yield from masks.restore()
        finally:
            masks.close()
    return exchange


class _Masks:
    """The masks of indications. As a job of the pool it sets back what a caller left."""

    def __init__(self, radio):
        self._radio = radio
        self._channel = radio.channel
        self._generation = radio.channel.generation
        self._exchange = Exchange()
        self._tries = 3
        self._changed = False
        self.before = []  # (name, value) of those that are to be set back

    def set(self):
        """Steps: mask all."""
        for name in _MASKS:
            lines, _ = yield from ask(self._channel, b"AT+S.GCFG=" + name + b"\r", None, 3000, ANY)
            for line in lines:
                value = line[line.find("=") + 1 :].encode()
                if line[:9] == "AT-S.Var:" and value[:2] == b"0x" and value != _ALL:
                    self._changed = True
                    self.before.append((name, value))
                    yield from ask(self._channel, _setting(name, _ALL), None, 3000, ANY)

    def restore(self):
        """Steps: set them back."""
        while self.before:
            yield from ask(self._channel, _setting(*self.before[-1]), None, 3000, ANY)
            self.before.pop()

    def close(self):
        """Set back the rest as soon as the line is free, and have the others ask."""
        if self._changed:
            self._radio.indications_missed()
        if self.before:
            SocketPool(self._radio).add_job(self, False)

    def poll(self):
        """As a job: True when it is over."""
        exchange = self._exchange
        if exchange.code == RUNNING:
            return False
        if self._channel.generation != self._generation:
            return True
        if exchange.command:
            if exchange.code >= 0:
                self.before.pop()
            else:
                self._tries -= 1
            exchange.command = b""
        if not self.before or not self._tries:
            return True
        exchange.prepare(_setting(*self.before[-1]), None, 3000)
        if not self._channel.start(exchange):
            exchange.command = b""
        return False


def _setting(name, value):
    return b"AT+S.SCFG=" + name + b"," + value + b"\r"
