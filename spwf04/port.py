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
    from machine import idle  # pyright: ignore[reportMissingImports]
except ImportError:
    from time import sleep

    def idle():
        sleep(0.0005)


_PIECE = const(256)  # bytes handed to the UART at once


class Clock:
    """Time as the driver sees it; replaced in simulations."""

    def ticks_ms(self):
        """Milliseconds that wrap around at a power of two of at least 2**29."""
        return ticks_ms()

    def idle(self):
        """Called when a blocking call finds nothing to do."""
        idle()


class Port:
    """The differences between machine.UART, busio.UART and pyserial, absorbed once."""

    def __init__(self, uart):
        self.uart = uart
        self._any = getattr(uart, "any", None)  # machine.UART
        if self._any is None and not hasattr(uart, "in_waiting"):
            raise TypeError("uart needs any() or in_waiting")
        # Read only what is there, in whole chunks: no read can block, none needs a length
        # (busio takes none), and a payload chunk is copied as one block.
        self._chunks = (bytearray(64), bytearray(16), bytearray(4), bytearray(1))
        self.received = 0
        self.sent = 0

    def read(self, parser):
        """Feed the parser one chunk; False if nothing was waiting."""
        n = self._any() if self._any is not None else self.uart.in_waiting
        if not n:
            return False
        wanted = parser.remaining
        if wanted and wanted < n:
            n = wanted
        for chunk in self._chunks:
            if n >= len(chunk):
                n = self.uart.readinto(chunk)
                if not n:  # None or 0
                    return False
                self.received += n
                parser.receive_data(chunk, n)
                return True
        return False

    def write(self, data, at):
        """Write a piece of data from byte `at` on; return how many bytes were taken."""
        n = len(data)
        if at or n > _PIECE:
            data = memoryview(data)[at : at + _PIECE]
        n = self.uart.write(data) or 0
        self.sent += n
        return n
