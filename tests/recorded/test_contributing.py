"""The steps of CONTRIBUTING.md by which a report becomes a test, followed to the letter."""

import pathlib
import shlex
import textwrap

import pytest

from spwf04 import SPWF04
from spwf04_sim import Flash, SimulatedModule, VirtualClock, World
from tests.cli import spwf04
from tests.cli.logs import FORMS, PSK
from tests.shims import fences
from tests.shims.micropython import ROOT

pytest_plugins = "pytester"
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PART = fences.section(PAGE, "## A bug report becomes a test")
NAME = "tests/recorded/unknown_variable.txt"


def blocks(kind):
    """The indented blocks of the steps."""
    text = textwrap.dedent("\n".join(line.removeprefix("   ") for line in PART.split("\n")))
    return fences.blocks(text, kind)


def reported():
    """[(ms, way, bytes)] of the wire of the program that the steps are about."""
    world = World()
    world.add_access_point("home", PSK)
    quiet = Flash(saved={"wifi_mode": "0"})
    module = SimulatedModule(world, clock=VirtualClock(), flash=quiet)
    module.power_on()
    module.clock.advance(2)
    module.transmit()
    said = []
    module.traffic = lambda way, data: said.append(
        (round(module.clock.now() * 1000), way, bytes(data))
    )
    radio = SPWF04(module.uart(), clock=module.clock)
    radio.connect("home", PSK)
    with pytest.raises(OSError, match="ERROR:4"):
        radio.get("no_such_variable")
    return said


@pytest.mark.parametrize("form", ["markers", "bytes", "time stamps", "a web page", "hexadecimal"])
def test_a_report_becomes_a_test_by_these_steps(form, pytester):
    folder = pathlib.Path(pytester.path)
    (folder / "tests" / "recorded").mkdir(parents=True)
    (folder / "report.txt").write_bytes(FORMS[form](reported()))
    first, second, _ = blocks("")
    done = spwf04(*shlex.split(first)[1:])
    assert done.code == 1
    assert "no_such_variable" in done.out
    assert PSK not in done.out + done.err + (folder / NAME).read_text()
    done = spwf04(*shlex.split(second)[1:])
    assert done.code == 0, done.out + done.err
    (program,) = blocks("python")
    (folder / "tests" / "recorded" / "test_reports.py").write_text(program)
    pytester.inline_run("-p", "no:xdist", "-p", "no:cacheprovider").assertoutcome(passed=1)


def test_the_test_that_the_steps_show_is_one_of_ours():
    (program,) = blocks("python")
    ours = (ROOT / "tests" / "recorded" / "test_reports.py").read_text(encoding="utf-8")
    assert program.partition("@pytest")[2].strip() in ours
    assert (ROOT / NAME).exists()
