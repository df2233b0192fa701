"""A UART for MicroPython that plays out of memory what was recorded.

It has the faces of machine.UART and busio.UART, and allocates nothing but what read() returns.
"""

import binascii
import io
import json


class MemoryUART:
    """file: by record.py: all bytes from the module, and steps: how many bytes the driver
    writes, and how many come then. The last `cycle` steps are played again and again.
    burst: most bytes that have arrived when the driver looks."""

    baudrate = 115200

    def __init__(self, file, burst=256):
        with open(file) as f:
            recorded = json.load(f)
        data = binascii.unhexlify(recorded["data"])
        self._file = io.BytesIO(data)
        self._size = len(data)
        self._steps = recorded["steps"]
        self._cycle = recorded["cycle"]
        self._back = sum([come for _, come in self._steps[-self._cycle :]])
        self._burst = burst
        self._step = 0
        self._limit = 0  # how far the module has come
        self._missing = self._steps[0][0]  # bytes that the driver still has to write

    def _come(self):
        """What belongs to this step arrives."""
        come = self._steps[self._step][1]
        if self._limit + come > self._size:
            self._limit -= self._back
            self._file.seek(self._file.tell() - self._back)
        self._limit += come
        self._step += 1
        if self._step == len(self._steps):
            self._step -= self._cycle
        self._missing = self._steps[self._step][0]

    def any(self):
        """Bytes that can be read."""
        n = self._limit - self._file.tell()
        if n == 0 and self._missing == 0:
            self._come()
            n = self._limit - self._file.tell()
        return n if n < self._burst else self._burst

    @property
    def in_waiting(self):
        """As any()."""
        return self.any()

    def readinto(self, buffer):
        """Fill buffer: the caller has seen that so much is there."""
        return self._file.readinto(buffer)

    def read(self, n):
        """Return n bytes."""
        return self._file.read(n)

    def reset_input_buffer(self):
        """What has arrived is lost."""
        self._file.seek(self._limit)

    def write(self, data):
        """Take all of data."""
        n = len(data)
        if self._missing == 0:  # what nobody asked for was not looked at
            self._come()
        self._missing -= n
        if self._missing < 0:
            raise OSError("more is written than when it was recorded")
        if self._missing == 0:
            self._come()
        return n


class CountingUART(MemoryUART):
    """Counts its calls, in .calls: (name, bytes) -> times."""

    def __init__(self, file, burst=256):
        super().__init__(file, burst)
        self.calls = {}

    def _count(self, *call):
        self.calls[call] = self.calls.get(call, 0) + 1

    def any(self):
        self._count("any", 0)
        return super().any()

    @property
    def in_waiting(self):
        self._count("in_waiting", 0)
        return super().any()

    def readinto(self, buffer):
        self._count("readinto", len(buffer))
        return super().readinto(buffer)

    def read(self, n):
        self._count("read", n)
        return super().read(n)

    def reset_input_buffer(self):
        self._count("reset_input_buffer", 0)
        return super().reset_input_buffer()

    def write(self, data):
        self._count("write", len(data))
        return super().write(data)
