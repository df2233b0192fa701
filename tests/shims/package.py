"""The driver's files and their names."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = ROOT / "spwf04"


def sources():
    """Paths of all files of the driver."""
    return sorted(DRIVER.rglob("*.py"))


def name(path):
    """The name by which a file is imported, without "spwf04.": net.socket; "": the package."""
    parts = path.relative_to(DRIVER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def inside(path):
    """The path of a file below spwf04/, as str: net/socket.py."""
    return path.relative_to(DRIVER).as_posix()
