"""The fixtures for users' own tests, used as users use them: by pytest, in files of their own."""

import re

import pytest

from tests.shims.micropython import ROOT

pytest_plugins = "pytester"

WORLD = """
[[access_point]]
ssid = "home"
password = "correct horse"
[[module]]
name = "first"
faults = ["refuse,command=TIME,number=7"]
[[module]]
name = "second"
serial = "4711"
"""


@pytest.fixture
def outcome(pytester):
    """outcome(**files): what pytest says of a folder with these files."""

    def run(**files):
        for name, text in files.items():
            path = pytester.path / name.replace("__", ".").replace("_in_", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:randomly")

    return run


def test_a_marker_names_the_world_file_beside_the_test(outcome):
    result = outcome(
        sub_in_world__toml=WORLD,
        sub_in_test_it__py="""
import pytest
from spwf04 import SPWF04

@pytest.mark.spwf04_world("world.toml")
def test_it(spwf04_module):
    radio = SPWF04(spwf04_module.uart(), clock=spwf04_module.clock)
    radio.connect("home", "correct horse")
    with pytest.raises(OSError, match="ERROR:7"):
        radio.time()

def test_without(spwf04_world, spwf04_module):
    assert spwf04_world.access_points == []
    assert spwf04_module.world is spwf04_world
""",
    )
    result.assert_outcomes(passed=2)


def test_the_ini_option_names_a_world_file_for_all_tests(outcome):
    result = outcome(
        pytest__ini="[pytest]\nspwf04_world = world.toml\n",
        world__toml=WORLD,
        sub_in_test_it__py="""
from spwf04 import SPWF04

def test_it(spwf04_world, spwf04_modules):
    assert [p.ssid for p in spwf04_world.access_points] == [b"home"]
    module = spwf04_modules["second"]
    assert SPWF04(module.uart(), clock=module.clock).get("nv_serial") == "4711"
""",
    )
    result.assert_outcomes(passed=1)


def test_a_module_on_a_pseudo_terminal_for_programs_that_open_a_port(outcome):
    result = outcome(
        pytest__ini="[pytest]\nspwf04_world = world.toml\n",
        world__toml=WORLD,
        test_it__py="""
import serial

def test_it(spwf04_port):
    with serial.Serial(spwf04_port.path, timeout=1) as line:
        heard = b""
        while b"=17111984" not in heard:  # it may not have booted yet
            line.write(b"AT+S.GCFG=nv_serial\\r")
            heard += line.read_until(b"=17111984")
    assert spwf04_port.module.log[-1] == "AT+S.GCFG=nv_serial"
""",
    )
    result.assert_outcomes(passed=1)


def test_a_mistake_in_the_world_file_fails_the_test_and_is_named(outcome):
    result = outcome(
        world__toml="ntp = 1\n",
        test_it__py="""
import pytest

@pytest.mark.spwf04_world("world.toml")
def test_it(spwf04_module):
    pass

@pytest.mark.spwf04_world()
def test_other(spwf04_module):
    pass
""",
    )
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*world.toml:1: ntp: 1: must be true, false*"])
    assert "During handling" not in result.stdout.str()
    result.stdout.fnmatch_lines(['*the marker is spwf04_world("FILE")*'])


def test_the_example_of_the_page_runs_as_printed(outcome):
    page = (ROOT / "docs" / "simulator.md").read_text()
    (block,) = re.findall(r"^```python\n(def test_.*?)```", page, re.M | re.S)
    outcome(test_host__py=block).assert_outcomes(passed=1)


LOG = """# spwf04 trace 1
5 > AT+S.GCFG=console_errs
9 < AT-S.Var:console_errs=2
9 < AT-S.OK
"""


def test_a_marker_names_the_log_that_is_played(outcome):
    result = outcome(
        bug__txt=LOG,
        test_it__py="""
import pytest

@pytest.mark.spwf04_recording("bug.txt")
def test_it(spwf04_playback):
    spwf04_playback.write(b"AT+S.GCFG=console_errs\\r")
    while spwf04_playback.any() < 20:
        spwf04_playback.clock.idle()
    assert spwf04_playback.readinto(bytearray(20)) == 20
""",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("", "needs the marker spwf04_recording"),
        ('@pytest.mark.spwf04_recording("no.txt")', "no.txt: No such file"),
        ('@pytest.mark.spwf04_recording("test_it.py")', "nothing that a module says"),
    ],
)
def test_a_log_that_cannot_be_played_is_told(outcome, marker, words):
    result = outcome(
        test_it__py=f"""
import pytest

{marker}
def test_it(spwf04_playback):
    pass
"""
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words}*"])
