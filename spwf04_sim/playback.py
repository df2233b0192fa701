"""Plays a recording: against the driver, or against a simulated module.

The recording is what spwf04.at.trace.record() has written, or any log of a UART that
`spwf04 trace` reads: of a terminal program, of an adapter that listens, of a logic analyser.

uart = Playback(open("bug.txt", "rb").read())
radio = SPWF04(uart, clock=uart.clock)
...  # the calls of the recorded program: what happened there happens here

differences = replay(open("bug.txt").read(), module)  # does this module answer likewise?
"""

import itertools

from spwf04.at import secret

from .logs import reader
from .logs.recorded import events as recorded
from .logs.recorded import events_of

_MASK = b"********"


class Different(AssertionError):
    """The driver sent something other than what was recorded."""


def events(log):
    """Read a log, str or bytes, as [(ms, way, bytes)], see logs/recorded.py.

    ValueError if it shows nothing of a module.
    """
    data = log.encode("utf-8", "surrogateescape") if isinstance(log, str) else bytes(log)
    try:
        found = recorded(data.decode("utf-8"))
    except ValueError:  # somebody else has written it
        found = events_of(reader.read(data))
    if not any(way == "<" for _, way, _ in found):
        raise ValueError("it has nothing that a module says")
    return found


class _Clock:
    def __init__(self):
        self.ms = 0

    def ticks_ms(self):
        """Milliseconds."""
        return self.ms

    def idle(self):
        """Time passes only here."""
        self.ms += 1


class Playback:
    """A port with the methods of machine.UART, on which the recorded module answers.

    log: the recording, str or bytes. Raises Different if the driver sends something other than
    what was recorded; where it holds secrets, any will do. ValueError if the log shows nothing of
    a module.
    """

    def __init__(self, log):
        self._events = events(log)
        self.clock = _Clock()
        self._sent = bytearray()
        self._waiting = bytearray()
        self._offset = -self._events[0][0] if self._events else 0

    @property
    def done(self):
        """True if everything was replayed."""
        return not self._events and not self._waiting

    def _advance(self):
        while self._events:
            ms, way, data = self._events[0]
            if way[0] == "<":
                if self.clock.ms < ms + self._offset and not self._sent:
                    return
                self._waiting += data
            elif self._taken(way, data):
                self._offset = self.clock.ms - ms
            else:
                return
            del self._events[0]

    def _taken(self, way, data):
        """Take from what was sent what an event is; False if more of it must come."""
        if way == ">>":
            if len(self._sent) < len(data):
                return False
            del self._sent[: len(data)]
            return True
        # A log may lack the line ends by which the driver finds the module again
        del self._sent[: len(self._sent) - len(self._sent.lstrip(b"\r\n"))]
        end = self._sent.find(b"\r")
        if end < 0:
            return False
        line, meant = bytes(self._sent[:end]), data.strip(b"\r\n")
        del self._sent[: end + 1]
        if not _same(line, meant):
            raise Different(f"sent {secret.masked(line)!r}, recorded {secret.masked(meant)!r}")
        return True

    def any(self):
        """Return how many bytes can be read."""
        self._advance()
        return len(self._waiting)

    def readinto(self, buffer, nbytes=None):
        """As machine.UART's."""
        n = min(len(buffer) if nbytes is None else nbytes, self.any())
        buffer[:n] = self._waiting[:n]
        del self._waiting[:n]
        return n or None

    def write(self, data):
        """As machine.UART's."""
        self._sent += data
        self._advance()
        return len(data)


def _same(line, meant):
    """True if two commands are the same, but for their secrets."""
    if meant.endswith(_MASK):
        return line.startswith(meant[: -len(_MASK)])
    return line == meant or (
        secret.shown(line) < len(line) and secret.masked(line) == secret.masked(meant)
    )


def replay(text, module, secrets=None):
    """Send the host's side of a recording to a module on a VirtualClock. text: the
    recording.

    Returns the differences in what the module answers: [(recorded, got)], lines as bytes, None
    where there is no line. secrets: {variable: value} for what is masked. Indications are not
    compared, because nothing says when they come. Payloads are compared if they were recorded
    (payload=True).
    """
    recorded, got = bytearray(), bytearray()
    start = None
    for ms, way, data in events(text):
        start = ms - module.clock.now() * 1000 if start is None else start
        if way[0] == ">":
            while module.clock.now() * 1000 + start < ms:
                module.clock.idle()
                got += module.transmit()
            for name, value in (secrets or {}).items():
                if name.encode() in data:
                    data = data.replace(b"********", value.encode())
            module.receive(data)
        else:
            recorded += data
    end = module.clock.now() + 5
    while module.clock.now() < end:
        module.clock.idle()
        got += module.transmit()
    pairs = itertools.zip_longest(_replies(recorded), _replies(got))
    return [(there, here) for there, here in pairs if there != here]


def _replies(stream):
    lines = [bytes(line.rstrip()) for line in stream.split(b"\n")]
    return [line for line in lines if line and not line.startswith(b"+WIND")]
