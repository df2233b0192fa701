"""Soaks, and puts faults, for hours, in parts that are kept: see tests/shims/longruns.py and
faultruns.py.

Ctrl-C keeps what was done. Each part of the soak is a driver and a module of their own, with a
seed that no part had before, so a part that goes wrong can be run again by its seed.
"""

import concurrent.futures
import multiprocessing
import pathlib
import signal
import subprocess

from tests.faults.exchanges import Hang
from tests.faults.matrix import BYTE_FAULTS, alarm, length, run
from tests.faults.soak import Soak
from tests.shims import faultruns, longruns

SHIMS = pathlib.Path(__file__).resolve().parents[1] / "shims"
PART = 100_000_000  # bytes of a part
_stop = None  # in a worker: the event that ends its part


def soak(goal, part=PART, workers=None):
    """Move bytes until all parts together have moved `goal`. Return what went wrong, a list."""
    made = longruns.revision()
    workers = workers or multiprocessing.cpu_count()
    stop = multiprocessing.Event()
    pool = concurrent.futures.ProcessPoolExecutor(workers, initializer=_begin, initargs=(stop,))
    seeds = {seed for row in longruns.rows("soak") for seed in row["seeds"]}
    last = max(seeds, default=0)
    running = {}
    bad = []
    with pool:
        while True:
            left = goal - longruns.total("soak", "moved") - sum(n for _, n in running.values())
            if left > 0 and len(running) < workers and not stop.is_set() and not bad:
                last += 1
                n = min(part, left)
                running[pool.submit(_part, last, n)] = last, n
                continue
            if not running:
                return bad
            for future in _over(running, stop, "Ends when what is under way has been counted"):
                seed, _ = running.pop(future)
                bad += _counted(seed, future, made)


def _over(running, stop, words):
    """Wait for the parts that are over next. After Ctrl-C: none, and all are told to end."""
    try:
        return concurrent.futures.wait(running, return_when="FIRST_COMPLETED").done
    except KeyboardInterrupt:
        print(words, flush=True)
        stop.set()
        return ()


def _counted(seed, future, made):
    """Add a part that is over to the state. Return what went wrong in it, a list."""
    if future.exception() is not None:
        return [f"soak, seed {seed}: {future.exception()!r}"]
    counts, where = future.result()
    longruns.add("soak", counts, [seed], made)
    longruns.write_page()
    print(
        f"seed {seed}: {counts['moved']:,}; all: {longruns.total('soak', 'moved'):,}", flush=True
    )
    return [f"soak, seed {seed}: wrong bytes at {where}"] if counts["wrong"] else []


def _begin(stop):
    global _stop  # noqa: PLW0603
    _stop = stop
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the first process says when to end


def _part(seed, n):
    soaked = Soak(seed).run(n, _stop.is_set)
    return soaked.counts(), soaked.bad


def every_fault(part="", workers=None):
    """Put each fault at every byte of the services' exchanges with `part` in their names, unless
    that was done. Return what went wrong, a list."""
    made = longruns.revision()
    stop = multiprocessing.Event()
    workers = workers or multiprocessing.cpu_count()
    pool = concurrent.futures.ProcessPoolExecutor(workers, initializer=_begin, initargs=(stop,))
    bad = []
    with pool:
        running = {pool.submit(_faults, *unit): unit for unit in faultruns.missing(part)}
        try:
            while running:
                for future in _over(running, stop, "What is under way does not count"):
                    bad += _put(*running.pop(future), future, made)
        finally:
            stop.set()
    return bad


def _put(name, fault, future, made):
    """Keep what became of a fault. Return what went wrong, a list."""
    if future.exception() is not None:
        return [f"{name}: {fault}: {future.exception()!r}"]
    if future.result() is None:
        return []
    count, wrong, in_clear = future.result()
    faultruns.add(name, fault, count, [at for at, _ in wrong], in_clear, made)
    print(f"{name}: {fault}: {count:,} faults, {len(wrong)} wrong", flush=True)
    return [words for _, words in wrong]


def _faults(name, fault):
    """Put a fault at every byte: (count, [([way, byte], what went wrong)], how often something
    went without TLS); None if it was to end before."""
    lengths = length(name)
    places = [[way, at] for way in BYTE_FAULTS[fault][0] for at in range(lengths[way])]
    wrong = []
    in_clear = 0
    for way, at in places:
        if _stop.is_set():
            return None
        alarm()
        try:
            in_clear += run(name, fault, way, at).in_clear
        except (Exception, Hang) as e:
            wrong.append(([way, at], f"{name}, {fault}, {way}, {at}: {e!r}"))
    alarm(0)
    return len(places), wrong, in_clear


def heap_after(n):
    """(heap in use after 10 %, 20 % … of n connections, on MicroPython; sockets left open)"""
    from spwf04_sim import EchoPeer, PtyPort
    from tests.shims import micropython
    from tests.shims.controller import Controller

    controller = Controller()
    controller.world.route("echo.example", 7, EchoPeer)
    script = SHIMS / "mp_connections.py"
    with PtyPort(controller.module, vmin0=True) as line:
        code, output = micropython.run(script, [line.path, str(n)], controller, deadline=100_000)
    if code:
        raise SystemExit(output)
    return [int(word) for word in output.split()], controller.open_sockets()


def connections(goal):
    """Make the connections that are missing to `goal`, in one part: the heap must stay as it is.
    Return what went wrong, a list."""
    made = longruns.revision()
    n = goal - longruns.total("connections", "connections")
    if n <= 0:
        return []
    heap, left = heap_after(n)
    print(f"{n:,} connections, heap in use after each tenth: {heap}", flush=True)
    counts = {"connections": n, "heap grown by, bytes": heap[-1] - heap[1]}
    counts["sockets left open"] = left
    longruns.add("connections", counts, (), made, _micropython())
    longruns.write_page()
    return ["connections: the heap has grown"] * (heap[-1] > heap[1]) + ["sockets left"] * left


def _micropython():
    """What the interpreter of heap_after() calls itself."""
    from tests.shims import micropython

    command = [*micropython.micropython(), "-c", "import sys; print(sys.version)"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return told.strip().partition("; ")[2]
