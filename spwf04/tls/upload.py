"""Certificates as files on the module: for several CAs, or where the flash slot does not do.

A CA's file is called <subject key identifier>.ca, those of the own certificate tls.cert and
tls.key. [h.1, i, T5, decision 4] What a context brought is noted before, see notes.py; how files
are replaced is in commands/replace.py.

Functions here are steps, see at/task.py; the first argument is the CertificateStore.
"""

from ..commands import filesystem as fs
from ..commands import replace
from ..errors import SPWF04Error, errno
from ..pki.digest import sha256
from ..pki.pem import load_same
from .notes import OWN, give_back, lend
from .slot import COLONS, FILE, PEM, PEM_COLONS, restarts


def file_name(ski, form):
    """Name of a CA's file. No step."""
    if form in (COLONS, PEM_COLONS):
        ski = ":".join([ski[i : i + 2] for i in range(0, len(ski), 2)])
    return ski + ".ca"


def file_names(ski):
    """The names that a CA's file may have. No step."""
    return [file_name(ski, FILE), file_name(ski, COLONS)]


def to_file(store, entry, form):
    """Have the entry's file on the module, complete; upload it only if it is not."""
    data = load_same(entry.source, entry.sha256, entry.ski)
    if form in (PEM, PEM_COLONS):
        from ..pki.pem import to_pem

        data = to_pem(data)
    entry.where = None
    before = entry.name
    entry.name = file_name(entry.ski, form)
    entry.volume = yield from upload(store, entry.name, data, entry)
    # Under its other name it would be found as well, and this form be taken for proven
    for other in file_names(entry.ski):
        if other != entry.name and (other == before or other in store.there):
            yield from delete(store, other)
            yield from give_back(store, [other])
    entry.where = "file"
    entry.form = form


def own_to_files(store, identity):
    """Have the client's certificate and key on the module as files."""
    if identity.where == "file" and store.own_files in ("", identity.sha256):
        return
    certificate, key = identity.both()
    identity.where = None
    if store.own_files:
        store.own_files = "?"
    identity.volume = yield from upload(store, "tls.cert", certificate, identity)
    yield from upload(store, "tls.key", key, identity)
    store.own_files = identity.sha256 if "tls.key" in store.lent else ""
    identity.where = "file"


def upload(store, name, data, entry=None):
    """Have file `name` with this content; the old content stays if that fails. Returns the letter
    of its volume.

    Nothing is sent if it is there already. entry: store.Entry or Identity that it is for; if a
    context brought that, it is noted before.
    """
    there = yield from clean(store)
    borrowed = entry is not None and entry.owner == "context"
    digest = sha256(data).digest()
    volume = ""
    for n, size, letter in there:
        if n == name and size == len(data) and not volume:
            volume = letter
    if not volume or not (yield from replace.same(store.channel, name, digest)):
        yield from _check_room(store, len(data), there)
        if borrowed:
            yield from lend(store, name)
        volume = yield from _write(store, name, data, digest)
        if entry is not None:
            entry.written = True
        if borrowed and store.generation != store.channel.generation:
            yield from delete(store, name)  # the note may be gone with the restart
            raise restarts()
    if not borrowed and name in store.lent:
        yield from give_back(store, [name])
    return volume


def _check_room(store, size, there):
    """New files go to an SD card (X) if there is one, else to the RAM disk. [T10]"""
    if [entry for entry in there if entry[2] == "X"]:
        return
    room = yield from replace.ram_left(store.channel, there)
    if room is not None and room < size:
        raise no_room(size, room)


def _write(store, name, data, digest):
    store.cleaned = -1  # until this is done
    try:
        yield from replace.append_all(store.channel, name + ".new", data)
    except OSError:
        yield from delete(store, name + ".new")
        raise
    words = "the file on the module is not what was sent"
    volume = yield from replace.commit(store.channel, name, digest, words)
    store.cleaned = store.channel.generation
    return volume


def clean(store):
    """Once after each start: finish or remove what an interrupted upload left. Returns what
    fs.listing() gives."""
    there = yield from fs.listing(store.channel)
    if store.cleaned != store.channel.generation:
        store.cleaned = store.channel.generation
        if (yield from replace.clean(store.channel, there, _ours)):
            there = yield from fs.listing(store.channel)
            store.there = [entry[0] for entry in there]
    return there


def _ours(name):
    return name.endswith(".ca") or name in OWN


def settle(store):
    """Before files are deleted: finish or remove what an interrupted upload left, or it would be
    finished later, when nothing tells any more whose it is."""
    left = [n for n in store.there if n.endswith(".ok") or n.endswith(".new")]
    if left or store.cleaned == -1:
        store.cleaned = -1
        yield from clean(store)


def delete(store, name, there=False):
    """Delete a file: see fs.delete()."""
    store.there = [n for n in store.there if n != name]
    return (yield from fs.delete(store.channel, name, there))


def remove_lent(store, names):
    """Delete files that contexts brought. OSError if one cannot be deleted."""
    yield from settle(store)
    failed = []
    for name in names:
        if (yield from delete(store, name)):
            failed.append(name)
    if failed:  # not there, or in use [T10]
        there = yield from fs.listing(store.channel)
        for name in failed:
            if replace.find(name, there) is not None:
                yield from delete(store, name, True)
    yield from give_back(store, names)
    if "tls.key" in names:
        store.own_files = ""


def remove_own(store):
    """Delete the files of the module's own certificate and key."""
    yield from settle(store)
    for name in OWN:
        yield from delete(store, name)
    yield from give_back(store, OWN)
    store.own_files = ""


def no_room(size, room):
    """The exception for a file that does not fit on the module."""
    return SPWF04Error(
        errno.ENOMEM,
        "a file of %d bytes does not fit on the module's RAM disk, %d are free" % (size, room),
        hint="Remove CAs that are not needed: radio.certs.list(), radio.certs.remove(ski)",
    )
