"""How long a person waits for help, beside a bare Typer app and a peer."""

import os
import statistics
import subprocess
import sys
import time

from bench import board

_BARE = """
import typer
app = typer.Typer()
@app.command()
def one(number: int = 1):
    "The first command."
@app.command()
def two(number: int = 1):
    "The second command."
app()
"""
BARE, BARE_COMMAND = "a bare Typer app", "a command of it"
# what is started: (arguments of the interpreter, what it is compared with)
COMMANDS = {
    BARE: (["-c", _BARE, "--help"], BARE),
    BARE_COMMAND: (["-c", _BARE, "one", "--help"], BARE_COMMAND),
    "spwf04": (["-m", "spwf04_cli", "--help"], BARE),
    "spwf04 info": (["-m", "spwf04_cli", "info", "--help"], BARE_COMMAND),
    "spwf04 check": (["-m", "spwf04_cli", "check", "--help"], BARE_COMMAND),
    "mpremote": (["-m", "mpremote", "help"], BARE),
}
_RUNS = 9


def once(name):
    """(seconds, seconds of CPU) that one start takes."""
    begin, before = time.monotonic(), os.times()
    command = [sys.executable, *COMMANDS[name][0]]
    subprocess.run(command, cwd=board.HERE.parent, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    cpu = sum(after[i] - before[i] for i in (2, 3))  # of children: user, system
    return time.monotonic() - begin, cpu


def measure(runs=_RUNS):
    """[{"command", "seconds", "cpu", "above_bare"}]: medians of so many starts of each, in turn.
    above_bare: the median of the differences in CPU time from a bare Typer app, or from a command
    of it, in the same turn."""
    found = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, times in found.items():
            times.append(once(name))
    return [_row(name, times, found[COMMANDS[name][1]]) for name, times in found.items()]


def _row(name, times, bare):
    return {
        "command": name,
        "seconds": statistics.median(seconds for seconds, _ in times),
        "cpu": statistics.median(cpu for _, cpu in times),
        "above_bare": statistics.median(ours - its for (_, ours), (_, its) in zip(times, bare)),
    }
