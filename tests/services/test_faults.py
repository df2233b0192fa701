"""Faults on the line in each service's exchange; see tests/faults/matrix.py.

`make test` tries some of them in tests/faults/test_matrix.py, with the other exchanges. The table
of docs/services.md has the figures of `make faults`, which puts all of them, for an hour. Where
that was not done, `python -m tests.services --step N` puts each kind at every N-th byte.
"""

import os

import pytest

from tests.faults.matrix import BYTE_FAULTS, alarm, length, run
from tests.shims import faultruns

from .table import COLUMNS, PAGE, PLACES, cell, cells

STEP = int(os.environ.get("SPWF04_STEP", "0"))  # 0: look at the page alone


@pytest.mark.parametrize("place", PLACES, ids=[" ".join(place) for place in PLACES])
def test_a_fault_at_any_byte(place):
    words = faultruns.words(PLACES[place])
    if not STEP:
        told = cells(PAGE.read_text())[(*place, COLUMNS[-1])]
        assert "faults, 0 wrong" in told and words in ("", told)
    if words or not STEP:
        return
    count = 0
    for name in PLACES[place]:
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
