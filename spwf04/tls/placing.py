"""Puts on the module what the present selection (selection.py) needs, and nothing else.

Which encoding and which file name this module wants is not certain. If a server is refused with
23 although CAs are in place, they are written in the next of the attested forms (slot.py), and
the form that worked is kept.

The slot is emptied and written anew, between the two lines of its note. It is never changed in
parts, except that an identity may be added.

Functions here are steps, see at/task.py; the first argument is the CertificateStore, which loads
this file for them and drops it then.
"""

from ..const import const
from ..digest import fingerprint
from ..errors import LinkLost, ModuleRestarted
from ..pki.source import load_same
from .slot import (
    FILE,
    FORMS,
    IDENTITY_FILES,
    SLOT,
    ca_to_slot,
    clear_slot,
    confirm,
    content,
    identity_to_slot,
    note_done,
    note_slot,
    read_notes,
    restarted,
)

_LONG = const(1024)  # bytes of the note about files above which it begins anew


def install(store, certificate, read, roots):
    """CertificateStore.install(): the Entry. read: what authority.reading() found in the
    certificate. roots: where a context found it; None: it is for the device."""
    der, ski, sha256 = read
    yield from read_notes(store)
    store.notice_restart()
    _refuse_while_serving(store)
    owner = "device" if roots is None else "context"
    if store.assumed and store.slot == sha256:
        yield from confirm(store)
    known = store.known
    replaced = []
    entry = _installed(known, sha256)
    before = None if entry is None else entry.owner
    if entry is None:
        entry = store.new_entry(ski, len(der), certificate, sha256, owner)
        # It takes the place of others with its key
        replaced = [e for e in known if e.ski == ski and (e.owner == owner or e.where == "host")]
        store.known = [e for e in known if e not in replaced] + [entry]
    entry.written = False
    if roots is not None:
        entry.roots = roots
    elif before != "device" or entry.where is None:
        entry.owner = owner
        store.refused = []
        store.plans = []
        store.selection = store.selection[:3] + (False,)  # the device's CAs count as well
    if before != owner or entry.where is None:
        store.forms_left = FORMS - 1
        store.in_place = False
        try:
            yield from place(store, der)
        except:  # Ctrl-C as well
            store.known = known
            if before is not None:
                entry.owner = before
            raise
    if replaced:
        from .selection import warn_of_twins

        yield from warn_of_twins(store, entry, replaced)
    return entry


def _refuse_while_serving(store):
    """OSError while a TLS server whose clients need a certificate is open. No step."""
    if store.selection[3]:
        from .selection import serves, serving

        if serves(store):
            raise serving()


def _installed(known, sha256):
    """The Entry of a CA that the module knows, or may have known, or None. No step."""
    for entry in known:
        if entry.sha256 == sha256 and entry.where != "host":
            return entry
    return None


def switch(store, context, selection):
    """CertificateStore.switch(), when the selection changes or something is missing: True if the
    context has roots, and nothing is on the module yet that it could trust."""
    from .selection import begin, check_server, serves, serving

    for _ in range(3):
        yield from read_notes(store)
        before = store.selection
        begin(store, context, selection)
        yield from _order(store)
        if serves(store) and not _unchanged(store, context.identity):
            store.selection = before
            raise serving()
        store.identity = context.identity
        store.in_place = False
        yield from place(store)
        check_server(store)
        store.notice_restart()
        if store.in_place and store.files_read:
            return context.roots is not None and (yield from _has_no_ca(store))
    raise restarted()


def _order(store):
    """Of several CAs with one key have the best selected."""
    skis = [e.ski for e in store.known if e.where != "host"]
    store.twins = [ski for ski in set(skis) if skis.count(ski) > 1]
    if store.twins:
        from .selection import order_twins

        yield from order_twins(store)


