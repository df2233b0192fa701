"""spwf04 sim, and --port sim."""

import json
import subprocess
from unittest import mock

import pytest
import serial

from spwf04 import SPWF04
from spwf04_cli import output
from tests import HANG
from tests.cli import spwf04
from tests.cli.benches import says
from tests.shims.micropython import tool

WORLD = """
[timing]
fast = true
[[access_point]]
ssid = "home"
[[module]]
name = "one"
[[module]]
name = "two"
serial = "4711"
powered = false
"""


@pytest.fixture
def world(tmp_path):
    path = tmp_path / "world.toml"
    path.write_text(WORLD)
    return str(path)


@pytest.fixture
def at_once():
    """The command ends as soon as it has printed its ports."""
    with mock.patch("spwf04_cli.commands.sim._ended", lambda: True):
        yield


def test_the_modules_of_a_file_are_told_for_machines(world, at_once):
    done = spwf04("sim", world, "--json")
    assert done.code == output.DONE
    one, two = json.loads(done.out)
    assert (one["name"], one["serial"], one["powered"]) == ("one", "17111984", True)
    assert (two["name"], two["serial"], two["powered"]) == ("two", "4711", False)
    assert one["port"].startswith("/dev/")
    assert two["mac"] == "00:80:E1:BD:00:3A"


def test_without_a_file_there_is_one_module(at_once):
    (only,) = json.loads(spwf04("sim", "--json").out)
    assert only["serial"] == "17111984"


def test_another_program_uses_the_port_and_its_commands_are_shown_without_secrets(world):
    command = [tool("spwf04"), "sim", world]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            path = next(line.split()[-1] for line in lines if "/dev/" in line)
            with serial.Serial(path, timeout=0) as uart:
                radio = SPWF04(uart)
                radio.set("wifi_wpa_psk_text", "hunter22")
                radio.set("ip_hostname", "last")
            seen = [next(lines)]
            while "last" not in seen[-1]:
                seen.append(next(lines))
        finally:
            process.terminate()
    assert "one > AT+S.SCFG=wifi_wpa_psk_text,********\n" in seen
    assert "hunter22" not in "".join(seen)


def test_ctrl_c_ends_it(world):
    command = [tool("spwf04"), "sim", world, "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in iter(process.stdout.readline, ""):
            if "two (off)" in line:
                break
        process.send_signal(2)
        assert process.wait(HANG) == output.DONE


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a long path would be wrapped
    (tmp_path / "world.toml").write_text('[[access_point]]\nname = "home"\n')
    done = spwf04("sim", "world.toml")
    assert done.code == output.USAGE
    assert says(done.err, "world.toml:2: access_point 1, name: no such key")
    assert says(done.err, "world.toml:1: access_point 1: ssid is missing")


def test_a_module_of_a_file_is_a_port_of_other_commands(world):
    assert json.loads(spwf04("info", "--port", f"sim:{world}", "--json").out)["hostname"]
    done = spwf04("info", "--port", f"sim:{world}#two")
    assert done.code == output.NO_MODULE  # it is not powered


def test_a_name_that_the_file_does_not_have_is_told(world):
    done = spwf04("info", "--port", f"sim:{world}#three")
    assert done.code == output.NO_MODULE
    assert "It has: one, two" in done.err


def test_what_is_no_command_is_not_shown(world):
    from spwf04_sim.desk.serve import command

    assert command("-----BEGIN EC PRIVATE KEY-----") == "(30 bytes that are no command)"
    assert command("AT+S.SSIDTXT=\x1b[2J") == "AT+S.SSIDTXT=\\x1b[2J"
