"""What rules out a certificate by itself, and in its place in a chain. [h.5, h.9]

How much of RFC 5280 the module checks is not known. The first reading of each switch is the strict
one.
"""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from .certificate import CA_ERROR, Refused
from .constraints import permits

_SERVERS = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
# Extensions that may be critical. RFC 5280 forbids that of the others that `cryptography` knows,
# or they say that this is no certificate for a server at all
_MAY_BE_CRITICAL = (
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.POLICY_MAPPINGS,
    ExtensionOID.POLICY_CONSTRAINTS,
    ExtensionOID.INHIBIT_ANY_POLICY,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
)


def parse(certificate, quirks, only_rsa=False):
    """Raise Refused if the module cannot take a certificate wherever it stands.

    only_rsa: it knows RSA alone, as firmware 1.0.0 does. [h.4]
    """
    if certificate.bits >= 4096 and quirks.rsa4096 != "everywhere":
        raise Refused(22)
    if not (certificate.is_rsa or certificate.is_ec) or (only_rsa and not certificate.is_rsa):
        raise Refused(11)
    check_key(certificate, quirks)
    if quirks.x509_rules == "all" and not certificate.self_issued:  # some roots have 0
        if not 0 < certificate.serial < 1 << 160:
            raise Refused(quirks.certificate_error_parse)
    if certificate.signed_by_ec != certificate.is_ec and not quirks.mixed_chains:
        raise Refused(11)


def weak(path, anchor, quirks):
    """Raise Refused if a key of a chain is too small, or a signature in it too old. path, anchor:
    as for broken()."""
    for certificate in [*path, anchor]:
        if certificate.is_rsa and certificate.bits < quirks.least_rsa:
            raise Refused(quirks.certificate_error_size)
    for certificate in path:
        if certificate.old_hash and not certificate.self_issued:
            if _too_old(certificate, quirks):
                raise Refused(CA_ERROR)


def check_key(certificate, quirks):
    """Raise Refused if the module does not know a certificate's key, or how it is signed."""
    if not certificate.usual and quirks.algorithms != "more":
        raise Refused(11)
    if quirks.algorithms == "p256" and certificate.is_ec and certificate.curve != "secp256r1":
        raise Refused(11)


def _too_old(certificate, quirks):
    if quirks.old_hashes == "sha1":
        return not isinstance(certificate.old_hash, hashes.SHA1)
    return quirks.old_hashes == "refused"


def broken(path, anchor, quirks):
    """True if a chain breaks a rule of X.509. path: its Certificates, the leaf first. anchor: the
    one above them."""
    if quirks.x509_rules != "none" and not all(c.is_ca for c in path[1:]):
        return True
    whole = [*path, anchor]
    return any(_forbids(certificate, path[:n], quirks) for n, certificate in enumerate(whole))


def _forbids(certificate, below, quirks):
    """True if an extension of a certificate rules out its use. below: the certificates under it,
    the leaf first."""
    rules = quirks.x509_rules
    if rules == "none":
        return False
    if rules == "ca_flag":
        return bool(below) and certificate.extensions is not None and _says_no_ca(certificate)
    if certificate.extensions is None:
        return True
    if below and certificate != below[0] and _says_nothing(certificate):
        return True
    cas = [c for c in below[1:] if quirks.self_issued == "counted" or not c.self_issued]
    for extension in certificate.extensions:
        value = extension.value
        if extension.critical and extension.oid not in _MAY_BE_CRITICAL:
            return True
        if isinstance(value, x509.BasicConstraints) and below:
            if not value.ca or (value.path_length is not None and len(cas) > value.path_length):
                return True
        if isinstance(value, x509.KeyUsage) and not _usable(value, below):
            return True
        if isinstance(value, x509.ExtendedKeyUsage) and (rules == "all" or not below):
            if not any(purpose in value for purpose in _SERVERS):
                return True
        if isinstance(value, x509.NameConstraints) and below:
            if _constrained(extension, below, quirks.name_constraints):
                return True
    return False


def _says_nothing(certificate):
    """True if a CA says nowhere that it is one. A root of version 1 has no place for it."""
    if certificate.version == 1 and certificate.self_issued:
        return False
    said = certificate.extension(ExtensionOID.BASIC_CONSTRAINTS)
    return (said or certificate.extension(ExtensionOID.KEY_USAGE)) is None


def _usable(usage, below):
    """True if a key may sign certificates, or may be a server's if there are none below."""
    if below:
        return usage.key_cert_sign
    return usage.digital_signature or usage.key_encipherment or usage.key_agreement


def _says_no_ca(certificate):
    value = certificate.extension(x509.BasicConstraints.oid)
    return value is not None and not value.ca


def _constrained(extension, below, how):
    if how == "unknown":
        return extension.critical
    return how != "ignored" and not permits(extension.value, below, how)
