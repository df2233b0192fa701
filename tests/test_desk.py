"""examples/desk: the recipes on a PC without a board, as the pages say."""

import contextlib
import io
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
from tests.services.test_websocket import Server
from tests.shims import fences, pages
from tests.shims.daemons import free_port, need, running
from tests.shims.micropython import ROOT, micropython
from tests.shims.postoffice import Mail, Tftp

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


@pytest.fixture
def tried(tmp_path):
    """A function that runs an example of a page of the services, with the names of the program in
    simulator.md; (what is promised, what is printed)."""
    part = fences.section(fences.text("simulator.md"), "## The examples of the services")
    (program,) = fences.blocks(part, "python")
    (broker,) = fences.blocks(part, "text")

    def run(page, n, port=0, there=0, before=""):
        names = {}
        exec(program.replace(f'"127.0.0.1", {port})', f'"127.0.0.1", {there})'), names)
        example = fences.blocks(fences.text(f"{page}.md"), "python")[n]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(before + example, page, "exec"), names)
        return re.findall(r"  # → (.*)$", example, re.M), out.getvalue().splitlines()

    run.broker = broker
    return run


def fit(found):
    promised, printed = found
    assert len(promised) == len(printed), printed
    for promise, line in zip(promised, printed):
        assert pages.fits(promise, line), (promise, line)


@pytest.mark.parametrize(
    ("page", "n"), [("accesspoint", 0), ("power", 0), ("power", 1), ("scripts", 0)]
)
def test_services_without_a_server_run_in_the_world_of_the_page(tried, page, n):
    fit(tried(page, n))


def test_services_with_a_server_run_in_the_world_of_the_page(tried, tmp_path):
    web = Server()
    fit(tried("websocket", 0, 9001, web.address[1]))
    web.stop()
    post = Mail()
    tried("mail", 1, 8025, post.address[1], "from spwf04.services.mail import send_mail\n")
    post.stop()
    assert len(post.mails) == 1
    files = Tftp(tmp_path)
    (tmp_path / "config.json").write_bytes(bytes(700))
    fit(tried("tftp", 0, 6969, files.address[1]))
    files.stop()


def test_the_broker_of_the_page_takes_mqtt_over_websocket(tried, tmp_path):
    plain, web = free_port(), free_port()
    text = tried.broker.replace("1883", str(plain)).replace("9001", str(web))
    (tmp_path / "broker.conf").write_text(text)
    with running([need("mosquitto"), "-c", str(tmp_path / "broker.conf")], web, tmp_path):
        fit(tried("mqtt", 0, 9001, web))
