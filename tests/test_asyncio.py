"""The streams of asyncio over our sockets, on a real MicroPython."""

import pytest

from spwf04_sim import PtyPort
from tests.shims import micropython
from tests.shims.controller import Controller

SHIMS = micropython.ROOT / "tests" / "shims"


def output(script, *arguments):
    """The lines that it prints."""
    micropython.compiled()  # first: a module that waits meanwhile fills the line
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        code, text = micropython.run(SHIMS / script, [line.path, *arguments], controller, "400k")
    assert code == 0, text
    return text.splitlines()


def test_connections_that_are_waited_for_no_longer_leave_nothing_open():
    late, one, eight, left = output("mp_open_timeout.py")
    assert late == "late 14 []"
    assert one == "b'now'"
    assert eight == str([b"word %d" % n for n in range(8)])
    assert left == "all closed True"


@pytest.mark.parametrize("guests", [5, 8, 20])
def test_as_many_visitors_as_come_are_served(guests):
    # the module has eight places; while they are taken it turns visitors away by itself
    at_once, one_by_one, left = output("mp_asyncio_server.py", str(guests))[-3:]
    assert min(guests, 8) <= int(at_once) <= guests
    assert one_by_one == str(guests)
    assert left == "places taken 0"
