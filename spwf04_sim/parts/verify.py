"""How the module verifies a server's chain, in the order in which verification was seen to fail.

First comes what it cannot parse (11 mixed chains, 22 RSA-4096, size), then the CA (23), then
dates and name. [T3, T5, T6] The module looks for the CA in the flash slot; only while the slot is
empty it looks in files. [T1]
"""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

from .tlslink import Refused

_SIZE = 2560  # bytes of one certificate from a peer [T6]
_CA_ERROR = 23
_ECDSA = "1.2.840.10045.4."  # how the identifiers of its signatures begin, RFC 5758


class _Certificate:
    """A certificate, read at once: `cryptography` reads most parts when they are asked for, and
    only then raises exceptions, of many classes.

    subject, issuer: x509.Name. common_names: list of str. begins, ends: seconds since 1970.
    is_ec, is_rsa: what its key is. bits: the size of an RSA key, else 0. signed_by_ec: ECDSA
    signed it. old_hash: the hash of the signature if that is MD5 or SHA1, else None. extensions:
    x509.Extensions, None if one of them cannot be read.
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
        hash = made.signature_hash_algorithm
        self.old_hash = hash if isinstance(hash, (hashes.MD5, hashes.SHA1)) else None
        self.signed_by_ec = made.signature_algorithm_oid.dotted_string.startswith(_ECDSA)
        key = made.public_key()
        self.is_ec = isinstance(key, ec.EllipticCurvePublicKey)
        self.is_rsa = isinstance(key, rsa.RSAPublicKey)
        self.bits = key.key_size if isinstance(key, rsa.RSAPublicKey) else 0
        try:
            self.extensions = made.extensions
        except Exception:
            self.extensions = None

    def __eq__(self, other):
        return isinstance(other, _Certificate) and self.made == other.made

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
    def is_ca(self):
        """True if the certificate says that it is a CA's."""
        value = self.extension(ExtensionOID.BASIC_CONSTRAINTS)
        return value is not None and value.ca

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


def verify(chain, name, flash, quirks, now):
    """Raise Refused unless the chain (a list of DER, leaf first) is to be trusted.

    name: the name that the certificate must have, None for no check. now: the module's clock,
    seconds since 1970. Whatever the bytes are, no other exception is raised.
    """
    if quirks.peer_certificate_limit and any(len(der) > _SIZE for der in chain):
        raise Refused(quirks.certificate_error_size)
    try:
        certificates = [_Certificate(der) for der in chain]
    except ValueError:
        raise Refused(quirks.certificate_error_parse) from None
    if not certificates:
        raise Refused(_CA_ERROR)
    for certificate in certificates:
        _parse(certificate, quirks)
    path, anchor = _path(certificates, flash, quirks)
    if anchor.bits >= 4096 and quirks.rsa4096 == "nowhere":
        raise Refused(22)
    if anchor.is_ec != certificates[0].is_ec and not quirks.mixed_chains:
        raise Refused(11)
    if any(_forbids(certificate, path[:n]) for n, certificate in enumerate([*path, anchor])):
        raise Refused(_CA_ERROR)
    for certificate in [*path, anchor]:
        if not certificate.begins <= max(now, 0) <= certificate.ends:
            raise Refused(quirks.certificate_error_date)
    if name is not None and not _named(certificates[0], name, quirks.name_check):
        raise Refused(quirks.certificate_error_name)


def _parse(certificate, quirks):
    if certificate.old_hash and not _self_signed(certificate) and quirks.old_hashes == "refused":
        raise Refused(_CA_ERROR)
    if certificate.bits >= 4096 and quirks.rsa4096 != "everywhere":
        raise Refused(22)
    if not (certificate.is_rsa or certificate.is_ec):
        raise Refused(11)
    if certificate.signed_by_ec != certificate.is_ec and not quirks.mixed_chains:
        raise Refused(11)


def _path(certificates, flash, quirks):
    """Return ([leaf, …], anchor); raise Refused(23) if there is no anchor."""
    path = [certificates[0]]
    if quirks.ca_lookup == "top":
        while True:
            above = _issuers(path[-1], certificates, path)
            if not above or _self_signed(path[-1]):
                break
            path.append(above[0])
    while True:
        top = path[-1]
        anchor = _anchor(top, flash, quirks)
        if anchor is not None and (anchor == top or top.signed_by(anchor)):
            return path, anchor
        above = _issuers(top, certificates, path)
        if quirks.ca_lookup != "each" or not above:
            raise Refused(_CA_ERROR)
        path.append(above[0])


