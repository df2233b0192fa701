"""Reads a certificate byte by byte, and keeps what this package asks of it.

read() takes the bytes of one certificate from a source and keeps only what it learns, so that a
chain of 16 KB never has to be in memory. A source has take(n) -> bytes, skip(n), and an attribute
`sha`, which it updates with all bytes that it hands out.

Rules: `damaged` describes a certificate that makes no sense, and what was read of it does not
count, so that it issued nothing and fits no host. Nothing is read past its end, nothing recurses,
and whatever it says about lengths, no more than a few KB are kept. No signature is checked, so
nothing is trusted because of what is read here.
"""

from binascii import hexlify

from ..const import const
from .chain import CertificateInfo
from .digest import sha1, sha256
from .x509 import element

_NAME = const(1024)  # bytes of an issuer's or a subject's name that are kept at most
_KEY = const(2100)  # bytes of a public key at most: RSA-16384
_NAMES = const(8)  # alternative names that are kept at most; all are compared with the host

_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01"  # 1.2.840.113549.1.1
_EC = b"\x2a\x86\x48\xce\x3d"  # 1.2.840.10045
_CURVES = {b"\x2a\x86\x48\xce\x3d\x03\x01\x07": 256, b"\x2b\x81\x04\x00\x22": 384}
_CURVES[b"\x2b\x81\x04\x00\x23"] = 521
# {last byte of the algorithm's identifier: hash}
_RSA_HASHES = {4: "MD5", 5: "SHA-1", 11: "SHA-256", 12: "SHA-384", 13: "SHA-512", 14: "SHA-224"}
_EC_HASHES = {1: "SHA-1", 2: "SHA-256", 3: "SHA-384", 4: "SHA-512"}


class Bytes:
    """A source over bytes in memory."""

    sha = None

    def __init__(self, data):
        self.data = memoryview(data)
        self._at = 0

    def take(self, n):
        """The next n bytes."""
        at = self._at
        self._at = at + n
        part = bytes(self.data[at : at + n])
        if len(part) != n:
            raise ValueError("not a certificate, or damaged")
        if self.sha is not None:
            self.sha.update(part)
        return part

    def skip(self, n):
        """Pass over n bytes."""
        while n > 0:
            n -= len(self.take(min(n, 256)))


def read(source, size, host=None):
    """Return the chain.CertificateInfo of the certificate in the next `size` bytes of a source.

    host: a name or an address as str that the certificate is compared with, see `fits`; None:
    none.
    """
    return _Reader(source, size, host).info


