"""spwf04 trace: what an event means depends on what was before it and what comes after it."""

import contextlib
import time

import pytest

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04.at.trace import record
from spwf04_cli import output
from spwf04_cli.server.roots import build
from spwf04_sim import Timing, VirtualClock
from tests.cli import spwf04
from tests.cli.benches import der
from tests.cli.logs import findings, joined, raw, started
from tests.shims.controller import Controller
from tests.shims.servers import servers

JOIN = "+WIND:19:WiFi Join:98:DE:D0:EA:4C:62\n+WIND:25:WiFi Association successful:home\n"
RIGHT = "+WIND:51:WPA Handshake Complete\n"
UP = "+WIND:24:WiFi Up:0:10.0.0.2\n"
JOINED = JOIN + RIGHT + UP
AWAY = "+WIND:41:WiFi Disassociation:2\n"
SCAN = "+WIND:21:WiFi Scanning\n+WIND:35:WiFi Scan Complete:00\n"
OFF = "AT+S.WIFI=0\nAT-S.OK\n"
START = "+WIND:1:Poweron:171117-0328fe3-SPWF04S\n+WIND:0:Console active\n"


def weights(log):
    """{name: weight} of the findings of a log."""
    return {name: finding.weight for name, finding in findings(log).items()}


# Sent away ------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [40, 41])
def test_sent_away_after_a_finished_join_is_a_lost_network_and_no_wrong_password(number):
    found = findings(JOINED + f"+WIND:{number}:WiFi Gone:2\n")
    assert set(found) == {"network-lost"}
    assert "password" not in found["network-lost"].do


def test_sent_away_while_it_joins_is_a_wrong_password():
    assert "Check the password" in findings(SCAN + JOIN + AWAY + SCAN)["refused"].do


def test_one_refusal_that_is_told_twice_is_one():
    both = "+WIND:40:WiFi Deauthentication:15\n" + AWAY
    assert "refused the module 1 time" in findings(JOIN + both)["refused"].what
    assert "2 times" in findings((JOIN + both) * 2)["refused"].what


def test_sent_away_after_the_right_password_is_another_matter():
    found = findings(JOIN + RIGHT + AWAY)
    assert weights(JOIN + RIGHT + AWAY) == {"sent-away": "error"}
    assert "though the password was right" in found["sent-away"].what


def test_what_the_module_tells_when_the_host_leaves_the_network_is_no_fault():
    assert findings(JOINED + OFF + AWAY + "+WIND:38:WiFi Powered Down\n") == {}
    assert findings(JOINED + "AT+S.RESET\n" + AWAY + START) == {}


def test_an_access_point_that_does_not_answer_says_nothing_of_the_password():
    found = findings(JOIN[: JOIN.index("\n") + 1] + "+WIND:76:WiFi Authentication Timed Out\n")
    assert "did not answer" in found["refused"].what
    assert "password" not in found["refused"].do


def test_a_network_without_a_password_may_ask_for_one():
    log = "AT+S.SCFG=wifi_priv_mode,0\nAT-S.OK\n" + JOIN + AWAY
    assert "wifi_priv_mode is 0" in findings(log)["refused"].do


# Lost and found -------------------------------------------------------------------------------
LOST = "+WIND:33:WiFi Network Lost\n"


def test_a_lost_network_is_an_error_until_it_is_joined_again():
    assert weights(JOINED + LOST) == {"network-lost": "error"}
    assert weights(JOINED + LOST + SCAN + JOINED) == {"network-lost": "warning"}
    twice = findings((JOINED + LOST) * 2 + JOINED)
    assert twice["network-lost"].count == 2


def test_the_signs_of_one_loss_are_one_finding():
    found = findings(JOINED + "+WIND:30:WiFi BSS Lost\n" + LOST + AWAY)
    assert [finding.what for finding in found.values()] == ["the network was lost (WIND 30)"]


def test_a_network_that_is_not_found_again_is_told():
    found = findings(JOINED + LOST + SCAN * 4)
    assert "4 scans did not find it again" in found["network-lost"].what


def test_a_network_that_comes_late_is_no_fault():
    assert findings("AT+S.SSIDTXT=home\nAT-S.OK\n" + SCAN * 5 + JOINED) == {}


def test_a_network_that_was_named_and_never_comes_is_an_error():
    assert weights("AT+S.SSIDTXT=home\nAT-S.OK\n" + SCAN * 3) == {"not-found": "error"}
    assert weights("AT+S.SSIDTXT=home\nAT-S.OK\n" + SCAN * 3 + OFF) == {"not-found": "error"}
    assert weights(SCAN * 3) == {"not-found": "warning"}


# Addresses ------------------------------------------------------------------------------------
OWN = "+WIND:24:WiFi Up:0:169.254.7.8\n"


def test_an_address_that_the_module_chose_itself_is_no_address_of_dhcp():
    assert "169.254.7.8" in findings(JOIN + RIGHT + OWN)["no-lease"].what
    chosen = "AT+S.SCFG=ip_use_dhcpc,2\nAT-S.OK\n"
    assert findings(chosen + JOIN + RIGHT + OWN) == {}


def test_an_address_that_comes_late_makes_good_that_none_came():
    late = JOIN + RIGHT + "+WIND:85:DHCP Timeout\n" + UP
    assert weights(late) == {"no-lease": "warning"}
    assert weights(late[: -len(UP)] + OWN) == {"no-lease": "error"}


