"""What `spwf04 check` predicts is what the simulated module does, for chains of every kind."""

import contextlib
import ipaddress
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04.errors import CertificateError, SPWF04Error
from spwf04_cli.server.ask import ask
from spwf04_cli.server.predict import predict
from spwf04_cli.server.roots import Roots, build
from spwf04_sim import RealClock, SimulatedModule, Timing, World
from tests.shims.names import names
from tests.shims.random_chains import Maker, pem
from tests.shims.shapes import (
    DAY,
    Node,
    Shape,
    ShapeServer,
    der,
    ecc,
    good,
    hostile,
    named,
    rsa_key,
    signed_with,
    three,
)

# Its root has no identifier: the driver computes one and installs the root under it. The simulated
# module looks for that one; whether a real module does is not known (no_identifier).
BY_HAND = ("version-1-root.example",)

ANY = "DEFAULT:@SECLEVEL=0"  # a server may show anything, however old


def more():
    """Kinds of servers that shapes.py does not have."""
    shapes = []

    def add(name, nodes, root, module):
        chain = [node.cert for node in nodes]
        shapes.append(Shape(name, chain, nodes[0].key, [root.cert], module))

    name = "nothing-to-look-up.example"
    root = Node("Root of " + name)
    add(name, [Node(name, root, hosts=[name], aki=False)], root, False)
    name = "issuer-without-aki.example"
    root = Node("Root of " + name)
    middle = Node("Issuer of " + name, root, aki=False)
    add(name, [Node(name, middle, hosts=[name]), middle], root, False)
    name = "own.example"
    own = Node(name, hosts=[name], constraints=False)
    add(name, [own], own, True)
    name = "own-without-identifiers.example"
    own = Node(name, hosts=[name], ski=False, aki=False)
    add(name, [own], own, False)
    name = "rsa-leaf-under-ec.example"
    root, middle, leaf = three(name, key=rsa_key(0))
    add(name, [leaf, middle], root, False)
    name = "rsa-4096-leaf.example"
    root, middle, leaf = three(name, rsa_key(0, 4096), rsa_key(1), rsa_key(2))
    add(name, [leaf, middle], root, False)
    name = "ed25519-issuer.example"
    root = Node("Root of " + name)
    middle = Node("Issuer of " + name, root, ed25519.Ed25519PrivateKey.generate())
    leaf = Node(name, middle, hosts=[name])
    shapes.append(Shape(name, [leaf.cert, middle.cert], leaf.key, [root.cert], False))
    name = "p521.example"
    root, middle, leaf = three(name, middle_key=ecc(ec.SECP521R1), root_key=ecc(ec.SECP521R1))
    add(name, [leaf, middle], root, True)
    for where, keys in (("leaf", 0), ("root", 2)):
        name = f"small-{where}.example"
        keys = [rsa_key(n, 1024 if n == keys else 2048) for n in range(3)]
        root, middle, leaf = three(name, keys[0], keys[2], keys[1])
        add(name, [leaf, middle], root, False)
    name = "brainpool.example"
    root, middle, leaf = three(name, root_key=ecc(ec.BrainpoolP256R1))
    add(name, [leaf, middle], root, False)
    name = "ca-for-clients.example"
    root = Node("Root of " + name)
    middle = Node("Issuer of " + name, root, eku=[ExtendedKeyUsageOID.CLIENT_AUTH])
    add(name, [Node(name, middle, hosts=[name]), middle], root, False)
    name = "rollover.example"
    old = Node("Root of " + name)
    newer = Node("Root of " + name, old)
    add(name, [Node(name, newer, hosts=[name]), newer], old, True)
    for name, rule in (
        ("other-host", x509.DNSName("example.org")),
        ("other-address", x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))),
        ("other-owner", x509.DirectoryName(named("Somebody else"))),
    ):
        name = f"constraints-{name}.example"
        root = Node("Root of " + name)
        constraints = [(x509.NameConstraints([rule], None), True)]
        middle = Node("Issuer of " + name, root, extra=constraints)
        hosts = [name, ipaddress.ip_address("198.51.100.1")]
        add(name, [Node(name, middle, hosts=hosts), middle], root, False)
    name = "renamed.example"
    root, middle, leaf = three("elsewhere.example")
    add(name, [leaf, middle], root, False)
    name = "own-and-no-ca.example"
    own = Node(name, hosts=[name])
    add(name, [own], own, False)
    name = "expired-and-renamed.example"
    root, middle, leaf = three(name, hosts=["other.example"], start=-90 * DAY, end=-DAY)
    add(name, [leaf, middle], root, False)
    name = "ed25519-leaf.example"
    root, middle, leaf = three(name, key=ed25519.Ed25519PrivateKey.generate())
    add(name, [leaf, middle], root, False)
    for hash in ("MD5", "SHA-1"):
        for part in ("leaf", "issuer"):
            name = f"{hash.lower()}-{part}.example"
            root, middle, leaf = three(name, rsa_key(0), rsa_key(1), rsa_key(2))
            if part == "leaf":
                chain = [signed_with(hash, leaf, middle.key), middle.cert]
            else:
                chain = [leaf.cert, signed_with(hash, middle, root.key)]
            shapes.append(Shape(name, chain, leaf.key, [root.cert], False))
    root, middle, _ = three("size.example", middle_key=rsa_key(1), root_key=rsa_key(2))
    for size in (2560, 2561):
        name, pad = f"of-{size}-bytes.example", 1000
        while True:  # serial numbers differ in length
            leaf = Node(name, middle, rsa_key(0), [name], pad=pad)
            if len(der(leaf.cert)) == size:
                break
            pad += size - len(der(leaf.cert))
        add(name, [leaf, middle], root, size == 2560)
    return shapes


