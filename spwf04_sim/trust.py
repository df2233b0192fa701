"""The module's verification of a server's chain, in the order in which it was seen to fail.

First what it cannot parse (11 mixed chains, 22 RSA-4096, size), then the CA (23), then dates and
name. [T3, T5, T6] The CA is looked for in the flash slot, in files only while that is empty. [T1]
"""

import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

from .net import Refused

_SIZE = 2560  # of one certificate from a peer [T6]
_CA_ERROR = 23


def verify(chain, name, flash, quirks, now):
    """Raise Refused unless the chain (DER, leaf first) is to be trusted.

    name: what the certificate must be for, None for no check. now: the module's clock.
    """
    if quirks.peer_certificate_limit and any(len(der) > _SIZE for der in chain):
        raise Refused(quirks.certificate_error_size)
    try:
        certificates = [x509.load_der_x509_certificate(der) for der in chain]
    except ValueError:
        raise Refused(11) from None
    if not certificates:
        raise Refused(_CA_ERROR)
    for certificate in certificates:
        _parse(certificate, quirks)
    path, anchor = _path(certificates, flash, quirks)
    if _too_large(anchor) and quirks.rsa4096 == "nowhere":
        raise Refused(22)
    if _is_ec(anchor) != _is_ec(certificates[0]) and not quirks.mixed_chains:
        raise Refused(11)
    if any(_forbids(certificate, path[:n]) for n, certificate in enumerate([*path, anchor])):
        raise Refused(_CA_ERROR)
    for certificate in [*path, anchor]:
        if not _in_time(certificate, now):
            raise Refused(quirks.certificate_error_date)
    if name is not None and not _named(certificates[0], name, quirks.name_check):
        raise Refused(quirks.certificate_error_name)


def _is_ec(certificate):
    return isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)


def _too_large(certificate):
    key = certificate.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= 4096


def _parse(certificate, quirks):
    if _too_large(certificate) and quirks.rsa4096 != "everywhere":
        raise Refused(22)
    if not isinstance(certificate.public_key(), (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        raise Refused(11)
    signed_by_ec = "ecdsa" in certificate.signature_algorithm_oid._name.lower()
    if signed_by_ec != _is_ec(certificate) and not quirks.mixed_chains:
        raise Refused(11)


def _path(certificates, flash, quirks):
    """([leaf, …], anchor), or Refused(23)."""
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
        if anchor is not None and (anchor == top or _signed(top, anchor)):
            return path, anchor
        above = _issuers(top, certificates, path)
        if quirks.ca_lookup != "each" or not above:
            raise Refused(_CA_ERROR)
        path.append(above[0])


def _issuers(certificate, certificates, path):
    return [c for c in certificates if c not in path and _is_ca(c) and _signed(certificate, c)]


def _self_signed(certificate):
    return certificate.subject == certificate.issuer


def _anchor(certificate, flash, quirks):
    """The CA on the module that this certificate asks for, by its authority key identifier."""
    wanted = _authority_key(certificate)
    if flash.slot.get("ca"):
        if not quirks.slot_lookup:
            return None
        ca = _load(flash.slot["ca"], quirks.slot_encoding)
        if ca is None or ca.subject != certificate.issuer:
            return None
        own = _subject_key(ca) or flash.slot.get("auth")
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
    """True if an extension of a certificate rules out what it is used for. How much of RFC 5280
    the module looks at is not known; this is the strict reading."""
    try:
        extensions = certificate.extensions
    except ValueError:
        return True
    cas = len([c for c in below[1:] if not _self_signed(c)])
    for extension in extensions:
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
    san = _extension(leaf, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
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
        if data.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(data) if encoding != "der" else None
        return x509.load_der_x509_certificate(data) if encoding != "pem" else None
    except ValueError:
        return None


def subject_key_id(data):
    """The subject key identifier of a DER or PEM certificate, bytes; None if it has none."""
    certificate = _load(data, "both")
    return _subject_key(certificate) if certificate is not None else None


def _extension(certificate, oid):
    try:
        return certificate.extensions.get_extension_for_oid(oid).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _subject_key(certificate):
    value = _extension(certificate, ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    return value.digest if value else None


def _authority_key(certificate):
    value = _extension(certificate, ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    if value is not None and value.key_identifier is not None:
        return value.key_identifier
    if certificate.subject == certificate.issuer:  # self-signed: itself
        return _subject_key(certificate)
    return None


def _is_ca(certificate):
    value = _extension(certificate, ExtensionOID.BASIC_CONSTRAINTS)
    return value is not None and value.ca


def _signed(certificate, issuer):
    try:
        certificate.verify_directly_issued_by(issuer)
        return True
    except (ValueError, TypeError, InvalidSignature):
        return False


def _in_time(certificate, now):
    moment = datetime.datetime.fromtimestamp(max(now, 0), datetime.timezone.utc)
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _named(certificate, name, how):
    names = [a.value for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if how != "cn":
        san = _extension(certificate, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
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
    """HASH functions 0 SHA-1, 1 SHA-224, 2 SHA-256, 3 MD5 [i]; hex."""
    kinds = (hashes.SHA1, hashes.SHA224, hashes.SHA256, hashes.MD5)
    made = hashes.Hash(kinds[function]())
    made.update(bytes(data))
    return made.finalize().hex()
