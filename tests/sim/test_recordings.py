"""Recordings of a real module, played against the simulated one."""

import functools
import pathlib
import subprocess

import pytest

from spwf04 import SPWF04
from spwf04.at.trace import record, stop
from spwf04_sim import Quirks, SimulatedModule, VirtualClock, World, each_alone
from spwf04_sim.logs import reader
from spwf04_sim.recordings import certificates
from spwf04_sim.recordings.check import check, files, report, verify
from spwf04_sim.recordings.past import past_of
from spwf04_sim.recordings.play import Player
from spwf04_sim.recordings.steps import steps_of
from tests import sample
from tests.cli import spwf04
from tests.cli.logs import FORMS, PSK, Session
from tests.faults.exchanges import Stage
from tests.shims.micropython import tool

FOLDER = pathlib.Path(__file__).parent / "recordings"


@pytest.mark.parametrize("path", files(FOLDER), ids=lambda p: p.stem)
def test_the_simulated_module_says_what_the_real_one_said(path):
    verify(path)


def morning(quirks=None):
    """What a host and a module say of an evening: a little of everything."""
    session = Session(quirks=quirks)
    session.power_on()
    for line in (
        "AT",
        "AT+S.GCFG=console_delimiter",
        "AT+S.STS=ip_ipaddr",
        "AT+S.TIME",
        "AT+S.SSIDTXT=home",
        f"AT+S.SCFG=wifi_wpa_psk_text,{PSK}",
        "AT+S.SCFG=wifi_mode,1",
        "AT+S.WCFG",
    ):
        session.type(line)
    session.type("AT+S.RESET", wait=6)
    session.type("AT+S.SCAN=s,", wait=3)
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type("AT+S.SOCKW=0,18", b"GET / HTTP/1.0\r\n\r\n")
    for line in ("SOCKL", "SOCKR=0,10", "SOCKC=0", "SOCKR=0,", "SOCKR=0,", "SOCKC=0", "SOCKQ=0"):
        session.type("AT+S." + line)
    session.type("AT+S.SOCKW=0,4", b"ping\r")
    session.type("AT+S.FSC=a.txt,5", b"hello")
    for line in ("FSL", "HASH=0,a.txt", "TLSCERT=content,1", "PING=1,56,www.example.com", "NTP"):
        session.type("AT+S." + line, wait=2)
    session.type("AT+S.WIFI=0")
    session.type("AT+S.WIFI=1", wait=6)
    return session.said


@functools.cache
def usual_morning():
    """A morning under the default readings."""
    return morning()


def told(data, **more):
    """The report of a log, a list of lines."""
    return list(report(check(data, **more)))


# What is derived from a log ------------------------------------------------------------------
@pytest.mark.parametrize("form", FORMS)
def test_a_log_of_the_simulated_module_agrees_with_it_in_every_form(form):
    result = check(FORMS[form](usual_morning()), explain=False)
    assert list(report(result))[1:] == ["The simulated module answers likewise."]
    assert (result.commands, result.indications) == (28, 29)


def test_a_recording_of_the_driver_agrees():
    stage = Stage(joined=False)
    lines = []
    record(stage.radio, lines.append)
    stage.radio.connect("home", "correct horse")
    stage.connect()
    stage.sock.sendall(b"ping")
    stage.receive(4)
    stage.sock.close()
    stop(stage.radio)
    text = "".join(lines)
    assert "correct" not in text
    assert told(text.encode())[1:] == ["The simulated module answers likewise."]


def test_a_recording_of_the_driver_may_begin_with_a_boot():
    world = World()
    world.add_access_point("home", "correct horse")
    module = SimulatedModule(world, clock=VirtualClock(), quirks=Quirks(reset_ok=True))
    module.power_on()
    radio = SPWF04(module.uart(), clock=module.clock)
    lines = []
    record(radio, lines.append)
    radio.reset()
    radio.connect("home", "correct horse")
    radio.channel.command(b"AT+S.GCFG\r")
    stop(radio)
    found = check("".join(lines).encode()).differences
    assert [(d.recorded, d.agrees) for d in found] == [("AT-S.OK", [("reset_ok", True)])]


def test_a_recording_of_a_program_that_asks_while_the_module_boots_agrees(tmp_path):
    """Its first commands are lost, and its radio begins to look for a network meanwhile."""
    world = World()
    world.add_access_point("home", "correct horse")
    module = SimulatedModule(world, clock=VirtualClock())
    module.power_on()
    file = str(tmp_path / "report.txt")
    radio = SPWF04(module.uart(), clock=module.clock, debug=record(file))
    radio.connect("home", "correct horse")
    stop(radio)
    text = (tmp_path / "report.txt").read_bytes()
    assert b"+WIND:21:" in text.partition(b"WIFI=0")[0]
    assert told(text)[1:] == ["The simulated module answers likewise."]


