"""doctor: what it finds, and its verdict."""

import json
import time
import types

import pytest

from spwf04 import SPWF04
from spwf04_cli.output import DONE, FAILED, NO_MODULE
from spwf04_cli.reference.firmware import meaning
from spwf04_cli.server.roots import build
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated
from tests.shims.shapes import DAY, Node, der
from tests.shims.tlspeer import Certified


def examined(controller, *arguments):
    """(exit code, {check: [(state, said, todo)]}, verdict)"""
    with at_port(controller.module) as port:
        done = spwf04("doctor", "--port", port, "--json", *arguments)
    result = json.loads(done.out)
    found = {}
    for check in result["checks"]:
        found.setdefault(check["check"], []).append((check["state"], check["said"], check["todo"]))
    assert result["ok"] == (done.code == 0)
    return done.code, found, result["verdict"]


def healthy():
    controller = simulated()
    controller.ntp()
    controller.module.set_clock(int(time.time()))
    return controller


def test_a_healthy_module_works():
    code, found, verdict = examined(healthy(), "--restart")
    assert (code, verdict) == (DONE, "it works")
    for name in ("wiring", "echo", "line", "restart", "model", "memory", "room", "settings"):
        assert [state for state, _, _ in found[name]] == ["ok"], name


def test_for_people_it_ends_with_the_verdict():
    with at_port(healthy().module) as port:
        done = spwf04("doctor", "--port", port)
    assert done.code == DONE
    assert done.out.rstrip().splitlines()[-1] == "Verdict: it works."
    assert "171117-0328fe3" in done.out


def test_echo_is_on_after_a_restart_and_off_after_a_driver():
    controller = healthy()
    assert "was on" in examined(controller)[1]["echo"][0][1]
    assert "off" in examined(controller)[1]["echo"][0][1]


def test_an_unplugged_module_is_no_module_and_the_wiring_is_explained():
    controller = healthy()
    controller.unplug()
    code, found, verdict = examined(controller)
    assert code == NO_MODULE
    assert "wiring" in verdict
    state, said, todo = found["wiring"][0]
    assert state == "failed"
    assert "nothing comes" in said
    for word in ("power", "TX", "reset pin", "RTS and CTS", "GPIO9"):
        assert word in todo


def test_another_rate_is_found_and_named():
    controller = healthy()
    controller.module.flash.saved["console_speed"] = "57600"
    controller.restart("reset")
    with at_port(controller.module) as port:
        uart = controller.module.uart

        def at_115200(face):
            made = uart(face)
            made.baudrate = 115200
            return made

        controller.module.uart = at_115200
        done = spwf04("doctor", "--port", port, "--json")
    checks = json.loads(done.out)["checks"]
    rate = next(c for c in checks if c["check"] == "rate")
    assert rate["state"] == "failed"
    assert "57600" in rate["said"]
    assert rate["todo"] == "--baud 57600"
    assert "model" in [c["check"] for c in checks]  # and it goes on there
    assert done.code == FAILED


def test_lost_bytes_are_noticed():
    controller = healthy()
    controller.module.faults.random(seed=3, every=1500, names=("drop",))
    _, found, verdict = examined(controller)
    assert found["line"][0][0] == "failed"
    assert "bytes get lost" in found["line"][0][1]
    assert "line" in verdict


def test_a_module_that_cannot_restart_is_no_module_with_the_reset_line_as_the_cause():
    controller = healthy()
    controller.module.faults.add("reset_blocked")
    code, found, _ = examined(controller, "--restart")
    assert code == NO_MODULE
    assert "open drain" in found["restart"][0][2]


def test_old_firmware_is_named_with_what_it_means():
    controller = healthy()
    controller.module.firmware, controller.module.version = "170216-fd39c59", "1.0.0"
    _, found, verdict = examined(controller)
    assert found["firmware"][0][0] == "warning"
    assert "the first" in found["firmware"][0][1]
    assert any("settings can be lost" in said for _, said, _ in found[""])
    assert "firmware" in verdict


def test_builds_are_told_apart():
    assert meaning("170726-b7ac1ba-SPWF04S").old
    assert not meaning("171117-0328fe3-SPWF04S").old
    assert "newer than those" in meaning("190101-abcdef0-SPWF04S").what
    assert meaning("160101-abcdef0-SPWF04S").old
    assert "ST does not use" in meaning("").what


def test_a_clock_that_is_not_set_or_wrong():
    controller = simulated()
    _, found, _ = examined(controller)
    assert found["clock"][0][0] == "warning"
    assert "spwf04 time --set -p /dev/ttyUSB0" in found["clock"][0][2]
    controller.module.set_clock(int(time.time()) - 86400)
    assert "24 h behind" in examined(controller)[1]["clock"][0][1]


def test_settings_that_hinder_the_driver_are_named():
    controller = healthy()
    controller.module.variables["console_wind_off_medium"] = "0x00800000"
    controller.module.variables["sleep_enabled"] = "1"
    _, found, verdict = examined(controller)
    said = " ".join(words for _, words, _ in found["settings"])
    assert "console_wind_off_medium is 0x00800000" in said
    assert "sleep_enabled is 1" in said
    assert "settings" in verdict


