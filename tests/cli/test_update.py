"""update: checks before, the update, checks after."""

import json

import pytest

from spwf04_cli.output import DONE, FAILED, USAGE
from spwf04_sim import Quirks, firmware_image
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated
from tests.shims.images import NEW

URL = "http://updates.example/new.ota"
OLD = "171117-0328fe3"


def made(**quirks):
    controller = simulated(quirks=Quirks(**quirks))
    with at_port(controller.module) as port:
        spwf04("join", "home", "--password", "correct horse", "--port", port)
    return controller


def run(controller, *arguments, stdin=""):
    with at_port(controller.module) as port:
        return spwf04("update", *arguments, "--port", port, stdin=stdin)


def checks(done):
    return [(c["check"], c["state"], c["said"]) for c in json.loads(done.out)["checks"]]


def test_an_image_on_a_server():
    controller = made()
    controller.offer("good")
    done = run(controller, URL, "--yes", "--json")
    assert done.code == DONE
    result = json.loads(done.out)
    assert result["before"].startswith(OLD)
    assert result["after"].startswith(NEW)
    assert controller.module.firmware == NEW


def test_an_image_on_this_computer(tmp_path):
    controller = made()
    target = controller.world.target
    controller.world.target = lambda ip, port: (
        (ip, port) if ip == "127.0.0.1" else target(ip, port)
    )
    file = tmp_path / "new.ota"
    file.write_bytes(firmware_image(NEW, "1.2.0", 300000))
    done = run(controller, str(file), "--address", "127.0.0.1", "--yes")
    assert done.code == DONE
    assert "Verdict: updated." in done.out
    assert "the module reaches it, 300000 bytes" in done.out
    assert controller.module.firmware == NEW


def test_it_warns_and_asks_and_a_no_changes_nothing():
    controller = made()
    controller.offer("good")
    done = run(controller, URL, stdin="n\n")
    assert done.code == FAILED
    assert "Do not switch the module off" in done.err
    assert not [c for c in controller.log() if "FWUPDATE" in c]
    assert run(controller, URL, stdin="y\n").code == DONE


def test_without_an_answer_nothing_changes():
    controller = made()
    controller.offer("good")
    assert run(controller, URL).code == FAILED
    assert controller.module.firmware == OLD


def test_an_image_that_the_module_does_not_take():
    controller = made()
    controller.offer("bad")
    done = run(controller, URL, "--yes", "--json")
    assert done.code == FAILED
    assert ("firmware", "failed", f"{OLD}-SPWF04S runs, as before") in checks(done)


def test_the_same_build_again_is_no_failure_if_it_was_expected():
    controller = made()
    controller.offer("bad")
    assert run(controller, URL, "--yes", "--expect", OLD).code == DONE
    controller = made()
    controller.offer("good")
    done = run(controller, URL, "--yes", "--json", "--expect", "190101-7654321")
    assert done.code == FAILED


@pytest.mark.parametrize(
    ("kind", "said"), [("missing", "the server answers 404"), ("none", "nobody answered")]
)
def test_an_image_that_the_module_does_not_reach_stops_it_before_it_asks(kind, said):
    controller = made()
    if kind == "none":
        controller.world.add_host("updates.example")
    else:
        controller.offer(kind)
    done = run(controller, URL)
    assert done.code == FAILED
    assert said in " ".join(done.out.split())
    assert "nothing was changed" in done.err
    assert not [c for c in controller.log() if "FWUPDATE" in c]


def test_a_transfer_that_breaks_off_changes_nothing():
    controller = made()
    controller.offer("cut")
    done = run(controller, URL, "--yes")
    assert done.code == FAILED
    assert controller.boots() == 1


def test_without_a_network_it_says_to_join():
    controller = simulated()
    done = run(controller, URL, "--yes")
    assert done.code == FAILED
    assert "spwf04 join SSID" in done.err


def test_a_signal_that_is_too_weak_stops_it():
    controller = made()
    controller.offer("good")
    controller.world.access_points[0].rssi = -88
    done = run(controller, URL, "--yes")
    assert done.code == FAILED
    assert "-88 dBm" in done.out
    assert controller.module.firmware == OLD


def test_settings_that_were_lost_are_told():
    controller = made(update_settings="factory")
    controller.save_setting("user_desc", "third from the left")
    controller.module.variables["user_desc"] = "third from the left"
    controller.offer("good")
    done = run(controller, URL, "--yes", "--json")
    assert done.code == DONE
    found = checks(done)
    assert ("settings", "warning", "the module has those of the factory again (WIND 65)") in found
    assert ("settings", "note", "user_desc: third from the left → anonymous") in found


def test_no_secret_is_shown(monkeypatch):
    monkeypatch.setenv("SPWF04_PASSWORD", "geheim")
    controller = made()
    controller.offer("good")
    done = run(controller, URL, "--user", "me", "--yes", "--debug")
    said = done.out + done.err
    assert done.code == DONE
    assert "geheim" not in said
    assert "correct horse" not in said


def test_a_reset_line_that_is_held_is_named():
    controller = made()
    controller.offer("good")
    controller.module.faults.add("reset_blocked")
    done = run(controller, URL, "--yes")
    assert done.code == 3
    assert "RESET line" in done.err


@pytest.mark.parametrize(
    "image",
    [
        "https://updates.example/x",
        "ftp://updates.example/x",
        "http://me:geheim@updates.example/x",
        "http://updates.example",
        "http:///x",
        "http://updates.example:99999/x",
        "http://updates.example/a,b",
        "http://updates.example/a b",
        "http://up,dates.example/a",
        "http://updates.example/a\0b",
        "/no/such/file",
    ],
)
def test_what_cannot_be_an_image_is_a_usage_error_and_nothing_is_sent(image):
    controller = simulated()
    done = run(controller, image, "--yes")
    assert done.code == USAGE
    assert "geheim" not in done.err
    assert controller.commands() == 0


def test_a_file_for_the_boot_loader_is_a_usage_error(tmp_path):
    file = tmp_path / "SPWF04S-171117-0328fe3-Full.hex"
    file.write_text(":020000040800F2\n:10000000000002208D2E00089D2E00089F2E000860\n")
    done = run(simulated(), str(file), "--yes")
    assert done.code == USAGE
    assert "boot loader" in done.err


def test_an_empty_file_is_a_usage_error(tmp_path):
    (tmp_path / "empty.ota").touch()
    assert run(simulated(), str(tmp_path / "empty.ota"), "--yes").code == USAGE
