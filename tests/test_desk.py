"""examples/desk: the recipes on a PC without a board, as the pages say."""

import os
import re
import runpy
import subprocess
import sys

import pytest

from spwf04 import SPWF04
from spwf04_sim import PtyPort, RealClock, SimulatedModule, Timing, VirtualClock, worldfile
from tests import HANG
from tests.cli import spwf04
from tests.shims import fences
from tests.shims.micropython import ROOT, micropython

DESK = ROOT / "examples" / "desk"
HOST = "www.example.com"
RECIPES = fences.text("recipes.md")
WITHOUT = fences.section(fences.text("quickstart.md"), "## Without hardware")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where server.py runs, with what it has written."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def port(folder):
    """The port of server.py on this computer."""
    command = [sys.executable, str(DESK / "server.py"), "0"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield int(re.findall(r"port (\d+)", process.stdout.readline())[0])
        process.kill()


@pytest.fixture
def bundled(folder, port, monkeypatch):
    """The folder of the server, as the current one, with the bundle that the page makes."""
    monkeypatch.chdir(folder)
    (line,) = re.findall(
        r"^spwf04 (bundle .+)$", fences.section(RECIPES, "## Without a board"), re.M
    )
    done = spwf04(*line.split(), "--force")
    assert done.code == 0, done.err
    return folder


def run(*words, cwd):
    """Run MicroPython as the page does; return what it prints."""
    environment = dict(os.environ, MICROPYPATH=f"{DESK}:{ROOT}:.frozen")
    done = subprocess.run(
        [*micropython(), *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    return done.stdout + done.stderr


def recipe(name, folder, port):
    """What a recipe prints with the module of the desk's world."""
    world = worldfile.load(DESK / "world.toml").world
    assert world.target(world.resolve(HOST), 443) == ("127.0.0.1", 8444)  # where server.py is
    world.route(HOST, 443, ("127.0.0.1", port))
    module = SimulatedModule(world, clock=RealClock(), timing=Timing.fast())
    module.power_on()
    with PtyPort(module) as line:
        return run(ROOT / "examples" / "recipes" / name, line.path, cwd=folder)


@pytest.mark.parametrize("name", ["https_json.py", "asyncio_two.py"])
def test_a_recipe_runs_without_a_board(bundled, port, name):
    below = RECIPES.split(f"](../examples/recipes/{name})", 1)[1]
    assert recipe(name, bundled, port) == fences.blocks(below, "text")[0]


def test_a_port_that_is_none_is_told(tmp_path):
    begin = "import pico\npico.radio()\n"
    (tmp_path / "main.py").write_text(begin)
    assert "micropython PROGRAM /dev/" in run("main.py", cwd=tmp_path)
    assert "Name the port that spwf04 sim shows" in run("main.py", "main.py", cwd=tmp_path)


def test_the_sensor_and_the_led_are_what_the_recipes_use(tmp_path):
    code = "from machine import ADC, Pin; p = Pin('LED', Pin.OUT); p.value(1); p.toggle(); "
    assert run("-c", code + "print(ADC(4).read_u16())", cwd=tmp_path) == "14120\n"


def test_the_page_of_the_quick_start_without_the_internet(bundled, port, monkeypatch, capsys):
    program = fences.blocks(WITHOUT, "python")[0]
    (block,) = (b for b in fences.blocks(WITHOUT, "") if "world.route" in b)
    for line in block.splitlines():
        begin = re.escape(re.match(r"\w+(\.\w+\()?", line)[0])
        program, n = re.subn(rf"^{begin}.*$", line.replace("8444", str(port)), program, flags=re.M)
        assert n == 1, line

    def radio(world):
        module = SimulatedModule(world, clock=VirtualClock(), timing=Timing.fast())
        module.power_on()
        return SPWF04(module.uart(), clock=module.clock)

    monkeypatch.setitem(sys.modules, "simulated", type(sys)("simulated"))
    sys.modules["simulated"].radio = radio
    (bundled / "page.py").write_text(program)
    runpy.run_path("page.py")
    shown = capsys.readouterr().out
    assert "HTTP/1.0 200 OK\n" in shown and "verified by the module's TLS" in shown


def test_a_port_that_another_has_is_told_and_its_files_stay(bundled, port):
    before = (bundled / "ca.pem").read_bytes()
    command = [sys.executable, str(DESK / "server.py"), str(port)]
    done = subprocess.run(command, cwd=bundled, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and f"server.py {port + 1}" in done.stderr
    assert (bundled / "ca.pem").read_bytes() == before
