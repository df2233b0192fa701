"""Restarts, lost bytes and other trouble on the line, as a log shows them."""

import pytest

from spwf04.at.trace import record, stop
from spwf04_cli.reference import INDICATIONS, advice
from spwf04_sim import FAULTS
from spwf04_sim.parts.tables import ERRORS
from tests.cli.logs import FORMS, HELLO, Session, findings, joined, published, raw, started
from tests.faults.exchanges import Stage


# Restarts -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reason", "why"), [("reset", None), ("hardfault", "crashed"), ("watchdog", "watchdog")]
)
def test_a_restart_nobody_asked_for(reason, why):
    session = started()
    session.module.restart(reason)
    session.wait(2)
    found = findings(raw(session.said))["restart"]
    assert "power supply" in found.do
    assert why is None or why in found.why[0]


def test_a_start_and_a_reset_by_command_are_not_restarts():
    session = started()
    session.type("AT+S.RESET", wait=3)
    session.type("AT")
    assert findings(raw(session.said)) == {}


def test_a_restart_after_files_were_in_use():
    text = "AT+S.FSD=a\nAT-S.ERROR:56:Unable to delete file\n+WIND:1:Poweron:171117-0328fe3\n"
    assert "web server" in findings(text)["restart"].why[0]


def test_a_command_that_a_restart_cut_off():
    text = "AT+S.FSD=a\n+WIND:1:Poweron:171117-0328fe3-SPWF04S\n+WIND:0:Console active\n"
    assert "FSD" in findings(text)["lost-command"].what


@pytest.mark.parametrize(("number", "why"), [("0", "GPIO0"), ("1", "damaged")])
def test_a_lost_configuration(number, why):
    text = f"+WIND:1:Poweron:171117-0328fe3-SPWF04S\n+WIND:65:Factory Reset:{number}\n"
    found = findings(text)["factory-reset"]
    assert why in found.why[0]
    assert "power supply" in found.do


def test_a_start_that_is_interrupted():
    session = Session()
    session.module.power_on()
    session.wait(0.2)
    session.module.restart()
    session.wait(2)
    assert "first second" in findings(raw(session.said))["interrupted-boot"].do


def test_a_reset_that_the_host_blocks():
    session = started()
    session.module.faults.add("reset_blocked")
    session.type("AT+S.RESET", wait=9)
    assert "open drain" in findings(raw(session.said))["silent-reset"].do


def test_a_configuration_it_does_not_start_with_and_a_strap():
    text = "+WIND:7:Configuration Failure:%d\n+WIND:1:Poweron:171117-0328fe3-SPWF04S\n"
    assert findings(text % 3)["configuration"].weight == "error"
    assert findings(text % 10)["console-strap"].weight == "note"


def test_old_firmware():
    assert "1.0.0" in published("b2_boot_scan_loop")["old-firmware"].what


def test_a_radio_that_does_not_work():
    text = "+WIND:5:WiFi Hardware Failure:1\n"
    assert "WIND 5" in findings(text)["radio"].what


# The line -------------------------------------------------------------------------------------
def test_a_payload_that_is_too_short_leaves_the_module_waiting():
    session = joined()
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type("AT+S.SOCKW=0,41", b"GET / HTTP/1.1\r\n")
    session.type("AT+S.SOCKQ=0")
    found = findings(raw(session.said))["open-payload"]
    assert "41 bytes were announced, 16 sent" in found.what
    assert "the 25 that are missing" in found.do


def test_a_line_feed_before_the_payload():
    text = b"AT+S.SOCKW=0,4\r\npingAT+S.SOCKQ=0\r\n"
    assert "LF" in findings(text)["line-feed"].what


def test_a_payload_that_is_too_long():
    session = joined()
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type("AT+S.SOCKW=0,4", b"ping\rpong\r")
    assert "long-payload" in findings(raw(session.said))


def test_a_refused_payload_that_became_commands():
    session = joined()
    session.type("AT+S.SCFG=console_echo,0")
    session.type("AT+S.SOCKW=3,12", b"hello\rworld\r")
    found = findings(raw(session.said, "<"))
    assert "error" in found
    found = findings(b"AT+S.SOCKW=3,12\r\nAT-S.ERROR:76:\r\nAT-S.ERROR:1:Command not found\r\n")
    assert "SOCKW was refused" in found["refused-payload"].what


def test_a_command_without_an_answer():
    text = "AT+S.TLSCERT=content,2\nAT+S.WIFI=1\nAT-S.OK\n"
    assert "TLSCERT" in findings(text)["no-answer"].what


def test_commands_that_do_not_wait_for_answers():
    text = b"AT+S.WIFI=1\rAT+S.STS=build\rAT-S.OK\r\nAT-S.OK\r\n"
    assert "Send one command at a time" in findings(text)["burst"].do


