"""Situations of a TLS connection, and what comes of each: what `spwf04 check` predicts, what
diagnose() finds, and what happens.

A situation is a server's chain, the CAs that the device was given, and the name that is asked for.
outcome() can have the clock ahead. All servers are real; the module is simulated, in its default
reading.
"""

import contextlib
import functools
import ipaddress
import ssl
import tempfile
import time
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04.errors import SPWF04Error
from spwf04_cli.server.ask import ask
from spwf04_cli.server.predict import predict
from spwf04_cli.server.roots import Roots, build
from spwf04_sim import RealClock, SimulatedModule, Timing, World

from .names import names
from .shapes import DAY, Node, Shape, ShapeServer, der, ecc, named, rsa_key, signed_with, three

ANY = "DEFAULT:@SECLEVEL=0"  # a server may show anything, however old
HOST = "www.example.com"
ADDRESS = "192.0.2.50"
# What only a PC looks at: signatures, and constraints of names
UNSEEN = ("is not signed with the key of", "OpenSSL finds a fault", "cannot be read", "rules out")


@dataclass
class Situation:
    """what: in words. nodes: what the server sends, its own first. cas: what certs.install() gets,
    in this order; roots: what install_for() gets instead. host: whom the program asks for."""

    what: str
    nodes: list
    cas: list = ()
    roots: list = ()
    host: str = HOST

    def server(self):
        """A running server of this situation."""
        chain = [n if isinstance(n, bytes) else n.cert for n in self.nodes]
        return ShapeServer(Shape(self.host, chain, self.key, []), ANY)

    @property
    def key(self):
        first = self.nodes[0]
        return first.key if isinstance(first, Node) else LEAF_KEYS[bytes(first)]

    def trusted(self):
        return [n if isinstance(n, bytes) else der(n.cert) for n in self.roots or self.cas]


LEAF_KEYS = {}


@dataclass
class Outcome:
    """predicted, diagnosed: sets of words, each of one fault. unseen: words of what only the PC
    looks at. warned: words of what may be a fault. module: the exception that the module's TLS
    led to, None if it verified the server; host: the same of this computer's TLS."""

    predicted: set
    unseen: set
    warned: set
    diagnosed: set
    module: "SPWF04Error | None"
    host: "SPWF04Error | None"


def _expired(**more):
    return {"start": -90 * DAY, "end": -10 * DAY, **more}


def _shown(what, nodes, root, **more):
    return Situation(what, nodes, [root], **more)


def _usual():
    found = []
    root, middle, leaf = three(HOST)
    other = Node("Another root")
    add = found.append
    add(_shown("all is right", [leaf, middle], root))
    add(_shown("the server sends its root too", [leaf, middle, root], root))
    add(
        _shown(
            "the server sends its chain unordered, and twice", [leaf, root, middle, middle], root
        )
    )
    add(Situation("no CA is installed", [leaf, middle]))
    add(Situation("another CA is installed", [leaf, middle], [other]))
    add(Situation("the intermediate is installed, not the root", [leaf, middle], [middle]))
    add(_shown("another name is asked for", [leaf, middle], root, host="shop.example.com"))
    wild = Node("*.example.com", middle, hosts=["*.example.com"])
    add(_shown("a wildcard fits", [wild, middle], root))
    add(
        _shown(
            "a wildcard, and a name two levels below", [wild, middle], root, host="a.b.example.com"
        )
    )
    at = Node(ADDRESS, middle, hosts=[ipaddress.ip_address(ADDRESS)])
    add(_shown("an address, and the certificate has it", [at, middle], root, host=ADDRESS))
    at = Node(ADDRESS, middle, hosts=[ADDRESS])
    add(_shown("an address that the certificate has as a name", [at, middle], root, host=ADDRESS))
    late = Node(HOST, middle, hosts=[HOST], **_expired())
    add(_shown("the server's certificate has expired", [late, middle], root))
    early = Node(HOST, middle, hosts=[HOST], start=9 * DAY)
    add(_shown("the server's certificate is not valid yet", [early, middle], root))
    old = Node("Issuer", root, **_expired())
    below = Node(HOST, old, hosts=[HOST])
    add(_shown("the intermediate has expired", [below, old], root))
    return found


