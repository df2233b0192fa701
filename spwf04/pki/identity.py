"""Identity: the module's own certificate and private key, for servers that ask clients for one
(mutual TLS), and for a server of one's own.

It goes where the CAs are: into the flash slot beside the CA, or into the files tls.cert and
tls.key. [h.1, T5, T6] The key is never read back, and is never part of a message.
"""

from ..const import const
from ..errors import SPWF04Error, errno
from ..hostfile import file_name, opened
from ..payload import payload
from .digest import fingerprint
from .pem import load
from .x509 import Certificate, element

_BUNDLE = const(1475)  # bytes of the module's own certificates, at most [T6]

_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
_EC = b"\x2a\x86\x48\xce\x3d\x02\x01"
_ENCRYPTED = "the private key is encrypted, decrypt it first: openssl pkey -in FILE"
_P256 = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"


class Identity:
    """A certificate and its private key.

    certfile, keyfile: names of files as str or path, or PEM or DER as str or bytes; keyfile None:
    the key is in the same PEM. The key is RSA or EC P-256, in PKCS#1, SEC1 or PKCS#8, and not
    encrypted. ValueError, TypeError: they are something else, do not belong together, or are too
    large. OSError: a file cannot be read.

    where: "slot", "file", or None (not on the module). volume: letter of its files' volume, or
    None. sha256: SHA-256 of certificate and key, hex str, by which it is known.
    """

    where = None
    volume = None
    owner = "context"
    written = False

    def __init__(self, certfile, keyfile=None):
        self._certfile = certfile
        self._keyfile = certfile if keyfile is None else keyfile
        size = len(self.certificate())
        if size > _BUNDLE:
            raise ValueError(
                "the module takes %d bytes of own certificates, not %d: leave the CA's "
                "certificates out, or use an EC key" % (_BUNDLE, size)
            )
        public = _Key(_read(self._keyfile, "keyfile")).public
        if public and bytes(self.der()).find(public) < 0:
            _refuse_key(_read(self._certfile, "certfile"), public)
        self.sha256 = fingerprint(bytes(self.certificate()) + bytes(self.key()))

    def __repr__(self):
        return "<Identity>"

    @property
    def subject(self) -> "str | None":
        """Its common name, else its organization; None if it cannot be read. Reads the certificate
        at each call."""
        from .certificate import detail

        return detail(self, "subject")

    @property
    def not_after(self) -> "int | None":
        """When it expires, in seconds since 1970; None if it cannot be read. Reads the certificate
        at each call."""
        from .certificate import detail

        return detail(self, "not_after")

    def der(self):
        """The certificate in DER, the first one if there are several."""
        data = _read(self._certfile, "certfile")
        at = data.find(b"-----BEGIN CERTIFICATE-----")
        if at >= 0:
            end = data.find(b"-----END CERTIFICATE-----", at)
            data = data[at : end + 25] if end > 0 else data
        der = load(data, "certfile")
        Certificate(der)
        return der

    def certificate(self):
        """What is uploaded as certificate: DER of a single one, PEM of several."""
        data = _read(self._certfile, "certfile")
        if data.count(b"-----BEGIN CERTIFICATE-----") < 2:
            return self.der()
        parts = []
        at = data.find(b"-----BEGIN CERTIFICATE-----")
        while at >= 0:
            end = data.find(b"-----END CERTIFICATE-----", at) + 25
            if end < 25:
                raise ValueError("the PEM has no END CERTIFICATE line")
            parts.append(data[at:end] + b"\n")
            at = data.find(b"-----BEGIN CERTIFICATE-----", end)
        return b"".join(parts)

    def key(self):
        """What is uploaded as key: DER in PKCS#1 or SEC1."""
        return _Key(_read(self._keyfile, "keyfile")).der

    def both(self):
        """(certificate, key), to be uploaded or used. OSError if they are no longer those of which
        the Identity was made: files and buffers change."""
        found = bytes(self.certificate()), bytes(self.key())
        if fingerprint(found[0] + found[1]) != self.sha256:
            raise SPWF04Error(
                errno.EIO,
                "certfile or keyfile has changed since load_cert_chain() read it",
                hint="Load the new ones into a new SSLContext",
                remedy="new_context",
            )
        return found


def _read(source, name):
    if isinstance(source, str) and "-----BEGIN" not in source:
        named = True
    else:
        named = not isinstance(source, str) and file_name(source, name) is not None
    if named:
        with opened(source, name) as f:
            return f.read()
    return bytes(payload(source, name, True))


def _refuse_key(data, public):
    """Raise ValueError for a key that does not belong to the first certificate."""
    begin = b"-----BEGIN CERTIFICATE-----"
    at = data.find(begin)
    at = data.find(begin, at + 1) if at >= 0 else -1
    while at >= 0:
        end = data.find(b"-----END CERTIFICATE-----", at)
        if bytes(load(data[at : end + 25] if end > 0 else data[at:])).find(public) >= 0:
            raise ValueError(
                "certfile: the private key's own certificate must be the first, before the CAs'"
            )
        at = data.find(begin, at + 1)
    raise ValueError("keyfile: the private key does not belong to the certificate")


