"""Certificates that libraries cannot read: the simulated module answers as to any other.

It refuses, or takes, what a server sends and what is put on it; no exception of Python comes out.
"""

import base64
import ipaddress
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spwf04 import SPWF04
from spwf04_sim import Flash, Peer, Quirks, SimulatedModule, Timing, VirtualClock, World
from spwf04_sim.parts.links import PeerLink
from spwf04_sim.parts.tlslink import Refused, TlsLink
from spwf04_sim.parts.verify import subject_key_id, verify
from tests import ALL
from tests.shims.shapes import Node, der
from tests.sim.chains import issue

HOST = "www.example.com"
P256 = bytes.fromhex("06082a8648ce3d030107")

# What is changed in a certificate: (bytes, what they become, which of their places)
ODD = {
    "subject is not UTF-8": (b"example", b"ex\xff\xfe\xfdle", -1),
    "version 9": (bytes.fromhex("a003020102"), bytes.fromhex("a003020108"), 0),
    "key of an unknown kind": (
        bytes.fromhex("06072a8648ce3d0201"),
        bytes.fromhex("06072a8648ce3d0299"),
        0,
    ),
    "curve that nobody knows": (P256, P256[:-1] + b"\x7f", 0),
    "signature of an unknown kind": (
        bytes.fromhex("06082a8648ce3d040302"),
        bytes.fromhex("06082a8648ce3d04037f"),
        0,
    ),
    "the same extension twice": (b"\x06\x03\x55\x1d\x23", b"\x06\x03\x55\x1d\x0e", 0),
    "extension that cannot be read": (
        b"\x06\x03\x55\x1d\x0e\x04\x16\x04",
        b"\x06\x03\x55\x1d\x0e\x04\x16\x05",
        0,
    ),
    "a month that does not exist": (b"\x17\x0d", None, 0),
    # behind the version; it is random, and its length varies
    "negative serial number": (bytes.fromhex("a003020102") + b"\x02", None, 0),
    "point that is not on the curve": (b"\x03\x42\x00\x04", b"\x03\x42\x00\x05", 0),
    "empty": (b"", None, 0),
    "an end that is missing": (b"", None, 0),
}
# A CA that is trusted is not asked who signed it, nor as which number
UNSEEN_IN_A_CA = ("signature of an unknown kind", "negative serial number")


def odd(der, how):
    """Make a certificate that is odd in one of these ways."""
    find, instead, place = ODD[how]
    if how == "empty":
        return b""
    if how == "an end that is missing":
        return der[:-30]
    at = der.rfind(find) if place < 0 else der.find(find)
    assert at > 0, how
    if how == "a month that does not exist":
        instead = find + b"269901"
    elif how == "negative serial number":
        instead = der[at : at + len(find) + 1] + b"\x80"
    return der[:at] + instead + der[at + len(instead) :]


class Chain:
    """A chain: root, middle and leaf as DER."""

    def __init__(self):
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        first = _root(keys[0])
        middle = issue(first, keys[0], "middle.example", keys[1], ca=True)
        leaf = issue(middle, keys[1], HOST, keys[2])
        self.root, self.middle, self.leaf = [
            c.public_bytes(Encoding.DER) for c in (first, middle, leaf)
        ]


def _root(key):
    made = issue(_Subject("root.example"), key, "root.example", key, ca=True)
    assert made.subject == made.issuer
    return made


class _Subject:
    def __init__(self, name):
        self.subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


CHAIN = Chain()


def flash_with(slot=None, files=()):
    made = Flash()
    if slot is not None:
        made.slot["ca"] = slot
    made.files.update(files)
    return made


def answer(chain, flash, quirks=None):
    """Return the number with which a chain is refused, None if it is trusted; nothing else is
    raised."""
    try:
        verify(chain, HOST, flash, quirks or Quirks(), time.time())
    except Refused as e:
        return e.number
    return None


def test_the_chain_is_good_as_it_is():
    assert answer([CHAIN.leaf, CHAIN.middle], flash_with(CHAIN.root)) is None


@pytest.mark.parametrize("how", ODD)
def test_an_odd_certificate_of_a_server_is_refused_with_a_number(how):
    for quirks in (Quirks(), Quirks(certificate_error_parse=23, ca_lookup="each")):
        flash = flash_with(CHAIN.root)
        leaf = answer([odd(CHAIN.leaf, how), CHAIN.middle], flash, quirks)
        above = answer([CHAIN.leaf, odd(CHAIN.middle, how)], flash, quirks)
        assert leaf in (11, 22, 23) and above in (11, 22, 23), (leaf, above)


@pytest.mark.parametrize("how", ODD)
def test_an_odd_ca_on_the_module_vouches_for_no_server_if_its_oddness_matters(how):
    ca = odd(CHAIN.root, how)
    number = None if how in UNSEEN_IN_A_CA else 23
    assert answer([CHAIN.leaf, CHAIN.middle], flash_with(ca)) == number
    wanted = subject_key_id(CHAIN.root)
    assert wanted is not None
    files = {(1, wanted.hex() + ".ca"): bytearray(ca)}
    assert answer([CHAIN.leaf, CHAIN.middle], flash_with(files=files)) == number


