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
from ..dates import encoded
from ..digest import sha1, sha256
from .chain import CertificateInfo
from .names import LONGEST, decoded, is_address, lower, matches, read_name
from .x509 import element

_KEY = const(2100)  # bytes of a public key at most: RSA-16384
_URL = const(200)  # bytes of the address of an issuer's certificate at most
_NAMES = const(8)  # alternative names that are kept at most; all are compared with the host

_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01"  # 1.2.840.113549.1.1
_EC = b"\x2a\x86\x48\xce\x3d"  # 1.2.840.10045
# Keys, by their algorithm's identifier
_KEYS = {
    _RSA + b"\x01": "RSA",
    _RSA + b"\x0a": "RSA-PSS",
    _EC + b"\x02\x01": "EC",
    b"\x2b\x65\x70": "Ed25519",
    b"\x2b\x65\x71": "Ed448",
    b"\x2a\x86\x48\xce\x38\x04\x01": "DSA",
}
_CURVES = {_EC + b"\x03\x01\x07": 256, b"\x2b\x81\x04\x00\x22": 384}
_CURVES[b"\x2b\x81\x04\x00\x23"] = 521
# Signatures: the identifier without its last byte, what it is, {last byte: hash}
_SIGNATURES = (
    (
        _RSA,
        "RSA",
        {4: "MD5", 5: "SHA-1", 11: "SHA-256", 12: "SHA-384", 13: "SHA-512", 14: "SHA-224"},
    ),
    (_EC + b"\x04\x03", "ECDSA", {1: "SHA-224", 2: "SHA-256", 3: "SHA-384", 4: "SHA-512"}),
    (_EC + b"\x04", "ECDSA", {1: "SHA-1"}),
    (b"\x2a\x86\x48\xce\x38\x04", "DSA", {3: "SHA-1"}),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03", "DSA", {1: "SHA-224", 2: "SHA-256"}),
)
# Hashes that RSA-PSS names: 2.16.840.1.101.3.4.2, and last byte
_SHA2 = b"\x60\x86\x48\x01\x65\x03\x04\x02"
_HASHES = {1: "SHA-256", 2: "SHA-384", 3: "SHA-512", 4: "SHA-224"}
_SHA1 = b"\x2b\x0e\x03\x02\x1a"

