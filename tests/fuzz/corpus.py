"""The inputs that fuzzing found: kept in corpus/<target>.txt, a line of base64 each, the shortest
first. Those are kept that run something which no shorter one runs. corpus/<target>-failed.txt has
those that broke a promise once: they stay.
"""

import base64
import os
import pathlib
import sys

FOLDER = pathlib.Path(__file__).with_name("corpus")
MOST = 60_000  # bytes of inputs that are kept of a target
LONGEST = 2500  # bytes of one
_ROOT = pathlib.Path(__file__).resolve().parents[2]
_OURS = tuple(f"{_ROOT / name}{os.sep}" for name in ("spwf04", "spwf04_sim", "spwf04_cli"))


def kept(name):
    """The inputs of a target, a list of bytes: those that are new, and those that failed."""
    return _read(f"{name}.txt") + failed(name)


def failed(name):
    """The inputs with which a target failed once, a list of bytes."""
    return _read(f"{name}-failed.txt")


def keep(name, inputs, failures):
    """Replace what is kept of a target."""
    FOLDER.mkdir(exist_ok=True)
    for file, those in ((f"{name}.txt", inputs), (f"{name}-failed.txt", failures)):
        if those:
            lines = [base64.b64encode(one).decode() for one in sorted(set(those), key=_order)]
            (FOLDER / file).write_text("".join(line + "\n" for line in lines))


def smallest(function, inputs):
    """Those of the inputs that run what no shorter one runs."""
    found, seen, size = [], set(), 0
    for one in sorted(set(inputs), key=_order):
        if len(one) > LONGEST or size + len(one) > MOST:
            continue
        new = steps(function, one) - seen
        if new:
            seen |= new
            size += len(one)
            found.append(one)
    return found


def _read(file):
    path = FOLDER / file
    return [base64.b64decode(line) for line in path.read_text().split()] if path.exists() else []


def steps(function, data):
    """{(file and function, line before, line)} of our own code that an input runs."""
    found = set()

    def called(frame, event, _):
        code = frame.f_code
        if not code.co_filename.startswith(_OURS):
            return None
        last = [0]

        def line(frame, event, _):
            if event == "line":
                found.add((code, last[0], frame.f_lineno))
                last[0] = frame.f_lineno
            return line

        return line

    sys.settrace(called)
    try:
        function(data)
    finally:
        sys.settrace(None)
    return found


def _order(data):
    return len(data), data
