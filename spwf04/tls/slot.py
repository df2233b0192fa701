"""The module's flash slot for TLS: one CA and, beside it, one own certificate with its key.

It is emptied as a whole, and what is in it cannot be read; so there is a note about it, see
notes.py. Functions here are steps, see at/task.py; the first argument is the CertificateStore.
"""

from binascii import unhexlify

from ..commands.filesystem import ANY, ask, damaged
from ..const import const
from ..errors import ModuleRestarted, errno
from ..pki.digest import fingerprint
from .notes import forget_slot, look

# Forms in which a CA is put in place, in the order in which they are tried
SLOT = const(0)  # DER in the flash slot: complete transcripts by ST [T2, T3]
FILE = const(1)  # DER in a file, identifier without separators
PEM = const(2)  # ST checks such a file with a tool that reads PEM [T1]
COLONS = const(3)  # the identifier as the module prints it, in lower case
PEM_COLONS = const(4)
FORMS = const(5)


def clear_slot(store):
    """Empty the flash slot: CA, own certificate, private key."""
    yield from look(store)
    if store.slot != "":  # until the module has said that it is
        store.slot = "?" if store.slot_owner == "context" or store.slot_own else None
    yield from ask(store.channel, b"AT+S.TLSCERT=content,2\r", None, 10000)
    store.slot = ""
    store.assumed = False
    for entry in store.known + [store.identity]:
        if entry is not None and entry.where == "slot":
            entry.where = None
            store.placed = False
    yield from forget_slot(store)


def ca_to_slot(store, entry, der=None):
    """Write a CA to the slot. der: perhaps the entry's, which need not be read then."""
    if der is None or fingerprint(der) != entry.sha256:
        from ..pki.pem import load_same

        der = load_same(entry.source, entry.sha256, entry.ski)
    lines, _ = yield from ask(store.channel, b"AT+S.TLSCERT=ca,%d\r" % len(der), der, 15000)
    entry.written = True
    reported = [x for x in lines if x.startswith("AT-S.SubjectKeyId:")]
    if not reported:
        # The module could not read the identifier: give it by hand [T2, h.1]. A
        # firmware without that may do without.
        key = unhexlify(entry.ski)
        yield from ask(store.channel, b"AT+S.TLSCERT=auth,%d\r" % len(key), key, accept=ANY)
    elif reported[0][18:].replace(":", "").strip().lower() != entry.ski:
        yield from clear_slot(store)
        raise damaged("the module read another key identifier than was sent")


def own_to_slot(store, identity):
    """Write the client's certificate and key to the slot, beside the CA."""
    certificate, key = identity.both()
    for head, data in ((b"cert", certificate), (b"key", key)):
        yield from ask(store.channel, b"AT+S.TLSCERT=%s,%d\r" % (head, len(data)), data, 15000)


def content(store):
    """What the module says of its slot: (key identifier of the CA there or None, whether it says
    that the slot is empty). [l.8]"""
    lines, _ = yield from ask(store.channel, b"AT+S.TLSCERT=content,1\r", accept=ANY)
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
    """Ask the module whether the slot is as the note says, as far as it tells: others may have
    changed it, who write no notes."""
    if not store.assumed or not store.slot_ski:
        return
    ski, empty = yield from content(store)
    if empty or (ski and ski != store.slot_ski):
        store.slot = "?" if store.slot_owner == "context" else None
        store.slot_ski = None
        store.assumed = False


def restarts():
    """The exception for a module that restarts while certificates are put in place."""
    return ModuleRestarted(
        errno.ECONNRESET,
        "the module restarted while certificates were put in place",
        hint="Try again; if it happens often, look at the power supply",
    )
