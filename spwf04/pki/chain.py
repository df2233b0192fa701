"""Chain: what a server sent, in order.

Who issued what is told by names and key identifiers. No signature is checked: nothing is trusted
because of what stands here.
"""

from .certificate import issued


class Chain:
    """What a server sent, leaf first.

    certificates: list of CertificateInfo. suite: its choice of cipher suite, int. kept: DER of
    the certificate with the fingerprint that discover() was to keep, or None. print() it.
    """

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.certificates = []
        self.suite = 0
        self.kept = None

    def path(self):
        """The certificates from the leaf upward, each the issuer of the one before.

        Servers send them unordered, twice, and with others that do not belong. It ends below one
        that cannot be read.
        """
        path = self.certificates[:1]
        while path and not path[-1].self_issued:
            below = path[-1]
            for above in self.certificates:
                if issued(above, below) and above not in path:
                    path.append(above)
                    break
            else:
                break
        return path

    def __str__(self):
        return "\n".join(
            ["%s:%d sends" % (self.host, self.port)]
            + [" %d %s" % (n, describe(c)) for n, c in enumerate(self.certificates)]
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


def unreadable(chain, c):
    """What is wrong with a certificate of a chain that is damaged: which one it is, and why."""
    return "certificate %d of %d that it sends (%s%d bytes) cannot be read: %s" % (
        chain.certificates.index(c) + 1,
        len(chain.certificates),
        '"%s", ' % c.subject if c.subject else "",
        c.size,
        c.damaged,
    )