def _roots():
    """One key, several certificates; and what stands above."""
    found = []
    add = found.append
    old = Node("Root", **_expired())
    new = Node("Root", key=old.key)
    leaf = Node(HOST, new, hosts=[HOST])
    add(_shown("the installed root has expired", [leaf], old))
    add(_shown("the root was renewed with its key, and the new one is installed", [leaf], new))
    add(Situation("the old root was installed, then its successor", [leaf], [old, new]))
    add(Situation("a bundle has the old root and its successor", [leaf], roots=[old, new]))
    add(Situation("a bundle has the successor and the old root", [leaf], roots=[new, old]))
    dst = Node("Old authority", **_expired(start=-900 * DAY))
    x1 = Node("Newer authority")
    cross = Node("Newer authority", dst, key=x1.key)
    middle = Node("Issuer", x1)
    leaf = Node(HOST, middle, hosts=[HOST])
    sends = [leaf, middle, cross]
    add(_shown("the chain goes on to an old root; a newer one below it is installed", sends, x1))
    root, middle, _ = three("Issuer")
    url = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS,
        x509.UniformResourceIdentifier("http://ca.example/issuer.der"),
    )
    info = [(x509.AuthorityInformationAccess([url]), False)]
    alone = Node(HOST, middle, hosts=[HOST], extra=info)
    add(_shown("the intermediate is missing, and the certificate says where it is", [alone], root))
    alone = Node(HOST, middle, hosts=[HOST])
    add(_shown("the intermediate is missing", [alone], root))
    first = Node("Root")
    second = Node("Root", first)
    leaf = Node(HOST, second, hosts=[HOST])
    add(
        _shown(
            "a root's certificate for its new key; the old one is installed", [leaf, second], first
        )
    )
    blind = Node("Root", first, aki=False)
    leaf = Node(HOST, blind, hosts=[HOST])
    add(_shown("the same, and it does not name the old key", [leaf, blind], first))
    bare = Node("Root", ski=False, aki=False)
    named_key = x509.SubjectKeyIdentifier.from_public_key(bare.key.public_key()).digest
    leaf = Node(HOST, bare, hosts=[HOST], aki=named_key)
    add(_shown("the root has no key identifier, and the usual one is named", [leaf], bare))
    leaf = Node(HOST, bare, hosts=[HOST], aki=bytes(20))
    add(_shown("the root has no key identifier, and another one is named", [leaf], bare))
    root = Node("Root")
    leaf = Node(HOST, root, hosts=[HOST], aki=False)
    add(_shown("no certificate names the key of its issuer", [leaf], root))
    return found


def _own():
    own = Node(HOST, hosts=[HOST], constraints=False)
    pinned = Node(HOST, hosts=[HOST])
    return [
        Situation("a server with its own certificate", [own]),
        _shown("the same, and it is trusted", [own], own),
        _shown("the same, and it says that it is no CA's (CA:FALSE)", [pinned], pinned),
    ]


def _kinds():
    found = []

    def add(what, nodes, root):
        found.append(_shown(what, nodes, root))

    keys = [rsa_key(n) for n in range(3)]
    root, middle, leaf = three(HOST, *keys)
    add("RSA throughout", [leaf, middle], root)
    mixed = Node("Issuer", root)
    add("ECDSA under RSA", [Node(HOST, mixed, hosts=[HOST]), mixed], root)
    root4, middle4, leaf4 = three(HOST, keys[0], rsa_key(0, 4096), keys[2])
    add("a root with RSA-4096", [leaf4, middle4], root4)
    root4, middle4, leaf4 = three(HOST, keys[0], keys[1], rsa_key(0, 4096))
    add("an intermediate with RSA-4096", [leaf4, middle4], root4)
    small = Node(HOST, middle, rsa_key(0, 1024), [HOST])
    add("an RSA key of 1024 bits", [small, middle], root)
    fat = Node(HOST, middle, keys[0], [HOST], pad=2000)
    add("a certificate above 2560 bytes", [fat, middle], root)
    for hash in ("SHA-1", "MD5"):
        old = signed_with(hash, leaf, middle.key)
        LEAF_KEYS[old] = leaf.key
        add(f"a certificate signed with {hash}", [old, middle], root)
    edged = Node("Issuer", Node("Root"), ed25519.Ed25519PrivateKey.generate())
    above = Node("Root")
    edged = Node("Issuer", above, ed25519.Ed25519PrivateKey.generate())
    add("an intermediate with Ed25519", [Node(HOST, edged, hosts=[HOST]), edged], above)
    root5, middle5, leaf5 = three(HOST, root_key=ecc(ec.BrainpoolP256R1))
    add("a root on another curve", [leaf5, middle5], root5)
    return found


