"""Which CAs and which identity count for a connection.

The module has one set of CAs and one identity for all connections. So before each connection by
the module's TLS, the store is switched to what the context of that connection may use:

- the device's CAs, those of certs.install(), install_for() and pin();
- those that the context was given by load_verify_locations();
- those that were found in its roots for some server, if they are in its roots;
- its own client certificate, or none.

Certificates are told apart by their SHA-256, not by the object that brought them, because
libraries make a new context for each request. A selection is (roots, SHA-256s of the context's
CAs, SHA-256 of its identity or None, whether the context's own CAs alone count).
"""

from ..const import const
from ..digest import fingerprint
from ..errors import SPWF04Error, errno

_MOST = const(24)  # CAs of other contexts that are remembered


def load_cas(engine, cafile, capath, cadata):
    """SSLContext.load_verify_locations(): a tuple of what a context keeps of each CA.

    A CA is what it is now, though its file may change. engine: the context's.
    """
    if capath is not None or (cafile is None and cadata is None):
        raise ValueError("load_verify_locations() takes cafile or cadata")
    from ..pki.pem import is_content

    if isinstance(cadata, str) and not is_content(cadata):
        raise ValueError("cadata: a str must be PEM; the name of a file is cafile")
    if engine == "host":  # its TLS decides what a CA is
        from ..pki.source import certificates as read
    else:
        from ..pki.authority import authorities

        def read(source, name):
            return authorities(source, name, True)

    found = [] if cafile is None else read(cafile, "cafile")
    found += [] if cadata is None else read(cadata, "cadata")
    return tuple([_to_keep(source) for source in found])


def _to_keep(source):
    from ..pki.source import load
    from ..pki.x509 import Certificate

    der = bytes(load(source))
    try:
        ski = Certificate(der).ski
    except ValueError:
        ski = ""  # see begin()
    return source, fingerprint(der), ski, len(der)


def root_of(roots, ski, sha256):
    """The root with this key identifier and SHA-256 (hex) among a context's roots, or None."""
    for root in roots.by_key(ski):
        try:
            if fingerprint(root.der()) == sha256:
                return root
        except ValueError:  # it is damaged, so it is not the one
            pass
    return None


def adopt(entry, roots):
    """Have a CA that other roots brought belong to these, if they have it."""
    root = root_of(roots, entry.ski, entry.sha256)
    if root is not None:
        entry.roots = roots
        entry.source = root  # the file of the one before may have changed


def begin(store, context, selection):
    """Make a selection the store's present one, and the CAs of its context known to the store."""
    before = store.selection
    store.selection = selection
    for source, sha256, ski, size in context.cas:
        if not ski:  # it was given for the host's TLS
            store.selection = before
            raise ValueError("a CA of this context is not a certificate, or damaged")
        _known(store, source, sha256, ski, size)
    if store.slot_owner == "context" and store.slot_ski and selection[0] is not None:
        root = root_of(selection[0], store.slot_ski, store.slot)
        if root is not None:
            entry = _known(store, root, store.slot, store.slot_ski, len(root.der()))
            entry.roots = selection[0]


def _known(store, source, sha256, ski, size):
    """The entry of a CA that a context brings; a new one if there is none."""
    from .slot import SLOT

    for entry in store.known:
        if entry.sha256 == sha256 and entry.where != "host":
            break
    else:
        entry = store.new_entry(ski, size, source, sha256, "context")
        store.known.append(entry)
        _forget_oldest(store)
    if entry.owner == "context":
        entry.source = source  # the file of the one before may have changed
    if entry.where is None and store.slot == sha256:
        entry.where = "slot"
        entry.form = SLOT
    return entry


def _forget_oldest(store):
    """Forget the oldest CAs of other contexts if there are very many."""
    roots, hashes = store.selection[:2]
    others = [
        e
        for e in store.known
        if e.owner == "context" and e.sha256 not in hashes and e.roots is not roots
    ]
    gone = others[: max(0, len(others) - _MOST)]
    store.known = [e for e in store.known if e not in gone]


def trusted(store, context):
    """For the host's TLS: the CAs of a context and of the device, as install() takes them. OSError
    if one is not what it was when it was given: files and buffers change."""
    from ..pki.source import load_same

    found = [(source, sha256, ski) for source, sha256, ski, _ in context.cas]
    for e in store.known:
        if e.owner == "device" and e.source is not None:
            found.append((e.source, e.sha256, e.ski))
    for source, sha256, ski in found:
        load_same(source, sha256, ski)
    return [one[0] for one in found]


def check_server(store):
    """OSError if clients of a server would be judged by other CAs than its context's."""
    if store.selection[3] and [e for e in store.selected() if e.where != "slot"]:
        raise SPWF04Error(
            errno.EIO,
            "the module judges clients by the one CA in its flash slot, and this context's CAs "
            "are not there",
            hint="Give the server's context one CA. If it has one, the slot's note could not be "
            "written: see docs/tls.md",
            remedy="one_ca",
        )


def serves(store):
    """True while a TLS server is open: its clients are judged by what is on the module."""
    pool = store.radio.pool
    return pool is not None and pool.serves_tls()


def serving():
    """The exception for a change of the CAs while a TLS server listens."""
    return SPWF04Error(
        getattr(errno, "EBUSY", 16),
        "a TLS server is open, and the module has one set of certificates for all",
        hint='Close it before a connection of another context, or use engine="host" for that',
        remedy="close_server",
    )


def order_twins(store):
    """Of several CAs with one key have the best selected: the last that the store knows."""
    from ..roots.ends import best_last

    now = yield from _now(store)
    for ski in store.twins:
        same = [e for e in store.known if e.ski == ski]
        store.known = [e for e in store.known if e.ski != ski] + best_last(same, now)


def warn_of_twins(store, entry, replaced):
    """A CA has taken the place of others with its key: if it is not in date, and one of them is,
    its warnings say so."""
    from ..roots.ends import rank, read_validity

    now = yield from _now(store)
    if now is None or rank(read_validity(entry.source), now)[0]:
        return
    if [e for e in replaced if rank(read_validity(e.source), now)[0]]:
        entry.instead = (
            "it is not in date by the module's clock, and has taken the place of a CA with the "
            "same key that is",
        )


def _now(store):
    """The module's clock, None if it is not set."""
    from ..commands.clock import asking, is_set

    now = yield from asking(store.channel)
    return now if is_set(store.radio, now) else None
