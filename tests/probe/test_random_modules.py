"""The experiments on a module whose other points have any reading: nothing found is wrong."""

import pytest

from spwf04_cli.probe.experiment import Untried, experiments
from spwf04_cli.probe.run import one
from spwf04_sim import random_quirks
from tests import SEED
from tests.probe.stage import bench

EXPERIMENTS = {e.title: e for e in experiments()}
CASES = [(10 * SEED + n, title) for n in range(4) for title in EXPERIMENTS]
# On any module these find all their points, but for those that hidden() names
WHOLE = ("sockets", "servers", "network", "update", "applications")


def hidden(quirks):
    """The points that show in nothing on such a module, because of others."""
    if quirks.wind55_coalesced:
        yield "segment"  # WIND 55 tells of several segments; and the other end is not real here
    if quirks.http_end == "close":
        yield "http_cut"  # it looks at no length, so nothing is too short


@pytest.mark.generated(32)
@pytest.mark.parametrize(("seed", "title"), CASES)
def test_what_is_found_is_right_whatever_the_rest_is(seed, title):
    quirks = random_quirks(seed)
    experiment = EXPERIMENTS[title]
    whole = title.split(".")[0] in WHOLE
    try:
        found = one(bench(quirks), experiment)
    except Untried:
        assert not whole
        return
    assert found == {name: getattr(quirks, name) for name in found}
    assert not whole or set(experiment.names) - set(found) <= set(hidden(quirks))
