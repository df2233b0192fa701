"""A clock for the driver where the module lives in real time: ten times slower.

On a computer with much to do the module's side may take seconds for an answer; that must not look
like a module that gives none.
"""

from spwf04.at.uart import idle, ticks_ms


class Clock:
    """For the driver. It allocates nothing."""

    idle = staticmethod(idle)

    @staticmethod
    def ticks_ms():
        """Tenths of the computer's."""
        return ticks_ms() // 10
