"""The table of docs/services.md: service × interpreter × link, and what faults did.

Each test gives its cell to cell(), which compares it with the page. With SPWF04_SERVICES=FOLDER in
the environment cell() keeps it in that folder instead, for `python -m tests.services`.
"""

import json
import os
import pathlib
import re
import uuid

from tests.faults import services
from tests.shims import faultruns

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "services.md"
MARKS = "<!-- services: written by python -m tests.services -->", "<!-- end of services -->"
INTERPRETERS = ("CPython", "MicroPython", "MicroPython 32", "CircuitPython's modules")
LINKS = ("plain", "TLS")
COLUMNS = (*INTERPRETERS, "faults on the line")
PLACES: "dict[tuple, list]" = {}  # (service, link): the names of the exchanges of faults
for _name in services.exchanges():
    _service, _, _rest = _name.partition(", ")
    PLACES.setdefault((_service, _rest.partition(":")[0]), []).append(_name)

KEPT = os.environ.get("SPWF04_SERVICES")  # the folder for what is seen, or None


def cell(service, link, column, result="works"):
    """Keep what a test saw, or check that the page has it. link: "plain" or "TLS"."""
    if KEPT:
        found = json.dumps([service, link, column, result])
        (pathlib.Path(KEPT) / uuid.uuid4().hex).write_text(found)
        return
    told = cells(PAGE.read_text())
    assert told.get((service, link, column)) == result, "run: python -m tests.services"


def cells(text):
    """{(service, link, column): result} of a page's table."""
    rows = re.findall(r"^\| (.+?) \| (plain|TLS) \| (.*) \|$", text, re.M)
    return {
        (service, link, column): result
        for service, link, rest in rows
        for column, result in zip(COLUMNS, rest.split(" | "))
    }


def table(found):
    """The table of {(service, link, column): result}; what nobody has said is empty."""
    lines = ["| service | link | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 2) + "|"]
    for service in sorted({key[0] for key in found}):
        for link in LINKS:
            row = [found.get((service, link, column), "") for column in COLUMNS]
            if row[0].startswith("*n/a*"):  # what there is not has no faults either
                row[-1] = row[0]
            if any(row):
                lines.append(f"| {service} | {link} | " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def write_page(found=None):
    """Write the table of {(service, link, column): result} into the page, None: that of the page,
    with the faults that were put at every byte."""
    text = PAGE.read_text()
    found = dict(cells(text) if found is None else found)
    whole = {place: faultruns.words(names) for place, names in PLACES.items()}
    whole = {place: words for place, words in whole.items() if words}
    found.update({(*place, COLUMNS[-1]): words for place, words in whole.items()})
    made = faultruns.revisions([name for place in whole for name in PLACES[place]])
    note = f"\nEvery byte: at revision {made}.\n" if whole else ""
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{table(found)}{note}\n{MARKS[1]}{after}")
