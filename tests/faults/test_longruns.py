"""What `make soak`, `make fuzz` and `make faults` keep between their parts."""

import json

import pytest

from tests.faults import longrun
from tests.faults.matrix import BYTE_FAULTS, Wrong, length, run
from tests.services import table
from tests.shims import faultruns, longruns


@pytest.fixture
def state(tmp_path, monkeypatch):
    """An empty state, and a page for it."""
    monkeypatch.setattr(longruns, "STATE", tmp_path / "longruns.json")
    monkeypatch.setattr(longruns, "PAGE", tmp_path / "page.md")
    longruns.PAGE.write_text("before\n" + "\n".join(longruns.MARKS) + "\nafter\n")
    return longruns.STATE


def test_the_page_shows_what_was_run():
    text = longruns.PAGE.read_text()
    assert longruns.fill(text) == text
    assert longruns.total("soak", "wrong") == 0


def test_parts_add_up(state):
    for n in range(3):
        longruns.add("soak", {"moved": 10, "wrong": n}, [n + 1], "abc")
    longruns.add("soak", {"moved": 5, "wrong": 0}, [4], "def")
    longruns.add("fuzz parser", {"cpu_s": 3660, "inputs": 7}, (), "def")
    assert [row["seeds"] for row in longruns.rows("soak")] == [[1, 2, 3], [4]]
    assert longruns.total("soak", "moved") == 35 and longruns.total("soak", "wrong") == 3
    longruns.write_page()
    text = longruns.PAGE.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "bytes moved: 35" in text and "1 h 01 min of the processor, 7 inputs" in text
    assert [
        path.name for path in state.parent.iterdir() if path.suffix not in (".json", ".md")
    ] == []


def test_a_soak_goes_on_where_it_ended_and_takes_no_seed_twice(state):
    longruns.add("soak", {"moved": 100_000}, [7], "abc")
    assert longrun.soak(220_000, part=40_000, workers=1) == []
    rows = longruns.rows("soak")
    assert [row["seeds"] for row in rows] == [[7], [8, 9]]
    assert 220_000 <= longruns.total("soak", "moved") < 400_000
    before = state.read_text()
    assert longrun.soak(220_000) == []
    assert state.read_text() == before


def test_wrong_bytes_and_exceptions_end_a_soak(state, monkeypatch):
    monkeypatch.setattr(longrun.Soak, "counts", lambda self: {"moved": 1, "wrong": 1})
    (words,) = longrun.soak(10**9, part=1, workers=1)
    assert words.startswith("soak, seed 1: wrong bytes at")
    assert json.loads(state.read_text())[0]["counts"]["wrong"] == 1
    monkeypatch.setattr(longrun.Soak, "counts", lambda self: 1 / 0)
    (words,) = longrun.soak(10**9, part=1, workers=1)
    assert words.startswith("soak, seed 2: ZeroDivisionError")


NAME = "pins, plain: DAC"
SECURE = "WebSocket, TLS: open and send"


@pytest.fixture
def faults(tmp_path, monkeypatch):
    """An empty state of faults, and a page for it."""
    monkeypatch.setattr(faultruns, "STATE", tmp_path / "faults.json")
    monkeypatch.setattr(table, "PAGE", tmp_path / "page.md")
    table.PAGE.write_text("before\n" + "\n".join(table.MARKS) + "\nafter\n")
    return faultruns.STATE


def test_faults_are_put_at_every_byte_and_only_once(faults):
    lengths = length(NAME)
    assert longrun.every_fault(NAME, 1) == []
    kept = faultruns.done(NAME)
    assert set(kept) == set(BYTE_FAULTS) and kept["drop"][:3] == [sum(lengths.values()), [], 0]
    assert faultruns.words([NAME]).endswith(" faults, 0 wrong, every byte")
    assert faultruns.words([NAME, SECURE]) == ""
    before = faults.read_text()
    assert longrun.every_fault(NAME) == []
    assert faults.read_text() == before


def test_what_went_wrong_is_run_again_and_so_is_an_exchange_that_has_changed(faults):
    for fault in BYTE_FAULTS:
        faultruns.add(NAME, fault, 10, [[">", 3]] if fault == "drop" else [], 0, "abc")
    assert faultruns.missing(NAME) == [(NAME, "drop")]
    assert faultruns.words([NAME]) == f"{10 * len(BYTE_FAULTS)} faults, 1 wrong, every byte"
    rows = json.loads(faults.read_text())
    rows[NAME]["bytes"][">"] += 1
    faults.write_text(json.dumps(rows))
    assert len(faultruns.missing(NAME)) == len(BYTE_FAULTS) and not faultruns.words([NAME])


def test_the_page_has_the_faults_of_services_that_are_whole(faults):
    for fault in BYTE_FAULTS:
        for name in table.PLACES["mail", "TLS"]:
            faultruns.add(name, fault, 10, [], fault == "drop", "abc")
    table.write_page({("mail", "TLS", "CPython"): "works", ("pins", "plain", "CPython"): "works"})
    text = table.PAGE.read_text()
    assert "| works |  |  |  | 200 faults, 0 wrong, 1 without TLS, every byte |" in text
    assert "Every byte: at revision abc (" in text
    table.write_page()
    assert table.PAGE.read_text() == text


def test_one_that_goes_wrong_is_told_and_does_not_stop_the_others(faults, monkeypatch):
    def fails(name, fault, way, at):
        if (fault, way, at) == ("drop", ">", 3):
            raise Wrong("this one")
        return run(name, fault, way, at)

    monkeypatch.setattr(longrun, "run", fails)
    assert longrun.every_fault(NAME, 1) == [f"{NAME}, drop, >, 3: Wrong('this one')"]
    assert faultruns.missing(NAME) == [(NAME, "drop")]
