"""spwf04 probe."""

import io
import json
from unittest import mock

import pytest

from spwf04_cli import output
from spwf04_cli.probe import run
from spwf04_cli.probe.experiment import (
    HAND,
    NETWORK,
    SAVES,
    SERVER,
    Experiment,
    Untried,
    experiments,
    untried,
)
from spwf04_cli.probe.points import points
from spwf04_sim import Quirks, SimulatedModule, VirtualClock, World, random_quirks
from tests import ALL, sample
from tests.cli import at_port, spwf04
from tests.cli.benches import says
from tests.shims.desk import simulated

HARMLESS = {e.title for e in experiments() if not e.needs}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where the report is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def module():
    """A simulated module in place of one at a serial port, /dev/ttyUSB0."""
    return simulated(quirks=Quirks(winds="held", error_text="empty")).module


@pytest.fixture
def few(monkeypatch):
    """few(*functions): the experiments are these, each (title, needs, function)."""

    def make(*given):
        made = [
            Experiment((name,), needs, function, f"lines.{name}")
            for name, needs, function in given
        ]
        monkeypatch.setattr(run, "experiments", lambda: made)

    return make


def probe(module, *arguments, **more):
    with at_port(module) as port:
        return spwf04("probe", "--port", port, *arguments, **more)


def report(name="spwf04-probe.json"):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def readings(document):
    return {name: entry["reading"] for name, entry in document["points"].items()}


# the whole of it -----------------------------------------------------------------------------
def test_all_that_is_found_on_a_simulated_module_is_what_it_is():
    names = sample(sorted(points()), 40, "probe")
    only = [] if ALL else [word for name in names for word in ("--only", name)]
    done = spwf04("probe", "--port", "sim", "--json", *only)
    document = json.loads(done.out)
    assert document == report()
    found = readings(document)
    assert found == {name: getattr(Quirks(), name) for name in found}
    assert done.code == output.DONE, done.err
    assert not document["not_put_back"]
    assert set(document["untried"]) == set(untried()) & set(names)
    assert set(names) <= set(document["untried"]) | set(found)
    assert Quirks.from_probe("spwf04-probe.json") == Quirks()


@pytest.mark.parametrize("seed", [3, 5])
def test_what_is_found_without_a_network_under_other_readings(seed, folder):
    quirks = random_quirks(seed)
    changed = {n: v for n, v in vars(quirks).items() if v != getattr(Quirks(), n)}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in changed.items())
    (folder / "w.toml").write_text("[quirks]\n" + lines)
    done = spwf04("probe", "--port", "sim:w.toml")
    assert done.code == output.DONE, done.err
    assert report()["untried"]["wind24_v6"] == "no network was named (--ssid)"
    found = readings(report())
    assert found == {name: getattr(quirks, name) for name in found}


def test_what_is_found_is_told_with_how_to_send_it_in(module):
    done = probe(module, "--yes", "--only", "error_text", "--only", "wifi_state_saved")
    assert done.code == output.DONE
    assert says(done.out, "error_text: no text")
    assert says(done.out, f"1 of {len(points())} points found")
    assert says(done.out, "not allowed: saves: wifi_state_saved")
    assert says(done.out, "open an issue of the project")
    assert report()["points"]["error_text"]["experiment"] == "lines.error"


def test_afterwards_the_module_works_and_is_as_before(module):
    module.flash.saved = {"user_desc": "door", "console_verbose": "2"}
    module.restart()
    before = dict(module.flash.saved)
    done = probe(module, "--yes", "--allow", "saves,disk")
    assert done.code == output.DONE, done.err
    assert module.flash.saved == before
    assert not module.flash.files
    assert not module.flash.radio_off
    assert not (module.sockets[0] or module.sockets[1])
    with at_port(module) as port:
        assert spwf04("info", "--port", port).code == output.DONE


# what is asked ------------------------------------------------------------------------------
def test_without_permission_only_the_harmless_are_done(module):
    assert probe(module, "--yes").code == output.DONE
    document = report()
    assert set(document["experiments"]) == HARMLESS
    assert document["untried"]["wifi_state_saved"] == "not allowed: saves"
    assert document["untried"]["default_volume"] == "not allowed: disk"
    assert document["untried"]["wind24_v6"] == "no network was named (--ssid)"


