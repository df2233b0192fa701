"""The module on a pseudo-terminal, and how much time it has had to answer.

A program that waits for the module counts this time, not the computer's. On a busy computer the
module's side may take seconds for an answer. The program must not take that for a module that does
not answer.
"""

import os
import tempfile
import time

from spwf04_sim import PtyPort

_LOOK = 0.02  # s that pass for the program, at most, each time that the module looks
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
