"""FWUPDATE: firmware over the air. [c.4, T12]

The image is fetched at once and applied at the next boot: a good one is the module's firmware
from then on; one that is not for this module is erased, and the old firmware starts. ST's image
format is not public: an image of this simulation is made by firmware_image().
"""

from .apps import fetch, told
from .registry import command

_MAGIC = b"spwf04-sim firmware "


def firmware_image(build, version="1.1.0", size=65536):
    """An image that the simulated module takes for a firmware. build: "<yymmdd>-<hash>"."""
    head = _MAGIC + f"{build} {version}\n".encode()
    return head + bytes(i * 31 % 256 for i in range(max(0, size - len(head))))


def contents(image):
    """(build, version) of an image, or None."""
    words = bytes(image).partition(b"\n")[0][len(_MAGIC) :].decode("latin-1").split(" ")
    return tuple(words) if bytes(image).startswith(_MAGIC) and len(words) == 2 else None


@command("FWUPDATE", 4, 7)
def fwupdate(module, mode, host, path, port, tls, user, password):
    """e,<host>,/<path>,<port>,<TLS>,<user>,<password>"""
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
        told(module, head)
        return 111
    if len(body) != _length(head):
        return 111
    if lines == "lines":
        told(module, head)
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
