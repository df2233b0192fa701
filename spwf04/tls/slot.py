"""The module's flash slot for TLS, and the notes that tell a later run whose certificates the
module holds.

The slot takes one CA and, beside it, one identity: the module's own certificate with its key. It
is emptied as a whole, and what is in it cannot be read. [h, l.8] So the driver keeps a note about
it on the module; another note is about files (upload.py). A note is written before what it tells
of, and removed after that: whatever is interrupted leaves a note too many, never one too few.

1:/spwf04.trust is about the slot. It lies on the user flash, which survives restarts as the slot
does:

    slot <owner> <identifier> <SHA-256> <owner> <SHA-256> <check>      of the CA, of the identity
    ends <seconds since 1970> <seconds since 1970> <check>             when these two end
    done <check>                                                        the slot holds all of that

spwf04.lent is about files, and lies on the same volume as they do: a line "lent <name> <check>"
for each file that a context brought, and "back <name> <check>" once it is the device's or gone.

An owner is "device", "context" or "none"; "-" stands for what is not known; <check> is the
beginning of the SHA-256 of what stands before it. Notes of earlier versions have no line "ends",
and those versions pass over it. A note that cannot be read means that a context
brought what is there, and that nothing else is known of it. Without a note what is there counts
as the device's.

Functions here are steps, see at/task.py; the first argument is the CertificateStore, which keeps
what was read.
"""

from binascii import hexlify, unhexlify

from ..commands import filesystem as fs
from ..const import const
from ..digest import sha256
from ..errors import ModuleRestarted, errno

# Forms in which a CA is put on the module, in the order in which they are tried
SLOT = const(0)  # DER in the flash slot: complete transcripts by ST [T2, T3]
FILE = const(1)  # DER in a file, identifier without separators
PEM = const(2)  # ST checks such a file with a tool that reads PEM [T1]
COLONS = const(3)  # the identifier as the module prints it, in lower case
PEM_COLONS = const(4)
FORMS = const(5)

FILES_NOTE = "spwf04.lent"
IDENTITY_FILES = ("tls.cert", "tls.key")  # [h.1]

_SLOT_NOTE = "1:/spwf04.trust"
_MOST = const(4096)  # bytes of a note that is believed
_MORE = const(16)
_NOT_THERE = (51, 29, 50, 7, 6, 2)  # FSP: cannot open, no such volume, name not understood
_GONE = (0, 51, 55, 56)  # FSD: deleted, or was not there


# notes ---------------------------------------------------------------------------------------
def _check(text):
    """The end of a line that begins with text. No step."""
    return hexlify(sha256(text.encode()).digest()).decode()[:8]


def checked(text):
    """A line of a note. No step."""
    return text + " " + _check(text)


def append_to_note(store, name, lines):
    """Add lines (str, without their ends) to a note; the module's error number, or 0."""
    data = "".join([line + "\r\n" for line in lines]).encode()
    return (yield from fs.append(store.channel, name, data, fs.ANY))


def remove_note(store, name):
    """Delete a note; the module's error number, or 0."""
    return (yield from fs.delete(store.channel, name, accept=fs.ANY))


def read_notes(store):
    """Read what an earlier run noted: the note about the slot once in the driver's life, the one
    about files also after a restart of the module."""
    if store.files_read:
        return
    listed = yield from fs.listing(store.channel)
    if not store.slot_read:
        lines = yield from _read(store, _SLOT_NOTE, listed)
        store.slot_noted = lines is not None
        store.assumed = False
        store.slot_ski = None
        store.slot_owner = "device"
        store.slot_identity = ""
        store.slot_ends = (None, None)
        if lines is not None:
            _learn_slot(store, lines)
    names = [n for n, _, _ in listed]
    store.context_files = []
    store.files_noted = FILES_NOTE in names
    store.files_note_size = sum([size for n, size, _ in listed if n == FILES_NOTE])
    if [n for n in names if n == FILES_NOTE or _is_ours(n)]:
        lines = yield from _read(store, FILES_NOTE, listed)
        if lines is not None:
            store.files_noted = True
            _learn_files(store, lines, listed)
    store.on_module = names
    store.files_identity = "?" if "tls.key" in store.context_files else ""
    store.slot_read = store.files_read = True


def _read(store, name, listed):
    """The lines of a note, each a list of words without the check; None if there is none, [] if
    it cannot be read. listed: what fs.listing() gave."""
    bare = name[name.rfind("/") + 1 :]
    sizes = [size for n, size, _ in listed if n == bare]
    size = max(sizes + [512]) + _MORE
    if size > _MOST:
        return []
    data = bytearray(size)
    got = yield from fs.read(store.channel, name, data, fs.ANY)
    if -got in _NOT_THERE and not sizes:
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


def _is_ours(name):
    return name[-3:] == ".ca" or name in IDENTITY_FILES


def _learn_slot(store, lines):
    """Take over what the note about the slot says. No step."""
    last = [words for words in lines if words[0] == "slot" and len(words) == 6]
    if not last:
        store.slot = store.slot_identity = "?"
        store.slot_owner = "context"
        return
    _, owner, ski, sha256, identity_owner, identity = last[-1]
    store.slot_owner = owner
    store.slot_identity = identity if identity_owner != "none" else ""
    if lines[-1] == ["done", _check(" ".join(last[-1]))]:
        ends = lines[-2]
        if ends[0] == "ends" and len(ends) == 3:
            store.slot_ends = (_number(ends[1]), _number(ends[2]))
        store.slot = sha256 if sha256 != "-" else None
        store.slot_ski = ski if ski != "-" else None
        store.assumed = True
        return
    # The upload was interrupted
    store.slot = "?" if owner == "context" else None
    store.slot_identity = "?" if store.slot_identity else ""


