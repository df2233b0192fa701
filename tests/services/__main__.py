"""Writes the table of docs/services.md: python -m tests.services

--step N: of each exchange, put a fault of each kind at every N-th byte. 1 takes hours.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from .table import MARKS, PAGE, table


def main():
    """Run the tests and write what they saw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--step", type=int, default=31, metavar="N", help="see above; 31")
    step = parser.parse_args().step
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, SPWF04_SERVICES=folder, SPWF04_STEP=str(step))
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/services"]
        subprocess.run(command, env=environment, check=True)
        seen = [json.loads(file.read_text()) for file in pathlib.Path(folder).iterdir()]
    found = {(service, link, column): result for service, link, column, result in seen}
    before, rest = PAGE.read_text().split(MARKS[0])
    _, after = rest.split(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{table(found)}\n{MARKS[1]}{after}")


main()
