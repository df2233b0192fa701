"""The module's MicroPython, as far as it is played."""

import pytest

from spwf04_sim import Quirks
from tests.sim.talk import Talk

OK = b"AT-S.OK\r\n"


def run(text, **quirks):
    talk = Talk(Quirks(**quirks))
    talk.file("x.py", text)
    return talk, talk.say("AT+S.PYTHON=2:/x.py")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (b"", b""),
        (b"print('abc')", b"abc\r\n"),
        (b'"""A docstring."""\nimport time\nprint(1, "b", sep="-", end="!")', b"1-b!"),
        (b"import time\nprint('a')\ntime.sleep(2)\nprint()", b"a\r\n\r\n"),
    ],
)
def test_what_a_script_prints_comes_before_ok(text, printed):
    assert run(text)[1] == printed + OK


def test_in_other_readings_it_comes_behind_ok_or_not_at_all():
    text = b"import time\nprint('a')\ntime.sleep(1)\nprint('b')"
    talk, said = run(text, python_output="after OK")
    assert said == OK
    assert talk.wait(0.5) == b"a\r\n"
    assert talk.wait(1) == b"b\r\n"
    talk, said = run(text, python_output="nowhere")
    assert said == OK
    assert talk.wait(3) == b""


@pytest.mark.parametrize(
    "text",
    [b"1 +", b"x = 1", b"print(x)", b"open('x')", b"\xff\0", b"print(1 / 0)", b"print(1, sep=2)"],
)
def test_what_is_not_played_ends_with_low_memory(text):
    assert b"AT-S.ERROR:91:" in run(text)[1]


def test_a_script_that_is_not_there():
    assert b"AT-S.ERROR:51:" in Talk().say("AT+S.PYTHON=2:/x.py")
    assert b"AT-S.ERROR:51:" in Talk().say("AT+S.PYTHON")
