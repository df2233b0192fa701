"""--json: whatever happens, stdout has one JSON document, and the exit code is as without it."""

import json
from unittest import mock

import pytest

from spwf04_cli import ports
from spwf04_cli.output import FAILED, INTERRUPTED, NO_MODULE, USAGE
from tests.cli import at_port, spwf04
from tests.cli.everywhere import PORT, desk
from tests.cli.test_app import commands
from tests.shims.desk import simulated


def has(command, option):
    """True if a command has an option."""
    return any(option in o.opts for o in command.params if o.param_type_name == "option")


JSON = [path for path, command in commands() if has(command, "--json")]
ON_A_MODULE = [p for p, c in commands() if has(c, "--json") and has(c, "--via-mcu")]


def error(done, code):
    """The error of a document that says what went wrong."""
    assert done.code == code
    found = json.loads(done.out)
    assert found["ok"] is False and found["error"]["exit"] == code
    assert set(found["error"]) == {"what", "todo", "code", "exit"}
    assert "Error" not in done.err and "Usage" not in done.err
    return found["error"]


@pytest.mark.parametrize("path", JSON, ids=" ".join)
def test_a_result_is_one_document(path, tmp_path):
    with desk(tmp_path) as made:
        arguments, typed = made.arguments(path)
        done = spwf04(*arguments, "--json", stdin=typed)
    json.loads(done.out)


@pytest.mark.parametrize("path", JSON, ids=" ".join)
def test_so_is_a_mistake_in_the_command_line(path):
    said = error(spwf04(*path, "--json", "--nonsense"), USAGE)
    assert "--nonsense" in said["what"]
    assert said["todo"].startswith("Usage: spwf04 " + " ".join(path))


@pytest.mark.parametrize("path", ON_A_MODULE, ids=" ".join)
def test_so_is_a_module_that_does_not_answer(path, tmp_path):
    with desk(tmp_path) as made:
        made.controller.unplug()
        arguments, typed = made.arguments(path)
        if path == ("scan",):
            arguments = ["scan", "--port", PORT]
        done = spwf04(*arguments, "--json", stdin=typed)
    assert done.code == NO_MODULE
    assert json.loads(done.out)


@pytest.mark.parametrize("path", ON_A_MODULE, ids=" ".join)
def test_so_are_ctrl_c_and_a_fault_of_the_computer(path, tmp_path):
    for kind, code in ((KeyboardInterrupt(), INTERRUPTED), (OSError(28, "disk full"), FAILED)):
        folder = tmp_path / str(code)
        folder.mkdir()
        with desk(folder) as made, mock.patch.object(ports, "opened", side_effect=kind):
            arguments, typed = made.arguments(path)
            error(spwf04(*arguments, "--json", stdin=typed), code)


def test_the_number_of_the_module_is_told():
    controller = simulated()
    with at_port(controller.module) as port:
        said = error(spwf04("ping", "a.example", "--port", port, "--json"), FAILED)
    assert said["code"] == 44
    assert said["todo"].startswith("Join a network first: spwf04 join ")


def test_without_a_module_number_there_is_null():
    said = error(spwf04("info", "--port", "/dev/ttyNONE", "--json"), NO_MODULE)
    assert said["code"] is None and "no such port" in said["what"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json"],
        ["inf", "--json"],
        ["join", "--json"],
        ["ping", "a", "--count", "many", "--json"],
        ["shell", "--json"],
        ["ca", "--json"],
    ],
    ids=" ".join,
)
def test_every_mistake_is_told_so(arguments):
    assert error(spwf04(*arguments), USAGE)["what"]


def test_a_question_that_is_answered_with_no():
    controller = simulated()
    with at_port(controller.module) as port:
        done = spwf04("ca", "remove", "--all", "--port", port, "--json", stdin="n\n")
    assert error(done, FAILED)["what"] == "Given up."


def test_a_result_that_was_printed_is_not_followed_by_another_document():
    controller = simulated()
    with at_port(controller.module) as port:
        done = spwf04("ca", "remove", "ab", "--port", port, "--json")
    assert done.code == FAILED
    assert json.loads(done.out) == {"removed": [], "missing": ["ab"]}
    assert "not found on the module" in done.err


def test_what_follows_two_dashes_is_no_option():
    done = spwf04("trace", "--", "--json")
    assert done.code == USAGE and done.out == ""


def test_a_package_that_is_missing(monkeypatch, capsys):
    import sys

    from spwf04_cli import __main__ as command

    monkeypatch.delitem(sys.modules, "spwf04_cli.app")
    monkeypatch.setitem(sys.modules, "rich.panel", None)
    monkeypatch.delitem(sys.modules, "spwf04_cli.frame")
    assert command.main(["info", "--json"]) == USAGE
    found = json.loads(capsys.readouterr().out)
    assert "the package rich is not installed" in found["error"]["what"]
