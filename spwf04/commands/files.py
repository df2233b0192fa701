"""Files on the module: list, read, write, replace safely.

    radio.files.put("1:/index.html", data)
    data = radio.files.get("1:/index.html")

Names are "name" or "<volume>:/name". Volumes are 0 external (SD card), 1 user flash, 2 RAM (gone
after a restart), 3 application flash. [i] Without a volume, a new file goes to the SD card if
there is one, else to the RAM disk. [T10]

A new file is written beside the old one, compared by its digest and then renamed: a restart at any
byte leaves the old content or the new. replace.py does that.
"""

from ..arguments import argument
from ..checks import integer
from ..const import const
from ..errors import SPWF04Error, errno
from ..hostfile import file_name, opened
from ..payload import payload, writable
from . import filesystem as fs
from .replace import PART, append_all, commit, find, parts, ram_left, same, settle

PIECE = const(512)  # bytes of one read
_NAME = const(190)  # the line has 512 bytes, and FSR takes two names
_MORE = const(4)  # .new or .ok


class Files:
    """radio.files: the files on the module. Each method asks the module anew.

    An entry is (name without its volume, size in bytes, letter of its volume). The letters are the
    module's: X SD card, I user flash, D RAM disk, A application flash.

    A method that sends commands may raise ModuleError with the module's number, or LinkLost. The
    argument `name` of each is "name" or "<volume>:/name", a str or bytes: see above.
    """

    def __init__(self, radio):
        self._radio = radio
        self._channel = radio.channel

    @staticmethod
    def split(name) -> "tuple[str, str]":
        """Return (volume's letter or "", bare name) of a file's name.

        ValueError if it cannot be one; TypeError.
        """
        return _split(name, _NAME)

    def find(self, name, there=None) -> "tuple[str, int, str] | None":
        """Return the entry of a file, or None.

        there: what list() returned, if it was asked just now; else it is asked.
        """
        _split(name, _NAME + _MORE)
        name = _text(name, _NAME + _MORE)
        return find(name, self.list() if there is None else _listing(there))

    def space(self) -> "tuple[list[str], dict[str, int]]":
        """Return (what the module says of its space, bytes of files by volume's letter).

        For example (["Free:262144"], {"D": 1204}). The first are the lines, str, that name no
        file: their words are not known. For the RAM disk see ram_left(). [l.17]
        """
        lines, _ = self._channel.lines(b"AT+S.FSL\r", accept=fs.ANY)
        used = {}
        for _, size, letter in self.list():
            used[letter] = used.get(letter, 0) + size
        said = [x[5:] for x in lines if x.startswith("AT-S.") and not x.startswith("AT-S.File:")]
        return said, used

    def ram_left(self, there=None) -> "int | None":
        """Return the bytes free on the RAM disk, or None if its size is not known.

        there: what list() returned, if it was asked just now; else it is asked.
        """
        there = self.list() if there is None else _listing(there)
        return self._channel.take(ram_left(self._channel, there))

    def read(self, name, offset, buffer) -> int:
        """Read from byte `offset` of a file into buffer; return how many bytes came.

        buffer: bytearray, or a memoryview of one. SPWF04Error if more bytes came than it holds.
        """
        name = _name(name)
        offset = integer(offset, "offset", 0, 0x3FFFFFFF)
        buffer = writable(buffer)
        if buffer is None:
            raise TypeError("buffer must be of bytes")
        radio = self._radio
        got, radio.announces = self._channel.take(
            fs.read_piece(self._channel, name, offset, buffer, radio.announces)
        )
        if got > len(buffer):
            raise SPWF04Error(
                errno.EIO,
                "the module gave %d bytes, not %d: its firmware does not read files in pieces"
                % (got, len(buffer)),
                hint="Please report the firmware's version: radio.firmware",
                remedy="report",
            )
        return got

    def get(self, name) -> bytearray:
        """Return the content of a file as bytearray.

        SPWF04Error if there is no such file, or its bytes were damaged on the way.
        """
        name = _name(name)
        data = bytearray(self._there(name)[1])
        at = 0
        while at < len(data):
            rest = len(data) - at
            piece = bytearray(min(PIECE, rest))
            if rest > PIECE:
                n = self.read(name, at, piece)
            else:
                n = self._channel.take(fs.read_rest(self._channel, name, at, piece, rest))
            if not n:
                break
            data[at : at + n] = piece[:n]
            at += n
        if not self.same(name, _sha256(data)):
            raise fs.damaged("the file is not what was sent")
        return data

    def put(self, name, data) -> None:
        """Write a file. If that fails, the old content stays.

        data: bytes-like, or a pathlib.Path of a file of this host; not empty. SPWF04Error if it
        does not fit, or was damaged on the way.
        """
        self._channel.take(self.putting(name, data))

    def putting(self, name, data):
        """put() as steps: see at/task.py."""
        name = _new_name(name)
        if not isinstance(data, str) and file_name(data, "data") is not None:
            with opened(data, "data") as f:
                data = f.read()
        data = payload(data)
        if not len(data):
            raise ValueError("data is empty: the module takes no empty file")
        yield from _begin(self._channel, name, len(data))
        yield from _put(self._channel, name, data)

    def begin(self, name, size) -> None:
        """Begin to write a file of `size` bytes in parts.

        Then append() each part, and commit() or give_up(). What an earlier attempt left is
        removed. SPWF04Error if the file does not fit.
        """
        name = _new_name(name)
        integer(size, "size", 1, 0x3FFFFFFF)  # the module takes no empty file
        self._channel.take(_begin(self._channel, name, size))

    def append(self, name, part) -> None:
        """Add a part of 1 to 1024 bytes to the file that was begun."""
        name = _name(name)
        part = payload(part, "part")
        integer(len(part), "the length of part", 1, PART)
        self._channel.take(fs.append(self._channel, name + ".new", part))

    def commit(self, name, digest) -> None:
        """Put the file that was written in parts in place.

        digest: its SHA-256, 32 bytes. SPWF04Error if the module's file has another.
        """
        name = _name(name)
        self._channel.take(_commit(self._channel, name, _digest(digest)))

    def give_up(self, name) -> None:
        """Remove what begin() and append() wrote."""
        name = _name(name)
        self._channel.take(fs.delete(self._channel, name + ".new"))

    def remove(self, name) -> None:
        """Delete a file. SPWF04Error if there is none; ModuleError if it is in use. [T10]"""
        name = _name(name)
        self._there(name)
        self._channel.take(fs.delete(self._channel, name, True))

    def same(self, name, digest) -> bool:
        """True if the SHA-256 of a file is `digest` (32 bytes), as the module computes it."""
        _split(name, _NAME + _MORE)
        name = _text(name, _NAME + _MORE)
        return self._channel.take(same(self._channel, name, _digest(digest)))

    def list(self) -> "list[tuple[str, int, str]]":
        """Return a list with an entry for each file."""
        return self._channel.take(fs.listing(self._channel))

    def _there(self, name):
        entry = self.find(name)
        if entry is None:
            raise SPWF04Error(
                getattr(errno, "ENOENT", 2),
                "there is no file %s on the module" % name,
                hint="radio.files.list() tells which files there are",
                remedy="list_files",
            )
        return entry