def _has_no_ca(store):
    """True if the module shows that it has no CA at all, of nobody."""
    if store.selected() or [name for name in store.on_module if name[-3:].lower() == ".ca"]:
        return False
    if store.slot is None:
        return (yield from content(store))[1]
    return store.slot == ""


def _unchanged(store, identity):
    """True if nothing on the module has to change for the present selection. No step."""
    entries = store.selected()
    missing = [e for e in entries if e.where is None]
    if missing or _others(store, entries, identity) != (False, []):
        return False
    if identity is None:
        return store.identity is None
    return store.identity is not None and store.identity.sha256 == identity.sha256


def _others(store, entries, identity):
    """What contexts brought that is not selected: (whether it is in the slot, [names of files]).
    entries: what store.selected() gave. No step."""
    digest = identity.sha256 if identity is not None else None
    slot = store.slot_owner == "context" and store.slot not in [e.sha256 for e in entries]
    if slot and store.slot == "":
        slot = False
    slot = slot or store.slot_identity not in ("", digest)
    names = [e.name for e in entries if e.where == "file"]
    if store.files_identity == digest:
        names += IDENTITY_FILES
    return slot, [n for n in store.context_files if n not in names]


def restore(store):
    """CertificateStore.restore()"""
    if store.incomplete():
        yield from place(store)


def place(store, der=None):
    """Put on the module what the present selection needs, in the present form, and remove what
    other contexts brought. der: of the entry that is not in place, if it is at hand."""
    yield from read_notes(store)
    entries = store.selected()
    identity = store.identity
    for e in store.known:
        if e.where in ("slot", "file") and e not in entries:
            e.where = None
    in_slot, names = _others(store, entries, identity)
    if names:
        if store.files_note_size > _LONG:  # the note goes once they all have gone
            names = list(store.context_files)
            for e in entries:
                if e.name in names and e.where == "file":
                    e.where = None
        from .upload import remove_context_files

        yield from remove_context_files(store, names)
    if in_slot:
        store.shared = True
        yield from clear_slot(store)
    form = store.form
    if form == SLOT and not _slot_is_best(store, entries, identity):
        form = FILE
    if form == SLOT and not (yield from _to_slot(store, entries, identity, der)):
        form = FILE
    if form != SLOT and (entries or identity is not None):
        from .upload import identity_to_files, to_file

        for entry in entries:
            if entry.where != "file" or entry.form != form:
                yield from to_file(store, entry, form)
        if identity is not None:
            yield from identity_to_files(store, identity)
        if store.slot != "":
            yield from clear_slot(store)  # a filled slot hides all files [T1]
    store.in_place = store.generation == store.channel.generation


def _slot_is_best(store, entries, identity):
    """True if what is needed can be in the slot, and files are no better. No step."""
    if len(entries) > 1:
        return False
    if not store.can_note and (
        identity is not None or [e for e in entries if e.owner == "context"]
    ):
        return False
    if store.selection[3] or store.slot_only or not entries:
        return True
    entry = entries[0]
    if entry.where == "slot" or store.slot == entry.sha256:
        return True
    if [e for e in store.known if e.where != "host" and e is not entry]:
        return False  # another context may be next: files on the RAM disk cost no flash
    if store.shared:
        return False
    proven = store.slot_proven or store.files_proven
    return store.slot is not None or proven or not _file_exists(store, entry)


def _file_exists(store, entry):
    """True if the CA seems to be on the module as a file already. No step."""
    name = entry.ski + ".ca"
    if name in store.on_module and name not in store.context_files:
        store.form = FILE
        return True
    return False


