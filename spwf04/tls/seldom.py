"""What of the certificate store is seldom needed: lists and removal."""

from ..at.reading import fetch
from ..const import const
from ..pki.pem import load
from .lines import command
from .notes import confirm, give_back, slot_identifier
from .placing import OWN, clear_slot, look
from .store import Entry
from .upload import clean, delete, file_name, settle

# Forms, with those of certs.py and cafiles.py
_FILE = const(1)
_COLONS = const(3)

_ANY = range(1, 256)  # any error of the module


def list_(store):
    """certs.list(): the Entries installed here or brought by contexts, and those for CAs that are
    found on the module.

    A CA that somebody else put into the flash slot may be invisible.
    """
    look(store)
    confirm(store)
    store.restore()
    known = store.entries()
    found = list(known)
    skis = [e.ski for e in known]
    for name, size, volume in clean(store):
        ski = name[:-3].replace(":", "")
        if name.endswith(".ca") and ski not in skis:
            entry = Entry(ski, "file", size)
            entry.owner = "context" if name in store.lent else "device"
            entry.volume = volume
            entry.source = _File(store, name, size)
            found.append(entry)
    if store.slot_ski and store.slot not in [e.sha256 for e in known]:
        entry = Entry(store.slot_ski, "slot", 0, None, store.slot)
        entry.owner = store.slot_owner
        found.append(entry)
    elif store.slot is None:
        # Perhaps the module names the CA in its slot [l.8]
        ski = slot_identifier(command(store, b"AT+S.TLSCERT=content,1\r", accept=_ANY))
        if ski and ski not in skis:
            found.append(Entry(ski, "slot", 0))
    return found


class _File:
    """A CA in a file that somebody else put there: read when it is looked at."""

    def __init__(self, store, name, size):
        self._store = store
        self._name = name
        self._size = size

    def der(self):
        data = bytearray(self._size)
        line = ("AT+S.FSP=%s\r" % self._name).encode()
        fetch(self._store.channel, line, data, 5000)
        return load(data)


def remove(store, ski):
    """certs.remove(): the CA with this subject key identifier (hex, separators are ignored).

    KeyError if the store does not have it.
    """
    from ..arguments import argument

    ski = argument(ski, "ski").replace(b":", b"").lower()
    if not all([c in b"0123456789abcdef" for c in ski]):
        raise ValueError("ski must be hex digits")
    ski = ski.decode()
    store.plans = []  # they may hold it, for the host's TLS
    gone = [entry for entry in list_(store) if entry.ski == ski]
    if not gone:
        raise KeyError(ski)
    # A context that brought it brings it again, when it is its turn
    roots, hashes, own, alone = store.turn
    hashes = tuple([h for h in hashes if h not in [e.sha256 for e in gone]])
    store.turn = roots, hashes, own, alone
    if "file" not in [e.where for e in gone]:
        # of an earlier run: it was hidden by the slot
        names = [
            n for n, _, _ in clean(store) if n in (file_name(ski, _FILE), file_name(ski, _COLONS))
        ]
        for name in names:
            delete(store, name)
        give_back(store, names)
    for entry in gone:
        drop(store, entry)


def drop(store, entry):
    """Remove a CA from the store and from the module."""
    store._entries = [e for e in store._entries if e is not entry]
    store.placed = False
    if entry.where == "slot":
        clear_slot(store)
    elif entry.where == "file":
        settle(store)
        names = [file_name(entry.ski, form) for form in (_FILE, _COLONS)]
        for name in names:
            delete(store, name)
        give_back(store, names)
    store.restore()  # an identity was in the slot too; or one of the same key was hidden


def clear(store):
    """certs.clear(): remove every CA, and the module's own certificate and key, from slot and
    files."""
    store._entries = []
    store._identity = None
    store.turn = (None, (), None, False)
    store.placed = store.shared = False
    store.plans = []
    clear_slot(store)
    for name, _, _ in clean(store):
        if name.endswith(".ca") or name in OWN:
            delete(store, name)
    give_back(store, store.lent)
    store.own_files = ""


def forget_files(store):
    """Delete the files of the module's own certificate and key."""
    settle(store)
    for name in OWN:
        delete(store, name)
    give_back(store, OWN)
    store.own_files = ""
