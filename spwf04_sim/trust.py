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
    if _is_ec(anchor) != _is_ec(certificates[0]) and not quirks.mixed_chains:
        raise Refused(11)
    for certificate in [*path, anchor]:
        if not _in_time(certificate, now):
            raise Refused(quirks.certificate_error_date)
    if name is not None and not _named(certificates[0], name, quirks.name_check):
        raise Refused(quirks.certificate_error_name)


def _is_ec(certificate):
    return isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)


def _parse(certificate, quirks):
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 4096 and not quirks.rsa4096:
        raise Refused(22)
    if not isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        raise Refused(11)
    signed_by_ec = "ecdsa" in certificate.signature_algorithm_oid._name.lower()
    if signed_by_ec != _is_ec(certificate) and not quirks.mixed_chains:
        raise Refused(11)


def _path(certificates, flash, quirks):
    """([leaf, …], anchor), or Refused(23)."""
    path = [certificates[0]]
    while True:
        top = path[-1]
        anchor = _anchor(top, flash, quirks)
        if anchor is not None:
            if anchor == top:
                return path, anchor
            if _signed(top, anchor):
                return path, anchor
        issuers = [c for c in certificates if c not in path and _signed(top, c)]
        if not issuers:
            raise Refused(_CA_ERROR)
        if not _is_ca(issuers[0]):
            raise Refused(_CA_ERROR)
        path.append(issuers[0])


def _anchor(certificate, flash, quirks):
    """The CA on the module that this certificate asks for, by its authority key identifier."""
    wanted = _authority_key(certificate)
    if flash.slot.get("ca"):
        if not quirks.slot_lookup:
            return None
        ca = _load(flash.slot["ca"], quirks.slot_encoding)
        if ca is None:
            return None
        own = flash.slot.get("auth") or _subject_key(ca)
        return ca if ca.subject == certificate.issuer and own in (wanted, None) else None
    if not quirks.file_lookup or wanted is None:
        return None
    separator = ":" if quirks.ca_file_name == "colons" else ""
    name = separator.join(f"{c:02x}" for c in wanted) + ".ca"
    for (_, file), data in flash.files.items():
        if file == name:
            return _load(bytes(data), quirks.ca_file_encoding)
    return None


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