class _Reader:
    """Reads one certificate. info: its CertificateInfo."""

    _what = "outer structure"  # what is being read, for `damaged`

    def __init__(self, source, size, host):
        self.info = info = CertificateInfo(size)
        self._source = source
        self._at = 0
        self._host = host.lower() if host else None
        source.sha = digest = sha256()
        try:
            self._certificate(info)
        except ValueError as e:
            info.damaged = "its %s is wrong, at byte %d: %s" % (self._what, self._at, e)
            info.not_before = info.not_after = 0
            info.subject_hash = info.issuer_hash = b""
            info.ski = info.aki = info.is_ca = info.fits = None
        source.skip(size - self._at)
        source.sha = None
        info.sha256 = _hex(digest.digest())

    def _take(self, n):
        self._at += n
        return self._source.take(n)

    def _header(self, end, type=0):
        """The next element's header: (tag, byte after the element)."""
        if self._at + 2 <= end:
            tag, length = self._take(2)
            if length & 0x80:
                n = length & 0x7F
                length = end
                if 0 < n < 4 and self._at + n <= end:
                    length = 0
                    for c in self._take(n):
                        length = length << 8 | c
            if self._at + length <= end and type in (0, tag):
                return tag, self._at + length
        raise ValueError("not a certificate, or damaged")

    def _content(self, stop, size):
        n = stop - self._at
        if n > size:
            raise ValueError("a field of %d bytes, and %d are the most" % (n, size))
        return self._take(n)

    def _to(self, stop):
        self._source.skip(stop - self._at)
        self._at = stop

    def _certificate(self, info):
        _, end = self._header(info.size, 0x30)
        if end != info.size:
            raise ValueError("not a certificate: bytes follow it")
        _, end = self._header(end, 0x30)
        self._what = "version or serial number"
        tag, stop = self._header(end)
        if tag == 0xA0:
            _, last = self._header(stop, 2)
            version = self._content(last, 4)
            info.version = version[0] + 1 if len(version) == 1 else 0
            self._to(stop)
            _, stop = self._header(end)
        self._to(stop)  # the serial number
        self._what = "signature algorithm"
        _, stop = self._header(end, 0x30)
        self._signature(stop)
        self._what = "issuer"
        info.issuer, info.issuer_hash, _ = self._name(end)
        self._what = "validity"
        _, stop = self._header(end, 0x30)
        info.not_before = self._date(stop)
        info.not_after = self._date(stop)
        self._to(stop)
        self._what = "subject"
        info.subject, info.subject_hash, common = self._name(end)
        self._what = "public key"
        _, stop = self._header(end, 0x30)
        self._public_key(stop)
        self._what = "extensions"
        while self._at < end:
            tag, stop = self._header(end)
            if tag == 0xA3:
                self._extensions(stop)
            self._to(stop)
        if self._host is not None and info.fits is None:
            info.fits = bool(common) and matches(self._host, common)

    def _signature(self, stop):
        _, last = self._header(stop, 6)
        oid = self._content(last, 16)
        self._to(stop)
        if oid[:8] == _RSA and len(oid) == 9 and oid[8] in _RSA_HASHES:
            self.info.signature = "RSA"
            self.info.hash = _RSA_HASHES[oid[8]]
        elif oid[:6] == _EC + b"\x04" and len(oid) > 6 and oid[-1] in _EC_HASHES:
            self.info.signature = "ECDSA"
            self.info.hash = _EC_HASHES[oid[-1]]

    def _name(self, end):
        _, stop = self._header(end, 0x30)
        if stop - self._at > _NAME:  # compared, not kept
            digest = sha256()
            while self._at < stop:
                digest.update(self._take(min(256, stop - self._at)))
            return "", digest.digest(), None
        raw = self._content(stop, _NAME)
        best, common = name_text(raw)
        return best, sha256(raw).digest(), common

    def _date(self, end):
        tag, stop = self._header(end)
        return _seconds(tag, self._content(stop, 32))

    def _public_key(self, end):
        _, stop = self._header(end, 0x30)
        _, last = self._header(stop, 6)
        oid = self._content(last, 16)
        curve = b""
        if oid[:5] == _EC and self._at < stop:
            tag, last = self._header(stop)
            if tag == 6:
                curve = self._content(last, 16)
        self._to(stop)
        _, stop = self._header(end, 3)
        bits = self._content(stop, _KEY)[1:]
        if oid[:8] == _RSA:
            self.info.key = "RSA"
            _, at, last = element(bits, 0, len(bits), 0x30)
            _, at, last = element(bits, at, last, 2)
            while at < last and bits[at] == 0:
                at += 1
            if at < last:
                self.info.bits = (last - at) * 8
                while not bits[at] & 1 << (self.info.bits - 1) % 8:
                    self.info.bits -= 1
        elif oid[:5] == _EC:
            self.info.key = "EC"
            self.info.bits = _CURVES.get(curve, 0)
        self.info.ski = _hex(sha1(bits).digest())
        self.info.ski_computed = True

    def _extensions(self, end):
        _, end = self._header(end, 0x30)
        while self._at < end:
            _, stop = self._header(end, 0x30)
            _, last = self._header(stop, 6)
            # those that this file knows are shorter
            oid = self._content(last, 32) if last - self._at <= 32 else b""
            self._to(last)
            tag, last = self._header(stop)
            if tag == 1:  # critical
                self._to(last)
                tag, last = self._header(stop)
            if len(oid) == 3 and oid[:2] == b"\x55\x1d" and tag == 4:
                self._extension(oid[2], last)
            self._to(stop)

    def _extension(self, type, end):
        if type == 14:
            _, stop = self._header(end, 4)
            identifier = self._content(stop, 64)
            if identifier:  # an empty one identifies nothing
                self.info.ski = _hex(identifier)
                self.info.ski_computed = False
        elif type == 35:
            _, end = self._header(end, 0x30)
            while self._at < end:
                tag, stop = self._header(end)
                if tag == 0x80:
                    self.info.aki = _hex(self._content(stop, 64)) or None
                self._to(stop)
        elif type == 19:
            _, end = self._header(end, 0x30)
            self.info.is_ca = False
            while self._at < end:
                tag, stop = self._header(end)
                value = self._content(stop, 8)
                if tag == 1:
                    self.info.is_ca = value not in (b"", b"\x00")
                elif tag == 2 and value:
                    self.info.path_length = value[-1]
        elif type == 17:
            self.info.fits = False
            _, end = self._header(end, 0x30)
            while self._at < end:
                tag, stop = self._header(end)
                if tag == 0x82:
                    self._alternative(_text(self._content(stop, 255)))
                elif tag == 0x87 and stop - self._at == 4:
                    self._alternative("%d.%d.%d.%d" % tuple(self._take(4)), True)
                self._to(stop)
            if self._host is None:
                self.info.fits = None

    def _alternative(self, name, address=False):
        self.info.name_count += 1
        if len(self.info.names) < _NAMES:
            self.info.names.append(name)
        if self._host is not None and is_address(self._host) == address:
            self.info.fits = self.info.fits or matches(self._host, name)


