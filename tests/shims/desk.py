"""A simulated module for tests of the command line, in virtual time and the usual world."""

from spwf04_sim import Timing, VirtualClock
from tests.shims.controller import Controller


def simulated(**more):
    """Make a Controller whose module takes the time of a real one; see Controller."""
    return Controller(clock=VirtualClock(longest=20), timing=Timing(), **more)


def loopback(world):
    """Lead 127.0.0.1 in the module's world to this computer, which serves a file there."""
    target = world.target
    world.target = lambda ip, port: (ip, port) if ip == "127.0.0.1" else target(ip, port)
