"""certs.diagnose(): why a TLS connection to a server does not come up. [T1]"""

from ..commands.filesystem import listing
from ..errors import DiscoveryError, LinkLost
from ..hosttls.native import which
from ..pki.words import unreadable


class Finding:
    """Something that is wrong, and what to do. what, remedy: str."""

    def __init__(self, what, remedy):
        self.what = what
        self.remedy = remedy

    def __str__(self):
        return self.what + "\n   -> " + self.remedy


class Diagnosis:
    """What diagnose() found: print() it.

    findings: list of Finding, most likely cause first; empty if nothing is wrong. passed: list
    of str, what is as it should be. chain: pki.chain.Chain or None.
    """

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.findings = []
        self.passed = []
        self.chain = None

    def __iter__(self):
        return iter(self.findings)

    def __len__(self):
        return len(self.findings)

    def __bool__(self):
        return True

    def __str__(self):
        lines = ["%s:%d, %s" % (self.host, self.port, "" if self.findings else "nothing is wrong")]
        if self.findings:
            lines[0] += "most likely first:"
        lines += ["%d. %s" % (n + 1, f) for n, f in enumerate(self.findings)]
        lines += ["ok: " + text for text in self.passed]
        return "\n".join(lines)

    def wrong(self, what, remedy, likely=False):
        """Add a finding; `likely`: before all others so far."""
        self.findings.insert(0 if likely else len(self.findings), Finding(what, remedy))


def diagnose(store, host, port=443, server_hostname=None, roots=None, timeout=20.0):
    """Check, in order, all that a TLS connection to `host` needs; return a Diagnosis.

    Nothing is changed on the module. roots: as SSLContext takes them; a missing CA is looked
    for there. timeout: seconds for asking the server, however slow it is; the rest are questions
    to the module. Raises only if the module itself does not answer. What a context brought counts
    for contexts that were given it, not here.
    """
    from ..arguments import server
    from ..pki.bundle import roots as opened
    from .discover import Limit, discover

    host, port, server_hostname = server(host, port, server_hostname)
    roots = opened(roots)
    radio = store.radio
    d = Diagnosis(host, port)
    limit = Limit(radio.channel, timeout)
    radio.get("console_echo")  # an answer, or LinkLost
    if not radio.isconnected():
        d.wrong("the module is not joined to a network", "radio.connect(ssid, password)")
        return d
    d.passed.append("joined, address " + radio.ipv4_address)
    now = radio.time()
    if radio.time_is_set():
        d.passed.append("the clock is set: %d seconds since 1970" % now)
    else:
        d.wrong(
            "the module's clock is not set (%d seconds since 1970)" % now,
            "radio.ntp(), or radio.set_time(seconds since 1970-01-01)",
        )
    try:
        d.chain = discover(store, host, port, server_hostname, limit.left())
    except LinkLost:
        raise
    except OSError as e:
        _unseen(d, e)
        return d
    d.passed.append("the name resolves, the port is open, the server speaks TLS 1.2")
    leaf = d.chain.certificates[0]
    path = d.chain.path()
    if leaf.damaged:
        d.wrong(unreadable(d.chain, leaf), "Only the server's owner can mend it")
        return d
    if leaf.fits is False:
        d.wrong(
            "the server's certificate is not for %s but for %s"
            % (server_hostname or host, ", ".join(leaf.names) or leaf.subject),
            "Use one of its names as host or server_hostname",
        )
    else:
        d.passed.append("the name fits")
    _dates(d, path, now, radio.time_is_set())
    listed = store.list()
    _anchor(d, store, path, listed, roots)
    if radio.time_is_set():
        _ca_dates(d, path, listed, now)
    _reach(d, path, listed, roots)
    return d


def _unseen(d, error):
    """The server did not show its certificates: an OSError says why."""
    if isinstance(error, DiscoveryError):
        if error.alert in (40, 70, 71):
            _beyond(d, [str(error.args[1])])
        else:
            d.wrong(
                str(error.args[1]), "Is this the right port? Plain services are often on others"
            )
    elif getattr(error, "code", None) == 65:
        d.wrong("the name %s does not resolve" % d.host, "Check the name, and the network's DNS")
    else:
        d.wrong(
            "no connection to port %d of %s: %s" % (d.port, d.host, error.args[1]),
            "Check host and port, and that no firewall is in between",
        )


def _reach(d, path, listed, roots):
    """Can the module's TLS take the chain?"""
    from .limits import anchors, obstacles, old_hashes

    known = [e.source for e in listed if e.owner == "device" and _readable(e)]
    found = anchors(d.chain, roots, known)
    reasons = obstacles(d.chain, found[0][1] if found else None)
    old = old_hashes(path)
    if reasons:
        _beyond(d, reasons)
    if old:
        d.wrong(
            "; ".join(old),
            "Its owner must have it issued anew, with SHA-256: neither the module's TLS, as far "
            "as is known, nor this board's own takes it",
        )
    if not (reasons or old):
        d.passed.append("key types and sizes, signatures and certificate sizes: in its reach")


