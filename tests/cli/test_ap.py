"""ap: a network of the module's own."""

import json
import signal
import subprocess
import threading
import time

import pytest

from spwf04_cli.commands import radio
from spwf04_cli.output import USAGE
from spwf04_sim import PtyPort
from tests import HANG
from tests.cli import at_port, spwf04
from tests.shims.controller import Controller
from tests.shims.desk import simulated
from tests.shims.micropython import ROOT, tool

MAC = "02:00:00:00:00:01"
WORD = ("--password", "correct horse")


@pytest.fixture
def desk(monkeypatch):
    """A simulated module at the port; its Controller. The pause passes in virtual time."""
    controller = simulated()
    monkeypatch.setattr(radio.clock, "sleep", lambda s: controller.pass_time(s * 1000))
    monkeypatch.setattr(radio.clock, "monotonic", controller.clock.now)
    with at_port(controller.module) as controller.port:
        yield controller


def run(desk, *arguments, **more):
    return spwf04("ap", "door", *arguments, "--port", desk.port, **more)


def test_stations_are_shown_as_they_come_and_go(desk):
    desk.world.add_guest(MAC, "door", "correct horse")
    desk.module.after(9000, lambda: desk.module.wifi.miniap.leaves(MAC))
    done = run(desk, *WORD, "--time", "12")
    assert done.code == 0, done.err
    said = done.out.splitlines()
    assert said[0] == "door is on, the module's address is 192.168.0.50."
    assert said[1].startswith(f"{MAC} came")
    assert any("192.168.0.2" in line for line in said)
    assert said[-1] == f"{MAC} left"
    assert desk.made_network() == []


def test_for_machines(desk):
    desk.world.add_guest(MAC, "door", "correct horse")
    done = run(desk, *WORD, "--time", "8", "--json")
    assert json.loads(done.out) == {
        "ssid": "door",
        "address": "192.168.0.50",
        "stations": [{"mac": MAC, "address": "192.168.0.2"}],
    }


def test_an_open_network_has_to_be_asked_for(desk):
    done = run(desk, "--time", "0", stdin="\n")
    assert done.code == USAGE
    assert "--open" in done.err
    assert "WIFI=1" not in " ".join(desk.log())
    assert run(desk, *WORD, "--open", "--time", "0").code == USAGE
    assert "WIFI=1" not in " ".join(desk.log())
    assert run(desk, "--open", "--time", "0").code == 0
    assert "AT+S.SCFG=wifi_priv_mode,0" in desk.log()


def test_a_network_that_does_not_close_is_an_error(desk):
    desk.opens_its_network()
    done = run(desk, *WORD, "--time", "0")
    assert done.code != 0
    assert "AT+S.FCFG" in done.err
    assert desk.made_network() == []


def test_a_module_that_restarts_is_an_error(desk):
    desk.module.after(9000, lambda: desk.restart("watchdog"))
    done = run(desk, *WORD, "--time", "30")
    assert done.code != 0


def test_ctrl_c_ends_it():
    controller = Controller()
    with PtyPort(controller.module) as line:
        process = subprocess.Popen(
            [tool("spwf04"), "ap", "door", *WORD, "--port", line.path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        end = time.monotonic() + HANG
        while not [c for c in controller.log() if c.startswith("AT+S.PEERS")]:
            assert process.poll() is None and time.monotonic() < end, process.communicate()
            threading.Event().wait(0.02)
        assert controller.made_network() == [b"door", b"correct horse"]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=HANG)
        assert process.returncode == 0, said
        assert "It is off" in said
        assert controller.made_network() == []
