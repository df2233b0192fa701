"""Lists what the store has, removes it, and tells what of it ends soon: list(), ending(),
remove(), drop(), clear(), forget_identity() and keep_for_host() of CertificateStore.

Functions here are steps, see at/task.py; the first argument is the CertificateStore.
"""

from ..commands.clock import asking, is_set
from ..commands.filesystem import read
from ..const import const
from ..dates import in_days
from ..errors import CertificateError, errno
from ..pki.source import certificates, load
from ..roots.ends import validity
from .slot import IDENTITY_FILES, clear_slot, confirm, content, read_notes
from .upload import clean, delete, file_names, finish_uploads, forget_files, remove_identity

_OWN = const(2048)  # more bytes than the module's own certificates have [T6]
_DAY = const(86400)
_YEAR = const(31536000)


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
            entry = store.new_entry(ski, size, File(store, name, size), None, owner)
            entry.where = "file"
            entry.volume = volume
            found.append(entry)
    if store.slot_ski and store.slot not in [e.sha256 for e in known]:
        entry = store.new_entry(store.slot_ski, 0, None, store.slot, store.slot_owner)
        entry.where = "slot"
        entry.ends = store.slot_ends[0]
        found.append(entry)
    elif store.slot is None:
        # The module may name the CA in its slot [l.8]
        ski, _ = yield from content(store)
        if ski and ski not in skis:
            entry = store.new_entry(ski, 0)
            entry.where = "slot"
            found.append(entry)
    return found


class File:
    """A certificate in a file that somebody else put there; der() reads it."""

    _kept = None

    def __init__(self, store, name, size):
        self._channel = store.channel
        self._name = name
        self._size = size

    def der(self):
        """Its DER, bytes-like; the first one's if there are several. OSError, ValueError."""
        return self._kept or self._channel.take(self.reading())

    def reading(self):
        """der() as steps. What was read is kept."""
        data = bytearray(self._size + 16)  # more than there is: the bytes are announced [i]
        got = yield from read(self._channel, self._name, data)
        self._kept = load(certificates(data[:got])[0])
        return self._kept


def own_certificate(store):
    """The module's own certificate, as far as it is known, after listed(): an Identity, or an
    Entry without a key identifier. None if there is none, or nothing is known of it. No step."""
    if store.identity is not None:
        return store.identity
    source = None
    if not store.slot_identity:
        if store.slot or "tls.cert" not in store.on_module:
            return None
        source = File(store, "tls.cert", _OWN)
    entry = store.new_entry("", 0, source, None, "context")
    entry.where = "slot" if source is None else "file"
    entry.ends = store.slot_ends[1]
    return entry


def keep_for_host(store, source):
    """CertificateStore.keep_for_host(). No step."""
    from ..digest import fingerprint
    from ..pki.x509 import Certificate

    der = load(source)
    sha256 = fingerprint(der)
    for entry in store.known:
        if entry.sha256 == sha256 and entry.owner == "device":
            return entry
    entry = store.new_entry(Certificate(der).ski, len(der), source, sha256)
    entry.where = "host"
    store.known.append(entry)
    return entry


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


# what ends soon ------------------------------------------------------------------------------
class Ending:
    """Something that ends: str() says it in words.

    what: "CA", "client certificate", or "bundle" (of roots, which a year makes old). not_after:
    when it ends, in seconds since 1970. days: whole days until then, by the module's clock; below
    0: it has ended. entry: the store.Entry, pki.identity.Identity or roots.bundle.Bundle.
    """

    def __init__(self, what, entry, not_after, now):
        self.what = what
        self.entry = entry
        self.not_after = not_after
        self.days = (not_after - now) // _DAY

    @property
    def name(self) -> str:
        """Whose it is, else its key identifier; "" if neither is known. Reads the certificate at
        each call."""
        if self.what == "bundle":
            return ""
        return self.entry.subject or getattr(self.entry, "ski", "")

    def __str__(self):
        name = self.name
        words = "the %s%s " % (self.what, " " + name if name else "")
        if self.what == "bundle":
            return "the bundle of roots is %s old: make it anew" % in_days(364 - self.days)
        if self.days < 0:
            return words + "expired %s ago" % in_days(-1 - self.days)
        return words + "ends in " + in_days(self.days)


def looking(store, days):
    """CertificateStore.ending() as steps, see at/task.py; None if the clock is not set."""
    store.notice_restart()
    now = yield from asking(store.channel)
    if not is_set(store.radio, now):
        return None
    found = []
    for entry in (yield from listed(store)):
        end = yield from _end(entry)
        if end is not None:
            found.append(Ending("CA", entry, end, now))
    own = own_certificate(store)
    end = None if own is None else (yield from _end(own))
    if end is not None:
        found.append(Ending("client certificate", own, end, now))
    return sorted([e for e in found if e.days < days], key=lambda e: e.not_after)


def ending(store, days):
    """CertificateStore.ending(). No step."""
    from ..checks import number

    days = number(days, "days")
    found = store.take(looking(store, days))
    if found is None:
        raise CertificateError(
            errno.EIO,
            "the module's clock is not set, and without it nobody knows what ends soon",
            hint="radio.set_time(seconds since 1970-01-01), or radio.ntp() on a network with "
            "internet access",
            remedy="set_clock",
        )
    return found


def _end(entry):
    """When a CA or a client certificate ends; None if that cannot be read. A file on the module is
    read without waiting."""
    source = getattr(entry, "source", None)
    if not isinstance(source, File):
        return entry.not_after
    try:
        found = validity((yield from source.reading()))
    except ValueError:
        return None
    return None if found is None else found[1]


def warnings(store, days, roots):
    """looking() for a Supervisor, and an Ending of a Bundle that is a year old.

    A root that a context found in its roots is nothing to warn of once it has ended: either the
    servers have another by now, or connections fail and say why.
    """
    found = yield from looking(store, days)
    if found is not None:
        found = [e for e in found if e.days >= 0 or getattr(e.entry, "roots", None) is None]
    made = getattr(roots, "made", None)
    if found is not None and made is not None:
        old = Ending("bundle", roots, made + _YEAR, (yield from asking(store.channel)))
        if old.days < 0:
            found.append(old)
    return found
