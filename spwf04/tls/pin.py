"""certs.pin(): trust a server's own certificate, or its issuer's, by its fingerprint.

For servers with a certificate of their own making. The person compares, not the driver: without
a fingerprint nothing is installed. [T1]
"""

from ..arguments import server
from ..checks import fingerprint as checked
from ..checks import once
from ..errors import CertificateError, errno
from ..pki.certificate import issued
from .discover import discover
from .limits import describe, unreadable
from .plan import Limit
from .trust import install_for, see_to_clock


def pin(
    store,
    host,
    port=443,
    fingerprint=None,
    server_hostname=None,
    now=None,
    timeout=30.0,
    engine="auto",
):
    """Install the certificate of `host` whose SHA-256 is `fingerprint`; return a trust.Trust.

    fingerprint: 64 hex digits (colons and blanks are ignored), of the server's self-signed
    certificate or of a CA that it sends. Without one a CertificateError shows what was seen.
    now, timeout (seconds for the whole call), engine: as for install_for(). A connection proves
    it before this returns.
    """
    wanted = checked(fingerprint)
    host, port, server_hostname = server(host, port, server_hostname)
    once(now, timeout, engine)
    radio = store.radio
    limit = Limit(radio.channel, timeout)
    chain = discover(store, host, port, server_hostname, timeout, wanted)
    where = "%s:%d" % (host, port)
    seen = ["%s: SHA-256 %s" % (describe(c), colons(c.sha256)) for c in chain.certificates]
    if wanted is None:
        raise CertificateError(
            errno.EIO,
            "%s is not trusted yet. It shows %s" % (where, "; ".join(seen)),
            hint="Compare with what the server's owner says (openssl x509 -fingerprint -sha256), "
            "then radio.certs.pin(host, port, fingerprint=…)",
        )
    match = [c for c in chain.certificates if c.sha256 == wanted]
    if not match:
        raise CertificateError(
            errno.EIO,
            "%s does not have that certificate. It shows %s" % (where, "; ".join(seen)),
            hint="Somebody may be in between, or the server has a new certificate",
        )
    info = match[0]
    if info.damaged:
        raise CertificateError(errno.EIO, "%s: %s" % (where, unreadable(chain, info)))
    if info is chain.certificates[0] and not info.self_issued:
        above = [colons(c.sha256) for c in chain.certificates if issued(c, info)]
        raise CertificateError(
            errno.EIO,
            '%s: this certificate was issued by "%s", whose certificate it takes to trust it'
            % (where, info.issuer),
            hint="Pin that one, SHA-256 " + above[0]
            if above
            else "Get that certificate and install it: radio.certs.install(pem)",
        )
    if chain.kept is None:
        raise CertificateError(
            errno.EIO, "%s: this certificate has %d bytes, too many" % (where, info.size)
        )
    see_to_clock(radio, now, limit.left())
    roots = [bytes(chain.kept)]
    return install_for(store, host, port, roots, server_hostname, None, limit.left(), engine)


def colons(digits):
    """A fingerprint as people compare it: AB:CD:…"""
    return ":".join([digits[i : i + 2] for i in range(0, len(digits), 2)]).upper()
