"""Certificates as files on the module: for several CAs, or where the flash slot does not do.

A CA's file is called <subject key identifier>.ca; an identity is in tls.cert and tls.key. [h.1, i,
T5, decision 4] What a context brings is noted before it is written, see slot.py. How files are
replaced is in commands/replace.py.

Functions here are steps, see at/task.py; the first argument is the CertificateStore.
"""

from ..commands import filesystem as fs
from ..commands import replace
from ..digest import sha256
from ..errors import SPWF04Error, errno
from ..pki.source import load_same
from .slot import (
    COLONS,
    FILE,
    FILES_NOTE,
    IDENTITY_FILES,
    PEM,
    PEM_COLONS,
    append_to_note,
    checked,
    remove_note,
    restarted,
)


def file_name(ski, form):
    """Name of a CA's file. No step."""
    if form in (COLONS, PEM_COLONS):
        ski = ":".join([ski[i : i + 2] for i in range(0, len(ski), 2)])
    return ski + ".ca"


def file_names(ski):
    """The names that a CA's file may have. No step."""
    return [file_name(ski, FILE), file_name(ski, COLONS)]


def to_file(store, entry, form):
    """Have the entry's file on the module; upload it only if it is not there, or not complete."""
    data = load_same(entry.source, entry.sha256, entry.ski)
    if form in (PEM, PEM_COLONS):
        from ..pki.pem import to_pem

        data = to_pem(data)
    entry.where = None
    before = entry.name
    entry.name = file_name(entry.ski, form)
    entry.volume = yield from upload(store, entry.name, data, entry)
    # Under its other name the module would find it too, and this form would count as proven
    for other in file_names(entry.ski):
        if other != entry.name and (other == before or other in store.on_module):
            yield from delete(store, other)
            yield from forget_files(store, [other])
    entry.where = "file"
    entry.form = form


def identity_to_files(store, identity):
    """Have an identity, certificate and key, on the module as files."""
    if identity.where == "file" and store.files_identity == identity.sha256:
        return
    certificate, key = identity.both()
    identity.where = None
    if store.files_identity:
        store.files_identity = "?"
    identity.volume = yield from upload(store, "tls.cert", certificate, identity)
    yield from upload(store, "tls.key", key, identity)
    store.files_identity = identity.sha256 if "tls.key" in store.context_files else ""
    identity.where = "file"


def upload(store, name, data, entry=None):
    """Have file `name` with this content on the module; return the letter of its volume. The old
    content stays if that fails.

    Nothing is sent if it is there already. entry: the store.Entry or Identity that it is for; if a
    context brought that, it is noted before.
    """
    listed = yield from clean(store)
    by_context = entry is not None and entry.owner == "context"
    digest = sha256(data).digest()
    volume = ""
    for n, size, letter in listed:
        if n == name and size == len(data) and not volume:
            volume = letter
    if not volume or not (yield from replace.same(store.channel, name, digest)):
        yield from _check_room(store, len(data), listed)
        if by_context:
            yield from note_file(store, name)
        volume = yield from _write(store, name, data, digest)
        if entry is not None:
            entry.written = True
        if by_context and store.generation != store.channel.generation:
            yield from delete(store, name)  # the note may be gone with the restart
            raise restarted()
    if not by_context and name in store.context_files:
        yield from forget_files(store, [name])
    return volume


def _check_room(store, size, listed):
    """OSError if a file does not fit. New files go to an SD card (X) if there is one, else to the
    RAM disk. [T10]"""
    if [entry for entry in listed if entry[2] == "X"]:
        return
    room = yield from replace.ram_left(store.channel, listed)
    if room is not None and room < size:
        raise SPWF04Error(
            errno.ENOMEM,
            "a file of %d bytes does not fit on the module's RAM disk, %d are free" % (size, room),
            hint="Remove CAs that are not needed: radio.certs.list(), radio.certs.remove(ski)",
            remedy="free_room",
        )


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
    """Finish or remove what an interrupted upload left, once after each start of the module.
    Return what fs.listing() gives."""
    listed = yield from fs.listing(store.channel)
    if store.cleaned != store.channel.generation:
        store.cleaned = store.channel.generation
        if (yield from replace.clean(store.channel, listed, _ours)):
            listed = yield from fs.listing(store.channel)
            store.on_module = [entry[0] for entry in listed]
    return listed


def _ours(name):
    return name.endswith(".ca") or name in IDENTITY_FILES


def finish_uploads(store):
    """Before files are deleted: finish or remove what an interrupted upload left. Else it would be
    finished later, when nothing tells any more whose it is."""
    left = [n for n in store.on_module if n.endswith(".ok") or n.endswith(".new")]
    if left or store.cleaned == -1:
        store.cleaned = -1
        yield from clean(store)


def delete(store, name, there=False):
    """Delete a file: see fs.delete()."""
    store.on_module = [n for n in store.on_module if n != name]
    return (yield from fs.delete(store.channel, name, there))


def remove_context_files(store, names):
    """Delete files that contexts brought. OSError if one cannot be deleted."""
    yield from finish_uploads(store)
    failed = []
    for name in names:
        if (yield from delete(store, name)):
            failed.append(name)
    if failed:  # not there, or in use [T10]
        listed = yield from fs.listing(store.channel)
        for name in failed:
            if replace.find(name, listed) is not None:
                yield from delete(store, name, True)
    yield from forget_files(store, names)
    if "tls.key" in names:
        store.files_identity = ""


def remove_identity(store):
    """Delete the files of an identity."""
    yield from finish_uploads(store)
    for name in IDENTITY_FILES:
        yield from delete(store, name)
    yield from forget_files(store, IDENTITY_FILES)
    store.files_identity = ""


# the note about files ------------------------------------------------------------------------
def note_file(store, name):
    """Before a file of a context is written: note that. OSError if it cannot be noted."""
    if name not in store.context_files:
        line = "lent " + name
        code = yield from append_to_note(store, FILES_NOTE, [checked(line)])
        if code:
            raise SPWF04Error(
                errno.EIO,
                "the module did not take the note about %s, which a context's certificate needs: "
                "AT-S.ERROR:%d" % (name, code),
                hint="Make room on the RAM disk, or install the CA for the whole device: "
                "radio.certs.install(pem)",
                remedy="free_room",
            )
        store.context_files.append(name)
        store.files_noted = True
        store.files_note_size += len(line) + 11


def forget_files(store, names):
    """These files are gone, or the device's now: note that."""
    left = [n for n in store.context_files if n not in names]
    if len(left) == len(store.context_files):
        return
    if left:
        lines = ["back " + n for n in names if n in store.context_files]
        yield from append_to_note(store, FILES_NOTE, [checked(line) for line in lines])
        store.files_note_size += sum([len(line) + 11 for line in lines])
    elif store.files_noted:
        yield from remove_note(store, FILES_NOTE)
        store.files_noted = False
        store.files_note_size = 0
    store.context_files = left
