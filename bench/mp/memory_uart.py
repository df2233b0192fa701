"""UARTs for MicroPython that play a recording out of memory.

They allocate only what read() returns.
"""

import binascii
import io
import json


class _Recording:
    """file: by record.py: all bytes from the module, and steps: how many bytes the driver
    writes, and how many come then. The last `cycle` steps are played again and again.
    burst: most bytes that have arrived when the driver looks."""

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
        self._limit = 0  # how much the module has sent
        self._missing = self._steps[0][0]  # bytes that the driver still has to write

    def _come(self):
        """Have the bytes of this step arrive."""
        come = self._steps[self._step][1]
        if self._limit + come > self._size:
            self._limit -= self._back
            self._file.seek(self._file.tell() - self._back)
        self._limit += come
        self._step += 1
        if self._step == len(self._steps):
            self._step -= self._cycle
        self._missing = self._steps[self._step][0]

    def _there(self):
        n = self._limit - self._file.tell()
        if n == 0 and self._missing == 0:
            self._come()
            n = self._limit - self._file.tell()
        return n if n < self._burst else self._burst

    def _taken(self, n):
        if self._missing == 0:  # the driver has not read what was sent unasked
            self._come()
        self._missing -= n
        if self._missing < 0:
            raise OSError("more is written than when it was recorded")
        if self._missing == 0:
            self._come()
        return n

    def read(self, n):
        """Return n bytes. The caller has made sure that so many are there."""
        return self._file.read(n)


class MachineUART(_Recording):
    """A UART with the methods of machine.UART."""

    def any(self):
        """Return how many bytes can be read."""
        return self._there()

    def readinto(self, buffer, n=-1):
        """Read into all of buffer, or n bytes."""
        return self._file.readinto(buffer) if n < 0 else self._file.readinto(buffer, n)

    def write(self, data, at=0, n=-1):
        """Write all of data, or n bytes from `at` on."""
        if n < 0:
            n = len(data) - at
        return self._taken(n) if n else 0


class BusioUART(_Recording):
    """A UART with the methods of CircuitPython's busio.UART."""

    baudrate = 115200

    @property
    def in_waiting(self):
        """Return how many bytes can be read."""
        return self._there()

    def readinto(self, buffer):
        """Read into all of buffer."""
        return self._file.readinto(buffer)

    def write(self, data):
        """Write all of data."""
        return self._taken(len(data))

    def reset_input_buffer(self):
        """Lose what has arrived."""
        self._file.seek(self._limit)


FACES = {"machine": MachineUART, "busio": BusioUART}


def counting(face, file, burst, calls):
    """Make a UART that counts its calls in `calls`: {(name, bytes): how often}."""
    kind = FACES[face]

    def count(*call):
        calls[call] = calls.get(call, 0) + 1

    class Counting(kind):
        def readinto(self, buffer, *n):
            count("readinto", n[0] if n else len(buffer))
            return super().readinto(buffer, *n)

        def read(self, n):
            count("read", n)
            return super().read(n)

        def write(self, data, *part):
            count("write", part[1] if part else len(data))
            return super().write(data, *part)

        if face == "machine":

            def any(self):
                count("any", 0)
                return super().any()

        else:

            @property
            def in_waiting(self):
                count("in_waiting", 0)
                return self._there()

            def reset_input_buffer(self):
                count("reset_input_buffer", 0)
                super().reset_input_buffer()

    return Counting(file, burst)
