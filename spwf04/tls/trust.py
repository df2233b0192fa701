"""certs.install_for() and certs.pin(): trust a server, and prove it by a verified connection.

radio.certs.install_for("example.com", roots=Bundle("roots.bin"))
radio.certs.pin("server.lan", fingerprint="AB:CD:…")
"""

from ..arguments import milliseconds, moment
from ..checks import fingerprint as checked
from ..commands.clock import ensure_set
from ..errors import CertificateError, errno
from ..hosttls.native import which
from ..net.pool import SocketPool
from ..pki.chain import issued
from ..pki.words import describe, unreadable
from ..roots.search import open_roots
from .context import SSLContext
from .plan import Plan


class Trust:
    """What install_for() or pin() did: print() it.

    engine: "module" or "host": whose TLS verified the server. entry: store.Entry of the CA; its
    `written` tells whether it was sent to the module now. chain: pki.chain.Chain that the server
    sent, or None. obstacles: list of str, why the module's TLS could not take it.
    """

    def __init__(self, engine, entry, chain, obstacles):
        self.engine = engine
        self.entry = entry
        self.chain = chain
        self.obstacles = obstacles

    def __str__(self):
        text = str(self.chain) if self.chain is not None else ""
        if self.entry is not None:
            text += "\nCA %s (%s) %s" % (
                self.entry.subject,
                self.entry.ski,
                _what_was_done(self.entry),
            )
        text += "\nverified by the %s's TLS" % self.engine
        for reason in self.obstacles:
            text += "\nnot by the module's: " + reason
        return text


def _what_was_done(entry):
    """What was done with the CA of a store.Entry, in words."""
    if entry.where == "host":
        return "kept for this board's own TLS"
    if entry.where is None:
        return "not in place now"
    return "%s in %s" % ("installed" if entry.written else "already in place", entry.where)


def install_for(
    store,
    host,
    port=443,
    roots=None,
    server_hostname=None,
    now=None,
    timeout=30.0,
    engine="auto",
    self_signed=False,
):
    """CertificateStore.install_for(). self_signed: as for install(), of the CAs in a list."""
    from .discover import Limit, server

    host, port, name = server(host, port, server_hostname)
    _check_arguments(now, timeout, engine)
    from .judge import ask, check

    cas, roots = _trusted(roots, self_signed)
    radio = store.radio
    limit = Limit(radio.channel, timeout)
    ensure_set(radio, now, timeout)
    plan = Plan((host, port), name, roots)
    plan.device = True
    chain = ask(store, plan, list(cas) + _device_cas(store), limit.left())
    if plan.refused is not None and not plan.obstacles:
        raise plan.refused
    context = SSLContext(engine=engine, roots=roots)
    host_tls = engine == "host" or (engine == "auto" and plan.obstacles and which() is not None)
    check(radio, plan, name)
    if host_tls:
        plan.engine = "host"
    elif plan.shown:
        plan.try_next(store)
    plan.remember(store)
    used = _proven(store, plan, context, limit)
    entry = plan.entry
    if used == "host" and plan.cas:
        entry = store.keep_for_host(plan.cas[0][0])
    return Trust(used, entry or _entry_of(store, chain, plan.cas), chain, plan.obstacles)


def _trusted(roots, self_signed):
    """What an argument roots= stands for: (CAs of a list, or what open_roots() makes of it)."""
    if not isinstance(roots, (list, tuple)):
        return (), open_roots(roots)
    from ..pki.authority import authorities

    read = [authorities(root, "roots", self_signed) for root in roots]
    return [each for some in read for each in some], None


def _proven(store, plan, context, limit):
    """Connect to the server of a Plan; return the engine that verified it."""
    sock = context.wrap_socket(SocketPool(store.radio).socket(), server_hostname=plan.name)
    try:
        try:
            sock.settimeout(limit.left())
            sock.connect(plan.address)
            return sock.engine
        finally:
            sock.close()
    except:  # Ctrl-C as well, and while it closes
        if plan in store.plans:
            store.plans.remove(plan)  # unproven CAs do not count for other connections
        raise


