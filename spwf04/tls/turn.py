"""Whose turn it is: which CAs and which client certificate count for a connection.

The module has one set of CAs and one own certificate for all connections. So before each
connection by the module's TLS, the store is switched to what that connection's context may use:

- the device's CAs, those of certs.install(), install_for() and pin();
- those that the context was given by load_verify_locations();
- those that were found in its roots for some server, if they are in its roots;
- its own client certificate, or none.

Certificates are told apart by their SHA-256, not by the object that brought them: libraries make
a new context for each request. A turn is (roots, SHA-256s of the context's CAs, SHA-256 of its
identity, whether its own CAs alone count).
"""

from .placing import find, fingerprint, foreign, look, place, read, serves, wanted


def given(engine, cafile, capath, cadata):
    """SSLContext.load_verify_locations(): a tuple of what a context keeps of each CA.

    A CA is what it is now, though its file may change. engine: the context's.
    """
    if capath is not None or (cafile is None and cadata is None):
        raise ValueError("load_verify_locations() takes cafile or cadata")
    if isinstance(cadata, str) and "-----BEGIN" not in cadata:
        raise ValueError("cadata: a str must be PEM; the name of a file is cafile")
    from ..pki.pem import authorities, certificates

    # what the host's TLS takes for a CA is its own affair
    read = certificates if engine == "host" else authorities
    found = [] if cafile is None else read(cafile, "cafile")
    found += [] if cadata is None else read(cadata, "cadata")
    return tuple([_kept(source) for source in found])


def _kept(source):
    from ..pki.pem import load
    from ..pki.x509 import Certificate

    der = bytes(load(source))
    try:
        ski = Certificate(der).ski
    except ValueError:
        ski = ""  # see switch()
    return source, fingerprint(der), ski, len(der)


def switch(store, context, turn):
    """certs.switch(), when it is another's turn, or something is missing."""
    for _ in range(3):
        _switch(store, context, turn)
        store.restore(False)
        if store.placed and store.files_looked:
            return
    from ..at.failure import restarts

    raise restarts()


def _switch(store, context, turn):
    look(store)
    before = store.turn
    store.turn = turn
    for source, sha256, ski, size in context.given:
        if not ski:  # it was given for the host's TLS
            store.turn = before
            raise ValueError("what this context was given is not a certificate, or damaged")
        _known(store, source, sha256, ski, size)
    if store.slot_owner == "context" and store.slot_ski and turn[0] is not None:
        root = find(turn[0], store.slot_ski, store.slot)
        if root is not None:
            entry = _known(store, root, store.slot, store.slot_ski, len(root.der()))
            entry.roots = turn[0]
    if serves(store) and not _fits(store, context.identity):
        store.turn = before
        from ..at.failure import serving

        raise serving()
    store._identity = context.identity
    store.placed = False
    place(store)
    if turn[3] and [e for e in wanted(store) if e.where != "slot"]:
        from ..errors import SPWF04Error, errno

        raise SPWF04Error(
            errno.EIO,
            "for the certificates of clients the module looks at one CA, in its flash slot",
            hint="Give the server's context one CA. If it has one, the slot's note could not be "
            "written: see docs/tls.md",
        )


def _known(store, source, sha256, ski, size):
    """The entry of a CA that a context brings; a new one if there is none."""
    from .store import Entry

    for entry in store._entries:
        if entry.sha256 == sha256 and entry.where != "host":
            break
    else:
        entry = Entry(ski, None, size, source, sha256)
        entry.owner = "context"
        store._entries.append(entry)
        _bound(store)
    if entry.owner == "context":
        entry.source = source  # the file of the one before may have changed
    if entry.where is None and store.slot == sha256:
        entry.where = "slot"
        entry.form = 0
    return entry


def _bound(store, most=24):
    """Forget the oldest CAs of other contexts if there are very many."""
    roots, hashes = store.turn[:2]
    others = [
        e
        for e in store._entries
        if e.owner == "context" and e.sha256 not in hashes and e.roots is not roots
    ]
    gone = others[: max(0, len(others) - most)]
    store._entries = [e for e in store._entries if e not in gone]


def trusted(store, context):
    """For the host's TLS: the CAs of a context and of the device, as install() takes them. OSError
    if one is not what it was when it was given: files and buffers change."""
    found = [(source, sha256, ski) for source, sha256, ski, _ in context.given]
    for e in store._entries:
        if e.owner == "device" and e.source is not None:
            found.append((e.source, e.sha256, e.ski))
    for source, sha256, ski in found:
        read(source, sha256, ski)
    return [one[0] for one in found]


def _fits(store, identity):
    """True if nothing has to be changed on the module for this turn."""
    entries = wanted(store)
    if foreign(store, entries, identity) != (False, []) or [e for e in entries if e.where is None]:
        return False
    if identity is None:
        return store._identity is None
    return store._identity is not None and store._identity.sha256 == identity.sha256
