"""Lists and removes what is on the module: list(), remove(), drop(), clear() and forget_identity()
of CertificateStore.

Functions here are steps, see at/task.py; the first argument is the CertificateStore.
"""

from ..commands.filesystem import read
from ..pki.pem import load
from .slot import IDENTITY_FILES, clear_slot, confirm, content, read_notes
from .upload import clean, delete, file_names, finish_uploads, forget_files, remove_identity


def listed(store):
    """CertificateStore.list()"""
    yield from read_notes(store)
    yield from confirm(store)
    yield from _restore(store)
    known = store.entries()
    found = list(known)
    skis = [e.ski for e in known]
    for name, size, volume in (yield from clean(store)):
        ski = name[:-3].replace(":", "")
        if name.endswith(".ca") and ski not in skis:
            owner = "context" if name in store.context_files else "device"
            entry = store.new_entry(ski, size, _File(store, name, size), None, owner)
            entry.where = "file"
            entry.volume = volume
            found.append(entry)
    if store.slot_ski and store.slot not in [e.sha256 for e in known]:
        entry = store.new_entry(store.slot_ski, 0, None, store.slot, store.slot_owner)
        entry.where = "slot"
        found.append(entry)
    elif store.slot is None:
        # The module may name the CA in its slot [l.8]
        ski, _ = yield from content(store)
        if ski and ski not in skis:
            entry = store.new_entry(ski, 0)
            entry.where = "slot"
            found.append(entry)
    return found


class _File:
    """A CA in a file that somebody else put there; der() reads it."""

    def __init__(self, store, name, size):
        self._channel = store.channel
        self._name = name
        self._size = size

    def der(self):
        data = bytearray(self._size + 16)  # more than there is: the bytes are announced [i]
        got = self._channel.take(read(self._channel, self._name, data))
        return load(data[:got])


def remove(store, ski):
    """CertificateStore.remove(), of a key identifier in lower case without separators."""
    store.plans = []  # they may name it, for the host's TLS
    gone = [entry for entry in (yield from listed(store)) if entry.ski == ski]
    if not gone:
        raise KeyError(ski)
    # A context that brought it brings it again when it is selected
    roots, hashes, identity, exclusive = store.selection
    hashes = tuple([h for h in hashes if h not in [e.sha256 for e in gone]])
    store.selection = roots, hashes, identity, exclusive
    if "file" not in [e.where for e in gone]:
        # The slot hides a file of an earlier run
        names = [entry[0] for entry in (yield from clean(store))]
        hidden = [name for name in file_names(ski) if name in names]
        for name in hidden:
            yield from delete(store, name)
        yield from forget_files(store, hidden)
    for entry in gone:
        yield from drop(store, entry)


def drop(store, entry):
    """CertificateStore.drop()"""
    store.known = [e for e in store.known if e is not entry]
    store.in_place = False
    if entry.where == "slot":
        yield from clear_slot(store)
    elif entry.where == "file":
        yield from finish_uploads(store)
        names = file_names(entry.ski)
        for name in names:
            yield from delete(store, name)
        yield from forget_files(store, names)
    # An identity was in the slot too, or the slot hid a CA with the same key
    yield from _restore(store)


def clear(store):
    """CertificateStore.clear()"""
    store.known = []
    store.identity = None
    store.selection = (None, (), None, False)
    store.in_place = store.shared = False
    store.plans = []
    yield from clear_slot(store)
    for name, _, _ in (yield from clean(store)):
        if name.endswith(".ca") or name in IDENTITY_FILES:
            yield from delete(store, name)
    yield from forget_files(store, store.context_files)
    store.files_identity = ""


def forget_identity(store):
    """CertificateStore.forget_identity()"""
    store.identity = None
    store.selection = store.selection[:2] + (None, store.selection[3])
    yield from clear_slot(store)  # it cannot be cleared in parts
    yield from remove_identity(store)
    yield from _restore(store)


def _restore(store):
    from .placing import restore

    yield from restore(store)
