"""The commands that the pages show exist, with their options."""

import re
import shlex

import pytest

from spwf04_cli import app
from tests.cli.test_app import commands
from tests.shims.micropython import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OWN = {"--help", "-h", "--version", "--install-completion", "--show-completion"}
CONNECTION = {"-p", "--port", "--via-mcu", "--board", "--baud"}
COMMANDS = dict(commands())


def shown(page):
    """Every command line of ours on a page: those that begin a line of a block, and those in
    backticks. What it prints is left out."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.S | re.M)
    typed = [block for kind, block in blocks if kind in ("", "sh", "console")]
    lines = [line.removeprefix("$ ") for block in typed for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```", "", page, flags=re.S | re.M)
    lines += [" ".join(words.split()) for words in re.findall(r"`([^`]+)`", prose)]
    return [line for line in lines if re.match(r"spwf04 [a-z-]", line)]


def faults(line):
    """What is wrong with a command line."""
    line = re.sub(r"^spwf04 (?:-p|--port|--via-mcu|--board|--baud) \S+ ", "spwf04 ", line)
    words = shlex.split(re.sub(r"\s#.*| [|&>].*|…", "", line))[1:]
    if words[0] in OWN:
        return []
    while words[0] in CONNECTION:  # it may stand before the command
        del words[:2]
    path = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in COMMANDS), None)
    if path is None:
        return [] if words[0] in {name for name, *_ in COMMANDS} else [words[0]]
    known = {option for p in COMMANDS[path].params for option in (*p.opts, *p.secondary_opts)}
    options = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return sorted(options - known - OWN)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_that_a_page_shows_exists(path):
    assert [(line, wrong) for line in shown(path.read_text()) if (wrong := faults(line))] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("spwf04 trust www.example.com --join home", []),
        ("spwf04 ca list --port sim  # the CAs", []),
        ("spwf04 check", []),
        ("spwf04 -p sim info", []),
        ("spwf04 -p sim inof", ["inof"]),
        ("spwf04 ca", []),
        ("spwf04 -p sim ca list", []),
        ("spwf04 truss www.example.com", ["truss"]),
        ("spwf04 trust www.example.com --yes", ["--yes"]),
    ],
)
def test_a_wrong_command_is_noticed(line, wrong):
    assert faults(line) == wrong


def test_commands_are_read_as_they_are_shown():
    page = (
        "Say `spwf04\nscan`.\n```sh\nspwf04 info\n```\n```console\n$ spwf04 time\nspwf04> x\n```"
    )
    assert shown(page) == ["spwf04 info", "spwf04 time", "spwf04 scan"]
    assert set(app.COMMANDS) == {name for name, *_ in COMMANDS}
