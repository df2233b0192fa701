"""ls, get, put, rm: files on the module."""

import contextlib
import hashlib
import pathlib
import re
from typing import Annotated, Optional

import typer

from spwf04.commands.files import PIECE, Files
from spwf04.commands.replace import PART
from spwf04.errors import NotFound, SPWF04Error

from .. import advice, output
from ..frame import App
from ..local import OVERWRITE, Force, free, write
from ..session import Json, with_module
from ..times import plural

app = App()

_VOLUMES = {
    "X": "SD card",
    "I": "user flash",
    "D": "RAM disk: lost at a restart",
    "A": "application flash",
}
_NAMES = (
    "NAME, or VOLUME:/NAME. Volumes: 0 SD card, 1 user flash, 2 RAM disk, 3 application flash."
)
_KEYS = ("tls.key",)


@app.command(epilog="Example: spwf04 ls")
@with_module
def ls(module, as_json: Json = False):
    """List the files on the module, and its free space."""
    files = [
        {"name": name, "size": size, "volume": letter}
        for name, size, letter in module.call("file_list")
    ]
    room = module.call("file_space")
    output.show({"files": files, **room}, as_json, _show_list)


def _show_list(found):
    if found["files"]:
        rows = [
            (f["name"], f["size"], f"{f['volume']}: {_VOLUMES.get(f['volume'], 'unknown')}")
            for f in found["files"]
        ]
        output.table(("Name", ">Bytes", "Volume"), rows)
    else:
        output.say("No files.")
    if found["ram_left"] is not None:
        output.say(f"RAM disk: {plural(found['ram_left'], 'byte')} left.")
    if found["said"]:
        output.say("The module says of its free space: " + "; ".join(found["said"]))


def _name(text):
    """Check a file's name before anything is opened, and return it."""
    try:
        Files.split(text)
    except ValueError as e:
        raise typer.BadParameter(str(e), param_hint="NAME") from None
    return text


@app.command(epilog="Example: spwf04 get 1:/index.html\nExample: spwf04 get log.txt -o copy.txt")
@with_module
def get(
    module,
    name: Annotated[str, typer.Argument(metavar="NAME", help=_NAMES, callback=_name)],
    to: Annotated[
        Optional[pathlib.Path],
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="Write to this file. Default: NAME, in this folder.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
):
    """Copy a file from the module to this computer, and compare its digest.

    The module's private key is not copied.
    """
    bare = Files.split(name)[1]
    if bare.lower() in _KEYS:
        raise output.Failure("the module's private key stays on the module")
    target = to or pathlib.Path(re.split(r"[/\\]", bare)[-1])
    free(target, force)
    entry = module.call("file_find", name)
    if entry is None:
        raise output.Failure(f"there is no file {name} on the module", "spwf04 ls lists them.")
    data = bytearray()
    with output.progress(f"getting {name}", entry[1], as_json) as advance:
        while len(data) < entry[1]:
            piece = module.call("file_read", name, len(data), min(PIECE, entry[1] - len(data)))
            if not piece:
                break
            data += piece
            advance(len(piece))
    if not module.call("file_same", name, hashlib.sha256(data).digest()):
        raise output.Failure(
            f"{name} was damaged on its way, or changed meanwhile: nothing was written",
            "Try again. If that does not help, spwf04 doctor tests the line.",
        )
    write(target, data)
    done = {"name": name, "file": str(target), "size": len(data)}
    output.show(
        done,
        as_json,
        lambda d: output.say(f"{d['name']} → {d['file']}: {plural(d['size'], 'byte')}"),
    )


@app.command(epilog="Example: spwf04 put index.html 1:/index.html\nExample: spwf04 put data.txt")
@with_module
def put(
    module,
    file: Annotated[
        pathlib.Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, readable=True, help="The file to copy."
        ),
    ],
    name: Annotated[
        Optional[str], typer.Argument(metavar="NAME", help=_NAMES + " Default: the name of FILE.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
):
    """Copy a file to the module.

    With --force, the new file takes the place of one that is there. It is written beside that one
    and compared by its digest first. So Ctrl-C or a failure leaves the old content.
    """
    data = file.read_bytes()
    name = _name(name or file.name)
    if not data:
        raise output.Failure(f"{file} is empty: the module takes no empty file", code=output.USAGE)
    call = module.call
    if not force and call("file_find", name) is not None:
        raise output.Failure(f"{name} exists on the module", OVERWRITE)
    try:
        call("file_begin", name, len(data))
    except NotFound:
        raise  # the session says what came instead
    except SPWF04Error as e:
        raise advice.failure(e, file=Files.split(name)[1]) from None
    try:
        with output.progress(f"putting {name}", len(data), as_json) as advance:
            for at in range(0, len(data), PART):
                part = data[at : at + PART]
                call("file_append", name, part)
                advance(len(part))
        call("file_commit", name, hashlib.sha256(data).digest())
    except (KeyboardInterrupt, OSError):
        with contextlib.suppress(OSError):
            call("settle")
            call("file_give_up", name)
        raise
    entry = call("file_find", name)
    done = {"file": str(file), "name": name, "size": len(data), "volume": entry and entry[2]}
    output.show(done, as_json, _show_put)


def _show_put(done):
    where = _VOLUMES.get(done["volume"], "unknown volume")
    output.say(f"{done['file']} → {done['name']}: {plural(done['size'], 'byte')} ({where})")


@app.command(epilog="Example: spwf04 rm data.txt")
@with_module
def rm(
    module,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help=_NAMES)],
    as_json: Json = False,
):
    """Delete files on the module."""
    for name in names:
        _name(name)
    gone = []
    for name in names:
        module.call("file_remove", name)
        gone.append(name)
        if not as_json:
            output.say(f"{name} deleted.")
    if as_json:
        output.show({"deleted": gone}, True, None)
