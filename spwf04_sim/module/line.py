"""The line between module and host: bytes of both directions, and when they arrive."""

from collections import deque


class Line:
    """The UART of a SimulatedModule. The line rate is modelled if timing.baud is set.

    speed: its rate in bit/s. bytes_in, bytes_out: how many have come from the host, and reached
    it.
    """

    def __init__(self, module):
        self._module = module
        self.plugged = True
        self._back_at = None  # when it is plugged again by itself
        self.speed = module.timing.baud or 115200
        if self.speed != 115200:  # as if it was saved before delivery
            module.flash.saved.setdefault("console_speed", str(self.speed))
        self.bytes_in = self.bytes_out = 0
        self._input = deque()  # (moment, bytes): when the module has them
        self._output = deque()  # (moment, bytes): when the host has them
        self._input_free = 0.0  # the moment from which the line can carry more
        self._output_free = 0.0

    def set_speed(self, rate):
        """Set the rate of the UART in bit/s, from now on."""
        self.speed = rate
        if self._module.timing.baud:
            self._module.timing.baud = rate

    # plug ------------------------------------------------------------------------------------
    def unplug(self, ms=None):
        """Cut both directions, for so many ms if that is given; what is under way is lost."""
        self.plugged = False
        self._back_at = None if ms is None else self._module.clock.now() + ms / 1000
        self._output.clear()
        self._input.clear()

    def replug(self):
        """Connect both directions again."""
        self.plugged = True
        self._back_at = None

    def reset(self):
        """Forget what is under way to the host: the module is held in reset."""
        self._output.clear()
        self._output_free = self._input_free = 0.0

    def drop_input(self):
        """Lose the bytes that the module has not taken in yet."""
        self._input.clear()

    def drop_output(self):
        """Lose the bytes that have not reached the host yet."""
        self._output.clear()

    # from the host ---------------------------------------------------------------------------
    def receive(self, data):
        """Take bytes from the host: faults happen to them, then they are on their way."""
        module = self._module
        if not self.plugged:
            return
        self.bytes_in += len(data)
        module.clock.on_traffic()
        if module.traffic is not None:
            module.traffic(">", bytes(data))
        if not module.listens or not data:
            return
        data = module.faults.carry(">", data)
        if data and self.plugged and not module.wedged:
            self.take_in(data)

    def take_in(self, data):
        """Bring bytes to the module, past all faults."""
        if data:
            self._queue_input(data)
            self._module.step()

    def _queue_input(self, data):
        moment = max(self._module.clock.now(), self._input_free)
        if self._module.timing.baud:
            moment += len(data) * 10 / self._module.timing.baud
            self._input_free = moment
        self._input.append((moment, bytes(data)))

    def deliver(self, now):
        """Give the console what has arrived by now; True if it was anything."""
        moved = False
        if self._back_at is not None and self._back_at <= now:
            self.replug()
            moved = True
        while self._input and self._input[0][0] <= now:
            self._module.console.feed(self._input.popleft()[1])
            moved = True
        return moved

    # to the host -----------------------------------------------------------------------------
    def emit(self, data):
        """Put bytes on the line to the host."""
        if not self.plugged or not data:
            return
        moment = self._module.clock.now()
        if self._module.timing.baud:
            moment = max(moment, self._output_free) + len(data) * 10 / self._module.timing.baud
            self._output_free = moment
        self._output.append((moment, bytes(data)))

    @property
    def unsent(self):
        """How many bytes are on their way to the host."""
        return sum(len(chunk) for _, chunk in self._output)

    def transmit(self, limit):
        """Return the bytes that have reached the host by now, at most limit."""
        data = self._module.faults.carry("<", self._arrived(limit))
        self.bytes_out += len(data)
        if data and self._module.traffic is not None:
            self._module.traffic("<", bytes(data))
        return bytes(data)

    def _arrived(self, limit):
        now = self._module.clock.now()
        data = bytearray()
        baud = self._module.timing.baud
        while self._output and len(data) < limit:
            moment, chunk = self._output[0]
            here = len(chunk)
            if baud and moment > now:  # a part of the chunk is there
                here = len(chunk) - int((moment - now) * baud / 10 + 0.999999)
                if here <= 0:
                    break
            elif moment > now:
                break
            take = min(here, limit - len(data))
            data += chunk[:take]
            if take == len(chunk):
                self._output.popleft()
            else:
                self._output[0] = (moment, chunk[take:])
                break
        return data

    # both ------------------------------------------------------------------------------------
    def delay(self, way, data, ms):
        """Have these bytes, and all that follow, arrive ms later."""
        later = self._module.clock.now() + ms / 1000
        if way == ">":
            self._input_free = max(self._input_free, later)
            self._queue_input(data)
        else:
            self._output.appendleft((later, data))

    def due(self):
        """The next moments at which bytes arrive, a list."""
        moments = [queue[0][0] for queue in (self._output, self._input) if queue]
        return moments if self._back_at is None else [*moments, self._back_at]
