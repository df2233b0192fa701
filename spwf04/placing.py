"""Puts CAs in place on the module: certs.CertificateStore's other half.

Which encoding and which file name this module wants is not certain; if a server is refused with
23 although CAs are in place, they are put in place in the next of the attested forms
(cafiles.py), and the form that worked is kept. Imported when it is needed, and forgotten then.
"""

from .at import Exchange
from .certs import Entry
from .parser import const

# Forms in which CAs are put in place, in the order in which they are tried; 2 to 4 are in
# cafiles.py.
_SLOT = const(0)  # DER in the flash slot: complete transcripts by ST [T2, T3]
_FILE = const(1)  # DER in a file, identifier without separators

_ANY = range(1, 256)  # any error of the module


def install(store, certificate, der, ski):
    """CertificateStore.install() of what pem.check() has looked at."""
    store.restore()
    for entry in store._entries:
        if entry.ski == ski and entry.size == len(der) and entry.where != "host":
            return entry
    before = store._entries
    entry = Entry(ski, None, len(der), certificate)
    store._entries = [e for e in before if e.ski != ski] + [entry]
    store.refused = []
    store.plans = {}
    store.untried = 4
    try:
        place(store, der)
    except (OSError, ValueError):
        store._entries = before
        raise
    return entry


def place(store, der=None):
    """Have every entry in place in the present form. der: of the one that is not, if at hand."""
    form = store.form
    entries = [e for e in store._entries if e.where != "host"]
    if form == _SLOT:
        if len(entries) == 1:
            if entries[0].where != "slot" and not _to_slot(store, entries[0], der):
                store.form = form = _FILE
        elif entries:
            form = _FILE
    if form != _SLOT:
        from .cafiles import to_file

        for entry in entries:
            if entry.where is None or entry.form != form:
                entry.where = None
                to_file(store, entry, form)
                entry.where = "file"
                entry.form = form
        if entries and store.slot != "":
            clear_slot(store)  # a filled slot hides all files [T1]
    if store._identity is not None:
        store._identity.place(store, form != _SLOT)


def _to_slot(store, entry, der):
    """Write the flash slot; False if the CA is on the module as a file already."""
    ski = entry.ski
    if store.slot is None:
        # Is it there from an earlier run? Flash need not be written again. What
        # content,1 says is not known: digits of the identifier will do. [l.8]
        lines = command(store, b"AT+S.TLSCERT=content,1\r", accept=_ANY)
        if ski in "".join(lines).replace(":", "").lower():
            store.slot = ski
        elif not store.proven and ski + ".ca" in "".join(
            command(store, b"AT+S.FSL\r", accept=_ANY)
        ):
            return False
    if store.slot != ski:
        clear_slot(store)
        store.slot = None  # until the upload has ended well
        if der is None:
            from .pem import load

            der = load(entry.source)
        lines = command(store, b"AT+S.TLSCERT=ca,%d\r" % len(der), der, 15000)
        reported = [x for x in lines if x.startswith("AT-S.SubjectKeyId:")]
        if not reported:
            # The module could not read the identifier: give it by hand [T2, h.1]. A
            # firmware without that may do without.
            from binascii import unhexlify

            key = unhexlify(ski)
            command(store, b"AT+S.TLSCERT=auth,%d\r" % len(key), key, accept=_ANY)
        elif reported[0][18:].replace(":", "").strip().lower() != ski:
            clear_slot(store)
            from .explain import damaged

            raise damaged("the module read another key identifier than was sent")
        store.slot = ski
    entry.where = "slot"
    entry.form = _SLOT
    return True


def clear_slot(store):
    """Empty the flash slot: CA, own certificate, private key."""
    command(store, b"AT+S.TLSCERT=content,2\r", None, 10000)
    store.slot = ""
    for entry in store._entries + [store._identity]:
        if entry is not None and entry.where == "slot":
            entry.where = None


def command(store, command, payload=None, timeout_ms=5000, accept=()):
    """Send a command and return the lines of its reply, as str.

    Error numbers in `accept` are no error; store.code is the number, or 0.
    """
    lines = []
    exchange = Exchange(lambda parser: lines.append(parser.text()))
    store.channel.run(exchange.prepare(command, payload, timeout_ms))
    store.code = exchange.code
    if exchange.code not in accept:
        store.channel.check(exchange)
    return lines
