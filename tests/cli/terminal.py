"""A terminal with a person at it: the program runs behind a pty, the test reads and types."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

from tests import HANG

_CODES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>]")


class Terminal:
    """with Terminal([program, argument…], NAME=value…) as terminal: …

    shown: all bytes the program has written.
    """

    def __init__(self, arguments, **environment):
        self.shown = b""
        self._seen = 0
        self._pid, self._fd = pty.fork()
        if self._pid == 0:  # the program
            os.environ.update(TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1", **environment)
            os.execv(arguments[0], arguments)
        size = struct.pack("HHHH", 40, 100, 0, 0)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self._pid:
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)
        os.close(self._fd)

    def type(self, text):
        """Press these keys."""
        os.write(self._fd, text.encode())

    def until(self, words, seconds=HANG):
        """Wait until these words are shown, after those of the last call.

        Returns what was shown up to them, without colours.
        """
        end = time.monotonic() + seconds
        while True:
            text = _CODES.sub(b"", self.shown).decode("utf-8", "replace")
            at = text.find(words, self._seen)
            if at >= 0:
                before, self._seen = self._seen, at + len(words)
                return text[before : self._seen]
            if time.monotonic() > end or not self._read(end):
                raise AssertionError(f"{words!r} was not shown, but {text[self._seen :]!r}")

    def _read(self, end):
        if not select.select([self._fd], [], [], max(0, end - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self._fd, 4096)
        except OSError:  # the program has ended
            return False
        self.shown += data
        return bool(data)

    def ended(self):
        """Wait until the program ends; returns its exit code."""
        end = time.monotonic() + HANG
        while self._read(end):
            if time.monotonic() > end:
                raise AssertionError("the program has not ended")
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return os.waitstatus_to_exitcode(status)
