"""What is known about a server that was asked: which CAs to try, and what speaks against it.

The store keeps the Plans of servers that did not work at once, so that each is asked once. The
code that asks (discover.py) and judges (judge.py) is large and dropped after that. So a Plan
consists of words, numbers, lists of these, and CAs as certs.install() takes them.
"""

from ..at.task import once
from ..const import const
from ..errors import DiscoveryError
from ..net.connect import connect_time_left
from ..pki import chain  # noqa: F401 (what a server shows outlives the code that asks it)

_ASK_S = const(20)  # for asking a server, if the socket has no time limit
_NTP_S = const(10)  # for the clock, likewise
_REMEMBER_MS = const(600000)  # a server that was asked, and is not trusted, is not asked again


class Plan:
    """What is known about a server, and which CA to try next.

    address: (host, port). name: the server's name that it is asked for. roots, hashes: where CAs
    were looked for: in a context's roots, and among its CAs with these SHA-256. device: True if
    install_for() looked, for all contexts.

    shown: whether the server showed its certificates; if not, refused: the DiscoveryError. cas:
    the CAs above its chain, (CA as certs.install() takes it, key identifier, SHA-256) each.
    to_try: those of them that are still to be tried, the likeliest first. faults, dates: what
    judge() and dates() of pki/faults.py found; whole: whether that is all, rules too. obstacles:
    why the module's TLS cannot take the chain, list of str. engine: "host" once that was decided.
    entry: store.Entry of the CA that is tried. bad: it was told that nothing can be done, see
    host.py.
    """

    device = False
    engine: "str | None" = None
    entry = None
    until = None  # when it is too old, see ATChannel.expired(); None: never
    shown = False
    refused = None
    bad = whole = False

    def __init__(self, address, name, roots, hashes=()):
        self.address = address
        self.name = name
        self.roots = roots
        self.hashes = hashes
        self.cas = []
        self.to_try = []
        self.obstacles = []
        self.faults = []
        self.dates = []

    def not_shown(self, error):
        """The server does not show its certificates: a DiscoveryError says why."""
        self.refused = error
        if error.remedy == "use_host_tls":
            self.obstacles = [error.args[1][: -len(error.hint) - 2]]

    def applies(self, roots, hashes, name=None):
        """True if this holds for a context with these roots, whose CAs have these hashes, and
        which asks for this name (None: for any)."""
        if name is not None and name != self.name:
            return False
        if self.device:
            # its CAs are everybody's; whether other roots have one is another question
            return bool(self.cas) or roots is None or roots is self.roots
        if hashes != self.hashes or roots is self.roots or roots is None or self.roots is None:
            return hashes == self.hashes and roots is self.roots
        # They may be the same roots, read anew from their file
        from .selection import root_of

        for _, ski, sha256 in self.cas:
            if sha256 not in hashes and root_of(roots, ski, sha256) is None:
                return False
        return bool(self.cas)

    def remember(self, store):
        """Have the store keep this Plan, in place of what was learnt of the same server before;
        eight at most."""
        others = [
            p
            for p in store.plans
            if p.address != self.address or p.roots is not self.roots or p.hashes != self.hashes
        ]
        store.plans = others[-7:] + [self]

    def try_next(self, store):
        """Install the next CA in place of the one before; False if there is none."""
        if self.entry is not None and self.entry in store.known:
            store.drop(self.entry)
        self.entry = None
        while self.to_try:
            source, _, sha256 = self.to_try[0]
            there = [e for e in store.selected() if e.sha256 == sha256]
            if there and (there[0].owner == "device" or not self.device):
                self.to_try.pop(0)
                continue  # it is on the module, and the server was refused
            plans = store.plans
            self.entry = store.install_from_roots(
                source, None if self.device else self.roots, sha256
            )
            store.plans = plans
            if self.entry is None:  # its source has changed: ask the server again next time
                if self in plans:
                    plans.remove(self)
                return False
            self.to_try.pop(0)  # now that it is installed: a failed upload says nothing of it
            return True
        return False

    def unchanged(self):
        """True if its CAs are what they were when it was made: files and buffers change."""
        return all([_same(source, sha256) for source, _, sha256 in self.cas])


def _same(source, sha256):
    """True if a CA, as certs.install() takes it, still has this SHA-256."""
    from ..digest import fingerprint
    from ..pki.source import load

    try:
        return fingerprint(load(source)) == sha256
    except (OSError, ValueError):
        return False


def server_name(sock):
    """The name that the certificate of sock's server must have, as str."""
    name = sock.tls[1]
    return sock.address[0] if name is None else name.decode()


def plan_for(context, sock, first=False):
    """Ask the server to which sock is to connect for its certificates, find the CAs above them
    among what the context trusts; remember and return the Plan.

    first: nothing is trusted yet. Then a server that cannot be trusted has no Plan, but raises.
    OSErrors of a connection that cannot even be made.
    """
    channel = sock.channel
    store = sock.pool.radio.certs
    plan = Plan(sock.address, server_name(sock), context.roots, store.hashes_of(context))
    plan.until = channel.deadline(_REMEMBER_MS)
    try:
        seconds = connect_time_left(sock, _ASK_S)
        chain = channel.take(once("tls.discover", "asking", store, plan, seconds))
        seconds = connect_time_left(sock, _NTP_S)
        channel.take(once("tls.judge", "judging", store, plan, context, first, chain, seconds))
    except DiscoveryError as e:
        plan.not_shown(e)
        plan.remember(store)
        if first and not plan.obstacles:
            raise
    return plan
