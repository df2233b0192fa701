"""A real MicroPython (unix, 64 or 32 bit) with everything on it as .mpy files, compiled with -O3.

Paths are short and always the same, because the interpreter keeps them: they would show in the
figures.
"""

import atexit
import functools
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile

from tests.shims.micropython import compiled, micropython, micropython32, tool

HERE = pathlib.Path(__file__).resolve().parent
PEER = "adafruit_espatcontrol"
# Folders of the driver with a size of their own; "core" is at/ and the files in no folder
GROUPS = ("core", "net", "tls", "commands")
TOOLS = {"micropython": 64, "micropython32": 32, "mpy-cross": None}  # their bits
_DEADLINE = 60
_MORE = 8


@functools.cache
def version(name):
    """Return the version that a tool says it has."""
    command = [tool("mpy-cross"), "--version"]
    if name != "mpy-cross":
        command = [*interpreter(TOOLS[name]), "-c", "import sys; print(sys.version)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.partition("MicroPython ")[2].partition(";")[0].strip()


def interpreter(bits):
    """Return the command of the MicroPython whose words have so many bits."""
    return micropython32() if bits == 32 else micropython()


def _compile(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [tool("mpy-cross"), "-O3", "-s", source.stem, "-o", str(target), str(source)]
    subprocess.run(command, check=True)


def folder(frozen=()):
    """Return the folder that is the board's file system.

    frozen: see output(). With it the folder has no driver, because files go before frozen ones.
    """
    return _folder(not frozen)


@functools.cache
def _folder(driver):
    kept = tempfile.TemporaryDirectory(prefix="spwf04-bench-")
    atexit.register(kept.cleanup)
    root = pathlib.Path(kept.name)
    if driver:
        os.symlink(compiled() / "spwf04", root / "spwf04")
    sources = [*(HERE / "mp").glob("*.py"), HERE.parent / "tests" / "shims" / "mp_uart.py"]
    for source in sources:
        _compile(source, root / (source.stem + ".mpy"))
    spec = importlib.util.find_spec(PEER)
    if spec is not None:  # only the extra "bench" installs it
        for source in pathlib.Path(spec.submodule_search_locations[0]).glob("*.py"):
            _compile(source, root / PEER / (source.stem + ".mpy"))
    return root


def has_peer():
    """True if ESP_ATcontrol is installed here."""
    return importlib.util.find_spec(PEER) is not None


@functools.cache
def sizes(package="spwf04"):
    """Return {file: bytes of its .mpy} of a package; a file is its path there: "at/parser"."""
    root = folder() / package
    return {
        path.relative_to(root).with_suffix("").as_posix(): path.stat().st_size
        for path in sorted(root.rglob("*.mpy"))
    }


def groups():
    """Return the bytes of .mpy of each of GROUPS and of the "whole" driver."""
    found = dict.fromkeys(GROUPS, 0)
    for name, size in sizes().items():
        top = name.split("/")[0] if "/" in name else "core"
        top = "core" if top == "at" else top
        if top in found:
            found[top] += size
    return {**found, "whole": sum(sizes().values())}


def file_of(module):
    """Return the key in sizes() of a module of the driver: "at/parser" of "spwf04.at.parser"."""
    name = module[len("spwf04.") :].replace(".", "/")
    return name if name in sizes() else (name + "/__init__").lstrip("/")


def module_of(file):
    """Return the name with which a file is imported: the reverse of file_of()."""
    return ("spwf04/" + file).replace("/__init__", "").replace("/", ".")


class Failed(Exception):
    """A program on the board failed."""


def smallest(fits, low=8, high=256):
    """Return the smallest heap in KB for which fits(kb) is true, and is true for larger ones.

    A program may fail in a heap larger than the smallest that fits it, because it depends a little
    on where the garbage lies. So the next few sizes are tried too.
    """
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle
    kb = high
    while kb < high + _MORE:
        kb += 1
        if not fits(kb):
            high = kb + 1
    return high


def output(module, *arguments, heap="128k", bits=64, frozen=()):
    """Run a module of mp/ on the board; return what it prints.

    frozen: the command of an interpreter that has the driver frozen, see frozen.py.
    """
    start = frozen or interpreter(bits)
    command = [*start, "-X", "heapsize=" + heap, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=folder(frozen),
        env={"MICROPYPATH": ".:.frozen"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_DEADLINE,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise Failed(f"{module} {arguments}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def run(module, *arguments, **where):
    """Run a module as output() does; return the last line, which is JSON, as an object."""
    return json.loads(output(module, *arguments, **where).splitlines()[-1])
