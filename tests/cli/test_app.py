"""What all commands share: help, exit codes, errors, where the module is."""

import importlib
import json
import subprocess

import pytest

from spwf04_cli import app, output
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated
from tests.shims.micropython import tool


def commands(group=None, path=()):
    """(path of names, command) for every command."""
    there = group.commands if group else {name: app.imported(name) for name in app.COMMANDS}
    for name, command in there.items():
        if hasattr(command, "list_commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_has_help_with_an_example(path):
    done = spwf04(*path, "--help")
    assert done.code == 0
    assert "Example: spwf04 " + " ".join(path) in " ".join(done.out.split())


def test_every_file_of_the_table_is_there():
    for file in set(app.COMMANDS.values()):
        importlib.import_module("spwf04_cli.commands." + file)


def test_the_installed_command_works():
    done = subprocess.run(
        [tool("spwf04"), "info", "--port", "sim", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["model"] == "SPWF04SA"


def test_the_package_is_a_command_too():
    done = subprocess.run(
        [tool("python"), "-m", "spwf04_cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("spwf04 ")


def test_an_unknown_option_is_a_usage_error():
    assert spwf04("info", "--bla").code == output.USAGE


def test_a_port_that_is_not_there_is_no_module():
    done = spwf04("info", "--port", "/dev/ttyNONE")
    assert done.code == output.NO_MODULE
    assert "no such port" in done.err
    assert done.out == ""


def test_a_module_that_does_not_answer_is_no_module_and_says_what_to_check():
    controller = simulated()
    controller.unplug()
    with at_port(controller.module) as port:
        done = spwf04("info", "--port", port)
    assert done.code == output.NO_MODULE
    assert "wiring" in done.err


def test_the_debug_trace_goes_to_stderr():
    done = spwf04("info", "--port", "sim", "--json", "--debug")
    assert json.loads(done.out)
    assert "> AT+S.GCFG=nv_model" in done.err
