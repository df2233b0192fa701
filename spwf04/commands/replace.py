"""Replaces a file on the module safely, in steps: see at/task.py.

The new content goes to <name>.new beside the old one, is compared by its digest and then renamed,
so that a restart at any byte leaves the old content or the new. If there is an old one, the new
one is first renamed to <name>.ok: a file of that name is complete.

there: what filesystem.listing() gave. Names are taken as they are.
"""

from ..const import const
from .filesystem import ANY, append, ask, damaged, delete, listing

PART = const(1024)  # most bytes of one FSC [i]
_LETTERS = "XIDA"  # of the volumes 0 to 3, as FSL shows them; I and A are not certain [T10, i]


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


def replace(channel, name, there):
    """Have <name>.ok, which is complete, take the place of a file; `there`: there is one."""
    if there:
        yield from delete(channel, name, True)
    yield from _rename(channel, name + ".ok", name)


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


def _rename(channel, old, new):
    yield from ask(channel, ("AT+S.FSR=%s,%s\r" % (old, new)).encode(), None, 15000)
