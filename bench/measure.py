"""The measurements, a function for each part. Their results can be written as JSON."""

import itertools
import multiprocessing
from dataclasses import asdict

from bench import (
    board,
    client,
    cpu,
    espat,
    frames,
    frozen,
    heap,
    line,
    page,
    replay,
    services,
    start,
    steps,
)

BULK = {
    "spwf04": (line.receive, line.send),
    "mbed": (
        lambda *where: replay.receive("mbed", *where),
        lambda *where: replay.send("mbed", *where),
    ),
    "tinyclr": (
        lambda *where: replay.receive("tinyclr", *where),
        lambda *where: replay.send("tinyclr", *where),
    ),
    "espat": (espat.receive, espat.send),
}
WAYS = ("receive", "send")


def bulk(driver, way, baud, turnaround, chunk):
    """Measure a bulk transfer: its Cost, and its share of what is possible."""
    cost = BULK[driver][WAYS.index(way)](baud, turnaround, chunk)
    row = {"driver": driver, "way": way, "baud": baud, "turnaround_ms": turnaround}
    row.update(chunk=chunk, **asdict(cost))
    row["bytes_per_second"] = cost.payload / cost.seconds
    row["share_of_line"] = cost.payload * 10 / baud / cost.seconds
    if driver == "spwf04":
        row["share_of_bound"] = line.bound(cost, baud, turnaround, chunk, way) / cost.seconds
    return row


def measure_line():
    """Measure every bulk transfer."""
    every = itertools.product(BULK, WAYS, line.BAUDS, line.TURNAROUNDS, line.CHUNKS)
    with multiprocessing.Pool() as pool:
        return pool.starmap(bulk, every, chunksize=4)


def measure_page():
    """Measure a page of 500 bytes, and the wait before its first byte."""
    pages = {
        "spwf04 https": page.https(),
        "spwf04 http": page.http(),
        "spwf04 requests": page.requests(),
        "mbed http": replay.get("mbed"),
        "tinyclr http": replay.get("tinyclr"),
        "espat http": espat.http(),
        "espat requests": espat.requests(),
    }
    names = ("seconds", "waited", "waited_in_connect")
    return {
        "pages": {name: asdict(cost) for name, cost in pages.items()},
        "first_byte": {
            "spwf04": dict(zip(names, page.first_byte())),
            "espat": dict(zip(names, espat.first_byte())),
        },
    }


def measure_size():
    """Measure the .mpy files."""
    peer = board.sizes(board.PEER)
    programs = {}
    for program in client.PROGRAMS:
        loaded, kept = client.files(program)
        totals = {"total": sum(loaded.values()), "kept": sum(kept.values())}
        programs[program] = {**totals, "files": loaded}
    return {
        "files": board.sizes(),
        "groups": board.groups(),
        "programs": programs,
        "espat": peer["adafruit_espatcontrol"] + peer["adafruit_espatcontrol_socket"],
    }


def measure_heap():
    """Measure the heap in use, what calls allocate, and how much a client needs."""
    return {
        "in_use": {driver: heap.in_use(driver) for driver in heap.DRIVERS},
        "allocated": [
            {"driver": driver, "face": face, "way": way, **heap.allocated(driver, way, face)}
            for driver in heap.DRIVERS
            for face in heap.FACES[driver]
            for way in heap.WAYS
        ],
        "smallest_kb": {p: client.smallest_heap(p) for p in client.PROGRAMS},
        "left_by_roots": client.left_by_roots(),
        "names": {p: client.names(p) for p in client.PROGRAMS},
        "smallest_to_construct_kb": {driver: heap.smallest(driver) for driver in heap.DRIVERS},
    }


def measure_cpu():
    """Measure the CPU time for each KB."""
    return [{"way": way, "burst": burst, **cpu.compare(way, burst)} for way, burst in cpu.CASES]


def measure_steps():
    """Count the interpreter's steps of a read, for each function."""
    return steps.of()


def measure_frames():
    """Find the call frames that do not fit on the C stack."""
    return [list(entry) for entry in frames.large()]


def measure_frozen():
    """Measure how much heap a client needs where the driver is frozen into the firmware."""
    return frozen.measure()


def measure_start():
    """Measure how long help takes."""
    return start.measure()


def measure_services():
    """Measure what each of the module's services costs."""
    return services.measure()


PARTS = {
    "line": measure_line,
    "page": measure_page,
    "size": measure_size,
    "heap": measure_heap,
    "cpu": measure_cpu,
    "steps": measure_steps,
    "start": measure_start,
    "services": measure_services,
}


EXTRA = {"frames": measure_frames, "frozen": measure_frozen}  # only on request


def tools():
    """Return the versions of the tools that measured."""
    import importlib.metadata

    return {
        **{tool: board.version(tool) for tool in board.TOOLS},
        "ESP_ATcontrol": importlib.metadata.version("adafruit-circuitpython-esp-atcontrol"),
    }
