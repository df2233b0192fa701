"""CPU time of a transfer on MicroPython, with our driver and with ESP_ATcontrol, in turn: the same
interpreter, the same work."""

import json
import statistics

from bench import board, record

DRIVERS = ("spwf04", "espat")
# (way, how many bytes arrive at a time)
CASES = (("receive", 256), ("receive", 16), ("send", 256))
HEAP = "160k"  # as many blocks as in 80 KB on 32 bit
_FACES = {
    "spwf04": "machine",
    "espat": "busio",
}  # of the UART: MicroPython's own if the driver takes it
_RUNS = 7
_CALLS = 8000  # of 730 bytes each


def _transfer(driver, way, burst, calls, what):
    file = record.RECORDINGS[driver](way)
    return board.run("transfer", driver, way, file, _FACES[driver], burst, calls, what, heap=HEAP)


def _of_the_uart(driver, way, burst):
    """Return the CPU time of the UART in memory, us per KB.

    It is the number of each of its calls in a transfer, times what that call costs by itself.
    """
    result = _transfer(driver, way, burst, 20, "uart")
    kinds = json.dumps([[name, size] for name, size, _ in result["calls"]])
    file = record.RECORDINGS[driver](way)
    costs = board.run("uart_cost", file, _FACES[driver], burst, kinds, heap=HEAP)
    seconds = sum(n * cost for (_, _, n), cost in zip(result["calls"], costs))
    return seconds * 1e9 / result["bytes"]


def compare(way="receive", burst=256, runs=_RUNS):
    """Return {driver: {"us_per_kb", "uart_us_per_kb"}, "ratio", "ratio_without_uart"}.

    The figures are medians of so many runs of each driver, in turn, each in an interpreter of its
    own. A ratio is that of two runs that follow each other.
    """
    times = {driver: [] for driver in DRIVERS}
    for _ in range(runs):
        for driver in DRIVERS:
            result = _transfer(driver, way, burst, _CALLS, "time")
            times[driver].append(result["seconds"] * 1e9 / result["bytes"])
    uart = {driver: _of_the_uart(driver, way, burst) for driver in DRIVERS}
    ours, peers = (times[driver] for driver in DRIVERS)
    bare = [(a - uart["spwf04"]) / (b - uart["espat"]) for a, b in zip(ours, peers)]
    found = {
        driver: {"us_per_kb": statistics.median(times[driver]), "uart_us_per_kb": uart[driver]}
        for driver in DRIVERS
    }
    found["ratio"] = statistics.median([a / b for a, b in zip(ours, peers)])
    found["ratio_without_uart"] = statistics.median(bare)
    return found
