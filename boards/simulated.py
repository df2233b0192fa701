"""The simulated module: a factory-fresh SPWF04 inside this process, to try things and for tests.

Needs the extra `sim`. Its world has one access point; pass a World of your own for more.
"""

from spwf04 import SPWF04
from spwf04_sim import SimulatedModule, World


def radio(world=None):
    """Return a ready SPWF04 on a simulated module that has just been switched on."""
    if world is None:
        world = World()
        world.add_access_point("simulated", "password")
    module = SimulatedModule(world)
    module.power_on()
    return SPWF04(module.uart(), reset=module.reset_pin, clock=module.clock)
