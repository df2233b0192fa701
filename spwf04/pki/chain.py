"""CertificateInfo: what a certificate says of itself. Chain: the certificates that a server sent.

certificate.py reads them. Names and key identifiers tell which certificate issued which. No
signature is checked, so nothing is trusted because of what a Chain shows.
"""


class CertificateInfo:
    """What one certificate says of itself.

    size: bytes of DER. sha256: its fingerprint, 64 hex digits. damaged: what is wrong with its
    encoding, and where, or None; if it is damaged, only these three and `subject` count.
    version: 1 to 3.
    subject, issuer: common name, else organization, else unit, as it may be shown: str.
    subject_hash, issuer_hash: SHA-256 of the names in the form in which they are compared, see
    names.read_name(); of a name above 1024 bytes, as it is encoded (without the outer header).
    ski: subject key identifier, hex str. ski_computed: True if the certificate has none, and ski
    is computed by RFC 5280 4.2.1.2 method 1. aki: authority key identifier, hex str, or None.
    not_before, not_after: seconds since 1970.
    is_ca: True or False by its basic constraints, None if it has none. path_length: int or None.
    signs: True or False, whether its key usage lets it sign certificates; None if it has none.
    server: True or False, whether its extended key usage lets it be a server's; None if it has
    none. critical: the first critical extension that this package does not know, "1.2.840…" or
    None. issuer_url: where its issuer's certificate can be fetched, by its own words, or None.
    key: "RSA", "EC", "RSA-PSS", "Ed25519", "Ed448", "DSA" or "other". bits: its size, 0 if it is
    not known. signature: "RSA", "ECDSA", or as for key. hash: "SHA-256" for example.
    names: the first alternative names. name_count: how many there are.
    fits: True or False, whether one of these names is that of the server, or the common name if
    there are none; None if it was not compared.
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
    signs: "bool | None" = None
    server: "bool | None" = None
    critical: "str | None" = None
    issuer_url: "str | None" = None
    key = signature = "other"
    hash = "unknown hash"
    bits = 0
    name_count = 0
    fits: "bool | None" = None

    def __init__(self, size):
        self.size = size
        self.names: "list[str]" = []
        self.sha256 = ""

    def called(self) -> str:
        """What to call its owner: its subject, else its first name."""
        return self.subject or (self.names[0] if self.names else "no name")

    @property
    def self_issued(self) -> bool:
        """True if issuer and subject are the same, and no key identifier contradicts."""
        return issued(self, self)


def issued(above, below):
    """True if `above` issued `below` by their names and key identifiers (CertificateInfos).

    A damaged certificate issued nothing, and none issued it.
    """
    if above.damaged or below.damaged:
        return False
    return above.subject_hash == below.issuer_hash and (
        below.aki is None or above.ski_computed or above.ski == below.aki
    )


class Chain:
    """The certificates that a server sent: print() it.

    host, port: the server. name: the one that it was asked for. certificates: list of
    CertificateInfo, the server's own first. version, suite: of TLS (0x0303: 1.2) and of its
    cipher, numbers that the server chose. kept: DER of the certificate that discover() was told to
    keep, or None.
    """

    def __init__(self, host, port, name=None):
        self.host = host
        self.port = port
        self.name = name or host
        self.certificates: "list[CertificateInfo]" = []
        self.version = 0x0303
        self.suite = 0
        self.kept: "bytearray | None" = None

    def path(self) -> "list[CertificateInfo]":
        """The certificates from the server's own upward, each the issuer of the one before.

        Servers send them unordered, twice, and with others that do not belong to the chain. The
        path ends before a damaged one.
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
