"""The frame of all commands: help, options before a command, what was meant, completion."""

import json
import os
import subprocess
import sys
import types

import pytest

from spwf04_cli import app, ports, session
from spwf04_cli.output import DONE, USAGE
from tests.cli import at_port, spwf04
from tests.cli.test_app import commands
from tests.shims.desk import simulated

EVERY = [(), ("ca",), *[path for path, _ in commands()]]
ON_A_MODULE = [
    path for path, command in commands() if any("--via-mcu" in o.opts for o in command.params)
]


def page(*path, width=88):
    """The lines of a page of help, without frames."""
    done = spwf04(*path, "--help", width=width)
    assert done.code == DONE and done.err == ""
    return [line.strip("│ ") for line in done.out.splitlines()]


def flat(lines):
    """The words of some lines."""
    return " ".join(" ".join(lines).split())


# Help ----------------------------------------------------------------------------------------
def test_the_list_of_commands_has_a_panel_for_each_purpose():
    lines = page()
    titles = [line.strip("╭─╮ ") for line in lines if line.startswith("╭")]
    assert titles == [*app.PANELS, "Options", "Connection"]
    assert [
        line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in app.COMMANDS
    ]
    assert "check      Say whether the module's TLS can connect to a server" in lines


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_list_says_of_a_command_in_a_line_what_it_does(name):
    said = {n: says for panel in app.PANELS.values() for n, (_, says) in panel.items()}
    assert 0 < len(said[name]) <= 62 and not said[name].endswith(".")
    assert any(line.split() == [name, *said[name].split()] for line in page(width=80))


@pytest.mark.parametrize("path", ON_A_MODULE, ids=" ".join)
def test_the_options_that_name_the_module_have_a_panel_of_their_own(path):
    lines = page(*path)
    at = next(i for i, line in enumerate(lines) if "─ Connection ─" in line)
    words = flat(lines[at:])
    for option in ("-p, --port PORT", "--via-mcu PORT", "--board NAME", "--baud RATE", "--debug"):
        assert option in words
        assert option not in flat(lines[:at])


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_no_type_of_python_is_shown(path):
    text = flat(page(*path))
    for noise in ("<bool>", "<str>", "<int", "<float", "<path>", "<file>", "TEXT INTEGER", "None"):
        assert noise not in text


@pytest.mark.parametrize("width", [40, 57, 80, 133, 200])
@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_fits_every_width_and_has_no_line_break_of_its_own(path, width):
    lines = spwf04(*path, "--help", width=width).out.splitlines()
    assert max(map(len, lines)) <= width
    about = lines[3 : next(i for i, line in enumerate(lines) if line[:1] == "╭")]
    for line, after in zip(about, about[1:]):
        if line and after:  # the next word has no room here
            assert len(line.rstrip()) + 1 + len(after.split()[0]) > width


def test_two_examples_stand_on_two_lines():
    examples = [line for line in page("join") if line.startswith("Example: ")]
    assert examples[:2] == [
        "Example: spwf04 join home --save",
        "Example: echo 'correct horse' | spwf04 join home --password -",
    ]


def test_limits_defaults_and_variables_are_told():
    text = flat(page("image", "load"))
    assert "--timeout SECONDS Seconds that it may take. [30 to 1800; default: 300]" in text
    assert "[or set SPWF04_PORT]" in text
    text = flat(page("image", "load"))
    assert "1 user flash, 0 SD card. [0 to 1; default: 1]" in text  # 1 is no True


def test_a_group_of_commands_shows_its_name_and_what_it_is_about():
    text = flat(page("ca"))
    assert "Usage: spwf04 ca [OPTIONS] COMMAND [ARGS]..." in text
    assert "flash slot" in text
    assert "remove Remove CAs from the module." in text
    assert "Example: spwf04 ca list" in text


HEAVY = ("cryptography", "mpremote", "prompt_toolkit", "serial", "drawsvg", "certifi")


@pytest.mark.parametrize("asked", ["['--help']", "[]"], ids=["help", "completion"])
def test_the_list_of_commands_loads_none_of_them(asked):
    text = (
        f"import sys; from spwf04_cli.app import main; main({asked}); "
        "print([n for n in sys.modules if n.startswith('spwf04_cli.commands.') or "
        f"n.partition('.')[0] in {HEAVY}], file=sys.stderr)"
    )
    environment = dict(os.environ)
    if asked == "[]":
        environment.update(
            _SPWF04_COMPLETE="complete_bash", COMP_WORDS="spwf04 do", COMP_CWORD="1"
        )
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert "doctor" in done.stdout
    assert done.stderr.strip() == "[]"


# Options before the command ------------------------------------------------------------------
def test_the_port_stands_before_the_command_or_after_it():
    with at_port(simulated().module) as port:
        for arguments in (
            ["-p", port, "info"],
            ["--port", port, "info"],
            ["info", "-p", port],
            ["info", f"--port={port}"],
            ["-p", port, "ca", "list"],
            ["ca", "list", "-p", port],
        ):
            assert spwf04(*arguments).code == DONE


