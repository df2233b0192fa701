"""CertificateStore: the module's CA certificates, one set over two places.

The module looks for a CA in its flash slot, which holds one, and, only while the slot is
empty, in files called <subject key identifier>.ca. [h, T1, decision 4] One CA goes to the slot,
several go to files. This file holds what is known of them. placing.py decides what belongs where;
slot.py and upload.py write it there, and note for a later run whose it is.

A CA is the device's (install(), install_for(), pin()), and every connection trusts it; or a
context brought it, and it counts for that context alone: selection.py. It is on the module only
while such a context is selected. A certificate is known by its SHA-256.
"""

from ..at.task import Task, Wait, once
from ..const import const

_RESTORE_MS = const(600000)  # far more than it takes

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ..pki.chain import Chain
    from ..pki.identity import Identity
    from .diagnose import Diagnosis
    from .trust import Trust


class Entry:
    """A CA in the store.

    ski: subject key identifier, hex str. sha256: of its DER, hex str, None if that is not known.
    owner: "device" or "context". where: "slot", "file", "host" (kept for the host's TLS alone), or
    None (not in place now). written: whether it was sent to the module when it was installed
    last. volume: letter of the file's volume as the module shows it, or None. size: bytes of
    DER, or of a file found on the module; 0 if not known.
    """

    owner = "device"
    where: "str | None" = None
    volume: "str | None" = None
    written = False
    form = -1  # of placing.py, in which it is in place
    name = None  # of its file
    roots = None  # a context's, in which it was found

    def __init__(self, ski, size, source=None, sha256=None, owner="device"):
        self.ski = ski
        self.size = size
        self.source = source  # what install() was given: needed to move it, or put it back
        self.sha256 = sha256
        self.owner = owner

    @property
    def volatile(self) -> bool:
        """True if a restart of the module wipes it; the driver then puts it back."""
        return self.where == "file" and self.volume == "D"

    @property
    def subject(self) -> "str | None":
        """Common name, else organization; None if it cannot be read. Read at each call."""
        return self._said("subject")

    @property
    def not_after(self) -> "int | None":
        """Its end, in seconds since 1970; None if it cannot be read. Read at each call."""
        return self._said("not_after")

    def _said(self, what):
        try:
            from ..pki.certificate import said
        except ImportError:
            return None  # nobody on this board can read it
        return said(self.source, what)


