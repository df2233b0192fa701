"""Writes the table of docs/services.md: python -m tests.services"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from .table import MARKS, PAGE, table


def main():
    """Run the tests and write what they saw."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, SPWF04_SERVICES=folder, SPWF04_ALL="1")
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/services"]
        subprocess.run(command, env=environment, check=True)
        seen = [json.loads(file.read_text()) for file in pathlib.Path(folder).iterdir()]
    found = {(service, link, column): result for service, link, column, result in seen}
    before, rest = PAGE.read_text().split(MARKS[0])
    _, after = rest.split(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{table(found)}\n{MARKS[1]}{after}")


main()
