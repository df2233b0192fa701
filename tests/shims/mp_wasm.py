"""The WebAssembly build's side of a bridge: a UART, time and calls. See tests/wasm/run.mjs."""

import host
from uctypes import addressof


class PtyUART:
    """Like mp_uart.PtyUART, by way of JavaScript."""

    def __init__(self, path, rxbuf=1024):
        self._fd = host.open(path)
        self._buffer = memoryview(bytearray(rxbuf))
        self._address = addressof(self._buffer)
        self._begin = 0
        self._end = 0

    def any(self):
        """How many bytes can be read."""
        if self._begin == self._end:
            self._begin = 0
            self._end = host.read(self._fd, self._address, len(self._buffer))
        return self._end - self._begin

    def readinto(self, buffer, nbytes=-1):
        """Fill buffer as far as possible; None if nothing is there."""
        n = min(self.any(), len(buffer) if nbytes < 0 else nbytes)
        if not n:
            return None
        buffer[:n] = self._buffer[self._begin : self._begin + n]
        self._begin += n
        return n

    def write(self, data, at=0, n=-1):
        """Write data, or n bytes from byte `at` on; return how many."""
        return host.write(self._fd, addressof(data) + at, len(data) if n < 0 else n)
