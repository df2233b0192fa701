"""Certificates in words, for messages and for print()."""


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


def unreadable(chain, c):
    """Which certificate of a chain cannot be read, and why: for one that is damaged."""
    return "certificate %d of %d that it sends (%s%d bytes) cannot be read: %s" % (
        chain.certificates.index(c) + 1,
        len(chain.certificates),
        '"%s", ' % c.subject if c.subject else "",
        c.size,
        c.damaged,
    )