def test_a_difference_in_a_capture_of_bytes_has_a_line():
    text = b"AT+S.STS=build\r\nAT-S.OK\r\nAT+S.WIFI=0\r\nAT-S.OK\r\n+WIND:38:Asleep\r\n"
    assert [d.place for d in check(text, explain=False).differences] == [1, 5]


def test_a_log_without_commands_is_told():
    boot = b"+WIND:1:Poweron:171117-0328fe3-SPWF04S\n+WIND:0:Console active\n"
    assert told(boot)[1].startswith("It has no commands")


def test_only_switches_that_matter_are_tried(monkeypatch):
    played = []
    play = Player.play
    monkeypatch.setattr(Player, "play", lambda self, *a: (played.append(self), play(self, *a)))
    check(WIND2)
    assert len(played) < 60


def past(text):
    return past_of(steps_of(reader.read(text.encode())))


def test_the_module_is_the_one_of_the_log():
    made = past(
        "+WIND:1:Poweron:170216-fd39c59-SPWF04S\n"
        "+WIND:13:Copyright (c) 2012-2017 STMicroelectronics, Inc. All rights Reserved:SPWF04SC\n"
        "+WIND:0:Console active\n+WIND:32:WiFi Hardware Started\n"
        "AT+S.GCFG\nAT-S.Var:nv_serial=4711\nAT-S.Var:blink_led=0\nAT-S.OK\n"
        "AT+S.SCFG=wifi_tx_power,6\nAT-S.OK\n"
        "AT+S.GCFG=wifi_tx_power\nAT-S.Var:wifi_tx_power=6\nAT-S.OK\n"
    )
    assert (made.firmware, made.variant) == ("170216-fd39c59", "SC")
    assert made.variables == {"nv_serial": "4711"}
    assert made.saved == {"blink_led": "0", "wifi_mode": "0"}
    assert (made.powered, made.state) == (True, "quiet")


def test_the_networks_are_those_of_the_log():
    made = past(
        "+WIND:1:Poweron:171117-0328fe3-SPWF04S\n+WIND:0:Console active\n"
        "+WIND:32:WiFi Hardware Started\n"
        "AT+S.SCAN=s,\nAT-S.Parsing Networks:2\n"
        "1:\t BSS 98:DE:D0:EA:4C:62 CHAN: 06 RSSI: -47 SSID: 'mine' CAPS: 0431 WPA2 \n"
        "2:\t BSS 98:DE:D0:EA:4C:63 CHAN: 11 RSSI: -71 SSID: 'it's' CAPS: 0421 \nAT-S.OK\n"
        "AT+S.WIFI=1\nAT-S.OK\n+WIND:19:WiFi Join:98:DE:D0:EA:4C:62\n"
        "+WIND:25:WiFi Association successful:mine\n+WIND:24:WiFi Up:0:10.1.2.3\n"
    )
    mine, its = made.points
    assert (mine.ssid, mine.security, mine.lease) == (b"mine", "WPA2", "10.1.2.3")
    assert (its.ssid, its.security, its.channel, its.rssi) == (b"it's", "open", 11, -71)


def test_a_log_may_begin_in_the_middle_of_a_session():
    made = past("+WIND:55:Pending Data::1:5:5\nAT+S.SOCKR=1,\nAT-S.Reading:5:5\nhelloAT-S.OK\n")
    assert (made.state, made.sockets) == ("joined", 2)


@pytest.mark.parametrize("size", [860, 891, 969, 1000, 1239, 2037])
def test_a_ca_has_the_length_and_the_identifier_of_the_log(size):
    for pem in (False, True):
        made = certificates.authority(b"\x7f" * 20, max(size, 1500 if pem else 0), pem)
        assert len(made) == max(size, 1500 if pem else 0)


# Differences ---------------------------------------------------------------------------------
_SEEN = """reset_ok reset_wind2 ok_suffix error_text boot_order wind46_colon refused_payload
delimiter_format sts_down_ip date_separator date_weekday ntp_command scan_first_index
reading_second sockr_empty sockr_surplus sockl_fields content_text default_volume hash_format
fsl_first_line ping_result""".split()
_ALL = [(name, value, quirks) for name, value, quirks in each_alone() if name in _SEEN]
_READINGS = sample(_ALL, 12, "recordings")


