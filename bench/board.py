"""A real MicroPython (unix, 64 bit) with everything on it as .mpy files, compiled with -O3.

Paths are short and always the same: what the interpreter keeps of them would show in the figures.
"""

import atexit
import functools
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile

from tests.shims.micropython import compiled, tool

HERE = pathlib.Path(__file__).resolve().parent
PEER = "adafruit_espatcontrol"
_DEADLINE = 60
_MORE = 8


def version(command):
    """What a tool says of its version."""
    option = {"micropython": ["-c", "import sys; print(sys.version)"], "mpy-cross": ["--version"]}
    command = [tool(command), *option[command]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.partition("MicroPython ")[2].partition(";")[0].strip()


def _compile(source, target):
    target.parent.mkdir(exist_ok=True)
    command = [tool("mpy-cross"), "-O3", "-s", source.stem, "-o", str(target), str(source)]
    subprocess.run(command, check=True)


@functools.cache
def folder():
    """The folder that is the board's file system."""
    kept = tempfile.TemporaryDirectory(prefix="spwf04-bench-")
    atexit.register(kept.cleanup)
    root = pathlib.Path(kept.name)
    os.symlink(compiled() / "spwf04", root / "spwf04")
    sources = [*(HERE / "mp").glob("*.py"), HERE.parent / "tests" / "shims" / "mp_uart.py"]
    for source in sources:
        _compile(source, root / (source.stem + ".mpy"))
    spec = importlib.util.find_spec(PEER)
    if spec is not None:  # it is in the extra "bench" only
        for source in pathlib.Path(spec.submodule_search_locations[0]).glob("*.py"):
            _compile(source, root / PEER / (source.stem + ".mpy"))
    return root


def has_peer():
    """True if ESP_ATcontrol is installed here."""
    return importlib.util.find_spec(PEER) is not None


def sizes(package="spwf04"):
    """Bytes of each .mpy file of a package, by module name."""
    return {p.stem: p.stat().st_size for p in sorted((folder() / package).glob("*.mpy"))}


class Failed(Exception):
    """A program there did not end well."""


def smallest(fits, low=8, high=256):
    """The smallest heap in KB for which fits(kb) is true, and is with every larger one.

    Where the garbage lies decides a little, so that it may not fit in some that are larger than
    the smallest in which it does: a few more are tried.
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


def output(module, *arguments, heap="128k"):
    """Run a module of mp/ there; return what it prints."""
    command = [tool("micropython"), "-X", "heapsize=" + heap, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=folder(),
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


def run(module, *arguments, heap="128k"):
    """As output(), whose last line is JSON, which is returned."""
    return json.loads(output(module, *arguments, heap=heap).splitlines()[-1])
