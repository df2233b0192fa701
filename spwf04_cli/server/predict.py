"""Predicts whether the module's TLS can connect to a server, and why not. Nothing is sent here.

The driver knows what the module cannot do, and which CA it looks for (spwf04.pki.limits).
OpenSSL's verdict tells what neither of them reads: signatures, path lengths, purposes. Reasons
come in the order in which the module finds them: parsing, CA, dates, name.
[decision 5, h.5, h.8, h.9]
"""

from spwf04.errors import CertificateError
from spwf04.pki.limits import named_obstacles, named_weaknesses
from spwf04.tls.judge import check, learn
from spwf04.tls.plan import Plan
from spwf04.tls.slot import FILE
from spwf04.tls.upload import file_name

from ..advice import sentence, told
from .ask import where
from .roots import signed

_DAY = 86400
_COMMON = 3  # certificates in the longest chain that anybody reported as working [h.9]
_DATE, _NAME, _CA = 23, 5, 23  # numbers that the module shows; the first two are guesses
# Numbers of OpenSSL for which predict() has reasons: no issuer, a signature, dates, name
_TOLD = (2, 7, 9, 10, 18, 19, 20, 21, 27, 62, 64)

# name of an obstacle: (number that the module shows, what to do)
_HOST_TLS = sentence("use_host_tls")
_OBSTACLES = {
    "damaged": (11, f"{sentence('ask_owner')}. {_HOST_TLS}"),
    "mixed": (11, f"Use a server with one kind of key. {_HOST_TLS}"),
    "algorithm": (11, f"Use a server with an RSA or ECDSA certificate. {_HOST_TLS}"),
    "key_size": (22, _HOST_TLS),
    "size": (22, f"Have it issued for fewer names. {_HOST_TLS}"),
    "no_identifier": (23, f"Have it made with subjectKeyIdentifier=hash. {_HOST_TLS}"),
}
_WEAKNESSES = {
    "old_hash": (23, "The server's owner must have it issued anew, with SHA-256"),
    "small_key": (22, "The server's owner must have it issued anew, with a key of 2048 bits"),
}


class Reason:
    """Why the module cannot connect to a server. what: str. error: the number of AT-S.Certificate
    Error that it will show, or None. remedy: what to do, str or None."""

    def __init__(self, what, error=None, remedy=None):
        self.what = what
        self.error = error
        self.remedy = remedy


class Prediction:
    """What the module will make of a server.

    answer: ask.Answer. reasons: list of Reason, empty if the module should connect to the server.
    warnings: list of str. root: DER of the CA that it needs, None if no trusted one is known;
    root_info: its CertificateInfo; origin: where it comes from. needs: (name of the CA that the
    module looks for, name of its file on the module), each None if unknown. cas: DER of all
    trusted CAs above the chain, the likeliest first. path: CertificateInfos from the server's
    upward. spare: those that the server sends without need.
    """

    root = root_info = origin = None
    needs = (None, None)

    def __init__(self, answer):
        self.answer = answer
        self.reasons = []
        self.warnings = []
        self.cas = []
        self.path = answer.chain.path() if answer.chain else []
        sent = answer.chain.certificates if answer.chain else []
        self.spare = [c for c in sent if c not in self.path]

    @property
    def ok(self):
        """True if the module's TLS should connect to the server."""
        return not self.reasons

    def add(self, *reason):
        """Add a Reason."""
        self.reasons.append(Reason(*reason))


def predict(answer, roots, now, warn_days=14):
    """Return the Prediction for a server.

    answer: ask.Answer, asked with the same roots. roots: roots.Roots. now: seconds since 1970.
    warn_days: warn of certificates that expire within so many days.
    """
    p = Prediction(answer)
    if answer.error is not None:
        p.add(answer.error, None, answer.remedy)
        return p
    found = roots.anchors(answer.chain)
    p.cas = [der for der, _ in found]
    if p.path:
        _find_root(p, roots)
    for name, words in named_obstacles(answer.chain, p.root_info):
        p.add(words, *_OBSTACLES[name])
    for name, words in named_weaknesses(p.path, p.root_info):
        p.add(words, *_WEAKNESSES[name])
    if p.path:
        _lookup(p, found)
        _signatures(p)
        _dates(p, now)
        _name(p)
    _others(p, found, now)
    _warn(p, now, warn_days)
    return p


def _find_root(p, roots):
    top = p.path[-1]
    needed = roots.needed(p.answer.chain)
    if needed is not None:
        p.root, p.root_info = needed
        p.origin = roots.origin(p.root)
        p.needs = p.root_info.subject, file_name(p.root_info.ski, FILE)
    else:
        key = top.aki or (top.ski if top.self_issued else None)
        p.needs = top.issuer, file_name(key, FILE) if key else None


