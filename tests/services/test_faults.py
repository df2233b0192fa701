"""A fault at every byte of each service's exchange; see tests/faults/matrix.py.

`make test` tries some of them in tests/faults/test_matrix.py, with the other exchanges. The table
of docs/services.md has the figures of `python -m tests.services`, which tries all.
"""

import pytest

from tests import ALL
from tests.faults import services
from tests.faults.matrix import BYTE_FAULTS, alarm, length, run

from .table import COLUMNS, PAGE, cell, cells

NAMES = list(services.exchanges())


def places(name):
    """(service, link) of an exchange's name."""
    service, _, rest = name.partition(", ")
    return service, rest.partition(":")[0]


@pytest.mark.parametrize("place", sorted({places(name) for name in NAMES}))
def test_a_fault_at_every_byte(place):
    if not ALL:
        assert "faults, 0 wrong" in cells(PAGE.read_text())[(*place, COLUMNS[-1])]
        return
    count = 0
    for name in NAMES:
        if places(name) == place:
            lengths = length(name)
            for fault, (ways, _) in BYTE_FAULTS.items():
                for way in ways:
                    for at in range(lengths[way]):
                        alarm()
                        run(name, fault, way, at)
                        count += 1
    alarm(0)
    cell(*place, COLUMNS[-1], f"{count:,} faults, 0 wrong")