def _check_arguments(now, timeout, engine):
    """Check arguments before anything is sent: TypeError, ValueError."""
    if now is not None:
        moment(now)
    milliseconds(timeout)
    if not isinstance(engine, str) or engine not in ("auto", "module", "host"):
        raise ValueError("engine must be auto, module or host")


def _device_cas(store):
    return [e.source for e in store.entries() if e.source is not None and e.owner == "device"]


def _entry_of(store, chain, cas):
    """The Entry of a CA that was there already: of a Plan's cas, or named by the chain."""
    hashes = [sha256 for _, _, sha256 in cas]
    named = [c.aki for c in chain.certificates] if chain is not None else []
    for e in store.entries():
        if e.owner == "device" and (e.sha256 in hashes or e.ski in named):
            e.written = False
            return e
    return None


def pin(
    store,
    host,
    port=443,
    fingerprint=None,
    server_hostname=None,
    now=None,
    timeout=30.0,
    engine="auto",
):
    """CertificateStore.pin()"""
    wanted = checked(fingerprint)
    from .discover import Limit, server

    host, port, server_hostname = server(host, port, server_hostname)
    _check_arguments(now, timeout, engine)

    limit = Limit(store.radio.channel, timeout)
    der = _pinned(store, host, port, server_hostname, wanted, timeout)
    ensure_set(store.radio, now, limit.left())
    left = limit.left()
    return install_for(store, host, port, [der], server_hostname, None, left, engine, True)


def _pinned(store, host, port, server_hostname, wanted, timeout):
    """The certificate with this fingerprint in DER; CertificateError if there is none that can be
    trusted."""
    from .discover import discover

    chain = discover(store, host, port, server_hostname, timeout, wanted)
    where = "%s:%d" % (host, port)
    seen = ["%s: SHA-256 %s" % (describe(c), _with_colons(c.sha256)) for c in chain.certificates]
    if wanted is None:
        raise CertificateError(
            errno.EIO,
            "%s is not trusted yet; it shows %s" % (where, "; ".join(seen)),
            hint="Compare with what the server's owner says (openssl x509 -fingerprint -sha256), "
            "then radio.certs.pin(host, port, fingerprint=…)",
            remedy="compare_fingerprint",
        )
    match = [c for c in chain.certificates if c.sha256 == wanted]
    if not match:
        raise CertificateError(
            errno.EIO,
            "%s does not have that certificate, it shows %s; the server has a new one, or "
            "somebody is in between" % (where, "; ".join(seen)),
            hint="Compare with what the server's owner says",
            remedy="compare_fingerprint",
        )
    info = match[0]
    if info.damaged:
        raise CertificateError(
            errno.EIO,
            "%s: %s" % (where, unreadable(chain, info)),
            hint="Only the server's owner can mend it",
            remedy="ask_owner",
        )
    if info is chain.certificates[0] and not info.self_issued:
        raise _issued_by_another(where, chain, info)
    if chain.kept is None:
        raise CertificateError(
            errno.EIO,
            "%s: this certificate has %d bytes, more than the module takes" % (where, info.size),
        )
    return bytes(chain.kept)


def _issued_by_another(where, chain, info):
    """The exception for the pin of a server's certificate that another CA issued."""
    above = [_with_colons(c.sha256) for c in chain.certificates if issued(c, info)]
    if above:
        return CertificateError(
            errno.EIO,
            '%s: this certificate was issued by "%s", whose certificate is needed to trust it, '
            "SHA-256 %s" % (where, info.issuer, above[0]),
            hint="Pin that one: radio.certs.pin(host, port, fingerprint=…)",
            remedy="pin",
        )
    return CertificateError(
        errno.EIO,
        '%s: this certificate was issued by "%s", whose certificate is needed to trust it, and '
        "which it does not send" % (where, info.issuer),
        hint="Get that certificate and install it: radio.certs.install(pem)",
        remedy="install_ca",
    )


def _with_colons(digits):
    """A fingerprint as people compare it: AB:CD:…"""
    return ":".join([digits[i : i + 2] for i in range(0, len(digits), 2)]).upper()
