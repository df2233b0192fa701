"""Puts in place on the module what belongs there in the present turn (turn.py), and nothing else.

Which encoding and which file name this module wants is not certain; if a server is refused with
23 although CAs are in place, they are put in place in the next of the attested forms (slot.py),
and the form that worked is kept.

The slot is emptied and written anew, between the two lines of its note (notes.py). It is never
changed in parts, but an identity may be added.

Functions here are steps, see at/task.py; the first argument is the CertificateStore. It has this
file loaded for them alone.
"""

from ..const import const
from .notes import OWN, look, note_done, note_slot
from .slot import (
    FILE,
    FORMS,
    SLOT,
    ca_to_slot,
    clear_slot,
    confirm,
    content,
    own_to_slot,
    restarts,
)

_LONG = const(1024)  # bytes of the note about files


def install(store, certificate, read, roots):
    """CertificateStore.install(): the Entry. read: what reading() found in the certificate. roots:
    a context brings it, it was found in these; None: it is the device's."""
    der, ski, sha256 = read
    yield from look(store)
    store.notice()
    if store.turn[3]:
        from .turn import serves, serving

        if serves(store):
            raise serving()
    owner = "device" if roots is None else "context"
    if store.assumed and store.slot == sha256:
        yield from confirm(store)
    before = store.known
    was = None
    for entry in before:
        if entry.sha256 == sha256 and entry.where != "host":
            was = entry.owner
            break
    else:
        entry = store.entry(ski, len(der), certificate, sha256, owner)
        # The newer of two certificates with one key takes the other's place
        store.known = [
            e for e in before if e.ski != ski or (e.owner != owner and e.where != "host")
        ] + [entry]
    entry.written = False
    if roots is not None:
        entry.roots = roots
    elif was != "device" or entry.where is None:
        entry.owner = owner
        store.refused = []
        store.plans = []
        store.turn = store.turn[:3] + (False,)  # the device's count as well
    if was != owner or entry.where is None:
        store.untried = FORMS - 1
        store.placed = False
        try:
            yield from place(store, der)
        except:  # Ctrl-C as well
            store.known = before
            if was is not None:
                entry.owner = was
            raise
    return entry


def switch(store, context, turn):
    """CertificateStore.switch(), when it is another's turn, or something is missing: whether the
    context has roots, and nothing is there yet that it could trust."""
    from .turn import begin, check, serves, serving

    for _ in range(3):
        yield from look(store)
        before = store.turn
        begin(store, context, turn)
        if serves(store) and not _fits(store, context.identity):
            store.turn = before
            raise serving()
        store.identity = context.identity
        store.placed = False
        yield from place(store)
        check(store)
        store.notice()
        if store.placed and store.files_looked:
            return context.roots is not None and (yield from _bare(store))
    raise restarts()


def _bare(store):
    """True if the module shows that it has no CA at all, of nobody."""
    if store.wanted() or [name for name in store.there if name[-3:].lower() == ".ca"]:
        return False
    if store.slot is None:
        return (yield from content(store))[1]
    return store.slot == ""


def _fits(store, identity):
    """True if nothing has to be changed on the module for this turn. No step."""
    entries = store.wanted()
    missing = [e for e in entries if e.where is None]
    if missing or _foreign(store, entries, identity) != (False, []):
        return False
    if identity is None:
        return store.identity is None
    return store.identity is not None and store.identity.sha256 == identity.sha256


def _foreign(store, entries, identity):
    """What contexts brought that is not for this turn: (whether the slot has such, [names of
    files]). entries: what store.wanted() gave. No step."""
    own = identity.sha256 if identity is not None else None
    slot = store.slot_owner == "context" and store.slot not in [e.sha256 for e in entries]
    if slot and store.slot == "":
        slot = False
    slot = slot or store.slot_own not in ("", own)
    names = [e.name for e in entries if e.where == "file"]
    if store.own_files == own:
        names += OWN
    return slot, [n for n in store.lent if n not in names]


def restore(store):
    """CertificateStore.restore()."""
    if store.misses():
        yield from place(store)


