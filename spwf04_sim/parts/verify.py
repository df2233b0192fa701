"""How the module verifies a server's chain, in the order in which verification was seen to fail.

First comes what it cannot parse (11 mixed chains, 22 RSA-4096, size), then the CA (23), then
dates and name. [T3, T5, T6] The module looks for the CA in the flash slot; only while the slot is
empty it looks in files. [T1]
"""

from cryptography.hazmat.primitives import hashes

from ..tls.certificate import CA_ERROR, Certificate, Refused, load
from ..tls.names import named
from ..tls.path import find
from ..tls.rules import broken, check_key, parse, weak

_SIZE = 2560  # bytes of one certificate from a peer [T6]
_MOST = 16  # certificates of one peer. GUESS: its memory is small


def verify(chain, name, flash, quirks, now, only_rsa=False):
    """Raise Refused unless the chain (a list of DER, leaf first) is to be trusted.

    name: the name that the certificate must have, None for no check. now: the module's clock,
    seconds since 1970. only_rsa: see tls.rules.parse(). Whatever the bytes are, no other exception
    is raised.
    """
    if len(chain) > _MOST or (
        quirks.peer_certificate_limit and any(len(der) > _SIZE for der in chain)
    ):
        raise Refused(quirks.certificate_error_size)
    try:
        certificates = [Certificate(der) for der in chain]
    except ValueError:
        raise Refused(quirks.certificate_error_parse) from None
    if not certificates:
        raise Refused(CA_ERROR)
    for certificate in certificates:
        parse(certificate, quirks, only_rsa)
    path, anchor = find(certificates, flash, quirks)
    if anchor.bits >= 4096 and quirks.rsa4096 == "nowhere":
        raise Refused(22)
    check_key(anchor, quirks)
    if anchor.is_ec != certificates[0].is_ec and not quirks.mixed_chains:
        raise Refused(11)
    if len(path) > 1 and anchor == path[-1]:  # it sends its root too
        path.pop()
    weak(path, anchor, quirks)
    if broken(path, anchor, quirks):
        raise Refused(quirks.certificate_error_rule)
    for certificate in [*path, anchor]:
        if not certificate.begins <= max(now, 0) < certificate.ends:
            raise Refused(quirks.certificate_error_date)
    if name is not None and not named(certificates[0], name, quirks):
        raise Refused(quirks.certificate_error_name)


def subject_key_id(data):
    """Return the subject key identifier of a DER or PEM certificate, bytes, or None."""
    certificate = load(data, "both")
    return certificate.own_key if certificate is not None else None


def shown_key_id(data):
    """Return that identifier as the module shows it, "0A:1B:…"; "" if there is none."""
    return (subject_key_id(data) or b"").hex(":").upper()


def digest(function, data):
    """Return the hash of data as hex. function: 0 SHA-1, 1 SHA-224, 2 SHA-256, 3 MD5. [i]"""
    kinds = (hashes.SHA1, hashes.SHA224, hashes.SHA256, hashes.MD5)
    made = hashes.Hash(kinds[function]())
    made.update(bytes(data))
    return made.finalize().hex()
