"""What is on the module, and its removal: CertificateStore's list(), remove(), clear() and
forget_identity().

Functions here are steps, see at/task.py; the first argument is the CertificateStore.
"""

from ..commands.filesystem import read
from ..pki.pem import load
from .notes import OWN, give_back, look
from .slot import clear_slot, confirm, content
from .upload import clean, delete, file_names, remove_own, settle


def listed(store):
    """CertificateStore.list()"""
    yield from look(store)
    yield from confirm(store)
    yield from _restore(store)
    known = store.entries()
    found = list(known)
    skis = [e.ski for e in known]
    for name, size, volume in (yield from clean(store)):
        ski = name[:-3].replace(":", "")
        if name.endswith(".ca") and ski not in skis:
            owner = "context" if name in store.lent else "device"
            entry = store.entry(ski, size, _File(store, name, size), None, owner)
            entry.where = "file"
            entry.volume = volume
            found.append(entry)
    if store.slot_ski and store.slot not in [e.sha256 for e in known]:
        entry = store.entry(store.slot_ski, 0, None, store.slot, store.slot_owner)
        entry.where = "slot"
        found.append(entry)
    elif store.slot is None:
        # Perhaps the module names the CA in its slot [l.8]
        ski, _ = yield from content(store)
        if ski and ski not in skis:
            entry = store.entry(ski, 0)
            entry.where = "slot"
            found.append(entry)
    return found


class _File:
    """A CA in a file that somebody else put there: read when it is looked at."""

    def __init__(self, store, name, size):
        self._channel = store.channel
        self._name = name
        self._size = size

    def der(self):
        data = bytearray(self._size)
        self._channel.take(read(self._channel, self._name, None, data))
        return load(data)


def remove(store, ski):
    """CertificateStore.remove(), of a key identifier in lower case without separators."""
    store.plans = []  # they may hold it, for the host's TLS
    gone = [entry for entry in (yield from listed(store)) if entry.ski == ski]
    if not gone:
        raise KeyError(ski)
    # A context that brought it brings it again, when it is its turn
    roots, hashes, own, alone = store.turn
    hashes = tuple([h for h in hashes if h not in [e.sha256 for e in gone]])
    store.turn = roots, hashes, own, alone
    if "file" not in [e.where for e in gone]:
        # of an earlier run: it was hidden by the slot
        there = [entry[0] for entry in (yield from clean(store))]
        hidden = [name for name in file_names(ski) if name in there]
        for name in hidden:
            yield from delete(store, name)
        yield from give_back(store, hidden)
    for entry in gone:
        yield from drop(store, entry)


def drop(store, entry):
    """CertificateStore.drop()"""
    store.known = [e for e in store.known if e is not entry]
    store.placed = False
    if entry.where == "slot":
        yield from clear_slot(store)
    elif entry.where == "file":
        yield from settle(store)
        names = file_names(entry.ski)
        for name in names:
            yield from delete(store, name)
        yield from give_back(store, names)
    # An identity was in the slot too; or one of the same key was hidden
    yield from _restore(store)


def clear(store):
    """CertificateStore.clear()"""
    store.known = []
    store.identity = None
    store.turn = (None, (), None, False)
    store.placed = store.shared = False
    store.plans = []
    yield from clear_slot(store)
    for name, _, _ in (yield from clean(store)):
        if name.endswith(".ca") or name in OWN:
            yield from delete(store, name)
    yield from give_back(store, store.lent)
    store.own_files = ""


def forget_identity(store):
    """CertificateStore.forget_identity()"""
    store.identity = None
    store.turn = store.turn[:2] + (None, store.turn[3])
    yield from clear_slot(store)  # it cannot be cleared in parts
    yield from remove_own(store)
    yield from _restore(store)


def _restore(store):
    from .placing import restore

    yield from restore(store)
