"""Compares a server's certificate with its name by the driver's own reader, beside mbedTLS.

mbedTLS takes "*.com" for example.com, and a name that is spelled as an address for that address,
also if it is the common name alone. OpenSSL and the rest of the driver do not. native.lax() tells
for which names that matters.
"""

from ..errors import CertificateError, errno
from ..pki.certificate import Bytes, read
from ..pki.names import is_address


def check(address, certificate, name):
    """CertificateError unless a certificate (DER) is for this name (str). address: of the server,
    for the message."""
    info = read(Bytes(certificate), len(certificate), name)
    if info.fits:
        return
    words = "is not for %s but for %s" % (name, ", ".join(info.names) or info.subject or "nobody")
    if info.damaged:
        words = "cannot be read: " + info.damaged
    elif is_address(name) and name in info.names + [info.subject]:
        words = "is for a host called %s, and not for that address" % name
    raise CertificateError(
        errno.EIO,
        "%s:%d was not trusted: its certificate %s" % (address + (words,)),
        hint="Check host and server_hostname",
        remedy="check_name",
    )
