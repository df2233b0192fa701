"""Raw bytes to the module, and what comes: a transcript with times."""

import re

# Data that were sent for may stand before it without a line end
_END = re.compile(rb"AT-S\.(?:OK|ERROR)[^\r\n]*\r\n")
_WIND = re.compile(r"\+WIND:(\d+):(.*)")
_QUIET_MS = 60  # after the end of a reply: what belongs to it has come


class Said:
    """What came after something was sent.

    raw: the bytes. text: the same, a character for each byte. lines: its lines without CR and LF.
    end: the line that ended the reply, "" if none came. ok: it was AT-S.OK. error: the number in
    it, None if it has none. winds: list of (number, text).
    """

    def __init__(self, raw):
        self.raw = bytes(raw)
        self.text = self.raw.decode("latin-1")
        self.lines = [line for line in re.split(r"[\r\n]+", self.text) if line.strip("\0")]
        ends = re.findall(r"AT-S\.(?:OK|ERROR)[^\r\n]*", self.text)
        self.end = ends[-1] if ends else ""
        self.ok = self.end.startswith("AT-S.OK")
        number = re.match(r"AT-S\.ERROR:(\d+)", self.end)
        self.error = int(number[1]) if number else None
        self.winds = [(int(m[1]), m[2]) for m in map(_WIND.search, self.lines) if m]

    def wind(self, number):
        """The text of the first indication of this number; None if there is none."""
        return next((text for n, text in self.winds if n == number), None)

    def value(self, pattern):
        """The first group of a pattern in the text; None if it is not there."""
        found = re.search(pattern, self.text)
        return found[1] if found else None


class Line:
    """The line to a module.

    uart: spwf04.at.uart.UART. clock: with ticks_ms() and idle(), as the driver's. set_rate: a
    function that changes the rate here, in bit/s, and returns whether it could. rate: the rate
    here. transcript: a list of (ms since the start, ">", "<" or "", bytes). It has all secrets;
    report.py masks them.
    """

    def __init__(self, uart, clock, set_rate=None, rate=115200):
        self._uart = uart
        self._clock = clock
        self._set_rate = set_rate
        self.rate = rate
        self._start = clock.ticks_ms()
        self.transcript = []
        self._late = bytearray()  # what came and was given to nobody
        self._heard = bytearray()

    def set_rate(self, rate):
        """Change the rate here, in bit/s; False if this port cannot."""
        if rate != self.rate:
            if self._set_rate is None or not self._set_rate(rate):
                return False
            self.rate = rate
            self._note("", b"(%d bit/s)" % rate)
        return True

    def now(self):
        """Milliseconds since the start."""
        return (self._clock.ticks_ms() - self._start) % (1 << 29)

    def send(self, data):
        """Send bytes, and wait for nothing."""
        self._note(">", data)
        at = 0
        end = self.now() + 10_000 + len(data)
        while at < len(data) and self.now() < end:
            at += self._uart.write(data, at, len(data)) or 0
            self._take()

    def say(self, text, payload=b"", limit_s=10):
        """Send a command line (AT+S. may be left out) and its data; return what was Said until
        its end, or until limit_s. After the end it waits until nothing more comes."""
        if not text.upper().startswith("AT"):
            text = "AT+S." + text
        self.drain()
        self.send(text.encode("latin-1") + b"\r")
        if payload:
            self.send(payload)
        return self.until(_END.search, limit_s, quiet_ms=_QUIET_MS)

    def until(self, enough, limit_s, quiet_ms=0):
        """Wait until enough(all bytes that came) is true, limit_s at most, and then for silence
        of quiet_ms. Return what was Said."""
        end = self.now() + int(limit_s * 1000)
        while not enough(self._late) and self.now() < end:
            if not self._take():
                self._clock.idle()
        self._settle(quiet_ms)
        raw, self._late = self._late, bytearray()
        self._note("<", raw)
        return Said(raw)

    def wait_wind(self, number, limit_s):
        """Wait for an indication; return what was Said until then."""
        wanted = re.compile(rb"\+WIND:%d:[^\r\n]*\r\n" % number)
        return self.until(wanted.search, limit_s, quiet_ms=_QUIET_MS)

    def listen(self, seconds):
        """Return what is Said in so many seconds."""
        return self.until(lambda raw: False, seconds)

    def drain(self):
        """Take what has come until now, and return it: what is Said later is of what is sent."""
        self._settle(20)
        raw, self._late = self._late, bytearray()
        if raw:
            self._note("<", raw)
        return Said(raw)

    def hear(self):
        """Return a function that returns what was Said since this call, whatever was asked
        meanwhile. It ends the one before."""
        self._heard = heard = bytearray()
        return lambda: Said(heard)

    def _settle(self, quiet_ms):
        last = self.now()
        limit = last + 5_000
        while self.now() - last < quiet_ms and self.now() < limit:
            if self._take():
                last = self.now()
            else:
                self._clock.idle()

    def _take(self):
        """Take what has come; True if something has."""
        n = self._uart.any()
        if not n:
            return False
        piece = bytearray(min(n, 256))
        got = self._uart.device.readinto(piece) or 0
        self._late += piece[:got]
        self._heard += piece[:got]
        return bool(got)

    def _note(self, way, data):
        self.transcript.append((self.now(), way, bytes(data)))
