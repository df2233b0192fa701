"""The module on a pseudo-terminal, and how much time it has had to answer.

A program that waits for it counts this time and not the computer's: on a computer with much to do
the module's side may take seconds for an answer, and that must not look like a module that gives
none.
"""

import os
import tempfile
import time

from spwf04_sim import PtyPort

_LOOK = 0.02  # seconds that may pass for the program each time that the module looks
_WRAP = 1 << 29


class Paced(PtyPort):
    """with Paced(module) as line: … line.path … line.time …

    time: the name of a file with the time in ms, for the Clock of mp_paced.py.
    """

    def __init__(self, module):
        super().__init__(module, vmin0=True)
        self._file = tempfile.NamedTemporaryFile(prefix="spwf04-time-")
        self.time = self._file.name
        self._now = 1.0
        self._last = time.monotonic()
        self.carry()

    def close(self):
        super().close()
        self._file.close()

    def carry(self):
        moved = super().carry()
        now = time.monotonic()
        self._now += min(now - self._last, _LOOK)
        self._last = now
        ms = int(self._now * 1000) % _WRAP
        os.pwrite(self._file.fileno(), ms.to_bytes(4, "little"), 0)
        return moved
