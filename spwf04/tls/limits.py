"""What a server shows, against what can be done: which CA it needs, what the module's TLS cannot
take, and what no CA can mend.
"""

from ..const import const
from ..errors import CertificateError, DiscoveryError, errno

_PEER_SIZE = const(2560)  # the module's limit for each certificate of a peer [T6]


def ask(store, plan, cas, timeout):
    """Ask the server of a plan.Plan, and note in that what it shows; return its Chain, or None if
    it shows none.

    cas: what is trusted beside the plan's roots, as certs.install() takes it. timeout: seconds for
    all of it. OSErrors of a connection that cannot even be made.
    """
    from .discover import discover

    host, port = plan.address
    try:
        chain = discover(store, host, port, plan.name, timeout)
    except DiscoveryError as e:
        plan.silent(e)
        return None
    learn(plan, chain, anchors(chain, plan.roots, cas))
    return chain


def steps(store, plan, context, first, timeout):
    """For once(): as ask(), and have the store remember the plan; and, if nothing was trusted
    before (first), look at what no CA can mend. DiscoveryError if the server shows nothing."""
    from .discover import discover

    yield from ()  # but it blocks
    host, port = plan.address
    chain = discover(store, host, port, plan.name, timeout)
    cas = ()
    if not first:
        from .turn import trusted

        cas = trusted(store, context)
    learn(plan, chain, anchors(chain, plan.roots, cas))
    store.remember(plan)
    if first:
        # without check_hostname no name is wrong
        check(store.radio, plan, plan.name if context.check_hostname else None, True)


def anchors(chain, roots, cas=()):
    """The CAs above a chain: [(source, CertificateInfo)], the topmost first.

    roots: bundle.Bundle or alike, or None. cas: further sources, as certs.install() takes them.
    The module is said to look for the CA above the last certificate it was sent; other readings
    exist, so those further down the chain are candidates too. [h.8, T25]
    """
    from ..pki.bundle import above as search
    from ..pki.certificate import Bytes, read
    from ..pki.chain import issued

    known = [_known(source) for source in cas]
    found = []
    path = chain.path()
    for below in reversed(path):
        above = [k for k in known if issued(k[1], below)]
        if roots is not None:
            for root in search(roots, below):
                der = root.der()
                info = read(Bytes(der), len(der))
                if issued(info, below):
                    above.append((root, info))
        for source, info in above:
            if not any([f[1].sha256 == info.sha256 for f in found]):
                found.append((source, info))
    return found


def _known(source):
    from ..pki.certificate import Bytes, read
    from ..pki.pem import load

    der = load(source)
    return source, read(Bytes(der), len(der))


def learn(plan, chain, candidates):
    """Note in a plan.Plan what a Chain says of the server; in words, numbers and names of files,
    for it may be kept when this file is not.

    candidates: what anchors() found.
    """
    from ..pki.chain import issued
    from ..pki.words import unreadable

    path = chain.path()
    leaf = chain.certificates[0] if chain.certificates else None
    plan.shown = True
    if leaf is None:
        plan.damage = "sent an empty list of certificates"
        return
    if leaf.damaged:
        plan.damage = "was not trusted: " + unreadable(chain, leaf)
    reach = 0  # of the highest certificate in the path that every way to a CA goes through
    if candidates:
        for n, below in enumerate(path):
            reach = n
            if any([issued(info, below) for _, info in candidates]):
                break
    plan.dates = [(c.subject, c.not_before, c.not_after) for c in path[: reach + 1]]
    plan.fits = leaf.fits
    plan.names = ", ".join(leaf.names) or leaf.subject
    plan.obstacles = obstacles(chain)
    plan.cas = [(source, info.ski, info.sha256) for source, info in candidates]
    found = [obstacles(chain, info) for _, info in candidates]
    if candidates and all(found):
        plan.obstacles = found[0]
    # first those that the module should take
    plan.untried = [ca for ca, why in zip(plan.cas, found) if not why]
    plan.untried += [ca for ca, why in zip(plan.cas, found) if why]
    top = path[-1]
    key = top.aki or (top.ski if top.self_issued else "unknown")
    plan.missing = '"%s", key identifier %s' % (top.issuer, key)


def check(radio, plan, name, has_roots, number=-1):
    """Raise a CertificateError for what no CA and no engine can mend, as far as it is known.

    name: the server's, or None if it is not to be checked. number: what the module said,
    AT-S.Certificate Error:<number>, -1 if nothing.
    """
    if not plan.shown:
        return
    what, todo = _wrong(radio, plan, name, has_roots)
    if what is None:
        return
    where = "%s:%d" % plan.address
    code = words = None
    if number >= 0:
        code = number
        words = "Certificate Error:%d" % number
        where += " (%s)" % words
    raise CertificateError(errno.EIO, where + " " + what, code, words, todo)


def _wrong(radio, plan, name, has_roots):
    """(what nothing can mend, what to do all the same), None each if there is nothing."""
    if plan.damage is not None:
        return plan.damage, "Only the server's owner can mend it"
    now = radio.time()
    for subject, not_before, not_after in plan.dates:
        if not_before <= now <= not_after:
            continue
        when = "expired %d days ago" % ((now - not_after) // 86400)
        if now < not_before:
            when = "is not valid before %d days from now" % ((not_before - now) // 86400 + 1)
        return (
            "was not trusted: its certificate (%s) %s" % (subject, when),
            "By the module's clock, %d seconds since 1970. If that is right, only the server's "
            "owner can mend it" % now,
        )
    if plan.fits is False and plan.name == name:
        return (
            "was not trusted: its certificate is not for %s but for %s" % (name, plan.names),
            "Check the host, or server_hostname",
        )
    if plan.cas:
        return None, None
    return (
        "was not trusted: no CA for it %s"
        % ("is among the roots" if has_roots else "was installed"),
        "%sMissing: the certificate of %s. Install it with radio.certs.install(pem), add it to "
        "the bundle, or, for a server with its own certificate, see radio.certs.pin()"
        % (plan.why(), plan.missing),
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
    from ..pki.words import unreadable

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