def _issuers(certificate, certificates, path):
    return [c for c in certificates if c not in path and c.is_ca and certificate.signed_by(c)]


def _self_signed(certificate):
    return certificate.subject == certificate.issuer


def _anchor(certificate, flash, quirks):
    """Return the CA on the module that this certificate names, or None."""
    wanted = _authority_key(certificate)
    if flash.slot.get("ca"):
        if not quirks.slot_lookup:
            return None
        ca = _load(flash.slot["ca"], quirks.slot_encoding)
        if ca is None or ca.subject != certificate.issuer:
            return None
        own = ca.own_key or flash.slot.get("auth")
        if wanted is None:
            known = {"refused": False, "slot": True, "auth": own is not None}
            return ca if known[quirks.no_identifier] else None
        return ca if own == wanted else None
    if not quirks.file_lookup or wanted is None:
        return None
    separator = ":" if quirks.ca_file_name == "colons" else ""
    name = separator.join(f"{c:02x}" for c in wanted) + ".ca"
    for (_, file), data in flash.files.items():
        if file == name:
            return _load(bytes(data), quirks.ca_file_encoding)
    return None


def _forbids(certificate, below):
    """True if an extension of a certificate rules out its use. below: the certificates under it.

    How much of RFC 5280 the module checks is not known; this is the strict reading.
    """
    if certificate.extensions is None:
        return True
    cas = len([c for c in below[1:] if not _self_signed(c)])
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.UnrecognizedExtension) and extension.critical:
            return True
        if isinstance(value, x509.BasicConstraints) and below:
            if not value.ca or (value.path_length is not None and cas > value.path_length):
                return True
        if isinstance(value, x509.KeyUsage) and below and not value.key_cert_sign:
            return True
        if isinstance(value, x509.ExtendedKeyUsage) and not below:
            if x509.oid.ExtendedKeyUsageOID.SERVER_AUTH not in value:
                return True
        if isinstance(value, x509.NameConstraints) and below and not _permits(value, below[0]):
            return True
    return False


def _permits(constraints, leaf):
    san = leaf.extension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    names = san.get_values_for_type(x509.DNSName) if san is not None else []

    def under(name, rules):
        rules = [r.value for r in rules or () if isinstance(r, x509.DNSName)]
        return not rules, any(("." + name).endswith("." + rule) for rule in rules)

    for name in names:
        none, inside = under(name, constraints.permitted_subtrees)
        if not (none or inside) or under(name, constraints.excluded_subtrees)[1]:
            return False
    return True


def _load(data, encoding):
    try:
        return _Certificate(data, encoding)
    except ValueError:
        return None


def subject_key_id(data):
    """Return the subject key identifier of a DER or PEM certificate, bytes, or None."""
    certificate = _load(data, "both")
    return certificate.own_key if certificate is not None else None


def _authority_key(certificate):
    value = certificate.extension(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    if value is not None and value.key_identifier is not None:
        return value.key_identifier
    if _self_signed(certificate):  # its own key
        return certificate.own_key
    return None


def _named(certificate, name, how):
    names = list(certificate.common_names)
    if how != "cn":
        san = certificate.extension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
        if san is not None:
            names += san.get_values_for_type(x509.DNSName)
            names += [str(ip) for ip in san.get_values_for_type(x509.IPAddress)]
    name = name.lower()
    for candidate in [n.lower() for n in names]:
        if candidate == name:
            return True
        if how != "literal" and candidate.startswith("*.") and "." in name:
            if candidate[2:] == name.split(".", 1)[1]:
                return True
    return False


def digest(function, data):
    """Return the hash of data as hex. function: 0 SHA-1, 1 SHA-224, 2 SHA-256, 3 MD5. [i]"""
    kinds = (hashes.SHA1, hashes.SHA224, hashes.SHA256, hashes.MD5)
    made = hashes.Hash(kinds[function]())
    made.update(bytes(data))
    return made.finalize().hex()
