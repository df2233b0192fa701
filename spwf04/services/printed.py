"""Commands that print a stranger's bytes without a frame: HTTPGET, HTTPPOST, and TFTPGET on some
firmware. [j]

An indication among these bytes would be taken for some of them. So all are masked meanwhile. [a.4]
What they would have told is asked for afterwards: by sockets, by isconnected(), and by whoever has
put a handler into radio.on_gap.
"""

from ..at.exchange import RUNNING, Exchange
from ..at.raw import RawExchange
from ..at.task import Wait
from ..commands.comma import COMMA, delimited
from ..commands.filesystem import ANY, ask
from ..const import const
from ..net.pool import SocketPool

_MASKS = (b"console_wind_off_low", b"console_wind_off_medium", b"console_wind_off_high")
_ALL = b"0xFFFFFFFF"
_STILL_MS = const(10000)


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
    masks = radio.masks
    if masks is None:
        masks = radio.masks = _Masks(radio)
    for step in steps:
        if step is not exchange:
            yield step
            continue
        masks.users += 1
        try:
            yield from masks.set()
            yield from delimited(radio.channel, step, delimiter)
            if radio.channel.in_step():
                yield from masks.restore()
        finally:
            if exchange.code == RUNNING and hasattr(radio.channel.parser, "drop"):
                radio.channel.parser.drop()  # the caller gave up: nothing more goes to sink
            exchange.sink = None if exchange.code == RUNNING else sink
            masks.close()
    return exchange


class _Masks:
    """The masks of indications. As a job of the pool it sets back what a caller left.

    users: count of the calls that need them: the last one sets them back.
    """

    users = 0

    def __init__(self, radio):
        self._radio = radio
        self._channel = radio.channel
        self._generation = -1
        self._exchange = Exchange()  # that of the job
        self._name = None  # what it sets back
        self._tries = 0
        self._restores = False  # a caller sets them back
        self._changed = False
        self._before = {}  # {name: value} of those that are to be set back

    def set(self):
        """Steps: mask all."""
        yield Wait(self._is_still, _STILL_MS)
        again = True
        while again:
            if self._generation != self._channel.generation:
                self._generation = self._channel.generation
                self._before = {}  # they were not saved
            yield from self._set()
            again = self._generation != self._channel.generation

    def _set(self):
        for name in _MASKS:
            lines, _ = yield from ask(self._channel, b"AT+S.GCFG=" + name + b"\r", None, 3000, ANY)
            for line in lines:
                value = line[line.find("=") + 1 :].encode()
                if line[:9] == "AT-S.Var:" and value[:2] == b"0x" and value != _ALL:
                    self._changed = True
                    self._before.setdefault(name, value)
                    yield from ask(self._channel, _setting(name, _ALL), None, 3000, ANY)

    def _is_still(self):
        """True if nobody sets them back."""
        return not self._restores and self._exchange.code != RUNNING

    def restore(self):
        """Steps: set them back, unless another caller needs them."""
        if self.users > 1 or self._restores:
            return
        self._restores = True
        try:
            while self._before and self._generation == self._channel.generation:
                name, value = self._before.popitem()
                done = False
                try:
                    yield from ask(self._channel, _setting(name, value), None, 3000, ANY)
                    done = True
                finally:
                    if not done:
                        self._before[name] = value
        finally:
            self._restores = False

    def close(self):
        """Set back the rest as soon as the line is free, and have the others ask."""
        self.users -= 1
        if self.users:
            return
        if self._changed:
            self._changed = False
            self._radio.indications_missed()
        if self._before:
            self._tries = 3
            SocketPool(self._radio).add_job(self, False)

    def poll(self):
        """As a job: True when it is over."""
        exchange = self._exchange
        if exchange.code == RUNNING:
            return False
        if self._name is not None:
            if exchange.code < 0:
                self._tries -= 1
                self._before.setdefault(*self._name)
            self._name = None
        if self._generation != self._channel.generation:
            self._before = {}
        if not self._before or not self._tries or self.users:
            return True
        self._name = self._before.popitem()
        exchange.prepare(_setting(*self._name), None, 3000)
        if not self._channel.start(exchange):
            self._before.setdefault(*self._name)
            self._name = None
        return False


def _setting(name, value):
    return b"AT+S.SCFG=" + name + b"," + value + b"\r"
