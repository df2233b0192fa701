"""Makes spwf04_cli/server/listed.py of ESP-IDF's list of the most used authorities.

    git clone --filter=blob:none https://github.com/espressif/esp-idf
    python -m tools.common_roots esp-idf

It takes the names alone, of the newest commit that changed the list.
"""

import csv
import pathlib
import subprocess
import sys

FILE = "components/mbedtls/esp_crt_bundle/cmn_crt_authorities.csv"
TARGET = pathlib.Path(__file__).resolve().parents[1] / "spwf04_cli" / "server" / "listed.py"
HEAD = '''"""Names of the roots that nearly all public servers use. Made by tools/common_roots.py.

Source: github.com/espressif/esp-idf, %s
License of that repository: Apache-2.0. These are the names alone, by which the certificates are
found among certifi's.
"""

COMMIT = "%s"
DATE = "%s"  # of that commit

# Common name or unit of the subject
NAMES = (
'''


def text(repository):
    """The text of listed.py. repository: a clone of ESP-IDF, or its git directory."""

    def git(*arguments):
        command = ["git", "-C", str(repository), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    commit, date = git("log", "-1", "--format=%H %cs", "--", FILE).split()
    return source(git("show", f"{commit}:{FILE}"), commit, date)


def source(table, commit, date):
    """The text of listed.py. table: the CSV, whose columns are owner and name."""
    rows = list(csv.reader(table.splitlines()))[1:]
    names = "".join(f'    "{row[1].strip()}",\n' for row in rows if len(row) > 1)
    return HEAD % (FILE, commit, date) + names + ")\n"


if __name__ == "__main__":
    TARGET.write_text(text(sys.argv[1]), "utf-8")
