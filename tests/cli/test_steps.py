"""What a command prints as the next step can be pasted: it runs, with the same port and trust."""

import json
import shlex
from types import SimpleNamespace

import pytest

from spwf04_cli import steps
from spwf04_cli.commands.check import next_step
from spwf04_cli.output import DONE, FAILED
from spwf04_cli.provisioning.plan import load
from tests.cli import spwf04
from tests.cli.everywhere import PASSWORD, PORT, desk
from tests.cli.test_app import commands
from tests.shims.micropython import ROOT


@pytest.fixture
def bench(tmp_path):
    """A Desk; its file of CAs has a blank in its name."""
    with desk(tmp_path) as made:
        made.ca = str(tmp_path / "our ca.pem")
        (tmp_path / "ca.pem").rename(made.ca)
        yield made


def todo(*arguments):
    """What an error says is to be done."""
    return json.loads(spwf04(*arguments, "--json").out)["error"]["todo"]


def paste(line, *more):
    """Run a command line as a shell does."""
    assert line.startswith("spwf04 "), line
    return spwf04(*shlex.split(line)[1:], *more)


def test_check_ends_with_the_trust_that_does_the_same(bench):
    done = spwf04("check", "www.example.com", "ecdsa.example", "--roots", bench.ca, "--no-certifi")
    line = done.out.splitlines()[-1].strip()
    assert line.count("spwf04") == 1
    trusted = json.loads(paste(line, "--port", PORT, "--json").out)
    assert [server["ok"] for server in trusted["servers"]] == [True] * len(trusted["servers"])
    assert "--no-certifi" in line


def test_check_gives_the_name_on(bench):
    found = json.loads(
        spwf04("check", "www.example.com", "--name", "api.example.com", "--json").out
    )
    assert found["next"] is None  # no root is known
    line = steps.command("trust", ["10.0.0.1"], name="www.example.com", roots=[bench.ca])
    assert shlex.split(line)[3:5] == ["--name", "www.example.com"]


def predicted(host, ok):
    answer = SimpleNamespace(host=host, port=443, name=host)
    return SimpleNamespace(ok=ok, may_try=not ok, root=None, answer=answer)


def test_check_proposes_to_try_only_what_may_help_if_nothing_is_certain():
    both = [predicted("a.example", True), predicted("b.example", False)]
    assert next_step(both, [], False) == "spwf04 trust a.example"
    assert next_step(both[1:], [], False) == "spwf04 trust b.example --anyway"


def test_one_trust_has_all_servers_because_a_later_one_replaces_the_slot():
    both = [predicted("a.example", True), predicted("b.example", True)]
    assert next_step(both, ["our ca.pem"], True) == (
        "spwf04 trust a.example b.example --roots 'our ca.pem' --no-certifi"
    )


def test_trust_says_how_this_module_joins_first(bench):
    assert spwf04("info", "--port", PORT).code == DONE
    bench.controller.module.restart()
    said = todo("trust", "www.example.com", "--roots", bench.ca, "--port", PORT)
    line = said.partition("first: ")[2]
    assert line == f"spwf04 join SSID -p {PORT}"
    line = line.replace("SSID", "home")
    assert paste(line, "--password", PASSWORD).code == DONE


def test_ca_names_the_list_of_this_module(bench):
    for failing in ("remove", "export"):
        done = spwf04("ca", failing, "abcdef", "--port", PORT)
        said = " ".join(done.err.replace("│", "").split())
        line = f"spwf04 ca list -p {PORT}"
        assert f"{line} shows the CAs" in said
    assert paste(line).code == DONE


def test_bundle_names_the_check_with_the_same_roots(bench):
    out = str(bench.folder / "roots.bin")
    said = todo("bundle", "-o", out, "www.example.com", "--no-certifi", "--ca", bench.ca, "wrong")
    line = said.partition(" tells more")[0]
    done = paste(line)
    assert done.code == FAILED  # the answer is no, and the command is right
    assert shlex.split(line)[2:] == ["wrong:443", "--roots", bench.ca, "--no-certifi"]


def test_a_plan_names_the_check_with_its_roots(bench):
    (bench.folder / "plan.toml").write_text(
        '[network]\nssid = "home"\n[roots]\ncertifi = false\nfiles = ["our ca.pem"]\n'
        '[[host]]\nname = "www.example.com"\n'
    )
    plan = load(bench.folder / "plan.toml")
    assert paste(plan.check_command(plan.hosts[0])).code == DONE


def test_the_connection_is_given_on_but_for_what_the_environment_says(monkeypatch):
    steps.connected("COM3", None, 9600)
    assert steps.pasted("Try spwf04 info, or spwf04 check HOST") == (
        "Try spwf04 info -p COM3 --baud 9600, or spwf04 check HOST"
    )
    for text, there in (
        ("spwf04 join SSID, then", "spwf04 join SSID -p COM3 --baud 9600, then"),
        ("spwf04 time --set sets", "spwf04 time --set -p COM3 --baud 9600 sets"),
        ("spwf04 join home", "spwf04 join -p COM3 --baud 9600 home"),
        ("spwf04 trust --pem a.pem", "spwf04 trust -p COM3 --baud 9600 --pem a.pem"),
    ):
        assert steps.pasted(text) == there
    monkeypatch.setenv("SPWF04_VIA_MCU", "/dev/ttyACM0")
    steps.connected(None, "/dev/ttyACM0", 115200)
    assert steps.pasted("spwf04 info") == "spwf04 info"
    steps.connected(None, "/dev/my board", 115200)
    assert steps.pasted("spwf04 info") == "spwf04 info --via-mcu '/dev/my board'"
    steps.begin()


def test_it_knows_every_command_that_works_on_a_module():
    steps.connected("COM3", None, 115200)
    told = {path for path, _ in commands() if "COM3" in steps.pasted(f"spwf04 {' '.join(path)} x")}
    steps.begin()
    with_port = {
        path
        for path, command in commands()
        if {"port", "baud"} <= {option.name for option in command.params}
    }
    assert told == with_port


@pytest.mark.parametrize("world", ["", "examples/bench.toml"])
def test_a_simulated_module_that_is_gone_is_not_to_be_joined_next(world, monkeypatch, tmp_path):
    """What the next command needs of it gets lost: so a bench that keeps one is named."""
    monkeypatch.setenv("SPWF04_BENCH", str(tmp_path))
    monkeypatch.chdir(ROOT)
    done = spwf04("ping", "a.example", "--port", "sim" + (":" + world if world else ""))
    said = " ".join(done.err.replace("│", "").split())
    bench = f"spwf04 sim {world}".strip()
    assert f"keep one by {bench}. Join a network first: spwf04 join SSID -p sim" in said
    assert "sim:" not in said
