"""Writes the table of docs/services.md: python -m tests.services

--step N: of each exchange, put a fault of each kind at every N-th byte. What `make faults` has put
at every byte is not put again.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from .table import write_page


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
    write_page(found)


main()
