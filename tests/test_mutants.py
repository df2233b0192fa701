"""The lines that `make mutants` leaves out as equivalent are in the driver's source."""

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib

import pytest

from tests.shims.micropython import ROOT

EQUIVALENT = tomllib.loads((ROOT / "tools" / "mutants" / "equivalent.toml").read_text())["mutant"]


@pytest.mark.parametrize("mutant", EQUIVALENT, ids=lambda mutant: mutant["was"])
def test_an_equivalent_mutant_is_of_a_line_that_is_there(mutant):
    lines = [line.strip() for line in (ROOT / mutant["file"]).read_text().splitlines()]
    assert mutant["was"] in lines
    assert mutant["becomes"] not in lines
    assert len(mutant["why"]) > 10
