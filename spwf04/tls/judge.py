"""Judges what a server shows: which CA a connection to it needs, and what no CA can mend."""

from ..errors import CertificateError, DiscoveryError, errno
from ..pki.faults import BEYOND, FATAL, MISSING, dates, judge, of_firmware, out_of_date
from ..roots.issuers import anchors

# Of what is wrong, beside BEYOND, that which the host's TLS does not mind
_HOST_MINDS_NOT = ("lower_ca", "ca_is_none")


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
    learn(plan, chain, cas, store.radio)
    return chain


def judging(store, plan, context, first, chain, ntp_seconds):
    """Steps, of which none waits, for once(): learn() what a Chain says, and have the store
    remember the plan.

    first: nothing was trusted before. Then the clock is set, by NTP within ntp_seconds if need be,
    and there is a CertificateError for what no CA can mend.
    """
    yield from ()
    radio = store.radio
    cas = ()
    if not first:
        from .selection import trusted

        cas = trusted(store, context)
    elif not radio.clock_set:
        from ..commands.clock import ensure_set

        ensure_set(radio, None, ntp_seconds)
    learn(plan, chain, cas, radio, not first)
    plan.remember(store)
    if first:
        plan.bad = True  # unless this raises nothing
        # without check_hostname no name is wrong
        check(radio, plan, plan.name if context.check_hostname else None)
        plan.bad = False


def learn(plan, chain, cas, radio, whole=True):
    """Write into a plan.Plan what a Chain says of the server; in words, numbers and names of
    files, because the plan is kept when this file is not.

    cas: what is trusted beside the plan's roots, as certs.install() takes it. radio: whose clock
    decides between CAs for one place. whole: False leaves out what the module may take all the
    same: where memory is short, that waits until it has refused the server.
    """
    candidates = anchors(chain, plan.roots, cas, radio.time if radio.clock_set else None)
    plan.shown = True
    old = []
    if whole:
        from ..pki.rules import judge_all

        if "EC" in [c.key for c in chain.certificates]:
            old = of_firmware(True, radio.firmware)
        found = old + judge_all(chain, candidates)
    else:
        found = judge(chain, candidates)
    plan.whole = whole
    plan.faults = [fault for fault in found if not _there(radio.certs, fault)]
    there = [fault for fault in found if fault not in plan.faults]
    in_slot = there and radio.certs.slot_ski in there[0]
    ends = radio.certs.slot_ends[0] if in_slot else None
    plan.dates = dates(chain, candidates, bool(there), ends)
    plan.cas = [(source, info.ski, info.sha256) for source, info in candidates]
    beyond = [old + _beyond(judge(chain, [ca])) for ca in candidates]
    plan.obstacles = []
    if not candidates or all(beyond):
        from ..pki.causes import told

        plan.obstacles = [cause.what for cause in told(_beyond(plan.faults))]
    # first those that the module should take
    plan.to_try = [ca for ca, why in zip(plan.cas, beyond) if not why]
    plan.to_try += [ca for ca, why in zip(plan.cas, beyond) if why]


def _there(store, fault):
    """True if the CA that a fault misses is on the module by its name: an earlier run, or somebody
    else, has put it there."""
    if fault[0] not in MISSING:
        return False
    return fault[2] == store.slot_ski or fault[2] + ".ca" in store.on_module


def _beyond(faults):
    """Those of a list of faults that rule out the module's TLS alone."""
    return [fault for fault in faults if fault[0] in BEYOND]


def check(radio, plan, name, number=-1, only=FATAL):
    """Raise a CertificateError for what is wrong with a server, as far as it is known.

    name: the server's, or None if it is not to be checked. number: what the module said,
    AT-S.Certificate Error:<number>, -1 if nothing. only: names of the faults that are raised, in
    general those that no CA and no engine can mend; None: all.
    """
    if not plan.shown:
        return
    found = _known(radio, plan, name)
    if only is not None and not [fault for fault in found if fault[0] in only]:
        return
    if found:
        raise error(plan, found, number)


def by_host(radio, plan, name, e):
    """What to raise for e, the CertificateError of a server that the host's TLS did not trust: e
    itself, or one that tells what the driver has found, if that may be why. name: as for check().
    """
    found = [f for f in _known(radio, plan, name) if f[0] not in BEYOND + _HOST_MINDS_NOT]
    return error(plan, found, -1, e.text) if found else e


def _known(radio, plan, name):
    """The faults of a server as far as it is known. name: as for check()."""
    found = []
    for fault in plan.faults + out_of_date(plan.dates, radio.time()):
        of_name = fault[0] in ("name", "name_as_text")
        if not of_name or plan.name == name:
            found.append(fault)
    return found


def error(plan, faults, number=-1, text=None):
    """The CertificateError for faults of a server: it tells all of them, and the remedy of the
    first that no CA can mend, else of the first. text: the words of the host's TLS."""
    from ..pki.causes import told

    causes = told(faults)
    first = ([c for c in causes if c.name in FATAL] or causes)[0]
    where = "%s:%d" % plan.address
    code = None
    if number >= 0:
        code = number
        text = "Certificate Error:%d" % number
    if text is not None:
        where += " (%s)" % text
    hint = first.hint
    if first.remedy == "use_host_tls":
        from ..hosttls.native import which

        if which() is None:
            hint = (
                "Use a server with another chain, or a board with a TLS of its own: "
                'SSLContext(engine="host")'
            )
    what = "; ".join([first.what] + [c.what for c in causes if c is not first])
    return CertificateError(
        errno.EIO, "%s was not trusted: %s" % (where, what), code, text, hint, first.remedy
    )
