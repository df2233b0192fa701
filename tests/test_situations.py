"""`spwf04 check`, diagnose() and what then happens agree: the same faults, in the same words."""

import time

import pytest
from cryptography.hazmat.primitives import hashes

from tests import chance, sample
from tests.shims.shapes import Node, Shape, ShapeServer
from tests.shims.situations import Outcome, connect, fresh, outcome, situations, trust
from tools import situations as table

ALL = {s.what: s for s in situations()}


def agree(found: Outcome):
    """Check that the three say the same."""
    assert found.predicted | found.warned == found.diagnosed
    if not found.predicted and not found.unseen:
        assert found.module is None, str(found.module)
        return
    assert found.module is not None, found
    said = str(found.module)
    for words in found.predicted:
        assert words in said
    if not found.predicted:  # what only a PC looks at
        assert "the driver finds nothing wrong" in said and "spwf04 check" in said


@pytest.mark.parametrize("what", ALL)
def test_the_three_agree(what):
    agree(outcome(ALL[what], host_too=False))


AHEAD = (-400, 60, 2000)  # days
CASES = [(what, ahead) for what in ALL for ahead in AHEAD]


@pytest.mark.parametrize(("what", "ahead"), sample(CASES, 12, "ahead"))
def test_they_agree_whatever_the_clock_says(what, ahead):
    agree(outcome(ALL[what], ahead, host_too=False))


@pytest.mark.parametrize("what", sample(list(ALL), 8, "names"))
def test_they_agree_under_another_name(what):
    situation = ALL[what]
    other = type(situation)(**{**vars(situation), "host": "other.example"})
    agree(outcome(other, host_too=False))


REFUSED = ["the installed root has expired", *sample(list(ALL), 8, "auto")]


@pytest.mark.parametrize("what", REFUSED)
def test_what_both_engines_refuse_has_the_same_words_in_auto(what):
    situation, found = ALL[what], outcome(ALL[what])
    server = situation.server()
    with fresh(situation.host, server.address, int(time.time())) as radio:
        trust(radio, situation)
        error = connect(radio, situation.host, "auto")
    server.close()
    assert (error is None) == (found.module is None or found.host is None)
    # the driver knows why the module cannot take this one, and not why this computer does not
    if (
        error is not None
        and found.predicted
        and what != "the same, and it does not name the old key"
    ):
        assert any(words in str(error) for words in found.predicted), str(error)


def test_a_clock_that_is_not_set_is_what_both_say():
    situation = ALL["all is right"]
    server = situation.server()
    with fresh(situation.host, server.address, None) as radio:
        radio.certs.install(situation.trusted()[0])
        error = connect(radio, situation.host, "module")
        (found, *_) = radio.certs.diagnose(situation.host)
    server.close()
    assert "clock is not set" in str(error) and "clock is not set" in found.what
    assert error.remedy == found.remedy == "set_clock"


def test_what_is_pinned_already_is_told_as_such():
    own = Node("own.example", hosts=["own.example"], aki=False, constraints=False)
    server = ShapeServer(Shape("own.example", [own.cert], own.key, []))
    fingerprint = own.cert.fingerprint(hashes.SHA256()).hex()
    with fresh("own.example", server.address, int(time.time())) as radio:
        for written in (True, False):
            done = radio.certs.pin("own.example", fingerprint=fingerprint)
            assert done.entry.sha256 == fingerprint and done.entry.written == written
    server.close()


def test_the_page_has_the_table():
    for situation in ALL:
        assert f"| {situation} |" in table.PAGE.read_text("utf-8"), "python -m tools.situations"


@pytest.mark.parametrize("what", sample(list(ALL), 6, chance("table").random()))
def test_the_page_says_what_happens(what):
    row = table.row(ALL[what], outcome(ALL[what]))
    assert row in table.PAGE.read_text("utf-8"), "python -m tools.situations"