def place(store, der=None):
    """Have in place what the present turn needs, in the present form, and nothing else that a
    context brought. der: of the entry that is not in place, if at hand."""
    yield from look(store)
    entries = store.wanted()
    identity = store.identity
    for e in store.known:
        if e.where in ("slot", "file") and e not in entries:
            e.where = None
    in_slot, names = _foreign(store, entries, identity)
    if names:
        if store.lent_size > _LONG:  # the note goes when they all have gone
            names = list(store.lent)
            for e in entries:
                if e.name in names and e.where == "file":
                    e.where = None
        from .upload import remove_lent

        yield from remove_lent(store, names)
    if in_slot:
        store.shared = True
        yield from clear_slot(store)
    form = store.form
    if form == SLOT and not _slot_will_do(store, entries, identity):
        form = FILE
    if form == SLOT and not (yield from _to_slot(store, entries, identity, der)):
        form = FILE
    if form != SLOT and (entries or identity is not None):
        from .upload import own_to_files, to_file

        for entry in entries:
            if entry.where != "file" or entry.form != form:
                yield from to_file(store, entry, form)
        if identity is not None:
            yield from own_to_files(store, identity)
        if store.slot != "":
            yield from clear_slot(store)  # a filled slot hides all files [T1]
    store.placed = store.generation == store.channel.generation


def _slot_will_do(store, entries, identity):
    """True if what is needed can be in the slot, and had better be. No step."""
    if len(entries) > 1:
        return False
    if not store.noting and (identity is not None or [e for e in entries if e.owner == "context"]):
        return False
    if store.turn[3] or store.slot_only or not entries:
        return True
    entry = entries[0]
    if entry.where == "slot" or store.slot == entry.sha256:
        return True
    if [e for e in store.known if e.where != "host" and e is not entry]:
        return False  # another's turn may be next: files on the RAM disk cost no flash
    return not store.shared and (
        store.slot is not None or store.proven or not _file_there(store, entry)
    )


def _file_there(store, entry):
    """True if the CA seems to be on the module as a file already. No step."""
    name = entry.ski + ".ca"
    if name in store.there and name not in store.lent:
        store.form = FILE
        return True
    return False


def _to_slot(store, entries, identity, der):
    """Have CA and identity in the flash slot; False if what a context brings cannot be noted."""
    entry = entries[0] if entries else None
    own = identity.sha256 if identity is not None else ""
    same = entry is None or store.slot == entry.sha256
    adopt = entry is not None and entry.owner == "device" and store.slot_owner == "context"
    if not same or (store.slot_own and store.slot_own != own):
        if store.slot != "":
            yield from clear_slot(store)
        same = entry is None
    add = own if store.slot_own != own else ""
    if not same or add or (adopt and same):
        borrowed = own or (entry is not None and entry.owner == "context")
        known = store.slot if same else None
        line = yield from note_slot(store, entry, own)
        if borrowed and line is None:
            store.noting = False
            return False
        # until it has ended well
        store.slot = "?" if borrowed else None
        store.slot_owner = "context" if borrowed else "device"
        if not same:
            yield from ca_to_slot(store, entry, der)
        if add:
            yield from own_to_slot(store, identity)
        if line is not None:
            yield from note_done(store, line)
        store.slot = known if same else entry.sha256
        if store.slot == "":
            store.slot = None  # no CA, but it is not empty
        store.slot_owner = entry.owner if entry is not None else "device"
        store.slot_ski = entry.ski if entry is not None else store.slot_ski
        store.slot_own = own
    if entry is not None:
        entry.where = "slot"
        entry.form = SLOT
    if identity is not None:
        identity.where = "slot"
    return True


def other_form(store, address):
    """CertificateStore.other_form()."""
    entries = store.wanted()
    in_slot = [e for e in entries if e.where == "slot"]
    if store.assumed and in_slot:
        yield from clear_slot(store)  # somebody else has changed the slot
        yield from place(store)
        return True
    key = address, [e.sha256 for e in entries]
    if not entries or store.proven & (1 if in_slot else 2) or key in store.refused:
        return False
    while store.untried:
        store.form = (store.form + 1) % FORMS
        if not in_slot and store.form == entries[0].form:
            continue  # it was so
        store.untried -= 1
        if store.form == SLOT:
            if len(entries) > 1:
                continue
            store.slot_only = True
        store.placed = False
        try:
            yield from place(store)
            return True
        except OSError:
            pass  # no room for files, say
    store.untried = FORMS - 1
    store.refused = store.refused[-7:] + [key]
    return False
