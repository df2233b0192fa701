"""Which CAs belong above a server's chain, and what of it the module's TLS cannot take. Nothing is
verified here."""

from ..const import const

PEER_SIZE = const(2560)  # bytes of DER that the module takes of each certificate of a server [T6]
_RSA = const(2048)  # bits of an RSA key that is not weak by today's rules


def anchors(chain, roots, cas=()):
    """The CAs above a chain: [(source, CertificateInfo)], the topmost first.

    roots: bundle.Bundle or alike, or None. cas: further sources, as certs.install() takes them.
    The module is said to look for the CA above the last certificate it was sent. Other readings
    exist, so those further down the chain are candidates too. [h.8, T25]
    """
    from .bundle import possible_issuers
    from .certificate import Bytes, read
    from .chain import issued

    known = []
    for source in cas:
        from .pem import load

        der = load(source)
        known.append((source, read(Bytes(der), len(der))))
    found = []
    for below in reversed(chain.path()):
        above = [k for k in known if issued(k[1], below)]
        if roots is not None:
            for root in possible_issuers(roots, below):
                der = root.der()
                info = read(Bytes(der), len(der))
                if issued(info, below):
                    above.append((root, info))
        for source, info in above:
            if not any([f[1].sha256 == info.sha256 for f in found]):
                found.append((source, info))
    return found


def obstacles(chain, anchor=None):
    """Why the module's TLS cannot take this chain: a list of str, empty if it should.

    anchor: CertificateInfo of the CA above it, if it is known. [decision 5, h.9]
    """
    return [words for _, words in named_obstacles(chain, anchor)]


def named_obstacles(chain, anchor=None):
    """As obstacles(), with a short name of each: a list of (name, str).

    Names: "damaged", "size" (bytes of a certificate), "key_size", "algorithm" (neither RSA nor
    ECDSA, or a rare curve), "mixed" (RSA and ECDSA), "no_identifier".
    """
    found = []
    kinds = set()
    certificates = chain.certificates + ([anchor] if anchor is not None else [])
    for c in certificates:
        who = c.subject or "a certificate"
        if c.damaged:
            from .words import unreadable

            found.append(("damaged", unreadable(chain, c)))
            continue
        kinds.add(c.key)
        if c is not anchor:
            kinds.add("EC" if c.signature == "ECDSA" else c.signature)
            if c.size > PEER_SIZE:
                words = "%s has %d bytes, the module takes %d" % (who, c.size, PEER_SIZE)
                found.append(("size", words))
        if c.key == "RSA" and c.bits >= 4096:
            words = "%s has an RSA-%d key, probably too large for it" % (who, c.bits)
            found.append(("key_size", words))
        if c.key == "EC" and not c.bits:
            words = "%s has a key on another curve than P-256, P-384 and P-521" % who
            found.append(("algorithm", words))
    if "other" in kinds:
        words = "the chain has keys or signatures that are neither RSA nor ECDSA"
        found.append(("algorithm", words))
    elif len(kinds) > 1:
        found.append(("mixed", "the chain mixes RSA and ECDSA, which its firmware cannot take"))
    if anchor is not None and anchor.ski_computed:
        words = "%s has no subject key identifier for it to look up" % anchor.subject
        found.append(("no_identifier", words))
    return found


def weaknesses(path, anchor=None):
    """What of a Chain's path is too weak by today's rules, so that the module's TLS may not take
    it: a list of str.

    anchor: CertificateInfo of the CA above it, if it is known. These are no obstacles(), because
    this board's own TLS does not take them either.
    """
    return [words for _, words in named_weaknesses(path, anchor)]


def named_weaknesses(path, anchor=None):
    """As weaknesses(), with a short name of each: a list of (name, str).

    Names: "old_hash", "small_key".
    """
    found = []
    if anchor is not None and not [c for c in path if c.sha256 == anchor.sha256]:
        path = path + [anchor]
    for c in path:
        if c.damaged:
            continue
        words = "the certificate of %s " % (c.subject or "no name")
        if c.hash in ("MD5", "SHA-1") and c is not anchor and not c.self_issued:
            words += "is signed with %s, too weak by today's rules" % c.hash
            found.append(("old_hash", words))
        elif c.key == "RSA" and c.bits < _RSA:
            words += "has an RSA-%d key, too weak by today's rules" % c.bits
            found.append(("small_key", words))
    return found
