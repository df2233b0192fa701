"""A clock for the driver where the module lives in real time.

It shows the time that the module has had, see tests/shims/paced.py.
"""

from time import sleep


class Clock:
    """The driver's clock. It allocates nothing."""

    @staticmethod
    def idle():
        """Leave the processor to others as long as the module's side does."""
        sleep(0.002)

    def __init__(self, path):
        self._file = open(path, "rb")
        self._bytes = bytearray(4)

    def ticks_ms(self):
        """The time that the module's side has written."""
        self._file.seek(0)
        self._file.readinto(self._bytes)
        return int.from_bytes(self._bytes, "little")
