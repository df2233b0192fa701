"""CertificateStore: the module's CA certificates, one set over two places.

The module looks for a CA in its flash slot, which holds one, and, only while the slot is
empty, in files called <subject key identifier>.ca. [h, T1, decision 4] One CA goes to the slot,
several go to files (cafiles.py). Which encoding and which file name this module wants is not
certain; if a server is refused with 23 although CAs are in place, they are put in place in the
next of the attested forms, and the form that worked is kept.
"""

import gc

from .at import Exchange
from .parser import const
from .x509 import Certificate, load

# Forms in which CAs are put in place, in the order in which they are tried; 2 to 4 are in
# cafiles.py.
_SLOT = const(0)  # DER in the flash slot: complete transcripts by ST [T2, T3]
_FILE = const(1)  # DER in a file, identifier without separators
_OTHERS = const(4)  # forms besides the present one

_ANY = range(1, 256)  # any error of the module


class Entry:
    """A CA in the store.

    ski: subject key identifier, hex str. where: "slot", "file", "host" (kept for the host's
    TLS alone), or None (not in place now). volume: letter of the file's volume as the module
    shows it, or None. size: bytes of DER, or of a file found on the module. Read when they are
    asked for: subject (str), not_after (seconds since 1970); None if that cannot be known.
    volatile: True if a restart of the module wipes it; the driver then puts it back.
    """

    def __init__(self, ski, where, size, source=None):
        self.ski = ski
        self.where = where
        self.size = size
        self.source = source  # what install() was given: needed to move it, or put it back
        self.form = -1

    def __getattr__(self, name):
        from .more import attribute

        return attribute(self, name)


class CertificateStore:
    """radio.certs: the CAs that the module trusts.

    install(), entries(); and, each imported when it is used: list(), remove(), clear()
    (seldom.py), discover() (discover.py), install_for() (trust.py), pin() (pin.py), diagnose()
    (diagnose.py), identity and forget_identity() (identity.py).
    """

    def __init__(self, radio):
        self.radio = radio
        self.channel = radio.channel
        self._entries = []
        self.slot = None  # identifier in the flash slot, "" if it is empty, None if unknown
        self.form = _SLOT
        self.proven = False  # a server was accepted with this form
        self.untried = _OTHERS
        self.refused = []  # addresses for which all forms were tried
        self.generation = self.channel.generation
        self.plans = {}  # (host, port) -> trust.Plan, for servers that did not work at once
        self._identity = None  # identity.Identity
        self._lines = []
        self._der = None  # of the CA that is being installed

    # public ----------------------------------------------------------------------------------
    def install(self, certificate):
        """Trust a CA; return its Entry. Nothing is sent if it is in place already.

        certificate: PEM or DER as bytes or str, or the name of a file as str (which costs no
        memory afterwards; bytes are kept, in case they have to be put back after a restart).
        ValueError: not a certificate, or not that of a CA. OSError: the module did not take
        it, or what arrived is not what was sent; then it is not in the store.

        One CA is written to the module's flash; further ones go to files, and it with them.
        """
        gc.collect()  # nothing else here is as large as a certificate
        der = load(certificate)
        info = Certificate(der)
        if info.is_ca is False and not info.self_issued:
            raise ValueError("a server's certificate, not a CA's: install the root that signed it")
        ski = info.ski
        size = info.size
        info = None
        self.restore()
        for entry in self._entries:
            if entry.ski == ski and entry.size == size and entry.where != "host":
                return entry
        before = self._entries
        entry = Entry(ski, None, size, certificate)
        self._entries = [e for e in before if e.ski != ski] + [entry]
        self.refused = []
        self.plans = {}
        self.untried = _OTHERS
        self._der = der
        try:
            self.place()
        except (OSError, ValueError):
            self._entries = before
            raise
        finally:
            self._der = None
        return entry

    def entries(self):
        """The Entries installed here, without asking the module."""
        return list(self._entries)

    def __getattr__(self, name):
        # list, remove, clear and those in files of their own
        from .more import method

        return method(self, name)

    # for tls.py and explain.py ---------------------------------------------------------------
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

    # placing ---------------------------------------------------------------------------------
    def place(self):
        """Have every entry in place in the present form."""
        form = self.form
        entries = [e for e in self._entries if e.where != "host"]
        if form == _SLOT:
            if len(entries) == 1:
                if entries[0].where != "slot" and not self._to_slot(entries[0]):
                    self.form = form = _FILE
            elif entries:
                form = _FILE
        if form != _SLOT:
            from .cafiles import to_file

            for entry in entries:
                if entry.where is None or entry.form != form:
                    entry.where = None
                    to_file(self, entry, form)
                    entry.where = "file"
                    entry.form = form
            if entries and self.slot != "":
                self.clear_slot()  # a filled slot hides all files [T1]
        if self._identity is not None:
            self._identity.place(self, form != _SLOT)

    def _to_slot(self, entry):
        """Write the flash slot; False if the CA is on the module as a file already."""
        ski = entry.ski
        if self.slot is None:
            # Is it there from an earlier run? Flash need not be written again. What
            # content,1 says is not known: digits of the identifier will do. [l.8]
            lines = self.command(b"AT+S.TLSCERT=content,1\r", accept=_ANY)
            if ski in "".join(lines).replace(":", "").lower():
                self.slot = ski
            elif not self.proven and ski + ".ca" in "".join(
                self.command(b"AT+S.FSL\r", accept=_ANY)
            ):
                return False
        if self.slot != ski:
            self.clear_slot()
            self.slot = None  # until the upload has ended well
            der = self._der or load(entry.source)
            lines = self.command(b"AT+S.TLSCERT=ca,%d\r" % len(der), der, 15000)
            reported = [x for x in lines if x.startswith("AT-S.SubjectKeyId:")]
            if not reported:
                # The module could not read the identifier: give it by hand [T2, h.1]. A
                # firmware without that may do without.
                from binascii import unhexlify

                key = unhexlify(ski)
                self.command(b"AT+S.TLSCERT=auth,%d\r" % len(key), key, accept=_ANY)
            elif reported[0][18:].replace(":", "").strip().lower() != ski:
                self.clear_slot()
                from .explain import damaged

                raise damaged("the module read another key identifier than was sent")
            self.slot = ski
        entry.where = "slot"
        entry.form = _SLOT
        return True

    def clear_slot(self):
        """Empty the flash slot: CA, own certificate, private key."""
        self.command(b"AT+S.TLSCERT=content,2\r", None, 10000)
        self.slot = ""
        for entry in self._entries + [self._identity]:
            if entry is not None and entry.where == "slot":
                entry.where = None

    # commands --------------------------------------------------------------------------------
    def _on_line(self, parser):
        self._lines.append(parser.text())

    def command(self, command, payload=None, timeout_ms=5000, accept=()):
        """Send a command and return the lines of its reply, as str.

        Error numbers in `accept` are no error.
        """
        self._lines = []
        exchange = Exchange(self._on_line).prepare(command, payload, timeout_ms)
        self.channel.run(exchange)
        self.code = exchange.code
        if exchange.code not in accept:
            self.channel.check(exchange)
        return self._lines
