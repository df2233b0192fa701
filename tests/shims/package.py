"""The driver's files, and what they are called."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = ROOT / "spwf04"


def sources():
    """Paths of all its files."""
    return sorted(DRIVER.rglob("*.py"))


def name(path):
    """How a file is imported, without "spwf04.": net.socket; "" is the package itself."""
    parts = path.relative_to(DRIVER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def inside(path):
    """The path of a file below spwf04/, as str: net/socket.py."""
    return path.relative_to(DRIVER).as_posix()
