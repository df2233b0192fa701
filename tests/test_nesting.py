"""How deeply calls nest: CircuitPython has a fixed stack for Python's frames, and it is small.

It is measured on the WebAssembly build. Its frames are as large as those of a 32-bit MCU.
"""

import re

import pytest

from tests.shims import wasm
from tests.shims.lockstep import Lockstep
from tests.shims.micropython import ROOT

# Bytes of stack that each takes, called from a program's first level, and a few per cent more
STACK = {
    "join": 832,
    "plain": 928,
    "tls": 1536,
    "install_for": 1920,
    "diagnose": 1888,
    "roots": 2496,
}


def run(what, size):
    """Run a program with `size` bytes of stack; return (exit code, output)."""
    with Lockstep() as line:
        return wasm.run("mp_nesting", [what, line.path], line, pystack=size)


@pytest.mark.parametrize("what", STACK)
def test_calls_nest_no_deeper_than_recorded(what):
    code, output = run(what, STACK[what])
    assert code == 0, output


def test_the_figures_of_the_page_are_these():
    page = (ROOT / "docs" / "interpreters.md").read_text()
    assert {
        k: int(v) for k, v in re.findall(r"^\| .* \| `(\w+)` \| (\d+) \|", page, re.M)
    } == STACK


@pytest.mark.parametrize("what", ["roots", "install_for", "diagnose"])
def test_too_small_a_stack_is_an_error_that_says_what_to_set(what):
    code, output = run(what, 1280)
    assert code == 1
    assert "SPWF04Error" in output
    assert "CIRCUITPY_PYSTACK_SIZE = 4096" in output
