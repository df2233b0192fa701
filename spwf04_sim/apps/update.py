"""FWUPDATE and FSUPDATE: firmware, and files of a volume, over the air. [c.4, c.9, i.1, T12]

The module fetches a firmware at once and applies it at the next boot. An image for this module is
its firmware from then on. Any other image is erased, and the old firmware starts. The format is
in parts/ota.py, that of a file system in parts/fat.py.
"""

from ..commands.registry import command
from ..parts.fat import NoFileSystem, read_disk
from ..parts.flash import CARD, USER
from ..texts import is_number, is_port
from .http import fetch, fields_of, show_status, status_of

_LARGEST = 1 << 21  # bytes of an image. GUESS


@command("FWUPDATE", 3, 7)
def fwupdate(module, disk, host, path, port, *more):
    """Fetch a firmware: <e|i>,<host>,<path>,<port>,<TLS>,<user>,<password>."""
    error = _check(module, disk, port)
    if error:
        return error
    body, error = yield from _download(module, host, path, port, *more)
    if error:
        return error
    if module.quirks.update_ok == "before":
        module.after(module.timing.scan, _stage, module, body)
        return None
    yield module.timing.flash
    _stage(module, body)
    return None


@command("FSUPDATE", 3, 7)
def fsupdate(module, disk, host, path, port, *more):
    """Fetch an image of a file system; it takes the place of all files of a volume: i of the user
    flash, e of the SD card."""
    volume = CARD if disk == "e" else USER
    error = _check(module, disk, port)
    if not error and volume not in module.flash.mounted:
        error = 29
    if error:
        return error
    body, error = yield from _download(module, host, path, port, *more)
    if error:
        return error
    yield module.timing.flash
    try:
        files = read_disk(body)
    except NoFileSystem:
        return 111  # GUESS: it is noticed, and the old files stay
    if sum(map(len, files.values())) > module.flash.size(volume):
        return 111
    if module.quirks.fs_update == "restart":
        module.flash.disk = volume, files
    else:
        module.flash.replace(volume, files)
    return None


def _check(module, disk, port):
    """The error number for arguments, or None."""
    disks = "ei" if module.quirks.update_disk == "yes" else "e"
    if disk not in disks or (port and not is_port(port)):
        return 7
    return 44 if module.wifi.ip is None else None


def _download(module, host, path, port, *more):
    """Get a file, and send the lines about its progress; a generator that returns (body, error
    number or None). more: TLS, user, password."""
    head, body, error = yield from fetch(module, host, path, port, *more)
    if error:
        return b"", error
    if status_of(head) != 200:
        show_status(module, head)
        return b"", 111
    if len(body) != _length(head) or len(body) > _LARGEST:
        return b"", 111
    if module.quirks.update_lines == "lines":
        show_status(module, head)
    elif module.quirks.update_lines == "percent":
        for percent in (25, 50, 75, 100):
            module.reply(f"AT-S.Update:{percent}%")
    return body, None


def _length(head):
    size = fields_of(head).get(b"content-length", b"")
    return int(size) if is_number(size) else -1


def _stage(module, body):
    module.flash.image = bytes(body)
    if module.quirks.update_lines == "wind17":
        module.wind(17, "FW Update:staged")
