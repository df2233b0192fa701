"""How the work on one module ends early: by Ctrl-C, or because the module is refused."""

from typing import TYPE_CHECKING

from spwf04.at.uart import UART

if TYPE_CHECKING:
    from spwf04.at.channel import ATChannel


class Stopped(Exception):
    """Ctrl-C: the work on this module ends."""


class Refused(Exception):
    """The module is not as the plan wants it, and cannot become so. todo: what to do about it."""

    def __init__(self, what, todo=""):
        super().__init__(what)
        self.todo = todo


class Stop:
    """asked: Ctrl-C was pressed, so modules are left in order. given_up: it was pressed again, so
    they are left at once."""

    asked = False
    given_up = False

    def press(self):
        """Note that Ctrl-C was pressed."""
        self.given_up = self.asked
        self.asked = True


class Patient:
    """The driver's clock. Ctrl-C ends a wait while no command is in flight; a second Ctrl-C ends
    any wait. clock: the clock of a simulation, or None."""

    def __init__(self, clock, stop):
        clock = clock or UART
        self.ticks_ms = clock.ticks_ms
        self._idle = clock.idle
        self._stop = stop
        self.channel: ATChannel | None = None  # the driver's, once it is made
        self.heedless = False  # while the module is left

    def idle(self):
        """Wait a little; the driver calls it when there is nothing to do."""
        stop = self._stop
        if stop.given_up or (stop.asked and not self.heedless and self._between()):
            raise Stopped
        self._idle()

    def _between(self):
        return self.channel is None or self.channel.exchange is None