def test_what_stands_later_counts(monkeypatch):
    with at_port(simulated().module) as port:
        assert spwf04("-p", "/dev/ttyNONE", "info", "-p", port).code == DONE
        assert spwf04("--via-mcu", "/dev/ttyNONE", "info", "-p", port).code == DONE
        monkeypatch.setenv("SPWF04_PORT", "/dev/ttyNONE")
        monkeypatch.setenv("SPWF04_VIA_MCU", "/dev/ttyNONE")
        assert spwf04("-p", port, "info").code == DONE
    done = spwf04("-p", port, "info", "-p", "/dev/ttyNONE")
    assert "/dev/ttyNONE cannot be opened" in done.err


def test_the_other_options_of_the_connection_do_too():
    with at_port(simulated().module) as port:
        done = spwf04("--debug", "-p", port, "info")
        assert "> AT+S.GCFG=nv_model" in done.err
    done = spwf04("--baud", "1", "info")
    assert done.code == USAGE and "--baud" in done.err
    done = spwf04("--board", "pico", "info")
    assert done.code == USAGE and "it goes with --via-mcu" in done.err


def test_a_command_that_may_have_several_ports_takes_one_before_it(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text("[settings]\n")
    done = spwf04("-p", "sim*3", "provision", str(plan), "--check")
    assert done.code == DONE and "3 ports" in done.out


def test_a_command_without_a_module_passes_over_them(tmp_path):
    log = tmp_path / "log.txt"
    log.write_text("> AT+S.STS=version\n< AT-S.Var:version=1\n< AT-S.OK\n")
    assert spwf04("-p", "/dev/ttyNONE", "trace", str(log)).code == DONE


# What was meant ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["infoo"], "No such command: infoo. Did you mean info?"),
        (["DOCTOR"], "No such command: DOCTOR. Did you mean doctor?"),
        (["ca", "ls"], "No such command: ls. Did you mean list?"),
        (["ca", "rm"], "No such command: rm. Did you mean remove?"),
        (["ca", "lst"], "No such command: lst. Did you mean list?"),
        (["info", "--prot", "sim"], "No such option: --prot. Did you mean --port?"),
        (["trust", "a", "--pen", "x"], "No such option: --pen. Did you mean --pem"),
        (["xyzzy"], "No such command: xyzzy"),
        (["\u00fcnf\u00f6"], "No such command: \u00fcnf\u00f6"),
    ],
    ids=str,
)
def test_a_mistyped_word_is_told_with_what_was_perhaps_meant(typed, meant):
    done = spwf04(*typed)
    assert done.code == USAGE
    assert meant in flat(line.strip("│ ") for line in done.err.splitlines())
    assert "--help tells more" in done.err


def test_json_stands_behind_the_command():
    done = spwf04("--json", "info")
    assert done.code == USAGE
    assert json.loads(done.out)["error"]["what"] == "--json stands behind the command"


def test_a_line_of_usage_names_no_port():
    done = spwf04("time", "--set", "--ntp", "--port", "sim")
    assert done.code == USAGE
    assert "Usage: spwf04 time [OPTIONS]" in done.err


def test_what_is_missing_is_told_with_the_way_to_call_the_command():
    done = spwf04("put")
    assert done.code == USAGE
    assert "Missing argument 'FILE'" in done.err
    assert "Usage: spwf04 put [OPTIONS] FILE [NAME]" in done.err


# Completion ----------------------------------------------------------------------------------
def completed(*words):
    """What bash offers for the last word."""
    environment = {"_SPWF04_COMPLETE": "complete_bash", "COMP_CWORD": str(len(words))}
    environment["COMP_WORDS"] = " ".join(["spwf04", *words])
    return spwf04(environment=environment).out.split()


def usb(device, vid=0x0403, pid=0x6001):
    """A port as pyserial describes it."""
    return types.SimpleNamespace(
        device=device, vid=vid, pid=pid, description="x", manufacturer="", product=""
    )


@pytest.fixture
def plugged(monkeypatch):
    """An adapter and a Pico are there."""
    found = [usb("/dev/ttyUSB7"), usb("/dev/ttyACM3", 0x2E8A, 5)]
    monkeypatch.setattr(ports, "serial_ports", lambda: found)


def test_the_shell_completes_commands_ports_and_boards(plugged, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_board.py").touch()
    assert completed("do") == ["doctor"]
    assert completed("ca", "e") == ["export"]
    assert completed("info", "--port", "") == ["/dev/ttyUSB7", "sim"]
    assert completed("info", "-p", "s") == ["sim"]
    assert completed("-p", "/dev/ttyU") == ["/dev/ttyUSB7"]
    assert completed("info", "--via-mcu", "") == ["/dev/ttyACM3"]
    assert completed("info", "--board", "pi") == ["pico"]
    assert completed("info", "--board", "nucleo1") == ["nucleo144"]
    assert completed("info", "--board", "raspberry") == []  # no MicroPython
    assert completed("info", "--board", "my") == ["my_board.py"]
    assert "--port" in completed("info", "--p")


def test_what_is_completed_has_a_word_on_what_it_is(plugged):
    assert session.complete_port() == [("/dev/ttyUSB7", "x"), ("sim", "a simulated module")]
    boards = dict(session.complete_board("NONE"))
    assert boards["nucleo144"] == "Nucleo-144 under MicroPython, the module on wires"
    assert all(len(words) > 20 for words in boards.values())
