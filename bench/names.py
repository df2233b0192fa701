"""Names that the core adds to those that MicroPython's firmware has.

The interpreter keeps each name for ever, as text and in a table. The tables double: 20, 40, 80,
160, 320 entries.
"""

import re

from bench import board, client, mpy

_NAME = re.compile(r"^Q\((.*)\)$", re.M)


def added():
    """Return {name: files of the core that have it}, no file if it is the name of a module."""
    core, _ = client.files("client")
    output = board.output("names", *map(board.module_of, core))
    _, before, after = re.split(r"^(?:before|after):$", output, flags=re.M)
    known = set(_NAME.findall(before))
    found = {name: [] for name in _NAME.findall(after) if name not in known}
    for file in core:
        for name in mpy.names(board.folder() / "spwf04" / f"{file}.mpy"):
            if name in found:
                found[name].append(file)
    return found
