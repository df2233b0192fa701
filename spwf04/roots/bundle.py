"""Trusted root certificates in one file, searched without loading it.

    roots = Bundle("roots.bin")     # made on a PC: spwf04 bundle; or on the board: bundling.py
    context = SSLContext(roots=roots)

The file, all numbers big-endian:

    4 bytes   "SPWR"
    1         version: 2
    1         o, the bytes of the origin
    2         n, the number of certificates
    4         when it was made: seconds since 1970, 0 if that is not known
    o         origin: where the certificates come from, in UTF-8: "certifi 2026.10.19"
    n x 16    index by key: first 8 bytes of the subject key identifier (computed if the
              certificate has none; filled up with zeros), 4 offset, 2 size in bytes, 2 zero
    n x 16    index by name: first 8 bytes of CertificateInfo.subject_hash, then as above
    then for each certificate, at its offset: 32 bytes SHA-256, and the certificate in DER, of
              which these are the digest and the size

Both indexes are sorted, so a search reads one entry for each halving, and then the digest and the
certificate: 11 to 12 reads for the 140 roots of a browser, and one for the digest. The 8 bytes of
an index only narrow the search; the caller compares the certificate itself. Nobody gets a
certificate that does not have its digest. Version 1 had no digests, date and origin, and is
refused.
"""

from ..arguments import argument, moment
from ..const import const
from ..hostfile import file_name, opened
from ..payload import payload

_ENTRY = const(16)
_HEADER = const(12)
_DIGEST = const(32)
SAME = const(64)  # roots of one key or name at most, so that a damaged index fills no memory


class Root:
    """A certificate in a bundle; der() reads it. SSLContext and certs.install() take it as a CA.

    size: bytes of DER.
    """

    def __init__(self, bundle, offset, size):
        self._bundle = bundle
        self._offset = offset
        self.size = size

    def der(self) -> "bytes | memoryview":
        """The certificate in DER, bytes-like. ValueError: it does not have its digest; OSError."""
        return self._bundle._certificate(self._offset, self.size)


class Bundle:
    """Root certificates in one file, searched without loading it. `spwf04 bundle` makes it.

    SSLContext(roots=…) and certs.install_for(roots=…) take it. len() is the number of roots.

    source: the file's name as str or path; or its content as bytes-like, `roots.DATA` for example
    that is frozen into the firmware. made: when it was made, in seconds since 1970, or None.
    reads: how often the file was read.
    OSError: the file cannot be read. ValueError: it is no bundle, or damaged. TypeError.
    """

    made: "int | None" = None

    def __init__(self, source):
        name = file_name(source, "source")
        if name is None and not (type(source) is memoryview and len(bytes(source[:1])) == 1):
            source = payload(source, "source")
        self._source = source if name is None else name
        self._file = None
        self._count = -1
        self._start = 0  # of the indexes
        self.reads = 0
        try:
            len(self)
        finally:
            self.close()

    def _part(self, at, n):
        """The n bytes at this offset, or fewer where the bundle ends."""
        self.reads += 1
        if not isinstance(self._source, str):
            return memoryview(self._source)[at : at + n]
        if self._file is None:
            try:
                self._file = opened(self._source, "source")
            except OSError as e:
                raise OSError(
                    e.errno, "source: this file cannot be opened; spwf04 bundle makes it"
                )
        self._file.seek(at)
        return self._file.read(n)

    def _read(self, at, n):
        data = self._part(at, n)
        if len(data) != n:
            from .damage import too_short

            raise too_short()
        return data

    def _certificate(self, at, size):
        """The certificate at this offset; ValueError unless it has its digest."""
        from ..digest import sha256

        digest = bytes(self._read(at, _DIGEST))
        der = self._read(at + _DIGEST, size)
        if sha256(der).digest() != digest:  # pyright: ignore[reportArgumentType]
            from .damage import of_root

            raise of_root(self._source, at)
        return der

    def close(self) -> None:
        """Close the file; the next search opens it again, and reads what it has become."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._count = -1

    def __len__(self):
        """The number of roots."""
        if self._count < 0:
            head = bytes(self._part(0, _HEADER))
            if head[:5] != b"SPWR\x02" or len(head) != _HEADER:
                from .damage import of_head

                raise of_head(head)
            self._start = _HEADER + head[5]
            self.made = _number(head[8:]) or None
            self._count = head[6] << 8 | head[7]
        return self._count

    @property
    def origin(self) -> str:
        """Where the certificates come from, "certifi 2026.10.19" for example; "" if that is not
        known. It is read from the file each time."""
        len(self)
        return bytes(self._read(_HEADER, self._start - _HEADER)).decode()

    def age(self, now) -> "int | None":
        """Days since it was made, or None. Below 0 if the clock is behind.

        now: seconds since 1970.
        """
        now = moment(now)
        return None if self.made is None else (now - self.made) // 86400

    def by_key(self, identifier) -> "list[Root]":
        """Return the list of Roots with this subject key identifier.

        identifier: hex str; its first 8 bytes are compared.
        """
        from binascii import unhexlify

        return self._search(0, unhexlify(argument(identifier, "identifier")))

    def by_name(self, digest) -> "list[Root]":
        """Return the list of Roots with this subject.

        digest: CertificateInfo.subject_hash, bytes; its first 8 are compared.
        """
        return self._search(1, payload(digest, "digest"))

    def all(self):
        """Iterate over all Roots."""
        for n in range(len(self)):
            yield self._entry(0, n)[1]

    def _entry(self, index, n):
        data = self._read(self._start + (index * len(self) + n) * _ENTRY, _ENTRY)
        if data[8] & 0x80:  # seek() of a small interpreter takes 31 bits
            from .damage import of_index

            raise of_index()
        return bytes(data[:8]), Root(self, _number(data[8:12]), data[12] << 8 | data[13])

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
            if len(found) == SAME:
                from .damage import of_index

                raise of_index()
            found.append(root)
            low += 1
        return found


def _number(data):
    """Four bytes as a number."""
    n = 0
    for c in data:
        n = n << 8 | c
    return n
