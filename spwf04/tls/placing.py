"""Puts CAs in place on the module: certs.CertificateStore's other half.

Which encoding and which file name this module wants is not certain; if a server is refused with
23 although CAs are in place, they are put in place in the next of the attested forms
(cafiles.py), and the form that worked is kept. Imported when it is needed, and forgotten then.

The slot is emptied and written anew, between the two lines of its note (record.py). It is never
changed in parts, but an identity may be added.
"""

from ..const import const
from .lines import command
from .store import Entry

# Forms in which CAs are put in place, in the order in which they are tried; 2 to 4 are in
# cafiles.py.
_SLOT = const(0)  # DER in the flash slot: complete transcripts by ST [T2, T3]
_FILE = const(1)  # DER in a file, identifier without separators

_FORMS = const(5)
_LONG = const(1024)  # bytes of the note about files

_ANY = range(1, 256)  # any error of the module
OWN = ("tls.cert", "tls.key")  # [h.1]


def fingerprint(der):
    """SHA-256 of a certificate, hex str."""
    from binascii import hexlify

    from ..pki.digest import sha256

    return hexlify(sha256(der).digest()).decode()


def read(source, sha256, ski):
    """DER of a CA as certs.install() takes it, which must be the one with this SHA-256 still:
    files and buffers change. OSError."""
    from ..pki.pem import load

    try:
        der = load(source)
        if fingerprint(der) == sha256:
            return der
    except ValueError:
        pass
    from ..at.failure import changed

    raise changed(ski)


def find(roots, ski, sha256):
    """The Root among roots with this SHA-256 (hex), or None."""
    for root in roots.by_key(ski):
        if fingerprint(root.der()) == sha256:
            return root
    return None


