"""spwf04 probe where something is odd: the module's settings, the disk here, an answer."""

import contextlib
import errno
from unittest import mock

import pytest

from spwf04_cli import local, output
from spwf04_cli.probe.experiment import DISK, HAND, SAVES, Untried, experiments
from spwf04_cli.probe.report import private, told
from spwf04_sim import Quirks
from tests.cli.benches import says
from tests.cli.test_probe import few, folder, module, probe, readings, report, typed
from tests.probe import stage

__all__ = ["few", "folder", "module"]  # fixtures
EXPERIMENTS = {e.title: e for e in experiments()}


def saves(bench):
    """Leave another setting in the flash."""
    bench.set("user_desc", "probed")
    bench.done("WCFG")
    return {"winds": "free"}


@pytest.fixture
def door(module):
    """A module with a setting of its own."""
    module.flash.saved = {"user_desc": "door"}
    module.restart()
    return module


# a person who goes -------------------------------------------------------------------------------
def test_ctrl_c_at_a_question_leaves_the_module_as_it_was(door, few, folder):
    few(("winds", (), saves), ("reset_ok", (SAVES,), lambda bench: {"reset_ok": True}))
    done = typed(door, "y\n")  # what is typed ends: for a prompt that is as Ctrl-C
    assert done.code == output.INTERRUPTED
    assert says(done.out, "The same command goes on from there")
    assert door.flash.saved == {"user_desc": "door"}
    assert not (folder / "spwf04-probe.json.settings").exists()


def test_ctrl_c_ends_the_run_when_a_hand_is_asked_for(door, few):
    ran = []
    few(
        ("winds", (HAND,), lambda bench: bench.around.press(6, 1)),
        ("reset_ok", (HAND,), lambda bench: ran.append(1) or {}),
    )
    done = typed(door, "y\n", "--allow", "hand")
    assert done.code == output.INTERRUPTED
    assert report()["untried"]["winds"] == "it was broken off"
    assert not ran


def test_nobody_is_asked_for_a_hand_where_nobody_is(door, few):
    few(("winds", (HAND,), lambda bench: bench.around.press(6, 1)))
    done = probe(door, "--yes", "--allow", "hand")
    assert done.code == output.DONE
    assert report()["untried"]["winds"] == "nobody is there to do it by hand"
    assert "Connect GPIO6" not in done.err


# the disk here -----------------------------------------------------------------------------------
def test_a_full_disk_leaves_the_module_as_it_was(door, few):
    few(("winds", (), saves))
    full = OSError(errno.ENOSPC, "No space left on device")
    with mock.patch.object(local, "write", side_effect=full):
        done = probe(door, "--yes")
    assert done.code == output.FAILED
    assert says(done.err, "cannot be written: No space left on device")
    assert door.flash.saved == {"user_desc": "door"}


# a port that goes --------------------------------------------------------------------------------
@pytest.mark.parametrize("at", [0, 1], ids=["at the beginning", "at the end"])
def test_a_port_that_goes_before_or_after_the_experiments_is_told_as_such(door, few, at):
    few(("winds", (), lambda bench: {"winds": "free"}))
    gone = OSError(errno.EIO, "Input/output error")
    where = ("spwf04_cli.probe.bench.Bench.restart", "spwf04_cli.probe.run.put_back")[at]
    with mock.patch(where, side_effect=gone):
        done = probe(door, "--yes")
    assert done.code == output.NO_MODULE
    assert says(done.err, "the probe ended: [Errno 5] Input/output error")
    assert not at or readings(report()) == {"winds": "free"}


# settings of the module --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("console_delimiter", "0x3B"),
        ("console_verbose", "0"),
        ("console_errs", "0"),
        ("console_errs", "1"),
        ("console_winds", "1"),
        ("console_winds", "0"),
        ("console_wind_off_high", "0x00000004"),
    ],
)
@pytest.mark.parametrize("levels", ["number/none", "text/number"])
@pytest.mark.parametrize("verbose", ["keyword", "prefix", "line"])
def test_a_console_that_hides_things_is_told(door, name, value, levels, verbose):
    door.quirks = Quirks(winds_levels=levels, verbose_0=verbose)
    door.flash.saved = {name: value}
    door.restart()
    done = probe(door, "--yes")
    assert done.code == output.FAILED
    assert says(done.err, f"hides what experiments look for: {name}")
    assert door.flash.saved == {name: value}


