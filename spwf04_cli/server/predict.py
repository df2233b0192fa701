"""Predicts whether the module's TLS can connect to a server, and why not. Nothing is sent.

The driver's own judge (spwf04.pki.faults, rules) says what is wrong with the certificates: what
the module cannot take, which CA it looks for, the name, rules and dates, in this order. OpenSSL
tells what that does not look at: signatures, and constraints of names. [decision 5, h.5, h.8, h.9]
"""

from spwf04.dates import in_days
from spwf04.pki import faults, rules
from spwf04.pki.causes import told
from spwf04.tls.slot import FILE
from spwf04.tls.upload import file_name

from ..advice import sentence
from .oddities import oddities
from .roots import signed

_DAY = 86400
_COMMON = 3  # certificates in the longest chain that anybody reported to work [h.9]
_CA = 23  # number that the module shows; for a rule it is a guess
# Numbers of OpenSSL for which the driver has words: no issuer, a signature, dates, CA, path
# length, purpose, critical extension, usage, name
_TOLD = (2, 7, 9, 10, 18, 19, 20, 21, 24, 25, 26, 27, 32, 34, 62, 64, 79)

# What a person with this command does about a fault, where the driver's remedy is not all
_HOST_TLS = sentence("use_host_tls")
_FILE = "get its certificate from the server's owner, and name the file with --roots"
_MORE = {
    "damaged": f"{sentence('ask_owner')}. {_HOST_TLS}",
    "size": f"Have it issued for fewer names. {_HOST_TLS}",
    "algorithm": f"Use a server with an RSA or ECDSA certificate. {_HOST_TLS}",
    "mixed": f"Use a server with one kind of key. {_HOST_TLS}",
    "old_hash": "The server's owner must have it issued anew, with SHA-256",
    "small_key": "The server's owner must have it issued anew, with a key of 2048 bits",
    "no_ca": _FILE[0].upper() + _FILE[1:],
    "alone": _FILE[0].upper()
    + _FILE[1:]
    + ". If that is an intermediate, the server's owner must "
    "have it sent too (fullchain.pem)",
    "own": "If it is yours, name its certificate with --roots. " + sentence("pin"),
    "lower_ca": f"With --anyway, spwf04 trust tries the one that is trusted. {_HOST_TLS}",
    "ca_is_none": "Have it made with basicConstraints=CA:TRUE, or without that extension. "
    + _HOST_TLS,
    "no_key": f"Have it issued with authorityKeyIdentifier=keyid. {_HOST_TLS}",
    "other_key": f"Have it made with subjectKeyIdentifier=hash. {_HOST_TLS}",
    "no_identifier": f"Have it made with subjectKeyIdentifier=hash. {_HOST_TLS}",
    "expired": "The server's owner must renew it",
    "future": "Check this computer's clock",
    "expired_ca": "Trust the CA that has taken its place: name its file with --roots",
    "future_ca": "Check this computer's clock",
    "name": "Use one of its names as the host; or --name here, and server_hostname in a program",
    "name_as_text": "Have it issued with the address as an address (subjectAltName=IP:…), or use "
    "a name that it has",
}
# What the module may take all the same, so that it is a warning
_WARNINGS = ("no_identifier",)


class Reason:
    """Why the module cannot connect to a server. what: str. error: the number of AT-S.Certificate
    Error that it will show, or None. remedy: what to do, str or None. name: that of the driver's
    cause, "" if it has none."""

    def __init__(self, what, error=None, remedy=None, name=""):
        self.name = name
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
    def may_try(self):
        """True if only trust --anyway may help: a CA above the one that the module looks for is
        trusted."""
        return [reason.name for reason in self.reasons] == ["lower_ca"]

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
    found = roots.anchors(answer.chain, now)
    p.cas = [der for der, _ in found]
    if p.path:
        _find_root(p, roots, now)
    _judge(p, found, now)
    if p.path:
        _signatures(p)
    _oddities(p)
    _others(p)
    _warn(p, now, warn_days)
    return p


def _find_root(p, roots, now):
    top = p.path[-1]
    needed = roots.needed(p.answer.chain, now)
    if needed is not None:
        p.root, p.root_info = needed
        p.origin = roots.origin(p.root)
        p.needs = p.root_info.subject, file_name(p.root_info.ski, FILE)
    else:
        key = top.aki or (top.ski if top.self_issued else None)
        p.needs = top.issuer, file_name(key, FILE) if key else None


def _judge(p, found, now):
    """Add what the driver's judge finds."""
    chain = p.answer.chain
    wrong = rules.judge_all(chain, found) + faults.out_of_date(faults.dates(chain, found), now)
    for cause in told(wrong):
        if cause.name in _WARNINGS:
            p.warnings.append(cause.what)
            continue
        todo = _MORE.get(cause.name) or sentence(cause.remedy)
        if cause.name == "not_sent":
            todo = (
                "The server's owner must have it send that one too (fullchain.pem). Until then "
                + _FILE
            )
        p.add(cause.what, cause.number, todo, cause.name)


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


def _oddities(p):
    """Add what a strict TLS minds and OpenSSL takes."""
    above = [] if p.root_info is None else [p.root_info]
    ders = {**p.answer.ders, **{info.sha256: p.root for info in above}}
    path = [c for c in p.path if c.sha256 not in [info.sha256 for info in above]] + above
    for words, number in oddities(path, ders):
        p.add(words, number, sentence("ask_owner"))


def _others(p):
    """Add what only OpenSSL finds."""
    answer = p.answer
    code, words = answer.by_root or (answer.code, answer.verdict)
    if code > 0 and (code not in _TOLD or not p.reasons):
        p.add(
            f"OpenSSL finds a fault in the chain: {words}",
            _CA,
            sentence("ask_owner"),
        )
    elif code < 0 and not p.reasons and not answer.asks_certificate:
        p.add(
            f"with the module's cipher suites, the handshake fails in OpenSSL: {words}",
            None,
            f"Try again. {_HOST_TLS}",
        )


def _warn(p, now, warn_days):
    warn = p.warnings.append
    for c in _certificates(p):
        if now <= c.not_after < now + warn_days * _DAY:
            left = in_days((c.not_after - now) // _DAY)
            warn(f'the certificate "{c.subject}" expires in {left}')
    for version in p.answer.versions:
        if version in ("TLS 1.0", "TLS 1.1"):
            warn(f"it chooses {version}, which is weak; the module takes it, ST says")
    if len(p.path) > _COMMON:
        warn(f"it sends {len(p.path)} certificates; nobody has reported more than {_COMMON}")
    if p.answer.asks_certificate:
        warn("it asks for a client certificate: SSLContext.load_cert_chain(), at most 1475 bytes")
    if p.answer.changes:
        warn("it showed another certificate a moment later: check again")
