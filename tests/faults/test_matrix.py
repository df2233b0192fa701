"""Every fault at every byte of every exchange.

These tests try about one byte in twenty; the seed says which is the first. `make test-all` tries
all.
"""

import pytest

from tests import ALL, chance
from tests.faults.exchanges import EXCHANGES
from tests.faults.matrix import BYTE_FAULTS, alarm, length, run

STEP = 1 if ALL else 19


@pytest.mark.generated(80)
@pytest.mark.parametrize("fault", BYTE_FAULTS)
@pytest.mark.parametrize("name", EXCHANGES)
def test_a_fault_at_any_byte(name, fault):
    """Data are a beginning of what was sent. The call ends, and the next operation works."""
    lengths = length(name)
    for way in BYTE_FAULTS[fault][0]:
        first = chance(name, fault, way).randrange(STEP)
        for at in range(first, lengths[way], STEP):
            alarm()
            run(name, fault, way, at)
    alarm(0)
