"""Steps of calls that block and of calls that do not, several at a time; and once()."""

import asyncio
import sys

import pytest

import spwf04
from spwf04 import aio
from spwf04.at import task
from spwf04.at.channel import ATChannel
from spwf04.at.exchange import Exchange
from spwf04.at.task import Task, Wait, once
from spwf04.errors import ModuleError
from tests.shims.script import FOUND, Script


def channel(*steps):
    script = Script(*FOUND, *steps)
    made = ATChannel(script, script.clock)
    made.script = script
    return made


def asking(made, command):
    """Steps that send a command and return the lines of its reply."""
    lines = []
    exchange = Exchange(lambda parser: lines.append(parser.text()))
    yield exchange.prepare(command, None, 1000)
    made.check(exchange)
    return lines


ASKED = ("> AT+S.A\r", "< AT-S.A:1\r\nAT-S.OK\r\n", "> AT+S.B\r", "< AT-S.B:2\r\nAT-S.OK\r\n")
ANSWERS = ["AT-S.A:1"], ["AT-S.B:2"]


def both(made):
    first = yield from asking(made, b"AT+S.A\r")
    return first, (yield from asking(made, b"AT+S.B\r"))


# taking steps --------------------------------------------------------------------------------
def test_take_returns_what_the_steps_return():
    made = channel(*ASKED)
    assert made.take(both(made)) == ANSWERS
    assert made.script.done


def test_steps_within_steps_of_another_task():
    made = channel(*ASKED)

    def outer():
        first = yield from asking(made, b"AT+S.A\r")
        return first, made.take(asking(made, b"AT+S.B\r"))

    assert made.take(outer()) == ANSWERS


def test_two_tasks_at_once_wait_for_each_other_s_commands():
    made = channel(*ASKED)
    tasks = [Task(made, asking(made, command)) for command in (b"AT+S.A\r", b"AT+S.B\r")]
    for _ in range(1000):
        if False not in [one.poll() for one in tasks]:
            break
        made.clock.idle()
    assert tuple(one.result for one in tasks) == ANSWERS


def test_a_task_waits_for_a_condition():
    made = channel("> AT\r", "< AT-S.OK\r\n")
    seen = []

    def steps():
        yield Wait(lambda: made.clock.ms >= 40, 1000)
        seen.append(made.clock.ms)
        yield Wait(lambda: False, 100)
        seen.append(made.clock.ms)
        yield Wait(lambda: True, 0)

    assert made.take(steps()) is None
    assert seen == [40, 140]


def test_a_task_that_is_over_stays_over():
    made = channel(*ASKED)
    one = Task(made, both(made))
    while not one.poll():
        made.clock.idle()
    assert one.poll() and one.result == ANSWERS


def test_a_task_raises_what_its_steps_raise_and_is_over():
    made = channel("> AT+S.A\r", "< AT-S.ERROR:7:Wrong\r\n")
    one = Task(made, asking(made, b"AT+S.A\r"))
    with pytest.raises(ModuleError):
        while not one.poll():
            made.clock.idle()
    assert one.poll() and one.result is None


def test_a_task_that_is_given_up_ends_its_steps():
    made = channel("> AT+S.A\r", "~ 50", "< AT-S.A:1\r\nAT-S.OK\r\n", *ASKED[2:])
    ended = []

    def steps():
        try:
            yield from asking(made, b"AT+S.A\r")
        finally:
            ended.append(1)

    one = Task(made, steps())
    while made.script.sent or made.clock.ms < 40:
        assert not one.poll()
        made.clock.idle()
    one.close()
    assert ended == [1] and one.poll() and made.busy()
    assert made.take(asking(made, b"AT+S.B\r")) == ANSWERS[1]  # A's answer was read first


def test_an_interrupted_take_has_nothing_in_flight():
    made = channel("> AT+S.A\r")
    ended = []

    def steps():
        try:
            yield from asking(made, b"AT+S.A\r")
        finally:
            ended.append(1)

    def interrupted():
        if made.script.clock.ms > 200:
            raise KeyboardInterrupt
        made.script.clock.ms += 1

    made.clock = type("Clock", (), {"ticks_ms": made.script.clock.ticks_ms, "idle": interrupted})
    with pytest.raises(KeyboardInterrupt):
        made.take(steps())
    assert not made.busy() and ended == [1]


# code that is needed once --------------------------------------------------------------------
@pytest.fixture
def files(tmp_path, monkeypatch):
    """A function that writes files of the driver; they are gone after the test."""
    from spwf04 import commands

    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    monkeypatch.setattr(task, "drops", True)
    before = set(sys.modules)

    def write(name, text):
        (tmp_path / (name + ".py")).write_text(text)

    yield write
    assert {n for n in sys.modules if n.startswith("spwf04.")} <= before
    assert not [name for name in vars(commands) if name.startswith("errand")]
    assert not task._loaded and not task._calls


ERRAND = """
from ..at.task import Wait, once
from . import errand_helper

def errand(channel, n, fail=False, inner=None):
    yield Wait(lambda: False, n)
    if inner is not None:
        n += yield from once("commands.errand_inner", "errand", channel, inner)
    if fail:
        raise errand_helper.error()
    return errand_helper.double(n)
"""
HELPER = """
def double(n):
    return 2 * n

def error():
    from ..errors import SPWF04Error

    return SPWF04Error(5, "failed")
"""