class _Key:
    """A private key. der: in PKCS#1 or SEC1. public: bytes that its certificate must contain, or
    b"".

    ValueError if it is none. It says what it is instead, if that can be told, and shows nothing of
    it.
    """

    def __init__(self, data):
        words = "not a private key, or damaged"
        try:
            self._parse(self._unwrap(data))
            return
        except _WrongKind as e:
            words = str(e)
        except ValueError:
            pass
        # Raised here, so that no other exception is in its context: that may show the key
        raise ValueError("keyfile: " + words)

    def _unwrap(self, data):
        """The key in DER, from DER or from the first private key in a PEM."""
        end = data.find(b"PRIVATE KEY-----")
        if end < 0:
            if b"-----BEGIN" in data:
                raise _WrongKind("this PEM holds no private key")
            return _binary(data)
        last = data.find(b"-----END", end)
        if last < 0:
            raise _WrongKind("not a private key: it has no END line")
        kind = data[data.rfind(b"-----BEGIN", 0, end) : end]
        inside = data[end + 16 : last]
        if b"OPENSSH" in kind:
            raise _WrongKind(
                "a key in OpenSSH's own format: ssh-keygen -p -m PEM -f FILE changes it"
            )
        if b"ENCRYPTED" in kind or b"ENCRYPTED" in inside:
            raise _WrongKind(_ENCRYPTED)
        from binascii import a2b_base64

        return a2b_base64(inside)

    def _parse(self, der):
        _, at, end = element(der, 0, len(der), 0x30)
        tag, start, at = element(der, at, end)
        if tag == 0x30 and der[at : at + 1] == b"\x04":  # PKCS#8's EncryptedPrivateKeyInfo
            raise _WrongKind(_ENCRYPTED)
        if tag != 2:
            raise ValueError
        version = der[start]
        if version == 3:
            raise _WrongKind(
                "not a private key but a PKCS#12 container: openssl pkcs12 -in FILE -nodes "
                "writes what is in it as PEM"
            )
        tag, first, last = element(der, at, end)
        if tag == 0x30:  # PKCS#8: the algorithm, then the key in its own form
            _, start, stop = element(der, first, last, 6)
            kind = der[start:stop]
            _, first, inner = element(der, last, end, 4)
            if kind == _RSA:
                self._rsa(der[first:inner])
            elif kind == _EC:
                self._ec(der[first:inner], der[stop:last])
            else:
                raise _WrongKind("the private key is neither RSA nor EC")
        elif tag == 2 and version == 0:
            self._rsa(der)
        elif tag == 4 and version == 1:
            self._ec(der, b"")
        else:
            raise ValueError

    def _rsa(self, der):
        _, at, end = element(der, 0, len(der), 0x30)
        _, _, at = element(der, at, end, 2)
        _, first, last = element(der, at, end, 2)
        while first < last and der[first] == 0:
            first += 1
        self.der = der
        self.public = der[first:last]

    def _ec(self, der, curve):
        """curve: as PKCS#8 names it, or b""."""
        _, at, end = element(der, 0, len(der), 0x30)
        _, _, at = element(der, at, end, 2)
        _, _, at = element(der, at, end, 4)
        head = der[element(der, 0, len(der))[1] : at]
        self.public = b""
        while at < end:
            tag, first, at = element(der, at, end)
            if tag == 0xA0:
                curve = der[first:at]
            elif tag == 0xA1:
                _, first, last = element(der, first, at, 3)
                self.public = der[first + 1 : last]
        if curve[:1] == b"\x30":
            raise _WrongKind(
                "the curve of the EC key is written out, where it must be named: openssl ec -in "
                "FILE -param_enc named_curve"
            )
        if curve != _P256:
            raise _WrongKind("the EC key is not on P-256, the one curve known to work")  # [T6]
        if self.public[:1] in (b"\x02", b"\x03"):
            raise _WrongKind(
                "the public point in the EC key is compressed: openssl ec -in FILE -conv_form "
                "uncompressed"
            )
        body = head + b"\xa0" + bytes((len(curve),)) + curve
        if self.public:
            bits = b"\x03" + bytes((len(self.public) + 1, 0)) + self.public
            body += b"\xa1" + bytes((len(bits),)) + bits
        self.der = b"\x30" + (b"\x81" if len(body) > 127 else b"") + bytes((len(body),)) + body


def _binary(data):
    """Data without a PEM, if they may be DER."""
    data = bytes(data)
    text = data.strip()
    for c in text[:64]:
        if not 32 <= c < 127 and c not in b"\t\r\n":
            return data
    if text[:1] == b"{":
        raise _WrongKind("not a private key in PEM or DER but JSON, like a JWK: convert it to PEM")
    if not text:
        raise ValueError
    raise _WrongKind(
        "not a private key in PEM or DER but text: the lines -----BEGIN … PRIVATE KEY----- and "
        "-----END … PRIVATE KEY----- are part of a PEM"
    )


class _WrongKind(ValueError):
    """A key of a kind that the module does not take."""
