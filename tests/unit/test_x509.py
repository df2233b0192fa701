"""The certificate reader against `cryptography`, on real roots and on rubbish."""

import array
import datetime
import warnings

import certifi
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.pki.authority import check
from spwf04.pki.names import same
from spwf04.pki.pem import to_pem
from spwf04.pki.source import load
from spwf04.pki.x509 import Certificate, element
from tests import ALL

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    with open(certifi.where(), "rb") as _f:
        ROOTS = x509.load_pem_x509_certificates(_f.read())


def extension(certificate, oid):
    try:
        return certificate.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return None


@pytest.mark.parametrize("root", ROOTS, ids=lambda r: r.fingerprint(hashes.SHA256()).hex()[:8])
def test_reads_a_public_root_as_cryptography_does(root):
    der = root.public_bytes(Encoding.DER)
    mine = Certificate(load(root.public_bytes(Encoding.PEM)))
    key = extension(root, ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    computed = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    assert mine.ski == (key or computed).digest.hex()
    assert mine.size == len(der)
    constraints = extension(root, ExtensionOID.BASIC_CONSTRAINTS)
    assert mine.is_ca == (constraints.ca if constraints else None)
    assert same(*mine.names()) == (root.subject == root.issuer)


def leaf():
    return trustme.CA().issue_cert("www.example.com").cert_chain_pems[0].bytes()


def test_a_servers_certificate_is_no_ca():
    mine = Certificate(load(leaf()))
    assert mine.is_ca is False
    assert not same(*mine.names())


def test_an_identifier_that_is_missing_is_computed():
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self made")])
    now = datetime.datetime(2026, 1, 1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=36500))  # a GeneralizedTime
        .sign(key, hashes.SHA256())
    )
    mine = Certificate(made.public_bytes(Encoding.DER))
    assert mine.ski == x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()
    assert mine.is_ca is None
    assert same(*mine.names())


PEM = ROOTS[0].public_bytes(Encoding.PEM)
DER = ROOTS[0].public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda x: array.array("B", x)])
@pytest.mark.parametrize("data", [PEM, DER, b"text\n" + PEM + b"text"])
def test_every_kind_of_bytes_is_read(kind, data):
    assert bytes(load(kind(data))) == DER
    assert check(kind(data)) == (DER, Certificate(DER).ski)


def test_pem_in_every_clothing(tmp_path):
    file = tmp_path / "root.pem"
    file.write_bytes(PEM)
    one_line = PEM.replace(b"\n", b"")  # as pasted into a forum [T25]
    for form in (PEM, PEM.decode(), DER, bytearray(DER), memoryview(DER), str(file), one_line):
        assert bytes(load(form)) == DER
    for number, text in enumerate(
        (
            b"# a comment\n\n" + PEM,
            b"a comment\n" + PEM,
            PEM.replace(b"\n", b"\r\n"),
            PEM + b"\nand more\n",
            one_line,
            DER,
        )
    ):
        file = tmp_path / str(number)
        file.write_bytes(text)
        assert bytes(load(str(file))) == DER
    assert bytes(load(b"# a comment\r\n" + PEM.replace(b"\n", b"\r\n"))) == DER


def test_pem_written_is_pem_read():
    assert to_pem(DER) == PEM


def test_the_same_certificate_twice_is_one(tmp_path):
    file = tmp_path / "two.pem"
    file.write_bytes(PEM + PEM)
    for form in (PEM + PEM, str(file)):
        assert bytes(load(form)) == bytes(load(PEM))


@pytest.mark.parametrize("text", [b"", PEM[:-30], b"-----BEGIN CERTIFICATE-----\n*\n"])
def test_a_file_that_holds_no_whole_certificate_is_a_value_error(tmp_path, text):
    file = tmp_path / "bad.pem"
    file.write_bytes(text)
    with pytest.raises(ValueError):
        Certificate(load(str(file)))


@pytest.mark.parametrize(
    "bad",
    [b"", b"0", DER[:-1], DER + b"\0", b"\x30\x80" + DER, b"\x30\x84\xff\xff\xff\xff", b"x" * 99],
)
def test_what_is_no_certificate_is_a_value_error(bad):
    with pytest.raises(ValueError):
        Certificate(load(bad))


@pytest.mark.parametrize("end", range(0, len(DER), 7))
def test_a_certificate_cut_short_is_a_value_error(end):
    with pytest.raises(ValueError):
        Certificate(DER[:end])


@settings(max_examples=400 if ALL else 150, deadline=None)
@given(st.data())
def test_damage_anywhere_is_read_or_refused(data):
    damaged = bytearray(DER)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(DER) - 1))] = data.draw(st.integers(0, 255))
    try:
        Certificate(bytes(damaged))
    except ValueError:
        pass


@settings(max_examples=300 if ALL else 150, deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_is_a_value_error(rubbish):
    with pytest.raises(ValueError):
        Certificate(load(rubbish))


@pytest.mark.parametrize(
    "der",
    [
        b"\x30\x80\0\0",  # indefinite length: BER, not DER
        b"\x30\x80",
        b"\x30\x84\0\0\0\0",  # more bytes of length than a certificate can have
        b"\x30\x8f" + bytes(15),
        b"\x30\x81",
        b"\x30\x82\0",
        b"\x30\x01",
        b"\x30",
        b"",
    ],
)
def test_a_length_that_der_does_not_have_is_a_value_error(der):
    with pytest.raises(ValueError):
        element(der, 0, len(der))
    with pytest.raises(ValueError):
        Certificate(der)
    outer = b"\x30" + bytes((len(der) + 2,)) + b"\x04\0" + der
    tag, first, last = element(outer, 0, len(outer))
    assert (tag, first, last) == (0x30, 2, len(outer))
    if der:
        with pytest.raises(ValueError):
            element(outer, first + 2, last)
