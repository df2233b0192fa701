"""Power modes: what the module tells, when it listens, and what it draws."""

import pytest

from spwf04_sim import EchoPeer, World
from tests.sim.console import ask, booted, error, joined, said, value

SLEEPY = {"sleep_enabled": "1"}
STANDBY = {"standby_enabled": "1", "standby_time": "30"}
ORDERS = [("before", "OW"), ("after", "WO"), ("none", "W")]


def order(text, wind):
    """The order of OK and a WIND in what the module said, such as "OW"."""
    found = {"O": text.find("AT-S.OK"), "W": text.find(f"+WIND:{wind}:")}
    return "".join(sorted((k for k in found if found[k] >= 0), key=found.get))


@pytest.mark.parametrize(("reading", "seen"), ORDERS)
def test_ok_and_the_indication_come_in_the_order_of_the_reading(reading, seen):
    for mode, wind, saved in (
        (0, 32, {}),
        (1, 66, {}),
        (2, 69, SLEEPY),
        (3, 67, STANDBY),
    ):
        module = booted(saved, pms_ok=reading)
        assert order(ask(module, f"AT+S.PMS={mode}"), wind) == seen, mode


def test_active_restarts_the_radio():
    module = joined()
    assert module.wifi.ip
    text = ask(module, "AT+S.PMS=0", 1)
    assert text.index("+WIND:32:") < text.index("+WIND:24:WiFi Up:0:")
    assert module.power.state == "active"


def test_power_save_keeps_the_connection():
    world = World()
    world.route("echo.example", 7, EchoPeer)
    module = joined(world=world)
    ask(module, "AT+S.SOCKON=echo.example,7,,t")
    assert "+WIND:66:" in ask(module, "AT+S.PMS=1")
    assert module.power.state == "powersave"
    module.receive(b"AT+S.SOCKW=0,5\rhello")
    assert "AT-S.OK" in said(module)
    assert "hello" in ask(module, "AT+S.SOCKR=0,5")


@pytest.mark.parametrize(
    ("reading", "answer", "sleeps"),
    [("refused", "ERROR:7:", False), ("obeyed", "OK", True), ("ignored", "OK", False)],
)
def test_a_mode_that_the_configuration_does_not_allow(reading, answer, sleeps):
    for mode, state in ((2, "sleep"), (3, "standby")):
        module = booted(pms_disabled=reading, pms_ok="before")
        assert ask(module, f"AT+S.PMS={mode}").startswith("AT-S." + answer)
        assert (module.power.state == state) == sleeps


@pytest.mark.parametrize(
    ("reading", "in_standby", "in_sleep"),
    [("standby", True, False), ("always", True, True), ("never", False, False)],
)
def test_where_nuls_come(reading, in_standby, in_sleep):
    assert ("\0" in ask(booted(STANDBY, wake_nuls=reading), "AT+S.PMS=3")) == in_standby
    module = booted(SLEEPY, wake_nuls=reading)
    ask(module, "AT+S.PMS=2")
    module.pins.drive(6, 1)
    assert ("\0" in said(module)) == in_sleep


@pytest.mark.parametrize("line", ["AT+S.PMS=4", "AT+S.PMS=x"])
def test_there_are_four_modes(line):
    assert error(booted(), line) == 7


def test_a_sleeping_module_takes_nothing_and_says_nothing_until_it_is_woken():
    module = booted(SLEEPY, wake_nuls="always")
    assert "+WIND:69:" in ask(module, "AT+S.PMS=2")
    assert module.power.asleep
    assert ask(module, "AT", 5) == ""
    module.wind(33, "WiFi Network Lost")
    assert said(module) == ""
    module.pins.drive(6, 1)
    text = said(module)
    assert text.startswith("\0")
    assert text.strip("\0").startswith("+WIND:53:")
    assert text.index("+WIND:53:") < text.index("+WIND:70:")
    assert "AT-S.OK" not in text  # what came while it slept is lost
    assert ask(module, "AT") == "AT-S.OK\r\n"


