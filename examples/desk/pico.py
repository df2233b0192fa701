"""In place of boards/pico.py, for MicroPython on a PC: the module that `spwf04 sim` shows.

The port of the module is the program's argument.
"""

import os
import sys

from spwf04 import SPWF04


class Terminal:
    """A terminal with the face of machine.UART."""

    def __init__(self, path):
        # Reads return at once, and nothing is changed or echoed
        if os.system("stty raw -echo min 0 time 0 <" + path):
            raise OSError("no terminal: " + path + ". Name the port that spwf04 sim shows")
        self._file = open(path, "r+b", buffering=0)
        self._waiting = b""
        self.write = self._file.write

    def any(self):
        if not self._waiting:
            self._waiting = self._file.read(256) or b""
        return len(self._waiting)

    def readinto(self, buffer, n):
        n = min(n, self.any())
        buffer[:n] = self._waiting[:n]
        self._waiting = self._waiting[n:]
        return n


def radio():
    """Return a ready SPWF04."""
    if len(sys.argv) != 2:
        raise ValueError("name the port that spwf04 sim shows: micropython PROGRAM /dev/pts/3")
    return SPWF04(Terminal(sys.argv[1]))