def _rules():
    found = []
    root = Node("Root")

    def add(what, *nodes):
        found.append(_shown(what, list(nodes), root))

    def below(middle, **more):
        return Node(HOST, middle, hosts=[HOST], **more), middle

    clients = [ExtendedKeyUsageOID.CLIENT_AUTH]
    add("a certificate for clients", *below(Node("Issuer", root), eku=clients))
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.55555.3")
    critical = [(x509.UnrecognizedExtension(oid, b"\x05\x00"), True)]
    add("a critical extension that nobody knows", *below(Node("Issuer", root), extra=critical))
    add("an issuer that is no CA's", *below(Node("shop.example", root, hosts=["shop.example"])))
    add("an issuer that does not say what it is", *below(Node("Issuer", root, constraints=False)))
    usage = x509.KeyUsage(True, *[False] * 8)
    add(
        "an issuer that may not sign",
        *below(Node("Issuer", root, usage=False, extra=[(usage, True)])),
    )
    add("an issuer for clients", *below(Node("Issuer", root, eku=clients)))
    upper = Node("Upper", root, path=0)
    add("one CA too many", *below(Node("Issuer", upper)), upper)
    only = x509.NameConstraints([x509.DNSName("other.example")], None)
    add("an issuer for other names", *below(Node("Issuer", root, extra=[(only, True)])))
    false = Node("Issuer", root, signer=ecc())
    add("an issuer that the root has not signed", *below(false))
    folded = Node("Issuer", root, issuer_name=named("  ROOT "))
    add("a name in other letters (RFC 5280 7.1)", *below(folded))
    return found


@functools.cache
def situations():
    """All Situations."""
    return _usual() + _roots() + _own() + _kinds() + _rules()


# what comes of one -------------------------------------------------------------------------------
@contextlib.contextmanager
def fresh(host, address, now):
    """The radio of a module, joined, with its clock set, if `now` is not None; until the block
    ends. No time server answers."""
    world = World()
    world.ntp = None
    world.add_access_point("home", "correct horse")
    world.route(host, 443, address)
    clock = RealClock()
    module = SimulatedModule(world, clock=clock, timing=Timing.fast())
    module.power_on()
    radio = SPWF04(module.uart("machine"), clock=clock)
    radio.connect("home", "correct horse")
    if now is not None:
        radio.set_time(now)
    yield radio
    module.power_off()


def connect(radio, host, engine, name=None):
    """The exception of a connection; None if it was verified."""
    context = SSLContext(engine=engine)
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=name)
    sock.settimeout(20)
    try:
        with sock:
            sock.connect((host, 443))
    except SPWF04Error as e:
        return e
    return None


def trust(radio, situation):
    """Give the device what the situation says."""
    if situation.roots:
        with contextlib.suppress(SPWF04Error):
            roots = Bundle(build(situation.trusted()))
            radio.certs.install_for(situation.host, roots=roots, engine="module")
    for ca in [] if situation.roots else situation.trusted():
        try:
            radio.certs.install(ca)
        except ValueError:  # it does not say that it is a CA's
            radio.certs.install(ca, self_signed=True)


def prediction(situation, address, now):
    """What `spwf04 check` says, with the situation's CAs as the only roots."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        kept = situation.trusted() if situation.roots else situation.trusted()[-1:]
        file.write("".join(ssl.DER_cert_to_PEM_cert(ca) for ca in kept))
        file.flush()
        roots = Roots([file.name] if kept else [], certifi=False, self_signed=True)
    with names({(situation.host, 443): address}):
        answer = ask(situation.host, 443, None, roots)
    return predict(answer, roots, now)


def outcome(situation, ahead=0, host_too=True):
    """The Outcome of a situation. ahead: by how many days both clocks are ahead."""
    now = int(time.time()) + ahead * 86400
    server = situation.server()
    try:
        p = prediction(situation, server.address, now)
        with fresh(situation.host, server.address, now) as radio:
            trust(radio, situation)
            module = connect(radio, situation.host, "module")
            found = radio.certs.diagnose(situation.host)
            host = connect(radio, situation.host, "host") if host_too else None
    finally:
        server.close()
    words = {r.what for r in p.reasons}
    unseen = {w for w in words if any(text in w for text in UNSEEN)}
    warned = {w for w in p.warnings if "identifier" in w}
    return Outcome(words - unseen, unseen, warned, {f.what for f in found}, module, host)