def install(store, certificate, der, ski, roots=None):
    """CertificateStore.install() of what pem.check() has looked at.

    roots: a context brings it, it was found in these; None: it is the device's.
    """
    look(store)
    store.restore(False)
    if store.turn[3] and serves(store):
        from ..at.failure import serving

        raise serving()
    owner = "device" if roots is None else "context"
    sha256 = fingerprint(der)
    if store.assumed and store.slot == sha256:
        from .notes import confirm

        confirm(store)
    before = store._entries
    was = None
    for entry in before:
        if entry.sha256 == sha256 and entry.where != "host":
            was = entry.owner
            break
    else:
        entry = Entry(ski, None, len(der), certificate, sha256)
        entry.owner = owner
        # The newer of two certificates with one key takes the other's place
        store._entries = [
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
        store.untried = _FORMS - 1
        store.placed = False
        try:
            place(store, der)
        except:  # Ctrl-C as well
            store._entries = before
            if was is not None:
                entry.owner = was
            raise
    return entry


def serves(store):
    """True while a TLS server is open: its clients are judged by what is on the module."""
    servers = getattr(store.radio._pool, "_servers", None)
    for server in servers.open if servers is not None else ():
        if server is not None and server.sock._tls is not None:
            return True
    return False


def look(store):
    """See what an earlier run left on the module, if that was not done."""
    if not store.files_looked:
        from .notes import look

        look(store)


def wanted(store):
    """The entries that belong on the module in the present turn: of several with one identifier
    the newest."""
    roots, hashes, _, alone = store.turn
    found = []
    for e in store._entries:
        good = e.sha256 in hashes
        if not good and not alone:
            if e.owner == "context" and roots is not None and e.roots not in (None, roots):
                root = find(roots, e.ski, e.sha256)
                if root is not None:
                    e.roots = roots
                    e.source = root  # the file of the one before may have changed
            good = e.owner == "device" or (roots is not None and e.roots is roots)
        if good and e.where != "host":
            found = [f for f in found if f.ski != e.ski] + [e]
    return found


def foreign(store, entries, identity):
    """What contexts brought that is not for this turn: (whether the slot has such, [names of
    files]). entries: what wanted() gave."""
    own = identity.sha256 if identity is not None else None
    slot = store.slot_owner == "context" and store.slot not in [e.sha256 for e in entries]
    if slot and store.slot == "":
        slot = False
    slot = slot or store.slot_own not in ("", own)
    names = [e.name for e in entries if e.where == "file"]
    if store.own_files == own:
        names += OWN
    return slot, [n for n in store.lent if n not in names]


def place(store, der=None):
    """Have in place what the present turn needs, in the present form, and nothing else that a
    context brought. der: of the entry that is not in place, if at hand."""
    look(store)
    entries = wanted(store)
    identity = store._identity
    for e in store._entries:
        if e.where in ("slot", "file") and e not in entries:
            e.where = None
    in_slot, names = foreign(store, entries, identity)
    if names:
        if store.lent_size > _LONG:  # the note goes when they all have gone
            names = list(store.lent)
            for e in entries:
                if e.name in names and e.where == "file":
                    e.where = None
        from .upload import remove_lent

        remove_lent(store, names)
    if in_slot:
        store.shared = True
        clear_slot(store)
    form = store.form
    if form == _SLOT and not _slot_will_do(store, entries, identity):
        form = _FILE
    if form == _SLOT and not _to_slot(store, entries, identity, der):
        form = _FILE
    if form != _SLOT and (entries or identity is not None):
        from .upload import to_file

        for entry in entries:
            if entry.where != "file" or entry.form != form:
                to_file(store, entry, form)
        if identity is not None:
            identity.to_files(store)
        if store.slot != "":
            clear_slot(store)  # a filled slot hides all files [T1]
    store.placed = store.generation == store.channel.generation


def _slot_will_do(store, entries, identity):
    """True if what is needed can be in the slot, and had better be."""
    if len(entries) > 1:
        return False
    if not store.noting and (identity is not None or [e for e in entries if e.owner == "context"]):
        return False
    if store.turn[3] or store.slot_only or not entries:
        return True
    entry = entries[0]
    if entry.where == "slot" or store.slot == entry.sha256:
        return True
    if [e for e in store._entries if e.where != "host" and e is not entry]:
        return False  # another's turn may be next: files on the RAM disk cost no flash
    return not store.shared and (
        store.slot is not None or store.proven or not _file_there(store, entry)
    )


def _file_there(store, entry):
    """True if the CA seems to be on the module as a file already."""
    name = entry.ski + ".ca"
    if name in store.there and name not in store.lent:
        store.form = _FILE
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
            clear_slot(store)
        same = entry is None
    add = own if store.slot_own != own else ""
    if not same or add or (adopt and same):
        from .notes import note_done, note_slot

        borrowed = own or (entry is not None and entry.owner == "context")
        known = store.slot if same else None
        noted = note_slot(store, entry, own)
        if borrowed and not noted:
            store.noting = False
            return False
        # until it has ended well
        store.slot = "?" if borrowed else None
        store.slot_owner = "context" if borrowed else "device"
        if not same:
            _upload_ca(store, entry, der)
        if add:
            identity.to_slot(store)
        if noted:
            note_done(store)
        store.slot = known if same else entry.sha256
        if store.slot == "":
            store.slot = None  # no CA, but it is not empty
        store.slot_owner = entry.owner if entry is not None else "device"
        store.slot_ski = entry.ski if entry is not None else store.slot_ski
        store.slot_own = own
    if entry is not None:
        entry.where = "slot"
        entry.form = _SLOT
    if identity is not None:
        identity.where = "slot"
    return True


def _upload_ca(store, entry, der):
    if der is None or fingerprint(der) != entry.sha256:
        der = read(entry.source, entry.sha256, entry.ski)
    lines = command(store, b"AT+S.TLSCERT=ca,%d\r" % len(der), der, 15000)
    entry.written = True
    reported = [x for x in lines if x.startswith("AT-S.SubjectKeyId:")]
    if not reported:
        # The module could not read the identifier: give it by hand [T2, h.1]. A
        # firmware without that may do without.
        from binascii import unhexlify

        key = unhexlify(entry.ski)
        command(store, b"AT+S.TLSCERT=auth,%d\r" % len(key), key, accept=_ANY)
    elif reported[0][18:].replace(":", "").strip().lower() != entry.ski:
        clear_slot(store)
        from ..at.failure import damaged

        raise damaged("the module read another key identifier than was sent")


def clear_slot(store):
    """Empty the flash slot: CA, own certificate, private key."""
    look(store)
    if store.slot != "":  # until the module has said that it is
        store.slot = "?" if store.slot_owner == "context" or store.slot_own else None
    command(store, b"AT+S.TLSCERT=content,2\r", None, 10000)
    store.slot = ""
    store.assumed = False
    for entry in store._entries + [store._identity]:
        if entry is not None and entry.where == "slot":
            entry.where = None
            store.placed = False
    from .notes import forget_slot

    forget_slot(store)