def _to_slot(store, entries, identity, der):
    """Have CA and identity in the flash slot; False if what a context brings cannot be noted."""
    entry = entries[0] if entries else None
    digest = identity.sha256 if identity is not None else ""
    same = entry is None or store.slot == entry.sha256
    adopt = entry is not None and entry.owner == "device" and store.slot_owner == "context"
    anew = not same or (store.slot_identity and store.slot_identity != digest)
    add = digest if anew or store.slot_identity != digest else ""
    # Read first: what cannot be read any more empties no slot
    if anew and entry is not None and (der is None or fingerprint(der) != entry.sha256):
        der = load_same(entry.source, entry.sha256, entry.ski)
    own = identity.both() if add else None
    if anew:
        if store.slot != "":
            yield from clear_slot(store)
        same = entry is None
    if not same or add or (adopt and same):
        written = None if same else der
        if not (yield from _write_slot(store, entry, identity, written, own)):
            return False
    if entry is not None:
        entry.where = "slot"
        entry.form = SLOT
    if identity is not None:
        identity.where = "slot"
    return True


def _write_slot(store, entry, identity, der, own):
    """Write CA and identity to the slot, between the lines of its note; False if what a context
    brings cannot be noted. der: the entry's, None: it is there. own: of identity.both(), None: it
    is there, or there is none."""
    digest = identity.sha256 if identity is not None else ""
    by_context = digest or (entry is not None and entry.owner == "context")
    known = store.slot
    ends = _ends(store, der, entry, None if own is None else identity)
    line = yield from note_slot(store, entry, digest, ends)
    if by_context and line is None:
        store.can_note = False
        return False
    # until all of it is written
    store.slot = "?" if by_context else None
    store.slot_owner = "context" if by_context else "device"
    if der is not None:
        yield from ca_to_slot(store, entry, der)
    if own is not None:
        yield from identity_to_slot(store, own)
    if line is not None:
        yield from note_done(store, line)
    store.slot = known if der is None else entry.sha256
    if store.slot == "":
        store.slot = None  # there is no CA, and yet it is not empty
    store.slot_owner = entry.owner if entry is not None else "device"
    store.slot_ski = entry.ski if entry is not None else store.slot_ski
    store.slot_identity = digest
    store.slot_ends = ends
    return True


def _ends(store, der, entry, identity):
    """When the CA and the identity end that the slot is to hold, as note_slot() takes it. No step.

    der: of the CA that is written, None: it is there already. identity: that is written, or None.
    """
    from ..roots.ends import not_after, validity

    ca, own = store.slot_ends
    if der is not None:
        found = validity(der)
        ca = None if found is None else found[1]
    elif ca is None and entry is not None:
        ca = entry.not_after
    if not store.slot_identity:
        own = None
    return ca, own if identity is None else not_after(identity)


def other_form(store, address):
    """CertificateStore.other_form()"""
    if address is None:
        return (yield from _identity_again(store))
    entries = store.selected()
    in_slot = [e for e in entries if e.where == "slot"]
    if store.assumed and in_slot:
        yield from clear_slot(store)  # somebody else has changed the slot
        yield from place(store)
        return True
    key = address, [e.sha256 for e in entries]
    proven = store.slot_proven if in_slot else store.files_proven
    if not entries or proven or key in store.refused:
        return False
    while store.forms_left:
        store.form = (store.form + 1) % FORMS
        if not in_slot and store.form == entries[0].form:
            continue  # they are in this form
        store.forms_left -= 1
        if store.form == SLOT:
            if len(entries) > 1:
                continue
            store.slot_only = True
        store.in_place = False
        try:
            yield from place(store)
            return True
        except (LinkLost, ModuleRestarted) as e:  # that says nothing about this form
            store.forms_left += 1
            store.form = (store.form - 1) % FORMS
            raise e
        except OSError:
            pass  # there may be no room for files
    store.forms_left = FORMS - 1
    store.refused = store.refused[-7:] + [key]
    return False


def _identity_again(store):
    """Write the identity in the slot again: a byte of it may have changed on its way, and the
    module does not show it. False if that was done before, because writing wears the flash."""
    identity = store.identity
    if identity is None or identity.where != "slot" or store.slot_again == identity.sha256:
        return False
    store.slot_again = identity.sha256
    yield from clear_slot(store)
    yield from place(store)
    return True
