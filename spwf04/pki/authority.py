"""Certificates of CAs: those that can be installed and trusted."""

from ..digest import fingerprint
from .source import certificates, load
from .x509 import Certificate


def check(source, name="certificate", self_signed=False):
    """Return (DER, subject key identifier) of a CA's certificate, a source as load() takes it.

    ValueError if it is no certificate, or does not say that it is a CA's. self_signed: True takes
    one that signs itself, whatever it says: that of a server of one's own, or an old root.
    """
    der = load(source, name)
    try:
        info = Certificate(der)
    except ValueError as e:
        raise ValueError("%s: %s" % (name, e))
    if not info.is_ca or info.signs is False:
        own = _signs_itself(info)
        if not (self_signed and own):
            try:
                from .words import refusal
            except ImportError:  # it is not installed on this board
                raise ValueError("%s: not a CA's certificate" % name)
            raise ValueError("%s: %s" % (name, refusal(info, own)))
    return der, info.ski


def _signs_itself(info):
    """True if issuer and subject are the same: as bytes, or by names.py if it is installed."""
    issuer, subject = info.names()
    try:
        from .names import same
    except ImportError:
        return issuer == subject
    return same(issuer, subject)


def authorities(source, name, self_signed=False):
    """The list of source.certificates(); ValueError unless check() takes all of them."""
    found = certificates(source, name)
    for each in found:
        check(each, name, self_signed)
    return found


def reading(source, self_signed):
    """Steps, of which none waits, for once(): (DER, key identifier, SHA-256 as hex str) of a CA
    that is to be installed. It is read before the code that writes it to the module is loaded."""
    yield from ()
    if self_signed is not False:
        from ..checks import flag

        self_signed = flag(self_signed, "self_signed")
    der, ski = check(source, self_signed=self_signed)
    return der, ski, fingerprint(der)
