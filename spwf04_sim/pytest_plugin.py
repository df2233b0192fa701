"""Fixtures for users' own tests: a world, and a module in it that is switched on."""

import pytest

from . import SimulatedModule, Timing, VirtualClock, World


@pytest.fixture
def spwf04_world():
    """A World without networks; add what the test needs before it uses spwf04_module."""
    return World()


@pytest.fixture
def spwf04_module(spwf04_world):
    """A SimulatedModule in spwf04_world, switched on, on a virtual clock.

    SPWF04(spwf04_module.uart(), clock=spwf04_module.clock)
    """
    module = SimulatedModule(spwf04_world, clock=VirtualClock(), timing=Timing.fast())
    module.power_on()
    yield module
    module.power_off()
