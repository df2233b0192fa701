"""How the work on one module ends early: Ctrl-C, or the module does not do."""

from typing import TYPE_CHECKING

from spwf04.at.uart import UART

if TYPE_CHECKING:
    from spwf04.at.channel import ATChannel


class Stopped(Exception):
    """Ctrl-C: this module is to be left."""


class Refused(Exception):
    """The module, or what it says, does not do. todo: what to do about it."""

    def __init__(self, what, todo=""):
        super().__init__(what)
        self.todo = todo


class Stop:
    """asked: Ctrl-C was pressed, modules are to be left in order. given_up: it was pressed again,
    they are to be left at once."""

    asked = False
    given_up = False

    def press(self):
        """Ctrl-C."""
        self.given_up = self.asked
        self.asked = True


class Patient:
    """The driver's clock. While it waits for something, and no command is in flight, Ctrl-C ends
    the wait; a second Ctrl-C ends any. clock: of a simulation, or None."""

    def __init__(self, clock, stop):
        clock = clock or UART
        self.ticks_ms = clock.ticks_ms
        self._idle = clock.idle
        self._stop = stop
        self.channel: ATChannel | None = None  # the driver's, when it is made
        self.heedless = False  # while the module is left

    def idle(self):
        """Called by the driver when nothing moves."""
        stop = self._stop
        if stop.given_up or (stop.asked and not self.heedless and self._between()):
            raise Stopped
        self._idle()

    def _between(self):
        return self.channel is None or self.channel.exchange is None
