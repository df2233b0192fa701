"""CertificateStore: the CAs that the module trusts.

The module looks for a CA in its flash slot, which holds one. Only while the slot is empty, it
looks in files called <subject key identifier>.ca. [h, T1, decision 4] One CA goes to the slot,
several go to files. This file knows which CAs there are. placing.py decides what belongs where;
slot.py and upload.py write it there, and note for a later run whose it is.

A CA belongs to the device or to a context. Every connection trusts the device's: those of
install(), install_for() and pin(). A context's counts for that context alone, and is on the module
only while that context is selected: see selection.py. A certificate is known by its SHA-256.
"""

from ..at.task import Task, Wait, once
from ..const import NO_MEMORY, const

_ASIDE_MS = const(600000)  # far more than it takes

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ..pki.chain import Chain
    from ..pki.identity import Identity
    from .diagnose import Diagnosis
    from .listing import Ending
    from .trust import Trust


class Entry:
    """A CA in the store.

    ski: its subject key identifier, hex str. sha256: SHA-256 of its DER, hex str; None if it is
    not known. size: bytes of DER, or of a file found on the module; 0 if it is not known. owner:
    "device" or "context". where: "slot", "file", "host" (kept for the host's TLS alone), or None
    (not in place now). volume: letter of the file's volume as the module shows it, or None.
    written: True if the last install() of it sent it to the module. roots: where it was found.
    """

    owner = "device"
    where: "str | None" = None
    volume: "str | None" = None
    written = False
    form = -1  # in which it is in place, see slot.py
    name = None  # of its file
    ends = None  # what the slot's note says of not_after
    instead = ()  # what speaks against it in the place of those that it replaced, in words
    roots = None  # those of a context, in which it was found

    def __init__(self, radio, ski, size, source=None, sha256=None, owner="device"):
        self.radio = radio  # whose clock its dates are judged by
        self.ski = ski
        self.size = size
        self.source = source  # what install() was given: to move the CA, or to put it back
        self.sha256 = sha256
        self.owner = owner

    @property
    def volatile(self) -> bool:
        """True if a restart of the module removes it; the driver then puts it back."""
        return self.where == "file" and self.volume == "D"

    @property
    def subject(self) -> "str | None":
        """Its common name, else its organization or unit; None if it cannot be read. Reads the
        certificate at each call."""
        try:
            from ..pki.certificate import detail
        except ImportError:
            return None  # the file that reads it is not installed on this board
        return detail(self.source, "subject")

    @property
    def not_after(self) -> "int | None":
        """When it expires, in seconds since 1970; None if it is not known. Reads the certificate
        at each call; what an earlier run left in the slot cannot be read, so a note tells it."""
        if self.source is None:
            return self.ends
        from ..roots.ends import not_after

        return not_after(self.source)

    @property
    def warnings(self) -> "list[str]":
        """What speaks against it though it is trusted, in words: it has expired, is weak. Reads
        the certificate at each call, and the module's clock if that is set."""
        try:
            from ..pki.certificate import warnings
        except ImportError:
            return []  # as above
        now = self.radio.time() if self.radio.clock_set else None
        return warnings(self.source, now) + list(self.instead)


