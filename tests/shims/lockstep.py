"""The module on a pseudo-terminal, and time that goes on only when both sides have nothing to do.

A program on the terminal calls idle() where it would wait. So a busy computer makes it slower, and
changes nothing else.
"""

from spwf04_sim import PtyPort, VirtualClock
from tests.shims.controller import Controller


class Lockstep(PtyPort):
    """with Lockstep() as line: … line.path …

    A Controller's module on the terminal `path`, with the methods of its Controller. In this
    process it is also the driver's clock. Other interpreters call its methods: see
    micropython.converse() and mp_clock.py.
    """

    def __init__(self, controller=None):
        self.clock = VirtualClock(longest=50)
        self.controller = controller or Controller(clock=self.clock)
        super().__init__(self.controller.module, vmin0=True)

    def __enter__(self):
        return self  # nothing runs beside the program

    def __exit__(self, kind, value, trace):
        self.close()

    def __getattr__(self, name):
        method = getattr(self.controller, name)

        def after_what_was_sent(*args):
            self.carry()
            result = method(*args)
            self.carry()
            return result

        return after_what_was_sent

    def ticks_ms(self):
        """The time, in ms."""
        return self.clock.ticks_ms()

    def idle(self):
        """The host has nothing to do: time goes on if each side has all that the other sent.
        Return the time."""
        if not self.carry() and not self.has_unread():
            self.clock.idle()
            self.carry()
        return self.clock.ticks_ms()
