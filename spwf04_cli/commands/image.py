"""image make, show, load: all files of a volume at once, and what is in an image."""

import contextlib
import hashlib
import pathlib
import time
from typing import Annotated, Optional

import typer

from .. import images, output
from ..checklist import FAILED, NOTE, OK, WARNING, Checklist
from ..file_server import own_address, serving
from ..frame import App
from ..local import Force, free, write
from ..session import Json, with_module
from ..times import plural

app = App(no_args_is_help=True)

_VOLUMES = {0: ("X", "SD card"), 1: ("I", "user flash")}
_OURS = (".ca", ".trust")

Source = Annotated[
    pathlib.Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="The image."),
]


@app.callback(
    epilog="Example: spwf04 image make site site.img\nExample: spwf04 image show site.img\n"
    "Example: spwf04 image load site.img"
)
def image():
    """Put all files of a volume on the module at once, by an image of a file system.

    make makes one from a folder, load has the module fetch it from this computer, and show says
    what an image has, one of firmware too. For a single file there is spwf04 put.
    """


@app.command(epilog="Example: spwf04 image make site site.img --gzip")
def make(
    folder: Annotated[
        pathlib.Path,
        typer.Argument(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="Its files become those of the "
            "volume. There must be no folder in it; names that begin with a dot are left out.",
        ),
    ],
    file: Annotated[
        pathlib.Path, typer.Argument(metavar="FILE", dir_okay=False, help="The image to write.")
    ],
    size: Annotated[
        int,
        typer.Option(metavar="KIB", min=24, max=1024, help="Size of the volume in KiB."),
    ] = 64,
    gzip: Annotated[
        bool,
        typer.Option(
            "--gzip",
            help="Add what gzip makes smaller: app.js as app.gz.js too, which the module's web "
            "server gives to browsers that take it.",
        ),
    ] = False,
    header: Annotated[
        Optional[str],
        typer.Option(
            metavar="VERSION",
            help="Put ST's header of 140 bytes before it, with this version and a SHA-256.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
):
    """Make an image of a file system, FAT12, from the files of a folder."""
    free(file, force)
    try:
        files, left = images.folder(folder, gzip)
        data = images.of_files(files, size * 1024, int(time.time()))
        if header is not None:
            data = images.wrapped(data, header)
    except ValueError as e:
        raise output.Failure(f"{folder}: {e}", code=output.USAGE) from None
    write(file, data)
    done = {"file": str(file), "size": len(data), "left_out": left, **_listed(files)}
    output.show(done, as_json, _show_made)


def _show_made(done):
    _show_files(done["files"])
    if done["left_out"]:
        output.note("left out: " + ", ".join(done["left_out"]))
    output.say(f"{done['file']}: {plural(done['size'], 'byte')}")


def _listed(files):
    return {
        "files": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        ]
    }


def _show_files(files):
    output.table(("Name", ">Bytes"), [(f["name"], f["size"]) for f in files])


@app.command(epilog="Example: spwf04 image show SPWF04S.fota")
def show(file: Source, as_json: Json = False):
    """Check an image, and say what is in it: firmware or files.

    The exit code is 1 if it is damaged, or not for this module.
    """
    there = _read(file)
    kind = "encrypted" if there.encrypted else "firmware" if there.files is None else "files"
    found = {
        "kind": kind,
        "bytes": len(there.content),
        "model": there.model or None,
        "version": there.version or None,
        **(_listed(there.files) if there.files is not None else {}),
    }
    output.show(found, as_json, _show_found)


def _show_found(found):
    pairs = [("Kind", found["kind"]), ("Bytes", str(found["bytes"]))]
    if found["model"]:
        pairs += [("Model", found["model"]), ("Version", found["version"] or "(none)")]
        whole = "only the module can check it" if found["kind"] == "encrypted" else "right"
        pairs += [("SHA-256", whole)]
    output.fields([*pairs, ("Signature", "none: it does not tell who made it")])
    if "files" in found:
        _show_files(found["files"])


def _read(file):
    try:
        return images.read(file.read_bytes())
    except images.Unfit as e:
        raise output.Failure(f"{file}: {e}") from None


@app.command(epilog="Example: spwf04 image load site.img")
@with_module
def load(
    module,
    file: Source,
    volume: Annotated[int, typer.Option(min=0, max=1, help="1 user flash, 0 SD card.")] = 1,
    address: Annotated[
        Optional[str],
        typer.Option(metavar="ADDRESS", help="This computer's address in the module's network."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=30, max=1800, help="Seconds that it may take."),
    ] = 300,
    as_json: Json = False,
):
    """Put the files of an image in the place of all files of a volume.

    The image is checked first. The module fetches it from this computer by plain HTTP, and erases
    what the volume has, CAs among it. Afterwards each file is compared by its digest.
    """
    there = _read(file)
    if there.files is None:
        what = "encrypted" if there.encrypted else "firmware, for spwf04 update"
        raise output.Failure(f"{file} is no image of files: it is {what}", code=output.USAGE)
    found = Checklist(as_json)
    found.add("image", OK, f"{plural(len(there.files), 'file')}, whole")
    info = module.call("info")
    if not info["joined"]:
        raise output.Failure(
            "the module is not joined to a network", "Join one with spwf04 join SSID first."
        )
    _ask(module, volume, there.files, yes)
    with contextlib.ExitStack() as stack:
        address = address or own_address(info["address"])
        data = there.content  # the module takes it without a header [i.1]
        bar = stack.enter_context(output.progress("to the module", len(data), as_json))
        port, path = stack.enter_context(serving(data, address, bar))
        said = module.call(
            "files_fetch", address, port, path, volume, timeout, limit=2 * timeout + 30
        )
    found.add("fetched", OK, "; ".join(said) or "the module has the image")
    _compare(module, volume, there.files, found)
    code = output.FAILED if found.count(FAILED) else output.DONE
    if as_json:
        output.show({"ok": code == output.DONE, "checks": found.checks}, True, None)
    else:
        output.say("")
        output.say(f"Verdict: {found.verdict()}.", "green" if code == output.DONE else "bold red")
    raise typer.Exit(code)


def _ask(module, volume, files, yes):
    """Say what is lost, and ask whether it may be."""
    name = _VOLUMES[volume][1]
    old = sorted(_names(module, volume))
    lost = set(old) - set(map(_listed_as, files))
    words = f"This erases all files of the {name}: " + (", ".join(old) or "there are none now")
    words += f".\n\nThe image has: {', '.join(files)}."
    if any(n.endswith(_OURS) for n in lost):
        words += "\n\nCAs are among those that are lost. spwf04 trust puts them back."
    if not yes:
        output.warn(words)
        output.confirm(f"Erase the {name}?")


def _names(module, volume):
    """The names of the files of a volume, as the module lists them."""
    letter = _VOLUMES[volume][0]
    return {name for name, _, where in module.call("file_list") if where == letter}


def _listed_as(name):
    """What the driver makes of a name in a list: bytes that are not ASCII become "?"."""
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in name.encode())


def _compare(module, volume, files, found):
    """Look whether the files are there; if none is, after a restart."""
    listed = set(map(_listed_as, files))
    names = _names(module, volume)
    if not names & listed:
        found.add("files", NOTE, "not there yet: the module is restarted")
        module.call("restart")
        names = _names(module, volume)
    for name in sorted(names - listed):
        found.add("files", WARNING, f"{name} is there, and not in the image")
    wrong = [
        name
        for name, data in files.items()
        if _listed_as(name) not in names
        or not module.call("file_same", f"{volume}:/{name}", hashlib.sha256(data).digest())
    ]
    if wrong:
        found.add("files", FAILED, "missing or different: " + ", ".join(wrong), "Load it again")
    else:
        found.add("files", OK, f"{plural(len(files), 'file')} as in the image")
