"""Asks a server which certificates it sends, over a plain TCP socket of the module, and judges
what a connection to it would need.

The module never says which CA it missed. In TLS 1.2 a server's certificates travel in clear, so
the driver says hello as the module would, listens, and hangs up. Nothing is trusted because of it.
"""

from ..arguments import milliseconds, server
from ..const import const
from ..errors import CertificateError, DiscoveryError, LinkLost, ModuleRestarted, errno
from ..net.pool import SocketPool
from ..pki.chain import Chain, issued
from ..pki.limits import PEER_SIZE, anchors, obstacles

_CERTIFICATES = const(12)  # further ones of a server are not looked at


class Limit:
    """A time limit for a whole call: so many seconds from now."""

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


# what a server shows -------------------------------------------------------------------------
def discover(store, host, port=443, server_hostname=None, timeout=20.0, keep=None):
    """CertificateStore.discover()"""
    from ..pki.certificate import read
    from ..pki.handshake import Flight, HelloError

    host, port, server_hostname = server(host, port, server_hostname)
    keep = _digits(keep)
    limit = Limit(store.channel, timeout)
    name = server_hostname or host
    chain = Chain(host, port)
    sock = SocketPool(store.radio).socket()
    sock.settimeout(timeout)

    def readinto(buffer):
        # The limit is for the whole: a server that sends a byte now and then is never late for one
        sock.settimeout(limit.left())
        return sock.recv_into(buffer)

    flight = Flight(readinto, bytearray(512))
    try:
        sock.connect((host, port))
        sock.send(_hello(store.channel, name))
        flight.begin()
        chain.suite = flight.suite
        while len(chain.certificates) < _CERTIFICATES:
            size = flight.next_certificate()
            if size == 0:
                break
            if keep is not None and size <= PEER_SIZE:
                flight.copy = bytearray()
            info = read(flight, size, None if chain.certificates else name)
            if info.sha256 == keep:
                chain.kept = flight.copy
            flight.copy = None
            chain.certificates.append(info)
    except (HelloError, OSError) as e:
        raise _unanswered(e, sock, flight, timeout)
    finally:
        sock.close()
    return chain


def _digits(keep):
    if keep is None:
        return None
    from ..checks import fingerprint

    return fingerprint(keep, "keep")


def _hello(channel, name):
    """A ClientHello for the server of this name or address, str."""
    from ..pki.certificate import is_address
    from ..pki.digest import sha256
    from ..pki.handshake import client_hello

    # 32 bytes; nothing depends on their being hard to guess
    random = sha256(b"%d" % channel.clock.ticks_ms()).digest()
    return client_hello(None if is_address(name) else name.encode(), random)


def _unanswered(e, sock, flight, timeout):
    """The exception for what discover() met, a HelloError or an OSError: a DiscoveryError, but
    OSErrors of connect(), and of the module, as they are."""
    number = e.errno if isinstance(e, OSError) else None  # others have it too on MicroPython
    alert = None
    remedy = "check_host"
    if number is None:  # HelloError
        number = errno.EIO
        words = str(e)
        alert = getattr(e, "alert", None)
        if alert is not None:
            remedy = _remedy(alert)
        elif flight.version:  # it speaks TLS
            remedy = "ask_owner"
    elif sock.is_new() or isinstance(e, (LinkLost, ModuleRestarted)):
        return e
    elif number == errno.ETIMEDOUT:
        words = "the server is silent; is it TLS?"
        if flight.total:
            words = "the server has not sent its certificates within %g s, only %d bytes"
            words = words % (timeout, flight.total)
            remedy = "retry"
    elif number in (errno.ENOTCONN, errno.ECONNRESET):
        words = "the connection was lost before the server had sent all of its certificates"
        remedy = "retry"
    else:
        return e
    words = "%s:%d: %s" % (sock.address[0], sock.address[1], words)
    error = DiscoveryError(number, words, hint=_HINTS[remedy] if remedy else None, remedy=remedy)
    error.alert = alert
    return error


def _remedy(alert):
    """What helps against a TLS alert, see handshake.py; None if that is not known."""
    if alert in (40, 70, 71):
        return "use_host_tls"
    return "check_name" if alert == 112 else None


