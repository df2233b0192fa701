"""Code that is needed for one call is dropped after it.

That holds for several such calls at once, for one inside another, and after errors.
"""

import sys

from spwf04 import JoinError
from spwf04.at.task import Task, Wait, once


def loaded():
    """The driver's files that are loaded, without folders."""
    return {
        name
        for name in sys.modules
        if name.startswith("spwf04.") and not hasattr(sys.modules[name], "__path__")
    }


def left(before):
    """Files that were loaded since and should be gone, from sys.modules and from their folders."""
    names = loaded() - before - {"spwf04.errors"}
    for name in ("join", "scan", "station"):
        if "spwf04.commands." + name not in sys.modules and "spwf04.commands" in sys.modules:
            if hasattr(sys.modules["spwf04.commands"], name):
                names.add(name)
    return names


def finish(bench, *tasks):
    assert bench.until(lambda: False not in [task.poll() for task in tasks])
    return [task.result for task in tasks]


def test_joining_leaves_none_of_its_code(bench):
    before = loaded()
    bench.join()
    assert left(before) == set()
    bench.radio.disconnect()
    bench.join()
    assert bench.radio.isconnected()


def test_nor_does_a_join_that_fails_and_its_exception_is_the_one_to_be_caught(bench):
    before = loaded()
    for _ in range(2):
        e = bench.raises(JoinError, bench.radio.connect, bench.ssid, "wrong horse")
        assert e.reason == JoinError.REFUSED
        assert left(before) == set()
    bench.raises(ValueError, bench.radio.connect, "x" * 33)
    assert left(before) == set()
    bench.join()
    assert bench.radio.isconnected()


def test_other_calls_go_on_while_it_joins(bench):
    radio = bench.radio
    joining = Task(radio.channel, radio.joining(bench.ssid, bench.password, 20))
    for _ in range(5):
        assert not joining.poll()
        assert radio.get("nv_model") == "SPWF04SA"
    finish(bench, joining)
    assert radio.isconnected()


def test_two_at_once_keep_their_code_until_both_are_over(bench):
    radio = bench.radio
    radio.get("nv_model")
    before = loaded()

    def slow():
        found = yield from once("commands.scan", "scan", radio, 8)
        yield Wait(lambda: scanned, 10000)
        return found

    scanned = []
    first = Task(radio.channel, once("commands.scan", "scan", radio, 8))
    second = Task(radio.channel, slow())
    assert not first.poll()
    assert not second.poll()
    found = finish(bench, first)[0]
    assert bench.ssid.encode() in [network[0] for network in found]
    scanned.append(1)
    again = finish(bench, second)[0]
    assert len(again) == len(found)
    assert left(before) == set()


def test_one_in_another(bench):
    bench.radio.get("nv_model")
    before = loaded()
    steps = once("at.task", "once", "commands.scan", "scan", bench.radio, 8)
    found = bench.radio.channel.take(steps)
    assert bench.ssid.encode() in [network[0] for network in found]
    assert left(before) == set()


def test_what_is_given_up_leaves_none_of_its_code(bench):
    bench.radio.get("nv_model")
    before = loaded()
    joining = Task(bench.radio.channel, bench.radio.joining(bench.ssid, bench.password, 20))
    assert not joining.poll()
    joining.close()
    assert left(before) == set()
    bench.join()
    assert bench.radio.isconnected()
