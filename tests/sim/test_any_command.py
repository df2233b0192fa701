"""Anything may happen to the simulated module: it is never the one that fails."""

import pytest

from tests import ALL, chance
from tests.sim.anything import Anything

ROUNDS = range(400 if ALL else 24)


@pytest.mark.parametrize("n", ROUNDS)
def test_whatever_is_said_and_happens_it_goes_on(n):
    bench = Anything(chance("anything", n))
    try:
        for _ in range(25):
            text, finals, sure = bench.command()
            assert not sure or len(finals) == 1, (text, finals, bytes(bench.heard[-400:]))
            if bench.chance.random() < 0.2:
                bench.event()
        assert bench.answers()
    finally:
        bench.module.power_off()