def _lookup(p, found):
    """Add the reasons why the module does not find the CA."""
    top = p.path[-1]
    if top.damaged:
        return
    if p.root is None:
        _unknown(p, found)
    elif p.root_info.is_ca is False:
        p.add(
            f'"{p.root_info.subject}" says that it is no CA (CA:FALSE)',
            _CA,
            "Have it made with basicConstraints=CA:TRUE, or without any. " + _HOST_TLS,
        )
    elif top.aki is None and not top.self_issued and not p.root_info.ski_computed:
        p.add(
            f"{top.subject or 'the server'}'s certificate has no authority key identifier, by "
            "which it would find the CA",
            _CA,
            "Have it issued with authorityKeyIdentifier=keyid. " + _HOST_TLS,
        )


def _unknown(p, found):
    top = p.path[-1]
    if top is p.path[0] and top.self_issued:
        p.add(
            "it is a server with its own certificate, which no CA has signed",
            _CA,
            "If it is yours, name its certificate with --roots. " + sentence("pin"),
        )
    elif found:
        p.add(
            f"it sends more than is needed: the module probably looks for the CA above "
            f'"{top.subject}", which is "{top.issuer}" and not among the roots',
            _CA,
            f'spwf04 trust --anyway tries "{found[0][1].subject}". {_HOST_TLS}',
        )
    else:
        p.add(
            f'the CA "{top.issuer or "of no name"}" is not among the roots',
            _CA,
            "Get its certificate from the server's owner, and name the file with --roots",
        )


def _certificates(p):
    """The certificates that the module verifies, and the CA."""
    with_root = [] if p.root_info is None else [p.root_info]
    known = [c for c in p.path if not c.damaged and c.sha256 != getattr(p.root_info, "sha256", "")]
    return known + with_root


def _signatures(p):
    """Add a reason for each certificate that is not signed with the key of the next."""
    sent = [(c, p.answer.ders[c.sha256]) for c in p.path]
    if p.root_info is not None:
        sent.append((p.root_info, p.root))
    for (below, der), (above, issuer) in zip(sent, sent[1:]):
        if signed(der, issuer) is False:
            p.add(
                f'the certificate "{below.subject}" is not signed with the key of '
                f'"{above.subject}": damaged, or forged',
                _CA,
                sentence("ask_owner"),
            )


def _dates(p, now):
    for c in _certificates(p):
        who = f'the certificate "{c.subject or ", ".join(c.names[:1])}"'
        if c.not_after < now:
            days = (now - c.not_after) // _DAY
            p.add(f"{who} expired {_days(days)} ago", _DATE, "The server's owner must renew it")
        elif c.not_before > now:
            days = (c.not_before - now) // _DAY + 1
            p.add(
                f"{who} is not valid before {_days(days)} from now",
                _DATE,
                "Check this computer's clock",
            )


def _days(n):
    return f"{n} day{'' if n == 1 else 's'}"


def _name(p):
    leaf = p.path[0]
    if leaf.fits is False and not leaf.damaged:
        names = ", ".join(leaf.names) or leaf.subject or "nobody"
        more = leaf.name_count - len(leaf.names)
        if more:
            names += f" and {more} more"
        what = f"the certificate is not for {p.answer.name} but for {names}"
        if p.answer.name in leaf.names:
            what = f"the certificate names {p.answer.name}, but not as an address"
        p.add(
            what,
            _NAME,
            "Use one of its names as the host; or --name here, and server_hostname in a program",
        )


class _Clock:
    """In place of a radio, for judge.check()."""

    def __init__(self, now):
        self._now = now

    def time(self):
        return self._now


def _others(p, found, now):
    """Add what only OpenSSL, or only the driver's check, finds."""
    answer = p.answer
    code, words = answer.by_root or (answer.code, answer.verdict)
    if code > 0 and (code not in _TOLD or not p.reasons):
        p.add(
            f"OpenSSL finds a fault in the chain: {words}",
            _CA,
            sentence("ask_owner"),
        )
    elif p.reasons:
        return
    elif code < 0 and not answer.asks_certificate:
        p.add(
            f"with the module's cipher suites, the handshake fails in OpenSSL: {words}",
            None,
            f"Try again. {_HOST_TLS}",
        )
    else:
        plan = Plan((answer.chain.host, answer.chain.port), answer.name, None)
        learn(plan, answer.chain, found)
        try:
            check(_Clock(now), plan, answer.name, True)
        except CertificateError as e:
            what, todo = told(e, host=where(answer.host, answer.port))
            p.add(what, _CA, todo)


def _warn(p, now, warn_days):
    warn = p.warnings.append
    for c in _certificates(p):
        if now <= c.not_after < now + warn_days * _DAY:
            warn(f'the certificate "{c.subject}" expires in {_days((c.not_after - now) // _DAY)}')
    for version in p.answer.versions:
        if version in ("TLS 1.0", "TLS 1.1"):
            warn(f"it chooses {version}, which is weak; the module takes it, ST says")
    if len(p.path) > _COMMON:
        warn(f"it sends {len(p.path)} certificates; nobody has reported more than {_COMMON}")
    if p.answer.asks_certificate:
        warn("it asks for a client certificate: SSLContext.load_cert_chain(), at most 1475 bytes")
    if p.answer.changes:
        warn("it showed another certificate a moment later: check again")