# the whole module ----------------------------------------------------------------------------
SERVER_HELLO = bytes.fromhex("0303") + bytes(32) + b"\x00" + bytes.fromhex("c02b00")


def message(kind, body):
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


class Server(Peer):
    """Shows a chain, and then is silent."""

    chain = []

    def on_data(self, data):
        listed = b"".join(len(der).to_bytes(3, "big") + der for der in self.chain)
        flight = message(2, SERVER_HELLO)
        flight += message(11, len(listed).to_bytes(3, "big") + listed) + message(14, b"")
        self.send(b"\x16\x03\x03" + len(flight).to_bytes(2, "big") + flight)


def joined(chain):
    """Return a module in a network where HOST shows this chain."""

    class Shown(Server):
        pass

    Shown.chain = chain
    world = World()
    world.add_access_point("home", "correct horse")
    world.route(HOST, 443, Shown)
    module = SimulatedModule(world, clock=VirtualClock(), timing=Timing.fast())
    module.power_on()
    radio = SPWF04(module.uart(), clock=module.clock)
    radio.connect("home", "correct horse")
    radio.set_time(int(time.time()))
    return module


def told(module, data, seconds=2):
    """Return what the module answers to these bytes; it always answers."""
    module.receive(data)
    module.clock.advance(seconds)
    said = module.transmit(100_000).decode("latin-1")
    assert "AT-S.OK" in said or "AT-S.ERROR" in said, said
    return said


def tried(module, ca):
    """Put a CA on the module in each way, and connect."""
    told(module, b"AT+S.TLSCERT=ca,%d\r" % len(ca) + ca if ca else b"AT\r")
    told(module, b"AT+S.TLSCERT=content,1\r")
    said = told(module, b"AT+S.SOCKON=%s,443,NULL,%s\r" % (HOST.encode(), HOST.encode()))
    told(module, b"AT+S.TLSCERT=content,2\r")
    for name in (b"1:/a.ca", b"2:/tls.cert", b"2:/tls.key"):
        told(module, b"AT+S.FSC=%s,%d\r" % (name, len(ca)) + ca if ca else b"AT\r")
        told(module, b"AT+S.HASH=2,%s\r" % name)
    told(module, b"AT+S.SOCKON=%s,443,NULL,%s\r" % (HOST.encode(), HOST.encode()))
    assert "AT-S.OK" in told(module, b"AT\r")
    return said


@pytest.mark.generated(8)
@pytest.mark.parametrize("how", ODD)
def test_the_module_goes_on_after_an_odd_certificate(how):
    module = joined([odd(CHAIN.leaf, how), CHAIN.middle])
    assert "Certificate Error:" in tried(module, CHAIN.root)
    module = joined([CHAIN.leaf, CHAIN.middle])
    said = tried(module, odd(CHAIN.root, how))
    assert ("Certificate Error:23" in said) == (how not in UNSEEN_IN_A_CA)


@pytest.mark.parametrize("name", [".example", "a..b", "x" * 64 + ".example", "-", "*"])
def test_a_name_that_no_server_can_have_is_not_that_of_its_certificate(name):
    module = joined([CHAIN.leaf, CHAIN.middle])
    told(module, b"AT+S.TLSCERT=ca,%d\r" % len(CHAIN.root) + CHAIN.root)
    assert "Certificate Error:5" in told(module, f"AT+S.SOCKON={HOST},443,NULL,{name}\r".encode())


OWN = {
    "nothing": b"",
    "no certificate": b"hello",
    "PEM that is not text": b"-----BEGIN CERTIFICATE-----\n\xff\xfe\n-----END CERTIFICATE-----\n",
    "PEM without an end": b"-----BEGIN RSA PRIVATE KEY-----\nAAAA",
    "a key with a password": b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
    b"DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
    + base64.b64encode(bytes(96))
    + b"\n-----END RSA PRIVATE KEY-----\n",
    "the CA itself": CHAIN.root,
}


@pytest.mark.parametrize("what", OWN)
def test_an_odd_own_certificate_or_key_does_no_harm(what):
    data = OWN[what]
    for own in ((data, data), (CHAIN.leaf, data)):
        server = TlsLink.server(PeerLink(Peer()), own, data)
        assert not server.handshake()
        server.close()
        client = TlsLink(PeerLink(Peer()), HOST, lambda chain: None, own)
        assert not client.handshake()
        client.close()


