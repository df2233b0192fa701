"""Writes the tables of docs/compatibility.md: python -m tests.libraries"""

import os
import pathlib
import subprocess
import sys
import tempfile

from .table import FILE

TITLES = {
    "CPython, Blinka": "## CircuitPython's libraries",
    "MicroPython": "## MicroPython's libraries",
}
BEGIN = "<!-- tables: written by make compatibility -->\n"
END = "<!-- end of tables -->\n"


def main():
    """Run the tests and write what they saw."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, SPWF04_COMPATIBILITY=folder)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/libraries"]
        subprocess.run(command, env=environment, check=True)
        lines = sorted(file.read_text() for file in pathlib.Path(folder).iterdir())
    tables = ""
    for interpreter, title in TITLES.items():
        tables += f"\n{title}\n\n| library | version | interpreter | link | what | result |\n"
        tables += "|---|---|---|---|---|---|\n"
        tables += "".join(line for line in lines if f"| {interpreter} |" in line)
    before, rest = FILE.read_text().split(BEGIN)
    _, after = rest.split(END)
    FILE.write_text(before + BEGIN + tables + "\n" + END + after)


main()
