"""CAs as files <subject key identifier>.ca on the module. Imported when there is more than one,
or when the flash slot did not do. [h.1, i, decision 4]
"""

from .certs import ANY, FILE, FILE_COLONS, FILE_PEM, FILE_PEM_COLONS, FORMS, SLOT, Entry
from .parser import const
from .x509 import hexadecimal, load, to_pem

_PART = const(1024)  # most bytes of one FSC [i]


def to_file(store, entry, form):
    """Have the entry's file on the module, complete; upload it only if it is not."""
    name = _name(entry.ski, form)
    data = load(entry.source)
    if form in (FILE_PEM, FILE_PEM_COLONS):
        data = to_pem(data)
    if _matches(store, name, data):
        return
    _delete(store, name)  # FSC appends to a file that exists [i]
    try:
        view = memoryview(data)
        for at in range(0, len(data), _PART):
            part = view[at : at + _PART]
            store.ask(("AT+S.FSC=%s,%d\r" % (name, len(part))).encode(), part, 15000)
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
    for form in (FILE, FILE_COLONS):
        _delete(store, _name(ski, form))


def other_form(store, address):
    """A server at `address` was refused with 23: put the CAs in place in the next form.

    False if every form was tried for this address, or if the present one is known to work.
    """
    if store.proven or not store.entries() or address in store.refused:
        return False
    while store.untried:
        store.untried -= 1
        store.form = (store.form + 1) % FORMS
        if store.form == SLOT and len(store.entries()) > 1:
            continue
        try:
            store.place()
            return True
        except OSError:
            pass  # no room for files, say
    store.untried = FORMS - 1
    store.refused = store.refused[-7:] + [address]
    return False


def _name(ski, form):
    if form in (FILE_COLONS, FILE_PEM_COLONS):
        ski = ":".join([ski[i : i + 2] for i in range(0, len(ski), 2)])
    return ski + ".ca"


def _files(store):
    """[(name, size)] of all volumes; lines that do not fit are passed over. [i FSL]"""
    found = []
    for line in store.ask(b"AT+S.FSL\r", accept=ANY):
        parts = line[line.find(":") + 1 :].split("\t")
        if line.startswith("AT-S.File:") and len(parts) == 3 and parts[1].strip().isdigit():
            found.append((parts[2].split("/")[-1].strip(), int(parts[1])))
    return found


def _matches(store, name, data):
    """True if the module has this file with this content, by size and SHA-256."""
    if [size for n, size in _files(store) if n == name] != [len(data)]:
        return False
    # What comes before and within the digest is not certain: its digits are looked at [l.16]
    lines = store.ask(("AT+S.HASH=2,%s\r" % name).encode(), accept=ANY)
    from hashlib import sha256

    digits = "".join(lines).lower().replace(":", "").replace(" ", "")
    return hexadecimal(sha256(data).digest()) in digits


def _delete(store, name):
    store.ask(("AT+S.FSD=%s\r" % name).encode(), accept=(51, 56))  # was not there
