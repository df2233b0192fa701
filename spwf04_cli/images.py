"""Images for the module on this computer: of firmware, and of files. [c.9, i.1]

ST's format is a header of 140 bytes, the content, and a final word. Its SHA-256 tells damage. It
is no signature: whoever makes an image can make its SHA-256.
"""

import gzip
import hashlib
import pathlib
import re
import struct
from dataclasses import dataclass

from spwf04_sim.parts.fat import NoFileSystem, disk_image, read_disk

MODEL = "SPWF04S"
HEADER = 140
_HEADER = struct.Struct("<IIII32s32s32s12s16s")
_ID, _LAST = 0x00228800, 0x8505E11A
_PLAIN = bytes(28)  # initial value and tag of an image that is not encrypted
_DATE = re.compile(r"\d{6}(?=-)")  # at the beginning of a build
# What FAT takes in no name, and the module in no command
_FORBIDDEN = set('"*/:<>?\\|,')
_PACKED = (".html", ".htm", ".css", ".js", ".svg", ".txt", ".json", ".xml")


class Unfit(ValueError):
    """An image that a module must not get; it says why."""


@dataclass
class Image:
    """An image that is whole. content: its bytes without header and final word. version, model: of
    its header, "" without one. encrypted: its content can be checked by the module alone. files:
    {name: bytes} if it is one of a file system, else None."""

    content: bytes
    version: str = ""
    model: str = ""
    encrypted: bool = False
    files: "dict | None" = None

    @property
    def has_header(self):
        """False for the bare image of a file system."""
        return bool(self.model)


def read(data):
    """Return the Image of bytes. Raises Unfit."""
    if data[:4] == struct.pack("<I", _ID):
        image = _unwrapped(data)
        if image.encrypted:
            return image
    else:
        image = Image(bytes(data))
    try:
        image.files = read_disk(image.content)
    except NoFileSystem as e:
        if image.content[510:512] == b"\x55\xaa" and b"FAT1" in image.content[:64]:
            raise Unfit(f"it is a damaged file system: {e}") from None
    if image.files is not None:
        sector, few, many = struct.unpack_from("<H6xH11xI", image.content, 11)
        if (few or many) * sector > len(image.content):
            raise Unfit("it is a damaged file system: its end is missing")
    if image.files is None and not image.has_header:
        raise Unfit(
            "it has neither ST's header of 140 bytes nor a FAT12 file system: it is no image for "
            "this module, or its beginning is damaged"
        )
    return image


def _unwrapped(data):
    """The Image of a file that begins with a header."""
    if len(data) < HEADER + 4:
        raise Unfit(f"it is cut: {len(data)} bytes, less than a header")
    _, size, base, length, model, version, digest, iv, tag = _HEADER.unpack_from(data)
    if size != HEADER or base:
        raise Unfit(f"its header is damaged: {size} bytes for {base:#x}, not {HEADER} for 0")
    if length % 4 or len(data) != HEADER + length + 4:
        raise Unfit(
            f"its header tells of {length} bytes, and {len(data) - HEADER - 4} are there: it is "
            "damaged or cut"
        )
    if data[-4:] != struct.pack("<I", _LAST):
        raise Unfit("its final word is wrong: it is damaged")
    names = [_text(model, "model"), _text(version, "version")]
    if names[0] != MODEL:
        raise Unfit(f"it is for the model {names[0] or '(none)'}, not for {MODEL}")
    content = bytes(data[HEADER:-4])
    if iv + tag != _PLAIN:
        return Image(content, names[1], names[0], True)
    if hashlib.sha256(content).digest() != digest:
        raise Unfit("its SHA-256 is not that of its content: it is damaged")
    return Image(content, names[1], names[0])


def _text(field, name):
    text, _, rest = field.partition(b"\0")
    if rest.strip(b"\0") or not text.isascii() or not text.decode().isprintable():
        raise Unfit(f"its header is damaged: no text as its {name}")
    return text.decode()


def wrapped(content, version):
    """Return content (bytes) with ST's header and final word, not encrypted. ValueError."""
    if not 0 < len(version) < 32 or not version.isascii() or not version.isprintable():
        raise ValueError("a version has 1 to 31 ASCII characters")
    content = bytes(content) + bytes(-len(content) % 4)
    names = MODEL.encode(), version.encode()
    fields = (_ID, HEADER, 0, len(content), *names, hashlib.sha256(content).digest())
    head = _HEADER.pack(*fields, _PLAIN[:12], _PLAIN[12:])
    return head + content + struct.pack("<I", _LAST)


def age(version, build):
    """Return -1, 0 or 1 if a version is older than a build, the same, or newer; None if they do
    not tell. Both begin with their date, yymmdd."""
    if version and (build == version or build.startswith(version + "-")):
        return 0
    dates = [_DATE.match(text) for text in (version, build)]
    if None in dates:
        return None
    new, old = [date[0] for date in dates]
    return (new > old) - (new < old) or None


# files -----------------------------------------------------------------------------------------
def folder(path, pack=False):
    """Return (files as {name: bytes}, names that are left out) of a folder. pack: add what gzip
    makes smaller, as the module looks for it. ValueError for a wrong name, OSError."""
    files, left = {}, []
    for file in sorted(pathlib.Path(path).iterdir()):
        if file.name.startswith("."):
            left.append(file.name)
            continue
        if not file.is_file():
            raise ValueError(f"{file.name} is no file: a volume has files in its top folder only")
        check_name(file.name, files)
        files[file.name] = file.read_bytes()
    if pack:
        for name, data in list(files.items()):
            head, _, ending = name.rpartition(".")
            small = gzip.compress(data, mtime=0)
            packed = f"{head}.gz.{ending}"  # before the last dot [j.1]
            if f".{ending}" in _PACKED and len(small) < len(data) and packed not in files:
                files[packed] = small
    if not files:
        raise ValueError("there is no file in it")
    return files, left


def check_name(name, others=()):
    """ValueError for a name that a file on the module cannot have, beside others."""
    if len(name) > 186 or not name.isascii() or not name.isprintable():
        raise ValueError(f"{name!r} is too long, or has other than ASCII characters")
    wrong = sorted(set(name) & _FORBIDDEN)
    if wrong or name[-1] in ". ":
        raise ValueError(f"{name}: no name on the module has {' '.join(wrong) or 'this end'}")
    if name.lower() in {other.lower() for other in others}:
        raise ValueError(f"{name} is there twice: upper and lower case are one on the module")


def of_files(files, size, when):
    """Return the image of a file system, size bytes, with files. when: seconds since 1970.
    ValueError if they do not fit."""
    return disk_image(files, size, when)
