"""What is within the reach of the module's TLS, and what a server's answer means, in words."""

from ..const import const

_NEW = const(0)  # of tcp.py
_PEER_SIZE = const(2560)  # the module's limit for each certificate of a peer [T6]

_ALERTS = {
    0: "close notify: it ends the connection",
    40: "handshake failure: no cipher or key in common with the module's TLS 1.2",
    42: "bad certificate",
    70: "protocol version: this server does not speak TLS 1.2",
    71: "insufficient security: it wants better than TLS 1.2 with the module's ciphers",
    80: "internal error",
    112: "unrecognized name: there is no such host on this server",
    116: "certificate required",
}


def alert_text(number):
    """What a TLS alert of the server means."""
    words = _ALERTS.get(number, "its meaning is in RFC 8446, 6.2")
    return "the server refused with TLS alert %d, %s" % (number, words)


def unanswered(e, sock, flight, timeout):
    """Raise the DiscoveryError for what certs.discover() met, a HelloError or an OSError; OSErrors
    of connect(), and of the module, as they are."""
    from ..errors import DiscoveryError, LinkLost, ModuleRestarted, errno

    number = e.errno if isinstance(e, OSError) else None  # others have it too on MicroPython
    if number is None:  # HelloError
        number = errno.EIO
        words = str(e)
    elif sock._state == _NEW or isinstance(e, (LinkLost, ModuleRestarted)):
        raise e
    elif number == errno.ETIMEDOUT:
        words = "the server is silent; is it TLS?"
        if flight.total:
            words = "the server has not sent its certificates within %g s, only %d bytes"
            words = words % (timeout, flight.total)
    elif number in (errno.ENOTCONN, errno.ECONNRESET):
        words = "the connection was lost before the server had sent all of its certificates"
    else:
        raise e
    error = DiscoveryError(number, "%s:%d: %s" % (sock.address[0], sock.address[1], words))
    error.alert = getattr(e, "alert", None)
    raise error


def unreadable(chain, c):
    """What is wrong with a certificate of a chain that is damaged: which one it is, and why."""
    return "certificate %d of %d that it sends (%s%d bytes) cannot be read: %s" % (
        chain.certificates.index(c) + 1,
        len(chain.certificates),
        '"%s", ' % c.subject if c.subject else "",
        c.size,
        c.damaged,
    )


def describe(c):
    """A CertificateInfo in a line."""
    if c.damaged:
        return "%s%d bytes that cannot be read: %s" % (
            '"%s", ' % c.subject if c.subject else "",
            c.size,
            c.damaged,
        )
    return "%s (%s %d, %d bytes), signed with %s and %s by %s" % (
        c.subject or ", ".join(c.names[:1]) or "no name",
        c.key,
        c.bits,
        c.size,
        c.signature,
        c.hash,
        c.issuer or "no name",
    )


def old_hashes(certificates):
    """What of these CertificateInfos the module's TLS may not verify: a list of str.

    Apart from obstacles(): this board's own TLS takes them no more than the module's.
    """
    return [
        "the certificate of %s is signed with %s, too weak by today's rules"
        % (c.subject or "no name", c.hash)
        for c in certificates
        if c.hash in ("MD5", "SHA-1") and not (c.damaged or c.self_issued)
    ]


def obstacles(chain, anchor=None):
    """Why the module's TLS cannot take this chain: a list of str, empty if it should.

    anchor: CertificateInfo of the CA above it, if it is known. [decision 5, h.9]
    """
    found = []
    kinds = set()
    certificates = chain.certificates + ([anchor] if anchor is not None else [])
    for c in certificates:
        who = c.subject or "a certificate"
        if c.damaged:
            found.append(unreadable(chain, c))
            continue
        kinds.add(c.key)
        if c is not anchor:
            kinds.add("EC" if c.signature == "ECDSA" else c.signature)
            if c.size > _PEER_SIZE:
                found.append("%s has %d bytes, the module takes %d" % (who, c.size, _PEER_SIZE))
        if c.key == "RSA" and c.bits >= 4096:
            found.append("%s has an RSA-%d key, probably too large for it" % (who, c.bits))
    if "other" in kinds:
        found.append("the chain has keys or signatures that are neither RSA nor ECDSA")
    elif len(kinds) > 1:
        found.append("the chain mixes RSA and ECDSA, which its firmware cannot take")
    if anchor is not None and anchor.ski_computed:
        found.append("%s has no subject key identifier for it to look up" % anchor.subject)
    return found
