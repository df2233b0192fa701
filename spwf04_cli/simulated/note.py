"""The note by which `--port sim` finds the bench that this user has running.

The bench holds a lock on its note. So the note of a process that has ended is known as such,
whatever runs under its number now. The note lies in a folder of its own: a folder that belongs to
another user, or that others may write to, is not believed. SPWF04_BENCH names another folder.
"""

import json
import os
import pathlib
import stat
import tempfile

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

POSSIBLE = fcntl is not None  # a bench can run on this computer

_NAME = "bench.json"
_ME = getattr(os, "getuid", int)()


class Taken(Exception):
    """Another bench of this user is running."""


def folder():
    """The folder of the note, a pathlib.Path. Whoever restarts the computer begins anew."""
    given, runtime = os.environ.get("SPWF04_BENCH"), os.environ.get("XDG_RUNTIME_DIR", "")
    if given:
        return pathlib.Path(given).absolute()
    if os.path.isdir(runtime):
        return pathlib.Path(runtime) / "spwf04"
    return pathlib.Path(tempfile.gettempdir()) / f"spwf04-{_ME}"


def read():
    """What the running bench has noted, a dict with its port; None if none is running."""
    try:
        if fcntl is None or not _mine(folder(), stat.S_ISDIR):
            return None
        with open(folder() / _NAME, encoding="utf-8") as file:
            if not _mine(folder() / _NAME, stat.S_ISREG) or _lock(file, fcntl.LOCK_SH):
                return None
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("port") else None


def _mine(path, kind):
    """True if this is a file of that kind, and nobody but this user can have written it."""
    known = os.lstat(path)
    return kind(known.st_mode) and known.st_uid == _ME and not known.st_mode & 0o022


def in_use(path):
    """True if a program has this port, and keeps others from it as pyserial does."""
    opened = os.open(path, os.O_RDWR | getattr(os, "O_NOCTTY", 0))
    try:
        return not _lock(opened, fcntl.LOCK_EX)
    finally:
        os.close(opened)


def _lock(file, how):
    """Lock a file; False if another has locked it."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Note:
    """with Note() as note: note.write({…}). It is gone when the block ends.

    folder: only this user reads and writes there. Raises Taken, or OSError if the folder cannot
    be used.
    """

    def __init__(self):
        self.folder = folder()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if not _mine(self.folder, stat.S_ISDIR):
            raise OSError(f"{self.folder} is not a folder that only you can write to")
        self._paths = []
        self._file = os.fdopen(self._opened(_NAME, 0), "w", encoding="utf-8")
        if fcntl is not None and not _lock(self._file, fcntl.LOCK_EX):
            self._file.close()
            raise Taken
        self._paths.append(self.folder / _NAME)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for path in self._paths:
            path.unlink(missing_ok=True)
        self._file.close()
        try:
            self.folder.rmdir()
        except OSError:  # something else is in it
            pass

    def write(self, found):
        """Let others read this, a dict."""
        self._file.truncate(0)
        json.dump(found, self._file)
        self._file.flush()

    def put(self, name, data):
        """Put a file beside the note, for as long as it is there; return its path."""
        (self.folder / name).unlink(missing_ok=True)
        with os.fdopen(self._opened(name, os.O_EXCL), "wb") as file:
            file.write(data)
        self._paths.append(self.folder / name)
        return self.folder / name

    def _opened(self, name, how):
        how |= os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        return os.open(self.folder / name, how, 0o600)
