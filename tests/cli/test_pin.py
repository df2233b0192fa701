"""pin: read, write, watch, adc."""

import json
import signal
import subprocess
import threading
import time

import pytest

from spwf04_cli.output import FAILED, INTERRUPTED, USAGE
from spwf04_sim import PtyPort
from tests import HANG
from tests.cli import at_port, spwf04
from tests.shims.controller import Controller
from tests.shims.desk import simulated
from tests.shims.micropython import ROOT, tool


@pytest.fixture
def desk():
    """A simulated module at the port; its Controller."""
    controller = simulated()
    with at_port(controller.module) as controller.port:
        yield controller


def run(desk, *arguments):
    return spwf04("pin", *arguments, "--port", desk.port)


def answer(desk, *arguments):
    done = run(desk, *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_pin_is_read_and_written(desk):
    desk.drive(5, 1)
    assert run(desk, "read", "5").out.split() == ["1"]
    assert answer(desk, "read", "5") == {"pin": 5, "level": 1}
    assert "GPIO4 is 1" in run(desk, "write", "4", "1").out
    assert desk.level_of(4) == 1
    assert answer(desk, "write", "4", "0") == {"pin": 4, "level": 0}
    assert desk.level_of(4) == 0


def test_changes_are_watched(desk):
    for n in range(400):
        desk.drive(5, n % 2, n * 100)
    found = answer(desk, "watch", "5", "--count", "3")
    assert found["pin"] == 5
    assert found["levels"] in ([0, 1, 0], [1, 0, 1])
    assert "GPIO5 is" in run(desk, "watch", "5", "-c", "1").out


def test_changes_until_ctrl_c_are_there_for_machines():
    controller = Controller()
    with PtyPort(controller.module) as line:
        process = subprocess.Popen(
            [tool("spwf04"), "pin", "watch", "5", "--json", "--port", line.path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        end = time.monotonic() + HANG
        while not [c for c in controller.log() if c.startswith("AT+S.GPIOC=5,in")]:
            assert process.poll() is None and time.monotonic() < end, process.communicate()
            threading.Event().wait(0.02)
        controller.drive(5, 1)
        threading.Event().wait(1)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=HANG)
        assert process.returncode == INTERRUPTED, said
        assert json.loads(out) == {"pin": 5, "levels": [1]}


def test_the_adc_is_read(desk):
    desk.apply(1, 1650)
    assert "1650 mV" in run(desk, "adc").out
    assert answer(desk, "adc", "1") == {"channel": 1, "millivolts": 0}


def test_what_cannot_be_is_said(desk):
    done = run(desk, "write", "7", "1")
    assert done.code == FAILED
    assert "WPS" in done.err
    for arguments in (["read", "21"], ["write", "4", "2"], ["adc", "3"], ["read", "x"]):
        assert run(desk, *arguments).code == USAGE
