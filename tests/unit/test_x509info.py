"""The streaming certificate reader against `cryptography`, on real roots and on rubbish."""

import datetime
import hashlib
import ipaddress
import re

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.pki.certificate import Bytes, read
from spwf04.pki.chain import issued
from spwf04.pki.names import is_address, matches
from spwf04.pki.x509 import Certificate
from tests import ALL
from tests.shims.shapes import rsa_key
from tests.unit.test_x509 import ROOTS, extension

NAMES = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
DER = ROOTS[0].public_bytes(Encoding.DER)


def info(certificate, host=None):
    der = certificate if isinstance(certificate, bytes) else certificate.public_bytes(Encoding.DER)
    return read(Bytes(der), len(der), host)


def called(name):
    """What the owner of a name is called: the first of NAMES that it has."""
    for oid in NAMES:
        found = name.get_attributes_for_oid(oid)
        if found:
            return found[0].value
    return ""


def content(name):
    """DER of a name without its outer header, made by hand."""
    der = name.public_bytes()
    return der[2:] if der[1] < 128 else der[2 + (der[1] & 127) :]


@pytest.mark.parametrize("root", ROOTS, ids=lambda r: r.fingerprint(hashes.SHA256()).hex()[:8])
def test_reads_a_public_root_as_cryptography_does(root):
    mine = info(root)
    assert mine.damaged is None
    assert mine.sha256 == root.fingerprint(hashes.SHA256()).hex()
    assert mine.size == len(root.public_bytes(Encoding.DER))
    assert mine.version == root.version.value + 1
    assert (mine.subject, mine.issuer) == (called(root.subject), called(root.issuer))
    assert mine.self_issued == (root.subject == root.issuer)
    assert mine.not_before == int(root.not_valid_before_utc.timestamp())
    assert mine.not_after == int(root.not_valid_after_utc.timestamp())
    own = extension(root, ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    computed = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    assert mine.ski == (own or computed).digest.hex()
    assert mine.ski_computed == (own is None)
    above = extension(root, ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    identifier = above.key_identifier if above is not None else None
    assert mine.aki == (identifier.hex() if identifier else None)
    constraints = extension(root, ExtensionOID.BASIC_CONSTRAINTS)
    assert mine.is_ca == (constraints.ca if constraints else None)
    assert mine.path_length == (constraints.path_length if constraints else None)
    key = root.public_key()
    assert mine.key == ("RSA" if isinstance(key, rsa.RSAPublicKey) else "EC")
    assert mine.bits == key.key_size
    signed = root.signature_algorithm_oid._name
    assert mine.signature == ("ECDSA" if "ecdsa" in signed else "RSA")
    assert mine.hash.replace("-", "").lower() == root.signature_hash_algorithm.name


def made(key=None, subject="made", names=(), signer=None, before=None, after=None, **more):
    """A self-signed certificate."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else [])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(before or datetime.datetime(2026, 1, 1))
        .not_valid_after(after or datetime.datetime(2036, 1, 1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    for extension_ in more.get("extensions", ()):
        builder = builder.add_extension(extension_, True)
    return builder.sign(signer or key, more.get("digest", hashes.SHA256()))


@pytest.mark.parametrize(
    ("curve", "bits"), [(ec.SECP256R1, 256), (ec.SECP384R1, 384), (ec.SECP521R1, 521)]
)
def test_curves(curve, bits):
    assert info(made(ec.generate_private_key(curve()))).bits == bits


@pytest.mark.parametrize("digest", [hashes.SHA224, hashes.SHA256, hashes.SHA384, hashes.SHA512])
def test_hashes(digest):
    mine = info(made(rsa_key(0), digest=digest()))
    assert (mine.signature, mine.hash.replace("-", "")) == ("RSA", digest.name.upper())


def test_a_key_that_is_neither_rsa_nor_ec():
    key = ed25519.Ed25519PrivateKey.generate()
    mine = info(made(key, digest=None))
    assert (mine.key, mine.bits, mine.signature) == ("Ed25519", 0, "Ed25519")


def test_dates_after_2049():
    after = datetime.datetime(2126, 7, 8, 9, 10, 11)
    mine = info(made(after=after))
    assert mine.not_after == int(after.replace(tzinfo=datetime.timezone.utc).timestamp())


def test_alternative_names_are_counted_and_the_first_are_kept():
    names = [x509.DNSName(f"h{n}.example") for n in range(100)]
    mine = info(made(names=names), "h99.example")
    assert mine.names == [f"h{n}.example" for n in range(8)]
    assert mine.name_count == 100
    assert mine.fits is True


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        (["www.example.com"], "www.example.com", True),
        (["WWW.Example.COM"], "www.example.com", True),
        (["example.com"], "www.example.com", False),
        (["*.example.com"], "www.example.com", True),
        (["*.example.com"], "a.www.example.com", False),
        (["*.example.com"], "example.com", False),
        (["*.com"], "example.com", False),
        (["w*.example.com"], "www.example.com", False),
        (["192.0.2.1"], "192.0.2.1", False),  # a name, not an address
        ([ipaddress.ip_address("192.0.2.1")], "192.0.2.1", True),
        ([ipaddress.ip_address("192.0.2.2")], "192.0.2.1", False),
        ([ipaddress.ip_address("2001:db8::1")], "192.0.2.1", False),
        (
            [ipaddress.ip_address("c000:201::")],
            "192.0.2.1",
            False,
        ),  # the address begins with the same bytes
        ([], "made", True),  # the common name, if there are no others
        (["www.example.com"], "made", False),
    ],
)
def test_whether_it_is_for_a_host(names, host, fits):
    general = [x509.DNSName(n) if isinstance(n, str) else x509.IPAddress(n) for n in names]
    assert info(made(names=general), host).fits is fits
    assert info(made(names=general)).fits is None


def test_a_name_with_a_nul_is_not_the_name_before_it():
    raw = made(names=[x509.DNSName("www.example.com.evil.example")]).public_bytes(Encoding.DER)
    raw = raw.replace(b"www.example.com.evil", b"www.example.com\0evil")
    mine = info(raw, "www.example.com")
    assert mine.fits is False
    assert mine.names == ["www.example.com?evil.example"]


def test_addresses_and_names():
    assert is_address("192.0.2.1")
    assert not is_address("example.com")
    assert not matches("192.0.2.1", "*.0.2.1")


def test_a_field_of_absurd_size_is_not_kept():
    mine = info(made(subject="x" * 64, names=[x509.DNSName("a" * 2000)]))
    assert "2000 bytes" in mine.damaged
    assert mine.sha256  # the rest was read nevertheless


class Drip:
    """A source that notices if it is read past its end."""

    sha = None

    def __init__(self, data):
        self.left = len(data)
        self._inner = Bytes(data)

    def take(self, n):
        assert n <= self.left
        self.left -= n
        self._inner.sha = self.sha
        return self._inner.take(n)

    def skip(self, n):
        assert 0 <= n <= self.left
        self.left -= n
        self._inner.sha = self.sha
        self._inner.skip(n)


LEAF = x509.load_pem_x509_certificate(
    trustme.CA().issue_cert("www.example.com", "192.0.2.1").cert_chain_pems[0].bytes()
).public_bytes(Encoding.DER)


def consumes_exactly(data):
    source = Drip(data)
    mine = read(source, len(data), "www.example.com")
    assert source.left == 0
    assert mine.sha256 == hashlib.sha256(data).hexdigest()
    return mine


@settings(max_examples=600 if ALL else 200, deadline=None)
@given(st.data())
def test_damage_anywhere_is_described_and_nothing_is_read_past_the_end(data):
    damaged = bytearray(data.draw(st.sampled_from([DER, LEAF])))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    consumes_exactly(bytes(damaged))


@settings(max_examples=300 if ALL else 150, deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_rubbish_is_described(rubbish):
    assert consumes_exactly(rubbish).damaged


@pytest.mark.parametrize("end", range(1, len(LEAF), 3))
def test_a_certificate_cut_short_is_described(end):
    assert consumes_exactly(LEAF[:end]).damaged


def test_deep_nesting_does_not_recurse():
    data = b"\x30\x80" * 5000
    assert consumes_exactly(data).damaged
    nested = b""
    for _ in range(2000):
        n = len(nested)
        nested = b"\x30" + (bytes((n,)) if n < 128 else b"\x83" + n.to_bytes(3, "big")) + nested
    assert consumes_exactly(nested).damaged


# who issued whom -------------------------------------------------------------------------------
def test_what_cannot_be_read_is_nobodys_issuer_and_issued_by_nobody():
    damaged = [info(DER[:end]) for end in range(1, len(DER), 7)]
    damaged += [info(bytes(n)) for n in (1, 2, 7)] + [info(b"\x30\x03\x02\x01\x00")]
    for one in damaged:
        assert one.damaged
        assert not one.self_issued
        for other in (*damaged[:3], one, info(DER)):
            assert not issued(one, other)
            assert not issued(other, one)


@settings(max_examples=400 if ALL else 150, deadline=None)
@given(st.data())
def test_a_damaged_certificate_keeps_nothing_that_could_match(data):
    changed = bytearray(data.draw(st.sampled_from([DER, LEAF])))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    mine = info(bytes(changed), "www.example.com")
    if mine.damaged:
        assert (mine.subject_hash, mine.issuer_hash, mine.ski, mine.aki) == (b"", b"", None, None)
        assert (mine.is_ca, mine.fits, mine.not_before, mine.not_after) == (None, None, 0, 0)
        assert not issued(mine, mine)
    else:
        assert mine.ski


def test_what_is_wrong_is_told_with_its_place():
    leaf = made(names=[x509.DNSName("a")]).public_bytes(Encoding.DER)
    for old, new, words in (
        (b"\x17\x0d", b"\x04\x0d", "validity"),
        (b"\x30\x0a\x06\x08\x2a", b"\x31\x0a\x06\x08\x2a", "signature algorithm"),
        (b"\x06\x03\x55\x04", b"\x06\x7f\x55\x04", "issuer"),
        (b"\x06\x03\x55\x1d", b"\x06\x7f\x55\x1d", "extensions"),
        (b"\x03\x42\x00", b"\x04\x42\x00", "public key"),
    ):
        mine = info(leaf.replace(old, new, 1))
        assert "its " + words in mine.damaged
        at = int(re.search(r"at byte (\d+)", mine.damaged)[1])
        assert abs(at - leaf.index(old)) < 70, (words, at)
    assert "outer structure" in info(leaf + b"\0").damaged
    # the subject is known if it could be read
    assert info(leaf.replace(b"\x06\x03\x55\x1d", b"\x06\x7f\x55\x1d")).subject == "made"


def test_dates_that_are_none_are_damage():
    after = datetime.datetime(2036, 10, 10, 10, 10, 10)
    der = made(after=after).public_bytes(Encoding.DER)
    good = b"361010101010Z"
    assert not info(der).damaged
    for bad in (b"361310101010Z", b"360010101010Z", b"361032101010Z", b"361000101010Z"):
        assert info(der.replace(good, bad)).damaged
    for bad in (b"361010241010Z", b"361010106010Z", b"361010101060Z", b"3610101010 0Z"):
        assert info(der.replace(good, bad)).damaged


def test_the_same_name_with_another_key_is_not_its_own_issuer():
    one, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    identifiers = [
        x509.SubjectKeyIdentifier.from_public_key(one.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(other.public_key()),
    ]
    mine = info(made(one, signer=other, extensions=identifiers))
    assert not mine.self_issued
    own = x509.SubjectKeyIdentifier.from_public_key(other.public_key())
    above = info(made(other, extensions=[own]))
    assert issued(above, mine)
    assert above.self_issued


def test_an_empty_identifier_is_none():
    empty = [
        x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.14"), b"\4\0"),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.35"), b"\x30\2\x80\0"),
    ]
    certificate = made(extensions=empty)
    mine = info(certificate)
    own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest.hex()
    assert (mine.ski, mine.ski_computed, mine.aki) == (own, True, None)
    assert Certificate(certificate.public_bytes(Encoding.DER)).ski == own


def test_a_name_or_an_extension_that_is_long_is_no_damage():
    units = [
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "unit %02d " % n + "x" * 50)
        for n in range(20)
    ]
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made"), *units])
    oid = x509.ObjectIdentifier("1.3.6.1.4.1." + ".".join(["99999"] * 11))
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime(2026, 1, 1))
        .not_valid_after(datetime.datetime(2036, 1, 1))
        .add_extension(x509.UnrecognizedExtension(oid, b"\x05\x00"), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    mine = info(root)
    assert not mine.damaged
    assert mine.subject_hash == hashlib.sha256(content(name)).digest()
    assert mine.self_issued
    assert mine.is_ca