def test_nobody_there_to_be_asked_is_a_usage_error(module):
    commands = module.commands
    done = probe(module)
    assert done.code == output.USAGE
    assert says(done.err, "nobody is there to be asked")
    assert not any("RESET" in line for line in module.log[commands:])


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self):
        return True


def typed(module, text, *arguments):
    with at_port(module) as port, mock.patch("tests.cli._Keyboard", Terminal):
        return spwf04("probe", "--port", port, *arguments, stdin=text, together=True)


def test_a_person_is_asked_once_for_each_need(module, few):
    few(
        ("winds", (SAVES,), lambda bench: {}),
        ("reset_ok", (SAVES,), lambda bench: {"reset_ok": False}),
        ("boot_order", (HAND,), lambda bench: {"boot_order": "0,3"}),
    )
    done = typed(module, "y\ny\nn\n")
    assert says(done.out, "what is in its RAM disk, are lost")
    assert done.out.count("write settings to its flash") == 1
    assert readings(report()) == {"reset_ok": False}
    assert report()["untried"]["boot_order"] == "not allowed: hand"


def test_a_person_who_does_not_want_it(module):
    done = typed(module, "n\n")
    assert done.code == output.FAILED
    assert not any("RESET" in line for line in module.log)


def test_what_a_hand_must_do_is_said_and_can_be_left_out(module, few):
    few(("boot_order", (HAND,), lambda bench: bench.around.press(6, 1)))
    done = typed(module, "y\ns\n", "--allow", "hand")
    assert says(done.out, "Connect GPIO6 with 3.3 V. Enter once it is done")
    assert "left out by hand" in report()["untried"]["boot_order"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--allow", "everything"), "everything is none of saves, disk"),
        (("--only", "wind"), "there is no open point wind"),
        (("--report", "no/where.json"), "there is no folder no"),
    ],
)
def test_the_command_line_is_checked_before_the_port_is_opened(arguments, said):
    done = spwf04("probe", "--port", "/dev/none", *arguments)
    assert done.code == output.USAGE
    assert says(done.err, said)


# its file -----------------------------------------------------------------------------------
def test_the_report_has_no_secrets(module):
    name, secret = "The Millers", "correct horse battery"
    module.world.add_access_point(name, secret)
    module.flash.saved = {"wifi_ssid": "old network", "wifi_wpa_psk_text": "old secret"}
    module.restart()
    with mock.patch.dict("os.environ", {"SPWF04_PASSWORD": secret}):
        done = probe(module, "--yes", "--ssid", name, "--allow", "disk,saves")
    assert done.code == output.DONE, done.err
    text = json.dumps(report())
    assert "wifi_wpa_psk_text" in text
    assert "SSID: '********'" in text
    mac = module.variables["nv_wifi_macaddr"]
    for word in (name, secret, "old network", "old secret", module.variables["nv_serial"], mac):
        assert word.lower() not in text.lower(), word
    assert mac[:9] in text


def test_a_run_goes_on_where_it_was_broken_off(module, few):
    runs = []

    def stops(bench):
        runs.append("stops")
        if len(runs) == 1:
            raise KeyboardInterrupt
        return {"winds": "free"}

    few(("reset_ok", (), lambda bench: runs.append("first") or {"reset_ok": True}))
    assert probe(module, "--yes").code == output.DONE
    runs.clear()
    few(
        ("reset_ok", (), lambda bench: runs.append("first") or {"reset_ok": False}),
        ("winds", (), stops),
    )
    assert probe(module, "--yes").code == output.INTERRUPTED
    assert report()["untried"]["winds"] == "it was broken off"
    assert probe(module, "--yes").code == output.DONE
    assert runs == ["stops", "stops"]
    assert readings(report()) == {"reset_ok": True, "winds": "free"}
    assert probe(module, "--yes", "--only", "reset_ok").code == output.DONE
    assert readings(report()) == {"reset_ok": False, "winds": "free"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no report"),
        ("[]", "is no report"),
        ("[" * 100000, "is no report"),
        ('{"kind": "spwf04 probe"}', "is no report"),
    ],
)
def test_another_file_is_not_overwritten(module, folder, text, said):
    (folder / "spwf04-probe.json").write_text(text)
    done = probe(module, "--yes")
    assert done.code == output.USAGE
    assert says(done.err, said)
    assert (folder / "spwf04-probe.json").read_text() == text


