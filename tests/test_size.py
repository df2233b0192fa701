"""What the driver costs is what bench/budget.json says: no more, and no less.

If a test here fails because a change was meant, `make budget` records it.
"""

import itertools
import json

import pytest

from bench import board, budget, client, heap, line, page, report

RECORDED = budget.recorded()
SHARE = 0.97  # of what the protocol allows


def allowed(figure, margin=0):
    """How far a figure may be off: with other tools than it was recorded with, a little more."""
    tools = {tool: board.version(tool) for tool in RECORDED["made with"]}
    return margin if tools == RECORDED["made with"] else max(margin, figure * 0.03)


def differences(now, recorded, margin=0):
    """{name: (recorded, now)} where they differ by more than the margin."""
    return {
        name: (recorded.get(name), now.get(name))
        for name in {**recorded, **now}
        if name not in now
        or name not in recorded
        or abs(now[name] - recorded[name]) > allowed(recorded[name], margin)
    }


def test_the_mpy_files_are_as_large_as_recorded():
    assert differences(board.sizes(), RECORDED["mpy"]) == {}


def test_a_tls_client_loads_the_recorded_files():
    loaded, _ = client.files()
    assert sorted(loaded) == RECORDED["core"]["files"]
    total = RECORDED["core"]["bytes"]
    assert abs(sum(loaded.values()) - total) <= allowed(total)


def test_the_heap_in_use_is_as_recorded():
    assert differences(heap.in_use("spwf04"), RECORDED["heap in use"], budget.IN_USE) == {}


@pytest.mark.parametrize("face", heap.FACES["spwf04"])
@pytest.mark.parametrize("way", heap.WAYS)
def test_a_call_in_the_steady_state_leaves_as_much_heap_behind_as_recorded(way, face):
    call = heap.allocated("spwf04", way, face)
    assert call["garbage"] == RECORDED["heap allocated"][f"{way}, {face}.UART"]
    assert call["locked"] is (call["garbage"] == 0)


def test_a_tls_client_gets_through_with_the_recorded_heap():
    kb = RECORDED["smallest heap, KB"]
    assert client.fits(kb + int(allowed(kb, budget.SMALLEST)))


def test_a_tls_client_does_not_get_through_with_less_without_being_recorded():
    kb = RECORDED["smallest heap, KB"]
    less = range(kb - 1 - int(allowed(kb, budget.SMALLEST)), kb)
    assert not all(client.fits(n) for n in less)


def test_exchanges_take_the_recorded_commands_and_bytes():
    assert budget.exchanges() == RECORDED["exchanges"]


@pytest.mark.parametrize("way", ["receive", "send"])
@pytest.mark.parametrize(
    ("baud", "turnaround", "chunk"),
    list(itertools.product(line.BAUDS, line.TURNAROUNDS, line.CHUNKS)),
)
def test_a_bulk_transfer_takes_little_more_than_the_protocol_needs(baud, turnaround, chunk, way):
    cost = getattr(line, way)(baud, turnaround, chunk)
    share = line.bound(cost, baud, turnaround, chunk, way) / cost.seconds
    assert SHARE <= share <= 1.000001  # more would be a wrong bound


def test_nothing_is_waited_for_between_joining_and_a_page():
    assert page.first_byte()[1] == 0


def test_the_performance_page_shows_what_was_measured():
    result = json.loads(report.DATA.read_text())
    text = report.PAGE.read_text()
    assert report.fill(text, result) == text
