"""The module's file system, in steps: see at/task.py. radio.files, for programs, is in files.py;
certificates as files, and the notes about them, stand on these alone.

A file goes to <name>.new beside the old one, is compared by its digest and then renamed, so that
a restart at any byte leaves the old content or the new. If there is an old one, the new one is
first renamed to <name>.ok: a file of that name is complete.

Names are taken as they are. An entry is (name without its volume, size in bytes, letter of its
volume as the module shows it).
"""

from ..at.exchange import Exchange
from ..at.reading import fetch
from ..at.task import Wait
from ..const import const
from ..errors import SPWF04Error, errno

PART = const(1024)  # most bytes of one FSC [i]
ANY = range(1, 256)  # any error of the module
_TRIES = const(3)
_LETTERS = "XIDA"  # of the volumes 0 to 3, as FSL shows them; I and A are not certain [T10, i]


def ask(channel, command, payload=None, timeout_ms=5000, accept=()):
    """ATChannel.lines() in steps: (lines of the reply as str, the module's error number or 0)."""
    lines = []
    exchange = Exchange(lambda parser: lines.append(parser.text()))
    yield exchange.prepare(command, payload, timeout_ms)
    if exchange.code not in accept:
        channel.check(exchange)
    return lines, exchange.code


def listing(channel):
    """[(name, size, volume's letter)] of all files; lines that do not fit are passed over. [i]"""
    lines, _ = yield from ask(channel, b"AT+S.FSL\r")
    found = []
    for line in lines:
        words = line[line.find(":") + 1 :].split("\t")
        if line.startswith("AT-S.File:") and len(words) == 3 and words[1].strip().isdigit():
            name = words[2].strip()
            found.append((name[name.rfind("/") + 1 :], int(words[1]), words[0].strip()))
    return found


def parts(name):
    """(volume's letter or "", bare name) of a file's name. No step."""
    at = name.find(":/")
    if at < 0:
        return "", name.lstrip("/")
    return _LETTERS[int(name[:at])], name[at + 2 :].lstrip("/")


def find(name, there):
    """The entry of a file in what listing() gave, or None. No step."""
    letter, bare = parts(name)
    for entry in there:
        if entry[0] == bare and letter in ("", entry[2]):
            return entry
    return None


def ram_left(channel, there):
    """Bytes free on the RAM disk, or None if that is not known."""
    lines, _ = yield from ask(channel, b"AT+S.GCFG=ramdisk_memsize\r", None, 3000, ANY)
    for line in lines:
        if line.startswith("AT-S.Var:ramdisk_memsize=") and line[25:].isdigit():
            return int(line[25:]) * 1024 - sum([size for _, size, v in there if v == "D"])
    return None


def read(channel, name, offset, buffer, accept=()):
    """Read from byte `offset` of a file (None: all of it) into buffer, as many as fit; how many
    came, or minus the module's error number, which is in `accept`."""
    line = "AT+S.FSP=" + name
    if offset is not None:
        line += ",%d,%d" % (offset, len(buffer))
    return (yield from fetch(channel, line.encode() + b"\r", buffer, 8000, accept))


def append(channel, name, data, accept=()):
    """Add data (bytes, 1024 at most) to a file; the module's error number, which is in `accept`,
    or 0."""
    line = "AT+S.FSC=%s,%d\r" % (name, len(data))
    _, code = yield from ask(channel, line.encode(), data, 15000, accept)
    return code


def append_all(channel, name, data):
    """Add data (bytes-like) to a file, part by part."""
    view = memoryview(data)
    for at in range(0, len(data), PART):
        yield from append(channel, name, bytes(view[at : at + PART]))


def same(channel, name, digest):
    """True if the module computes this SHA-256 (bytes) of a file."""
    from binascii import hexlify

    # What comes before and within the digits is not certain [l.16]
    lines, _ = yield from ask(channel, ("AT+S.HASH=2,%s\r" % name).encode(), accept=ANY)
    digits = "".join(lines).lower().replace(":", "").replace(" ", "")
    return hexlify(digest).decode() in digits


def delete(channel, name, there=False, accept=(51, 56)):
    """Delete a file, if it is there; `there`: it is, and a failure is an error. The module's error
    number, which is in `accept`, or 0.

    51, 56: not there, or in use by the module's web server, perhaps for a moment. [T10]
    """
    line = ("AT+S.FSD=%s\r" % name).encode()
    tries = _TRIES if there else 1
    while True:
        tries -= 1
        last = there and not tries
        _, code = yield from ask(channel, line, None, 15000, () if last else accept)
        if not there or not code:
            return code
        yield Wait(lambda: False, 300)


def replace(channel, name, there):
    """Have <name>.ok, which is complete, take the place of a file; `there`: there is one."""
    if there:
        yield from delete(channel, name, True)
    yield from _rename(channel, name + ".ok", name)


def commit(channel, name, digest, words="the file is not what was sent"):
    """<name>.new is complete: compare its SHA-256, and put it in place. The letter of its volume;
    SPWF04Error in these words if it is another."""
    new = name + ".new"
    if not (yield from same(channel, new, digest)):
        yield from delete(channel, new)
        raise damaged(words)
    there = yield from listing(channel)
    if find(name, there) is not None:
        yield from _rename(channel, new, name + ".ok")
        yield from replace(channel, name, True)
    else:
        yield from _rename(channel, new, name)
    entry = find(new, there)
    return entry[2] if entry is not None else ""


def clean(channel, there, ours):
    """Finish or remove what interrupted uploads left of files whose names ours() takes; True if
    there was something. there: what listing() gave."""
    names = [entry[0] for entry in there]
    changed = False
    for name in names:
        old = name[: name.rfind(".")]
        if name.endswith(".ok") and ours(old):
            yield from replace(channel, old, old in names)
            changed = True
        elif name.endswith(".new") and ours(old):
            yield from delete(channel, name)
            changed = True
    return changed


def damaged(words):
    """The exception for an upload that did not arrive as it was sent."""
    return SPWF04Error(
        errno.EIO,
        words,
        hint="Bytes were lost on the UART: check flow control, then try again",
    )


def _rename(channel, old, new):
    yield from ask(channel, ("AT+S.FSR=%s,%s\r" % (old, new)).encode(), None, 15000)