def test_a_wakeup_is_told_by_66_in_another_reading():
    module = booted(SLEEPY, wake_wind=66)
    ask(module, "AT+S.PMS=2")
    module.pins.drive(6, 1)
    text = said(module)
    assert "+WIND:53:" not in text
    assert text.index("+WIND:66:") < text.index("+WIND:70:")


def test_it_sleeps_when_the_wake_up_line_falls_and_again_each_time():
    module = booted(SLEEPY, pms_ok="before")
    module.pins.drive(6, 1)
    said(module)
    assert ask(module, "AT+S.PMS=2") == "AT-S.OK\r\n"
    module.pins.drive(6, 0)
    assert "+WIND:69:" in said(module)
    module.pins.drive(6, 1, after=1)
    module.pins.drive(6, 0, after=2)
    text = said(module, 3)
    assert text.index("+WIND:70:") < text.index("+WIND:69:")
    module.pins.drive(6, 1)
    said(module)
    ask(module, "AT+S.PMS=0")
    module.pins.drive(6, 0)
    assert "+WIND:69:" not in said(module)


def test_data_that_arrive_while_it_sleeps_are_told_when_it_wakes():
    world = World()
    peers = []
    world.route("echo.example", 7, lambda: peers.append(EchoPeer()) or peers[-1])
    module = joined(SLEEPY, world=world)
    ask(module, "AT+S.SOCKON=echo.example,7,,t")
    ask(module, "AT+S.PMS=2")
    peers[0].send(b"hello")
    assert "+WIND:55:" not in said(module)
    module.pins.drive(6, 1)
    assert "+WIND:55:Pending Data::0:5:5" in said(module)


def test_standby_ends_with_a_start_after_its_time():
    module = booted(STANDBY)
    ask(module, "AT+S.SCFG=ip_hostname,door")
    module.receive(b"AT+S.FSC=x,1\rx")
    said(module)
    assert "+WIND:67:" in ask(module, "AT+S.PMS=3")
    assert module.power.state == "standby"
    assert not module.listens
    assert ask(module, "AT", 29).strip("\0") == ""
    text = said(module, 3)
    assert text.index("+WIND:68:") < text.index("+WIND:1:") < text.index("+WIND:0:")
    assert module.variables["ip_hostname"] != "door"
    assert not module.flash.files
    assert value(module, "reset_reason", "STS") == "4"


def test_the_reset_line_ends_standby():
    module = booted(STANDBY)
    ask(module, "AT+S.PMS=3")
    module.reset_pin(0)
    module.reset_pin(1)
    assert "+WIND:0:" in said(module)
    assert module.power.state == "active"
    assert "+WIND:68:" not in said(module, 60)


def test_the_battery_knows_each_state_and_its_charge():
    module = booted({**SLEEPY, **STANDBY})
    module.clock.longest = 1000  # hours pass
    start = module.power.charge()
    before = module.power.seconds()
    said(module, 3600)
    assert module.power.seconds()["active"] - before["active"] == pytest.approx(3600, abs=1)
    assert module.power.charge() - start == pytest.approx(105, rel=0.01)
    ask(module, "AT+S.PMS=2")
    said(module, 3600)
    assert module.power.seconds()["sleep"] == pytest.approx(3600, abs=1)
    module.pins.drive(6, 1)
    said(module)
    assert int(value(module, "system_sleeptime", "STS")) == 3600
    drawn = module.power.charge()
    module.power_off()
    said(module, 3600)
    assert module.power.charge() == drawn
    assert module.power.state == "off"
    assert module.power.seconds()["off"] >= 3600


def test_a_line_that_was_cut_for_a_while_is_there_again_after_a_start_or_standby():
    for begin in ("AT+S.PMS=3", "AT+S.RESET"):
        module = booted(STANDBY)
        module.unplug(3000)
        ask(module, begin)
        module.line.take_in(begin.encode() + b"\r")  # as if the host's bytes still arrived
        assert said(module, 2) == ""
        said(module, 32)
        assert ask(module, "AT") == "AT-S.OK\r\n"
