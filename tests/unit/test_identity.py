"""The client's certificate and key: forms, what does not fit, and that the key stays secret."""

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from spwf04.identity import Identity
from tests.shims.shapes import Node

KEYS = {
    "EC": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
}
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


def test_several_certificates_stay_pem():
    chain = cert("EC", Encoding.PEM) + cert("EC", Encoding.PEM)
    made = Identity(b"text\n" + chain, key("EC", Encoding.PEM, TRADITIONAL))
    assert made.certificate() == chain


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a private key"),
        (b"\x30\x03\x02\x01\x05", "not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIB\n", "not a private key"),
        (cert("EC", Encoding.PEM), "no private key"),
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


def test_every_cut_of_a_key_is_a_value_error():
    whole = key("RSA", Encoding.DER, PrivateFormat.PKCS8)
    for end in range(0, 300):
        with pytest.raises(ValueError):
            Identity(cert("RSA"), whole[:end])


def test_trustme_keys_work_as_they_are():
    leaf = trustme.CA().issue_cert("device.example")
    assert Identity(leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()).certificate()
