"""From when to when a certificate is valid: for notes, for warnings, and for the choice among CAs
with one key. pki/certificate.py reads the rest."""

from ..dates import encoded
from ..pki.x509 import element


def validity(der):
    """(not before, not after) of a certificate in DER, in seconds since 1970; None if that cannot
    be read."""
    try:
        _, at, end = element(der, 0, len(der), 0x30)
        _, at, end = element(der, at, end, 0x30)
        # [0] version, serial number, signature algorithm, issuer, validity
        tag, _, stop = element(der, at, end)
        if tag == 0xA0:
            _, _, stop = element(der, stop, end)
        _, _, stop = element(der, stop, end, 0x30)
        _, _, stop = element(der, stop, end, 0x30)
        _, at, end = element(der, stop, end, 0x30)
        tag, at, stop = element(der, at, end)
        before = encoded(tag, bytes(der[at:stop]))
        tag, at, stop = element(der, stop, end)
        return before, encoded(tag, bytes(der[at:stop]))
    except ValueError:
        return None


def read_validity(source):
    """validity() of a certificate, as source.load() takes it."""
    from ..pki.source import load

    try:
        return validity(load(source))
    except (OSError, ValueError, TypeError):
        return None


def not_after(source):
    """When a certificate ends, as source.load() takes it. None if that cannot be read."""
    found = read_validity(source)
    return None if found is None else found[1]


def rank(valid, now):
    """How good a CA is among those with one key, for comparing: (whether it is in date, when it
    ends). One that cannot be read is the worst.

    They are one CA in several certificates: renewed with its key, or signed by another CA as
    well. valid: what validity() found. now: seconds since 1970; None: their ends alone decide.
    """
    if valid is None:
        return False, 0
    return now is None or valid[0] <= now <= valid[1], valid[1]


def best_last(cas, now):
    """CAs with one key sorted by their rank(), the best last. cas: store.Entry each."""
    ranked = [(rank(read_validity(ca.source), now), n) for n, ca in enumerate(cas)]
    return [cas[n] for _, n in sorted(ranked)]
