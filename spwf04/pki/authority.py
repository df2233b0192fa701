"""Certificates of CAs: those that can be installed and trusted."""

from .digest import fingerprint
from .pem import certificates, load
from .x509 import Certificate


def check(source, name="certificate"):
    """Return (DER, subject key identifier) of a CA's certificate; source: as pem.load() takes it.

    ValueError if it is no certificate, or a server's. A certificate that signs itself need not say
    that it is a CA's: old roots and servers of one's own do not.
    """
    der = load(source, name)
    try:
        info = Certificate(der)
    except ValueError as e:
        raise ValueError("%s: %s" % (name, e))
    if not (info.is_ca or info.self_issued):
        raise ValueError(
            "%s: a server's certificate, not a CA's: install the root that signed it" % name
        )
    return der, info.ski


def authorities(source, name):
    """The list of pem.certificates(); ValueError unless all of them are CAs'."""
    found = certificates(source, name)
    for each in found:
        check(each, name)
    return found


def reading(source):
    """Steps, of which none waits, for once(): (DER, key identifier, SHA-256 as hex str) of a CA
    that is to be installed. It is read before the code that writes it to the module is loaded."""
    yield from ()
    der, ski = check(source)
    return der, ski, fingerprint(der)
