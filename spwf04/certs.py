"""CertificateStore: the module's CA certificates, one set over two places.

The module looks for a CA in its flash slot, which holds one, and, only while the slot is
empty, in files called <subject key identifier>.ca. [h, T1, decision 4] One CA goes to the slot,
several go to files. Here is what is known of them; how they get there is in placing.py.
"""

from .at import forget, rare


class Entry:
    """A CA in the store.

    ski: subject key identifier, hex str. where: "slot", "file", "host" (kept for the host's
    TLS alone), or None (not in place now). volume: letter of the file's volume as the module
    shows it, or None. size: bytes of DER, or of a file found on the module. Read when they are
    asked for: subject (str), not_after (seconds since 1970); None if that cannot be known.
    volatile: True if a restart of the module wipes it; the driver then puts it back.
    """

    form = -1
    _rare = "Entry"
    __getattr__ = rare

    def __init__(self, ski, where, size, source=None):
        self.ski = ski
        self.where = where
        self.size = size
        self.source = source  # what install() was given: needed to move it, or put it back


class CertificateStore:
    """radio.certs: the CAs that the module trusts.

    install(), entries(); and, each imported when it is used: list(), remove(), clear()
    (seldom.py), discover() (discover.py), install_for() (trust.py), pin() (pin.py), diagnose()
    (diagnose.py), identity and forget_identity() (identity.py).
    """

    slot = None  # identifier in the flash slot, "" if it is empty, None if unknown
    form = 0  # in which CAs are put in place: see placing.py
    proven = False  # a server was accepted with this form
    untried = 4  # of the five forms
    _identity = None  # identity.Identity
    _rare = "CertificateStore"
    __getattr__ = rare

    def __init__(self, radio):
        self.radio = radio
        self.channel = radio.channel
        self._entries = []
        self.refused = []  # addresses for which all forms were tried
        self.generation = self.channel.generation
        self.plans = {}  # (host, port) -> trust.Plan, for servers that did not work at once

    def install(self, certificate):
        """Trust a CA; return its Entry. Nothing is sent if it is in place already.

        certificate: PEM or DER as bytes-like, PEM as str, or a file's name as str or path (which
        costs no memory afterwards; bytes are kept, in case they have to be put back after a
        restart).
        ValueError: not a certificate, or not that of a CA. OSError: the module did not take
        it, or what arrived is not what was sent; then it is not in the store.

        One CA is written to the module's flash; further ones go to files, and it with them.
        """
        forget("pem")  # nothing else here is as large as a certificate, and the code for it
        try:
            from .pem import check

            found = check(certificate)
        finally:
            check = None
            forget("pem")
            forget("x509")
            forget("argument")
        try:
            from .placing import install

            return install(self, certificate, *found)
        finally:
            install = found = None
            forget("placing")

    def entries(self):
        """The Entries installed here, without asking the module."""
        return list(self._entries)

    def restore(self):
        """After a restart of the module, put back what it may have wiped. Idempotent."""
        self.channel.poll()  # a restart may have been announced
        restarted = self.generation != self.channel.generation
        self.generation = self.channel.generation
        missing = False
        for entry in self._entries + [self._identity]:
            if entry is not None:
                if restarted and entry.where == "file":
                    entry.where = None
                missing = missing or entry.where is None
        if missing:
            self.place()