class CertificateStore:
    """radio.certs: the CAs that the module trusts.

    install() trusts a CA for all connections. install_for() finds the CA of a server, pin() takes
    the server's own certificate; discover() and diagnose() only look. entries(), list(), remove()
    and clear() manage what is there. What contexts bring is put in place when they connect:
    switch(), selected(), plan() and the like are for the driver's own files.

    identity: the identity.Identity on the module, that of the selected context, or None.
    """

    identity: "Identity | None" = None

    # What is known of the slot. slot: SHA-256 (hex) of the CA there; "" if the slot is empty, None
    # if that is not known, "?" if it is a context's, but not known which. slot_ski: its key
    # identifier, or None. slot_owner: "device" or "context". slot_identity: SHA-256 of the
    # identity there that a context brought, or ""; slot_again: of one that was written twice.
    # slot_ends: when CA and identity end, seconds or None. assumed: known from the note alone.
    slot = slot_ski = None
    slot_ends = (None, None)
    slot_owner = "device"
    slot_identity = slot_again = ""
    assumed = False
    # Its note. can_note: it can be written. slot_noted: there is one. slot_read: it was read.
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
    # they cost no flash. twins: key identifiers that several CAs have; before each connection the
    # one that is in date is chosen.
    selection = (None, (), None, False)
    in_place = shared = False
    opener = None  # of secure.py: it connects with what is in place
    twins = ()

    _task = None  # of aside(), until it is over
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
    def install(self, certificate, self_signed=False) -> Entry:
        """Trust a CA for all connections of the device; return its Entry. Nothing is sent if
        this very certificate is in place already.

        certificate: PEM or DER as bytes-like, PEM as str, or the name of a file as str or path. A
        file costs no memory afterwards; bytes are kept, because a restart of the module may make
        it necessary to send them again. self_signed: True takes one that signs itself, though it
        does not say that it is a CA's: an old root, or a server's own, see pin().
        ValueError, TypeError: it is not a certificate, or not a CA's. OSError: the file cannot be
        read, the module did not take it, or what arrived is not what was sent; then it is not in
        the store.

        A single CA is written to the module's flash. Several go to files. A certificate with the
        key of another (renewed, or cross-signed) takes that one's place.
        """
        read = self._read(certificate, self_signed)
        return self._place("install", certificate, read, None)

    def entries(self) -> "list[Entry]":
        """Return the Entries that were installed here or brought by contexts. The module is not
        asked."""
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
        """Find the CA of a server among roots, install it, and prove it by a verified connection;
        return a trust.Trust. Nothing is trusted that roots does not hold.

        The server is asked for its chain first, and the module's clock is set if need be.

        host, port, server_hostname: as for a TLS connection. roots: as SSLContext takes them. now:
        seconds since 1970, for the clock; None: it is set by the module's NTP. timeout: seconds
        for the whole call, however slow the server is. engine: as SSLContext takes it; "auto" is
        the module's TLS, unless that cannot take the chain and the host has TLS.
        CertificateError: the server cannot be trusted; it says what is missing. DiscoveryError,
        OSError: the server does not answer, or not in time.
        """
        try:
            from .trust import install_for

            return install_for(self, host, port, roots, server_hostname, now, timeout, engine)
        except (RuntimeError, MemoryError) as e:
            raise _told(e)

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
        """Trust the certificate of a server that has this fingerprint, and prove it by a verified
        connection; return a trust.Trust. For servers with a certificate of their own. [T1]

        fingerprint: SHA-256 as 64 hex digits (colons and blanks are ignored), of the server's
        self-signed certificate or of a CA that it sends. None: nothing is installed, and a
        CertificateError shows the fingerprints that the server sends: a person compares them, not
        the driver. The other arguments and errors are those of install_for().
        """
        try:
            from .trust import pin

            return pin(self, host, port, fingerprint, server_hostname, now, timeout, engine)
        except (RuntimeError, MemoryError) as e:
            raise _told(e)

    def keep_for_host(self, source) -> Entry:
        """Keep a CA for the host's TLS alone; return its Entry. Nothing is sent to the module.
        source, errors: as for install(), but it need not be a CA's."""
        from .listing import keep_for_host

        return keep_for_host(self, source)

    def discover(self, host, port=443, server_hostname=None, timeout=20.0, keep=None) -> "Chain":
        """Ask a server for its certificates; return a pki.chain.Chain. Nothing is verified or
        trusted.

        host, port, server_hostname: as for a TLS connection. timeout: seconds for the whole call,
        however slowly the server answers. keep: SHA-256 as 64 hex digits; the certificate that
        has it is kept in DER, if it has 2560 bytes at most.
        OSError: no connection comes about. DiscoveryError: the server speaks no TLS 1.2, sends an
        alert or damaged data, or does not answer in full and in time. LinkLost: the module does
        not answer.
        """
        try:
            from .discover import discover

            return discover(self, host, port, server_hostname, timeout, keep)
        except MemoryError as e:
            raise _told(e)

    def diagnose(
        self, host, port=443, server_hostname=None, roots=None, timeout=20.0
    ) -> "Diagnosis":
        """Check in order all that a TLS connection to a server needs; return a diagnose.Diagnosis
        to be printed. Nothing is changed on the module.

        It judges what counts for the whole device, not what a context brought for itself.

        host, port, server_hostname: as for a TLS connection. roots: as SSLContext takes them; a
        missing CA is looked for there. timeout: seconds for asking the server, however slow it is.
        LinkLost: the module does not answer. What else is wrong is a finding, not an error.
        """
        try:
            from .diagnose import diagnose

            return diagnose(self, host, port, server_hostname, roots, timeout)
        except (RuntimeError, MemoryError) as e:
            raise _told(e)

    # what is there ---------------------------------------------------------------------------
    def list(self) -> "list[Entry]":
        """Return the Entries of entries(), and those of further CAs that are on the module. It
        may not show a CA that somebody else put into the flash slot. [l.8]"""
        from .listing import listed

        return self.take(listed(self))

    def ending(self, days=30) -> "list[Ending]":
        """Return what ends within so many days by the module's clock, or has ended, the next
        first: a list of listing.Ending. It looks at the CAs of list() and at the module's own
        certificate, as far as their ends are known. CertificateError: the clock is not set."""
        from .listing import ending

        return ending(self, days)

    def remove(self, ski) -> None:
        """Remove a CA. ski: its subject key identifier, hex str; colons are ignored.
        ValueError: it is none. KeyError: list() has no such CA."""
        from ..arguments import argument
        from .listing import remove

        ski = argument(ski, "ski").replace(b":", b"").lower()
        if not all([c in b"0123456789abcdef" for c in ski]):
            raise ValueError("ski must be hex digits")
        self.take(remove(self, ski.decode()))

    def drop(self, entry) -> None:
        """Remove the CA of an Entry that entries() or list() returned."""
        from .listing import drop

        self.take(drop(self, entry))

    def clear(self) -> None:
        """Remove every CA and the module's own certificate and key from slot and files."""
        from .listing import clear

        self.take(clear(self))

    def clear_slot(self) -> None:
        """Empty the flash slot of CA, own certificate and private key. They stay in the store, and
        are put in place again when they are needed."""
        from .slot import clear_slot

        self.take(clear_slot(self))

    def forget_identity(self) -> None:
        """Remove the module's own certificate and key, those of an earlier run too."""
        from .listing import forget_identity

        self.take(forget_identity(self))

    # for contexts and their connections ------------------------------------------------------
    def switch(self, context, server=False):
        """Before a connection by the module's TLS: put in place what `context` and the device
        trust, and the context's client certificate, and remove what another context brought.

        server: True for a socket that listens; if the context has CAs, they alone count for
        clients. OSError: it cannot be done; then there must be no connection. Return True if the
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
        if self.in_place and self.files_read and selection == self.selection and not self.twins:
            return False
        return self._place("switch", context, selection)

    def hashes_of(self, context):
        """The SHA-256 (hex) of each CA of load_verify_locations(): a tuple."""
        return tuple([one[1] for one in context.cas])

    def install_from_roots(self, certificate, roots, sha256):
        """install() of a CA that was found in the roots of a context; roots None: for the device.
        None if it no longer has this SHA-256: files and buffers change."""
        try:
            read = self._read(certificate, True)  # roots were judged when they were opened
        except (OSError, ValueError):
            return None
        return self._place("install", certificate, read, roots) if read[2] == sha256 else None

    def selected(self):
        """The Entries that belong on the module in the present selection. Of several with one key
        identifier it is the newest."""
        roots, hashes, _, exclusive = self.selection
        found = []
        for e in self.known:
            good = e.sha256 in hashes
            if not good and not exclusive:
                if e.owner == "context" and roots is not None and e.roots not in (None, roots):
                    from .selection import adopt

                    adopt(e, roots)
                good = e.owner == "device" or (roots is not None and e.roots is roots)
            if good and e.where != "host":
                found = [f for f in found if f.ski != e.ski] + [e]
        return found

    def other_form(self, address):
        """After a refusal with 23 by the server at `address`: put the CAs in place in the next
        form; address None, a handshake broke off: the identity in the slot again. False if all
        forms were tried for these CAs, or the present one works; if it was written twice."""
        return self._place("other_form", address)

    def accepted(self, context, address, proves):
        """The module has accepted a server. proves: by what is in place now, whose form works."""
        for entry in self.known if proves else ():
            if entry.where == "slot":
                self.slot_proven = True
                self.assumed = False
            elif entry.where == "file":
                self.files_proven = True
                if entry.form != (self.form or 1):  # further ones were tried after it
                    self.form = entry.form
        plan = self.plan(context, address)
        if plan is not None:
            self.plans.remove(plan)

    def plan(self, context, address, name=None):
        """The newest plan.Plan of a server that applies to this context, or None. name: the
        server's name that is asked for; None: any."""
        if self.plans:
            hashes = self.hashes_of(context)
            for plan in reversed(self.plans):
                if plan.address == address and plan.applies(context.roots, hashes, name):
                    return plan
        return None

    # after a restart -------------------------------------------------------------------------
    def notice_restart(self):
        """Take notice of a restart of the module, which removes files. Nothing is sent."""
        self.channel.poll()  # a restart may have been announced
        if self.generation != self.channel.generation:
            self.generation = self.channel.generation
            self.files_read = self.slot_read and not self.files_noted
            for entry in self.known + [self.identity]:
                if entry is not None and entry.where == "file":
                    entry.where = None
                    self.in_place = False

    def incomplete(self):
        """True if something is not in place, because a restart removed it for example."""
        self.notice_restart()
        return not self.in_place and (bool(self.known) or self.identity is not None)

    def restore(self):
        """Put back what a restart of the module removed. Nothing is sent if all is in place."""
        if self.incomplete():
            self._place("restore")

    def aside(self, steps=None):
        """Steps for a Supervisor, which other calls of this store wait for; None: restore()."""
        yield Wait(self._over, _ASIDE_MS)
        if steps is None:
            if not self.incomplete():
                return None
            steps = self._steps("restore")
        self._error = None
        self._task = task = Task(self.channel, steps)
        yield Wait(self._over, _ASIDE_MS)
        if self._error is not None:
            raise self._error
        return task.result

    # how it is done --------------------------------------------------------------------------
    def new_entry(self, ski, size, source=None, sha256=None, owner="device"):
        """A new Entry that is not in the store yet: for files that do not import this one."""
        return Entry(self.radio, ski, size, source, sha256, owner)

    def _read(self, certificate, self_signed):
        return self.take(self._once("pki.authority", "reading", certificate, self_signed))

    def _place(self, name, *args):
        """Take the steps of a function of placing.py; return what it returns."""
        return self.take(self._steps(name, *args))

    def _steps(self, name, *args):
        return self._once("tls.placing", name, self, *args)

    def _once(self, file, name, *args):
        """Steps, see once(): a CA is read, and the code for that dropped, before the code that
        puts it in place is loaded."""
        return once(file, name, *args)

    def take(self, steps):
        """Take steps that change what is on the module, once those of aside() are over."""
        try:
            while not self._over():
                self.channel.clock.idle()
            return self.channel.take(steps)
        except MemoryError as e:
            raise _told(e)

    def _over(self):
        """Go on with the steps of aside(); True if none are left."""
        if self._task is not None:
            try:
                if not self._task.poll():
                    return False
            except (OSError, MemoryError) as e:
                self._error = e
            self._task = None
        return True


def _told(error):
    """What to raise for an error of the interpreter, MemoryError or RuntimeError."""
    if isinstance(error, MemoryError):
        return MemoryError(NO_MEMORY)
    from ..at.failure import too_deep

    return too_deep(error)
