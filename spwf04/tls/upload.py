"""Certificates as files on the module: CAs are called <subject key identifier>.ca.

Imported when there is more than one, or when the flash slot did not do. [h.1, i, decision 4]

An upload goes to a file called <name>.new, is compared by its digest and then renamed, so that
a restart at any byte leaves the old content or the new. If there is an old one, the new is first
renamed to <name>.ok: that file is complete by its name. Leftovers are dealt with in clean().
"""

from ..at.channel import Exchange
from ..const import const
from .lines import command
from .lines import listing as files
from .placing import OWN, clear_slot, place, read, wanted

# Forms, with those of certs.py
_SLOT = const(0)
_FILE = const(1)  # DER, identifier without separators
_PEM = const(2)  # ST checks such a file with a tool that reads PEM [T1]
_COLONS = const(3)  # the identifier as the module prints it, in lower case
_PEM_COLONS = const(4)
_FORMS = const(5)

_ANY = range(1, 256)  # any error of the module
_TRIES = const(3)
_PART = const(1024)  # most bytes of one FSC [i]


def to_file(store, entry, form):
    """Have the entry's file on the module, complete; upload it only if it is not."""
    data = read(entry.source, entry.sha256, entry.ski)
    if form in (_PEM, _PEM_COLONS):
        from ..pki.pem import to_pem

        data = to_pem(data)
    entry.where = None
    before = entry.name
    entry.name = file_name(entry.ski, form)
    entry.volume = upload(store, entry.name, data, entry)
    # Under its other name it would be found as well, and this form be taken for proven
    other = file_name(entry.ski, _FILE if form in (_COLONS, _PEM_COLONS) else _COLONS)
    if other == before or other in store.there:
        from .notes import give_back

        delete(store, other)
        give_back(store, [other])
    entry.where = "file"
    entry.form = form


def file_name(ski, form):
    """Name of a CA's file."""
    if form in (_COLONS, _PEM_COLONS):
        ski = ":".join([ski[i : i + 2] for i in range(0, len(ski), 2)])
    return ski + ".ca"


# files ---------------------------------------------------------------------------------------
def clean(store):
    """Once after each start: finish or remove what an interrupted upload left. Returns files()."""
    found = files(store)
    if getattr(store, "cleaned", -1) == store.channel.generation:
        return found
    store.cleaned = store.channel.generation
    names = [f[0] for f in found]
    changed = False
    for name in names:
        old = name[: name.rfind(".")]
        if old.endswith(".ca") or old in OWN:
            if name.endswith(".ok"):
                _replace(store, old, name, old in names)
                changed = True
            elif name.endswith(".new"):
                delete(store, name)
                changed = True
    if changed:
        found = files(store)
        store.there = [f[0] for f in found]
    return found


def settle(store):
    """Before files are deleted: finish or remove what an interrupted upload left, or it would be
    finished later, when nothing tells any more whose it is."""
    left = [n for n in store.there if n.endswith(".ok") or n.endswith(".new")]
    if left or getattr(store, "cleaned", 0) == -1:
        store.cleaned = -1
        clean(store)


def upload(store, name, data, entry=None):
    """Have file `name` with this content; the old content stays if that fails.

    Nothing is sent if it is there already. entry: certs.Entry or Identity that it is for; if a
    context brought that, it is noted before. Returns the letter of its volume.
    """
    there = clean(store)
    borrowed = entry is not None and entry.owner == "context"
    volume = _matches(store, name, data, there)
    if not volume:
        _check_room(store, len(data), there)
        if borrowed:
            from .notes import lend

            lend(store, name)
        volume = _write(store, name, data, there)
        if entry is not None:
            entry.written = True
        if borrowed and store.generation != store.channel.generation:
            delete(store, name)  # the note may be gone with the restart
            from ..at.failure import restarts

            raise restarts()
    if not borrowed and name in store.lent:
        from .notes import give_back

        give_back(store, [name])
    return volume


