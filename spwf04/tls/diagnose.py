"""certs.diagnose(): why a TLS connection to a server does not come up. [T1]"""

from ..commands.filesystem import listing
from ..errors import DiscoveryError, LinkLost
from ..hosttls.native import which
from ..pki.causes import Cause, day
from ..pki.faults import BEYOND, MISSING, dates, of_firmware, out_of_date
from ..pki.rules import judge_all
from ..roots.issuers import anchors
from ..roots.search import open_roots
from .slot import content

# What neither diagnose() nor the driver looks at: there is no room for it on a board
_NOTHING = (
    "nothing is wrong as far as can be seen from here. Not looked at: signatures, and to which "
    "names a CA is constrained"
)


_BROUGHT = (
    'the device does not have the CA, only contexts that were given it have: "%s", key '
    "identifier %s"
)
_INSTALL = ("For all contexts: radio.certs.install(pem)", "install_ca")


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
    from .discover import Limit, discover, server

    host, port, name = server(host, port, server_hostname)
    found = Diagnosis(host, port)
    checks = _Checks(store, found, open_roots(roots))
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
    checks.shown(chain)
    return found


class _Checks:
    """The checks of diagnose(); each adds to `found`, a Diagnosis."""

    def __init__(self, store, found, roots):
        self._store = store
        self._radio = store.radio
        self._found = found
        self._roots = roots
        self._elsewhere = None  # a finding: the CA is known, but not the device's
        self._now = None  # by the module's clock, seconds since 1970; None: it is not set

    def _wrong(self, what, hint, remedy):
        """Add a finding."""
        self._found.findings.append(Finding(what, hint, remedy))

    def _right(self, text):
        self._found.passed.append(text)

    # network and clock -------------------------------------------------------------------------
    def joined(self):
        if not self._radio.isconnected():
            what = "the module is not joined to a network"
            self._wrong(what, "radio.connect(ssid, password)", "join")
            return False
        self._right("joined, address " + self._radio.ip)
        return True

    def clock(self):
        now = self._radio.time()
        if self._radio.time_is_set():
            self._now = now
            self._right("the clock is set: " + day(now))
        else:
            self._wrong(
                "the module's clock is not set, it says " + day(now),
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
                self._wrong("the module's TLS cannot take this server: " + words, *_host_tls())
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

    def shown(self, chain):
        """What the server shows: judged with the CAs that the module may look for, else with those
        that are known."""
        self._found.chain = chain
        version = chain.version - 0x0301
        self._right("the name resolves, the port is open, the server speaks TLS 1.%d" % version)
        listed = self._store.list()
        device = [e for e in listed if e.owner == "device" and e.where != "host" and _good(e)]
        clock = self._radio.time if self._now is not None else None
        placed = anchors(chain, None, [e.source for e in device], clock)
        wanted = _wanted(chain.path())
        in_place = [e for e in listed if e.owner == "device" and e.where not in (None, "host")]
        unread = [e for e in in_place if e.source is None and e.ski in wanted]
        ends = [e.ends for e in unread if e.ski in wanted[-1:]]
        called = [e for e in in_place if e.ski in wanted]
        if called or placed:
            unread = not self._files(called) or unread
        elif self._capitals(wanted):
            return
        cas = placed
        brought = self._brought(listed, wanted)
        if not placed and not unread:
            sources = [e.source for e in listed if e.owner == "context" and _good(e)]
            cas = anchors(chain, None, sources, clock)
            if cas:
                self._elsewhere = (_BROUGHT % (cas[0][1].called(), cas[0][1].ski),) + _INSTALL
            elif self._roots is not None:
                cas = anchors(chain, self._roots, (), clock)
                if cas:
                    self._only_in_roots(cas[0][1])
        self._judge(chain, cas, bool(unread), brought, ends[0] if ends else None)

    def _judge(self, chain, cas, unread, brought, ends):
        """What is wrong with the chain. unread: its CA is in place, but cannot be read back.
        ends: when that one ends, or None. brought: a context has brought it, likewise."""
        faults = judge_all(chain, cas)
        faults = (
            of_firmware("EC" in [c.key for c in chain.certificates], self._radio.firmware) + faults
        )
        times = dates(chain, cas, unread, ends)
        if self._now is not None:
            faults += out_of_date(times, self._now)
        if unread:
            faults = [f for f in faults if f[0] not in MISSING]
        for fault in faults:
            if fault[0] not in BEYOND:
                self._tell_elsewhere()
            cause = Cause(fault)
            if cause.remedy == "use_host_tls":
                self._wrong(cause.what, *_host_tls())
            elif cause.name in MISSING and brought:
                self._wrong(_BROUGHT % fault[1:3], *_INSTALL)
            elif cause.name in ("no_ca", "alone") and self._roots is not None:
                hint = "It is not among these roots either: get it from the server's owner"
                self._wrong(cause.what, hint, "ask_owner")
            else:
                self._wrong(cause.what, cause.hint, cause.remedy)
        self._tell_elsewhere()
        names = [f[0] for f in faults]
        if "name" not in names and "name_as_text" not in names and not chain.path()[0].damaged:
            self._right("the name fits")
        if not faults:
            if self._now is not None:
                self._right("the clock is within the dates of %d certificates" % len(times))
            if cas:
                self._right("the CA above the chain is known: " + cas[0][1].called())
            self._right("key types and sizes, signatures and certificate sizes: in its reach")

    # the CAs that are in place -----------------------------------------------------------------
    def _brought(self, listed, wanted):
        """Tell of the CAs that contexts brought for themselves; True if there is one."""
        found = False
        for e in listed:
            if e.ski in wanted and e.owner == "context" and e.where != "host":
                self._right(
                    "a context brought the CA %s (by its roots, or load_verify_locations()): it "
                    "counts for contexts that were given it, %s"
                    % (e.subject or e.ski, _whereabouts(e))
                )
                found = True
        return found

    def _only_in_roots(self, info):
        what = 'the CA is not on the module: "%s", key identifier %s' % (info.called(), info.ski)
        hint = "It is among the roots: radio.certs.install_for(host, roots=…)"
        remedy = "find_ca"
        self._elsewhere = what, hint, remedy

    def _tell_elsewhere(self):
        """Tell, once, that the CA is known, but not the device's."""
        if self._elsewhere is not None:
            self._wrong(*self._elsewhere)
            self._elsewhere = None

    def _capitals(self, wanted):
        """Is there a file that is called almost as the CA must be?"""
        names = [name for name, _, _ in self._store.channel.take(listing(self._store.channel))]
        for name in names:
            if name[-3:].lower() == ".ca" and name != name.lower():
                if name[:-3].lower().replace(":", "") in wanted:
                    self._wrong(
                        "the file %s has capitals in its name: the module does not find it" % name,
                        "radio.certs.install(pem) names it as it must be",
                        "install_ca",
                    )
                    return True
        return False

    def _files(self, entries):
        """Does the module look at the files, and do they hold what their names say? False if one
        does not."""
        good = True
        for entry in entries:
            if entry.where != "file":
                self._right("the CA is in place: %s in the slot" % (entry.subject or entry.ski))
                continue
            slot, _ = self._store.channel.take(content(self._store))
            if self._store.slot not in ("", None) or (slot and slot != entry.ski):
                self._wrong(
                    "the flash slot is filled: the module does not look at files then",
                    "radio.certs.install(pem) again, or radio.certs.clear() first",
                    "install_ca",
                )
            if _identifier(entry) != entry.ski:
                self._wrong(
                    "the file %s.ca does not hold the certificate that its name says" % entry.ski,
                    "radio.certs.install(pem) replaces it",
                    "install_ca",
                )
                good = False
            else:
                self._right("the CA is in place: %s in a file" % (entry.subject or entry.ski))
        return good


def _wanted(path):
    """The identifiers of the keys by which the module may look for a CA."""
    return [c.aki or (c.ski if c.self_issued else None) for c in path if not c.damaged]


def _host_tls():
    """(hint, remedy) for what the module's TLS cannot take."""
    if which() is None:
        return (
            "This interpreter has no TLS of its own: use a server with another chain",
            "ask_owner",
        )
    return 'SSLContext(engine="auto") uses this board\'s own TLS for it', "use_host_tls"


def _message(error):
    """What an OSError says, without its hint."""
    words = str(error.args[1])
    hint = getattr(error, "hint", None)
    return words[: -len(hint) - 2] if hint else words


def _good(entry):
    """True if a listed CA is readable, under a name that the module finds."""
    from ..pki.source import load

    if entry.ski != entry.ski.lower():
        return False
    try:
        return entry.source is not None and bool(load(entry.source))
    except (OSError, ValueError):
        return False


def _identifier(entry):
    """The key identifier of the certificate in a file, or None."""
    from ..pki.source import load
    from ..pki.x509 import Certificate

    try:
        return Certificate(load(entry.source)).ski
    except (OSError, ValueError):
        return None


def _whereabouts(entry):
    if entry.where is None:
        return "and it is put in place when such a context connects"
    return "and it is in the %s now" % entry.where
