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


# Bytes handed to the UART at once, so that its receive buffer is looked after; all of them where
# a part would be a slice, which takes heap: hardly anything comes while a payload goes out
_PIECE = const(256)
# Bytes of lines taken at once: what follows a line in them is copied byte by byte. The header of
# a read has 22 or 23, the OK after its payload 9
_LINES = const(24)
_OK_LINE = const(9)


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
        self._chunks = tuple([bytearray(n) for n in (128, 32, 8, 2, 1)])
        try:
            # Every stream of MicroPython takes part of a buffer without a slice
            uart.write(b"", 0, 0)
            uart.readinto(self._chunks[0], 0)
            self._parts = True
        except TypeError:
            self._parts = False
        self.received = self.sent = 0  # bytes

    def read(self, parser):
        """Feed the parser what is waiting: a piece of lines, or payload as far as it has come;
        False if nothing was."""
        moved = False
        while True:
            n = self._any() if self._any is not None else self.uart.in_waiting
            if not n:
                return moved
            i = parser.remaining or (_OK_LINE if parser.strict else _LINES)
            if n > i:
                n = i
            i = 0
            while n:
                chunk = self._chunks[i]
                if n >= len(chunk):
                    got = self.uart.readinto(chunk)
                elif self._parts and len(chunk) <= (parser.remaining or 32):
                    got = self.uart.readinto(chunk, n)
                else:
                    i += 1
                    continue
                if not got:  # None or 0
                    return moved
                moved = True
                n -= got
                self.received += got
                if not parser.receive_data(chunk, got):
                    return True
            if not parser.remaining:
                return True

    def write(self, data, at, end):
        """Write a piece of data[at:end]; return how many bytes were taken."""
        n = end - at
        if n > _PIECE and self._parts:
            n = _PIECE
        if n == len(data):
            n = self.uart.write(data)
        elif self._parts:
            n = self.uart.write(data, at, n)
        else:
            n = self.uart.write(memoryview(data)[at : at + n])
        n = n or 0
        self.sent += n
        return n
