"""Images of a file system, FAT12: what FSUPDATE takes. [i.1]

Files in the top folder only; long names as VFAT has them.
"""

import struct
import time

_SECTOR = 512
_BOOT = struct.Struct("<3s8sHBHBHHBHHHIIBBBI11s8s")
_ENTRY = struct.Struct("<11sBBBHHHHHHHI")
_LONG, _FOLDER, _LABEL = 0x0F, 0x10, 0x08


class NoFileSystem(ValueError):
    """The bytes are no FAT12 file system."""


def read_disk(image):
    """Return the files of an image, {name: bytes}. Raises NoFileSystem."""
    image = bytes(image)
    try:
        return _read(image)
    except (struct.error, IndexError) as e:
        raise NoFileSystem(str(e)) from None


def _read(image):
    fields = _BOOT.unpack_from(image)
    sector, per_cluster, reserved, tables, entries = fields[2:7]
    table_sectors = fields[9]
    if image[510:512] != b"\x55\xaa" or sector not in (512, 1024, 2048, 4096) or not tables:
        raise NoFileSystem("no boot sector")
    if not per_cluster:
        raise NoFileSystem("no clusters")
    table = image[reserved * sector :][: table_sectors * sector]
    top = (reserved + tables * table_sectors) * sector
    data = top + (entries * 32 + sector - 1) // sector * sector
    size = per_cluster * sector
    files = {}
    for name, first, length in _listed(image[top : top + entries * 32]):
        if length > len(image) or any(c < " " for c in name):
            raise NoFileSystem(f"{name!r} is no file")
        content = b""
        cluster = first
        while 2 <= cluster < 0xFF8 and len(content) < length:
            at = data + (cluster - 2) * size
            piece = image[at : at + size]
            if not piece:  # beyond the end; the chain may be a circle
                break
            content += piece
            pair = int.from_bytes(table[cluster * 3 // 2 :][:2], "little")
            cluster = pair >> 4 if cluster % 2 else pair & 0xFFF
        if len(content) < length:
            raise NoFileSystem(f"{name} is cut")
        files[name] = content[:length]
    return files


def _listed(folder):
    """Yield (name, first cluster, size) of each file of a folder."""
    long = ""
    for at in range(0, len(folder), 32):
        entry = folder[at : at + 32]
        if entry[0] == 0:
            return
        kind = entry[11]
        if entry[0] == 0xE5:
            long = ""
        elif kind == _LONG:
            text = (entry[1:11] + entry[14:26] + entry[28:32]).decode("utf-16-le", "replace")
            long = text + long
        else:
            if not kind & (_FOLDER | _LABEL):
                first, length = struct.unpack_from("<HI", entry, 26)
                yield long.partition("\0")[0] or _short(entry), first, length
            long = ""


def _short(entry):
    base = entry[:8].rstrip().decode("latin-1")
    extension = entry[8:11].rstrip().decode("latin-1")
    # Windows notes in byte 12 that base or extension was in lower case
    base = base.lower() if entry[12] & 8 else base
    extension = extension.lower() if entry[12] & 16 else extension
    return base + "." + extension if extension else base


def disk_image(files, size=65536, when=None):
    """Return a FAT12 image of `size` bytes, a multiple of 512, with files, {name: bytes}.

    when: seconds since 1970, the date of all files; None: 1980, FAT's first. ValueError if they do
    not fit.
    """
    moment = time.gmtime(max(when or 0, 315532800))
    date = moment.tm_year - 1980 << 9 | moment.tm_mon << 5 | moment.tm_mday
    stamp = moment.tm_hour << 11 | moment.tm_min << 5 | moment.tm_sec // 2, date
    sectors = size // _SECTOR
    table_sectors = (sectors * 3 // 2 + _SECTOR) // _SECTOR
    head = (b"\xeb\x3c\x90", b"SPWF04SM", _SECTOR, 1, 1, 1, 512, sectors, 0xF8, table_sectors)
    boot = _BOOT.pack(*head, 1, 1, 0, 0, 0x80, 0, 0x29, 0, b"NO NAME    ", b"FAT12   ")
    table = [0xFF8, 0xFFF]
    folder = bytearray()
    content = bytearray()
    taken = set()
    for name, data in files.items():
        first = len(table) if data else 0
        folder += _entries(name, _alias(name, taken), stamp, first, len(data))
        clusters = (len(data) + _SECTOR - 1) // _SECTOR
        table += [first + i + 1 for i in range(clusters - 1)] + ([0xFFF] if clusters else [])
        content += data + bytes(clusters * _SECTOR - len(data))
    packed = bytearray()
    for a, b in zip(table[::2], [*table[1::2], 0]):
        packed += (a | b << 12).to_bytes(3, "little")
    image = (
        boot.ljust(510, b"\0") + b"\x55\xaa" + bytes(packed).ljust(table_sectors * _SECTOR, b"\0")
    )
    image += bytes(folder).ljust(512 * 32, b"\0") + content
    if len(image) > size or len(folder) > 511 * 32:
        raise ValueError(f"the files do not fit into {size} bytes")
    return image.ljust(size, b"\0")


def _alias(name, taken):
    """The short name of a file, 11 bytes, for a reader that knows no long ones: "page.html" has
    PAGE~1.HTM. taken: those of the other files, to which it is added."""

    def plain(text, size):
        letters = [c for c in text.upper() if c.isascii() and (c.isalnum() or c in "-_")]
        return "".join(letters)[:size]

    base, _, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    short = plain(base, 8).ljust(8) + plain(ending, 3).ljust(3)
    fits = short[:8].rstrip() == base.upper() and short[8:].rstrip() == ending.upper()
    n = 0
    while not fits or short in taken:
        n += 1
        mark = f"~{n}"
        short = (plain(base, 8 - len(mark)) + mark).ljust(8) + short[8:]
        fits = True
    taken.add(short)
    return short.encode()


def _entries(name, short, stamp, first, length):
    """The entries of a file: those of its long name, then that of the short one."""
    check = 0
    for c in short:
        check = ((check >> 1 | check << 7) + c) & 0xFF
    text = name.encode("utf-16-le")
    text += b"\0\0" if len(text) % 26 else b""
    text = text.ljust((len(text) + 25) // 26 * 26, b"\xff")
    out = b""
    count = len(text) // 26
    for i in range(count, 0, -1):
        part = text[(i - 1) * 26 : i * 26]
        order = i | (0x40 if i == count else 0)
        out += bytes((order,)) + part[:10] + bytes((_LONG, 0, check)) + part[10:22] + b"\0\0"
        out += part[22:]
    return out + _ENTRY.pack(short, 0x20, 0, 0, *stamp, stamp[1], 0, *stamp, first, length)
