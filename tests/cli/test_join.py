"""join by WPS, and by a login of one's own; by a password it is in test_radio.py."""

import json

import pytest

from spwf04_cli.output import FAILED, USAGE
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated
from tests.shims.micropython import ROOT

PASSWORD = "wonder,land"


@pytest.fixture
def desk():
    """A simulated module at the port; its Controller."""
    controller = simulated()
    with at_port(controller.module) as controller.port:
        yield controller


@pytest.fixture
def company(desk, tmp_path):
    """The options of a login: the CA; and a certificate with its key."""
    ca = tmp_path / "ca.pem"
    ca.write_text(desk.ca_pem())
    desk.add_company(b"company")
    cert, key = desk.client_files()
    return ["--ca", str(ca)], ["--cert", cert, "--key", key]


def run(desk, *arguments, **more):
    return spwf04("join", *arguments, "--port", desk.port, **more)


def answer(desk, *arguments, **more):
    done = run(desk, *arguments, "--json", **more)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_by_the_button(desk):
    desk.press_button(b"home")
    found = answer(desk, "--wps", "--save")
    assert (found["ssid"], found["address"], found["saved"]) == ("home", "192.168.1.23", True)
    assert desk.module.flash.saved["wifi_ssid"] == "home"


def test_a_button_that_nobody_presses(desk):
    done = run(desk, "--wps", "--timeout", "5")
    assert done.code == FAILED
    assert "Press the WPS button" in done.err
    assert "radio." not in done.err


def test_by_a_pin(desk):
    desk.world.access_points[0].wps_pin = "12345670"
    assert "Joined home." in run(desk, "--wps-pin", "12345670").out
    done = run(desk, "--wps-pin", "12345671")
    assert done.code == USAGE
    assert "check digit" in done.err


def test_by_a_login(desk, company):
    ca, _ = company
    login = ["company", "--identity", "alice", "--anonymous", "guest", *ca]
    done = run(desk, *login, "--debug", stdin=PASSWORD + "\n")
    assert done.code == 0, done.err
    assert "Joined company." in done.out
    assert "Password of company" in done.err
    assert PASSWORD not in done.out + done.err
    assert answer(desk, *login, "--eap", "peap-mschap", "--password", "-", stdin=PASSWORD)
    assert spwf04("time", "--set", "--port", desk.port).code == 0
    done = run(desk, *login, "--password", "another word", "--timeout", "60")
    assert done.code == FAILED
    assert "Check the login" in done.err
    assert "another word" not in done.out + done.err


def test_by_a_certificate(desk, company):
    ca, cert = company
    done = run(desk, "company", "--identity", "module", *ca, *cert)  # no password is asked for
    assert done.code == 0, done.err
    assert "Password" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a network, or say --wps"),
        (["--open"], "name a network, or say --wps"),
        (["--wps", "--wps-pin", "12345670"], "either --wps or --wps-pin"),
        (["home", "--wps"], "WPS needs no name"),
        (["--wps", "--password", "correct horse"], "WPS needs no name"),
        (["--wps", "--identity", "alice"], "WPS needs no name"),
        (["home", "--identity", "alice"], "--ca FILE"),
        (["home", "--ca", "{here}"], "--identity NAME"),
        (["home", "--identity", "a", "--ca", "{here}", "--cert", "{here}"], "--cert and --key"),
        (["home", "--identity", "a", "--ca", "no file", "--password", "x"], "cannot be read"),
        (["home", "--identity", "a", "--ca", "{here}", "--password", "x"], "ca"),
        (["home", "--identity", "a", "--ca", "{here}", "--eap", "x", "--password", "x"], "eap"),
    ],
)
def test_what_does_not_go_together_is_said_and_nothing_sent(desk, words, said):
    before = desk.module.commands
    words = [word.format(here=ROOT / "Makefile") for word in words]
    done = run(desk, *words)
    assert done.code == USAGE
    assert said in " ".join(done.err.replace("│", "").split())
    assert desk.module.commands - before <= 1  # whether it is there
