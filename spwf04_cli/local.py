"""Files on this computer: nothing is overwritten unless --force says so, and a file is there as a
whole or not at all."""

import os
import pathlib
from typing import Annotated

import typer

from . import output

Force = Annotated[
    bool, typer.Option("--force", "-f", help="Overwrite the file if it is there already.")
]
OVERWRITE = "--force overwrites it."


def free(path, force=False):
    """output.Failure unless a file may be written. path: a Path. force: it may be there."""
    if path.exists() and not path.is_file():
        raise output.Failure(f"{path} is no file", "Name a file.", output.USAGE)
    if path.exists() and not force:
        raise output.Failure(f"{path} exists", OVERWRITE)
    if not path.parent.is_dir():
        what = f"there is no folder {path.parent}"
        raise output.Failure(what, "Make the folder first.", output.USAGE)


def content(path):
    """The content of a file, bytes; output.Failure if it cannot be read."""
    try:
        return pathlib.Path(path).read_bytes()
    except OSError as e:
        what = f"{path} cannot be read: {e.strerror}"
        raise output.Failure(what, "Name a file of this computer.", output.USAGE) from None


def write(path, data):
    """Write a file; whatever happens, either the old or the new one is there. OSError."""
    path = pathlib.Path(os.path.realpath(path))  # behind a symbolic link
    new = path.with_name(path.name + ".new")
    try:
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
