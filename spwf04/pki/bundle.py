"""Trusted root certificates in one file, searched without loading it.

    roots = Bundle("roots.bin")     # made on a PC: spwf04 bundle
    context = SSLContext(roots=roots)

The file, all numbers big-endian:

    4 bytes   "SPWR"
    1         version: 1
    1         reserved: 0
    2         n, the number of certificates
    n x 16    index by key: first 8 bytes of the subject key identifier (computed if the
              certificate has none; filled up with zeros), 4 offset, 2 size in bytes, 2 zero
    n x 16    index by name: first 8 bytes of SHA-256 over the subject (content of its DER
              sequence), then as above
    then the certificates in DER

Both indexes are sorted, so a search reads the header, one entry for each halving, and the
certificate: 11 to 12 reads for the 140 roots of a browser. The 8 bytes of an index only narrow the
search; the caller compares the certificate itself.
"""

from ..arguments import argument
from ..const import const
from ..hostfile import file_name, opened
from ..payload import payload

_ENTRY = const(16)
_HEADER = const(8)


class Root:
    """A certificate in a bundle; der() reads it. SSLContext and certs.install() take it as a CA.

    size: bytes of DER.
    """

    def __init__(self, bundle, offset, size):
        self._bundle = bundle
        self._offset = offset
        self.size = size

    def der(self) -> "bytes | memoryview":
        """The certificate in DER, bytes-like."""
        return self._bundle._read(self._offset, self.size)


class Bundle:
    """Root certificates in one file, searched without loading it. `spwf04 bundle` makes it.

    SSLContext(roots=…) and certs.install_for(roots=…) take it. len() is the number of roots.

    source: the file's name as str or path; or its content as bytes-like, `roots.DATA` for example
    that is frozen into the firmware. reads: how often the file was read.
    OSError: the file cannot be read. ValueError: it is no bundle. TypeError.
    """

    def __init__(self, source):
        name = file_name(source, "source")
        if name is None and type(source) is not memoryview:
            source = payload(source, "source")
        self._source = source if name is None else name
        self._file = None
        self._count = -1
        self.reads = 0
        try:
            len(self)
        finally:
            self.close()

    def _read(self, at, n):
        self.reads += 1
        if not isinstance(self._source, str):
            data = memoryview(self._source)[at : at + n]
        else:
            if self._file is None:
                self._file = opened(self._source, "source")
            self._file.seek(at)
            data = self._file.read(n)
        if len(data) != n:
            raise ValueError("source: the root bundle ends too early")
        return data

    def close(self) -> None:
        """Close the file; the next search opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __len__(self):
        """The number of roots."""
        if self._count < 0:
            head = bytes(self._read(0, _HEADER))
            if head[:5] != b"SPWR\x01":
                raise ValueError(
                    "source: not a root bundle of this version: make it with `spwf04 bundle`"
                )
            self._count = head[6] << 8 | head[7]
        return self._count

    def by_key(self, identifier) -> "list[Root]":
        """Return the list of Roots with this subject key identifier.

        identifier: hex str; its first 8 bytes are compared.
        """
        from binascii import unhexlify

        return self._search(0, unhexlify(argument(identifier, "identifier")))

    def by_name(self, digest) -> "list[Root]":
        """Return the list of Roots with this subject.

        digest: SHA-256 of the subject as encoded, bytes; its first 8 are compared.
        """
        return self._search(1, payload(digest, "digest"))

    def all(self):
        """Iterate over all Roots."""
        for n in range(len(self)):
            yield self._entry(0, n)[1]

    def _entry(self, index, n):
        data = self._read(_HEADER + (index * len(self) + n) * _ENTRY, _ENTRY)
        offset = 0
        for c in data[8:12]:
            offset = offset << 8 | c
        return bytes(data[:8]), Root(self, offset, data[12] << 8 | data[13])

    def _search(self, index, key):
        key = (key + bytes(8))[:8]
        low = 0
        high = len(self)
        while low < high:
            middle = (low + high) // 2
            if self._entry(index, middle)[0] < key:
                low = middle + 1
            else:
                high = middle
        found = []
        while low < len(self):
            k, root = self._entry(index, low)
            if k != key:
                break
            found.append(root)
            low += 1
        return found


class RootList:
    """Root certificates from a PEM or a list. It is searched as a Bundle is, but reads all of them
    for that.

    sources: list of CAs as certs.install() takes them.
    """

    def __init__(self, sources):
        self._sources = sources
        self._known = None

    def _read(self):
        if self._known is None:
            from .certificate import Bytes, read
            from .pem import load

            self._known = []
            for source in self._sources:
                der = load(source, "roots")
                info = read(Bytes(der), len(der))
                self._known.append((info.ski[:16], info.subject_hash[:8], _Source(source)))
        return self._known

    def __len__(self):
        """The number of certificates."""
        return len(self._sources)

    def by_key(self, identifier):
        """As Bundle.by_key()."""
        return [root for key, _, root in self._read() if key == identifier[:16]]

    def by_name(self, digest):
        """As Bundle.by_name()."""
        return [root for _, name, root in self._read() if name == digest[:8]]

    def all(self):
        """The list of all roots."""
        return [root for _, _, root in self._read()]


class _Source:
    """A certificate as certs.install() takes it, with a Root's der()."""

    def __init__(self, source):
        self._source = source

    def der(self):
        from .pem import load

        return load(self._source, "roots")


def possible_issuers(roots, below):
    """The roots that may be the CA above a certificate: a list. below: its CertificateInfo.

    They are found by the issuer's key identifier, or, if it names none or none is found, by the
    issuer's name.
    """
    found = roots.by_key(below.aki) if below.aki else []
    return found or roots.by_name(below.issuer_hash)


def open_roots(source):
    """What an argument roots= stands for: None, or an object with by_key(), by_name() and all().

    source: such an object, a Bundle for example; the name of a file as str or path, or its
    content, which is a bundle or PEM with any number of certificates; or a list of CAs as
    certs.install() takes them. OSError, ValueError, TypeError: it cannot be read.
    """
    if source is None or hasattr(type(source), "by_key"):
        return source
    from .authority import authorities

    if isinstance(source, (list, tuple)):
        return RootList([each for item in source for each in authorities(item, "roots")])
    if isinstance(source, str) and "-----BEGIN" in source:
        head = b""
    elif file_name(source, "roots") is None:
        head = payload(source, "roots")[:4]
    else:
        with opened(source, "roots") as f:
            head = f.read(4)
    return Bundle(source) if head == b"SPWR" else RootList(authorities(source, "roots"))
