"""What is known about a server that was asked: which CAs to try, and what speaks against it.

The store keeps the Plans of servers that did not work at once, so that each is asked once. What
finds it out (limits.py, discover.py) is large and soon dropped: so a Plan is made of words,
numbers, lists of these, and CAs as certs.install() takes them.
"""

from ..at.task import once
from ..const import const
from ..errors import DiscoveryError
from ..pki import chain  # noqa: F401 (what a server showed outlives the code that asked it)

_ASK_S = const(20)  # for asking a server, if the socket has no time limit
_REMEMBER_MS = const(600000)  # a server that was asked, and is not trusted, is not asked again


class Plan:
    """What is known about a server, and which CA to try next.

    address: (host, port). name: the server's name that it is asked for. roots, given: what CAs
    were looked for in: a context's roots, and the SHA-256 of its CAs; device: by install_for(),
    for all contexts.

    shown: whether it showed its certificates; if not, refused: the DiscoveryError. cas: those
    above its chain, (CA as certs.install() takes it, key identifier, SHA-256) each. untried: the
    same, those still to be tried, the likeliest first. obstacles: why the module's TLS cannot take
    its chain, list of str. engine: "host" once that was decided. entry: store.Entry of the CA that
    is tried.

    Of the chain, for check(): damage: why it is none, or None. dates: (subject, not before, not
    after) of the certificates that every way to a CA goes through. names: for whom the first is;
    fits: whether it is for the name. missing: the CA above it, in words.
    """

    device = False
    engine: "str | None" = None
    entry = None
    until = None  # when it is too old, see ATChannel.expired(); None: never
    shown = False
    refused = None
    damage = None
    fits = None
    names = missing = ""

    def __init__(self, address, name, roots, given=()):
        self.address = address
        self.name = name
        self.roots = roots
        self.given = given
        self.cas = []
        self.untried = []
        self.obstacles = []
        self.dates = []

    def silent(self, error):
        """The server does not show its certificates, but ends so: a DiscoveryError."""
        self.refused = error
        if error.alert in (40, 70, 71):
            self.obstacles = [str(error.args[1])]

    def counts(self, roots, given, name=None):
        """True if this is so for a context with these roots and CAs (given: their SHA-256), which
        asks for this name (None: for any)."""
        if name is not None and name != self.name:
            return False
        if self.device:
            # its CAs are everybody's; whether other roots have one is another question
            return bool(self.cas) or roots is None or roots is self.roots
        if given != self.given or roots is self.roots or roots is None or self.roots is None:
            return given == self.given and roots is self.roots
        # The same roots once more, read from their file anew?
        from .turn import root_of

        for _, ski, sha256 in self.cas:
            if sha256 not in given and root_of(roots, ski, sha256) is None:
                return False
        return bool(self.cas)

    def why(self):
        """The obstacles as a sentence, or ""."""
        if not self.obstacles:
            return ""
        return "The module's TLS cannot take this server: %s. " % "; ".join(self.obstacles)

    def try_next(self, store):
        """Install the next CA in place of the one before; False if there is none."""
        if self.entry is not None and self.entry in store.known:
            store.drop(self.entry)
        self.entry = None
        while self.untried:
            source, _, sha256 = self.untried[0]
            there = [e for e in store.wanted() if e.sha256 == sha256]
            if there and (there[0].owner == "device" or not self.device):
                self.untried.pop(0)
                continue  # it is there, and was not it
            plans = store.plans
            self.entry = store.bring(source, None if self.device else self.roots, sha256)
            store.plans = plans
            if self.entry is None:  # it is another by now: ask the server again next time
                if self in plans:
                    plans.remove(self)
                return False
            self.untried.pop(0)  # not before: that it could not be installed says nothing of it
            return True
        return False

    def fresh(self):
        """True if its CAs are what they were when it was made: files and buffers change."""
        return all([_same(source, sha256) for source, _, sha256 in self.cas])


def _same(source, sha256):
    """True if a CA, as certs.install() takes it, is the one with this SHA-256 still."""
    from ..pki.digest import fingerprint
    from ..pki.pem import load

    try:
        return fingerprint(load(source)) == sha256
    except (OSError, ValueError):
        return False


def server_name(sock):
    """The name that the certificate of sock's server must have, as str."""
    name = sock.tls[1]
    return sock.address[0] if name is None else name.decode()


def plan_for(context, sock, first=False):
    """Ask the server to which sock shall be connected for its certificates, find the CAs above
    them among what the context trusts; remember and return the Plan.

    first: nothing is trusted yet. Then there is no Plan of a server that cannot be trusted, but
    the exception. OSErrors of a connection that cannot even be made.
    """
    channel = sock.channel
    store = sock.pool.radio.certs
    plan = Plan(sock.address, server_name(sock), context.roots, store.given(context))
    plan.until = channel.deadline(_REMEMBER_MS)
    try:
        seconds = sock.left(_ASK_S)
        channel.take(once("tls.limits", "steps", store, plan, context, first, seconds))
    except DiscoveryError as e:
        plan.silent(e)
        store.remember(plan)
        if first and not plan.obstacles:
            raise
    return plan
