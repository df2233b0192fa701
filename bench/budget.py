"""What the driver may cost, recorded in budget.json; tests/test_size.py compares.

Nothing may grow, and nothing shrink without being recorded: `make budget` does that, on purpose.
"""

import json

from bench import board, client, heap, line, page

FILE = board.HERE / "budget.json"

# How far a figure may be off. Bytes of .mpy and counts of what is sent are exact. Heap in use is
# exact as well but for what an old value on the C stack may keep alive. What the smallest heap is,
# depends on where the garbage lies, too: see board.smallest().
IN_USE, SMALLEST = 256, 2  # bytes, KB


def exchanges():
    """{transfer: [AT commands, bytes to the module, bytes from it]}"""
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


def measure():
    """The figures of now, as they are recorded."""
    loaded, _ = client.files()
    return {
        "made with": {tool: board.version(tool) for tool in ("micropython", "mpy-cross")},
        "mpy": board.sizes(),
        "core": {"files": sorted(loaded), "bytes": sum(loaded.values())},
        "heap in use": heap.in_use("spwf04"),
        "heap allocated": {
            f"{way}, {face}.UART": heap.allocated("spwf04", way, face)["garbage"]
            for way in heap.WAYS
            for face in heap.FACES["spwf04"]
        },
        "smallest heap, KB": client.smallest_heap(),
        "exchanges": exchanges(),
    }


def recorded():
    """The figures of budget.json."""
    return json.loads(FILE.read_text())


def write():
    """Record the figures of now; return {name: (before, now)} of what has changed."""
    before = recorded() if FILE.exists() else {}
    now = measure()
    FILE.write_text(json.dumps(now, indent=2) + "\n")
    return {name: (before.get(name), now[name]) for name in now if before.get(name) != now[name]}
