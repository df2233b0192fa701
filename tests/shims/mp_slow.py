"""A clock for the driver where the module lives in real time: ten times slower.

On a busy computer the module's side may take seconds for an answer. The driver must not take that
for a module that does not answer.
"""

import time

from spwf04.at.uart import ticks_ms


class Clock:
    """The driver's clock. It allocates nothing."""

    @staticmethod
    def idle():
        """Leave the processor to the module: machine.idle() of a computer returns at once."""
        time.sleep_us(300)

    @staticmethod
    def ticks_ms():
        """The computer's milliseconds, divided by ten."""
        return ticks_ms() // 10