def _hex(data):
    return hexlify(data).decode()


def is_address(host):
    """True if a host is an IPv4 address and not a name."""
    parts = host.split(".")
    return len(parts) == 4 and all([p.isdigit() for p in parts])


def matches(host, name):
    """True if a name in a certificate, which may have a wildcard, is that of host (lower case)."""
    name = name.lower()
    if name[:2] != "*." or is_address(host):
        return name == host
    return host.find(".") > 0 and host[host.find(".") :] == name[1:] and name.count(".") > 1


def _text(raw):
    try:
        text = raw.decode()
    except (UnicodeError, ValueError):
        text = None
    if text is None or any([ord(c) < 32 or ord(c) == 127 for c in text]):
        return "".join([chr(c) if 32 <= c < 127 else "?" for c in raw])
    return text


def name_text(raw):
    """(what to call the owner of a Name, its common name or None).

    raw: the content of the Name in DER. The owner is called by its common name, else organization,
    else unit, else "". ValueError: it is damaged.
    """
    best = common = None
    rank = 3
    at = 0
    while at < len(raw):
        _, at, last = element(raw, at, len(raw), 0x31)
        _, first, _ = element(raw, at, last, 0x30)
        at = last
        _, oid, value = element(raw, first, last, 6)
        kind = bytes(raw[oid:value])
        _, start, stop = element(raw, value, last)
        if len(kind) == 3 and kind[:2] == b"\x55\x04" and kind[2] in (3, 10, 11):
            found = (3, 10, 11).index(kind[2])
            if found < rank:
                rank = found
                best = _text(bytes(raw[start:stop]))
                if rank == 0:
                    common = best
    return best or "", common


def _seconds(type, text):
    """UTCTime (0x17) or GeneralizedTime (0x18) in seconds since 1970."""
    year = 4 if type == 0x18 else 2
    digits = text[:-1]
    if type not in (0x17, 0x18) or len(text) != year + 11 or text[-1] != 90:
        raise ValueError("a date of the certificate is damaged")
    for c in digits:
        if not 48 <= c <= 57:
            raise ValueError("a date of the certificate is damaged")
    fields = [int(text[:year])]
    for at in range(year, year + 10, 2):
        fields.append(int(text[at : at + 2]))
    for value, least, most in zip(fields[1:], (1, 1, 0, 0, 0), (12, 31, 23, 59, 59)):
        if not least <= value <= most:
            raise ValueError("a date of the certificate is damaged")
    if year == 2:
        fields[0] += 1900 if fields[0] >= 50 else 2000
    from ..dates import seconds

    return seconds(*fields)


def detail(source, name):
    """An attribute, by its name, of the CertificateInfo of a certificate, as pem.load() takes it.
    None if it cannot be read."""
    if source is None:
        return None
    from .pem import load

    try:
        der = load(source)
        return getattr(read(Bytes(der), len(der)), name)
    except (OSError, ValueError):
        return None
