"""Heap of the drivers on MicroPython, in bytes: how much is in use, and how much a call takes."""

from bench import board, record

DRIVERS = ("spwf04", "espat")
WAYS = ("receive", "send")
FACES = {"spwf04": ("machine", "busio"), "espat": ("busio",)}  # of the UART, which it can use
_CALLS = 200


def in_use(driver):
    """Return {stage: bytes in use}; see mp/footprint.py."""
    file = record.RECORDINGS[driver]("receive")
    return board.run("footprint", driver, file, heap="1m", bits=32)


def smallest(driver):
    """Return the KB of heap in which a driver can be imported and constructed."""

    def fits(kb):
        try:
            return board.run("construct", driver, heap=f"{kb}k", bits=32) == 1
        except board.Failed:
            return False

    return board.smallest(fits)


def allocated(driver, way, face, bits=64):
    """Return what a call that moves 730 bytes does to the heap; face: of the UART. bits: of the
    interpreter's words.

    {"garbage": bytes that it leaves behind, "taken": bytes that it takes, with the call frames
    that it gives back, "locked": whether it works with the heap locked}
    """
    file = record.RECORDINGS[driver](way)
    arguments = "transfer", driver, way, file, face, 256, _CALLS, "heap"
    return board.run(*arguments, heap="32m", bits=bits)
