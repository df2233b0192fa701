"""Short runs of what `make soak` and `make reliability` do for a long time."""

import pytest

from tests import SEED
from tests.faults.fuzz import fuzz
from tests.faults.soak import CHUNKS, Soak, is_unseen


@pytest.mark.parametrize("seed", range(4 * SEED, 4 * SEED + 4))
def test_the_parser_takes_any_bytes(seed):
    count, events = fuzz(10000, seed)
    assert count > 100000
    assert events > 4000


@pytest.mark.parametrize("seed", [2 * SEED - 1, 2 * SEED])
def test_bytes_through_four_sockets_with_faults_and_resets(seed):
    soak = Soak(seed, every=40_000).run(2_000_000)
    assert soak.moved >= 2_000_000
    assert soak.wrong == 0, soak.bad
    assert soak.spoiled <= max(CHUNKS) * soak.errors  # in chunks of which the sender was told
    assert soak.errors > 0
    assert soak.stage.module.faults.happened


def test_what_nobody_can_know_is_told_apart():
    assert is_unseen(b"abc\r", b"a\xffbc")
    assert is_unseen(b"abc\n", b"abcc")
    assert not is_unseen(b"abcd", b"a\xffbc")  # the next command begins with a d
    assert not is_unseen(b"abc\r", b"abx\r") and not is_unseen(b"abc\r", b"abc\n\n")
