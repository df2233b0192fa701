"""A simulated module for tests of the command line: on virtual time, in the usual world."""

from spwf04_sim import Timing, VirtualClock
from tests.shims.controller import Controller


def simulated(**more):
    """A Controller whose module takes the time that a module takes; see Controller."""
    return Controller(clock=VirtualClock(longest=20), timing=Timing(), **more)