_HINTS = {
    "check_host": "Check the port: plain services are often on others",
    "use_host_tls": 'This board\'s own TLS may take it: SSLContext(engine="host")',
    "check_name": "Check host and server_hostname",
    "ask_owner": "Only the server's owner can mend it",
    "retry": "Try again, with a longer timeout if it stays so",
}


# what a connection needs ---------------------------------------------------------------------
def ask(store, plan, cas, timeout):
    """Ask the server of a plan.Plan and write into that what it shows; return its Chain, or None
    if it shows none.

    cas: what is trusted beside the plan's roots, as certs.install() takes it. timeout: seconds for
    all of it. OSErrors of a connection that cannot even be made.
    """
    host, port = plan.address
    try:
        chain = discover(store, host, port, plan.name, timeout)
    except DiscoveryError as e:
        plan.not_shown(e)
        return None
    learn(plan, chain, anchors(chain, plan.roots, cas))
    return chain


def steps(store, plan, context, first, timeout):
    """For once(): as ask(), and have the store remember the plan.

    first: nothing was trusted before, so that there is a CertificateError for what no CA can mend.
    DiscoveryError if the server shows nothing.
    """
    yield from ()  # it blocks
    host, port = plan.address
    chain = discover(store, host, port, plan.name, timeout)
    cas = ()
    if not first:
        from .selection import trusted

        cas = trusted(store, context)
    learn(plan, chain, anchors(chain, plan.roots, cas))
    plan.remember(store)
    if first:
        # without check_hostname no name is wrong
        check(store.radio, plan, plan.name if context.check_hostname else None, True)


def learn(plan, chain, candidates):
    """Write into a plan.Plan what a Chain says of the server; in words, numbers and names of
    files, because the plan is kept when this file is not.

    candidates: what limits.anchors() found.
    """
    from ..pki.words import unreadable

    path = chain.path()
    leaf = chain.certificates[0] if chain.certificates else None
    plan.shown = True
    if leaf is None:
        plan.damage = "sent an empty list of certificates"
        return
    if leaf.damaged:
        plan.damage = "was not trusted: " + unreadable(chain, leaf)
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
    fault = _fault(radio, plan, name, has_roots)
    if fault is None:
        return
    what, hint, remedy = fault
    where = "%s:%d" % plan.address
    code = words = None
    if number >= 0:
        code = number
        words = "Certificate Error:%d" % number
        where += " (%s)" % words
    raise CertificateError(errno.EIO, where + " " + what, code, words, hint, remedy)


def _fault(radio, plan, name, has_roots):
    """(what nothing can mend, hint, remedy), or None if there is nothing."""
    if plan.damage is not None:
        return plan.damage, _HINTS["ask_owner"], "ask_owner"
    now = radio.time()
    for subject, not_before, not_after in plan.dates:
        if not not_before <= now <= not_after:
            return _date(subject, not_before, not_after, now)
    if plan.fits is False and plan.name == name:
        what = "was not trusted: its certificate is not for %s but for %s" % (name, plan.names)
        return what, _HINTS["check_name"], "check_name"
    if plan.cas:
        return None
    what = "was not trusted: no CA for it %s, the certificate of %s is missing" % (
        "is among the roots" if has_roots else "was installed",
        plan.missing,
    )
    if plan.obstacles:
        what += "; the module's TLS cannot take this server: " + "; ".join(plan.obstacles)
    if plan.pinnable:
        return what, "It has a certificate of its own: radio.certs.pin(host, port)", "pin"
    hint = "Install it with radio.certs.install(pem), or add it to the bundle"
    return what, hint, "install_ca"


def _date(subject, not_before, not_after, now):
    """_fault() of a certificate that is not in date."""
    if now < not_before:
        when = "is not valid before %d days from now" % ((not_before - now) // 86400 + 1)
        hint = "If that clock is wrong, set it: radio.set_time(seconds since 1970-01-01)"
        remedy = "set_clock"
    else:
        when = "expired %d days ago" % ((now - not_after) // 86400)
        hint = "If that clock is right, only the server's owner can mend it"
        remedy = "ask_owner"
    what = "was not trusted: its certificate (%s) %s, by the module's clock: %d seconds since 1970"
    return what % (subject, when, now), hint, remedy
