"""`spwf04 check` names what a strict TLS minds, and what the driver's judge and OpenSSL take."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from spwf04_cli.server.oddities import oddities
from spwf04_cli.server.roots import info
from tests.shims.shapes import DAY, NOW, Node, der, ecc, three

HOST = "www.example.com"
ODD_AIA = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.1"), b"\x30\x01")


def found(chain):
    """What is odd in a chain of Nodes or DER, all of them on the path, as text."""
    ders = [der(getattr(c, "cert", c)) for c in chain]
    path = [info(data) for data in ders]
    return oddities(path, {c.sha256: data for c, data in zip(path, ders)})


def with_serial(number, issuer):
    key = ecc()
    builder = x509.CertificateBuilder(
        issuer.subject, x509.Name([]), key.public_key(), number, NOW - DAY, NOW + DAY
    )
    return der(builder.sign(issuer.key, hashes.SHA256()))


def test_an_ordinary_chain_has_none():
    root, middle, leaf = three(HOST, hosts=[HOST, "*.example.com"])
    assert found([leaf, middle, root]) == []


@pytest.mark.parametrize("number", [1, (1 << 159) - 1])
def test_serial_numbers_that_are_fine(number):
    assert found([with_serial(number, Node("Root"))]) == []


def test_a_serial_number_of_0():
    """It cannot be made here, so the number of another is replaced; nobody looks at signatures."""
    data = with_serial(0x77, Node("Root")).replace(b"\x02\x01\x77", b"\x02\x01\x00", 1)
    [(words, number)] = found([data])
    assert "serial number that is 0" in words and number == 11
    data = data.replace(b"\x02\x01\x00", b"\x02\x01\x80", 1)
    [(words, number)] = found([data])
    assert "serial number that is negative" in words and number == 11


def test_the_serial_number_of_a_root_does_not_matter():
    root, middle, leaf = three(HOST)
    serial = root.cert.serial_number
    old = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    data = der(root.cert).replace(old, b"\x80" + old[1:], 1)
    assert x509.load_der_x509_certificate(data).serial_number < 0
    assert found([leaf, middle, data]) == []


@pytest.mark.parametrize("place", ["leaf", "middle"])
def test_an_extension_that_cannot_be_read(place):
    root = Node("Root")
    middle = Node("Middle", root, extra=[(ODD_AIA, False)] if place == "middle" else ())
    leaf = Node(HOST, middle, hosts=[HOST], extra=[(ODD_AIA, False)] if place == "leaf" else ())
    [(words, number)] = found([leaf, middle, root])
    assert (HOST if place == "leaf" else "Middle") in words and "extension" in words
    assert number == 23


@pytest.mark.parametrize(
    ("excluded", "name", "odd"),
    [
        ("bar.example.com", "*.example.com", True),
        (".bar.example.com", "*.Example.com", True),
        ("bar.example.com", HOST, False),
        ("bar.example.org", "*.example.com", False),
    ],
)
def test_a_wildcard_for_a_host_that_its_ca_rules_out(excluded, name, odd):
    rules = x509.NameConstraints(None, [x509.DNSName(excluded)])
    root = Node("Root")
    middle = Node("Middle", root, extra=[(rules, True)])
    words = found([Node(HOST, middle, hosts=[name]), middle, root])
    assert bool(words) == odd
    if odd:
        assert excluded in words[0][0] and name in words[0][0] and words[0][1] == 23


def test_what_is_sent_without_need_is_looked_at_for_its_form_alone():
    root, middle, leaf = three(HOST)
    other = Node("Other", extra=[(ODD_AIA, False)])
    path = [info(der(c.cert)) for c in (leaf, middle, root)]
    ders = {info(der(c.cert)).sha256: der(c.cert) for c in (leaf, middle, root, other)}
    assert oddities(path, ders) == []
