"""What tells a later run whose the CAs and the own certificate on the module are.

What a context brought is noted on the module before it is put there, and the note goes after it
has gone, so that whatever is cut short leaves a note too many and none too few. Two notes:

1:/spwf04.trust on the user flash, which restarts survive like the slot, is about the slot:

    slot <owner> <identifier> <SHA-256> <owner> <SHA-256> <check>      of the CA, of the identity
    done <check>                                                        all of that is in place

spwf04.lent is about files, and lies on the same volume as they: a line "lent <name> <check>" for
each that a context brought, "back <name> <check>" if it is the device's by now.

An owner is "device", "context" or "none"; "-" stands for what is not known; <check> is the
beginning of the SHA-256 of what stands before it. A note that cannot be read means: a context's,
not known which. Without a note what is there counts as the device's.

Functions here are steps, see at/task.py; the first argument is the CertificateStore, which keeps
what was read.
"""

from binascii import hexlify

from ..commands import filesystem as fs
from ..const import const
from ..errors import SPWF04Error, errno

SLOT = "1:/spwf04.trust"
LENT = "spwf04.lent"
OWN = ("tls.cert", "tls.key")  # files of the own certificate [h.1]

_MOST = const(4096)  # bytes of a note that is believed
# FSP: cannot open, no such volume, name not understood
_NONE = (51, 29, 50, 7, 6, 2)
_MORE = const(16)
# FSD: the note has gone, or was not there
_GONE = (0, 51, 55, 56)


def _check(text):
    """The end of a line that begins with text."""
    from ..pki.digest import sha256

    return hexlify(sha256(text.encode()).digest()).decode()[:8]


def _checked(line):
    return line + " " + _check(line)


def _read(store, name, there):
    """The lines of a note, each a list of words without the check; None if there is none, [] if
    it cannot be read. there: what fs.listing() gave."""
    listed = [n for n, _, _ in there if n == name[name.rfind("/") + 1 :]]
    size = max([n for m, n, _ in there if m in listed] + [512]) + _MORE
    if size > _MOST:
        return []
    data = bytearray(size)
    got = yield from fs.read(store.channel, name, 0, data, fs.ANY)
    if -got in _NONE and not listed:
        return None
    if not 0 <= got <= size:
        return []
    lines = []
    try:
        text = bytes(data[:got]).decode()
    except (UnicodeError, ValueError):
        return []
    if text[-2:] != "\r\n":
        return []
    for line in text[:-2].split("\r\n"):
        words = line.split(" ")
        if words[0] != "done" and _check(line[:-9]) != words[-1]:
            return []
        lines.append(words[:-1] if words[0] != "done" else words)
    return lines


def _append(store, name, lines):
    """Add lines (str, without their ends) to a note; the module's error number, or 0."""
    data = "".join([line + "\r\n" for line in lines]).encode()
    return (yield from fs.append(store.channel, name, data, fs.ANY))


def look(store):
    """What an earlier run left on the module, and whose: once for each start of the driver, and
    for files that contexts brought also after a restart of the module."""
    if store.files_looked:
        return
    there = yield from fs.listing(store.channel)
    if not store.looked:
        lines = yield from _read(store, SLOT, there)
        store.noted = lines is not None
        store.assumed = False
        store.slot_ski = None
        store.slot_owner = "device"
        store.slot_own = ""
        if lines is not None:
            _believe(store, lines)
    names = [n for n, _, _ in there]
    store.lent = []
    store.has_lent = LENT in names
    store.lent_size = sum([size for n, size, _ in there if n == LENT])
    if [n for n in names if n == LENT or _meant(n)]:
        lines = yield from _read(store, LENT, there)
        if lines is not None:
            store.has_lent = True
        if lines == []:  # whatever is beside it
            volumes = [v for n, _, v in there if n == LENT]
            store.lent = [n for n, _, v in there if _meant(n) and (not volumes or v in volumes)]
        for words in lines or ():
            if words[1] in store.lent:
                store.lent.remove(words[1])
            if words[0] == "lent":
                store.lent.append(words[1])
    store.there = names
    store.own_files = "?" if "tls.key" in store.lent else ""
    store.looked = store.files_looked = True


def _meant(name):
    return name[-3:] == ".ca" or name in OWN


def _believe(store, lines):
    """What the note about the slot says. No step."""
    last = [words for words in lines if words[0] == "slot" and len(words) == 6]
    if not last:
        store.slot = store.slot_own = "?"
        store.slot_owner = "context"
        return
    _, owner, ski, sha256, own_owner, own = last[-1]
    store.slot_owner = owner
    store.slot_own = own if own_owner != "none" else ""
    line = " ".join(last[-1])
    if lines[-1] == ["done", _check(line)]:
        store.slot = sha256 if sha256 != "-" else None
        store.slot_ski = ski if ski != "-" else None
        store.assumed = True
        return
    # It was cut short
    store.slot = "?" if owner == "context" else None
    store.slot_own = "?" if store.slot_own else ""


def note_slot(store, entry, own):
    """Before the slot is written: note what it is to hold. The line for note_done(), or None if
    it cannot be noted. entry: store.Entry of the CA, None: the one that is there. own: SHA-256 of
    the identity, or ""."""
    if entry is None:
        owner, ski, sha256 = "device", store.slot_ski or "-", store.slot or "-"
    else:
        owner, ski, sha256 = entry.owner, entry.ski, entry.sha256
    line = "slot %s %s %s %s %s" % (
        owner,
        ski,
        sha256,
        "context" if own else "none",
        own or "-",
    )
    if (yield from _append(store, SLOT, [_checked(line)])):
        return None
    if not store.noted:
        # It must lie where restarts leave it: neither on the RAM disk nor on an SD card
        name = SLOT[3:]
        there = yield from fs.listing(store.channel)
        if not [v for n, _, v in there if n == name and v not in ("D", "X")]:
            yield from _remove(store, name)
            return None
    store.noted = True
    return line


def note_done(store, line):
    """After the slot was written. line: what note_slot() returned."""
    yield from _append(store, SLOT, ["done " + _check(line)])


def forget_slot(store):
    """After the slot was emptied: the note has nothing to tell."""
    store.slot_ski = None
    store.slot_owner = "device"
    store.slot_own = ""
    if store.noted:
        code = yield from _remove(store, SLOT)
        store.noted = code not in _GONE


def lend(store, name):
    """Before a context's file is written: note that. OSError if it cannot be noted."""
    if name not in store.lent:
        line = "lent " + name
        code = yield from _append(store, LENT, [_checked(line)])
        if code:
            raise SPWF04Error(
                errno.EIO,
                "a context's certificate needs a note on the module, and %s was refused (%d)"
                % (name, code),
                hint="Have room on its RAM disk, or install the CA for the whole device: "
                "radio.certs.install(pem)",
            )
        store.lent.append(name)
        store.has_lent = True
        store.lent_size += len(line) + 11


def give_back(store, names):
    """These files are gone, or the device's now."""
    left = [n for n in store.lent if n not in names]
    if len(left) == len(store.lent):
        return
    if left:
        lines = ["back " + n for n in names if n in store.lent]
        yield from _append(store, LENT, [_checked(line) for line in lines])
        store.lent_size += sum([len(line) + 11 for line in lines])
    elif store.has_lent:
        yield from _remove(store, LENT)
        store.has_lent = False
        store.lent_size = 0
    store.lent = left


def _remove(store, name):
    """Delete a note; the module's error number, or 0."""
    return (yield from fs.delete(store.channel, name, accept=fs.ANY))
