"""Faults on the line in each service's exchange; see tests/faults/matrix.py.

`make test` tries some of them in tests/faults/test_matrix.py, with the other exchanges. The table
of docs/services.md has the figures of `python -m tests.services --step N`, which puts a fault of
each kind at every N-th byte; 1 is all, for hours.
"""

import os

import pytest

from tests.faults import services
from tests.faults.matrix import BYTE_FAULTS, alarm, length, run

from .table import COLUMNS, PAGE, cell, cells

NAMES = list(services.exchanges())
STEP = int(os.environ.get("SPWF04_STEP", "0"))  # 0: look at the page alone


def places(name):
    """(service, link) of an exchange's name."""
    service, _, rest = name.partition(", ")
    return service, rest.partition(":")[0]


PLACES = sorted({places(name) for name in NAMES})


@pytest.mark.parametrize("place", PLACES, ids=[" ".join(place) for place in PLACES])
def test_a_fault_at_any_byte(place):
    if not STEP:
        assert "faults, 0 wrong" in cells(PAGE.read_text())[(*place, COLUMNS[-1])]
        return
    count = 0
    for name in NAMES:
        if places(name) == place:
            lengths = length(name)
            for number, (fault, (ways, _)) in enumerate(BYTE_FAULTS.items()):
                for way in ways:
                    for at in range(number % STEP, lengths[way], STEP):
                        alarm()
                        run(name, fault, way, at)
                        count += 1
    alarm(0)
    every = "every byte" if STEP == 1 else f"one byte in {STEP}"
    cell(*place, COLUMNS[-1], f"{count:,} faults, 0 wrong, {every}")
