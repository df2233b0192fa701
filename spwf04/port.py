"""The UART and the clock, whatever they are: the only file that knows how interpreters differ."""

from .parser import const

try:
    from time import ticks_ms
except ImportError:
    try:
        from supervisor import ticks_ms
    except ImportError:
        from time import monotonic

        def ticks_ms():
            return int(monotonic() * 1000)


try:
    from machine import idle
except ImportError:
    from time import sleep

    def idle():
        sleep(0.0005)


_PIECE = const(256)  # bytes handed to the UART at once, so that its receive buffer is looked after


class Port:
    """The differences between machine.UART, busio.UART and pyserial, absorbed once.

    It is a clock too: ticks_ms() gives milliseconds that wrap around at a power of two of at
    least 2**29; idle() is called when a blocking call finds nothing to do.
    """

    ticks_ms = staticmethod(ticks_ms)
    idle = staticmethod(idle)

    def __init__(self, uart):
        self.uart = uart
        self._any = getattr(uart, "any", None)  # machine.UART
        if self._any is None and not hasattr(uart, "in_waiting"):
            raise TypeError("uart needs any() or in_waiting")
        # Read only what is there, in whole chunks: no read can block, none needs a length
        # (busio takes none), and a payload chunk is copied as one block.
        self._chunks = (bytearray(64), bytearray(16), bytearray(4), bytearray(1))
        self._offsets = True  # write() takes them, as far as is known
        self.received = self.sent = 0  # bytes

    def read(self, parser):
        """Feed the parser one chunk; False if nothing was waiting."""
        n = self._any() if self._any is not None else self.uart.in_waiting
        if n:
            wanted = parser.remaining
            if wanted and wanted < n:
                n = wanted
            for chunk in self._chunks:
                if n >= len(chunk):
                    n = self.uart.readinto(chunk)
                    if n:  # else None or 0
                        self.received += n
                        parser.receive_data(chunk, n)
                        return True
                    break
        return False

    def write(self, data, at, end):
        """Write a piece of data[at:end]; return how many bytes were taken."""
        n = end - at
        if n > _PIECE:
            n = _PIECE
        uart = self.uart
        if n == len(data):
            n = uart.write(data)
        else:
            done = False
            if self._offsets:
                try:
                    n = uart.write(data, at, n)  # as every stream of MicroPython: no heap
                    done = True
                except TypeError:
                    self._offsets = False
            if not done:
                n = uart.write(memoryview(data)[at : at + n])
        n = n or 0
        self.sent += n
        return n
