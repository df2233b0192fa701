"""Scripts for the module's own MicroPython, and what they print. [c.1]

    print(run(radio, "1:/blink.py"))

Nobody has published what the module answers to PYTHON. So what a script prints is taken where it
comes: before the OK, or behind it.
"""

from ..arguments import argument, milliseconds
from ..at.exchange import TIMED_OUT
from ..at.task import Wait
from ..checks import integer
from ..checks import radio as checked
from ..commands.files import Files
from ..const import const
from ..errors import ModuleError, errno
from .printed import printing

_OK = b"AT-S.OK"
_MORE = const(64)  # bytes of a line with an OK, among those of the script


def run(radio, name, *, timeout=60, limit=4096, quiet=1) -> bytes:
    """Run a script that is on the module; return what it prints, as bytes. [c.1]

    radio: an SPWF04. name: "<volume>:/name" of the script. timeout: seconds until the script must
    have ended. limit: so many bytes are kept, the rest is dropped. quiet: if nothing has come
    before the OK, the output is over when nothing comes for so many seconds; 0: do not wait.

    ValueError, TypeError: nothing was sent. ModuleError: code 51, there is no such script; 91, not
    enough memory. LinkLost: it has not ended within timeout; the module is free when it ends, or
    after a reset by the RESET line.
    """
    steps = running(radio, name, timeout=timeout, limit=limit, quiet=quiet)
    return checked(radio).channel.take(steps)


def running(radio, name, *, timeout=60, limit=4096, quiet=1):
    """As run(), in steps, for aio.take(radio.channel, …)."""
    channel = checked(radio).channel
    Files.split(name)
    name = argument(name, "name", 190, True)
    timeout_ms = milliseconds(timeout)
    quiet_ms = milliseconds(quiet, "quiet")
    limit = integer(limit, "limit", 1, None)
    output = _Output(limit + _MORE)
    end = channel.deadline(timeout_ms)
    line = b"AT+S.PYTHON=" + name + b"\r"
    exchange = yield from printing(radio, line, output.take, timeout_ms)
    if exchange.code != TIMED_OUT or not exchange.damaged or not output.ended():
        if exchange.code == 91:
            raise ModuleError(
                errno.ENOMEM,
                "the module has too little memory for this script",
                91,
                exchange.text,
                "Make the script smaller, or give it more KB: the variable python_memsize",
                "script_memory",
            )
        channel.check(exchange)
    if quiet_ms and not output.early:
        before = channel.on_late_line
        channel.on_late_line = output.on_line
        try:
            while output.more() and not channel.expired(end):
                yield Wait(output.came, quiet_ms)
        finally:
            channel.on_late_line = before
    return bytes(output.data[:limit])


class _Output:
    """What a script prints. size: how many bytes came; data: the first of them. early: some came
    before the OK."""

    def __init__(self, limit):
        self._limit = limit
        self.data = bytearray()
        self.size = 0
        self._known = -1  # its size when it was asked last
        self.early = False

    def take(self, view, n):
        """Take the first n bytes of a memoryview."""
        self.early = True
        self._add(view[:n])

    def on_line(self, parser):
        """Take a line that comes behind the OK."""
        self._add(parser.raw())
        self._add(b"\r\n")

    def _add(self, data):
        self.size += len(data)
        self.data += data[: max(0, self._limit - len(self.data))]

    def came(self):
        """True if bytes came since more()."""
        return self.size > self._known

    def more(self):
        """True if bytes came since it was asked last, or it was not asked before."""
        came = self.came()
        self._known = self.size
        return came

    def ended(self):
        """True if there is an OK among the bytes: the script went on to print behind it."""
        at = self.data.find(_OK)
        end = self.data.find(b"\n", at) + 1
        if at < 0 or not end:
            return False
        before = self.data[:at]
        if not before.strip(b"\0"):  # NULs at the start of a line mean nothing [a.6]
            before = b""
        self.early = len(before) > 0
        self.data = before + self.data[end:]
        return True
