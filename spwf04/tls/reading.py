"""Reads a CA that is to be installed. Loaded for that alone, and dropped before what puts it in
place is loaded: see CertificateStore.install()."""

from ..pki.digest import fingerprint
from ..pki.pem import check


def reading(source):
    """Steps, of which none waits: (DER, key identifier, SHA-256 as hex str) of a CA, as install()
    takes it."""
    yield from ()
    der, ski = check(source)
    return der, ski, fingerprint(der)