# Servers and sockets --------------------------------------------------------------------------
REFUSED = "AT+S.SOCKON=h.example,443,,h.example\nAT-S.Certificate Error:23\nAT-S.ERROR:74:x\n"
TAKEN = "AT+S.SOCKON=h.example,443,,h.example\nAT-S.On:1.2.3.4:0\nAT-S.OK\n"


def test_a_server_that_is_trusted_later_is_no_error_any_more():
    assert weights(REFUSED + TAKEN)["certificate"] == "warning"
    assert weights(TAKEN + REFUSED)["certificate"] == "error"
    plain = TAKEN.replace(",h.example\n", ",t\n")
    assert weights(REFUSED + plain)["certificate"] == "error"


def test_a_socket_that_is_closed_after_its_data_were_read_is_no_error_any_more():
    refused = "AT+S.SOCKC=0\nAT-S.ERROR:77:Pending data\n"
    assert weights(refused) == {"pending-data": "error"}
    assert weights(refused + "AT+S.SOCKC=0\nAT-S.OK\n") == {"pending-data": "note"}


def test_the_middle_of_a_tls_record_is_not_data_in_clear():
    on = b"AT+S.SOCKON=h.example,443,,t\r\nAT-S.On:1.2.3.4:0\r\nAT-S.OK\r\n"
    record = b"AT+S.SOCKW=0,5\r\x16\x03\x01\x00\x09AT-S.OK\r\n"
    rest = b"AT+S.SOCKW=0,4\rpartAT-S.OK\r\n"
    assert "plain" not in findings(on + record + rest)
    assert "plain" in findings(on + rest + record)


# Starts ---------------------------------------------------------------------------------------
def test_a_restart_that_a_command_asked_for_is_none_though_only_the_module_was_recorded():
    assert "restart" not in findings(JOINED + "+WIND:2:Reset\n" + START)
    assert "restart" in findings(JOINED + START)


def test_a_command_that_crosses_the_first_start_is_no_fault():
    assert findings("AT+S.GCFG=console_echo\n" + START) == {}


def test_a_module_that_wakes_from_standby_has_not_crashed():
    sleep = "+WIND:67:Entering Standby\n+WIND:68:Resuming from Standby\n"
    assert findings(JOINED + sleep + START) == {}


def test_an_update_may_start_the_module_twice():
    update = "AT+S.FWUPDATE=h,/x\nAT-S.OK\nAT+S.RESET\n"
    assert "restart" not in findings(update + START * 2)
    assert "restart" in findings(update + START * 3)


def test_a_module_that_ran_was_not_interrupted_in_its_start_though_it_hides_wind_0():
    first = START.partition("\n")[0] + "\n"
    found = findings(first + "AT\nAT-S.OK\n" + first)
    assert "interrupted-boot" not in found
    assert "interrupted-boot" in findings(first * 2)


# The line -------------------------------------------------------------------------------------
def test_a_module_that_answers_nothing_any_more_is_an_error():
    session = started()
    session.type("AT")
    session.module.wedge()
    for _ in range(3):
        session.type("AT+S.STS=build")
    found = findings(raw(session.said))
    assert found["silent"].weight == "error"
    assert "from STS on" in found["silent"].what
    assert set(found) == {"silent"}


def test_a_log_of_the_hosts_side_alone_is_no_all_clear(tmp_path):
    (tmp_path / "log.txt").write_text("> AT+S.STS=build\n> AT+S.WIFI=1\n")
    done = spwf04("trace", str(tmp_path / "log.txt"))
    assert done.code == output.FAILED
    assert "Nothing went wrong" not in done.out
    assert "does not tell whether all went well" in " ".join(done.out.split())


def test_the_word_ok_of_another_program_is_no_answer_of_the_older_module():
    assert findings("> AT\n< AT-S.OK\nOK\n") == {}
    assert "spwf01" in findings("> AT+S.WIFI=1\nOK\n")


def test_a_weak_signal_is_a_warning_because_the_module_tells_it_early():
    low = "+WIND:15:WiFi Signal LOW:-61\n"
    assert weights(JOINED + low) == {"indication": "warning"}
    better = findings(JOINED + low + "+WIND:16:WiFi Signal OK:-40\n")
    assert "then the signal was good again" in better["indication"].what


def driven(work):
    """The findings of what the driver records while work(radio, controller) runs."""
    clock = VirtualClock(longest=20)
    made = Controller(clock=clock, timing=Timing(baud=115200))
    radio = SPWF04(made.module.uart(), clock=clock)
    lines = []
    record(radio, lines.append)
    with contextlib.suppress(OSError):
        work(radio, made)
    return findings("".join(lines))


def test_what_the_driver_does_every_day_is_no_fault():
    def work(radio, made):
        radio.connect("home", "correct horse")
        radio.set_time(int(time.time()))
        roots = Bundle(build([der(servers().ca)]))
        sock = SSLContext(roots=roots).wrap_socket(
            SocketPool(radio).socket(), server_hostname="www.example.com"
        )
        sock.connect(("www.example.com", 443))
        sock.send(b"GET / HTTP/1.0\r\n\r\n")
        sock.close()  # its answer was not read

    assert {f.weight for f in driven(work).values()} <= {"note"}


@pytest.mark.parametrize(("name", "told"), [("home", "refused"), ("elsewhere", "not-found")])
def test_a_join_in_which_the_driver_failed_is_told(name, told):
    found = driven(lambda radio, made: radio.connect(name, "wrong words"))
    assert {name: f.weight for name, f in found.items()} == {told: "error"}


def test_a_session_that_roams_and_joins_again_has_a_warning_only():
    session = joined()
    session.module.drop_link()
    session.wait(20)
    assert weights(raw(session.said)) == {"network-lost": "warning"}
