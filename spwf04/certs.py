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

    ski: subject key identifier, hex str. where: "slot", "file", or None (not in place now).
    size: bytes of DER, or of a file found on the module. subject (str) and not_after (seconds
    since 1970) are read when they are asked for; None if only the file is known.
    """

    def __init__(self, ski, where, size, source=None):
        self.ski = ski
        self.where = where
        self.size = size
        self.source = source  # what install() was given: needed to move it, or put it back
        self.form = -1

    def __getattr__(self, name):
        if name not in ("subject", "not_after"):
            raise AttributeError(name)
        if self.source is None:
            return None
        from .x509text import dates, subject

        certificate = Certificate(load(self.source))
        return subject(certificate) if name == "subject" else dates(certificate)[1]


class CertificateStore:
    """radio.certs: install, list, remove."""

    def __init__(self, radio):
        self.channel = radio.channel
        self._entries = []
        self.slot = None  # identifier in the flash slot, "" if it is empty, None if unknown
        self.form = _SLOT
        self.proven = False  # a server was accepted with this form
        self.untried = _OTHERS
        self.refused = []  # addresses for which all forms were tried
        self.generation = self.channel.generation
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
            if entry.ski == ski and entry.size == size:
                return entry
        before = self._entries
        entry = Entry(ski, None, size, certificate)
        self._entries = [e for e in before if e.ski != ski] + [entry]
        self.refused = []
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

    def list(self):
        """The Entries installed here, and .ca files found on the module.

        A CA that an earlier run put into the flash slot cannot be seen.
        """
        self.restore()
        from .cafiles import entries

        return entries(self, self._entries)

    def remove(self, ski):
        """Remove the CA with this subject key identifier (hex, separators are ignored).

        KeyError if the store does not have it.
        """
        ski = ski.replace(":", "").lower()
        for entry in self.list():
            if entry.ski == ski:
                break
        else:
            raise KeyError(ski)
        if entry.where == "slot":
            self._clear_slot()
        from .cafiles import remove

        remove(self, ski)
        self._entries = [e for e in self._entries if e.ski != ski]

    # for tls.py and explain.py ---------------------------------------------------------------
    def restore(self):
        """After a restart of the module, put back what it may have wiped. Idempotent."""
        restarted = self.generation != self.channel.generation
        self.generation = self.channel.generation
        missing = False
        for entry in self._entries:
            if restarted and entry.where == "file":
                entry.where = None
            missing = missing or entry.where is None
        if missing:
            self.place()

    # placing ---------------------------------------------------------------------------------
    def place(self):
        """Have every entry in place in the present form."""
        form = self.form
        entries = self._entries
        if form == _SLOT:
            if len(entries) == 1:
                if entries[0].where != "slot" and not self._to_slot(entries[0]):
                    self.form = form = _FILE
            else:
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
                self._clear_slot()  # a filled slot hides all files [T1]

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
            self._clear_slot()
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
                self._clear_slot()
                from .explain import damaged

                raise damaged("the module read another key identifier than was sent")
            self.slot = ski
        entry.where = "slot"
        entry.form = _SLOT
        return True

    def _clear_slot(self):
        self.command(b"AT+S.TLSCERT=content,2\r", None, 10000)
        self.slot = ""
        for entry in self._entries:
            if entry.where == "slot":
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
        if exchange.code not in accept:
            self.channel.check(exchange)
        return self._lines
