"""A joined module that leads to servers of this computer, and a program beside it.

    stage = Stage(interpreter)
    stage.route("www.example.com", 80, address)
    printed = stage.run(example("http"))  # the first program of docs/http.md

The program finds `radio`, joined and with the right time, and `roots`, the name of a bundle with
the CA of tests/shims/servers.py. Time is real, and ten times slower for the driver than for the
module.
"""

import contextlib
import io
import tempfile
import time

import pytest

from spwf04 import SPWF04
from spwf04_sim import PtyPort, RealClock
from tests.shims import fences, micropython
from tests.shims.controller import Controller

from .table import INTERPRETERS

SCRIPT = micropython.ROOT / "tests" / "shims" / "mp_program.py"


def example(page, n=0):
    """The n-th Python block of a page of docs/."""
    return fences.blocks(fences.text(f"{page}.md"), "python")[n]


class Stage:
    """interpreter: one of table.INTERPRETERS. module, world, controller: the simulated ones."""

    def __init__(self, interpreter="CPython", quirks=None):
        self.interpreter = interpreter
        self.controller = Controller(quirks)
        self.module, self.world = self.controller.module, self.controller.world

    def route(self, host, port, address):
        """Lead a host and port of the module's world to an address of this computer."""
        self.world.route(host, port, address)

    def run(self, program):
        """Run a program (text); return the lines that it printed. It must not raise."""
        if self.interpreter == "CPython":
            return self._here(program)
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(program)
            file.flush()
            return self._there(file.name)

    def _here(self, program):
        bundle = self.controller.bundle()
        radio = SPWF04(self.module.uart("machine"), clock=RealClock(speed=0.1))
        radio.connect("home", "correct horse")
        radio.set_time(int(time.time()))
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(program, "program", "exec"), {"radio": radio, "roots": bundle})
        return out.getvalue().splitlines()

    def _there(self, file):
        face = "wifi" if self.interpreter == "CircuitPython's modules" else ""
        path = [micropython.compiled(), micropython.ROOT / "tests"]
        if face:
            path.insert(0, micropython.absent(*micropython.ABSENT[face]))
        other = micropython.micropython32() if self.interpreter == "MicroPython 32" else None
        with PtyPort(self.module, vmin0=True) as line:
            told = [line.path, self.controller.bundle(), str(int(time.time())), file, face]
            code, output = micropython.run(
                SCRIPT, told, self.controller, "1m", path, interpreter=other
            )
        assert code == 0, output
        return output.splitlines()


@pytest.fixture(params=INTERPRETERS)
def stage(request):
    """A Stage on each interpreter: `from .stage import stage`, and use it as an argument."""
    return Stage(request.param)
