"""certs.diagnose(): why a TLS connection to a server does not come up. [T1]"""

from ..arguments import server
from ..commands.filesystem import listing
from ..errors import DiscoveryError, LinkLost
from ..hosttls.native import which
from ..pki.bundle import open_roots
from ..pki.limits import anchors, obstacles, weaknesses
from ..pki.words import unreadable
from .slot import content

# What neither diagnose() nor the driver looks at: there is no room for it on a board
_NOTHING = (
    "nothing is wrong as far as can be seen from here. Not looked at: signatures, what the "
    "certificates may be used for, constraints of the CAs"
)


class Finding:
    """Something that is wrong.

    what: what it is, str. hint: what a program's author does about it, str. remedy: a short name
    of the hint, as SPWF04Error.remedy.
    """

    def __init__(self, what: str, hint: str, remedy: str):
        self.what = what
        self.hint = hint
        self.remedy = remedy

    def __str__(self):
        return self.what + "\n   -> " + self.hint


class Diagnosis:
    """What diagnose() found: print() it, or iterate over its findings; len() is their number.

    host, port: the server. findings: list of Finding, the most likely cause first; empty if
    nothing is wrong. passed: list of str, what is as it should be. chain: pki.chain.Chain, or None
    if the server did not show its certificates.
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
        words = "most likely first:" if self.findings else _NOTHING
        lines = ["%s:%d, %s" % (self.host, self.port, words)]
        lines += ["%d. %s" % (n + 1, f) for n, f in enumerate(self.findings)]
        lines += ["ok: " + text for text in self.passed]
        return "\n".join(lines)


def diagnose(store, host, port=443, server_hostname=None, roots=None, timeout=20.0):
    """CertificateStore.diagnose()"""
    from .discover import Limit, discover

    host, port, name = server(host, port, server_hostname)
    found = Diagnosis(host, port)
    checks = _Checks(store, found, name, open_roots(roots))
    limit = Limit(store.channel, timeout)
    store.radio.get("console_echo")  # an answer, or LinkLost
    if not checks.joined():
        return found
    checks.clock()
    try:
        chain = discover(store, host, port, name, limit.left())
    except LinkLost:
        raise
    except OSError as e:
        checks.not_shown(e)
        return found
    if checks.leaf(chain):
        checks.dates()
        checks.ca()
        checks.limits()
    return found


class _Checks:
    """The checks of diagnose(); each adds to `found`, a Diagnosis."""

    def __init__(self, store, found, name, roots):
        self._store = store
        self._radio = store.radio
        self._found = found
        self._name = name  # the server's, None: its host
        self._roots = roots
        self._clock_set = False
        self._now = 0  # by the module's clock, seconds since 1970
        self._path = []  # of the chain
        self._keys = []  # identifiers of the keys by which the module may look for a CA
        self._listed = []  # what certs.list() gives

    def _wrong(self, what, hint, remedy, likely=False):
        """Add a finding; `likely`: before all others so far."""
        findings = self._found.findings
        findings.insert(0 if likely else len(findings), Finding(what, hint, remedy))

    def _right(self, text):
        self._found.passed.append(text)

    # network and clock -------------------------------------------------------------------------
    def joined(self):
        if not self._radio.isconnected():
            what = "the module is not joined to a network"
            self._wrong(what, "radio.connect(ssid, password)", "join")
            return False
        self._right("joined, address " + self._radio.ipv4_address)
        return True

    def clock(self):
        self._now = self._radio.time()
        self._clock_set = self._radio.time_is_set()
        if self._clock_set:
            self._right("the clock is set: %d seconds since 1970" % self._now)
        else:
            self._wrong(
                "the module's clock is not set (%d seconds since 1970)" % self._now,
                "radio.ntp(), or radio.set_time(seconds since 1970-01-01)",
                "set_clock",
            )

    # the server ----------------------------------------------------------------------------------
    def not_shown(self, error):
        """The server did not show its certificates: an OSError says why."""
        host, port = self._found.host, self._found.port
        words = _message(error)
        if isinstance(error, DiscoveryError):
            if error.remedy == "use_host_tls":
                self._obstacles([words])
            else:
                hint = error.hint or "See what the server's own log says"
                self._wrong(words, hint, error.remedy or "ask_owner")
        elif getattr(error, "code", None) == 65:
            what = "the name %s does not resolve" % host
            self._wrong(what, "Check the name, and the network's DNS", "check_dns")
        else:
            self._wrong(
                "no connection to port %d of %s: %s" % (port, host, words),
                "Check host and port, and that no firewall is in between",
                "check_host",
            )

    def leaf(self, chain):
        """The server's own certificate; False if it cannot be read."""
        self._found.chain = chain
        self._path = chain.path()
        version = chain.version - 0x0301
        self._right("the name resolves, the port is open, the server speaks TLS 1.%d" % version)
        leaf = chain.certificates[0]
        if leaf.damaged:
            what = unreadable(chain, leaf)
            self._wrong(what, "Only the server's owner can mend it", "ask_owner")
            return False
        if leaf.fits is False:
            names = ", ".join(leaf.names) or leaf.subject
            self._wrong(
                "the server's certificate is not for %s but for %s"
                % (self._name or self._found.host, names),
                "Use one of its names as host or server_hostname",
                "check_name",
            )
        else:
            self._right("the name fits")
        return True

    def dates(self):
        now = self._now
        for c in self._path:
            if c.not_before <= now <= c.not_after:
                continue
            if now > c.not_after:
                what = "%s expired %d days ago" % (c.subject, (now - c.not_after) // 86400)
            else:
                days = (c.not_before - now) // 86400
                what = "%s is not valid yet, for %d days" % (c.subject, days)
            if self._clock_set:
                self._wrong(
                    what + ", by the module's clock",
                    "If radio.time() is right, the server's owner must renew it",
                    "ask_owner",
                    likely=True,
                )
            return
        self._right("the clock is within the dates of %d certificates" % len(self._path))

    def limits(self):
        """Can the module's TLS take the chain?"""
        cas = [e.source for e in self._listed if e.owner == "device" and _readable(e)]
        found = anchors(self._found.chain, self._roots, cas)
        anchor = found[0][1] if found else None
        reasons = obstacles(self._found.chain, anchor)
        weak = weaknesses(self._path, anchor)
        if reasons:
            self._obstacles(reasons)
        if weak:
            self._wrong(
                "; ".join(weak),
                "Its owner must have it issued anew, with SHA-256 and a key of 2048 bits: neither "
                "the module's TLS, as far as is known, nor this board's own takes it",
                "ask_owner",
            )
        if not (reasons or weak):
            self._right("key types and sizes, signatures and certificate sizes: in its reach")

    def _obstacles(self, reasons):
        """Why the module's TLS cannot take the server: list of str."""
        what = "the module's TLS cannot take this server: " + "; ".join(reasons)
        hint = 'SSLContext(engine="auto") uses this board\'s own TLS for it'
        remedy = "use_host_tls"
        if which() is None:
            hint = "This interpreter has no TLS of its own: use a server with another chain"
            remedy = "ask_owner"
        self._wrong(what, hint, remedy, likely=True)

    # the CA --------------------------------------------------------------------------------------
    def _entries(self):
        """Those of the device's CAs that the module may look for."""
        return [e for e in self._listed if e.ski in self._keys and e.owner == "device"]

    def _above(self):
        """The CA above the last certificate, in words."""
        key = self._keys[-1] or "unknown"
        return '"%s", key identifier %s' % (self._path[-1].issuer, key)

    def ca(self):
        """Is the CA above the chain on the module, exactly, and where the module looks for it?"""
        self._listed = self._store.list()
        self._keys = [c.aki or (c.ski if c.self_issued else None) for c in self._path]
        brought = [
            e
            for e in self._listed
            if e.ski in self._keys and e.owner == "context" and e.where != "host"
        ]
        for e in brought:
            self._right(
                "a context brought the CA %s (by its roots, or load_verify_locations()): it "
                "counts for contexts that were given it, %s"
                % (e.subject or e.ski, _whereabouts(e))
            )
        entries = [e for e in self._entries() if e.where != "host"]
        if not entries:
            self._no_ca(bool(brought))
        else:
            entry = entries[0]
            if entry.where == "file":
                self._ca_file(entry)
            self._right("the CA is in place: %s in %s" % (entry.subject or entry.ski, entry.where))
        if self._clock_set:
            self._ca_dates()
            self._ca_place()

    def _no_ca(self, brought):
        """The device does not have the CA. brought: a context has."""
        names = [name for name, _, _ in self._store.channel.take(listing(self._store.channel))]
        for name in names:
            if name[-3:].lower() == ".ca" and name != name.lower():
                if name[:-3].lower().replace(":", "") in self._keys:
                    self._wrong(
                        "the file %s has capitals in its name: the module does not find it" % name,
                        "radio.certs.install(pem) names it as it must be",
                        "install_ca",
                        likely=True,
                    )
                    return
        hint = "radio.certs.install(pem) with the root certificate"
        remedy = "install_ca"
        if self._path[-1].self_issued and len(self._path) == 1:
            hint = "It is a server with its own certificate: radio.certs.pin(host, port)"
            remedy = "pin"
        elif self._roots is not None and anchors(self._found.chain, self._roots):
            hint = "It is among the roots: radio.certs.install_for(host, roots=…)"
            remedy = "find_ca"
        elif self._roots is not None:
            hint = "It is not among these roots either: get it from the server's owner"
            remedy = "ask_owner"
        what = "the CA is not on the module: "
        if brought:
            what = "the device does not have the CA, only contexts that were given it have: "
        self._wrong(what + self._above(), hint, remedy, likely=True)

    def _ca_file(self, entry):
        """Does the module look at the file, and does it hold what its name says?"""
        slot, _ = self._store.channel.take(content(self._store))
        if self._store.slot not in ("", None) or (slot and slot != entry.ski):
            self._wrong(
                "the flash slot is filled: the module does not look at files then",
                "radio.certs.install(pem) again, or radio.certs.clear() first",
                "install_ca",
                likely=True,
            )
        if _identifier(entry) != entry.ski:
            self._wrong(
                "the file %s.ca does not hold the certificate that its name says" % entry.ski,
                "radio.certs.install(pem) replaces it",
                "install_ca",
                likely=True,
            )

    def _ca_dates(self):
        for entry in self._entries():
            end = entry.not_after
            if end is not None and end < self._now:
                self._wrong(
                    "the CA in place, %s, expired %d days ago"
                    % (entry.subject, (self._now - end) // 86400),
                    "radio.certs.install(pem) with the one that has taken its place",
                    "install_ca",
                    likely=True,
                )

    def _ca_place(self):
        """Is the CA in place the one above the last certificate?"""
        entries = self._entries()
        if entries and not [e for e in entries if e.ski == self._keys[-1]]:
            self._wrong(
                "the CA in place is not the one above the last certificate that the server sends "
                "(%s), where the module is said to look for it" % self._above(),
                'Install that one, or use this board\'s own TLS: SSLContext(engine="auto")',
                "install_ca",
            )


def _message(error):
    """What an OSError says, without its hint."""
    words = str(error.args[1])
    hint = getattr(error, "hint", None)
    return words[: -len(hint) - 2] if hint else words


def _readable(entry):
    """True if a listed CA is a certificate that can be read."""
    from ..pki.pem import load

    try:
        return entry.source is not None and bool(load(entry.source))
    except (OSError, ValueError):
        return False


def _identifier(entry):
    """The key identifier of the certificate in a file, or None."""
    from ..pki.pem import load
    from ..pki.x509 import Certificate

    try:
        return Certificate(load(entry.source)).ski
    except (OSError, ValueError):
        return None


def _whereabouts(entry):
    if entry.where is None:
        return "and it is put in place when such a context connects"
    return "and it is in the %s now" % entry.where
