"""The port in this process, with the face of machine.UART, busio.UART or serial.Serial."""


class SimUART:
    """face: "machine", "busio" or "pyserial". rx_size: bytes of the host's receive buffer; what
    does not fit is lost and counted in .overruns, if the module's line rate is modelled."""

    def __new__(cls, module, face="machine", rx_size=4096):
        return object.__new__({"machine": _Machine, "busio": _Busio, "pyserial": _Pyserial}[face])

    def __init__(self, module, face="machine", rx_size=4096):
        self._module = module
        self._buffer = bytearray()
        self._size = rx_size
        self.overruns = 0
        self.baudrate = 115200

    def _take_in(self):
        module = self._module
        if module.timing.baud:
            self._buffer += module.transmit()
            if len(self._buffer) > self._size:
                self.overruns += len(self._buffer) - self._size
                del self._buffer[self._size :]
        else:
            self._buffer += module.transmit(self._size - len(self._buffer))
        return len(self._buffer)

    def _get(self, n):
        self._take_in()
        data = bytes(self._buffer[:n])
        del self._buffer[:n]
        return data

    def write(self, data):
        """Send bytes to the module; return how many."""
        self._module.receive(bytes(data))
        return len(data)

    def _into(self, buffer, n):
        data = self._get(n)
        buffer[: len(data)] = data
        return len(data)


class _Machine(SimUART):
    def any(self):
        return self._take_in()

    def readinto(self, buffer, nbytes=None):
        return self._into(buffer, len(buffer) if nbytes is None else nbytes) or None

    def read(self, nbytes=-1):
        return self._get(nbytes if nbytes >= 0 else self._take_in()) or None


class _Busio(SimUART):
    @property
    def in_waiting(self):
        return self._take_in()

    def readinto(self, buffer):
        return self._into(buffer, len(buffer)) or None

    def read(self, nbytes=None):
        return self._get(self._take_in() if nbytes is None else nbytes) or None


class _Pyserial(SimUART):
    @property
    def in_waiting(self):
        return self._take_in()

    def readinto(self, buffer):
        return self._into(buffer, len(buffer))

    def read(self, size=1):
        return self._get(size)
