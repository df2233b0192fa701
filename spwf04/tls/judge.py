"""Judges what a server shows: which CA a connection to it needs, and what no CA can mend."""

from ..errors import CertificateError, DiscoveryError, errno
from ..pki.chain import issued
from ..pki.limits import anchors, obstacles, weaknesses


def ask(store, plan, cas, timeout):
    """Ask the server of a plan.Plan and write into that what it shows; return its Chain, or None
    if it shows none.

    cas: what is trusted beside the plan's roots, as certs.install() takes it. timeout: seconds for
    all of it. OSErrors of a connection that cannot even be made.
    """
    from .discover import discover

    try:
        chain = discover(store, plan.address[0], plan.address[1], plan.name, timeout)
    except DiscoveryError as e:
        plan.not_shown(e)
        return None
    learn(plan, chain, anchors(chain, plan.roots, cas))
    return chain


def judging(store, plan, context, first, chain, ntp_seconds):
    """Steps, of which none waits, for once(): learn() what a Chain says, and have the store
    remember the plan.

    first: nothing was trusted before. Then the clock is set, by NTP within ntp_seconds if need be,
    and there is a CertificateError for what no CA can mend.
    """
    yield from ()
    cas = ()
    if not first:
        from .selection import trusted

        cas = trusted(store, context)
    learn(plan, chain, anchors(chain, plan.roots, cas))
    plan.remember(store)
    if first:
        radio = store.radio
        if not radio.clock_set:
            from ..commands.clock import ensure_set

            ensure_set(radio, None, ntp_seconds)
        # without check_hostname no name is wrong
        check(radio, plan, plan.name if context.check_hostname else None, True)


def learn(plan, chain, candidates):
    """Write into a plan.Plan what a Chain says of the server; in words, numbers and names of
    files, because the plan is kept when this file is not.

    candidates: what limits.anchors() found.
    """
    path = chain.path()
    leaf = chain.certificates[0] if chain.certificates else None
    plan.shown = True
    if leaf is None:
        plan.damage = "it sent an empty list of certificates"
        return
    if leaf.damaged:
        from ..pki.words import unreadable

        plan.damage = unreadable(chain, leaf)
    last = 0  # of the certificates in the path that every way to a CA goes through
    if candidates:
        for n, below in enumerate(path):
            last = n
            if any([issued(info, below) for _, info in candidates]):
                break
    plan.dates = [(c.subject, c.not_before, c.not_after) for c in path[: last + 1]]
    plan.fits = leaf.fits
    plan.names = ", ".join(leaf.names) or leaf.subject
    plan.obstacles = obstacles(chain)
    plan.weak = weaknesses(path, candidates[0][1] if candidates else None)
    plan.cas = [(source, info.ski, info.sha256) for source, info in candidates]
    found = [obstacles(chain, info) for _, info in candidates]
    if candidates and all(found):
        plan.obstacles = found[0]
    # first those that the module should take
    plan.to_try = [ca for ca, why in zip(plan.cas, found) if not why]
    plan.to_try += [ca for ca, why in zip(plan.cas, found) if why]
    top = path[-1]
    plan.pinnable = top is leaf and top.self_issued
    key = top.aki or (top.ski if top.self_issued else "unknown")
    plan.missing = '"%s", key identifier %s' % (top.issuer, key)


def check(radio, plan, name, has_roots, number=-1):
    """Raise a CertificateError for what no CA and no engine can mend, as far as it is known.

    name: the server's, or None if it is not to be checked. number: what the module said,
    AT-S.Certificate Error:<number>, -1 if nothing.
    """
    if not plan.shown:
        return
    where = "%s:%d" % plan.address
    code = text = None
    if number >= 0:
        code = number
        text = "Certificate Error:%d" % number
        where += " (%s)" % text
    if plan.damage is not None:
        raise CertificateError(
            errno.EIO,
            "%s was not trusted: %s" % (where, plan.damage),
            code,
            text,
            "Only the server's owner can mend it",
            "ask_owner",
        )
    _check_dates(plan, radio.time(), where, code, text)
    if plan.fits is False and plan.name == name:
        raise CertificateError(
            errno.EIO,
            "%s was not trusted: its certificate is not for %s but for %s"
            % (where, name, plan.names),
            code,
            text,
            "Check host and server_hostname",
            "check_name",
        )
    if not plan.cas:
        raise _no_ca(plan, has_roots, where, code, text)


def _check_dates(plan, now, where, code, text):
    """check() of the dates of the certificates that every way to a CA goes through."""
    for subject, not_before, not_after in plan.dates:
        if now < not_before:
            days = (not_before - now) // 86400 + 1
            raise CertificateError(
                errno.EIO,
                "%s was not trusted: its certificate (%s) is not valid before %d days from now, "
                "by the module's clock: %d seconds since 1970" % (where, subject, days, now),
                code,
                text,
                "If that clock is wrong, set it: radio.set_time(seconds since 1970-01-01)",
                "set_clock",
            )
        if now > not_after:
            days = (now - not_after) // 86400
            raise CertificateError(
                errno.EIO,
                "%s was not trusted: its certificate (%s) expired %d days ago, by the module's "
                "clock: %d seconds since 1970" % (where, subject, days, now),
                code,
                text,
                "If that clock is right, only the server's owner can mend it",
                "ask_owner",
            )


def _no_ca(plan, has_roots, where, code, text):
    """The exception for a server above whose chain no CA is known."""
    why = ""
    if plan.obstacles:
        why = "; the module's TLS cannot take this server: " + "; ".join(plan.obstacles)
    if plan.pinnable:
        return CertificateError(
            errno.EIO,
            "%s was not trusted: no CA for it %s, it is its own: %s%s"
            % (where, "is among the roots" if has_roots else "was installed", plan.missing, why),
            code,
            text,
            "Compare its fingerprint, and pin it: radio.certs.pin(host, port)",
            "pin",
        )
    return CertificateError(
        errno.EIO,
        "%s was not trusted: no CA for it %s, the certificate of %s is missing%s"
        % (where, "is among the roots" if has_roots else "was installed", plan.missing, why),
        code,
        text,
        "Install it with radio.certs.install(pem), or add it to the bundle",
        "install_ca",
    )
