"""A certificate, as the module reads it; and Refused, with which it turns one down."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

_ECDSA = "1.2.840.10045.4."  # how the identifiers of its signatures begin, RFC 5758
_PKCS1 = "1.2.840.113549.1.1."  # and those of RSA, RFC 8017
_PSS = _PKCS1 + "10"  # of its keys, and of its signatures
CA_ERROR = 23  # of a server for which no CA is found
_NIST = ("secp256r1", "secp384r1", "secp521r1")


class Refused(Exception):
    """The module refuses a certificate: AT-S.Certificate Error:<number>."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


class Certificate:
    """A certificate, read at once: `cryptography` reads most parts when they are asked for, and
    only then raises exceptions, of many classes.

    subject, issuer: x509.Name. common_names: list of str. begins, ends: seconds since 1970.
    serial: its number. is_ec, is_rsa: what its key is. bits: the size of an RSA key, else 0.
    curve: the name of an EC key's curve, else None. signed_by_ec: ECDSA signed it. usual: key and
    signature are RSA without PSS, or ECDSA with a curve of NIST's. old_hash: the hash of the
    signature if that is MD5 or SHA1, else None. extensions: x509.Extensions, None if one of them
    cannot be read.
    """

    def __init__(self, data, encoding="der"):
        """data: bytes. encoding: "der", "pem", or "both" for either. Raises ValueError if the data
        have another encoding, or cannot be read."""
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        if encoding == ("der" if is_pem else "pem"):
            raise ValueError("another encoding")
        load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
        try:
            self._read(load(data))
        except Exception as e:
            raise ValueError(str(e)) from None

    def _read(self, made):
        self.made = made
        self.subject, self.issuer = made.subject, made.issuer
        named = self.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        self.common_names = [a.value for a in named if isinstance(a.value, str)]
        self.begins = made.not_valid_before_utc.timestamp()
        self.ends = made.not_valid_after_utc.timestamp()
        self.serial = made.serial_number
        self._read_algorithms(made)
        try:
            self.extensions = made.extensions
        except Exception:
            self.extensions = None

    def _read_algorithms(self, made):
        signature = made.signature_algorithm_oid.dotted_string
        hash = made.signature_hash_algorithm
        self.old_hash = hash if isinstance(hash, (hashes.MD5, hashes.SHA1)) else None
        self.signed_by_ec = signature.startswith(_ECDSA)
        key = made.public_key()
        self.is_ec = isinstance(key, ec.EllipticCurvePublicKey)
        self.is_rsa = isinstance(key, rsa.RSAPublicKey)
        self.bits = key.key_size if isinstance(key, rsa.RSAPublicKey) else 0
        self.curve = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else None
        kinds = signature, made.public_key_algorithm_oid.dotted_string
        known = self.signed_by_ec or signature.startswith(_PKCS1)
        self.usual = known and _PSS not in kinds and (self.is_rsa or self.curve in _NIST)

    def __eq__(self, other):
        return isinstance(other, Certificate) and self.made == other.made

    def __hash__(self):
        return hash(self.made)

    def extension(self, oid):
        """Return the value of an extension, None if it is missing or cannot be read."""
        try:
            return self.extensions.get_extension_for_oid(oid).value if self.extensions else None
        except x509.ExtensionNotFound:
            return None

    @property
    def own_key(self):
        """The subject key identifier, bytes, or None."""
        value = self.extension(ExtensionOID.SUBJECT_KEY_IDENTIFIER)
        return value.digest if value else None

    @property
    def authority_key(self):
        """The authority key identifier, bytes, or None."""
        value = self.extension(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
        return value.key_identifier if value is not None else None

    @property
    def is_ca(self):
        """True if the certificate says that it is a CA's."""
        value = self.extension(ExtensionOID.BASIC_CONSTRAINTS)
        return value is not None and value.ca

    @property
    def self_issued(self):
        """True if subject and issuer are the same."""
        return self.subject == self.issuer

    def signed_by(self, issuer):
        """True if the issuer's key has signed it."""
        try:
            if self.old_hash and self.issuer == issuer.subject:
                self._verify_old(self.old_hash, issuer.made.public_key())
            else:
                self.made.verify_directly_issued_by(issuer.made)
            return True
        except Exception:  # no signature, or an unknown kind of signature
            return False

    def _verify_old(self, hash, key):
        """Verify a signature whose hash verify_directly_issued_by() refuses by policy."""
        signature, signed = self.made.signature, self.made.tbs_certificate_bytes
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), hash)
        else:
            key.verify(signature, signed, ec.ECDSA(hash))


def load(data, encoding):
    """Return the Certificate of some data, None if they are none; see Certificate."""
    try:
        return Certificate(data, encoding)
    except ValueError:
        return None