def _number(word):
    """A number of a note as int, or None. No step."""
    return int(word) if word.isdigit() else None


def _learn_files(store, lines, listed):
    """Take over what the note about files says. No step."""
    files = []
    if not lines:  # it cannot be read: every file beside it may be a context's
        volumes = [v for n, _, v in listed if n == FILES_NOTE]
        files = [n for n, _, v in listed if _is_ours(n) and (not volumes or v in volumes)]
    for words in lines:
        if words[1] in files:
            files.remove(words[1])
        if words[0] == "lent":
            files.append(words[1])
    store.context_files = files


def note_slot(store, entry, identity, ends):
    """Before the slot is written: note what it is to hold. Return the line for note_done(), or
    None if it cannot be noted.

    entry: store.Entry of the CA, None: the one that is there. identity: SHA-256 of the identity,
    or "". ends: when CA and identity end, (seconds since 1970 or None, likewise).
    """
    if entry is None:
        owner, ski, sha256 = "device", store.slot_ski or "-", store.slot or "-"
    else:
        owner, ski, sha256 = entry.owner, entry.ski, entry.sha256
    identity_owner = "context" if identity else "none"
    line = "slot %s %s %s %s %s" % (owner, ski, sha256, identity_owner, identity or "-")
    dates = "ends %s %s" % tuple(["-" if end is None else end for end in ends])
    lines = [checked(line), checked(dates)]
    if (yield from append_to_note(store, _SLOT_NOTE, lines)):
        return None
    if not store.slot_noted:
        # It must lie where restarts leave it: neither on the RAM disk nor on an SD card
        name = _SLOT_NOTE[3:]
        listed = yield from fs.listing(store.channel)
        if not [v for n, _, v in listed if n == name and v not in ("D", "X")]:
            yield from remove_note(store, name)
            return None
    store.slot_noted = True
    return line


def note_done(store, line):
    """After the slot was written: complete its note. line: what note_slot() returned."""
    yield from append_to_note(store, _SLOT_NOTE, ["done " + _check(line)])


# the slot ------------------------------------------------------------------------------------
def clear_slot(store):
    """Empty the flash slot: CA, identity and its key."""
    yield from read_notes(store)
    if store.slot != "":  # until the module has said that it is empty
        by_context = store.slot_owner == "context" or store.slot_identity
        store.slot = "?" if by_context else None
    yield from fs.ask(store.channel, b"AT+S.TLSCERT=content,2\r", None, 10000)
    store.slot = ""
    store.assumed = False
    for entry in store.known + [store.identity]:
        if entry is not None and entry.where == "slot":
            entry.where = None
            store.in_place = False
    store.slot_ski = None
    store.slot_owner = "device"
    store.slot_identity = ""
    store.slot_ends = (None, None)
    if store.slot_noted:
        code = yield from remove_note(store, _SLOT_NOTE)
        store.slot_noted = code not in _GONE


def ca_to_slot(store, entry, der):
    """Write a CA, in DER, to the slot."""
    lines, _ = yield from fs.ask(store.channel, b"AT+S.TLSCERT=ca,%d\r" % len(der), der, 15000)
    entry.written = True
    reported = [x for x in lines if x.startswith("AT-S.SubjectKeyId:")]
    if not reported:
        # The module could not read the identifier: give it by hand [T2, h.1]. A
        # firmware that does not know this may do without.
        key = unhexlify(entry.ski)
        yield from fs.ask(store.channel, b"AT+S.TLSCERT=auth,%d\r" % len(key), key, accept=fs.ANY)
    elif reported[0][18:].replace(":", "").strip().lower() != entry.ski:
        yield from clear_slot(store)
        raise fs.damaged("the module read another key identifier than was sent")


def identity_to_slot(store, both):
    """Write an identity, (certificate, key), to the slot beside the CA."""
    certificate, key = both
    for head, data in ((b"cert", certificate), (b"key", key)):
        yield from fs.ask(store.channel, b"AT+S.TLSCERT=%s,%d\r" % (head, len(data)), data, 15000)


def content(store):
    """What the module says of its slot: (key identifier of the CA there or None, whether it says
    that the slot is empty). [l.8]"""
    lines, _ = yield from fs.ask(store.channel, b"AT+S.TLSCERT=content,1\r", accept=fs.ANY)
    empty = [line for line in lines if line[line.rfind(":") + 1 :].strip() in ("", "0")]
    return _identifier(lines), bool(empty)


def _identifier(lines):
    """The first 40 hex digits in a row, colons apart."""
    for line in lines:
        run = ""
        for c in line[line.find(":") + 1 :].lower().replace(":", "") + ".":
            if c in "0123456789abcdef":
                run += c
            elif len(run) == 40:
                return run
            else:
                run = ""
    return None


def confirm(store):
    """Ask the module whether the slot is as the note says: somebody who writes no notes may have
    changed it. The module does not tell everything, so this is no proof."""
    if not store.assumed or not store.slot_ski:
        return
    ski, empty = yield from content(store)
    if empty or (ski and ski != store.slot_ski):
        store.slot = "?" if store.slot_owner == "context" else None
        store.slot_ski = None
        store.assumed = False


def restarted():
    """The exception for a module that restarts while certificates are written to it."""
    return ModuleRestarted(
        errno.ECONNRESET,
        "the module restarted while certificates were written to it",
        hint="Join again with radio.connect(), then try again. If it happens often, check the "
        "power supply",
        remedy="join_again",
    )
