"""What the driver costs is not more than bench/budget.json says.

If a test here fails because a change was meant, `make budget` records it.
"""

import itertools
import json

import pytest

from bench import board, budget, client, heap, line, page, report, targets

RECORDED = budget.recorded()
SHARE = 0.97  # of the rate that the protocol allows


def room(tool):
    """The factor for a ceiling: another version of a tool may make a little more code."""
    return 1 if board.version(tool) == RECORDED["made with"][tool] else 1.03


def above(what, now, tool):
    """{part: (ceiling, figure)} for each figure that has no ceiling or is above it."""
    ceilings = RECORDED[what]
    return {
        part: (ceilings.get(part), figure)
        for part, figure in now.items()
        if part not in ceilings or figure > ceilings[part] * room(tool)
    }


def test_no_part_of_the_driver_grows_beyond_its_ceiling():
    assert above("mpy", board.groups(), "mpy-cross") == {}


def test_no_program_loads_more_than_its_ceiling():
    assert above("mpy loaded", budget.loaded(), "mpy-cross") == {}


def test_heap_in_use_stays_below_its_ceilings():
    assert above("heap in use", heap.in_use("spwf04"), "micropython32") == {}


def test_what_roots_leave_in_use_stays_below_its_ceiling():
    assert above("heap left by roots", {"bytes": client.left_by_roots()}, "micropython32") == {}


def test_the_table_of_names_does_not_take_another_piece_of_heap():
    assert client.names("example") <= client.NAMES


@pytest.mark.parametrize("program", client.PROGRAMS)
def test_a_tls_client_gets_through_with_the_heap_of_its_ceiling(program):
    kb = RECORDED["smallest heap, KB"][program] * room("micropython32")
    assert any(client.fits(program, int(kb)) for _ in range(3))


# 32 bit: a MicroPython on which slices take heap
@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("face", heap.FACES["spwf04"])
@pytest.mark.parametrize("way", heap.WAYS)
def test_a_call_in_the_steady_state_leaves_no_heap_behind(way, face, bits):
    call = heap.allocated("spwf04", way, face, bits)
    assert call["garbage"] == 0
    assert call["locked"] is True


def test_exchanges_take_no_more_commands_and_bytes_than_recorded():
    now = budget.exchanges()
    assert now.keys() == RECORDED["exchanges"].keys()
    for name, counts in now.items():
        for figure, ceiling in zip(counts, RECORDED["exchanges"][name]):
            assert figure <= ceiling, (name, counts, RECORDED["exchanges"][name])


def test_a_ceiling_is_kept_while_it_serves():
    assert budget.ceiling(1000) == 1020
    assert budget.ceiling(1020, 1020) == 1020
    assert budget.ceiling(985, 1020) == 1020
    assert budget.ceiling(1021, 1020) == 1042
    assert budget.ceiling(900, 1020) == 918
    assert budget.ceiling([4, 128, 700], [5, 128, 700]) == [4, 128, 700]


@pytest.mark.generated(16)
@pytest.mark.parametrize("way", ["receive", "send"])
@pytest.mark.parametrize(
    ("baud", "turnaround", "chunk"),
    list(itertools.product(line.BAUDS, line.TURNAROUNDS, line.CHUNKS)),
)
def test_a_bulk_transfer_takes_little_more_than_the_protocol_needs(baud, turnaround, chunk, way):
    cost = getattr(line, way)(baud, turnaround, chunk)
    share = line.bound(cost, baud, turnaround, chunk, way) / cost.seconds
    assert SHARE <= share <= 1.000001  # with more the bound is wrong


def test_nothing_is_waited_for_between_joining_and_a_page():
    assert page.first_byte()[1] == 0


def test_a_ceiling_of_heap_is_met_exceeded_or_a_fault():
    def verdicts(client, example, left):
        smallest = {"client": client, "example": example}
        alone = {"spwf04": 1, "espat": 1}
        kinds = {"smallest_kb": smallest, "smallest_to_construct_kb": alone}
        result = {"heap": {**kinds, "left_by_roots": left * 1024}}
        rows = (targets.smallest, targets.roots, targets.left)
        return [row(result).verdict for row in rows]

    assert verdicts(42, 60, 6) == ["met", "met", "met"]
    assert verdicts(43, 61, 7) == ["raised", "raised", "raised"]
    assert verdicts(1000, 81, 16) == ["above", "fault", "fault"]


def test_the_heap_of_a_frozen_driver_is_met_or_missed():
    def row(client):
        kb = {"client": client, "example": 60}
        return targets.frozen({"frozen": {"date": "2026-12-01", "smallest_kb": kb}})

    assert [row(kb).verdict for kb in (18, 19)] == ["met", "missed"]
    assert row(19).measured == "19 KB; README's example 60 KB (2026-12-01)"


def test_the_performance_page_shows_what_was_measured():
    result = json.loads(report.DATA.read_text())
    text = report.PAGE.read_text()
    assert report.fill(text, result) == text
