"""docs/quickstart.md, read and typed as a newcomer does: each way with all its steps."""

import functools
import pathlib
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import types
from unittest import mock

import certifi
import pytest

from spwf04 import SPWF04
from spwf04_cli.mcu import install
from spwf04_sim import SimulatedModule, Timing, VirtualClock, World
from tests import HANG
from tests.cli import at_port, spwf04
from tests.shims import fences
from tests.shims.controller import Controller
from tests.shims.mcu import behind_mcu
from tests.shims.micropython import ROOT, compiled, tool
from tests.shims.names import names
from tests.shims.servers import servers

PAGE = fences.text("quickstart.md")
WAYS = re.findall(r"^- \[(.+)\]\(#", PAGE, re.M)
PICO, CIRCUITPYTHON, PC, NOTHING = (fences.section(PAGE, f"## {way}") for way in WAYS)

# What differs from run to run, from module to module, from server to server
VARIES = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "2000-01-01 00:00:00 UTC"),
    (r"CA .+, from certifi|CA .+", "CA …"),
    (r"\d+ bytes, verified", "634 bytes, verified"),
    (r"\d+ bytes, identifier \w+", "… bytes, identifier …"),
    (r"[\d.]+ (commands|s)\b", r"… \1"),
    (r"\d+ (bytes to|from it)", r"… \1"),
)


def same(printed, shown):
    """What was printed is what the page shows, but for what varies."""
    for pattern, words in VARIES:
        printed, shown = re.sub(pattern, words, printed), re.sub(pattern, words, shown)
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    assert lines == shown.strip().splitlines()


def program(part):
    """The program of a way."""
    (found,) = fences.blocks(part, "python")
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder like a clone, on a computer whose certifi knows the test servers' root."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boards").symlink_to(ROOT / "boards")
    roots = pathlib.Path(certifi.where()).read_bytes() + servers().ca.cert_pem.bytes()
    (tmp_path / "cacert.pem").write_bytes(roots)
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "cacert.pem"))
    with names(servers().targets):
        yield tmp_path


@pytest.fixture
def home():
    """A factory-fresh module in reach of the network of the page."""
    return ready(Controller(clock=VirtualClock()))


def ready(controller):
    controller.world.add_access_point("network", "password")
    controller.ntp()
    return controller


def bundle(part):
    """Type the commands that look at the server and make the bundle."""
    (block,) = [b for b in fences.blocks(part, "") if "spwf04 bundle" in b]
    for line in block.splitlines():
        word, *arguments = shlex.split(line)
        assert word == "spwf04"
        done = spwf04(*arguments)
        assert done.code == 0, done.err
    assert "yes" in spwf04("check", "www.example.com").out


def run(source, capsys, modules=()):
    """What a program prints that imports these modules."""
    pathlib.Path("page.py").write_text(source)
    with mock.patch.dict(sys.modules, modules):
        runpy.run_path("page.py")
    return capsys.readouterr().out


def module(name, radio):
    """{name: a board's file} with another way to its module."""
    return {name: types.SimpleNamespace(radio=radio)}


# the page ------------------------------------------------------------------------------------
def test_each_way_has_its_wiring_its_program_and_what_one_sees():
    assert WAYS == re.findall(r"^## (.+)$", PAGE, re.M)[:-1]
    for part in (PICO, CIRCUITPYTHON, PC, NOTHING):
        assert ("svg)" in part) == (part is not NOTHING)
        assert "HTTP/1.0 200 OK" in part
        assert "verified by the" in program(part)


def test_nobody_must_look_for_the_clone_elsewhere():
    steps = fences.section(PAGE, "### 3. Get the driver, on the PC")
    assert 'pip install ".[cli]"' in steps
    for part in (CIRCUITPYTHON, PC, NOTHING):
        assert "](#3-get-the-driver-on-the-pc)" in part


