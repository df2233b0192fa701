"""A clock for the driver where the module lives in real time: time goes on as the module sees it,
see tests/shims/paced.py.
"""

from time import sleep


class Clock:
    """For the driver. It allocates nothing."""

    @staticmethod
    def idle():
        """Give the processor away for as long as the module's side does."""
        sleep(0.002)

    def __init__(self, path):
        self._file = open(path, "rb")
        self._bytes = bytearray(4)

    def ticks_ms(self):
        """What the module's side has written."""
        self._file.seek(0)
        self._file.readinto(self._bytes)
        return int.from_bytes(self._bytes, "little")