def _beyond(d, reasons):
    d.wrong(
        "the module's TLS cannot take this server: " + "; ".join(reasons),
        'SSLContext(engine="auto") uses this board\'s own TLS for it'
        if which() is not None
        else "This interpreter has no TLS of its own: use a server with another chain",
        likely=True,
    )


def _dates(d, path, now, is_set):
    for c in path:
        if c.not_before <= now <= c.not_after:
            continue
        if now > c.not_after:
            text = "%s expired %d days ago" % (c.subject, (now - c.not_after) // 86400)
        else:
            text = "%s is not valid yet, for %d days" % (c.subject, (c.not_before - now) // 86400)
        if is_set:
            d.wrong(
                text + ", by the module's clock",
                "If radio.time() is right, the server's owner must renew it",
                likely=True,
            )
        return
    d.passed.append("the clock is within the dates of %d certificates" % len(path))


def _anchor(d, store, path, listed, roots):
    """Is the CA above the chain on the module, exactly, and where it is looked for?"""
    from .limits import anchors

    wanted = [c.aki or (c.ski if c.self_issued else None) for c in path]
    entries = [e for e in listed if e.ski in wanted and e.where != "host"]
    brought = [e for e in entries if e.owner == "context"]
    entries = [e for e in entries if e.owner == "device"]
    for e in brought:
        d.passed.append(
            "a context brought the CA %s (by its roots, or load_verify_locations()): it counts "
            "for contexts that were given it, %s" % (e.subject or e.ski, _whereabouts(e))
        )
    top = path[-1]
    named = '"%s", key identifier %s' % (top.issuer, wanted[-1] or "unknown")
    if not entries:
        upper = [
            name
            for name, _, _ in store.channel.take(listing(store.channel))
            if name[-3:].lower() == ".ca" and name != name.lower()
        ]
        if any([name[:-3].lower().replace(":", "") in wanted for name in upper]):
            d.wrong(
                "the file %s has capitals in its name: the module does not find it" % upper[0],
                "radio.certs.install(pem) names it as it must be",
                likely=True,
            )
            return
        hint = "radio.certs.install(pem) with the root certificate"
        if top.self_issued and len(path) == 1:
            hint = "It is a server with its own certificate: radio.certs.pin(host, port)"
        elif roots is not None and anchors(d.chain, roots):
            hint = "It is among the roots: radio.certs.install_for(host, roots=…)"
        elif roots is not None:
            hint = "It is not among these roots either: get it from the server's owner"
        what = "the CA is not on the module: "
        if brought:
            what = "the device does not have the CA, only contexts that were given it have: "
        d.wrong(what + named, hint, likely=True)
        return
    entry = entries[0]
    if entry.where == "file":
        slot = store.slot_identifier()
        if store.slot not in ("", None) or (slot and slot != entry.ski):
            d.wrong(
                "the flash slot is filled: the module does not look at files then",
                "radio.certs.install(pem) again, or radio.certs.clear() first",
                likely=True,
            )
        _exact(d, entry)
    d.passed.append("the CA is in place: %s in %s" % (entry.subject or entry.ski, entry.where))


def _readable(entry):
    """False if a CA that is listed, in a file for example, is none."""
    from ..pki.pem import load

    try:
        return entry.source is not None and bool(load(entry.source))
    except (OSError, ValueError):
        return False


def _ca_dates(d, path, listed, now):
    """Is the CA in place valid now? Is it the one above the last certificate?"""
    wanted = [c.aki or (c.ski if c.self_issued else None) for c in path]
    entries = [e for e in listed if e.ski in wanted and e.owner == "device"]
    for entry in entries:
        if entry.not_after is not None and entry.not_after < now:
            d.wrong(
                "the CA in place, %s, expired %d days ago"
                % (entry.subject, (now - entry.not_after) // 86400),
                "radio.certs.install(pem) with the one that has taken its place",
                likely=True,
            )
    if entries and not [e for e in entries if e.ski == wanted[-1]]:
        d.wrong(
            "the CA in place is not the one above the last certificate that the server sends "
            '("%s", key identifier %s), where the module is said to look for it'
            % (path[-1].issuer, wanted[-1] or "unknown"),
            'Install that one, or use this board\'s own TLS: SSLContext(engine="auto")',
        )


def _whereabouts(entry):
    if entry.where is None:
        return "and it is put in place in their turn"
    return "and it is in the %s now" % entry.where


def _exact(d, entry):
    """A file must hold the certificate that its name says."""
    from ..pki.pem import load
    from ..pki.x509 import Certificate

    try:
        ski = Certificate(load(entry.source)).ski
    except (OSError, ValueError):
        ski = None
    if ski != entry.ski:
        d.wrong(
            "the file %s.ca does not hold the certificate that its name says" % entry.ski,
            "radio.certs.install(pem) replaces it",
            likely=True,
        )