@pytest.mark.parametrize(("name", "value", "quirks"), _READINGS)
def test_the_switch_that_explains_a_difference_is_found(name, value, quirks):
    data = FORMS["markers"](morning(quirks))
    before = check(data, explain=False)
    after = check(data, {name: value}, explain=False)
    assert after.differences == []
    if not before.differences:  # in this session it makes none
        assert (name, value) in [("content_text", "ski")]


def test_a_difference_is_shown_with_the_switch_that_explains_it():
    lines = told(
        b"AT+S.SCFG=wifi_mode,0\nAT-S.OK\nAT+S.RESET\nAT-S.OK\n+WIND:2:Reset\n"
        b"+WIND:1:Poweron:171117-0328fe3-SPWF04S\n"
    )
    assert lines[1:] == [
        "line 4: AT+S.RESET",
        "    recorded:  AT-S.OK",
        "    simulated: (nothing)",
        "    agrees with reset_ok=True",
        "line 5: AT+S.RESET",
        "    recorded:  +WIND:2:Reset",
        "    simulated: (nothing)",
        "    agrees with reset_wind2=True",
        "Differences: 2, explained: 2.",
    ]


def test_a_difference_that_no_switch_explains_is_told_so():
    lines = told(b"AT+S.WIFI=0\nAT-S.OK\n+WIND:38:Asleep\n")
    assert lines[1:] == [
        "line 3: AT+S.WIFI=0",
        "    recorded:  +WIND:38:Asleep",
        "    simulated: +WIND:38:WiFi Powered Down",
        "    no switch explains it",
        "Differences: 1, explained: 0.",
    ]


def test_what_differs_from_module_to_module_does_not_count():
    lines = told(
        b"AT+S.STS=free_heap\nAT-S.Var:free_heap=31234\nAT-S.OK\n"
        b"AT+S.TIME\nAT-S.Date:18.02.28:3\nAT-S.Time:17.59.01\nAT-S.OK\n"
        b"AT+S.GCFG=nv_serial\nAT-S.Var:nv_serial=0815\nAT-S.OK\n"
    )
    assert lines[1:] == ["The simulated module answers likewise."]


def test_an_answer_that_is_missing_in_a_recording_of_the_driver_is_a_difference():
    result = check(b"10 > AT\n5000 > AT\n5002 < AT-S.OK\n", explain=False)
    assert [(d.recorded, d.simulated) for d in result.differences] == [(None, "AT-S.OK")]
    # but people leave out what does not matter to them
    assert check(b"AT\nAT\nAT-S.OK\n", explain=False).differences == []


def test_commands_that_were_sent_without_waiting_are_played_so():
    text = b"10 > AT\n10 > AT+S.STS=fw_version\n12 < AT-S.OK\n"
    text += b"15 < AT-S.Var:fw_version=1.1.0\n15 < AT-S.OK\n"
    assert check(text, explain=False).differences == []


def test_a_silence_between_indication_and_command_is_kept():
    """70 ms after WIND 0 the radio is not up yet: WIFI=0 gets error 18."""
    text = (
        "0 < +WIND:1:Poweron:171117-0328fe3-SPWF04S\n0 < +WIND:13:Copyright (c) 2012-2017 "
        "STMicroelectronics, Inc. All rights Reserved:SPWF04SA\n250 < +WIND:0:Console active\n"
        "250 < +WIND:3:Watchdog Running:20\n%d > AT+S.WIFI=0\n%d < AT+S.WIFI=0\n%d < %s\n"
        "%d < +WIND:32:WiFi Hardware Started\n"
    )
    early = text % (320, 322, 323, "AT-S.ERROR:18:Radio not running", 600)
    assert check(early.encode(), explain=False).differences == []
    late = text % (900, 902, 903, "AT-S.ERROR:18:Radio not running", 950)
    assert check(late.encode(), explain=False).differences != []


def test_secrets_of_a_log_are_not_shown():
    text = b"AT+S.SCFG=wifi_wpa_psk_text,hunter2\nAT-S.ERROR:4:Variable not found\n"
    text += b"AT+S.GCFG=wifi_wpa_psk_text\nAT-S.Var:wifi_wpa_psk_text=hunter2\nAT-S.OK\n"
    text += b"AT+S.HTTPGET=h.example,/hunter2,80,0,,,,\nAT-S.ERROR:5:\n"
    lines = told(text, explain=False)
    assert "Differences" in lines[-1]
    assert "hunter2" not in "".join(lines)


