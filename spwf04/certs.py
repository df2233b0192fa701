"""CertificateStore: the module's CA certificates, one set over two places.

The module looks for a CA in its flash slot, which holds one, and, only while the slot is
empty, in files called <subject key identifier>.ca. [h, T1, decision 4] One CA goes to the slot,
several go to files. Which encoding and which file name this module wants is not certain; if a
server is refused with 23 although CAs are in place, they are put in place in the next of the
attested forms, and the form that worked is kept.
"""

try:
    from micropython import const
except ImportError:

    def const(x):
        return x


from .errors import ModuleError, SPWF04Error, errno
from .x509 import Certificate, load, to_pem

# Forms, in the order in which they are tried
_SLOT = const(0)  # DER in the flash slot: complete transcripts by ST [T2, T3]
_FILE = const(1)  # DER in a file, identifier without separators
_FILE_PEM = const(2)  # ST checks such a file with a tool that reads PEM [T1]
_FILE_COLONS = const(3)  # the identifier as the module prints it, in lower case
_FORMS = const(4)

_PART = const(1024)  # most bytes of one FSC [i]
_SHA256 = const(2)  # HASH function [i]


class Entry:
    """A CA in the store. ski: subject key identifier (hex str); where: "slot", "file" or None
    (not in place now); subject: str or None; not_after: seconds since 1970 or None; size: bytes
    of DER or of the file."""

    def __init__(self, ski, where, size, subject=None, not_after=None, source=None):
        self.ski = ski
        self.where = where
        self.size = size
        self.subject = subject
        self.not_after = not_after
        self._source = source  # what install() was given: needed to move it, or put it back
        self._form = -1

    def __repr__(self):
        return "<CA %s (%s) in %s, %d bytes>" % (self.ski, self.subject, self.where, self.size)