@st.composite
def mutated(draw, der):
    """Change, insert or remove a few bytes of a certificate; cut some off at the end."""
    data = bytearray(der)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
        if not data:
            return b""
    return bytes(data[: draw(st.sampled_from([None, None, None, len(data) // 2]))])


READINGS = Quirks.choices()
JUDGES = [  # the switches that have a say in whether a chain is trusted
    name
    for name in READINGS
    if name.startswith(("certificate_", "name_", "slot_", "file_", "ca_"))
    or name in "peer_certificate_limit mixed_chains rsa4096 old_hashes x509_rules".split()
    or name in "self_issued chain_order algorithms least_rsa no_identifier".split()
]


def any_reading(draw):
    return Quirks(**{name: draw(st.sampled_from(READINGS[name])) for name in JUDGES})


@settings(
    max_examples=2000 if ALL else 150, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_any_bytes_get_an_answer(data):
    quirks = any_reading(data.draw)
    chain = [data.draw(st.one_of(st.just(d), mutated(d))) for d in (CHAIN.leaf, CHAIN.middle)]
    ca = data.draw(st.one_of(st.just(CHAIN.root), mutated(CHAIN.root)))
    number = answer(chain, flash_with(ca), quirks)
    if number is None:  # the change is in a part that is neither checked nor signed
        assert answer([CHAIN.leaf], flash_with(CHAIN.middle)) is None
    subject_key_id(ca)
    subject_key_id(b"-----BEGIN CERTIFICATE-----\n" + ca)


# With every extension that is looked at, so that changes fall into them
ANY_NAMES = [
    x509.DNSName("example.com"),
    x509.IPAddress(ipaddress.ip_network("192.0.2.0/24")),
    x509.RFC822Name("example.com"),
    x509.UniformResourceIdentifier("http://example.com/"),
    x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "DE")])),
    x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
    x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"),
]


def _rich():
    """Return (leaf, middle, root) as Nodes: the leaf has a name of each kind, the CAs have
    constraints for each kind."""
    rules = [n for n in ANY_NAMES if not isinstance(n, x509.RegisteredID)]
    purpose = [x509.ExtendedKeyUsageOID.SERVER_AUTH]
    made = [(x509.NameConstraints(rules, rules[1:2]), True)]
    root = Node("Rich root", path=1, eku=purpose, extra=made)
    middle = Node("Rich middle", root, path=0, eku=purpose, extra=made)
    hosts = [
        x509.IPAddress(ipaddress.ip_address("192.0.2.1")) if n is ANY_NAMES[1] else n
        for n in ANY_NAMES
    ]
    extra = [(x509.SubjectAlternativeName(hosts), False)]
    leaf = Node(HOST, middle, ca=False, eku=purpose, extra=extra)
    return leaf, middle, root


RICH = _rich()


def signed_again(node, signer, tbs):
    """DER of a certificate whose signed part was changed: the signature is good."""
    signature = signer.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    body = tbs + algorithm + b"\x03" + bytes((len(signature) + 1, 0)) + signature
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body


@st.composite
def resigned(draw, node, signer):
    """Change bytes of what is signed, keep its length, and sign it."""
    tbs = bytearray(node.cert.tbs_certificate_bytes)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(4, len(tbs) - 1))
        tbs[at] = draw(st.one_of(st.integers(0, 255), st.sampled_from(TAGS)))
    return signed_again(node, signer, bytes(tbs))


TAGS = [
    0x02,
    0x03,
    0x04,
    0x05,
    0x06,
    0x0C,
    0x13,
    0x16,
    0x17,
    0x18,
    0x1E,
    0x30,
    0x31,
    0x82,
    0x87,
    0xA0,
]


@settings(
    max_examples=2000 if ALL else 150, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_changes_that_are_signed_get_an_answer_too(data):
    """The changes reach the rules, because no signature is in their way."""
    leaf, middle, root = RICH
    quirks = any_reading(data.draw)
    name = data.draw(st.sampled_from([HOST, "192.0.2.1", None, "a.b.example.com", ""]))
    chain = [
        data.draw(st.one_of(st.just(der(leaf.cert)), resigned(leaf, middle))),
        data.draw(st.one_of(st.just(der(middle.cert)), resigned(middle, root))),
    ]
    if data.draw(st.booleans()):
        chain.append(data.draw(resigned(root, root)))
    ca = data.draw(st.one_of(st.just(der(root.cert)), resigned(root, root)))
    try:
        verify(chain, name, flash_with(ca), quirks, time.time())
    except Refused:
        pass


@settings(
    max_examples=2000 if ALL else 100, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_any_handshake_gets_an_answer(data):
    """Bytes of a server's first flight are changed; what the link raises is Refused or nothing."""
    chain = [CHAIN.leaf, CHAIN.middle]
    listed = b"".join(len(d).to_bytes(3, "big") + d for d in chain)
    flight = message(2, SERVER_HELLO)
    flight += message(11, len(listed).to_bytes(3, "big") + listed) + message(14, b"")
    sent = bytearray(b"\x16\x03\x03" + len(flight).to_bytes(2, "big") + flight)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.one_of(st.integers(0, 120), st.integers(0, len(sent) - 1)))
        sent[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    peer = Peer()
    peer.outgoing += sent
    quirks = any_reading(data.draw)

    def check(certificates):
        verify(certificates, HOST, flash_with(CHAIN.root), quirks, time.time())

    link = TlsLink(PeerLink(peer), HOST, check)
    try:
        assert not link.handshake()
    except Refused:
        pass
    link.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_module_goes_on_after_any_bytes(data):
    module = joined([data.draw(mutated(CHAIN.leaf)), CHAIN.middle])
    tried(module, data.draw(mutated(CHAIN.root)))
