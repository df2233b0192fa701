"""The port in this process, with the face of machine.UART, busio.UART or serial.Serial."""


class SimUART:
    """face: "machine", "busio" or "pyserial". rx_size: bytes of the host's receive buffer; what
    does not fit is lost and counted in .overruns, if the module's line rate is modelled. rts: its
    RTS line is wired; the module heeds it if console_hwfc is 1. rates: those this UART can do;
    it is opened at the module's, and at another it receives, and sends, rubbish."""

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

    def _heard(self, data):
        """What arrives of bytes: nothing of use at a rate that is not the other's."""
        rate = self._rate
        fits = rate == self._module.speed and (self._rates is None or rate in self._rates)
        return data if fits else bytes([b * 37 % 256 | 0x80 for b in data])

    def _take_in(self):
        module = self._module
        held = self._rts and module.variables["console_hwfc"] == "1"
        if self._buffer and not module.timing.baud:
            return len(self._buffer)  # time for more when this has been read
        if module.timing.baud and not held:
            self._buffer += self._heard(module.transmit())
            if len(self._buffer) > self._size:
                self.overruns += len(self._buffer) - self._size
                del self._buffer[self._size :]
        else:
            self._buffer += self._heard(module.transmit(self._size - len(self._buffer)))
        return len(self._buffer)

    def _get(self, n):
        self._take_in()
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        return data

    def write(self, data):
        """Send bytes to the module; return how many."""
        self._module.receive(self._heard(bytes(data)))
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
