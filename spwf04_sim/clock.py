"""Time for the simulation: real, or virtual so that a test can count milliseconds exactly."""

import time
from dataclasses import dataclass


class RealClock:
    """The computer's own time. speed: how much faster the driver's clock runs than the real
    one, so that a test's time-outs need not be waited for."""

    def __init__(self, speed=1):
        self.speed = speed

    def now(self):
        """Seconds, monotonic."""
        return time.monotonic()

    def ticks_ms(self):
        """Milliseconds for the driver."""
        return int(time.monotonic() * 1000 * self.speed)

    def idle(self):
        """Give the processor away for a moment."""
        time.sleep(0.0003)

    def attach(self, module):
        """Nothing to do: time goes by itself."""

    def stir(self):
        """Nothing to do."""


class VirtualClock:
    """Time that passes only in idle(): to the module's next event, or by a millisecond.

    While real sockets are open the network is first given some real time, so that an answer
    from a server on loopback arrives before virtual time goes on: 0.3 s after the last traffic,
    then no more.
    """

    _PATIENCE = 15  # waits of 20 ms

    def __init__(self, longest=1):
        """longest: while nothing happens the steps grow up to so many ms, for tests that wait
        out long time-outs."""
        self._now = 1000.0
        self._longest = longest / 1000
        self._step = 0.001
        self._module = None
        self._patience = self._PATIENCE

    def attach(self, module):
        """Called by the module that lives on this clock."""
        self._module = module

    def now(self):
        """Seconds of virtual time."""
        return self._now

    def ticks_ms(self):
        """Milliseconds for the driver."""
        return int(self._now * 1000 + 1e-6)

    def idle(self):
        """Let time pass to whatever happens next."""
        module = self._module
        due = None
        if module is not None:
            due = module.next_due()
            # What is due at once comes first: it needs no network
            soon = due is not None and self._now < due <= self._now + 0.01
            if module.await_network(0.02 if self._patience and not soon else 0):
                self.stir()
                return
            if self._patience and not soon:
                self._patience -= 1
            due = module.next_due()
        step = self._now + self._step
        if self._step < self._longest:
            self._step *= 2
        if due is not None and due > self._now:  # else it waits for somebody to take it
            step = min(step, due)
        self._now = step

    def stir(self):
        """There is traffic: real servers may be about to answer."""
        self._patience = self._PATIENCE
        self._step = 0.001

    def advance(self, seconds):
        """Let this much time pass."""
        end = self._now + seconds
        while self._now < end:
            self.idle()
            if self._module is not None:
                self._module.step()


@dataclass
class Timing:
    """How long the module takes, in ms. baud: line rate to be modelled
    (another than 115200 is saved in console_speed), None for no limit."""

    reset_to_wind1: float = 150
    wind1_to_console: float = 250
    console_to_radio: float = 350
    turnaround: float = 3
    scan: float = 1500
    join: float = 400
    dhcp: float = 500
    dns: float = 40
    tcp: float = 20
    tls: float = 900
    retry: float = 1000
    flash: float = 40
    baud: "int | None" = None
    ping: float = 12
    update: float = 25000

    @classmethod
    def fast(cls, baud=None):
        """Everything within a few ms, for tests in real time."""
        return cls(4, 3, 3, 0.2, 3, 2, 3, 1, 1, 1, 4, 0.5, baud, 1, 20)
