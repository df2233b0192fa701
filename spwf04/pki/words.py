"""Certificates in words, for messages and for print()."""

from ..const import const
from ..dates import in_days

_DAY = const(86400)
_RSA = const(2048)  # bits of an RSA key that is not weak by today's rules


def describe(c):
    """A CertificateInfo in a line."""
    if c.damaged:
        return "%s%d bytes that cannot be read: %s" % (
            '"%s", ' % c.subject if c.subject else "",
            c.size,
            c.damaged,
        )
    return "%s (%s, %d bytes), signed with %s by %s" % (
        c.subject or ", ".join(c.names[:1]) or "no name",
        key(c),
        c.size,
        signature(c),
        c.issuer or "no name",
    )


def key(c):
    """The key of a CertificateInfo: RSA 2048."""
    kind = "an unknown key" if c.key == "other" else c.key
    return "%s %d" % (kind, c.bits) if c.bits else kind


def signature(c):
    """How a CertificateInfo is signed: RSA and SHA-256."""
    kind = "an unknown algorithm" if c.signature == "other" else c.signature
    return kind if c.hash == "unknown hash" else "%s and %s" % (kind, c.hash)


def unreadable(chain, c):
    """Which certificate of a chain cannot be read, and why: for one that is damaged."""
    return "certificate %d of %d that it sends (%s%d bytes) cannot be read: %s" % (
        chain.certificates.index(c) + 1,
        len(chain.certificates),
        '"%s", ' % c.subject if c.subject else "",
        c.size,
        c.damaged,
    )


def not_a_ca(info):
    """Why a certificate is not taken for a CA's. info: its x509.Certificate."""
    if info.is_ca:
        said = "its key usage does not let it sign certificates"
    elif info.is_ca is None:
        said = "it does not say that it is a CA's"
    else:
        said = "it says that it is not a CA's"
    return said + ", so it is not trusted as one"


def refusal(info, own):
    """not_a_ca() with what to do about it in a program. own: it signs itself."""
    todo = "If it is a server's, install the root that signed it"
    if own:
        todo = (
            "If it is a server's own certificate, pin it: radio.certs.pin(host, port). If it is "
            "an old root: radio.certs.install(pem, self_signed=True)"
        )
    return "%s. %s" % (not_a_ca(info), todo)


def warnings(c, now=None):
    """What speaks against trusting a CA, though it can be: a list of str.

    c: its CertificateInfo. now: seconds since 1970; None: its dates are not judged.
    """
    if c.damaged:
        return ["it cannot be read whole: " + c.damaged]
    found = []
    if now is not None and now > c.not_after:
        past = in_days((now - c.not_after) // _DAY)
        found.append("it expired %s ago: servers under it are refused" % past)
    elif now is not None and now < c.not_before:
        ahead = in_days((c.not_before - now + _DAY - 1) // _DAY)
        found.append("it is not valid before %s from now" % ahead)
    if c.hash in ("MD5", "SHA-1"):
        found.append("it is signed with %s, too weak by today's rules" % c.hash)
    if c.key[:3] == "RSA" and c.bits < _RSA:
        found.append("it has an RSA key of %d bits, too weak by today's rules" % c.bits)
    return found
