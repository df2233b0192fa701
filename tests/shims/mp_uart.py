"""A UART for MicroPython's unix port: machine.UART's face on a terminal.

The terminal must have VMIN=0 and VTIME=0, so that reads return at once.
"""


class PtyUART:
    """path: the terminal. rxbuf: size of the receive buffer in bytes, as machine.UART's."""

    def __init__(self, path, rxbuf=1024):
        self._file = open(path, "r+b", buffering=0)
        self._buffer = bytearray(rxbuf)
        self._view = memoryview(self._buffer)
        self._one = bytearray(1)
        self._begin = 0
        self._end = 0

    def any(self):
        """How many bytes can be read."""
        if self._begin == self._end:
            self._begin = 0
            self._end = self._file.readinto(self._buffer) or 0
        return self._end - self._begin

    def readinto(self, buffer, nbytes=-1):
        """Fill buffer as far as possible; None if nothing is there."""
        n = self.any()
        if not n:
            return None
        want = len(buffer) if nbytes < 0 else nbytes
        if n > want:
            n = want
        i = 0
        at = self._begin
        while i < n:
            buffer[i] = self._buffer[at]
            i += 1
            at += 1
        self._begin = at
        return n

    def write(self, data, at=0, n=-1):
        """Write all of data, or n bytes from byte `at` on as every stream of MicroPython does;
        return how many."""
        return self._file.write(data) if n < 0 else self._file.write(data, at, n)
