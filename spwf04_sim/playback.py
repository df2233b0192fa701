"""Replays what spwf04.at.trace.record() has written: against the driver, or against a module.

uart = Playback(open("bug.txt").read())
radio = SPWF04(uart, clock=uart.clock)
...  # the calls of the recorded program: what happened there happens here

differences = replay(open("bug.txt").read(), module)  # does this module answer likewise?
"""

import itertools
import re

from spwf04.at import secret

_LINE = re.compile(r"(\d+) (>>|<<|>|<) ?(.*)")
_CODE = re.compile(r"\\x([0-9a-f]{2})")


class Different(AssertionError):
    """The driver sent something other than what was recorded."""


def events(text):
    """Read a recorded text as [(ms, way, bytes)].

    way: ">" to the module, "<" from it, doubled for a payload. A payload whose content was not
    recorded is dots. A masked secret stays masked: *
    """
    found = []
    for raw in text.splitlines():
        match = _LINE.fullmatch(raw)
        if match is None:
            if raw.strip() and not raw.startswith("#"):
                text = secret.masked(raw.encode("utf-8", "replace"))
                raise ValueError(f"not a line of a trace: {text!r}")
            continue
        ms, way, rest = int(match[1]), match[2], match[3]
        if way in (">>", "<<"):
            n, _, digits = rest.partition(" ")
            data = bytes.fromhex(digits) if digits else b"." * int(n)
        elif rest.startswith("(") and rest.endswith("LF to end an open payload)"):
            way, data = ">>", b"\n" * int(rest[1:].split()[0])
        else:
            data = _CODE.sub(lambda m: chr(int(m[1], 16)), rest).encode("latin-1")
            data += b"\r" if way == ">" else b"\r\n"
        found.append((ms, way, data))
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

    Raises Different if the driver sends something other than what was recorded.
    """

    def __init__(self, text):
        self._events = events(text)
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
            else:
                if len(self._sent) < len(data) and not self._masked(data):
                    return
                n = len(data)
                if self._masked(data):
                    end = self._sent.find(b"\r")
                    if end < 0:
                        return
                    n = end + 1
                    same = self._sent[: data.index(b"*")] == data[: data.index(b"*")]
                else:
                    same = bytes(self._sent[:n]) == data or way == ">>"
                if not same:
                    sent = bytes(self._sent[:n]).rstrip(b"\r")
                    raise Different(
                        f"sent {secret.masked(sent)!r}, "
                        f"recorded {secret.masked(data.rstrip(bytes((13,))))!r}"
                    )
                del self._sent[:n]
                self._offset = self.clock.ms - ms
            del self._events[0]

    @staticmethod
    def _masked(data):
        return data.endswith(b"********\r")

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


def replay(text, module, secrets=None):
    """Send the host's side of a recording to a module on a VirtualClock.

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
