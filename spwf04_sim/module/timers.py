"""What a module has planned: functions, and the moments at which they are called."""

import heapq
import itertools


class Timers:
    """Functions to be called later, in the order of their moments, then of their planning."""

    def __init__(self, clock):
        self._clock = clock
        self._planned = []  # a heap of (moment, order, function, arguments)
        self._order = itertools.count()

    def after(self, ms, function, *args):
        """Call a function in so many ms."""
        moment = self._clock.now() + ms / 1000
        heapq.heappush(self._planned, (moment, next(self._order), function, args))

    def due(self):
        """The next moment, in a list; an empty list if nothing is planned."""
        return [self._planned[0][0]] if self._planned else []

    def run(self, now):
        """Call what is due; True if anything was."""
        moved = False
        while self._planned and self._planned[0][0] <= now:
            _, _, function, args = heapq.heappop(self._planned)
            function(*args)
            moved = True
        return moved

    def clear(self):
        """Plan nothing any more."""
        self._planned.clear()
