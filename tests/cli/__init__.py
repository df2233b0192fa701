"""Tests of the command line; `spwf04()` runs it in this process."""

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from unittest import mock

from spwf04_cli import ports
from spwf04_cli.app import main

WIDTH = 88


@dataclass
class Done:
    """code: the exit code. out, err: what was printed."""

    code: int
    out: str
    err: str


class _Keyboard(io.StringIO):
    """What is typed. It is shown when it is read, as a terminal shows it."""

    def readline(self, size=-1):
        line = super().readline(size)
        sys.stderr.write(line)
        return line


def _typed_unseen(prompt="", stream=None):
    """What getpass.getpass() does on a terminal."""
    print(prompt, file=sys.stderr)
    return io.StringIO.readline(sys.stdin).rstrip("\n")


def spwf04(*arguments, stdin="", together=False, width=WIDTH, environment=()):
    """Run `spwf04 <arguments>` as on a terminal of so many columns without colour.

    stdin: what is typed. together: stderr is in .out, where it would stand on a terminal.
    environment: variables besides.
    """
    out = io.StringIO()
    err = out if together else io.StringIO()
    plain = {"COLUMNS": str(width), "NO_COLOR": "1", "TERM": "dumb", **dict(environment)}
    with (
        mock.patch.dict(os.environ, plain),
        mock.patch("sys.stdin", (_Keyboard if together else io.StringIO)(stdin)),
        mock.patch("getpass.getpass", _typed_unseen),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        os.environ.pop("SPWF04_PORT", None)
        code = main(list(arguments))
    return Done(code, out.getvalue(), "" if together else err.getvalue())


@contextlib.contextmanager
def at_port(module, name="/dev/ttyUSB0"):
    """A simulated module stands in for a serial port until the block ends."""
    with mock.patch.dict(ports.STAND_INS, {name: module}):
        yield name
