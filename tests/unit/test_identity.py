"""The client's certificate and key: their forms, pairs that do not fit, and a key kept secret."""

import re

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from spwf04.pki.identity import Identity
from tests.shims import forms
from tests.shims.shapes import Node, rsa_key
from tests.unit.test_validity import inside, outer

KEYS = {
    "EC": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa_key(0),
}
OTHER = Node("other").cert.public_bytes(Encoding.PEM)
CERTS = {kind: Node("device", key=key, ca=False) for kind, key in KEYS.items()}


def cert(kind, encoding=Encoding.DER):
    return CERTS[kind].cert.public_bytes(encoding)


def key(kind, encoding, form):
    return KEYS[kind].private_bytes(encoding, form, NoEncryption())


TRADITIONAL = PrivateFormat.TraditionalOpenSSL


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
@pytest.mark.parametrize("form", [TRADITIONAL, PrivateFormat.PKCS8])
def test_every_form_of_a_key_becomes_the_same_der(kind, encoding, form, tmp_path):
    expected = key(kind, Encoding.DER, TRADITIONAL)
    data = key(kind, encoding, form)
    assert Identity(cert(kind), data).key() == expected
    file = tmp_path / "key"
    file.write_bytes(data)
    assert Identity(cert(kind, Encoding.PEM), str(file)).key() == expected


def test_zeros_before_a_modulus_do_not_make_it_another():
    parts = inside(key("RSA", Encoding.DER, TRADITIONAL))
    modulus = KEYS["RSA"].public_key().public_numbers().n.to_bytes(256, "big")
    parts[1] = outer(2, bytes(3) + modulus)
    Identity(cert("RSA"), outer(0x30, *parts))


def test_an_ec_key_with_the_parameters_before_it():
    pem = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    pem += key("EC", Encoding.PEM, TRADITIONAL)
    assert Identity(cert("EC"), pem).key() == key("EC", Encoding.DER, TRADITIONAL)


def test_certificate_and_key_in_one_pem():
    pem = cert("EC", Encoding.PEM) + key("EC", Encoding.PEM, PrivateFormat.PKCS8)
    made = Identity(pem.decode())
    assert made.certificate() == cert("EC")
    assert made.key() == key("EC", Encoding.DER, TRADITIONAL)
    assert made.subject == "device"
    assert made.not_after > 1700000000


@pytest.mark.parametrize("before", [b"", b"\n", b"text\n"])
@pytest.mark.parametrize("after", [b"", b"more text\n"])
def test_several_certificates_stay_pem(before, after):
    chain = cert("EC", Encoding.PEM) + OTHER
    made = Identity(before + chain + after, key("EC", Encoding.PEM, TRADITIONAL))
    assert made.certificate() == chain
    assert made.der() == cert("EC")


def test_a_chain_in_a_file_as_a_ca_sends_it(tmp_path):
    files = tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
    files[0].write_bytes(cert("EC", Encoding.PEM) + OTHER)
    files[1].write_bytes(key("EC", Encoding.PEM, PrivateFormat.PKCS8))
    assert Identity(*map(str, files)).der() == cert("EC")
    files[0].write_bytes(OTHER + cert("EC", Encoding.PEM))
    with pytest.raises(ValueError, match="own certificate must be the first"):
        Identity(*map(str, files))
    files[1].write_bytes(key("RSA", Encoding.PEM, PrivateFormat.PKCS8))
    with pytest.raises(ValueError, match="does not belong"):
        Identity(*map(str, files))


def without_public(kind):
    """The key in SEC1 without the public key, as some tools write it; an RSA key unchanged."""
    der = key(kind, Encoding.DER, TRADITIONAL)
    if kind == "RSA":
        return der
    at = der.index(b"\xa1\x44")
    return der[:1] + bytes((at - 2,)) + der[2:at]


