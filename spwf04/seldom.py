"""What of the certificate store is seldom needed: lists and removal."""

from .cafiles import OWN, clean, delete, file_name
from .certs import Entry
from .parser import const
from .pem import load
from .placing import clear_slot, command

# Forms, with those of certs.py and cafiles.py
_FILE = const(1)
_COLONS = const(3)

_ANY = range(1, 256)  # any error of the module


def list_(store):
    """certs.list(): the Entries installed here, and those for CAs that are found on the module.

    A CA that an earlier run put into the flash slot may be invisible.
    """
    store.restore()
    known = store.entries()
    found = list(known)
    skis = [e.ski for e in known]
    for name, size, volume in clean(store):
        ski = name[:-3].replace(":", "")
        if name.endswith(".ca") and ski not in skis:
            entry = Entry(ski, "file", size)
            entry.volume = volume
            entry.source = _File(store, name, size)
            found.append(entry)
    if store.slot is None:
        # Perhaps the module names the CA in its slot [l.8]
        ski = slot_identifier(command(store, b"AT+S.TLSCERT=content,1\r", accept=_ANY))
        if ski and ski not in skis:
            found.append(Entry(ski, "slot", 0))
    return found


def slot_identifier(lines):
    """The key identifier, 40 hex digits, in what TLSCERT=content,1 said; or None."""
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


class _File:
    """A CA in a file that somebody else put there: read when it is looked at."""

    def __init__(self, store, name, size):
        self._store = store
        self._name = name
        self._size = size

    def der(self):
        data = bytearray(self._size)

        def on_line(parser):
            # AT-S.Reading:<n> or AT-S.Printing:<n>, then the bytes [i FSP, l.17]
            if parser.number(1) == len(data):
                parser.expect_data(len(data), data, len(data))

        line = ("AT+S.FSP=%s\r" % self._name).encode()
        self._store.channel.command(line, None, 5000, on_line)
        return load(data)


def remove(store, ski):
    """certs.remove(): the CA with this subject key identifier (hex, separators are ignored).

    KeyError if the store does not have it.
    """
    from .argument import argument

    ski = argument(ski, "ski").replace(b":", b"").lower()
    if not all([c in b"0123456789abcdef" for c in ski]):
        raise ValueError("ski must be hex digits")
    ski = ski.decode()
    for entry in list_(store):
        if entry.ski == ski:
            break
    else:
        raise KeyError(ski)
    store._entries = [e for e in store._entries if e.ski != ski]
    if entry.where == "slot":
        clear_slot(store)
        store.restore()  # an identity was in it too
    elif entry.where != "host":
        for form in (_FILE, _COLONS):
            delete(store, file_name(ski, form))


def clear(store):
    """certs.clear(): remove every CA, and the module's own certificate and key, from slot and
    files."""
    store._entries = []
    store._identity = None
    store.plans = {}
    clear_slot(store)
    for name, _, _ in clean(store):
        if name.endswith(".ca") or name in OWN:
            delete(store, name)


def forget_files(store):
    """Delete the files of the module's own certificate and key."""
    for name in OWN:
        delete(store, name)
