"""What was learnt about a server by asking it: which CA it needs, and what speaks against it.

A Plan has the CAs to try, from what a context trusts, and why the module's TLS cannot take the
server's chain, if so. The store keeps the plans of servers that did not work at once, so that each
is asked once. check() raises the error for what no CA can mend.
"""

from ..errors import CertificateError, DiscoveryError, errno
from ..pki.certificate import Bytes, CertificateInfo, issued
from ..pki.pem import load
from .discover import discover
from .limits import obstacles, unreadable


class Limit:
    """A time limit for a whole call: so many seconds from now."""

    def __init__(self, channel, seconds):
        from ..arguments import milliseconds

        self._channel = channel
        self._seconds = seconds
        self._end = channel.deadline(milliseconds(seconds))
        if not seconds:
            raise ValueError("timeout must be above 0")

    def left(self):
        """Seconds that are left, for settimeout(); OSError (ETIMEDOUT) if none are."""
        ms = self._channel.left(self._end)
        if ms == 0:
            raise OSError(errno.ETIMEDOUT, "not done within %g s" % self._seconds)
        return max(0.01, ms / 1000)


class Plan:
    """What is known about a server, and which CA to try next.

    chain: discover.Chain, or None if it showed none. candidates: [(CA as certs.install() takes
    it, its CertificateInfo)], those still to be tried. engine: "host" once that was decided.
    obstacles: list of str. refused: the DiscoveryError if there is no chain. address: (host,
    port). What it was learnt from: roots, and given, the SHA-256 of a context's CAs; or device:
    install_for() was given it, for all.
    """

    address = None
    given = ()
    device = False

    def __init__(self, chain, candidates, refused=None):
        self.chain = chain
        self.candidates = candidates
        self.anchors = [c[0] for c in candidates]
        self.found = [(c[1].ski, c[1].sha256) for c in candidates]
        self.engine = None
        self.name = None  # that the server was asked for
        self.roots = None  # where candidates were looked for
        self.until = None  # when it is too old, see ATChannel.expired(); None: never
        self.entry = None
        self.refused = refused
        self.obstacles = []
        # index of the highest certificate in the path that every way to a CA goes through
        self.reach = 0
        if chain is not None and candidates:
            for n, below in enumerate(chain.path()):
                self.reach = n
                if any([issued(c[1], below) for c in candidates]):
                    break
        if refused is not None:
            if getattr(refused, "alert", None) in (40, 70, 71):
                self.obstacles = [str(refused.args[1])]
        elif chain is not None:
            self.obstacles = obstacles(chain)
            found = [obstacles(chain, info) for _, info in candidates]
            if candidates and all(found):
                self.obstacles = found[0]
            elif candidates:  # first those that the module should take
                order = sorted(range(len(found)), key=lambda n: bool(found[n]))
                self.candidates = [candidates[n] for n in order]

    def counts(self, roots, given, name=None):
        """True if this is so for a context with these roots and CAs (given: their SHA-256), which
        asks for this name (None: for any)."""
        if name is not None and name != self.name:
            return False
        if self.device:
            # its CAs are everybody's; whether other roots have one is another question
            return bool(self.anchors) or roots is None or roots is self.roots
        if given != self.given or roots is self.roots or roots is None or self.roots is None:
            return given == self.given and roots is self.roots
        # The same roots once more, read from their file anew?
        from .placing import find

        for ski, sha256 in self.found:
            if sha256 not in given and find(roots, ski, sha256) is None:
                return False
        return bool(self.found)

    def why(self):
        """The obstacles as a sentence, or ""."""
        if not self.obstacles:
            return ""
        return "The module's TLS cannot take this server: %s. " % "; ".join(self.obstacles)

    def try_next(self, store):
        """Install the next candidate in place of the one before; False if there is none."""
        from ..pki.pem import check as read
        from .placing import install, wanted

        if self.entry is not None and self.entry in store.entries():
            from .seldom import drop

            drop(store, self.entry)
        self.entry = None
        while self.candidates:
            source, info = self.candidates[0]
            there = [e for e in wanted(store) if e.sha256 == info.sha256]
            if there and (there[0].owner == "device" or not self.device):
                self.candidates.pop(0)
                continue  # it is there, and was not it
            if not same(source, info.sha256):
                if self in store.plans:
                    store.plans.remove(self)  # ask the server again next time
                return False
            plans = store.plans
            der, ski = read(source)
            self.entry = install(store, source, der, ski, None if self.device else self.roots)
            store.plans = plans
            self.candidates.pop(0)  # not before: that it could not be installed says nothing of it
            return True
        return False

    def fresh(self):
        """True if its CAs are what they were when it was made: files and buffers change."""
        for n in range(len(self.anchors)):
            if not same(self.anchors[n], self.found[n][1]):
                return False
        return True


