"""The blocks of docs/cli.md are what the commands print.

A block of the page is

    <!-- run: NAME -->
    ```console
    $ spwf04 info --port /dev/ttyUSB0
    …
    ```

and a file of this folder says how NAME is run:

    @transcript("NAME")
    def name():
        with at_port(Controller(clock=VirtualClock()).module):
            yield Desk()

The function is a generator: what it sets up before its yield lasts while the block's commands run.
They run in a folder of their own and in one process, stdout and stderr together. Besides spwf04 a
block may have `$ cat FILE`, `$ echo $?` and `$ export NAME=VALUE`. `make cli-docs` writes the page
anew; tests/cli/test_docs.py compares the page with what is printed.
"""

import contextlib
import importlib
import os
import pathlib
import pkgutil
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass, field
from unittest import mock

from tests.cli import WIDTH, spwf04
from tests.shims.micropython import ROOT

PAGE = ROOT / "docs" / "cli.md"
_BLOCK = re.compile(r"<!-- run: (\S+) -->\n```console\n(.*?)```", re.S)
_RUNS = {}


@dataclass
class Desk:
    """replace: (pattern, text) pairs for what differs from run to run. stdin: what the user
    types, for each command. aliases: {argument as shown: what it really is}."""

    aliases: dict = field(default_factory=dict)
    replace: list = field(default_factory=list)
    stdin: list = field(default_factory=list)


def transcript(name):
    """Register a generator function under a block's name."""

    def register(function):
        if name in _RUNS:
            raise ValueError(f"two transcripts called {name}")
        _RUNS[name] = contextlib.contextmanager(function)
        return function

    return register


def names():
    """The names of all transcripts of this folder."""
    for found in pkgutil.iter_modules(__path__):
        if found.name != "__main__":
            importlib.import_module(f"{__name__}.{found.name}")
    return list(_RUNS)


def blocks(text):
    """[(name, block)] of a page."""
    return _BLOCK.findall(text)


def run(name, block):
    """The block of that name as it should be: its commands, each with what it prints now."""
    names()
    if name not in _RUNS:
        raise KeyError(f"no transcript called {name} in tests/cli/transcripts")
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    lines = []
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ):
        os.chdir(folder)
        try:
            with _RUNS[name]() as desk:
                code = 0
                for command in commands:
                    lines.append("$ " + command)
                    code, printed = _run(command, desk, code)
                    lines += _tidy(printed, desk)
        finally:
            os.chdir(here)
    return "\n".join(lines) + "\n"


def _run(command, desk, code):
    word, *arguments = shlex.split(command)
    if word == "spwf04":
        arguments = [desk.aliases.get(a, a) for a in arguments]
        done = spwf04(*arguments, stdin=desk.stdin.pop(0) if desk.stdin else "", together=True)
        return done.code, done.out
    if word == "cat":
        return 0, "".join(pathlib.Path(file).read_text() for file in arguments)
    if command == "echo $?":
        return 0, f"{code}\n"
    if word == "export":
        os.environ.update([arguments[0].split("=", 1)])
        return 0, ""
    raise ValueError(f"a transcript cannot run {word}")


def _tidy(printed, desk):
    for pattern, text in desk.replace:
        printed = re.sub(pattern, text, printed)
    lines = [_in_frame(line.rstrip()) for line in printed.splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _in_frame(line):
    """A line of a panel, brought to the panel's width again after a replacement."""
    if line[:1] == line[-1:] == "│" and len(line) != WIDTH:
        line = line[:-1].rstrip().ljust(WIDTH - 1) + "│"
    return line


def rewritten(text):
    """The page with all its blocks as they are now."""

    def new(match):
        return f"<!-- run: {match[1]} -->\n```console\n{run(match[1], match[2])}```"

    return _BLOCK.sub(new, text)


def main():
    """Write the page."""
    PAGE.write_text(rewritten(PAGE.read_text()))
    print(
        f"{PAGE.relative_to(ROOT)}: {len(blocks(PAGE.read_text()))} transcripts", file=sys.stderr
    )
