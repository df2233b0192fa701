"""Files on the module: list, read, write, delete. Costs nothing until it is imported.

    from spwf04.commands.files import get, put
    put(radio, "1:/index.html", data)
    data = get(radio, "1:/index.html")

Names are "name" or "<volume>:/name", with volume 0 external (SD card), 1 user flash, 2 RAM (gone
after a restart), 3 application flash. [i] Without a volume a new file goes to the SD card if there
is one, else to the RAM disk. [T10]

A file is written beside the old one, compared by its digest and then renamed: a restart at any
byte leaves the old content or the new. In pieces, for hosts with little memory: begin(),
append() for each, commit(); read() takes a piece out.
"""

from ..arguments import argument
from ..at.reading import fetch
from ..checks import integer
from ..checks import radio as checked
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno
from ..payload import file_name, opened, payload, writable
from ..tls.lines import command
from ..tls.upload import _rename, delete, files
from .config import get as setting

PIECE = const(512)  # bytes of one read
_PART = const(1024)  # most bytes of one FSC [i]
_NAME = const(190)  # the line has 512 bytes, and FSR takes two names
_MORE = const(4)  # .new or .ok
_ANY = range(1, 256)  # any error of the module
_LETTERS = "XIDA"  # of the volumes 0 to 3, as FSL shows them; I and A are not certain [T10, i]


def listing(radio):
    """[(name, size in bytes, volume's letter)] of all files."""
    return files(checked(radio).certs)


def split(name):
    """(volume's letter or "", bare name) of a file's name. ValueError if it cannot be one."""
    return _split(name, _NAME)


def _split(name, size):
    text = _text(name, size)
    letter = ""
    at = text.find(":/")
    if at >= 0:
        if text[:at] not in ("0", "1", "2", "3"):
            raise ValueError("a volume is 0 (SD card), 1 (flash), 2 (RAM) or 3 (application)")
        letter = _LETTERS[int(text[:at])]
        text = text[at + 2 :]
    text = text.lstrip("/")
    if not text or ":" in text:
        raise ValueError("a file name is NAME or VOLUME:/NAME")
    return letter, text


def _text(name, size=_NAME):
    """A file's name as str."""
    data = argument(name, "name", size, True)
    try:
        return data.decode()
    except ValueError:
        pass
    raise ValueError("name is not text in UTF-8")


def _name(radio, name):
    """Look at both, before anything is sent; return the name as str."""
    checked(radio)
    split(name)
    return _text(name)


def find(radio, name, there=None):
    """(name, size, letter) of a file, or None. there: what listing() gave, if it was asked."""
    letter, bare = _split(name, _NAME + _MORE)
    there = listing(radio) if there is None else _listing(there)
    for entry in there:
        if entry[0] == bare and letter in ("", entry[2]):
            return entry
    return None


def space(radio):
    """The lines of FSL that name no file, as str, and the bytes that files take, by letter.

    (["Free:262144"], {"D": 1204}). In which words the module tells its free space is not
    known. [l.17] For the RAM disk see ram_left().
    """
    lines = command(checked(radio).certs, b"AT+S.FSL\r", accept=_ANY)
    used = {}
    for _, size, letter in listing(radio):
        used[letter] = used.get(letter, 0) + size
    said = [x[5:] for x in lines if x.startswith("AT-S.") and not x.startswith("AT-S.File:")]
    return said, used


def ram_left(radio, there):
    """Bytes free on the RAM disk, or None if its size is not known; there: listing()."""
    there = _listing(there)
    try:
        size = setting(checked(radio), "ramdisk_memsize")
    except ModuleError:
        return None
    if not size.isdigit():
        return None
    return int(size) * 1024 - sum([entry[1] for entry in there if entry[2] == "D"])


def read(radio, name, offset, buffer):
    """Fill buffer (bytearray, or another of bytes) from byte `offset` of a file; return how many
    bytes there were."""
    name = _name(radio, name)
    offset = integer(offset, "offset", 0, 0x3FFFFFFF)
    buffer = writable(buffer)
    if buffer is None:
        raise TypeError("buffer must be of bytes")
    wanted = len(buffer)
    line = b"AT+S.FSP=%s,%d,%d\r" % (name.encode(), offset, wanted)
    got = fetch(radio.channel, line, buffer, 8000)
    if got > wanted:
        raise SPWF04Error(
            errno.EIO,
            "the module gave %d bytes, not %d" % (got, wanted),
            hint="This firmware cannot read a file in pieces: please report it",
        )
    return got