def with_two_cas():
    controller = healthy()
    radio = SPWF04(controller.module.uart("pyserial"), clock=controller.module.clock)
    for pem in (controller.ca_pem(), controller.other_ca_pem()):
        radio.certs.install(pem)
    return controller


def test_room_files_and_certificates():
    controller = with_two_cas()
    controller.fill_disk(13500)
    controller.put_file("page.html.new", b"half")
    _, found, _ = examined(controller)
    assert found["room"][0][0] == "warning"
    assert "page.html.new" in found["files"][0][1]
    assert ["ok", "ok"] == [state for state, _, _ in found["certificates"]]
    assert "trustme" in found["certificates"][0][1]
    assert "a restart loses it" in found[""][-1][1]


def test_a_certificate_that_has_ended_is_a_warning(monkeypatch):
    monkeypatch.setattr("spwf04_cli.times.time", types.SimpleNamespace(time=lambda: 4e10))
    _, found, _ = examined(with_two_cas())
    assert {state for state, _, _ in found["certificates"]} == {"warning"}
    assert "expired" in found["certificates"][0][1]


def test_a_weak_signal_is_a_warning():
    controller = healthy()
    controller.world.access_points[0].rssi = -86
    with at_port(controller.module) as port:
        spwf04("join", "home", "--password", "correct horse", "--port", port)
    _, found, _ = examined(controller)
    assert found["network"][0][0] == "warning"
    assert "-86 dBm" in found["network"][0][1]


def test_a_check_that_fails_does_not_end_the_others():
    controller = healthy()
    controller.module.faults.add("refuse", command="FSL", number=58)
    code, found, _ = examined(controller)
    assert code in (DONE, FAILED)
    assert "settings" in found


def ending(days, name="Private Root"):
    """A module with a CA in a file that ends in so many days; the name of a CA with two."""
    controller = healthy()
    controller.module.flash.files[1, "5a.ca"] = bytearray(Certified(name, days=(-99, days)).der)
    return controller


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        (90.5, "ok", "valid until"),
        (12.5, "note", "ends in 12 days"),
        (1.5, "note", "ends in 1 day"),
        (-3.5, "warning", "expired 3 days ago"),
    ],
)
def test_what_ends_soon_is_told_by_doctor_and_by_the_list(days, state, words):
    controller = ending(days)
    found = [f for f in examined(controller)[1]["certificates"] if "Private Root" in f[1]]
    assert [(s, words in said) for s, said, _ in found] == [(state, True)]
    with at_port(controller.module) as port:
        said = spwf04("ca", "list", "--port", port).out
        listed = json.loads(spwf04("ca", "list", "--port", port, "--json").out)
    assert words in said and " 1 days" not in said
    assert [(e["kind"], e["days_left"]) for e in listed] == [("CA", int(days // 1))]


def test_the_client_certificate_is_told_too():
    controller = healthy()
    client = Certified("thing 7", days=(-9, 4.5))
    controller.module.flash.files[1, "tls.cert"] = bytearray(client.der)
    found = examined(controller)[1]["certificates"]
    told = [(state, said) for state, said, _ in found if "thing 7" in said]
    assert [state for state, _ in told] == ["note"]
    assert "ends in 4 days" in told[0][1]
    with at_port(controller.module) as port:
        assert "the client certificate  in a file" in spwf04("ca", "list", "--port", port).out
        (one,) = json.loads(spwf04("ca", "list", "--port", port, "--json").out)
    assert (one["kind"], one["subject"], one["days_left"]) == ("client certificate", "thing 7", 4)


# root bundles --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "state", "words"),
    [(0, "ok", "today"), (400, "warning", "may be withdrawn"), (-3, "warning", "in the future")],
)
def test_how_old_a_bundle_is(tmp_path, days, state, words):
    file = tmp_path / "roots.bin"
    file.write_bytes(build([], made=int(time.time()) - days * 86400))
    code, found, _ = examined(healthy(), "--bundle", str(file))
    assert found["bundle"][0][0] == state and words in found["bundle"][0][1]
    assert code == DONE


def test_a_root_of_a_bundle_that_has_expired_is_told(tmp_path):
    old = Node("Old CA", start=-3000 * DAY, end=-20 * DAY)
    file = tmp_path / "roots.bin"
    file.write_bytes(build([der(old.cert)], made=int(time.time())))
    code, found, _ = examined(healthy(), "--bundle", str(file))
    assert [line[0] for line in found["bundle"]] == ["ok", "warning"]
    assert "Old CA expired on 20" in found["bundle"][1][1]
    assert code == DONE


def test_a_bundle_that_is_none_is_told(tmp_path):
    file = tmp_path / "roots.bin"
    file.write_bytes(b"-----BEGIN CERTIFICATE-----")
    code, found, _ = examined(healthy(), "--bundle", str(file))
    assert found["bundle"][0][0] == "failed" and "a PEM file" in found["bundle"][0][1]
    assert code == FAILED
