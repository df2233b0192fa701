"""Finds the CAs above a server's chain among roots. Nothing is verified here."""

from ..pki.certificate import Bytes, read
from ..pki.chain import issued


def possible_issuers(roots, below):
    """The roots that may be the CA above a certificate: a list. below: its CertificateInfo.

    They are found by the issuer's key identifier, or, if it names none or none is found, by the
    issuer's name.
    """
    found = roots.by_key(below.aki) if below.aki else []
    return found or roots.by_name(below.issuer_hash)


def anchors(chain, roots, cas=(), clock=None):
    """The CAs above a chain: [(source, CertificateInfo)], the topmost first.

    roots: bundle.Bundle or alike, or None. cas: further sources, as certs.install() takes them.
    clock: a function that returns seconds since 1970, None if no clock is set; it is called if
    dates decide. The module is said to look for the CA above the last certificate it was sent.
    Other readings exist, so those further down the chain are candidates too. [h.8, T25] Of several
    for one place, those that are in date come first, and of these the one that lasts longest: a
    root is renewed with its key, or signed by another one. One that the roots have damaged is
    passed over; ValueError if there is no other.
    """
    known = []
    for source in cas:
        from ..pki.source import load

        der = load(source)
        known.append((source, read(Bytes(der), len(der))))
    found = []
    damage = None
    for below in reversed(chain.path()):
        above = [k for k in known if issued(k[1], below)]
        if roots is not None:
            for root in possible_issuers(roots, below):
                try:
                    der = root.der()
                except ValueError as e:
                    damage = e
                    continue
                info = read(Bytes(der), len(der))
                if issued(info, below):
                    above.append((root, info))
        now = clock() if clock is not None and len(above) > 1 else None
        while above:
            best = above[0]
            for other in above:
                if _rank(other[1], now) > _rank(best[1], now):
                    best = other
            above.remove(best)
            if not any([f[1].sha256 == best[1].sha256 for f in found]):
                found.append(best)
    if damage is not None and not found:
        raise damage
    return found


def _rank(info, now):
    from .ends import rank

    return rank((info.not_before, info.not_after), now)
