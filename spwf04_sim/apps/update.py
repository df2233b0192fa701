"""FWUPDATE: firmware over the air. [c.4, T12]

The module fetches the image at once and applies it at the next boot. An image for this module is
its firmware from then on. Any other image is erased, and the old firmware starts. The format of
ST's images is not public: firmware_image() makes the images of this simulation.
"""

from ..commands.registry import command
from .http import fetch, show_status

_MAGIC = b"spwf04-sim firmware "


def firmware_image(build, version="1.1.0", size=65536):
    """Return an image that the simulated module takes as a firmware.

    build: "<yymmdd>-<hash>". size: its length in bytes.
    """
    head = _MAGIC + f"{build} {version}\n".encode()
    return head + bytes(i * 31 % 256 for i in range(max(0, size - len(head))))


def contents(image):
    """Return (build, version) of an image, or None if it is not one."""
    words = bytes(image).partition(b"\n")[0][len(_MAGIC) :].decode("latin-1").split(" ")
    return tuple(words) if bytes(image).startswith(_MAGIC) and len(words) == 2 else None


@command("FWUPDATE", 4, 7)
def fwupdate(module, mode, host, path, port, tls, user, password):
    """Fetch a firmware: e,<host>,/<path>,<port>,<TLS>,<user>,<password>."""
    if mode != "e" or not path.startswith("/") or not port.isdecimal():
        return 7
    if module.wifi.ip is None:
        return 44
    lines = module.quirks.update_lines
    head, body, error = yield from fetch(module, host, path, port, tls)
    if error:
        return error
    status = head.split(b" ", 2)[1] if head.startswith(b"HTTP/") else b""
    if status != b"200":
        show_status(module, head)
        return 111
    if len(body) != _length(head):
        return 111
    if lines == "lines":
        show_status(module, head)
    if module.quirks.update_ok == "before":
        module.after(module.timing.scan, _stage, module, body, lines)
        return None
    yield module.timing.flash
    _stage(module, body, lines)
    return None


def _length(head):
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length" and value.strip().isdigit():
            return int(value)
    return -1


def _stage(module, body, lines):
    module.flash.image = bytes(body)
    if lines == "wind17":
        module.wind(17, "FW Update:staged")
