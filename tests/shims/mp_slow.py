"""A clock for the driver where the module lives in real time: ten times slower.

On a busy computer the module's side may take seconds for an answer. The driver must not take that
for a module that does not answer.
"""

from spwf04.at.uart import idle, ticks_ms


class Clock:
    """The driver's clock. It allocates nothing."""

    idle = staticmethod(idle)

    @staticmethod
    def ticks_ms():
        """The computer's milliseconds, divided by ten."""
        return ticks_ms() // 10
