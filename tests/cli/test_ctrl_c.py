"""Ctrl-C: the module is left in a known state, and the exit code is 130."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from spwf04_cli.__main__ import main
from spwf04_cli.jobs.radio import settle
from spwf04_cli.output import INTERRUPTED
from spwf04_sim import PtyPort
from tests import HANG
from tests.cli import spwf04
from tests.faults.exchanges import Stage
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT, tool


@pytest.fixture
def line():
    controller = Controller()
    with PtyPort(controller.module) as made:
        made.controller = controller
        yield made


def interrupted(line, *arguments, at, then=lambda: None):
    """Run a command, press Ctrl-C once the module has a command that begins so; its stderr.

    then: is called behind that.
    """
    process = subprocess.Popen(
        [tool("spwf04"), *arguments, "--port", line.path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    end = time.monotonic() + HANG
    while not [c for c in line.controller.log() if c.startswith(at)]:
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        threading.Event().wait(0.02)
    process.send_signal(signal.SIGINT)
    then()
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == INTERRUPTED, said
    return said


def test_a_command_in_flight_is_heard_out(line):
    assert spwf04("join", "home", "--password", "correct horse", "--port", line.path).code == 0
    pressed = threading.Event()
    line.controller.module.timing.dns = pressed.is_set  # then comes the answer
    said = interrupted(line, "ping", "echo.example", at="AT+S.PING", then=pressed.set)
    assert "The module is ready for the next command" in said
    assert spwf04("info", "--port", line.path).code == 0


def test_while_the_program_itself_is_read_it_is_no_traceback(monkeypatch):
    class Pressed:
        @staticmethod
        def find_spec(name, path=None, target=None):
            raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "spwf04_cli.app")
    monkeypatch.setattr(sys, "meta_path", [Pressed, *sys.meta_path])
    assert main([]) == INTERRUPTED


def test_an_upload_that_is_broken_off_leaves_the_old_content_and_no_rest(line, tmp_path):
    line.controller.put_file("notes.txt", b"old")
    (tmp_path / "notes.txt").write_bytes(bytes(9000))
    pressed = threading.Event()
    line.controller.module.timing.flash = pressed.is_set  # for each part of the file
    file = str(tmp_path / "notes.txt")
    said = interrupted(line, "put", file, "--force", at="AT+S.FSC", then=pressed.set)
    assert "ready" in said
    assert line.controller.files() == ["notes.txt"]
    assert bytes(line.controller.module.flash.files[2, "notes.txt"]) == b"old"


def test_a_module_that_does_not_answer_any_more_is_said_to_be_so(line):
    assert spwf04("join", "home", "--password", "correct horse", "--port", line.path).code == 0
    line.controller.module.faults.add("hang", command="PING")
    said = interrupted(line, "ping", "echo.example", at="AT+S.PING")
    assert "does not answer. Switch it off and on" in said


def test_these_tests_hold_in_the_background_of_a_script():
    """SIGINT is ignored there from the start, and children inherit that."""
    test = f"{__file__}::test_a_command_in_flight_is_heard_out"
    done = subprocess.run(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "pytest", test],
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_sockets_that_were_open_are_closed_when_it_is_ready():
    stage = Stage()
    stage.connect()
    stage.sock.settimeout(0)
    stage.sock.send(b"on its way")
    assert settle(stage.radio)
    assert stage.module.sockets == [None] * 8
