"""info, scan, join, time, ping."""

import getpass
import json
import os
import time
import warnings
from types import SimpleNamespace

import pytest

from spwf04_cli.commands import radio
from spwf04_cli.output import FAILED, NO_MODULE, USAGE
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated


@pytest.fixture
def desk():
    """A simulated module at the port; its Controller."""
    controller = simulated()
    controller.ntp()
    with at_port(controller.module) as controller.port:
        yield controller


def run(desk, *arguments, **more):
    return spwf04(*arguments, "--port", desk.port, **more)


def answer(desk, *arguments):
    done = run(desk, *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def joined(desk):
    assert run(desk, "join", "home", "--password", "correct horse").code == 0
    return desk


def test_info_is_the_same_for_people_and_machines(desk):
    found = answer(desk, "info")
    assert found["model"] == "SPWF04SA"
    assert found["joined"] is False
    said = run(desk, "info").out
    for name in ("model", "serial", "mac", "build"):
        assert found[name] in said
    assert "not joined" in said


def test_info_tells_the_network_and_the_clock(desk):
    joined(desk)
    said = run(desk, "info").out
    assert "home, address 192.168.1.23" in said
    assert "not set" not in said  # NTP set it


def test_scan_lists_networks_the_strongest_first(desk):
    found = answer(desk, "scan")
    assert [n["ssid"] for n in found][:2] == ["home", "nolease"]
    assert [n["rssi"] for n in found] == sorted([n["rssi"] for n in found], reverse=True)
    assert {n["security"] for n in found} == {"WPA2", "open"}
    assert "a,b|c" in run(desk, "scan").out


def test_a_network_s_name_cannot_command_the_terminal(desk):
    desk.world.add_access_point(b"\x1b[2J\x07[red]evil\xff")
    said = run(desk, "scan").out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[red]evil" in said
    assert any("evil" in n["ssid"] for n in answer(desk, "scan"))


def test_scan_without_networks(desk):
    desk.world.access_points.clear()
    assert "No network" in run(desk, "scan").out


def test_join_shows_the_address_and_stays_for_the_next_command(desk):
    found = answer(desk, "join", "home", "--password", "correct horse")
    assert found["address"] == "192.168.1.23"
    assert found["saved"] is False
    assert answer(desk, "info")["joined"]


def test_join_saves_when_asked(desk):
    assert run(desk, "join", "home", "--password", "correct horse", "--save").code == 0
    assert desk.module.flash.saved["wifi_ssid"] == "home"


def test_join_takes_the_password_from_stdin_the_environment_or_a_prompt(desk, monkeypatch):
    done = run(desk, "join", "home", "--password", "-", stdin="correct horse\n")
    assert done.code == 0
    assert run(desk, "join", "home", stdin="correct horse\n").code == 0
    monkeypatch.setenv("SPWF04_PASSWORD", "correct horse")
    assert run(desk, "join", "home").code == 0


def test_without_a_terminal_the_password_is_a_line_of_stdin(desk, monkeypatch):
    def no_terminal(prompt="", stream=None):
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, 2)

    monkeypatch.setattr("tests.cli._typed_unseen", no_terminal)
    assert run(desk, "join", "home", stdin="correct horse\n").code == 0
    done = run(desk, "join", "home")
    assert done.code == FAILED
    assert "Password of home is missing" in done.err and "pipe it" in done.err
    assert "GetPassWarning" not in done.err


def test_join_of_an_open_network_asks_nothing(desk):
    assert run(desk, "join", "open", "--open").code == 0


def test_a_refused_join_says_why_and_hides_the_password(desk):
    done = run(desk, "join", "home", "--password", "wrong horse", "--debug")
    assert done.code == FAILED
    assert "Check the password. If it is right" in done.err
    assert "radio." not in done.err
    assert "wrong horse" not in done.out + done.err


