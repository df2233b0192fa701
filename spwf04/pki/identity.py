"""Identity: the module's own certificate and private key, for servers that ask clients for one
(mutual TLS), and for a server of one's own.

It goes where the CAs are: into the flash slot beside the CA, or into the files tls.cert and
tls.key. [h.1, T5, T6] The key is never read back, and is never part of a message.
"""

from ..const import const
from ..digest import fingerprint
from ..errors import SPWF04Error, errno
from .pem import blocks, open_source, to_pem, whole
from .source import certificates, load
from .x509 import element

_BUNDLE = const(1475)  # bytes of the module's own certificates, at most [T6]

_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
_EC = b"\x2a\x86\x48\xce\x3d\x02\x01"
_P256 = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
_LABELS = (b"PRIVATE KEY",)


class Identity:
    """A certificate and its private key.

    certfile, keyfile: names of files as str or path, or their content as str or bytes; keyfile
    None: the key is in the same file. The certificate is in a form that pem.load() takes; others
    may follow it. The key is RSA or EC P-256, in PKCS#1, SEC1 or PKCS#8, PEM or DER, and not
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
        public = read_key(self._keyfile).public
        if public and bytes(self.der()).find(public) < 0:
            self._refuse_key(public)
        self.sha256 = fingerprint(bytes(self.certificate()) + bytes(self.key()))

    def __repr__(self):
        return "<Identity>"

    @property
    def subject(self) -> "str | None":
        """Its common name, else its organization or unit; None if it cannot be read. Reads the
        certificate at each call."""
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
        return load(certificates(self._certfile, "certfile")[0], "certfile")

    def certificate(self):
        """What is uploaded as certificate: DER of a single one, PEM of several."""
        found = certificates(self._certfile, "certfile")
        if len(found) < 2:
            return load(found[0], "certfile")
        return b"".join([to_pem(each.der()) for each in found])

    def key(self):
        """What is uploaded as key: DER in PKCS#1 or SEC1."""
        return read_key(self._keyfile).der

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

    def _refuse_key(self, public):
        """Raise ValueError for a key that does not belong to the first certificate."""
        for each in certificates(self._certfile, "certfile")[1:]:
            if bytes(each.der()).find(public) >= 0:
                raise ValueError(
                    "certfile: the private key's own certificate must be the first, before the "
                    "CAs'"
                )
        raise ValueError("keyfile: the private key does not belong to the certificate")


def read_key(source):
    """The first private key in a source, as _Key. ValueError if there is none that can be used. It
    says what it is instead, if that can be told, and shows nothing of it."""
    words = ""
    with open_source(source, "keyfile") as f:
        _, der = next(blocks(f, "keyfile", _LABELS))
        if not isinstance(der, ValueError):
            try:
                return _Key(bytes(der))
            except _WrongKind as e:
                words = str(e)
            except ValueError:
                pass
        if not words:
            from .kinds import no_key

            words = no_key(whole(f, "keyfile"), der)
    # Raised here, so that no other exception is in its context: that may show the key
    raise ValueError("keyfile: " + words)


class _Key:
    """A private key in DER. ValueError if it is none.

    der: in PKCS#1 or SEC1. public: bytes that its certificate must contain, or b"".
    """

    def __init__(self, der):
        _, at, end = element(der, 0, len(der), 0x30)
        if end != len(der):
            raise ValueError
        _, start, at = element(der, at, end, 2)
        version = der[start]
        tag, first, last = element(der, at, end)
        if tag == 0x30 and version < 2:  # PKCS#8: the algorithm, then the key in its own form
            _, start, stop = element(der, first, last, 6)
            kind = der[start:stop]
            _, first, inner = element(der, last, end, 4)
            if kind == _RSA:
                self._rsa(der[first:inner])
            elif kind == _EC:
                self._ec(der[first:inner], der[stop:last])
            else:
                from .kinds import algorithm_words

                raise _WrongKind(algorithm_words(kind))
        elif tag == 2 and version == 0:
            self._rsa(der)
        elif tag == 4 and version == 1:
            self._ec(der, b"")
        else:
            raise ValueError

    def _rsa(self, der):
        _, at, end = element(der, 0, len(der), 0x30)
        numbers = []
        while at < end:
            _, first, at = element(der, at, end, 2)
            numbers.append((first, at))
        if end != len(der) or len(numbers) != 9:
            raise ValueError
        first, last = numbers[1]
        while first < last and der[first] == 0:
            first += 1
        self.der = der
        self.public = der[first:last]

    def _ec(self, der, curve):
        """curve: as PKCS#8 names it, or b""."""
        _, at, end = element(der, 0, len(der), 0x30)
        _, first, at = element(der, at, end, 2)
        version = der[first:at]
        _, _, at = element(der, at, end, 4)
        head = der[element(der, 0, len(der))[1] : at]
        self.public = b""
        while at < end:
            tag, first, at = element(der, at, end)
            if tag == 0xA0 and curve in (b"", der[first:at]):
                curve = der[first:at]
            elif tag == 0xA1:
                _, first, last = element(der, first, at, 3)
                self.public = der[first + 1 : last]
                version += der[first : first + 1]  # unused bits
            else:
                raise ValueError
        if version not in (b"\1", b"\1\0"):
            raise ValueError
        if curve != _P256:
            from .kinds import curve_words, named_curve

            words = curve_words(curve)
            curve = named_curve(curve)
            if curve != _P256:
                raise _WrongKind(words)  # [T6]
        if self.public[:1] in (b"\x02", b"\x03"):
            raise _WrongKind(
                "the public point in the EC key is compressed: openssl ec -in FILE -conv_form "
                "uncompressed -out FILE.pem"
            )
        body = head + b"\xa0" + bytes((len(curve),)) + curve
        if self.public:
            bits = b"\x03" + bytes((len(self.public) + 1, 0)) + self.public
            body += b"\xa1" + bytes((len(bits),)) + bits
        self.der = b"\x30" + (b"\x81" if len(body) > 127 else b"") + bytes((len(body),)) + body


class _WrongKind(ValueError):
    """A key of a kind that the module does not take."""