# what is passed --------------------------------------------------------------------------------
def _name(name):
    """Return a file's name as str; ValueError or TypeError before anything is sent."""
    _split(name, _NAME)
    return _text(name, _NAME)


def _new_name(name):
    """_name() of a file to write: in a folder it may not be found again, because lists may show
    the last part of a name only."""
    name = _name(name)
    if "/" in parts(name)[1]:
        raise ValueError("a file to write has no folder: its name is NAME or VOLUME:/NAME")
    return name


def _split(name, size):
    text = _text(name, size)
    at = text.find(":/")
    if at >= 0 and text[:at] not in ("0", "1", "2", "3"):
        raise ValueError("a volume is 0 (SD card), 1 (flash), 2 (RAM) or 3 (application)")
    letter, bare = parts(text)
    if not bare or ":" in bare:
        raise ValueError("a file name is NAME or VOLUME:/NAME")
    return letter, bare


def _text(name, size):
    """Return a file's name, with or without a volume, as str."""
    data = argument(name, "name", size, True)
    try:
        return data.decode()
    except ValueError:
        pass
    raise ValueError("name is not text in UTF-8")


def _listing(there):
    """Check that an argument is what list() returned."""
    if not isinstance(there, (list, tuple)) or not all(
        [isinstance(entry, tuple) and len(entry) == 3 for entry in there]
    ):
        raise TypeError("there must be what list() returns")
    return there


def _digest(digest):
    digest = payload(digest, "digest")
    if len(digest) != 32:
        raise ValueError("digest must be a SHA-256: 32 bytes")
    return digest


def _sha256(data):
    from ..digest import sha256

    return sha256(data).digest()


# steps -----------------------------------------------------------------------------------------
def _begin(channel, name, size):
    letter, bare = parts(name)
    there = yield from fs.listing(channel)
    if letter == "D" or (not letter and not [entry for entry in there if entry[2] == "X"]):
        room = yield from ram_left(channel, there)
        if room is not None and room < size:
            raise SPWF04Error(
                errno.ENOMEM,
                "%d bytes do not fit on the module's RAM disk, %d are free" % (size, room),
                hint="Remove a file, or write to its flash: 1:/" + bare,
                remedy="free_room",
            )
    yield from settle(channel, name, there)
    if find(name + ".new", there):
        yield from fs.delete(channel, name + ".new", True)


def _put(channel, name, data):
    yield from append_all(channel, name + ".new", data)
    yield from _commit(channel, name, _sha256(data))


def _commit(channel, name, digest):
    yield from commit(channel, name, digest)
    # A byte more on the line, and it was renamed to something else
    if not (yield from same(channel, name, digest)):
        raise fs.damaged("the file is not in its place")