def _write(store, name, data, there):
    new = name + ".new"
    store.cleaned = -1  # until this is done
    try:
        view = memoryview(data)
        for at in range(0, len(data), _PART):
            part = bytes(view[at : at + _PART])
            command(store, ("AT+S.FSC=%s,%d\r" % (new, len(part))).encode(), part, 15000)
        volume = _matches(store, new, data, files(store))
        if not volume:
            from ..at.failure import damaged

            raise damaged("the file on the module is not what was sent")
    except OSError:
        delete(store, new)
        raise
    if name in [f[0] for f in there]:
        _rename(store, new, name + ".ok")
        _replace(store, name, name + ".ok", True)
    else:
        _rename(store, new, name)
    store.cleaned = store.channel.generation
    return volume


def remove_lent(store, names):
    """Delete files that contexts brought. OSError if one cannot be deleted."""
    settle(store)
    failed = []
    for name in names:
        delete(store, name)
        if store.code:
            failed.append(name)
    if failed:  # not there, or in use [T10]
        there = [n for n, _, _ in files(store)]
        for name in failed:
            if name in there:
                delete(store, name, True)
    from .notes import give_back

    give_back(store, names)
    if "tls.key" in names:
        store.own_files = ""


def _replace(store, name, ok, there):
    if there:
        delete(store, name, True)
    _rename(store, ok, name)


def _rename(store, old, new):
    command(store, ("AT+S.FSR=%s,%s\r" % (old, new)).encode(), None, 15000)


def delete(store, name, there=False):
    """Delete a file, if it is there; `there`: it is, and a failure is an error."""
    line = ("AT+S.FSD=%s\r" % name).encode()
    store.there = [n for n in store.there if n != name]
    tries = _TRIES if there else 1
    while tries:
        tries -= 1
        # 51, 56: not there, or in use by the module's web server [T10]
        command(store, line, accept=() if there and not tries else (51, 56))
        if not there or not store.code:
            return
        store.channel.wait(lambda: False, 300)


def _matches(store, name, data, there):
    """The letter of its volume if the module has this file with this content, by size and
    SHA-256; else ""."""
    volumes = [volume for n, size, volume in there if n == name and size == len(data)]
    if not volumes:
        return ""
    # What comes before and within the digest is not certain: its digits are looked at [l.16]
    lines = command(store, ("AT+S.HASH=2,%s\r" % name).encode(), accept=_ANY)
    from binascii import hexlify

    from ..pki.digest import sha256

    digits = "".join(lines).lower().replace(":", "").replace(" ", "")
    return volumes[0] if hexlify(sha256(data).digest()).decode() in digits else ""


def _check_room(store, size, there):
    """New files go to an SD card (X) if there is one, else to the RAM disk (D). [T10]"""
    used = 0
    for _, n, volume in there:
        if volume == "X":
            return
        if volume == "D":
            used += n
    room = []

    def on_line(parser):
        if parser.starts(b"AT-S.Var:ramdisk_memsize="):
            text = parser.text(25)
            if text.isdigit():
                room.append(int(text) * 1024 - used)

    exchange = Exchange(on_line).prepare(b"AT+S.GCFG=ramdisk_memsize\r", None, 3000)
    store.channel.run(exchange)
    if room and room[0] < size:
        from ..at.failure import no_room

        raise no_room(size, room[0])


def other_form(store, address):
    """A server at `address` was refused with 23: put the CAs in place in the next form.

    False if every form was tried for this address and these CAs, or if the present one is known
    to work.
    """
    entries = wanted(store)
    in_slot = [e for e in entries if e.where == "slot"]
    if store.assumed and in_slot:
        clear_slot(store)  # the note says that it is there: somebody else has changed the slot
        place(store)
        return True
    key = address, [e.sha256 for e in entries]
    if not entries or store.proven & (1 if in_slot else 2) or key in store.refused:
        return False
    while store.untried:
        store.form = (store.form + 1) % _FORMS
        if not in_slot and store.form == entries[0].form:
            continue  # it was so
        store.untried -= 1
        if store.form == _SLOT:
            if len(entries) > 1:
                continue
            store.slot_only = True
        store.placed = False
        try:
            place(store)
            return True
        except OSError:
            pass  # no room for files, say
    store.untried = _FORMS - 1
    store.refused = store.refused[-7:] + [key]
    return False
