"""Where a command prints to changes neither what it does nor its exit code.

It may be a console with an old code page, a pipe that nobody reads any more, or a closed stream.
"""

import ast
import errno
import io
import os
import re
import subprocess
import sys
from unittest import mock

import pytest

from spwf04_cli.app import main
from spwf04_cli.output import DONE, FAILED, USAGE
from spwf04_sim.desk import screen
from tests.cli import spwf04
from tests.cli.everywhere import ARGUMENTS, desk
from tests.cli.test_app import commands
from tests.shims.micropython import ROOT, tool

ALL = [path for path, _ in commands()]
# These end with 1 here: there is no such CA, a server cannot be reached, a log has an error
CODES = {("ca", "remove"): 1, ("ca", "export"): 1, ("check",): 1, ("trace",): 1}


def run(folder, path, out, err):
    """The exit code of a command that prints to these streams."""
    with desk(folder) as made:
        arguments, typed = made.arguments(path)
        plain = {"COLUMNS": "88", "NO_COLOR": "1", "TERM": "dumb"}
        with (
            mock.patch.dict(os.environ, plain),
            mock.patch("sys.stdin", io.StringIO(typed)),
            mock.patch("sys.stdout", out),
            mock.patch("sys.stderr", err),
        ):
            return main(arguments)


def test_every_command_has_its_line_here():
    assert sorted(ALL) == sorted(ARGUMENTS)


@pytest.mark.generated(30)
@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "cp932", "utf-8"])
@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_a_console_of_an_old_code_page_gets_what_it_can_show(path, encoding, tmp_path):
    streams = [io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2)]
    assert run(tmp_path, path, *streams) == CODES.get(path, DONE)
    said = ""
    for stream in streams:
        stream.flush()
        said += stream.buffer.getvalue().decode(encoding)
    assert said.strip()
    assert "Traceback" not in said and "codec" not in said


@pytest.mark.parametrize("encoding", ["cp437", "ascii"])
@pytest.mark.parametrize("path", [(), *ALL], ids=" ".join)
def test_so_does_help(path, encoding):
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    with mock.patch("sys.stdout", out), mock.patch("sys.stderr", out):
        assert main([*path, "--help"]) == DONE
    out.flush()
    assert b"Usage" in out.buffer.getvalue()


# What a command says of a simulated module, and nothing else
REMARK = re.compile(r"A new simulated module: nothing is kept;[^.]+\.\n")


class Gone(io.RawIOBase):
    """A pipe that nobody reads any more after so many writes."""

    def __init__(self, number, after=0):
        self.left = after
        self.number = number
        self.refused = 0

    def writable(self):
        return True

    def write(self, data):
        if not self.left:
            self.refused += 1
            raise OSError(self.number, os.strerror(self.number))
        self.left -= 1
        return len(data)


@pytest.mark.generated(15)
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_a_reader_that_goes_away_changes_nothing(path, after, tmp_path):
    for number in (errno.EPIPE, errno.EINVAL):
        pipes = [Gone(number, after) for _ in range(2)]
        out, err = [io.TextIOWrapper(pipe, write_through=True) for pipe in pipes]  # pyright: ignore
        folder = tmp_path / str(number)
        folder.mkdir()
        assert run(folder, path, out, err) == CODES.get(path, DONE)
        assert after or any(pipe.refused for pipe in pipes)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_without_any_stream_nothing_changes(path, tmp_path):
    code = CODES.get(path, DONE)
    assert run(tmp_path, path, None, None) == code
    closed = [io.TextIOWrapper(io.BytesIO()) for _ in range(2)]
    for stream in closed:
        stream.close()
    folder = tmp_path / "again"
    folder.mkdir()
    assert run(folder, path, *closed) == code


@pytest.mark.parametrize("words", [["info", "--port", "sim"], ["--help"]], ids=str)
def test_a_full_disk_is_told_and_is_a_failure(words):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [tool("spwf04"), *words],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == FAILED
    assert "No space left" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("end", ["| true", "| head -c 1 >/dev/null", ">&-", "2>&- >&-", "<&-"])
def test_real_pipes_and_closed_streams(end, tmp_path):
    """Python itself prints nothing when it shuts down, either."""
    script = f'"{tool("spwf04")}" doctor --port sim {end}; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == DONE, done
    assert done.stderr == "" or REMARK.fullmatch(done.stderr)


@pytest.mark.parametrize("encoding", ["cp437", "cp1252:strict", "ascii"])
def test_the_environment_names_the_encoding(encoding):
    done = subprocess.run(
        [tool("spwf04"), "doctor", "--port", "sim"],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == DONE
    assert done.stdout.startswith(b"+ wiring")
    assert REMARK.fullmatch(done.stderr.decode(encoding.partition(":")[0]))


def test_errors_are_told_there_too():
    for arguments in (
        ["info", "--port", "/dev/ttyN\u00d6NE\u2192"],
        ["\u2192"],
        ["ls", "--\udcff"],
    ):
        out = io.TextIOWrapper(io.BytesIO(), "ascii")
        with mock.patch("sys.stdout", out), mock.patch("sys.stderr", out):
            code = main(arguments)
        out.flush()
        assert code in (USAGE, 3) and b"Error" in out.buffer.getvalue()


def test_the_streams_are_as_before_afterwards():
    before = sys.stdin, sys.stdout, sys.stderr
    assert spwf04("--version").code == DONE
    assert (sys.stdin, sys.stdout, sys.stderr) == before


def test_every_mark_that_is_printed_has_one_in_ascii():
    for folder in ("spwf04_cli", "spwf04_sim"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name == "screen.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    shown = screen.fitting(node.value, "ascii")
                    assert len(shown) == len(node.value)
                    marks = [
                        c
                        for c, s in zip(node.value, shown)
                        if s == "?" and c not in "?\ufeff\ufffd"
                    ]
                    assert not marks, (path, node.lineno, marks)
