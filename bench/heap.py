"""Heap that the drivers take on MicroPython, in bytes: what is in use, and what a call takes."""

from bench import board, record

DRIVERS = ("spwf04", "espat")
WAYS = ("receive", "send")
FACES = {"spwf04": ("machine", "busio"), "espat": ("busio",)}  # of the UART, that it can use
_CALLS = 200


def in_use(driver):
    """{stage: bytes}, each in an interpreter that has just been started; see mp/footprint.py."""
    file = record.RECORDINGS[driver]("receive")
    return board.run("footprint", driver, file, heap="1m", bits=32)


def smallest(driver):
    """KB of heap in which it can be imported and constructed."""

    def fits(kb):
        try:
            return board.run("construct", driver, heap=f"{kb}k", bits=32) == 1
        except board.Failed:
            return False

    return board.smallest(fits)


def allocated(driver, way, face):
    """What a call of 730 bytes leaves behind ("garbage") and takes ("taken": with the call frames
    that are given back), and whether it works with the heap locked; face: of the UART."""
    file = record.RECORDINGS[driver](way)
    return board.run("transfer", driver, way, file, face, 256, _CALLS, "heap", heap="32m")
