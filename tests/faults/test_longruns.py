"""What `make soak` and `make fuzz` keep between their parts."""

import json

import pytest

from tests.faults import longrun
from tests.shims import longruns


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