# the four ways -------------------------------------------------------------------------------
def test_a_pico(folder):
    first, last = fences.blocks(PICO, "console")
    with behind_mcu(folder) as made:
        ready(made.controller)
        # tests/cli/test_mcu.py tests how the driver is installed, which takes a while
        there = made.board.lib / "spwf04"
        shutil.copytree(compiled() / "spwf04", there)
        (there / "installed.txt").write_text(install.wanted())
        ((command, shown),) = fences.commands(first)
        aliases = {"/dev/ttyACM0": made.port, "pico": made.board_file}
        arguments = [aliases.get(word, word) for word in shlex.split(command)[1:]]
        installing, _, answer = shown.partition("\n")
        assert installing.startswith("Installing spwf04 ")
        same(spwf04(*arguments, together=True).out, answer)
        bundle(PICO)
        pathlib.Path("roots.bin").unlink()  # a smaller one is copied faster
        assert spwf04("bundle", "-o", "roots.bin", "www.example.com").code == 0
        (folder / "main.py").write_text(program(PICO))
        for command, shown in fences.commands(last):
            same(mpremote(made.port, shlex.split(command)[1:]), shown)
            # this Pico's pins lead to no module
            there = made.board.lib.parent / "pico.py"
            assert there.exists()
            shutil.copy(made.board_file, there)


def mpremote(port, arguments):
    """Run mpremote. Where this MicroPython keeps files, "" is no name of the folder."""
    arguments = [":." if word == ":" else word for word in arguments]
    done = subprocess.run(
        [tool("mpremote"), "connect", port, "resume", *arguments],
        capture_output=True,
        text=True,
        timeout=HANG,
        check=True,
    )
    # its own account of what it copies
    return re.sub(r"^cp .*\n?", "", done.stdout.replace("\r", "\n"), flags=re.M)


def test_a_board_with_circuitpython(folder, home, capsys):
    bundle(CIRCUITPYTHON)
    uart = home.module.uart("busio")
    board = module("circuitpython", lambda: SPWF04(uart, clock=home.module.clock))
    (shown,) = fences.blocks(CIRCUITPYTHON, "text")
    same(run(program(CIRCUITPYTHON), capsys, board), shown)
    wanted = re.findall(r"^CIRCUITPY_PYSTACK_SIZE = \d+$", CIRCUITPYTHON, re.M)
    assert wanted == re.findall(
        r"^CIRCUITPY_PYSTACK_SIZE = \d+$", fences.text("interpreters.md"), re.M
    )


def test_a_pc_with_an_adapter(folder, home, capsys):
    with at_port(home.module):
        for block, typed in zip(fences.blocks(PC, "console"), ("", "password\n")):
            ((command, shown),) = fences.commands(block)
            done = spwf04(*shlex.split(command)[1:], stdin=typed, together=True)
            same(done.out, shown)
    assert spwf04("bundle", "-o", "roots.bin").code == 0
    board = module("desktop", lambda port: SPWF04(home.module.uart(), clock=home.module.clock))
    (shown,) = fences.blocks(PC, "text")
    same(run(program(PC), capsys, board), shown)


def test_without_hardware(folder, capsys, monkeypatch):
    (block,) = fences.blocks(NOTHING, "console")
    ((command, shown),) = fences.commands(block)
    same(spwf04(*shlex.split(command)[1:]).out, shown)
    assert "\ndemo:" in (ROOT / "Makefile").read_text()
    assert spwf04("bundle", "-o", "roots.bin").code == 0
    # the real server of that name is not ours
    route = World.route
    monkeypatch.setattr(World, "route", lambda *a: route(*a[:-1], servers().targets[a[-1]]))
    monkeypatch.syspath_prepend(ROOT / "boards")
    fast = functools.partial(SimulatedModule, clock=VirtualClock(), timing=Timing.fast())
    monkeypatch.setattr("spwf04_sim.SimulatedModule", fast)
    (shown,) = fences.blocks(NOTHING, "text")
    same(run(program(NOTHING), capsys), shown)
