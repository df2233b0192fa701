"""A scripted peer on a virtual clock: when these bytes have been sent, those bytes arrive.

    Script("> AT+S.SOCKQ=0\r", "< AT-S.Query:31\r\nAT-S.OK\r\n")

It is for tests of the AT engine alone. Other tests use the simulated module.
"""


class ScriptClock:
    """Time that passes only while nothing happens, 1 ms at a time."""

    def __init__(self):
        self.ms = 0

    def ticks_ms(self):
        return self.ms

    def idle(self):
        self.ms += 1


class Script:
    """Has the face of machine.UART. Steps: "> bytes" that the host must send next, "< bytes" that
    arrive then, "= n" bytes at most in one read from here on, "~ ms" of silence."""

    def __init__(self, *steps, at_once=None):
        self.steps = [s.encode("latin-1") if isinstance(s, str) else s for s in steps]
        self.waiting = bytearray()
        self.sent = bytearray()
        self.unexpected = bytearray()
        self.at_once = at_once
        self.clock = ScriptClock()
        self.resume_at = 0
        self._advance()

    def _advance(self):
        while self.steps:
            kind, data = self.steps[0][:1], self.steps[0][2:]
            if self.clock.ms < self.resume_at:
                return
            if kind == b"<":
                self.waiting += data
            elif kind == b"=":
                self.at_once = int(data)
            elif kind == b"~":
                self.resume_at = self.clock.ms + int(data)
            elif kind == b">":
                if not self.sent.startswith(data):
                    if not data.startswith(bytes(self.sent[: len(data)])):
                        raise AssertionError(f"sent {bytes(self.sent)!r}, expected {data!r}")
                    return
                del self.sent[: len(data)]
            del self.steps[0]

    @property
    def done(self):
        """True if every step has happened and nothing else was sent."""
        return not self.steps and not self.sent

    def any(self):
        self._advance()
        return min(len(self.waiting), self.at_once or len(self.waiting))

    def readinto(self, buffer, n=None):
        n = min(len(buffer) if n is None else n, self.any())
        if not n:
            return None
        buffer[:n] = self.waiting[:n]
        del self.waiting[:n]
        return n

    def write(self, data, at=0, n=None):
        data = data[at:] if n is None else data[at : at + n]
        self.sent += data
        self._advance()
        return len(data)


# The last steps of that: errors and indications in full, echo off.
SET = (
    "> AT+S.SCFG=console_errs,2\r",
    "< AT+S.SCFG=console_errs,2\r\nAT-S.OK\r\n",
    "> AT+S.SCFG=console_winds,2\r",
    "< AT+S.SCFG=console_winds,2\r\nAT-S.OK\r\n",
    "> AT+S.SCFG=console_echo,0\r",
    "< AT+S.SCFG=console_echo,0\r\nAT-S.OK\r\n",
)
# Finding a module: a first question, the delimiter (unless that was the question), and those.
FOUND = (
    "> \rAT+S.GCFG=console_echo\r",
    "< AT+S.GCFG=console_echo\r\nAT-S.Var:console_echo=1\r\nAT-S.OK\r\n",
    "> AT+S.GCFG=console_delimiter\r",
    "< AT+S.GCFG=console_delimiter\r\nAT-S.Var:console_delimiter=0x2C\r\nAT-S.OK\r\n",
    *SET,
)