def test_a_command_of_which_a_part_is_masked_is_not_sent():
    result = check(b"10 > AT+S.HTTPGET=host.example,********\n20 < AT-S.OK\n", explain=False)
    assert result.differences == []
    assert result.skipped == [(1, "AT+S.HTTPGET=********")]


# TLS -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [5, 11, 22, 23])
def test_the_server_is_one_that_is_refused_as_in_the_log(number):
    result = check(
        b"AT+S.SOCKON=a.example,443,,a.example\nAT-S.Certificate Error:%d\n"
        b"AT-S.ERROR:74:Failed to open socket\n" % number,
        explain=False,
    )
    assert result.differences == []


# Known differences ---------------------------------------------------------------------------
WIND2 = b"AT+S.RESET\n+WIND:2:Reset\n+WIND:1:Poweron:171117-0328fe3-SPWF04S\n"


def test_a_difference_has_to_be_known(tmp_path):
    path = tmp_path / "boot.txt"
    path.write_bytes(WIND2)
    with pytest.raises(AssertionError, match="agrees with reset_wind2=True"):
        verify(path)
    beside = tmp_path / "boot.txt.known"
    beside.write_text("# why\nline 2: nobody knows\n")
    verify(path)
    beside.write_text("switch reset_wind2=True\n")
    verify(path)
    beside.unlink()
    path.write_bytes(b"# the source\n# switch reset_wind2=True\n" + WIND2)
    verify(path)
    assert files(tmp_path) == [path]


@pytest.mark.parametrize("words", ["line 3: it was so once", "switch reset_ok=True"])
def test_a_known_difference_that_does_not_occur_fails(words, tmp_path):
    path = tmp_path / "boot.txt"
    path.write_bytes(b"AT+S.WIFI=0\nAT-S.OK\n+WIND:38:WiFi Powered Down\n")
    (tmp_path / "boot.txt.known").write_text(words + "\n")
    with pytest.raises(AssertionError, match="it does not occur"):
        verify(path)


def test_a_known_difference_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "boot.txt").write_bytes(WIND2)
    for words, told_of in (
        ("line two: it was so", "known:2: line two: it was so: neither switch NAME=READING nor"),
        ("switch reset_ok=perhaps", "known:2: reset_ok has no reading perhaps; There are: False"),
        ("switch reset_okk=True", "known:2: no switch reset_okk; do you mean reset_ok"),
    ):
        (tmp_path / "boot.txt.known").write_text("# why\n" + words)
        with pytest.raises(ValueError, match=told_of):
            verify(tmp_path / "boot.txt")


# From a shell --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (WIND2, 0),
        (b"AT+S.WIFI=0\nAT-S.OK\n+WIND:38:Asleep\n", 1),
        (b"Dear diary,\n", 2),
        (b"AT+S.WIND:0:Console active:<wifistate=Hardware power up>:\n", 2),
    ],
)
def test_the_exit_code_says_whether_all_is_explained(text, code, tmp_path):
    path = tmp_path / "log.txt"
    path.write_bytes(text)
    command = [tool("python"), "-m", "spwf04_sim", "--recording", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert spwf04("sim", "--recording", str(path)).code == code


def test_a_switch_can_be_given(tmp_path):
    path = tmp_path / "log.txt"
    path.write_bytes(WIND2)
    command = [tool("python"), "-m", "spwf04_sim", "--quirk", "reset_wind2=True"]
    done = subprocess.run(
        [*command, "--recording", str(path)], capture_output=True, text=True, check=False
    )
    assert "answers likewise" in done.stdout


def test_a_file_that_is_not_there_is_told():
    assert spwf04("sim", "--recording", "nowhere.txt").code == 2


def test_a_world_and_a_recording_do_not_go_together():
    assert spwf04("sim", "bench.toml", "--recording", "nowhere.txt").code == 2


def test_the_likeliest_readings_are_played_by_default():
    assert check(WIND2).differences[0].agrees == [("reset_wind2", True)]
    assert Quirks().reset_wind2 is False


@pytest.mark.parametrize("start", ["> AT+S.RESET\n", "> AT+S.SOCKON", "> AT+S.FSC", "< AT-S.OK\n"])
def test_the_end_of_a_log_alone_can_be_played(start):
    text = FORMS["markers"](morning()).decode()
    whole = check(text.encode(), explain=False)
    part = check(text[text.index(start) :].encode(), explain=False)
    assert whole.differences == part.differences == []
