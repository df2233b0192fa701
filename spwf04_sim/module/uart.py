"""A port in this process, with the methods of machine.UART, busio.UART or serial.Serial."""


class SimUART:
    """A UART of the host, wired to a module.

    face: whose methods it has: "machine", "busio" or "pyserial". rx_size: bytes of its receive
    buffer; if the module's line rate is modelled, bytes that do not fit are lost and counted in
    .overruns. rts: its RTS line is wired; the module obeys it if console_hwfc is 1. rates: the
    rates that it can have, None for all. It is opened at the module's rate; at another rate it
    receives and sends rubbish.
    """

    def __new__(cls, module, face="machine", rx_size=4096, rts=False, rates=None):
        return object.__new__({"machine": _Machine, "busio": _Busio, "pyserial": _Pyserial}[face])

    def __init__(self, module, face="machine", rx_size=4096, rts=False, rates=None):
        self._module = module
        self._rts = rts
        self._rates = rates
        self._buffer = bytearray()
        self._size = rx_size
        self.overruns = 0
        self._rate = module.speed

    def _as_received(self, data):
        """Return what arrives of bytes: rubbish unless both ends have the same rate."""
        rate = self._rate
        fits = rate == self._module.speed and (self._rates is None or rate in self._rates)
        return data if fits else bytes([b * 37 % 256 | 0x80 for b in data])

    def _take_in(self):
        """Fill the receive buffer; return how many bytes it has."""
        module = self._module
        held = self._rts and module.variables["console_hwfc"] == "1"
        if self._buffer and not module.timing.baud:
            return len(self._buffer)  # it is read before more is taken
        if module.timing.baud and not held:
            self._buffer += self._as_received(module.transmit())
            if len(self._buffer) > self._size:
                self.overruns += len(self._buffer) - self._size
                del self._buffer[self._size :]
        else:
            self._buffer += self._as_received(module.transmit(self._size - len(self._buffer)))
        if not self._buffer:
            module.clock.asked_in_vain()
        return len(self._buffer)

    def _get(self, n):
        self._take_in()
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        return data

    def write(self, data):
        """Send bytes to the module; return how many were sent."""
        self._module.receive(self._as_received(bytes(data)))
        return len(data)

    def _into(self, buffer, n):
        data = self._get(n)
        buffer[: len(data)] = data
        return len(data)


class _Machine(SimUART):
    def init(self, baudrate=115200):
        self._rate = baudrate

    def any(self):
        return self._take_in()

    def write(self, data, at=0, n=None):
        return super().write(data if n is None else memoryview(data)[at : at + n])

    def readinto(self, buffer, nbytes=None):
        return self._into(buffer, len(buffer) if nbytes is None else nbytes) or None

    def read(self, nbytes=-1):
        return self._get(nbytes if nbytes >= 0 else self._take_in()) or None


class _Rated(SimUART):
    @property
    def baudrate(self):
        return self._rate

    @baudrate.setter
    def baudrate(self, rate):
        self._rate = rate


class _Busio(_Rated):
    @property
    def in_waiting(self):
        return self._take_in()

    def readinto(self, buffer):
        return self._into(buffer, len(buffer)) or None

    def read(self, nbytes=None):
        return self._get(self._take_in() if nbytes is None else nbytes) or None


class _Pyserial(_Rated):
    @property
    def in_waiting(self):
        return self._take_in()

    def readinto(self, buffer):
        return self._into(buffer, len(buffer))

    def read(self, size=1):
        return self._get(size)