SHAPES = {shape.name: shape for shape in good() + hostile() + more()}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    """roots.Roots of all honest authorities of all shapes."""
    file = tmp_path_factory.mktemp("roots") / "honest.pem"
    ders = [d for shape in SHAPES.values() for d in shape.root_ders()]
    file.write_text("".join(ssl.DER_cert_to_PEM_cert(d) for d in ders))
    return Roots([str(file)], self_signed=True)


def predicted(shape, address, roots):
    """The Prediction for a server, asked over real TCP."""
    with names({(shape.name, 443): address}):
        answer = ask(shape.name, 443, None, roots)
    return predict(answer, roots, int(time.time()))


@contextlib.contextmanager
def fresh(shape, address):
    """The radio of a module, joined, with its clock set; until the block ends."""
    world = World()
    world.add_access_point("home", "correct horse")
    world.route(shape.name, 443, address)
    clock = RealClock()
    module = SimulatedModule(world, clock=clock, timing=Timing.fast())
    module.power_on()
    radio = SPWF04(module.uart("machine"), clock=clock)
    radio.connect("home", "correct horse")
    radio.set_time(int(time.time()))
    yield radio
    module.power_off()


def alone(shape, address, root):
    """The exception of a module that has this root alone; None if it connects."""
    with fresh(shape, address) as radio:
        radio.certs.install(root, self_signed=True)  # as `trusted` takes them
        sock = SSLContext(engine="module").wrap_socket(SocketPool(radio).socket())
        sock.settimeout(20)
        try:
            with sock:
                sock.connect((shape.name, 443))
                assert sock.engine == "module"
        except SPWF04Error as e:
            return e
    return None


@pytest.mark.generated(30)
@pytest.mark.parametrize("name", SHAPES)
def test_the_prediction_is_what_the_module_does(name, trusted):
    shape = SHAPES[name]
    server = ShapeServer(shape, ANY)
    p = predicted(shape, server.address, trusted)
    error = alone(shape, server.address, p.root or shape.root_ders()[0])
    server.close()
    assert p.ok == (shape.module or name in BY_HAND), [r.what for r in p.reasons]
    if name in BY_HAND:
        assert error is None and "no subject key identifier" in p.warnings[0]
    else:
        assert p.ok == (error is None), (str(error), [r.what for r in p.reasons])
    if isinstance(error, CertificateError) and p.path:
        assert error.code in [r.error for r in p.reasons], [r.what for r in p.reasons]


@pytest.mark.generated(30)
@pytest.mark.parametrize("name", SHAPES)
def test_the_prediction_is_what_the_driver_does(name, trusted):
    shape = SHAPES[name]
    server = ShapeServer(shape, ANY)
    p = predicted(shape, server.address, trusted)
    with fresh(shape, server.address) as radio:
        try:
            radio.certs.install_for(shape.name, roots=Bundle(build(trusted.ders)), engine="module")
            took = True
        except OSError:
            took = False
    server.close()
    assert took == p.ok, [r.what for r in p.reasons]
    if p.ok:
        assert radio.certs.entries()[0].ski + ".ca" == p.needs[1]


@pytest.mark.parametrize("name", [name for name in SHAPES if name.startswith(("md5", "sha-1"))])
def test_an_old_hash_is_what_diagnose_finds_and_all_that_it_finds(name):
    shape = SHAPES[name]
    server = ShapeServer(shape, ANY)
    with fresh(shape, server.address) as radio:
        radio.certs.install(shape.root_ders()[0])
        (found,) = radio.certs.diagnose(name).findings
    server.close()
    who = name if "leaf" in name else "Issuer of " + name
    assert f"{who} is signed with {name.rpartition('-')[0].upper()}" in found.what


@pytest.mark.generated(2)
@pytest.mark.parametrize("group", range(6))
def test_the_prediction_is_what_the_module_does_with_chains_made_by_chance(group, tmp_path):
    agreed = [0, 0]
    for seed in range(20 * group, 20 * group + 20):
        shape = Maker(seed).make()
        try:
            server = ShapeServer(shape)
        except ssl.SSLError:
            continue  # OpenSSL does not want to serve it
        file = tmp_path / f"{seed}.pem"
        file.write_text(pem(shape))
        p = predicted(shape, server.address, Roots([str(file)], False, True))
        error = alone(shape, server.address, p.root or shape.root_ders()[0])
        server.close()
        said = seed, str(error), [r.what for r in p.reasons]
        assert p.ok == (error is None), said
        if isinstance(error, CertificateError) and p.path:
            assert error.code in [r.error for r in p.reasons], said
        agreed[p.ok] += 1
    assert min(agreed) > 1
