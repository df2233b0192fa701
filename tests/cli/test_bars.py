"""Bars and spinners: they move on a terminal only, on stderr, and never mix with what is printed.
Colours: only where they are wanted."""

import contextlib
import io
import json
import os
import re
import sys
from unittest import mock

import pytest

from spwf04_cli import output
from spwf04_cli.app import main
from tests.cli import spwf04
from tests.cli.terminal import Terminal as TerminalWithAPerson

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CLEARED = "\x1b[2K"  # a line of the terminal


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self):
        return True


@contextlib.contextmanager
def screen(out=Terminal, err=Terminal, **environment):
    """(stdout, stderr) of a terminal with colours, or of other streams."""
    usual = {"TERM": "xterm-256color", "COLUMNS": "88", **environment}
    without = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "SPWF04_PORT")
    streams = out(), err()
    with (
        mock.patch.dict(os.environ, usual),
        mock.patch("sys.stdout", streams[0]),
        mock.patch("sys.stderr", streams[1]),
    ):
        for name in without:
            if name not in environment:
                os.environ.pop(name, None)
        yield streams


def test_a_bar_is_cleared_before_a_result_is_printed_and_comes_back_below():
    both = Terminal()
    with screen(lambda: both, lambda: both):
        with output.progress("sending", 10) as advance:
            advance(5)
            begun = len(both.getvalue())
            output.say("a result")
            output.note("a remark")
            output.show({"a": 1}, True, None)
            end = len(both.getvalue())
    shown = both.getvalue()
    assert "sending" in shown[:begun]
    before, _, after = shown[begun:end].partition("a result")
    assert CLEARED in before and "sending" in after
    before, _, after = after.partition("a remark")
    assert CLEARED in before and "sending" in after
    assert CLEARED in after.partition('"a": 1')[0]
    assert shown.rstrip("\x1b[?25hl\r\n").endswith(CLEARED)  # and nothing stays of it


def test_results_go_to_stdout_though_something_moves_on_stderr():
    with screen(out=io.StringIO) as (out, err):
        with output.doing("working"), output.progress("sending", 10):
            output.say("a result")
            output.note("a remark")
            print("printed")
    assert out.getvalue() == "a result\nprinted\n"
    assert "a remark" in err.getvalue() and "a result" not in err.getvalue()


def test_a_question_stands_still(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    both = Terminal()
    with screen(lambda: both, lambda: both):
        with output.progress("sending", 10):
            begun = len(both.getvalue())
            output.confirm("Update?")
    before, _, after = both.getvalue()[begun:].partition("Update?")
    assert CLEARED in before and "sending" in after


@pytest.mark.parametrize(
    "how",
    [{"err": io.StringIO}, {"TERM": "dumb"}, {"err": io.StringIO, "FORCE_COLOR": "1"}],
    ids=str,
)
def test_without_a_terminal_nothing_moves(how):
    with screen(**how) as (out, err):
        with output.doing("working"), output.progress("sending", 10) as advance:
            advance(3)
            output.say("a result")
    assert err.getvalue() == ""
    assert COLOUR.sub("", out.getvalue()) == "a result\n"


def test_the_lines_of_a_bench_stand_above_its_bars(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text('[settings]\nuser_desc = "door"\n')
    with screen(out=io.StringIO) as (out, err):
        assert main(["provision", str(plan), "--port", "sim*2"]) == 0
    assert len(re.findall(r"^\d+ at sim:module-\d: done", out.getvalue(), re.M)) == 2
    assert "modules" in err.getvalue() and "done" not in err.getvalue()


# Colours -------------------------------------------------------------------------------------
SHOWN = [
    ["--help"],
    ["ca", "--help"],
    ["info", "-p", "/dev/ttyNONE"],
    ["inf"],
    ["join", "simulated", "--password", "password", "-p", "sim"],
]


def coloured(run, **how):
    """Whether a function prints in colours."""
    with screen(**how) as (out, err):
        run()
    codes = COLOUR.findall(out.getvalue() + err.getvalue())
    return any(re.search(r"[;\[](3[0-8]|9[0-7])[;m]", code) for code in codes)


def moves():
    """Show a bar."""
    with output.progress("sending", 10) as advance:
        advance(5)


@pytest.mark.parametrize(
    "run", [moves, *[lambda a=a: main(a) for a in SHOWN]], ids=["bar", *map(" ".join, SHOWN)]
)
def test_there_are_colours_only_where_they_are_wanted(run):
    plain = {"out": io.StringIO, "err": io.StringIO}
    assert coloured(run)
    assert coloured(run, FORCE_COLOR="1", **plain) or run is moves
    for how in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, plain, {"NO_COLOR": "1", "FORCE_COLOR": "1"}):
        assert not coloured(run, **how), how


def test_the_document_for_a_program_never_has_any():
    with screen(FORCE_COLOR="1") as (out, _):
        assert main(["info", "-p", "sim", "--json"]) == 0
    assert json.loads(out.getvalue())["model"] == "SPWF04SA"


def test_a_prompt_has_none_either():
    said = spwf04("join", "home", "--port", "sim", stdin="\n", environment={"FORCE_COLOR": "1"})
    assert "Password of home" in said.err and "\x1b[3" not in said.err


def test_the_shell_has_none_either_if_none_are_wanted(tmp_path):
    program = [sys.executable, "-m", "spwf04_cli", "shell", "--port", "sim", "--no-history"]
    with TerminalWithAPerson(program, HOME=str(tmp_path), NO_COLOR="1") as terminal:
        terminal.until("spwf04>")
        terminal.type("GCFG=nv_model\r")
        terminal.until("SPWF04SA")
        terminal.until("spwf04>")
        terminal.type("\x04")
        assert terminal.ended() == 0
    codes = re.findall(rb"\x1b\[[0-9;]*m", terminal.shown)
    assert not any(re.search(rb"[;\[](3[0-8]|9[0-7])[;m]", code) for code in codes)
