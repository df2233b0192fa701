"""The behaviour suite on a real module: pytest --port /dev/ttyUSB0 --ssid NAME

Without --port, or --via-mcu, nothing here runs. CONTRIBUTING.md says what a run does to a module.
"""

import pytest

from tests.hardware import module
from tests.hardware.bench import rehearse
from tests.hardware.needs import NeedsSimulation
from tests.scenarios.test_scenarios import scenarios


@pytest.fixture(scope="session")
def real_module(pytestconfig):
    with module.opened(pytestconfig) as opened:
        yield opened


def pytest_generate_tests(metafunc):
    """Every scenario."""
    there = scenarios()
    names = [f"{file}-{name}" for file, name, _ in there]
    metafunc.parametrize("scenario", [function for _, _, function in there], ids=names)


def test_on_a_module(scenario, real_module):
    needed, writes = rehearse(scenario, real_module.readings)
    if needed is None and writes and not real_module.may_write:
        needed = "--write-flash"
    if needed is not None:
        pytest.skip(f"not for hardware: needs {needed}")
    try:
        real_module.run(scenario)
    except NeedsSimulation as e:
        pytest.skip(f"not for hardware: needs {e}")
