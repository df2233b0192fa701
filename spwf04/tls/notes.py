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
"""

from binascii import hexlify

from ..const import const
from .lines import command, listing

SLOT = "1:/spwf04.trust"
LENT = "spwf04.lent"

_ANY = range(1, 256)  # any error of the module
_MOST = const(4096)  # bytes of a note that is believed
# FSP: cannot open, no such volume, name not understood
_NONE = (51, 29, 50, 7, 6, 2)
_MORE = const(16)


def check(text):
    """The end of a line that begins with text."""
    from ..pki.digest import sha256

    return hexlify(sha256(text.encode()).digest()).decode()[:8]


def read(store, name, there):
    """The lines of a note, each a list of words without the check; None if there is none, [] if
    it cannot be read. there: what placing.listing() gave."""
    listed = [n for n, _, _ in there if n == name[name.rfind("/") + 1 :]]
    size = max([n for m, n, _ in there if m in listed] + [512]) + _MORE
    if size > _MOST:
        return []
    data = bytearray(size)
    got = []

    def on_line(parser):
        # AT-S.Reading:<n>, AT-S.Printing:<n> or AT-S.Read Cap:<n>, then the bytes [i, l.17]
        n = parser.number(1)
        if 0 <= n <= size and parser.starts(b"AT-S.") and not got:
            got.append(n)
            parser.expect_data(n, data, n)

    from ..at.channel import Exchange

    exchange = Exchange(on_line)
    store.channel.run(exchange.prepare(("AT+S.FSP=%s,0,%d\r" % (name, size)).encode()))
    if exchange.code in _NONE and not listed:
        return None
    if exchange.code < 0:
        store.channel.check(exchange)
    if exchange.code or not got:
        return []
    lines = []
    try:
        text = bytes(data[: got[0]]).decode()
    except (UnicodeError, ValueError):
        return []
    if text[-2:] != "\r\n":
        return []
    for line in text[:-2].split("\r\n"):
        words = line.split(" ")
        if words[0] != "done" and check(line[:-9]) != words[-1]:
            return []
        lines.append(words[:-1] if words[0] != "done" else words)
    return lines


def append(store, name, lines):
    """Add lines (str, without their ends) to a note; False if the module did not take them."""
    data = "".join([line + "\r\n" for line in lines]).encode()
    command(store, ("AT+S.FSC=%s,%d\r" % (name, len(data))).encode(), data, 15000, _ANY)
    return not store.code


def look(store):
    """What an earlier run left on the module, and whose: once for each start of the driver, and
    for files that contexts brought also after a restart of the module."""
    there = listing(store)
    if not store.looked:
        lines = read(store, SLOT, there)
        store.noted = lines is not None  # there is a note about the slot
        store.assumed = False  # what is known of the slot is known from the note alone
        store.slot_ski = None
        store.slot_owner = "device"
        store.slot_own = ""  # SHA-256 of the identity in the slot that a context brought
        if lines is not None:
            _believe(store, lines)
    names = [n for n, _, _ in there]
    store.lent = []
    store.has_lent = LENT in names
    store.lent_size = sum([size for n, size, _ in there if n == LENT])
    if [n for n in names if n == LENT or _meant(n)]:
        lines = read(store, LENT, there)
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
    store.own_files = "?" if "tls.key" in store.lent else ""  # as slot_own, of that in files
    store.looked = store.files_looked = True


def _meant(name):
    return name[-3:] == ".ca" or name in ("tls.cert", "tls.key")


def _believe(store, lines):
    last = [words for words in lines if words[0] == "slot" and len(words) == 6]
    if not last:
        store.slot = store.slot_own = "?"
        store.slot_owner = "context"
        return
    _, owner, ski, sha256, own_owner, own = last[-1]
    store.slot_owner = owner
    store.slot_own = own if own_owner != "none" else ""
    line = " ".join(last[-1])
    if lines[-1] == ["done", check(line)]:
        store.slot = sha256 if sha256 != "-" else None
        store.slot_ski = ski if ski != "-" else None
        store.assumed = True
        return
    # It was cut short
    store.slot = "?" if owner == "context" else None
    store.slot_own = "?" if store.slot_own else ""


def confirm(store):
    """Ask the module whether the slot is as the note says, as far as it tells: others may have
    changed it, who write no notes."""
    if not store.assumed or not store.slot_ski:
        return
    lines = command(store, b"AT+S.TLSCERT=content,1\r", accept=_ANY)
    ski = slot_identifier(lines)
    empty = [line for line in lines if line[line.rfind(":") + 1 :].strip() in ("", "0")]
    if empty or (ski and ski != store.slot_ski):
        store.slot = "?" if store.slot_owner == "context" else None
        store.slot_ski = None
        store.assumed = False


def slot_identifier(lines):
    """The key identifier, 40 hex digits, in what TLSCERT=content,1 said; or None."""
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


def note_slot(store, entry, own):
    """Before the slot is written: note what it is to hold. entry: certs.Entry of the CA, None: the
    one that is there. own: SHA-256 of the identity, or "". False if it cannot be noted."""
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
    store.line = line
    if not append(store, SLOT, [line + " " + check(line)]):
        return False
    if not store.noted:
        # It must lie where restarts leave it: neither on the RAM disk nor on an SD card
        name = SLOT[3:]
        if not [v for n, _, v in listing(store) if n == name and v not in ("D", "X")]:
            command(store, ("AT+S.FSD=%s\r" % name).encode(), None, 15000, _ANY)
            return False
    store.noted = True
    return True


def note_done(store):
    """After the slot was written."""
    append(store, SLOT, ["done " + check(store.line)])


def forget_slot(store):
    """After the slot was emptied: the note has nothing to tell."""
    store.slot_ski = None
    store.slot_owner = "device"
    store.slot_own = ""
    if store.noted:
        command(store, ("AT+S.FSD=%s\r" % SLOT).encode(), None, 15000, _ANY)
        store.noted = store.code not in (0, 51, 55, 56)


def lend(store, name):
    """Before a context's file is written: note that. OSError if it cannot be noted."""
    if name not in store.lent:
        line = "lent " + name
        if not append(store, LENT, [line + " " + check(line)]):
            from ..at.failure import not_noted

            raise not_noted(name, store.code)
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
        append(store, LENT, [line + " " + check(line) for line in lines])
        store.lent_size += sum([len(line) + 11 for line in lines])
    elif store.has_lent:
        command(store, ("AT+S.FSD=%s\r" % LENT).encode(), None, 15000, _ANY)
        store.has_lent = False
        store.lent_size = 0
    store.lent = left
