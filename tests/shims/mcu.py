"""A module behind a real MicroPython, both on pseudo-terminals, for --via-mcu."""

import contextlib
import os
import signal

from tests.shims.controller import Controller
from tests.shims.micropython import ROOT
from tests.shims.mp_board import Board
from tests.shims.paced import Paced

_BOARD_FILE = '''"""The module on a pseudo-terminal."""

import sys

sys.path.append({tests!r})
from shims.mp_paced import Clock
from shims.mp_uart import PtyUART
from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    return SPWF04(PtyUART({path!r}), clock=Clock({time!r}))
'''


class Bench:
    """controller: the module's side. port: the MCU's port. board_file: how they are wired."""

    def __init__(self, board, controller, board_file):
        self.board = board
        self.controller = controller
        self.port = board.port
        self.board_file = str(board_file)

    def installed(self):
        """The names of the driver's files on the board."""
        there = self.board.lib / "spwf04"
        return sorted(p.relative_to(there).as_posix() for p in there.rglob("*") if p.is_file())

    def ctrl_c(self):
        """Do what a real board does by itself when it reads Ctrl-C."""
        os.kill(self.board._process.pid, signal.SIGINT)


@contextlib.contextmanager
def behind_mcu(folder, board=None, controller=None):
    """A Bench; board: a board that runs already, or None. controller: with another module."""
    controller = controller or Controller()
    with contextlib.ExitStack() as stack:
        if board is None:
            board = stack.enter_context(Board())
        line = stack.enter_context(Paced(controller.module))
        file = folder / "wiring.py"
        file.write_text(
            _BOARD_FILE.format(tests=str(ROOT / "tests"), path=line.path, time=line.time)
        )
        yield Bench(board, controller, file)