# Extensions that this package knows: last byte of 2.5.29, and authorityInfoAccess
_INFORMATION = const(256)
_EXTENSIONS = (14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54, 256)
_PKIX = b"\x2b\x06\x01\x05\x05\x07"  # 1.3.6.1.5.5.7
_ACCESS = _PKIX + b"\x01\x01"
_FOR_SERVERS = (_PKIX + b"\x03\x01", b"\x55\x1d\x25\x00")  # serverAuth, any purpose
_CA_ISSUERS = _PKIX + b"\x30\x02"


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
        self._host = lower(host) if host else None
        source.sha = digest = sha256()
        try:
            self._certificate(info)
        except ValueError as e:
            info.damaged = "its %s is wrong, at byte %d: %s" % (self._what, self._at, e)
            info.not_before = info.not_after = 0
            info.subject_hash = info.issuer_hash = b""
            info.ski = info.aki = info.is_ca = info.fits = None
            info.signs = info.server = info.critical = info.issuer_url = None
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
        self._to(stop)
        self._what = "extensions"
        while self._at < end:
            tag, stop = self._header(end)
            if tag == 0xA3:
                self._extensions(stop, end)
            self._to(stop)
        if self._host is not None and info.fits is None:
            # an address must stand as one
            by_name = common and not is_address(self._host)
            info.fits = bool(by_name) and matches(self._host, common)

    def _signature(self, stop):
        oid = self._identifier(stop)
        for base, name, known in _SIGNATURES:
            if oid[:-1] == base and oid[-1] in known:
                self.info.signature = name
                self.info.hash = known[oid[-1]]
                break
        else:
            kind = _KEYS.get(oid, "")
            if kind[:2] == "Ed":
                self.info.signature = kind
            elif kind == "RSA-PSS":
                self.info.signature = kind
                self.info.hash = self._pss_hash(stop)
        self._to(stop)

    def _identifier(self, end):
        """An object identifier; of a long one, which this file does not know, its beginning."""
        _, stop = self._header(end, 6)
        oid = self._take(min(stop - self._at, 32))
        self._to(stop)
        return oid

    def _pss_hash(self, end):
        """The hash that the parameters of RSA-PSS name; without them it is SHA-1."""
        if self._at == end:
            return "unknown hash"
        _, stop = self._header(end, 0x30)
        if self._at == stop:
            return "SHA-1"
        tag, last = self._header(stop)
        if tag != 0xA0:
            return "SHA-1"
        _, last = self._header(last, 0x30)
        oid = self._identifier(last)
        if oid == _SHA1:
            return "SHA-1"
        return _HASHES.get(oid[-1], "unknown hash") if oid[:-1] == _SHA2 else "unknown hash"

    def _name(self, end):
        _, stop = self._header(end, 0x30)
        if stop - self._at > LONGEST:  # compared, not kept
            digest = sha256()
            while self._at < stop:
                digest.update(self._take(min(256, stop - self._at)))
            return "", digest.digest(), None
        best, common, digest = read_name(self._content(stop, LONGEST))
        return best, digest, common

    def _date(self, end):
        tag, stop = self._header(end)
        return encoded(tag, self._content(stop, 32))

    def _public_key(self, end):
        info = self.info
        _, stop = self._header(end, 0x30)
        info.key = _KEYS.get(self._identifier(stop), "other")
        if info.key == "EC" and self._at < stop:
            tag, last = self._header(stop)
            if tag == 6:
                info.bits = _CURVES.get(self._content(last, 16), 0)
        self._to(stop)
        _, stop = self._header(end, 3)
        bits = self._content(stop, _KEY)[1:]
        if info.key[:3] == "RSA":
            info.bits = _modulus(bits)
        info.ski = _hex(sha1(bits).digest())
        info.ski_computed = True

    def _extensions(self, end, last):
        if end != last:  # no second list may overrule this one
            raise ValueError("not a certificate, or damaged")
        seen = []
        _, end = self._header(end, 0x30)
        while self._at < end:
            _, stop = self._header(end, 0x30)
            oid = self._identifier(stop)
            tag, last = self._header(stop)
            critical = False
            if tag != 4:
                critical = self._content(last, 8) not in (b"", b"\x00")
                _, last = self._header(stop, 4)
            type = 0
            if len(oid) == 3 and oid[:2] == b"\x55\x1d":
                type = oid[2]
            elif oid == _ACCESS:
                type = _INFORMATION
            if type:
                if type in seen:
                    raise ValueError("the certificate has an extension twice")
                seen.append(type)
            if type in _EXTENSIONS:
                self._extension(type, last)
            elif critical and self.info.critical is None:
                self.info.critical = dotted(oid)
            self._to(stop)

    def _extension(self, type, end):
        info = self.info
        if type == 14:
            _, stop = self._header(end, 4)
            identifier = self._content(stop, 64)
            if identifier:  # an empty one identifies nothing
                info.ski = _hex(identifier)
                info.ski_computed = False
        elif type == 15:
            _, stop = self._header(end, 3)
            bits = self._content(stop, 8)
            info.signs = len(bits) > 1 and bool(bits[1] & 4)
        elif type == 17:
            self._alternatives(end)
        elif type == _INFORMATION:
            try:
                self._accesses(end)
            except ValueError:  # nothing rests on it
                pass
        elif type in (19, 35, 37):
            _, end = self._header(end, 0x30)
            if type == 19:
                info.is_ca = False
            elif type == 37:
                info.server = False
            first = self._at
            while self._at < end:
                ahead = self._at == first
                tag, stop = self._header(end)
                if type == 19:
                    self._constraint(tag, self._content(stop, 8), ahead)
                elif type == 35 and tag == 0x80:
                    info.aki = _hex(self._content(stop, 64)) or None
                elif type == 37 and tag == 6:
                    purpose = self._take(min(stop - self._at, 32))
                    info.server = info.server or purpose in _FOR_SERVERS
                self._to(stop)

    def _constraint(self, tag, value, ahead):
        if tag == 1 and ahead:  # as x509.py reads it
            self.info.is_ca = value[:1] not in (b"", b"\x00")
        elif tag == 2 and value:
            length = 0
            for c in value:
                length = length << 8 | c
            self.info.path_length = length

    def _accesses(self, end):
        """The descriptions of authorityInfoAccess."""
        _, end = self._header(end, 0x30)
        while self._at < end:
            _, stop = self._header(end)
            self._access(stop)
            self._to(stop)

    def _access(self, end):
        if self._identifier(end) == _CA_ISSUERS and self.info.issuer_url is None:
            tag, stop = self._header(end)
            if tag == 0x86 and stop - self._at <= _URL:
                url = self._content(stop, _URL)
                if url[:7].lower() == b"http://" and not [c for c in url if not 32 < c < 127]:
                    self.info.issuer_url = url.decode()

    def _alternatives(self, end):
        self.info.fits = False
        _, end = self._header(end, 0x30)
        while self._at < end:
            tag, stop = self._header(end)
            if tag == 0x82:
                self._alternative(decoded(0x16, self._content(stop, 255)))
            elif tag == 0x87 and stop - self._at == 4:
                self._alternative("%d.%d.%d.%d" % tuple(self._take(4)), True)
            self._to(stop)
        if self._host is None:
            self.info.fits = None

    def _alternative(self, name, address=False):
        info = self.info
        info.name_count += 1
        if len(info.names) < _NAMES:
            info.names.append(name)
        if self._host is not None and is_address(self._host) == address:
            info.fits = info.fits or matches(self._host, name)


def _modulus(bits):
    """The size of an RSA key in bits; 0 if it has none."""
    _, at, last = element(bits, 0, len(bits), 0x30)
    _, at, last = element(bits, at, last, 2)
    while at < last and bits[at] == 0:
        at += 1
    if at == last:
        return 0
    size = (last - at) * 8
    while not bits[at] & 1 << (size - 1) % 8:
        size -= 1
    return size


def dotted(oid):
    """An object identifier in DER as numbers and dots."""
    arcs = []
    arc = 0
    for c in oid:
        arc = arc << 7 | c & 0x7F
        if c < 0x80:
            if not arcs:
                arcs.append(min(arc // 40, 2))
                arc -= 40 * arcs[0]
            arcs.append(arc)
            arc = 0
    return ".".join([str(arc) for arc in arcs])


def _hex(data):
    return hexlify(data).decode()


def detail(source, name):
    """An attribute, by its name, of the CertificateInfo of a certificate that load() takes.
    None if it cannot be read."""
    return getattr(_info(source), name, None)


def warnings(source, now):
    """words.warnings() of a CA, as source.load() takes it; [] if it cannot be read."""
    from . import words

    info = _info(source)
    return words.warnings(info, now) if info is not None else []


def _info(source):
    if source is None:
        return None
    from .source import load

    try:
        der = load(source)
        return read(Bytes(der), len(der))
    except (OSError, ValueError):
        return None