class CertificateStore:
    """radio.certs: install, list, remove."""

    def __init__(self, radio):
        self._channel = radio.channel
        self._entries = []
        self._slot = None  # identifier in the flash slot, "" if it is empty, None if unknown
        self._form = _SLOT
        self._proven = False  # a server was accepted with this form
        self._untried = _FORMS - 1
        self._refused = []  # addresses for which all forms were tried
        self._generation = self._channel.generation
        self._lines = []

    # public ----------------------------------------------------------------------------------
    def install(self, certificate):
        """Trust a CA; return its Entry. Nothing is sent if it is in place already.

        certificate: PEM or DER as bytes or str, or the name of a file as str (which costs no
        memory afterwards; bytes are kept, in case they have to be put back after a restart).
        ValueError: not a certificate, or not that of a CA. SPWF04Error: the module did not take
        it, or what arrived is not what was sent; then it is not in the store.

        One CA is written to the module's flash; further ones go to files, and it with them.
        """
        der = load(certificate)
        info = Certificate(der)
        if info.is_ca is False and not info.self_issued:
            raise ValueError(
                "%s is a server's certificate, not a CA's: install the root that signed it"
                % info.subject
            )
        self.restore()
        for entry in self._entries:
            if entry.ski == info.ski and entry.size == info.size and entry.where:
                return entry
        entry = Entry(info.ski, None, info.size, info.subject, info.not_after, certificate)
        before = self._entries
        self._entries = [e for e in before if e.ski != entry.ski] + [entry]
        self._refused = []
        self._untried = _FORMS - 1
        if not self._proven and self._form == _SLOT:
            if self._file_matches(entry.ski + ".ca", der):
                self._form = _FILE  # left by an earlier run
        try:
            self._place()
        except (OSError, ValueError):
            self._entries = before
            raise
        return entry

    def list(self):
        """Return the Entries: those installed here, and .ca files found on the module.

        A CA that an earlier run put into the flash slot cannot be seen, unless the firmware
        names it.
        """
        self.restore()
        entries = list(self._entries)
        known = [e.ski for e in entries]
        for name, size in self._files():
            ski = name[:-3].replace(":", "")
            if name.endswith(".ca") and ski not in known:
                entries.append(Entry(ski, "file", size))
        return entries

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
        for name in (ski + ".ca", _colons(ski) + ".ca"):
            self._delete(name)
        self._entries = [e for e in self._entries if e.ski != ski]

    def names(self):
        """Subjects of the CAs installed here, without asking the module."""
        return [entry.subject or entry.ski for entry in self._entries]

    # used by tls.py --------------------------------------------------------------------------
    def restore(self):
        """After a restart of the module, put back what it may have wiped. Idempotent."""
        restarted = self._generation != self._channel.generation
        self._generation = self._channel.generation
        missing = False
        for entry in self._entries:
            if restarted and entry.where == "file":
                entry.where = None
            missing = missing or entry.where is None
        if missing:
            self._place()

    def try_other_form(self, address):
        """A server at `address` was refused with 23: put the CAs in place in the next form.

        False if every form was tried for this address, or if the present one is known to work.
        """
        if self._proven or not self._entries or address in self._refused:
            return False
        while self._untried:
            self._untried -= 1
            self._form = (self._form + 1) % _FORMS
            if self._form == _SLOT and len(self._entries) > 1:
                continue
            try:
                self._place()
                return True
            except ModuleError:
                pass  # no volume for files, say
        self._untried = _FORMS - 1
        self._refused = self._refused[-7:] + [address]
        return False

    def proven(self):
        """A server was accepted: this form is what the module wants."""
        self._proven = bool(self._entries)

    # placing ---------------------------------------------------------------------------------
    def _place(self):
        """Have every entry in place in the present form."""
        form = self._form
        if form == _SLOT and len(self._entries) > 1:
            form = _FILE
        for entry in self._entries:
            if entry.where is None or entry._form != form:
                entry.where = None
                if form == _SLOT:
                    self._to_slot(entry)
                else:
                    self._to_file(entry, form)
                entry._form = form
        # A filled slot hides all files [T1]
        if form != _SLOT and self._slot != "":
            self._clear_slot()

    def _to_slot(self, entry):
        if self._slot is None and entry.ski in self._content():
            self._slot = entry.ski
        if self._slot != entry.ski:
            self._clear_slot()
            der = load(entry._source)
            lines = self._ask(b"AT+S.TLSCERT=ca,%d\r" % len(der), der, 15000)
            reported = [x for x in lines if "SubjectKeyId" in x]
            if reported:
                if _hex(reported[0][reported[0].find(":") + 1 :]) != entry.ski:
                    self._clear_slot()
                    raise SPWF04Error(
                        errno.EIO,
                        "the module read another key identifier than was sent",
                        hint="Bytes were lost on the UART: check flow control, then try again",
                    )
            else:
                # The module could not read the identifier: give it by hand [T2, h.1]
                from binascii import unhexlify

                key = unhexlify(entry.ski)
                try:
                    self._ask(b"AT+S.TLSCERT=auth,%d\r" % len(key), key)
                except ModuleError:
                    pass  # not on this firmware; the CA may do without
            self._slot = entry.ski
        entry.where = "slot"

    def _to_file(self, entry, form):
        name = (_colons(entry.ski) if form == _FILE_COLONS else entry.ski) + ".ca"
        data = load(entry._source)
        if form == _FILE_PEM:
            data = to_pem(data)
        if not self._file_matches(name, data):
            self._delete(name)  # FSC appends to a file that exists [i]
            try:
                view = memoryview(data)
                for at in range(0, len(data), _PART):
                    part = view[at : at + _PART]
                    self._ask(("AT+S.FSC=%s,%d\r" % (name, len(part))).encode(), part, 15000)
                if not self._file_matches(name, data):
                    raise SPWF04Error(
                        errno.EIO,
                        "the file on the module is not what was sent",
                        hint="Bytes were lost on the UART: check flow control, then try again",
                    )
            except OSError:
                self._delete(name)
                raise
        entry.where = "file"

    def _file_matches(self, name, data):
        """True if the module has this file with this content, by size and SHA-256."""
        if [size for n, size in self._files() if n == name] != [len(data)]:
            return False
        try:
            lines = self._ask(("AT+S.HASH=%d,%s\r" % (_SHA256, name)).encode())
        except ModuleError:
            return False
        from hashlib import sha256

        digest = "".join(["%02x" % c for c in sha256(data).digest()])
        return digest in "".join([_hex(x[x.find(":") + 1 :]) for x in lines])

    # commands --------------------------------------------------------------------------------
    def _on_line(self, parser):
        self._lines.append(parser.text())

    def _ask(self, command, payload=None, timeout_ms=5000):
        """Send a command and return the lines of its reply, as str."""
        self._lines = []
        self._channel.command(command, payload, timeout_ms, self._on_line)
        return self._lines

    def _clear_slot(self):
        self._ask(b"AT+S.TLSCERT=content,2\r", None, 10000)
        self._slot = ""
        for entry in self._entries:
            if entry.where == "slot":
                entry.where = None

    def _content(self):
        """What the module says of its slot, as hex digits; its wording is not known. [l.8]"""
        try:
            return " ".join([_hex(x) for x in self._ask(b"AT+S.TLSCERT=content,1\r")])
        except ModuleError:
            return ""

    def _files(self):
        """[(name, size)] of all volumes; lines that do not fit are passed over. [i FSL]"""
        found = []
        for line in self._ask(b"AT+S.FSL\r"):
            parts = line[line.find(":") + 1 :].split("\t")
            if line.startswith("AT-S.File:") and len(parts) == 3 and parts[1].strip().isdigit():
                found.append((parts[2].split("/")[-1].strip(), int(parts[1])))
        return found

    def _delete(self, name):
        try:
            self._ask(("AT+S.FSD=%s\r" % name).encode())
        except ModuleError as e:
            if e.code not in (51, 56):  # was not there
                raise


def _hex(text):
    """The hexadecimal digits of a text, in lower case."""
    return "".join([c for c in text.lower() if c in "0123456789abcdef"])


def _colons(ski):
    return ":".join([ski[i : i + 2] for i in range(0, len(ski), 2)])
