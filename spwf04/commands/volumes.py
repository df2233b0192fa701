"""The module's volumes: what is mounted, mounting, and all files of one at once. [i, i.1]

    radio.mount(0)                                         # the SD card
    for number, letter, mounted, used, free in radio.volumes(): ...
    radio.fetch_files("192.168.1.5", 8000, "/files.img", erase=True)

The functions here are steps: see at/task.py. SPWF04's methods wait for them.
"""

from ..checks import integer
from ..errors import ModuleError, SPWF04Error, errno
from . import filesystem as fs
from .replace import ram_left
from .update import fetching

_LETTERS = "XIDA"  # of the volumes 0 to 3 [T10, i]
# The status variables that tell what is mounted [f.4]; none tells of the application flash
_MOUNTED = (b"extvol_fs", b"user_fs", b"ram_fs", None)
_MOUNT_MS = 20000  # an SD card, or a flash that is being erased, takes its time


def mount(radio, volume):
    """SPWF04.mount()"""
    volume = integer(volume, "volume", 0, 3)
    yield from _ask(radio, volume, b"AT+S.FSM=%d\r" % volume)


def unmount(radio, volume, erase=False):
    """SPWF04.unmount()"""
    volume = integer(volume, "volume", 0, 3)
    if not isinstance(erase, bool):  # no number or text may erase by mistake
        raise TypeError("erase must be True or False, not " + type(erase).__name__)
    yield from _ask(radio, volume, b"AT+S.FSU=%d,%d\r" % (volume, erase))


def _ask(radio, volume, line):
    try:
        yield from fs.ask(radio.channel, line, None, _MOUNT_MS)
    except ModuleError as e:
        if e.code not in (29, 59):
            raise
        words = "%d, %s" % (volume, ("the SD card", "flash", "RAM", "application")[volume])
        words = "volume " + words + ": it is not there or not mounted, or in use"
        raise ModuleError(
            e.errno,
            words,
            e.code,
            e.text,
            "radio.volumes() tells which are mounted; a page that is being read is in use",
            "check_arguments",
        ) from None


def volumes(radio):
    """SPWF04.volumes()"""
    channel = radio.channel
    mounted = []
    for name in _MOUNTED:
        mounted.append(None if name is None else (yield from _told(channel, name)))
    there = yield from fs.listing(channel)
    left = yield from ram_left(channel, there)
    found = []
    for n in range(4):
        letter = _LETTERS[n]
        used = sum([size for _, size, v in there if v == letter])
        free = left if letter == "D" and mounted[n] is not False else None
        found.append((n, letter, mounted[n], used, free))
    return found


def _told(channel, name):
    """Steps: a status variable as True, False, or None if the module does not tell it."""
    lines, _ = yield from fs.ask(channel, b"AT+S.STS=" + name + b"\r", None, 3000, (4,))
    head = "AT-S.Var:" + name.decode() + "="
    for line in lines:
        value = line[len(head) :].strip() if line.startswith(head) else ""
        if value.isdigit():
            return int(value) > 0
    return None


def fetch_files(radio, host, port, path, volume, erase, user, password, timeout):
    """SPWF04.fetch_files()"""
    volume = integer(volume, "volume", 0, 1)
    if erase is not True:
        raise ValueError("this erases all files of volume %d: say erase=True if it may" % volume)
    # i: internal, e: external. That is a guess; the module refuses what it does not know [c.4]
    command = b"FSUPDATE=i" if volume else b"FSUPDATE=e"
    try:
        said = yield from fetching(radio, command, host, port, path, user, password, timeout)
    except ModuleError as e:
        if e.code == 7:
            raise SPWF04Error(
                getattr(errno, "EOPNOTSUPP", 95),
                "the firmware does not take files for volume %d over the air" % volume,
                e.code,
                e.text,
                "Write them one by one: radio.files.put()",
                "put_files",
            ) from None
        raise
    return said
