"""The UART adapter and the clock: the file that knows how UARTs and clocks differ."""

from ..const import const

try:
    from time import ticks_ms  # pyright: ignore[reportAttributeAccessIssue]
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


# Bytes handed to the UART at once, so that its receive buffer is emptied in between. Where a part
# would be a slice, which takes heap, all are handed over: little comes while a payload goes out.
_PIECE = const(256)


def has(thing, *names):
    """True if an object has these attributes. If asking for one raises anything, it has not."""
    try:
        return all([hasattr(thing, name) for name in names])
    except MemoryError:
        raise
    except Exception:
        return False


class UART:
    """Adapts machine.UART, busio.UART and pyserial's Serial, which is its `device`.

    received, sent: counts of bytes. rate: see radio.baudrate.

    It is a clock too, and so is the class itself: ticks_ms() gives milliseconds that wrap around
    at a power of two, 2**29 or more; idle() is called when a blocking call finds nothing to do.
    """

    rate = 115200  # bit/s, if the device does not tell it
    ticks_ms = staticmethod(ticks_ms)
    idle = staticmethod(idle)

    def __init__(self, uart):
        if not has(uart, "write", "readinto") or not (has(uart, "any") or has(uart, "in_waiting")):
            raise TypeError(
                "uart must be an open UART: write(), readinto(), and any() or in_waiting"
            )
        self.device = uart
        self.any = getattr(uart, "any", None)  # machine.UART
        if self.any is None:
            self.any = lambda: self.device.in_waiting
        # Only what is there is read, in whole chunks: so no read blocks, none needs a length
        # (busio takes none), and a chunk of payload is copied as one block.
        self._chunks = tuple([bytearray(n) for n in (256, 64, 16, 4, 1)])  # [1]: for lines
        try:
            # Every stream of MicroPython takes part of a buffer without a slice
            uart.write(b"", 0, 0)
            uart.readinto(self._chunks[0], 0)
            self._parts = True
        except TypeError:
            self._parts = False
        self.received = self.sent = 0

    def read(self, parser, size):
        """Feed the parser what is waiting; False if nothing is.

        That is a piece of lines, at most `size` bytes (64 or less), or payload as far as it has
        come.
        """
        while True:
            n = self.any()
            if not n:
                return not size
            room = parser.remaining
            i = 0
            if not self._parts:
                if n > (room or size):
                    n = room or size
                while len(self._chunks[i]) > n:
                    i += 1
                chunk = self._chunks[i]
                n = self.device.readinto(chunk)
            else:
                if room:
                    while len(self._chunks[i]) > room:
                        i += 1
                    chunk = self._chunks[i]
                    # A piece that is no whole chunk comes first. What is copied behind it is
                    # overwritten by the whole chunks that follow, and the last of them fits.
                    i = len(chunk)
                    i = room % i or i
                else:
                    chunk = self._chunks[1]
                    i = size
                if n > i:
                    n = i
                n = self.device.readinto(chunk, n)
            if not n:  # None or 0
                return not size
            self.received += n
            if not parser.receive_data(chunk, n) or not parser.remaining:
                return True
            size = 0  # more of the payload

    def write(self, data, at, end):
        """Write a piece of data[at:end]; return how many bytes the UART took."""
        n = end - at
        if n > _PIECE and self._parts:
            n = _PIECE
        if n == len(data):
            n = self.device.write(data)
        elif self._parts:
            n = self.device.write(data, at, n)
        else:
            n = self.device.write(memoryview(data)[at : at + n])
        n = n or 0
        self.sent += n
        return n
