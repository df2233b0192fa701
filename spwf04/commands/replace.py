"""Replaces a file on the module safely, as steps: see at/task.py.

The new content is written to <name>.new, beside the old one. It is compared by its digest and then
renamed, so that a restart at any byte leaves the old content or the new. If there is an old file,
the new one is called <name>.ok before the old one is deleted: a file of that name is complete.

there: what filesystem.listing() returned. Names are sent as they are.
"""

from ..const import const
from .filesystem import ANY, append, ask, damaged, delete, listing

PART = const(1024)  # most bytes of one FSC [i]
_LETTERS = "XIDA"  # of the volumes 0 to 3, as FSL shows them; I and A are not certain [T10, i]


def parts(name):
    """Return (volume's letter or "", bare name) of a file's name. No step."""
    at = name.find(":/")
    if at < 0:
        return "", name.lstrip("/")
    return _LETTERS[int(name[:at])], name[at + 2 :].lstrip("/")


def find(name, there):
    """Return the entry of a file in what listing() returned, or None. No step."""
    letter, bare = parts(name)
    for entry in there:
        if entry[0] == bare and letter in ("", entry[2]):
            return entry
    return None


def ram_left(channel, there):
    """Return the bytes free on the RAM disk, or None if that is not known."""
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

    # What stands before and between the digits is not certain [l.16]
    lines, _ = yield from ask(channel, ("AT+S.HASH=2,%s\r" % name).encode(), accept=ANY)
    digits = "".join(lines).lower().replace(":", "").replace(" ", "")
    return hexlify(digest).decode() in digits


def commit(channel, name, digest, words="the file is not what was sent"):
    """<name>.new is complete: compare its SHA-256, and put it in place.

    Returns the letter of its volume. SPWF04Error that begins with `words` if the digests differ.
    """
    new = name + ".new"
    if not (yield from same(channel, new, digest)):
        yield from delete(channel, new)
        raise damaged(words)
    return (yield from place(channel, name))


def place(channel, name):
    """<name>.new is complete: put it in place. Returns the letter of its volume."""
    new = name + ".new"
    there = yield from listing(channel)
    if (yield from finish(channel, name, there)):
        there = yield from listing(channel)
    if find(name, there) is not None:
        yield from _rename(channel, new, name + ".ok")
        yield from replace(channel, name, True)
    else:
        yield from _rename(channel, new, name)
    entry = find(new, there)
    return entry[2] if entry is not None else ""


def finish(channel, name, there):
    """End a replacement that was broken off: True if <name>.ok was there."""
    if find(name + ".ok", there) is None:
        return False
    if find(name, there) is None:
        yield from replace(channel, name, False)
    else:
        yield from delete(channel, name + ".ok")
    return True


def replace(channel, name, there):
    """Put <name>.ok, which is complete, in the place of a file. there: there is such a file."""
    if there:
        yield from delete(channel, name, True)
    yield from _rename(channel, name + ".ok", name)


def clean(channel, there, ours):
    """Finish or remove what interrupted uploads left; True if there was something.

    ours: function of a name, True for files that this may touch.
    """
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