@pytest.fixture
def errands(files):
    files("errand", ERRAND)
    files("errand_inner", ERRAND)
    files("errand_helper", HELPER)
    return channel()


def loaded():
    return {name for name in sys.modules if "errand" in name}


def test_once_returns_the_result_and_drops_the_files(errands):
    for _ in range(2):
        assert errands.take(once("commands.errand", "errand", errands, 21)) == 42
        assert loaded() == set()


def test_where_there_are_threads_nothing_is_dropped(errands, monkeypatch):
    monkeypatch.setattr(task, "drops", False)
    assert errands.take(once("commands.errand", "errand", errands, 21)) == 42
    assert loaded() == {"spwf04.commands.errand", "spwf04.commands.errand_helper"}
    from spwf04 import commands

    for name in loaded():
        del sys.modules[name]
        delattr(commands, name.rpartition(".")[2])


def test_once_drops_the_files_after_an_error_and_works_again(errands):
    for _ in range(2):
        with pytest.raises(spwf04.SPWF04Error, match="failed"):
            errands.take(once("commands.errand", "errand", errands, 1, True))
        assert loaded() == set()
    assert errands.take(once("commands.errand", "errand", errands, 1)) == 2


def test_the_classes_of_exceptions_stay(errands, monkeypatch):
    before = dict(vars(spwf04))
    monkeypatch.delitem(sys.modules, "spwf04.errors")
    vars(spwf04).pop("SPWF04Error", None)
    try:
        with pytest.raises(OSError) as caught:
            errands.take(once("commands.errand", "errand", errands, 1, True))
        kind = sys.modules["spwf04.errors"].SPWF04Error
        assert type(caught.value) is spwf04.SPWF04Error is kind
    finally:
        vars(spwf04).clear()
        vars(spwf04).update(before)


def test_once_without_such_a_file_or_function(errands):
    with pytest.raises(ImportError):
        errands.take(once("commands.errand_missing", "errand"))
    with pytest.raises(AttributeError):
        errands.take(once("commands.errand", "missing"))
    assert loaded() == set()


def test_once_within_once(errands):
    assert errands.take(once("commands.errand", "errand", errands, 1, False, 5)) == 22
    assert loaded() == set()
    with pytest.raises(spwf04.SPWF04Error):
        errands.take(once("commands.errand", "errand", errands, 1, True, 5))


def test_calls_at_once_keep_their_files_until_the_last_is_over(errands):
    first = Task(errands, once("commands.errand", "errand", errands, 10))
    second = Task(errands, once("commands.errand_inner", "errand", errands, 30))
    third = Task(errands, once("commands.errand", "errand", errands, 20, True))
    seen = []
    with pytest.raises(spwf04.SPWF04Error):
        while not (first.poll() and third.poll()):
            second.poll()
            seen.append(loaded())
            errands.clock.idle()
    assert "spwf04.commands.errand" in loaded()  # the second call is not over
    while not second.poll():
        errands.clock.idle()
    assert (first.result, second.result) == (20, 60)
    assert loaded() == set()


def test_what_others_load_meanwhile_stays(errands, files, monkeypatch):
    one = Task(errands, once("commands.errand", "errand", errands, 10))
    assert not one.poll()
    files("errandless", "here = 1")
    import spwf04.commands.errandless as other

    while not one.poll():
        errands.clock.idle()
    assert sys.modules.pop("spwf04.commands.errandless") is other
    assert spwf04.commands.errandless is other
    del spwf04.commands.errandless


def test_once_that_is_given_up_drops_the_files(errands):
    one = Task(errands, once("commands.errand", "errand", errands, 10))
    assert not one.poll() and loaded()
    one.close()
    assert loaded() == set()


def test_files_that_were_there_stay(errands):
    import spwf04.commands.errand_helper as there

    assert errands.take(once("commands.errand", "errand", errands, 1)) == 2
    assert loaded() == {"spwf04.commands.errand_helper"}
    assert sys.modules.pop("spwf04.commands.errand_helper") is there
    del spwf04.commands.errand_helper


def test_once_that_asyncio_cancels_drops_the_files(errands):
    async def program():
        going = asyncio.ensure_future(
            aio.take(errands, once("commands.errand", "errand", errands, 10))
        )
        await asyncio.sleep(0.01)
        assert loaded()
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going

    asyncio.run(program())
    assert loaded() == set()


def test_tasks_of_asyncio_beside_a_blocking_call(errands):
    async def run(one):
        while not one.poll():
            errands.clock.idle()
            await asyncio.sleep(0)
        return one.result

    async def program():
        tasks = [
            Task(errands, once("commands.errand", "errand", errands, n, n == 7, inner))
            for n, inner in ((5, 3), (7, None), (9, 1))
        ]
        asked = [asyncio.ensure_future(run(one)) for one in tasks]
        await asyncio.sleep(0)
        assert errands.take(once("commands.errand_inner", "errand", errands, 50)) == 100
        return await asyncio.gather(*asked, return_exceptions=True)

    first, second, third = asyncio.run(program())
    assert (first, third) == (22, 22) and isinstance(second, spwf04.SPWF04Error)
