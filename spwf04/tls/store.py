"""CertificateStore: the module's CA certificates, one set over two places.

The module looks for a CA in its flash slot, which holds one, and, only while the slot is
empty, in files called <subject key identifier>.ca. [h, T1, decision 4] One CA goes to the slot,
several go to files. Here is what is known of them; how they get there is in placing.py.

A CA is the device's (install(), install_for(), pin(): every connection trusts it), or a context
brought it: then it counts for contexts that were given it, and is on the module in their turn
alone. Whose turn it is, and the switch, is in turn.py. A certificate is known by its SHA-256.
"""

from ..at.channel import forget, rare


class Entry:
    """A CA in the store.

    ski: subject key identifier, hex str. sha256: of its DER, hex str, None if that is not known.
    owner: "device" or "context". where: "slot", "file", "host" (kept for the host's TLS alone), or
    None (not in place now). written: whether it was sent to the module when it was installed
    last. volume: letter of the file's volume as the module shows it, or None. size: bytes of
    DER, or of a file found on the module; 0 if not known. Read when they are asked for: subject
    (str), not_after (seconds since 1970); None if that cannot be known. volatile: True if a
    restart of the module wipes it; the driver then puts it back.
    """

    form = -1
    name = None  # of its file
    owner = "device"
    written = False
    roots = None  # a context's, in which it was found
    _rare = "Entry"
    __getattr__ = rare

    def __init__(self, ski, where, size, source=None, sha256=None):
        self.ski = ski
        self.where = where
        self.size = size
        self.source = source  # what install() was given: needed to move it, or put it back
        self.sha256 = sha256


def _forget_placing():
    forget("tls.placing")
    forget("tls.notes")
    forget("tls.lines")
    forget("pki.digest")


class CertificateStore:
    """radio.certs: the CAs that the module trusts for the whole device, and those of contexts.

    install(), entries(); and, each imported when it is used: list(), remove(), clear()
    (seldom.py), discover() (discover.py), install_for() (trust.py), pin() (pin.py), diagnose()
    (diagnose.py), identity and forget_identity() (identity.py).
    """

    # SHA-256 (hex) of the CA in the flash slot; "" if the slot is empty, None if that is not
    # known, "?" if it is a context's, but not known which
    slot = None
    form = 0  # in which CAs are put in place: see placing.py
    proven = 0  # a server was accepted with a CA in the slot: 1, in a file of this form: 2
    untried = 4  # of the five forms
    placed = False  # all that the turn needs is in place, and nothing else
    looked = False  # at what an earlier run left: see record.py
    files_looked = False  # likewise, at files since the module's last restart
    there = ()  # names of the files that were there then
    has_lent = False  # there is a note about them
    shared = False  # contexts took turns in the slot: from now on files, which cost no flash
    noting = True  # the slot's note can be written
    slot_only = False  # files were tried, and do not do
    turn = (None, (), None, False)  # whose turn it is: see turn.py
    _identity = None  # identity.Identity of the turn
    _rare = "CertificateStore"
    __getattr__ = rare

    def __init__(self, radio):
        self.radio = radio
        self.channel = radio.channel
        self._entries = []
        self.lent = []  # names of files that contexts brought
        self.refused = []  # (address, CAs) for which all forms were tried
        self.generation = self.channel.generation
        self.plans = []  # plan.Plan of servers that did not work at once, the newest last

    def install(self, certificate):
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
        forget("pki.pem")  # nothing else here is as large as a certificate, and the code for it
        try:
            from ..pki.pem import check

            found = check(certificate)
        finally:
            check = None
            forget("pki.pem")
            forget("payload")
            forget("pki.x509")
            forget("arguments")
        try:
            from .placing import install

            return install(self, certificate, *found)
        finally:
            install = found = None
            _forget_placing()

    def entries(self):
        """The Entries installed here or brought by contexts, without asking the module."""
        return list(self._entries)

    def switch(self, context, server=False):
        """Before a connection by the module's TLS: have in place what `context` and the device
        trust, and the context's client certificate, and nothing that another context brought.

        server: for a socket that listens; if the context has CAs, they alone count for clients.
        OSError if that cannot be done; then there must be no connection.
        """
        identity = context.identity
        turn = (
            context.roots,
            self.given(context),
            identity.sha256 if identity is not None else None,
            server and bool(context.given),
        )
        self.restore(False)
        if self.placed and self.files_looked and turn == self.turn:
            return
        try:
            if not self.files_looked:
                from .notes import look

                look(self)
                look = None
                forget("tls.notes")
            from .turn import switch

            switch(self, context, turn)
        finally:
            look = switch = None
            forget("tls.turn")
            _forget_placing()

    def given(self, context):
        """SHA-256 (hex) of each CA that a context was given by load_verify_locations()."""
        return tuple([one[1] for one in context.given])

    def plan(self, context, address, name=None):
        """The newest plan.Plan for a server that counts for this context, or None.

        name: that the server is asked for; None: whatever it was asked for.
        """
        if self.plans:
            given = self.given(context)
            for plan in reversed(self.plans):
                if plan.address == address and plan.counts(context.roots, given, name):
                    return plan
        return None

    def accepted(self, context, address):
        """The module accepted a server: the way its CA was put in place is a good one."""
        for entry in self._entries:
            if entry.where == "slot":
                self.proven |= 1
                self.assumed = False
            elif entry.where == "file":
                self.proven |= 2
                if entry.form != (self.form or 1):  # others were tried after it
                    self.form = entry.form
        plan = self.plan(context, address)
        if plan is not None:
            self.plans.remove(plan)

    def restore(self, place=True):
        """After a restart of the module, put back what it may have wiped. Idempotent."""
        self.channel.poll()  # a restart may have been announced
        if self.generation != self.channel.generation:
            self.generation = self.channel.generation
            self.files_looked = self.looked and not self.has_lent
            for entry in self._entries + [self._identity]:
                if entry is not None and entry.where == "file":
                    entry.where = None
                    self.placed = False
        if place and not self.placed and (self._entries or self._identity is not None):
            self.place()