def parts_of(document):
    """(what is damaged, a report with that part of another kind) for each part that is used."""
    name = next(iter(document["points"]))
    for strange in (None, 5, "x", [], ["x"]):
        for part in document:
            if type(document[part]) is not type(strange) and part != "format":
                yield part, {**document, part: strange}
        yield "a point", {**document, "points": {name: strange}}
    for part in document:
        yield f"no {part}", {p: v for p, v in document.items() if p != part}
    yield "no reading", {**document, "points": {name: {}}}
    yield "a reason", {**document, "untried": {name: 5}}


def test_a_damaged_report_is_refused_and_stays(module, few, folder):
    few(("reset_ok", (), lambda bench: {"reset_ok": True}))
    probe(module, "--yes")
    tried = 0
    for what, damaged in parts_of(report()):
        text = json.dumps(damaged)
        (folder / "spwf04-probe.json").write_text(text)
        done = probe(module, "--yes")
        assert done.code == output.USAGE, (what, done.err)
        assert (folder / "spwf04-probe.json").read_text() == text
        tried += 1
    assert tried > 40


def test_what_another_version_has_found_is_left_out_and_said(module, few, folder):
    few(("reset_ok", (), lambda bench: {"reset_ok": True}))
    probe(module, "--yes")
    older = report()
    older["points"]["gone"] = {"reading": 1, "words": "x", "experiment": "a.b"}
    older["points"]["winds"] = {"reading": "now and then", "words": "x", "experiment": "a.b"}
    older["untried"]["gone_too"] = "there was no cable"
    (folder / "spwf04-probe.json").write_text(json.dumps(older))
    done = probe(module, "--yes")
    assert done.code == output.DONE, done.err
    assert says(done.err, "what it found of gone, winds is left out")
    assert readings(report()) == {"reset_ok": True}
    assert "gone_too" not in report()["untried"]
    assert Quirks.from_probe("spwf04-probe.json") == Quirks(reset_ok=True)


def test_the_report_of_another_firmware_is_not_continued(module, few):
    few(("reset_ok", (), lambda bench: {"reset_ok": True}))
    probe(module, "--yes")
    other = simulated().module
    other.firmware = "170216-fd39c59"
    other.restart()
    done = probe(other, "--yes")
    assert done.code == output.USAGE
    assert says(done.err, "is the report of another module")


# what goes wrong ------------------------------------------------------------------------------
def test_no_module_is_told_with_what_comes_instead(module):
    module.power_off()
    done = probe(module, "--yes")
    assert done.code == output.NO_MODULE
    assert says(done.err, "no SPWF04 answers on /dev/ttyUSB0")
    assert says(done.err, "Check the power")


def test_a_module_at_another_rate_is_found(module, few):
    few(("reset_ok", (), lambda bench: {"reset_ok": True}))
    module.flash.saved = {"console_speed": "38400"}
    module.restart()
    with at_port(module) as port:
        uart = module.uart("pyserial")
        uart.baudrate = 115200
        with mock.patch.object(module, "uart", lambda face: uart):
            assert spwf04("probe", "--port", port, "--yes").code == output.DONE
    assert uart.baudrate == 38400


def test_a_module_that_does_not_answer_any_more_ends_it_and_is_not_asked_that_again(module, few):
    def kills(bench):
        module.wedge()
        return {}

    few(("winds", (), kills), ("reset_ok", (), lambda bench: {"reset_ok": False}))
    done = probe(module, "--yes")
    assert done.code == output.NO_MODULE
    assert says(done.err, "did not answer any more")
    module.power_off()
    module.power_on()
    assert probe(module, "--yes").code == output.DONE
    assert readings(report()) == {"reset_ok": False}


def test_an_experiment_with_a_fault_stops_no_other_and_is_told(module, few):
    few(
        ("winds", (), lambda bench: {}["none"]), ("reset_ok", (), lambda bench: {"reset_ok": True})
    )
    assert probe(module, "--yes").code == output.DONE
    assert report()["untried"]["winds"] == "the experiment failed: KeyError: 'none'"
    assert readings(report()) == {"reset_ok": True}
    few(("winds", (), lambda bench: {"winds": "sometimes"}))
    assert probe(module, "--yes").code == output.DONE
    assert "found no reading of winds" in report()["untried"]["winds"]


