"""What an experiment finds is what the switch of the simulated module was set to."""

import pytest

from spwf04_cli.probe.experiment import experiments, untried
from spwf04_cli.probe.points import points
from spwf04_sim import Quirks, each_alone
from tests.probe.stage import found

SETTLED = {name for experiment in experiments() for name in experiment.names}


def test_every_point_has_an_experiment_or_a_reason_why_not():
    assert set(points()) - SETTLED == set(untried())
    assert all(untried().values())


@pytest.mark.generated(30)
@pytest.mark.parametrize("name", sorted(SETTLED))
def test_the_default_reading(name):
    assert found(Quirks(), name)[name] == getattr(Quirks(), name)


@pytest.mark.generated(45)
@pytest.mark.parametrize(
    ("name", "value", "quirks"),
    [
        pytest.param(*case, id=f"{case[0]}-{case[1]}")
        for case in each_alone()
        if case[0] in SETTLED
    ],
)
def test_another_reading(name, value, quirks):
    assert found(quirks, name)[name] == value