def get(radio, name):
    """The content of a file as bytearray. SPWF04Error if there is none, or it was damaged on its
    way."""
    name = _name(radio, name)
    entry = _there(radio, name)
    data = bytearray(entry[1])
    at = 0
    while at < len(data):
        piece = bytearray(min(PIECE, len(data) - at))
        n = read(radio, name, at, piece)
        if not n:
            break
        data[at : at + n] = piece[:n]
        at += n
    from ..pki.digest import sha256

    digest = sha256(data).digest()  # pyright: ignore[reportArgumentType]
    if not same(radio, name, digest):
        raise _damaged()
    return data


def put(radio, name, data):
    """Have file `name` with this content; the old content stays if that fails.

    data: bytes-like, or a path (pathlib.Path) of a file of this host.
    """
    name = _name(radio, name)
    if not isinstance(data, str) and file_name(data, "data") is not None:
        with opened(data, "data") as f:
            data = f.read()
    data = payload(data)
    begin(radio, name, len(data))
    view = memoryview(data)
    for at in range(0, len(data), _PART):
        append(radio, name, view[at : at + _PART])
    from ..pki.digest import sha256

    commit(radio, name, sha256(data).digest())  # pyright: ignore[reportArgumentType]


def begin(radio, name, size):
    """Before a file of `size` bytes is written: see that it fits, clear what an earlier attempt
    left."""
    name = _name(radio, name)
    letter, bare = split(name)
    integer(size, "size", 1, 0x3FFFFFFF)  # the module takes no empty file
    store = radio.certs
    there = listing(radio)
    if letter == "D" or (not letter and not [entry for entry in there if entry[2] == "X"]):
        room = ram_left(radio, there)
        if room is not None and room < size:
            raise SPWF04Error(
                errno.ENOMEM,
                "%d bytes do not fit on the module's RAM disk, %d are free" % (size, room),
                hint="Remove a file, or write to its flash: 1:/" + bare,
            )
    if find(radio, name + ".ok", there):  # complete by its name: see cafiles.py
        if find(radio, name, there):
            delete(store, name + ".ok")
        else:
            _rename(store, name + ".ok", name)
    if find(radio, name + ".new", there):
        delete(store, name + ".new", True)


def append(radio, name, part):
    """Add a part of 1 to 1024 bytes to the file that was begun."""
    name = _name(radio, name)
    part = payload(part, "part")
    integer(len(part), "the length of part", 1, _PART)
    line = b"AT+S.FSC=%s.new,%d\r" % (name.encode(), len(part))
    radio.channel.command(line, part, 15000)


def commit(radio, name, digest):
    """The parts are complete: compare with the SHA-256 (bytes), and put it in place."""
    name = _name(radio, name)
    digest = _digest(digest)
    store = radio.certs
    new, ok = name + ".new", name + ".ok"
    if not same(radio, new, digest):
        delete(store, new)
        raise _damaged()
    if find(radio, name):
        _rename(store, new, ok)
        delete(store, name, True)
        _rename(store, ok, name)
    else:
        _rename(store, new, name)


def give_up(radio, name):
    """Remove what begin() and append() made."""
    name = _name(radio, name)
    delete(radio.certs, name + ".new")


def remove(radio, name):
    """Delete a file. SPWF04Error if there is none; ModuleError if it is in use. [T10]"""
    name = _name(radio, name)
    _there(radio, name)
    delete(radio.certs, name, True)


def same(radio, name, digest):
    """True if the SHA-256 of a file is `digest` (bytes), as the module computes it."""
    from binascii import hexlify

    _split(name, _NAME + _MORE)
    name = _text(name, _NAME + _MORE)
    digest = _digest(digest)
    # What comes before and within the digits is not certain [l.16]
    lines = command(checked(radio).certs, ("AT+S.HASH=2,%s\r" % name).encode(), accept=_ANY)
    digits = "".join(lines).lower().replace(":", "").replace(" ", "")
    return hexlify(digest).decode() in digits


def _listing(there):
    """What listing() returned."""
    if not isinstance(there, (list, tuple)) or not all(
        [isinstance(entry, tuple) and len(entry) == 3 for entry in there]
    ):
        raise TypeError("there must be what listing() returns")
    return there


def _digest(digest):
    digest = payload(digest, "digest")
    if len(digest) != 32:
        raise ValueError("digest must be a SHA-256: 32 bytes")
    return digest


def _there(radio, name):
    entry = find(radio, name)
    if entry is None:
        raise SPWF04Error(
            getattr(errno, "ENOENT", 2),
            "there is no file %s on the module" % name,
            hint="spwf04.commands.files.listing(radio) tells which there are",
        )
    return entry


def _damaged():
    from ..at.failure import damaged

    return damaged("the file is not what was sent")