class CertificateStore:
    """radio.certs: the CAs that the module trusts for the whole device, and those of contexts.

    identity: the identity.Identity of the selected context, which is on the module, or None.
    """

    identity: "Identity | None" = None

    # What is known of the slot. slot: SHA-256 (hex) of the CA there; "" if the slot is empty, None
    # if that is not known, "?" if it is a context's, but not known which. slot_ski: its key
    # identifier, or None. slot_owner: "device" or "context". slot_identity: SHA-256 of the
    # identity there that a context brought, or "". assumed: all this is known from the note alone.
    slot = slot_ski = None
    slot_owner = "device"
    slot_identity = ""
    assumed = False
    # The note about the slot. can_note: it can be written. slot_noted: there is one. slot_read: it
    # was read.
    can_note = True
    slot_noted = slot_read = False

    # What is known of files. on_module: names of those that were there when they were last listed.
    # files_read: they were listed, and their note was read, since the module's last restart.
    # files_identity: as slot_identity. cleaned: generation of the module in which nothing was left
    # of interrupted uploads; -1: something may be; None: nobody has looked.
    on_module = ()
    files_read = False
    files_identity = ""
    cleaned = None
    # The note about files, of files_note_size bytes; files_noted: there is one. context_files:
    # names of those that contexts brought.
    files_noted = False
    files_note_size = 0

    # The form in which CAs are put on the module, see slot.py. slot_proven, files_proven: a server
    # was accepted with a CA in the slot, or in a file of this form. forms_left: how many forms
    # were not tried yet. slot_only: files were tried, and the module does not take them. refused:
    # (address, CAs) for which all forms were tried.
    form = 0
    slot_proven = files_proven = False
    forms_left = 4
    slot_only = False

    # selection: which certificates count now, see selection.py. in_place: they are on the module,
    # and no others. shared: contexts took turns in the slot, so that files are used from now on:
    # they cost no flash.
    selection = (None, (), None, False)
    in_place = shared = False

    _task = None  # of restoring(), until it is over
    _error = None  # what it ended with

    def __init__(self, radio):
        self.radio = radio
        self.channel = radio.channel
        self.generation = self.channel.generation  # all this is about the module since then
        self.known = []  # Entries
        self.context_files = []
        self.refused = []
        self.plans = []  # plan.Plan of servers that did not work at once, the newest last

    # the device's CAs ------------------------------------------------------------------------
    def install(self, certificate) -> Entry:
        """Trust a CA for all connections of the device; return its Entry. Nothing is sent if
        this very certificate is in place already.

        certificate: PEM or DER as bytes-like, PEM as str, or a file's name as str or path (which
        costs no memory afterwards; bytes are kept, in case they have to be put back after a
        restart).
        ValueError: not a certificate, or not that of a CA. OSError: the module did not take
        it, or what arrived is not what was sent; then it is not in the store.

        One CA is written to the module's flash; further ones go to files, and it with them. A
        certificate with the key of another (renewed, or cross-signed) takes that one's place.
        """
        read = self._read(certificate)
        return self._place("install", certificate, read, None)

    def entries(self) -> "list[Entry]":
        """The Entries installed here or brought by contexts, without asking the module."""
        return list(self.known)

    def install_for(
        self,
        host,
        port=443,
        roots=None,
        server_hostname=None,
        now=None,
        timeout=30.0,
        engine="auto",
    ) -> "Trust":
        """Make `host` a server that opens, verified; return a trust.Trust.

        Asks the server for its chain, finds the root above it in roots (as SSLContext takes them),
        sees to the clock (now: seconds since 1970, else the module's NTP), installs the root and
        proves it by a connection. timeout: seconds for the whole call, however slow the server
        is; OSError (ETIMEDOUT) or a DiscoveryError after that. The module's TLS is used unless it
        cannot take the chain; then the host's, if there is one. CertificateError says what is
        missing. Nothing is trusted that roots does not hold.
        """
        try:
            from .trust import install_for

            return install_for(self, host, port, roots, server_hostname, now, timeout, engine)
        except RuntimeError as e:
            raise _too_deep(e)

    def pin(
        self,
        host,
        port=443,
        fingerprint=None,
        server_hostname=None,
        now=None,
        timeout=30.0,
        engine="auto",
    ) -> "Trust":
        """Trust the certificate of `host` whose SHA-256 is `fingerprint`; return a trust.Trust.

        fingerprint: 64 hex digits (colons and blanks are ignored), of the server's self-signed
        certificate or of a CA that it sends. Without one a CertificateError shows what was seen.
        now, timeout (seconds for the whole call), engine: as for install_for(). A connection
        proves it before this returns.
        """
        try:
            from .trust import pin

            return pin(self, host, port, fingerprint, server_hostname, now, timeout, engine)
        except RuntimeError as e:
            raise _too_deep(e)

    def keep_for_host(self, source) -> Entry:
        """Keep a CA, as install() takes it, for the host's TLS alone; return its Entry. Nothing is
        sent."""
        from ..pki.digest import fingerprint
        from ..pki.pem import load
        from ..pki.x509 import Certificate

        der = load(source)
        sha256 = fingerprint(der)
        for entry in self.known:
            if entry.sha256 == sha256 and entry.owner == "device":
                return entry
        entry = self.new_entry(Certificate(der).ski, len(der), source, sha256)
        entry.where = "host"
        self.known.append(entry)
        return entry

    def discover(self, host, port=443, server_hostname=None, timeout=20.0, keep=None) -> "Chain":
        """Ask a server for its certificates and return a pki.chain.Chain. Nothing is trusted
        because of it.

        host, port, server_hostname: as for a TLS connection. timeout: seconds for the whole call,
        however slowly the server answers. keep: SHA-256 as 64 hex digits; the certificate that
        has it is kept in DER, if it is not above 2560 bytes. OSErrors of connect(), or
        DiscoveryError: no TLS 1.2 there, an alert, garbage, an answer that ends in its middle or
        does not come in time. LinkLost if the module does not answer.
        """
        from .discover import discover

        return discover(self, host, port, server_hostname, timeout, keep)

    def diagnose(
        self, host, port=443, server_hostname=None, roots=None, timeout=20.0
    ) -> "Diagnosis":
        """Check, in order, all that a TLS connection to `host` needs; return a diagnose.Diagnosis.

        Nothing is changed on the module. roots: as SSLContext takes them; a missing CA is looked
        for there. timeout: seconds for asking the server, however slow it is; the rest are
        questions to the module. Raises only if the module itself does not answer. What a context
        brought counts for contexts that were given it, not here.
        """
        try:
            from .diagnose import diagnose

            return diagnose(self, host, port, server_hostname, roots, timeout)
        except RuntimeError as e:
            raise _too_deep(e)

    # what is there ---------------------------------------------------------------------------
    def list(self) -> "list[Entry]":
        """The Entries installed here or brought by contexts, and those for CAs that are found on
        the module.

        A CA that somebody else put into the flash slot may be invisible.
        """
        from .listing import listed

        return self._take(listed(self))

    def remove(self, ski) -> None:
        """Remove the CA with this subject key identifier (hex, separators are ignored). KeyError
        if the store does not have it."""
        from ..arguments import argument
        from .listing import remove

        ski = argument(ski, "ski").replace(b":", b"").lower()
        if not all([c in b"0123456789abcdef" for c in ski]):
            raise ValueError("ski must be hex digits")
        self._take(remove(self, ski.decode()))

    def drop(self, entry) -> None:
        """Remove the CA of an Entry, which entries() or list() returned."""
        from .listing import drop

        self._take(drop(self, entry))

    def clear(self) -> None:
        """Remove every CA, and the module's own certificate and key, from slot and files."""
        from .listing import clear

        self._take(clear(self))

    def clear_slot(self) -> None:
        """Empty the flash slot: CA, own certificate, private key. They stay in the store, and are
        put in place again when they are needed."""
        from .slot import clear_slot

        self._take(clear_slot(self))

    def forget_identity(self) -> None:
        """Remove the module's own certificate and key, also an earlier run's."""
        from .listing import forget_identity

        self._take(forget_identity(self))

    # for contexts and their connections ------------------------------------------------------
    def switch(self, context, server=False):
        """Before a connection by the module's TLS: have in place what `context` and the device
        trust, and the context's client certificate, and nothing that another context brought.

        server: for a socket that listens; if the context has CAs, they alone count for clients.
        OSError if that cannot be done; then there must be no connection. Returns True if the
        context has roots, and the module shows that it has no CA at all yet.
        """
        identity = context.identity
        selection = (
            context.roots,
            self.hashes_of(context),
            identity.sha256 if identity is not None else None,
            server and bool(context.cas),
        )
        self.notice_restart()
        if self.in_place and self.files_read and selection == self.selection:
            return False
        return self._place("switch", context, selection)

    def hashes_of(self, context):
        """SHA-256 (hex) of each CA that a context was given by load_verify_locations()."""
        return tuple([one[1] for one in context.cas])

    def install_from_roots(self, certificate, roots, sha256):
        """install() for a context that found the CA in these roots (None: for the device). None if
        it is not the one with this SHA-256 any more: files and buffers change."""
        try:
            read = self._read(certificate)
        except (OSError, ValueError):
            return None
        return self._place("install", certificate, read, roots) if read[2] == sha256 else None

    def selected(self):
        """The Entries that belong on the module in the present selection: of several with one key
        identifier the newest."""
        roots, hashes, _, exclusive = self.selection
        found = []
        for e in self.known:
            good = e.sha256 in hashes
            if not good and not exclusive:
                if e.owner == "context" and roots is not None and e.roots not in (None, roots):
                    from .selection import root_of

                    root = root_of(roots, e.ski, e.sha256)
                    if root is not None:
                        e.roots = roots
                        e.source = root  # the file of the one before may have changed
                good = e.owner == "device" or (roots is not None and e.roots is roots)
            if good and e.where != "host":
                found = [f for f in found if f.ski != e.ski] + [e]
        return found

    def other_form(self, address):
        """A server at `address` was refused with 23: put the CAs in place in the next form.

        False if every form was tried for this address and these CAs, or if the present one is
        known to work.
        """
        return self._place("other_form", address)

    def accepted(self, context, address):
        """The module accepted a server: the way its CA was put in place is a good one."""
        for entry in self.known:
            if entry.where == "slot":
                self.slot_proven = True
                self.assumed = False
            elif entry.where == "file":
                self.files_proven = True
                if entry.form != (self.form or 1):  # others were tried after it
                    self.form = entry.form
        plan = self.plan(context, address)
        if plan is not None:
            self.plans.remove(plan)

    def plan(self, context, address, name=None):
        """The newest plan.Plan for a server that counts for this context, or None.

        name: that the server is asked for; None: whatever it was asked for.
        """
        if self.plans:
            hashes = self.hashes_of(context)
            for plan in reversed(self.plans):
                if plan.address == address and plan.applies(context.roots, hashes, name):
                    return plan
        return None

    # after a restart -------------------------------------------------------------------------
    def notice_restart(self):
        """See whether the module has restarted, and what it may have wiped. Nothing is sent."""
        self.channel.poll()  # a restart may have been announced
        if self.generation != self.channel.generation:
            self.generation = self.channel.generation
            self.files_read = self.slot_read and not self.files_noted
            for entry in self.known + [self.identity]:
                if entry is not None and entry.where == "file":
                    entry.where = None
                    self.in_place = False

    def incomplete(self):
        """True if something is not in place: a restart may have wiped it."""
        self.notice_restart()
        return not self.in_place and (bool(self.known) or self.identity is not None)

    def restore(self):
        """After a restart of the module, put back what it may have wiped. Idempotent."""
        if self.incomplete():
            self._place("restore")

    def restoring(self):
        """restore() in steps, see at/task.py."""
        yield Wait(self._over, _RESTORE_MS)
        if self.incomplete():
            self._error = None
            self._task = Task(self.channel, self._steps("restore"))
            yield Wait(self._over, _RESTORE_MS)
            if self._error is not None:
                raise self._error

    # how it is done --------------------------------------------------------------------------
    def new_entry(self, ski, size, source=None, sha256=None, owner="device"):
        """A new Entry, for the files that have steps; it is not in the store."""
        return Entry(ski, size, source, sha256, owner)

    def _read(self, certificate):
        return self.channel.take(self._once("pki.authority", "reading", certificate))

    def _place(self, name, *args):
        """What a function of placing.py returns when its steps have come to their end."""
        return self._take(self._steps(name, *args))

    def _steps(self, name, *args):
        return self._once("tls.placing", name, self, *args)

    def _once(self, file, name, *args):
        """Steps, see once(): a CA is read, and the code for that dropped, before the code that
        puts it in place is loaded."""
        return once(file, name, *args)

    def _take(self, steps):
        """Take steps that change what is on the module, after those of restoring()."""
        while not self._over():
            self.channel.clock.idle()
        return self.channel.take(steps)

    def _over(self):
        """Go on with the steps of restoring(); True if there are none, or no more."""
        if self._task is not None:
            try:
                if not self._task.poll():
                    return False
            except OSError as e:
                self._error = e
            self._task = None
        return True


def _too_deep(error):
    from ..at.failure import too_deep

    return too_deep(error)
