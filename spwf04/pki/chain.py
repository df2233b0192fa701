"""CertificateInfo: what a certificate says of itself. Chain: what a server sent, in order.

They are read by certificate.py. Who issued what is told by names and key identifiers. No signature
is checked: nothing is trusted because of what stands here.
"""


class CertificateInfo:
    """What one certificate says of itself.

    size: bytes of DER. sha256: its fingerprint, 64 hex digits. damaged: what is wrong with its
    encoding, and where, or None; if it is damaged, only these three and `subject` say anything.
    version: 1 to 3. subject, issuer: common name, else organization, as str.
    subject_hash, issuer_hash: SHA-256 of the names as encoded (without the outer header).
    ski: subject key identifier, hex; ski_computed: True if it has none and this is RFC 5280
    4.2.1.2 method 1. aki: authority key identifier, hex, or None. not_before, not_after: seconds
    since 1970. is_ca: basic constraints, None without. path_length: int or None. key: "RSA",
    "EC" or "other"; bits: its size, 0 if unknown. signature: "RSA", "ECDSA" or "other"; hash:
    "SHA-256" or so. names: the first alternative names; name_count: how many there are. fits:
    whether one of them, or without any the common name, is `host`; None without a host.
    """

    damaged: "str | None" = None
    version = 1
    subject = issuer = ""
    subject_hash = issuer_hash = b""
    ski: "str | None" = None
    aki: "str | None" = None
    ski_computed = False
    not_before = not_after = 0
    is_ca: "bool | None" = None
    path_length: "int | None" = None
    key = signature = "other"
    hash = "unknown hash"
    bits = 0
    name_count = 0
    fits: "bool | None" = None

    def __init__(self, size):
        self.size = size
        self.names: "list[str]" = []
        self.sha256 = ""

    @property
    def self_issued(self) -> bool:
        """True if issuer and subject are the same, and no key identifier says otherwise."""
        return issued(self, self)


def issued(above, below):
    """True if, by names and key identifiers, `above` issued `below` (CertificateInfos).

    One that cannot be read issued nothing, and nobody issued it.
    """
    if above.damaged or below.damaged:
        return False
    return above.subject_hash == below.issuer_hash and (
        below.aki is None or above.ski_computed or above.ski == below.aki
    )


class Chain:
    """What a server sent, leaf first.

    certificates: list of CertificateInfo. suite: its choice of cipher suite, int. kept: DER of
    the certificate with the fingerprint that discover() was to keep, or None. print() it.
    """

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.certificates: "list[CertificateInfo]" = []
        self.suite = 0
        self.kept: "bytearray | None" = None

    def path(self) -> "list[CertificateInfo]":
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
        from .words import describe

        return "\n".join(
            ["%s:%d sends" % (self.host, self.port)]
            + [" %d %s" % (n, describe(c)) for n, c in enumerate(self.certificates)]
        )