def test_a_network_that_is_not_there_is_named_with_what_to_do(desk):
    done = run(desk, "join", "nowhere", "--password", "whatever1")
    assert done.code == FAILED
    assert "was not found" in done.err
    assert "spwf04 scan" in done.err


@pytest.mark.parametrize("ssid", ["", "x" * 33, "a\rAT+S.RESET", "a\nb"])
def test_a_name_that_cannot_be_one_is_a_usage_error_and_nothing_is_sent(desk, ssid):
    before = [c for c in desk.module.log if "SSID" in c]
    done = run(desk, "join", ssid, "--password", "whatever1")
    assert done.code == USAGE
    assert [c for c in desk.module.log if "SSID" in c] == before


@pytest.mark.parametrize("word", ["short", "x" * 65, "a\rAT+S.RESET"])
def test_a_password_that_cannot_be_one_is_a_usage_error_without_it(desk, word):
    done = run(desk, "join", "home", "--password", word)
    assert done.code == USAGE
    assert word not in done.out + done.err


def test_the_clock_is_shown_and_set(desk, monkeypatch):
    now = int(time.time())  # this computer's clock stands still here; the module's goes on
    monkeypatch.setattr(radio, "clock", SimpleNamespace(time=lambda: now))
    assert "not set" in run(desk, "time").out
    found = answer(desk, "time", "--set")
    assert found["set"]
    assert abs(found["off"]) < 3
    assert abs(found["seconds"] - now) < 3
    assert "as this computer's" in run(desk, "time").out


def test_the_clock_by_ntp_needs_a_network(desk):
    done = run(desk, "time", "--ntp")
    assert done.code == FAILED
    assert "spwf04 time --set" in done.err
    joined(desk)
    assert answer(desk, "time", "--ntp")["set"]


def test_a_clock_that_is_wrong_is_told_by_how_much(desk):
    desk.module.set_clock(int(time.time()) - 86400 * 9)
    assert "9 days behind this computer's" in run(desk, "time").out
    assert run(desk, "time", "--set", "--ntp").code == USAGE


def test_ping_counts_what_was_answered(desk):
    joined(desk)
    found = answer(desk, "ping", "echo.example", "-c", "2")
    assert [r["answered"] for r in found["replies"]] == [True, True]
    assert found["unanswered"] == 0
    desk.deaf("nobody.example")
    done = run(desk, "ping", "nobody.example", "-c", "1")
    assert done.code == FAILED
    assert "no answer" in done.out


def test_ping_of_a_name_that_nobody_knows_and_without_a_network(desk):
    done = run(desk, "ping", "echo.example")
    assert done.code == FAILED
    assert "spwf04 join SSID" in done.err
    joined(desk)
    done = run(desk, "ping", "nowhere.example")
    assert done.code == FAILED
    assert "not found" in " ".join(done.err.replace("│", "").split())


def test_ping_of_what_is_no_name_is_a_usage_error(desk):
    for host in ("a,b", "a\rb", ""):
        assert run(desk, "ping", host).code == USAGE


def test_a_line_that_is_lost_in_the_midst_is_no_module(desk):
    joined(desk)
    desk.module.faults.add("hang", command="PING")
    done = run(desk, "ping", "echo.example", "--timeout", "1")
    assert done.code == NO_MODULE
    assert "radio.reset" not in done.err
    assert "switch it off and on" in " ".join(done.err.replace("│", "").split())


def test_a_networks_name_may_be_any_bytes(desk):
    """A name in Latin-1, as a shell hands it over."""
    name = b"gr\xfcn \xff"
    desk.world.add_access_point(name, "correct horse")
    typed = os.fsdecode(name)
    done = run(desk, "join", typed, stdin="correct horse\n")
    assert done.code == 0, done.err
    assert r"Joined gr\xfcn \xff" in done.out
    assert r"Password of gr\xfcn \xff" in done.err
    assert desk.module.variables["wifi_ssid"].encode("utf-8", "surrogateescape") == name
