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
    begun = []
    loading = _load(module, begun, host, path, port, *more)
    if module.quirks.update_ok == "before":
        return (yield from _until_begun(module, loading, begun))
    return (yield from loading)


def _load(module, begun, *arguments):
    """Fetch a firmware and keep it for the next boot; a generator that returns an error number or
    None. begun: something is put there once the server has answered."""
    body, error = yield from _download(module, *arguments, begin=begun.append)
    if error:
        return error
    yield module.timing.flash
    module.flash.image = bytes(body)
    if module.quirks.update_lines == "wind17":
        module.wind(17, "FW Update:staged")
    return None


def _until_begun(module, loading, begun):
    """Go on with a download until the server has answered; a generator that returns an error
    number or None. The rest comes behind the OK, and tells of no error."""
    while True:
        try:
            wait = next(loading)
        except StopIteration as stop:
            return stop.value
        if not callable(wait):
            yield wait
            continue
        ended = []

        def ready(wait=wait, ended=ended):
            if wait():
                ended.append(True)
            return bool(ended or begun)

        yield ready
        if not ended:
            module.connections.go_on(_rest(module, loading, wait))
            return None


def _rest(module, loading, ready):
    """Return a function that goes on with a download whose OK the host has, and says whether it
    has ended."""

    def step():
        nonlocal ready
        if not ready():
            return False
        try:
            wait = next(loading)
        except StopIteration:
            return True
        end = module.clock.now() + (0 if callable(wait) else wait / 1000)
        ready = wait if callable(wait) else lambda: module.clock.now() >= end
        return False

    return step


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


def _download(module, host, path, port, *more, begin=lambda head: None):
    """Get a file, and send the lines about its progress; a generator that returns (body, error
    number or None). more: TLS, user, password. begin(head) is called once the server has said that
    it has the file."""

    def answered(head):
        if status_of(head) == 200:
            begin(head)

    head, body, error = yield from fetch(module, host, path, port, *more, begin=answered)
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