@pytest.mark.parametrize("kind", KEYS)
def test_rubbish_is_no_certificate_though_the_public_key_is_in_it(kind):
    good = cert(kind)
    numbers = (
        KEYS[kind]
        .public_key()
        .public_bytes(Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    for rubbish in (b"rubbish" + numbers, numbers, good[:-1], b"\x30" + good, good + b"\0"):
        for secret in (key(kind, Encoding.DER, TRADITIONAL), without_public(kind)):
            with pytest.raises(ValueError):
                Identity(rubbish, secret)
    assert Identity(good, without_public(kind)).certificate() == good


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a private key"),
        (b"\x30\x03\x02\x01\x05", "not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIB\n", "no END line"),
        (cert("EC", Encoding.PEM), "a certificate, not a private key"),
        (cert("EC"), "not a private key"),
        (key("RSA", Encoding.PEM, TRADITIONAL), "does not belong"),
        (
            ed25519.Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ),
            "neither RSA nor EC",
        ),
        (
            ec.generate_private_key(ec.SECP384R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ),
            "P-256",
        ),
        (
            KEYS["EC"].private_bytes(
                Encoding.PEM,
                PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"secret"),
            ),
            "encrypted",
        ),
        (
            KEYS["RSA"].private_bytes(
                Encoding.PEM,
                TRADITIONAL,
                serialization.BestAvailableEncryption(b"secret"),
            ),
            "encrypted",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_key_for_it_is_a_value_error(data, words):
    with pytest.raises(ValueError, match=words):
        Identity(cert("EC"), data)


def test_an_own_certificate_above_the_modules_limit_is_refused():
    big = Node("device", key=KEYS["EC"], ca=False, pad=1200)
    with pytest.raises(ValueError, match="1475 bytes"):
        Identity(big.cert.public_bytes(Encoding.DER), key("EC", Encoding.DER, TRADITIONAL))


def test_the_key_is_in_no_text_about_it():
    made = Identity(cert("EC"), key("EC", Encoding.PEM, TRADITIONAL))
    secret = key("EC", Encoding.PEM, TRADITIONAL).decode().split("\n")[1][:20]
    assert secret not in repr(made) + str(made)


@pytest.mark.parametrize("form", forms.keys())
def test_no_error_shows_anything_of_a_key(form):
    data, expected = forms.keys()[form]
    if isinstance(expected, bytes):
        data = data.replace(b"\n", b"\n!", 3)[:-30]  # damaged
    for function in (lambda: Identity(cert("EC"), data), lambda: Identity(data)):
        with pytest.raises(ValueError) as caught:
            function()
        assert caught.value.__context__ is caught.value.__cause__ is None
        text = repr(caught.value)
        parts = [data[at : at + 12] for at in range(len(data) - 11)]
        secret = [part for part in parts if not re.search(rb"[ \-.]", part)]
        assert not [part for part in secret if part.decode("latin-1") in text], text


@pytest.mark.parametrize("form", forms.taken())
def test_an_own_certificate_is_read_as_any_other_is(form):
    data, ders = forms.taken()[form]
    for node in (forms.ROOT, forms.OTHER):
        if node.cert.public_bytes(Encoding.DER) == ders[0]:
            secret = node.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    made = Identity(data, secret)
    assert made.der() == ders[0]
    if len(ders) == 1:
        assert made.certificate() == ders[0]
    else:
        assert made.certificate() == b"".join(forms.pem(der) for der in ders)
    assert made.both() == (made.certificate(), made.key())


@pytest.mark.parametrize("form", forms.named())
def test_what_is_no_own_certificate_is_named(form):
    data, words = forms.named()[form]
    with pytest.raises(ValueError, match="^certfile: .*" + words.replace("^", "")):
        Identity(data, key("EC", Encoding.DER, TRADITIONAL))


def test_every_cut_of_a_key_is_a_value_error():
    whole = key("RSA", Encoding.DER, PrivateFormat.PKCS8)
    for end in range(0, 300):
        with pytest.raises(ValueError):
            Identity(cert("RSA"), whole[:end])


def test_trustme_keys_work_as_they_are():
    leaf = trustme.CA().issue_cert("device.example")
    assert Identity(leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()).certificate()
