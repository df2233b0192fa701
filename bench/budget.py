"""What the driver may cost, recorded in budget.json; tests/test_size.py compares.

The figures there are ceilings: a figure below its ceiling needs no new record. `make budget`
raises the ceilings that are exceeded and lowers those that have become far too high.
"""

import json
import math

from bench import board, client, heap, line, page

FILE = board.HERE / "budget.json"
ROOM = 1.02  # above the figure that was measured


def exchanges():
    """Return {transfer: [AT commands, bytes to the module, bytes from it]}."""
    costs = {
        "https page": page.https(),
        "http page": page.http(),
        "adafruit_requests page": page.requests(),
        "receive 100 KB": line.receive(115200, 3, 730),
        "send 100 KB": line.send(115200, 3, 730),
    }
    return {
        name: [cost.commands, cost.to_module, cost.from_module] for name, cost in costs.items()
    }


def loaded():
    """Return {program: bytes of .mpy that it loads at any time}."""
    return {program: sum(client.files(program)[0].values()) for program in client.PROGRAMS}


def measure():
    """Return the present figures. Heap is that of 32-bit MicroPython."""
    return {
        "mpy": board.groups(),
        "mpy loaded": loaded(),
        "heap in use": heap.in_use("spwf04"),
        "heap left by roots": {"bytes": client.left_by_roots()},
        "smallest heap, KB": {p: client.smallest_heap(p) for p in client.PROGRAMS},
        "exchanges": exchanges(),
    }


def recorded():
    """Return the ceilings of budget.json."""
    return json.loads(FILE.read_text())


def ceiling(figure, before=None):
    """Return the ceiling for a figure: the one before if it still fits. Counts of commands and
    bytes have no room."""
    if isinstance(figure, list):
        return figure
    if before is not None and figure <= before < figure * ROOM**2:
        return before
    return math.ceil(figure * ROOM)


def write():
    """Change the ceilings that are exceeded or far too high; return {name: (before, now)}."""
    before = recorded() if FILE.exists() else {}
    now: dict = {"made with": {tool: board.version(tool) for tool in board.TOOLS}}
    for name, figures in measure().items():
        old = before.get(name, {})
        now[name] = {part: ceiling(figure, old.get(part)) for part, figure in figures.items()}
    FILE.write_text(json.dumps(now, indent=2) + "\n")
    return {
        f"{name}, {part}": (before.get(name, {}).get(part), value)
        for name, values in now.items()
        for part, value in values.items()
        if before.get(name, {}).get(part) != value
    }