def same(source, sha256):
    """True if a CA, as certs.install() takes it, is the one with this SHA-256 still."""
    from .placing import fingerprint

    try:
        return fingerprint(load(source)) == sha256
    except (OSError, ValueError):
        return False


def anchors(chain, roots, cas=()):
    """The CAs above a chain: [(source, CertificateInfo)], the topmost first.

    roots: bundle.Bundle or alike, or None. cas: further sources, as certs.install() takes them.
    The module is said to look for the CA above the last certificate it was sent; other readings
    exist, so those further down the chain are candidates too. [h.8, T25]
    """
    known = []
    for source in cas:
        der = load(source)
        known.append((source, CertificateInfo(Bytes(der), len(der))))
    found = []
    path = chain.path()
    for below in reversed(path):
        above = [k for k in known if issued(k[1], below)]
        if roots is not None:
            for root in _search(roots, below):
                der = root.der()
                info = CertificateInfo(Bytes(der), len(der))
                if issued(info, below):
                    above.append((root, info))
        for source, info in above:
            if not any([f[1].sha256 == info.sha256 for f in found]):
                found.append((source, info))
    return found


def _search(roots, below):
    found = roots.by_key(below.aki) if below.aki else []
    return found or roots.by_name(below.issuer_hash)


def plan(radio, host, port, name, roots, cas, given=(), timeout=20.0):
    """Ask the server and return its Plan; timeout: seconds for all of it. OSErrors of a connection
    that cannot even be made.

    cas: what else is trusted, as certs.install() takes it; given: SHA-256 of those among them that
    a context brought.
    """
    try:
        chain = discover(radio.certs, host, port, name, timeout)
        made = Plan(chain, anchors(chain, roots, cas))
    except DiscoveryError as e:
        made = Plan(None, [], e)
    made.name = name or host
    made.roots = roots
    made.given = given
    made.address = host, port
    return made


def keep(store, made):
    """Remember a Plan, in place of what was learnt from the same before; eight at most."""
    others = [
        p
        for p in store.plans
        if p.address != made.address or p.roots is not made.roots or p.given != made.given
    ]
    store.plans = others[-7:] + [made]


def check(radio, made, name, has_roots, number=-1):
    """Raise a CertificateError for what no CA and no engine can mend, as far as it is known.

    name: the server's, or None if it is not to be checked. number: what the module said,
    AT-S.Certificate Error:<number>, -1 if nothing.
    """
    chain = made.chain
    if chain is None:
        return
    where = "%s:%d" % (chain.host, chain.port)
    words = code = None
    if number >= 0:
        code = number
        words = "Certificate Error:%d" % number
        where += " (%s)" % words
    leaf = chain.certificates[0] if chain.certificates else None
    if leaf is None:
        raise CertificateError(errno.EIO, where + " sent an empty list of certificates")
    if leaf.damaged:
        raise CertificateError(
            errno.EIO,
            "%s was not trusted: %s" % (where, unreadable(chain, leaf)),
            code,
            words,
            "Only the server's owner can mend it",
        )
    now = radio.time()
    for c in chain.path()[: made.reach + 1]:
        when = ""
        if c.not_after < now:
            when = "expired %d days ago" % ((now - c.not_after) // 86400)
        elif c.not_before > now:
            when = "is not valid before %d days from now" % ((c.not_before - now) // 86400 + 1)
        if when:
            raise CertificateError(
                errno.EIO,
                "%s was not trusted: its certificate (%s) %s" % (where, c.subject, when),
                code,
                words,
                "By the module's clock, %d seconds since 1970. If that is right, only the "
                "server's owner can mend it" % now,
            )
    if leaf.fits is False and made.name == name:
        raise CertificateError(
            errno.EIO,
            "%s was not trusted: its certificate is not for %s but for %s"
            % (where, name, ", ".join(leaf.names) or leaf.subject),
            code,
            words,
            "Check the host, or server_hostname",
        )
    if not made.anchors:
        top = chain.path()[-1]
        broken = ["C" + unreadable(chain, c)[1:] + ". " for c in chain.certificates if c.damaged]
        raise CertificateError(
            errno.EIO,
            "%s was not trusted: no CA for it %s"
            % (where, "is among the roots" if has_roots else "was installed"),
            code,
            words,
            '%s%sMissing: the certificate of "%s"%s. Install it with radio.certs.install(pem), '
            "add it to the bundle, or, for a server with its own certificate, see "
            "radio.certs.pin()"
            % (
                made.why(),
                "" if made.obstacles else "".join(broken),
                top.issuer,
                ", key identifier " + (top.aki or (top.ski if top.self_issued else "unknown")),
            ),
        )
