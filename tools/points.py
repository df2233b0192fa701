"""Writes the tables of docs/unverified.md: the open points, as spwf04_cli/probe/points/ has them.

    python -m tools.points

A table stands between `<!-- points: FILE -->` and `<!-- end of points -->`; the rest of the page
is prose.
"""

import pathlib
import re

from spwf04_cli.probe.points import points, sections

__all__ = ["PAGE", "page", "points", "table"]

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "unverified.md"

_HEAD = "| switch | readings | experiment |\n|---|---|---|\n"
_TABLE = re.compile(r"(<!-- points: (\w+) -->\n).*?(<!-- end of points -->\n)", re.S)


def table(of_it):
    """The table of a section, of its points."""
    return _HEAD + "".join(_row(point) for point in of_it)


def _row(point):
    readings = " / ".join(point.readings.values())
    return f"| `{point.name}` | {readings} | {point.how} |\n"


def page(text):
    """The text of the page with the tables as they should be."""
    tables = {name: table(of_it) for name, _, of_it in sections()}
    return _TABLE.sub(lambda found: found[1] + tables[found[2]] + found[3], text)


def main():
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
