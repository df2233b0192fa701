"""A certificate, as the module reads it; and Refused, with which it turns one down."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

_ECDSA = "1.2.840.10045.4."  # how the identifiers of its signatures begin, RFC 5758
_PKCS1 = "1.2.840.113549.1.1."  # and those of RSA, RFC 8017
_PSS = _PKCS1 + "10"  # of its keys, and of its signatures
CA_ERROR = 23  # of a server for which no CA is found
_NAMED_CURVE = bytes.fromhex("06072a8648ce3d020106")  # an EC key whose curve has an identifier
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
    serial: its number. version: 1, or 3 for any later one. is_ec, is_rsa: what its key is. bits:
    the size of an RSA key, else 0. curve: the name of an EC key's curve, else None. signed_by_ec:
    ECDSA signed it. usual: key and signature are RSA without PSS, or ECDSA with a curve of NIST's
    that has its name. old_hash: the hash of the signature if that is MD5 or SHA1, else None.
    extensions: x509.Extensions, None if one of them cannot be read.
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
        self.version = 1 if made.version is x509.Version.v1 else 3
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
        named = self.curve in _NIST and _NAMED_CURVE in made.tbs_certificate_bytes
        self.usual = known and _PSS not in kinds and (self.is_rsa or named)

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
        return self.issuer_is(self)

    def issuer_is(self, above, exact=False):
        """True if the subject of another Certificate is the issuer of this one.

        exact: byte for byte; else as RFC 5280 7.1 wants it.
        """
        if exact:
            return self.issuer.public_bytes() == above.subject.public_bytes()
        return folded(self.issuer) == folded(above.subject)

    def signed_by(self, issuer, exact=False):
        """True if the issuer's key has signed it, and its name fits: see issuer_is()."""
        try:
            if self.issuer_is(issuer, exact):
                self._verify(issuer.made.public_key())
                return True
        except Exception:  # no signature, or an unknown kind of signature
            pass
        return False

    def _verify(self, key):
        """Verify its signature; an exception if it is none. cryptography's call for that refuses
        old hashes by policy, and names that are written otherwise."""
        made, signed = self.made, self.made.tbs_certificate_bytes
        whole = made.public_bytes(Encoding.DER)
        at = whole.index(signed) + len(signed)
        if whole[at : at + 2 + whole[at + 1]] not in signed:
            raise ValueError("it names two algorithms")
        given = []
        if isinstance(key, rsa.RSAPublicKey):
            is_pss = made.signature_algorithm_oid.dotted_string == _PSS
            made_by = made.signature_algorithm_parameters if is_pss else padding.PKCS1v15()
            given = [made_by, made.signature_hash_algorithm]
        elif isinstance(key, ec.EllipticCurvePublicKey):
            given = [made.signature_algorithm_parameters]
        elif isinstance(key, dsa.DSAPublicKey):
            given = [made.signature_hash_algorithm]
        key.verify(made.signature, signed, *given)


def folded(name):
    """The parts of an x509.Name in a form that is the same for names that are the same by RFC 5280
    7.1: letters without their case, any number of blanks as one, whatever type a string has."""
    parts = []
    for rdn in name.rdns:
        values = []
        for attribute in rdn:
            value = attribute.value
            if isinstance(value, str):
                value = b" ".join(value.encode().lower().split())
            values.append((attribute.oid.dotted_string, value))
        parts.append(sorted(values))
    return parts


def load(data, encoding):
    """Return the Certificate of some data, None if they are none; see Certificate."""
    try:
        return Certificate(data, encoding)
    except ValueError:
        return None
