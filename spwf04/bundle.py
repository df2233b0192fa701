"""Trusted root certificates in one file, searched without loading it.

    roots = Bundle("roots.bin")     # made on a PC: python -m spwf04_cli.bundle
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
certificate: 11 to 12 reads for the 140 roots of a browser. The first bytes only narrow the search:
the caller compares the certificate itself.
"""

from .parser import const

_ENTRY = const(16)
_HEADER = const(8)


class Root:
    """A certificate in a bundle; der() reads it. SSLContext, certs.install() take it as a CA."""

    def __init__(self, bundle, offset, size):
        self._bundle = bundle
        self._offset = offset
        self.size = size

    def der(self):
        """Its DER, bytes-like."""
        return self._bundle._read(self._offset, self.size)


class Bundle:
    """A file of roots, or its bytes (frozen into the firmware as `roots.DATA`, say).

    source: file name or bytes-like. reads: how often the file was read. OSError if it is not
    there, ValueError if it is no bundle; both at the first search.
    """

    def __init__(self, source):
        self._source = source
        self._file = None
        self._count = -1
        self.reads = 0

    def _read(self, at, n):
        self.reads += 1
        if not isinstance(self._source, str):
            data = memoryview(self._source)[at : at + n]
        else:
            if self._file is None:
                self._file = open(self._source, "rb")
            self._file.seek(at)
            data = self._file.read(n)
        if len(data) != n:
            raise ValueError("the root bundle ends too early")
        return data

    def close(self):
        """Close the file; the next search opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __len__(self):
        """The number of certificates."""
        if self._count < 0:
            head = bytes(self._read(0, _HEADER))
            if head[:5] != b"SPWR\x01":
                raise ValueError(
                    "not a root bundle of this version: make it with spwf04_cli.bundle"
                )
            self._count = head[6] << 8 | head[7]
        return self._count

    def by_key(self, identifier):
        """The list of Roots whose key identifier begins like `identifier` (hex str, 8 bytes are
        compared)."""
        from binascii import unhexlify

        return self._search(0, unhexlify(identifier))

    def by_name(self, digest):
        """The list of Roots whose subject's SHA-256 begins like `digest` (bytes)."""
        return self._search(1, digest)

    def all(self):
        """Every Root, one after the other."""
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
