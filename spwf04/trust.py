"""Which CA a server needs, found by asking it; what to do about servers that did not work.

    radio.certs.install_for("example.com", roots=Bundle("roots.bin"))

A Plan is what was learnt about one server: the CAs to try, from the roots that the user trusts,
and why the module's TLS cannot take its chain, if so. The store keeps the plans of servers that
did not work at once, so that each is asked once.
"""

from .argument import milliseconds
from .discover import discover
from .errors import CertificateError, DiscoveryError, errno
from .pem import load
from .reach import obstacles, unreadable
from .x509info import Bytes, CertificateInfo, issued


class Limit:
    """A limit for the time of all that a call does: seconds, from now on."""

    def __init__(self, channel, seconds):
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
    obstacles: list of str. refused: the DiscoveryError if there is no chain.
    """

    def __init__(self, chain, candidates, refused=None):
        self.chain = chain
        self.candidates = candidates
        self.anchors = [c[0] for c in candidates]
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

    def fits(self, roots):
        """False if `roots` may hold what was not found among others."""
        return roots is None or roots is self.roots

    def why(self):
        """The obstacles as a sentence, or ""."""
        if not self.obstacles:
            return ""
        return "The module's TLS cannot take this server: %s. " % "; ".join(self.obstacles)

    def try_next(self, store):
        """Install the next candidate in place of the one before; False if there is none."""
        if self.entry is not None and self.entry in store.entries():
            store.remove(self.entry.ski)
        self.entry = None
        while self.candidates:
            source, info = self.candidates.pop(0)
            if any([e.ski == info.ski and e.where != "host" for e in store.entries()]):
                continue  # it is there, and was not it
            plans = store.plans
            self.entry = store.install(source)
            store.plans = plans
            return True
        return False


class Trust:
    """What install_for() and pin() did. print() it.

    engine: "module" or "host", which one verified the server. entry: certs.Entry of the CA.
    chain: discover.Chain. obstacles: why the module could not, list of str.
    """

    def __init__(self, engine, entry, chain, obstacles):
        self.engine = engine
        self.entry = entry
        self.chain = chain
        self.obstacles = obstacles

    def __str__(self):
        text = str(self.chain) if self.chain is not None else ""
        if self.entry is not None:
            text += "\nCA %s (%s) in %s" % (self.entry.subject, self.entry.ski, self.entry.where)
        text += "\nverified by the %s's TLS" % self.engine
        for reason in self.obstacles:
            text += "\nnot by the module's: " + reason
        return text


def anchors(chain, roots, cas=()):
    """The CAs above a chain: [(source, CertificateInfo)], the topmost first.

    roots: bundle.Bundle or alike, or None. cas: further sources, as certs.install() takes them.
    The module is said to look for the CA above the last certificate it was sent; other readings
    exist, so those further down the chain are candidates too. [2.5, T25]
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


def plan(radio, host, port, name, roots, cas, timeout=20.0):
    """Ask the server and return its Plan; timeout: seconds for all of it. OSErrors of a connection
    that cannot even be made."""
    try:
        chain = discover(radio.certs, host, port, name, timeout)
        made = Plan(chain, anchors(chain, roots, cas))
    except DiscoveryError as e:
        made = Plan(None, [], e)
    made.name = name or host
    made.roots = roots
    return made


def install_for(
    store, host, port=443, roots=None, server_hostname=None, now=None, timeout=30.0, engine="auto"
):
    """certs.install_for(): make `host` a server that opens, verified; return a Trust.

    Asks the server for its chain, finds the root above it in roots (as SSLContext takes them),
    sees to the clock (now: seconds since 1970, else the module's NTP), installs the root and
    proves it by a connection. timeout: seconds for the whole call, however slow the server is;
    OSError (ETIMEDOUT) or a DiscoveryError after that. The module's TLS is used unless it cannot
    take the chain; then the host's, if there is one. CertificateError says what is missing.
    Nothing is trusted that roots does not hold.
    """
    from .argument import server
    from .bundle import roots as opened
    from .checks import once
    from .pem import authorities
    from .socketpool import SocketPool
    from .tls import SSLContext

    host, port, server_hostname = server(host, port, server_hostname)
    once(now, timeout, engine)
    cas = ()
    if isinstance(roots, (list, tuple)):
        cas, roots = [each for root in roots for each in authorities(root, "roots")], None
    roots = opened(roots)
    radio = store.radio
    limit = Limit(radio.channel, timeout)
    see_to_clock(radio, now, timeout)
    name = server_hostname or host
    made = plan(radio, host, port, name, roots, list(cas) + _own(store), limit.left())
    if made.refused is not None and not made.obstacles:
        raise made.refused
    context = SSLContext(engine=engine, roots=roots)
    host_tls = engine == "host" or (engine == "auto" and made.obstacles and host_available())
    check(radio, made, name, roots is not None or bool(cas))
    if host_tls:
        made.engine = "host"
    elif made.chain is not None:
        made.try_next(store)
    store.plans[host, port] = made
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=name)
    try:
        sock.settimeout(limit.left())
        sock.connect((host, port))
        used = sock.engine
    finally:
        sock.close()
    entry = made.entry
    if used == "host" and made.anchors:
        entry = store.keep_for_host(made.anchors[0])
    return Trust(used, entry or _entry_of(store, made), made.chain, made.obstacles)


def keep_for_host(store, source):
    """Keep a CA for the host's TLS alone; nothing is sent. Returns its Entry."""
    from .certs import Entry
    from .x509 import Certificate

    der = load(source)
    ski = Certificate(der).ski
    for entry in store.entries():
        if entry.ski == ski:
            return entry
    entry = Entry(ski, "host", len(der), source)
    store._entries.append(entry)
    return entry


def _own(store):
    return [e.source for e in store.entries() if e.source is not None]


def _entry_of(store, made):
    """The entry that was there already."""
    for e in store.entries():
        if made.chain is not None and e.ski in [c.aki for c in made.chain.certificates]:
            return e
    return None


def host_available():
    """True if this interpreter has TLS of its own."""
    from .hosttls import available

    return available()


def see_to_clock(radio, now=None, timeout=10.0):
    """Have the module's clock set: to `now`, or by NTP. CertificateError if neither works."""
    if now is not None:
        radio.set_time(now)
    if not radio.time_is_set() and not radio.ntp(timeout):
        from .explain import clock_not_set

        raise clock_not_set()


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