@pytest.mark.parametrize("name", ["console_verbose", "console_echo", "console_repeater"])
def test_a_console_that_hides_nothing_is_taken(door, few, name):
    few(("winds", (), lambda bench: {"winds": "free"}))
    saved = {name: {"console_verbose": "2", "console_echo": "0"}.get(name, "0x41")}
    door.flash.saved = dict(saved)
    door.restart()
    assert probe(door, "--yes").code == output.DONE
    assert door.flash.saved == saved


def test_a_rate_that_was_not_saved_is_gone_after_the_restart():
    bench, _ = stage.staged(Quirks(speed_applies="at once"))
    bench.line.say("SCFG=console_speed,38400", limit_s=2)
    assert bench.line.set_rate(38400)
    assert bench.restart().wind(1)
    assert bench.line.rate == 115200


@pytest.mark.parametrize("title", ["air.before_the_radio", "air.off_before_on"])
def test_a_radio_that_is_saved_as_off_does_not_show_how_it_starts(title):
    bench, module = stage.staged(Quirks())
    module.flash.radio_off = True
    bench.restart()
    with pytest.raises(Untried, match="does not start by itself"):
        EXPERIMENTS[title].run(bench)


def test_a_full_user_flash_is_no_reading():
    bench, module = stage.staged(Quirks())
    module.flash.files[1, "theirs.bin"] = bytearray(module.flash.free(1))
    with pytest.raises(Untried, match="full"):
        EXPERIMENTS["files.user_flash"].run(bench)


@pytest.mark.parametrize("title", ["tls.wrong_date", "air.enterprise"])
def test_the_clock_is_right_afterwards(title):
    """Whatever goes wrong once it was set to another time: a restart does not set it back."""
    bench, module = stage.staged(Quirks())
    leave = bench.leave

    def gone():
        if module.time == pytest.approx(1000000000, abs=1000):
            raise Untried("nothing goes on")
        leave()

    with mock.patch.object(bench, "leave", gone), contextlib.suppress(Untried):
        EXPERIMENTS[title].run(bench)
    bench.restart()
    assert module.time > 1700000000


def test_files_of_a_plain_name_stay():
    """Somebody may have such files where the module writes names without a volume."""
    for experiment in experiments():
        if DISK not in experiment.needs or "applications" not in experiment.title:
            continue
        bench, module = stage.staged(Quirks(default_volume="flash"))
        module.flash.files[1, "probe.txt"] = bytearray(b"theirs")
        with contextlib.suppress(Untried):
            experiment.run(bench)
        assert module.flash.files[1, "probe.txt"] == b"theirs", experiment.title


# what the report tells ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("+WIND:24:WiFi Up::2001:db8:1:2:280:e1ff:febd:39", "+WIND:24:WiFi Up::********"),
        ("+WIND:24:WiFi Up::fe80:0:0:0:280:e1ff:febd:39", "+WIND:24:WiFi Up::fe80::xx"),
        ("+WIND:24:WiFi Up:0:192.168.1.23", None),
        ("AT-S.Var:ip_local=fd12:3456::280:e1ff:febd:39", "AT-S.Var:ip_local=********"),
        ("AT-S.Var:ip_dns1v6=2001:db8::53", "AT-S.Var:ip_dns1v6=********"),
        ("AT-S.Var:ip_local=::", None),
        ("AT-S.Var:ip_ipaddr=192.168.1.23", None),
        ("+WIND:55:Pending Data::0:730:730", None),
    ],
)
def test_addresses_of_ipv6_that_tell_a_household_or_a_network_card_are_masked(line, shown):
    assert private(line) == (shown or line)
    two = line + "\r\nAT-S.OK\r\n"
    assert private(two) == two.replace(line, shown or line)


def test_names_with_other_letters_are_masked_wherever_they_stand():
    name = "Müllers".encode().decode("latin-1")
    shown = told([(0, "<", b"AT-S.Known:" + name.encode("latin-1") + b"\r\n")], [name])
    assert "llers" not in shown[0][2]