def test_a_port_that_is_gone_ends_it(module, few, folder):
    def unplugs(bench):
        bench.line.send = gone
        raise OSError(5, "Input/output error")

    def gone(data):
        raise OSError(5, "Input/output error")

    few(("winds", (), unplugs), ("reset_ok", (), lambda bench: {"reset_ok": True}))
    done = probe(module, "--yes")
    assert done.code == output.NO_MODULE
    assert says(done.err, "the probe ended: [Errno 5] Input/output error")
    assert "Input/output error" in report()["untried"]["winds"]
    assert report()["experiments"]["lines.winds"]["transcript"] is not None


def test_settings_that_an_experiment_leaves_behind_are_put_back(module, few):
    def saves(bench):
        bench.set("user_desc", "probed")
        bench.set("wifi_wpa_psk_text", "short")
        bench.done("WCFG")
        return {}

    module.flash.saved = {"user_desc": "door", "wifi_wpa_psk_text": "old secret"}
    module.restart()
    few(("winds", (), saves))
    done = probe(module, "--yes")
    assert module.flash.saved["user_desc"] == "door"
    assert done.code == output.FAILED  # it does not show the passphrase
    assert report()["not_put_back"] == ["wifi_wpa_psk_text"]
    assert says(done.err, "could not be put back: wifi_wpa_psk_text")


def test_settings_of_a_run_that_died_are_put_back_by_the_next(module, few, folder):
    few(("winds", (), lambda bench: {}))
    with mock.patch.object(run, "put_back", side_effect=MemoryError):
        module.flash.saved = {"user_desc": "door"}
        module.restart()
        assert probe(module, "--yes").code == output.FAILED
    kept = folder / "spwf04-probe.json.settings"
    assert kept.stat().st_mode & 0o777 == 0o600
    module.flash.saved = {}
    module.restart()
    done = probe(module, "--yes")
    assert done.code == output.DONE
    assert says(done.err, "put back at the end; remove it first if the module is to keep")
    assert module.flash.saved == {"user_desc": "door"}
    assert not kept.exists()


def test_settings_are_not_put_back_on_another_module(module, few, folder):
    """One of the same firmware, which goes on with the same report."""
    few(("winds", (), lambda bench: {}))
    module.flash.saved = {"ip_hostname": "of-the-first"}
    module.restart()
    with mock.patch.object(run, "put_back", side_effect=MemoryError):
        assert probe(module, "--yes").code == output.FAILED
    second = SimulatedModule(World(), clock=VirtualClock(), variables={"nv_serial": "2"})
    second.power_on()
    done = probe(second, "--yes")
    assert done.code == output.USAGE
    assert says(done.err, "has the settings of another module")
    assert second.flash.saved == {}
    assert probe(module, "--yes").code == output.DONE
    assert probe(second, "--yes").code == output.DONE


def test_a_radio_that_is_saved_as_off_stays_so(module):
    module.flash.radio_off = True
    module.restart()
    done = probe(module, "--yes", "--allow", "saves", "--only", "wifi_state_saved")
    assert done.code == output.DONE, done.err
    assert readings(report()) == {"wifi_state_saved": True}
    assert module.flash.radio_off


def test_without_the_network_or_a_way_to_this_computer_that_is_found_out_once(module, few):
    few(
        ("winds", (SERVER,), lambda bench: {"winds": "free"}),
        ("segment", (SERVER,), lambda bench: {"segment": 730}),
        ("wind24_v6", (NETWORK,), lambda bench: {"wind24_v6": True}),
    )
    given = ("--yes", "--ssid", "home", "--address", "192.168.1.99")
    with mock.patch.dict("os.environ", {"SPWF04_PASSWORD": "correct horse"}):
        done = probe(module, *given)
    assert readings(report()) == {"wind24_v6": True}
    assert "does not reach this computer at 192.168.1.99" in report()["untried"]["segment"]
    assert says(done.out, "have the firewall of this computer let connections in")
    assert sum("SOCKON" in line for line in module.log) == 1
    with mock.patch.dict("os.environ", {"SPWF04_PASSWORD": "wrong horse"}):
        probe(module, *given, "--only", "wind24_v6", "--report", "other.json")
    assert report("other.json")["untried"] == {"wind24_v6": "the network cannot be joined"}


def test_an_experiment_that_tells_nothing_says_why(module, few):
    def cannot(bench):
        raise Untried("there is no cable")

    few(("winds", (), cannot), ("reset_ok", (), lambda bench: {}))
    assert probe(module, "--yes").code == output.DONE
    why = report()["untried"]
    assert why["winds"] == "there is no cable"
    assert why["reset_ok"] == "what it showed fits no reading"
