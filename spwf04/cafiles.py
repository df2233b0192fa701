"""CAs as files <subject key identifier>.ca on the module. Imported when there is more than one,
or when the flash slot did not do. [h.1, i, decision 4]
"""

from .certs import Entry
from .parser import const
from .x509 import load

# Forms, with those of certs.py
_SLOT = const(0)
_FILE = const(1)  # DER, identifier without separators
_PEM = const(2)  # ST checks such a file with a tool that reads PEM [T1]
_COLONS = const(3)  # the identifier as the module prints it, in lower case
_PEM_COLONS = const(4)
_FORMS = const(5)

_ANY = range(1, 256)  # any error of the module
_PART = const(1024)  # most bytes of one FSC [i]


def to_file(store, entry, form):
    """Have the entry's file on the module, complete; upload it only if it is not."""
    name = _name(entry.ski, form)
    data = load(entry.source)
    if form in (_PEM, _PEM_COLONS):
        data = _to_pem(data)
    if _matches(store, name, data):
        return
    _delete(store, name)  # FSC appends to a file that exists [i]
    try:
        view = memoryview(data)
        for at in range(0, len(data), _PART):
            part = view[at : at + _PART]
            store.command(("AT+S.FSC=%s,%d\r" % (name, len(part))).encode(), part, 15000)
        if not _matches(store, name, data):
            from .explain import damaged

            raise damaged("the file on the module is not what was sent")
    except OSError:
        _delete(store, name)
        raise


def entries(store, known):
    """Known entries, and one for each other .ca file on the module."""
    found = list(known)
    for name, size in _files(store):
        ski = name[:-3].replace(":", "")
        if name.endswith(".ca") and ski not in [e.ski for e in known]:
            found.append(Entry(ski, "file", size))
    return found


def remove(store, ski):
    """Delete the files of a CA in all forms."""
    for form in (_FILE, _COLONS):
        _delete(store, _name(ski, form))


def other_form(store, address):
    """A server at `address` was refused with 23: put the CAs in place in the next form.

    False if every form was tried for this address, or if the present one is known to work.
    """
    if store.proven or not store.entries() or address in store.refused:
        return False
    while store.untried:
        store.untried -= 1
        store.form = (store.form + 1) % _FORMS
        if store.form == _SLOT and len(store.entries()) > 1:
            continue
        try:
            store.place()
            return True
        except OSError:
            pass  # no room for files, say
    store.untried = _FORMS - 1
    store.refused = store.refused[-7:] + [address]
    return False


def _to_pem(der):
    from binascii import b2a_base64

    lines = [b"-----BEGIN CERTIFICATE-----\n"]
    for at in range(0, len(der), 48):
        lines.append(b2a_base64(der[at : at + 48]))
    lines.append(b"-----END CERTIFICATE-----\n")
    return b"".join(lines)


def _name(ski, form):
    if form in (_COLONS, _PEM_COLONS):
        ski = ":".join([ski[i : i + 2] for i in range(0, len(ski), 2)])
    return ski + ".ca"


def _files(store):
    """[(name, size)] of all volumes; lines that do not fit are passed over. [i FSL]"""
    found = []
    for line in store.command(b"AT+S.FSL\r", accept=_ANY):
        parts = line[line.find(":") + 1 :].split("\t")
        if line.startswith("AT-S.File:") and len(parts) == 3 and parts[1].strip().isdigit():
            found.append((parts[2].split("/")[-1].strip(), int(parts[1])))
    return found


def _matches(store, name, data):
    """True if the module has this file with this content, by size and SHA-256."""
    if [size for n, size in _files(store) if n == name] != [len(data)]:
        return False
    # What comes before and within the digest is not certain: its digits are looked at [l.16]
    lines = store.command(("AT+S.HASH=2,%s\r" % name).encode(), accept=_ANY)
    from binascii import hexlify
    from hashlib import sha256

    digits = "".join(lines).lower().replace(":", "").replace(" ", "")
    return hexlify(sha256(data).digest()).decode() in digits


def _delete(store, name):
    store.command(("AT+S.FSD=%s\r" % name).encode(), accept=(51, 56))  # was not there