def test_a_log_that_ends_too_early():
    assert "HTTPGET" in published("t2_amazon")["ends"].what


def test_rubbish_all_over_is_the_rate():
    rubbish = bytes(b * 37 % 256 | 0x80 for b in b"+WIND:1:Poweron:171117\r\n" * 4)
    assert "115200" in findings(rubbish)["baud-rate"].do


def test_a_little_rubbish_is_noise():
    session = started()
    data = raw(session.said) + b"\xff\xfe\xff\r\n"
    assert findings(data)["noise"].weight == "warning"


def test_rubbish_after_the_rate_was_changed():
    data = b"AT+S.SCFG=console_speed,921600\r\nAT-S.OK\r\n\xff\xfe\xff\xff"
    assert "console_speed" in findings(data)["noise"].do


def test_bytes_that_got_lost_on_their_way_from_the_module():
    text = b"AT+S.SOCKR=0,31\r\nAT-S.Reading:31:31\r\n" + HELLO[:20] + b"AT-S.OK\r\n+WIND:14:\r\n"
    assert "20 are in the log" in findings(text)["lost-bytes"].what


def test_the_driver_that_ended_an_open_payload():
    stage = Stage()
    written = []
    record(stage.radio, written.append)
    stage.connect()
    stage.module.faults.add("drop", way=">", at=len("AT+S.SOCKW=0,20") + 5)
    with pytest.raises(OSError):
        stage.sock.sendall(b"a secret of the user")
    stage.radio.get("nv_model")
    stop(stage.radio)
    assert "recovery" in findings("".join(written))


def test_commands_of_the_older_module():
    assert "SPWF01" in findings("AT+S.SETTIME=1\nAT-S.ERROR:1:\n")["spwf01"].what
    assert "SPWF01" in findings("AT+S.SCFG=localecho1,0\nAT-S.ERROR:4:\n")["spwf01"].what
    assert "SPWF01" in findings("AT+S.WIFI=1\nOK\n")["spwf01"].what


def test_a_command_that_does_not_exist():
    assert "AT+S.FOO" in findings("AT+S.FOO=1\nAT-S.ERROR:1:\n")["unknown-command"].what


def test_a_line_that_is_too_long():
    assert "512" in findings(f"AT+S.SSIDTXT={'x' * 600}\nAT-S.ERROR:32:\n")["long-line"].do


@pytest.mark.parametrize("number", [n for n in ERRORS if n not in (1, 17, 18, 44, 75, 77)])
def test_every_other_error_is_told_with_what_to_do(number):
    text = f"AT+S.STS=build\nAT-S.ERROR:{number}:{ERRORS[number]}\n"
    (found,) = findings(text).values()
    assert str(number) in found.what
    assert found.do == advice(number)


BAD = [n for n, known in INDICATIONS.items() if known.weight == "bad"]


@pytest.mark.parametrize("number", BAD)
def test_every_indication_that_is_marked_bad_is_told_with_what_to_do(number):
    """It is told at the end of a log, too: most logs that people ask about end with it."""
    text = f"AT+S.SOCKL\nAT-S.List:0:t:1\nAT-S.OK\n+WIND:{number}:Something:1\n"
    found = list(findings(text).values())
    assert found
    assert all(finding.do for finding in found)
    assert any(f"WIND {number}" in f.what for f in found) or number in (20, 40, 75, 76, 77)


def test_a_crash_is_told_once_and_by_the_restart_that_follows_if_there_is_one():
    crash = "+WIND:8:Hard Fault:r0 00000000\n"
    assert findings("AT\nAT-S.OK\n" + crash)["indication"].weight == "error"
    both = findings("AT\nAT-S.OK\n" + crash + "+WIND:1:Poweron:171117-0328fe3-SPWF04S\n")
    assert set(both) == {"restart"}


def test_a_refusal_that_was_forgotten_soon_after_is_a_warning():
    text = "+WIND:19:WiFi Join:x\n+WIND:40:WiFi Deauthentication:15\n+WIND:24:WiFi Up:0:10.0.0.2\n"
    found = findings(text)
    assert [f.weight for f in found.values()] == ["warning"]
    assert "then the module got an address" in found["indication"].what


@pytest.mark.parametrize("name", [n for n in FAULTS if n not in ("indication_anywhere", "noise")])
def test_a_fault_of_any_kind_can_be_read(name):
    session = joined()
    session.module.faults.add(name)
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type("AT+S.SOCKW=0,4", b"ping")
    session.type("AT+S.SOCKR=0,31")
    findings(raw(session.said))
    findings(FORMS["hexadecimal"](session.said))
