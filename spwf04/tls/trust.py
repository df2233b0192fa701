"""certs.install_for(): make a server one that opens, verified.

    radio.certs.install_for("example.com", roots=Bundle("roots.bin"))

What is learnt about the server on the way is in plan.py.
"""

from ..pki.pem import load
from .plan import Limit, check, keep, plan


class Trust:
    """What install_for() and pin() did. print() it.

    engine: "module" or "host", which one verified the server. entry: certs.Entry of the CA; its
    `written` tells whether it was sent to the module now. chain: discover.Chain. obstacles: why
    the module could not, list of str.
    """

    def __init__(self, engine, entry, chain, obstacles):
        self.engine = engine
        self.entry = entry
        self.chain = chain
        self.obstacles = obstacles

    def __str__(self):
        text = str(self.chain) if self.chain is not None else ""
        if self.entry is not None:
            text += "\nCA %s (%s) %s" % (self.entry.subject, self.entry.ski, placed(self.entry))
        text += "\nverified by the %s's TLS" % self.engine
        for reason in self.obstacles:
            text += "\nnot by the module's: " + reason
        return text


def placed(entry):
    """What was done with a CA, in words."""
    if entry.where == "host":
        return "kept for this board's own TLS"
    if entry.where is None:
        return "not in place now"
    return "%s in %s" % ("installed" if entry.written else "already in place", entry.where)


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
    from ..arguments import server
    from ..checks import once
    from ..net.pool import SocketPool
    from ..pki.bundle import roots as opened
    from ..pki.pem import authorities
    from .context import SSLContext

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
    made = plan(radio, host, port, name, roots, list(cas) + _own(store), (), limit.left())
    made.device = True
    if made.refused is not None and not made.obstacles:
        raise made.refused
    context = SSLContext(engine=engine, roots=roots)
    host_tls = engine == "host" or (engine == "auto" and made.obstacles and host_available())
    check(radio, made, name, roots is not None or bool(cas))
    if host_tls:
        made.engine = "host"
    elif made.chain is not None:
        made.try_next(store)
    keep(store, made)
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=name)
    try:
        sock.settimeout(limit.left())
        sock.connect((host, port))
        used = sock.engine
    except:  # Ctrl-C as well
        if made in store.plans:
            store.plans.remove(made)  # what was found is the device's only if it is proven
        raise
    finally:
        sock.close()
    entry = made.entry
    if used == "host" and made.anchors:
        entry = store.keep_for_host(made.anchors[0])
    return Trust(used, entry or _entry_of(store, made), made.chain, made.obstacles)


def keep_for_host(store, source):
    """Keep a CA for the host's TLS alone; nothing is sent. Returns its Entry."""
    from ..pki.x509 import Certificate
    from .placing import fingerprint
    from .store import Entry

    der = load(source)
    sha256 = fingerprint(der)
    for entry in store.entries():
        if entry.sha256 == sha256 and entry.owner == "device":
            return entry
    entry = Entry(Certificate(der).ski, "host", len(der), source, sha256)
    store._entries.append(entry)
    return entry


def _own(store):
    return [e.source for e in store.entries() if e.source is not None and e.owner == "device"]


def _entry_of(store, made):
    """The entry that was there already."""
    for e in store.entries():
        if made.chain is not None and e.owner == "device":
            if e.ski in [c.aki for c in made.chain.certificates]:
                e.written = False
                return e
    return None


def host_available():
    """True if this interpreter has TLS of its own."""
    from .host import available

    return available()


def see_to_clock(radio, now=None, timeout=10.0):
    """Have the module's clock set: to `now`, or by NTP. CertificateError if neither works."""
    if now is not None:
        radio.set_time(now)
    if not radio.time_is_set() and not radio.ntp(timeout):
        from ..at.failure import clock_not_set

        raise clock_not_set()
