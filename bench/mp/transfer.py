"""MicroPython: move data with a driver. Arguments: driver, way (receive or send), recording,
face of the UART, burst, calls, what to measure: CPU "time", "heap", or "uart" (its calls)."""

import gc
import json
import sys
import time

import micropython
from drivers import DRIVERS
from memory_uart import FACES, counting

_PASSES = 5
_HOSTS = {"receive": "stream.example", "send": "sink.example"}


def warmed(driver, way, uart, collect=True):
    """Return the function to be measured, after a few calls of it."""
    move = DRIVERS[driver](uart, _HOSTS[way], collect)[way == "send"]
    for _ in range(4):
        move()
    return move


def timed(move, calls):
    """Return {"bytes", "seconds" of CPU}."""
    gc.collect()
    moved = 0
    start = time.clock()
    for _ in range(calls):
        moved += move()
    return {"seconds": time.clock() - start, "bytes": moved}


def allocated(move, calls):
    """Return {"garbage": bytes of heap that a call leaves behind, "taken": bytes that it takes,
    with call frames too large for the C stack, which it gives back, "locked": see below}."""
    garbage = [0] * _PASSES
    taken = [0] * _PASSES
    _times(move, calls)  # makes what is made only once
    gc.collect()
    gc.disable()
    for i in range(_PASSES):
        used = gc.mem_alloc()
        total = micropython.mem_total()
        _times(move, calls)
        taken[i] = micropython.mem_total() - total
        garbage[i] = gc.mem_alloc() - used
    return {
        "garbage": min(garbage) / calls,  # the interpreter too makes something once, in some pass
        "taken": min(taken) / calls,
        "locked": locked(move, calls),
    }


def _times(move, calls):
    for _ in range(calls):
        move()


def locked(move, calls):
    """True if a call works with the heap locked."""
    micropython.heap_lock()
    try:
        for _ in range(calls):
            move()
    except MemoryError:
        return False
    finally:
        micropython.heap_unlock()
    return True


def main(driver, way, file, face, burst, calls, what):
    if what == "uart":
        made = {}
        move = warmed(driver, way, counting(face, file, int(burst), made))
        made.clear()
        moved = 0
        for _ in range(int(calls)):
            moved += move()
        return {"bytes": moved, "calls": [[name, size, n] for (name, size), n in made.items()]}
    move = warmed(driver, way, FACES[face](file, int(burst)), what != "heap")
    return (timed if what == "time" else allocated)(move, int(calls))


print(json.dumps(main(*sys.argv[1:])))
