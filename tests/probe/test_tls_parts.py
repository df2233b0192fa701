"""Parts of the experiments about TLS: the ClientHello, certificates, openssl's server."""

import ssl

import pytest
from cryptography import x509

from spwf04_cli.probe.experiment import Untried
from spwf04_cli.probe.tls import certificates, hello, openssl, servers, trust
from spwf04_sim import Quirks
from tests.probe.stage import bench


def client_hello(ciphers="AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256"):
    """What OpenSSL sends first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(back, there).do_handshake()
    return there.read()


def in_records(data, size):
    """The same handshake message in records of so many bytes."""
    body = data[5:]
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"\x16\x03\x01" + len(p).to_bytes(2, "big") + p for p in pieces)


def test_a_client_hello_is_read():
    found = hello.read(client_hello())
    assert found.version == (3, 3)
    assert found.suites[:2] == [
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ]


@pytest.mark.parametrize("size", [1, 7, 60])
def test_a_client_hello_in_pieces_is_read(size):
    assert hello.read(in_records(client_hello(), size)) == hello.read(client_hello())


def test_a_client_hello_that_is_not_complete_is_none():
    whole = client_hello()
    assert all(hello.read(whole[:n]) is None for n in range(len(whole)))
    assert all(hello.read(in_records(whole, 9)[:n]) is None for n in range(len(whole)))


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.0\r\n\r\n", b"\x15\x03\x03\0\2\2\x28", b"\x16" * 99]
)
def test_what_is_no_client_hello_is_none(data):
    assert hello.read(data) is None


def test_a_client_hello_that_lies_about_its_lengths_ends():
    whole = bytearray(client_hello())
    for at in range(5, len(whole)):
        for value in (0, 1, 255):
            hello.read(bytes(whole[:at] + bytes((value,)) + whole[at + 1 :]))


def test_an_unknown_suite_is_shown_by_its_number():
    assert hello.read(client_hello("CAMELLIA128-SHA")).suites[0] == "0x0041"


@pytest.mark.parametrize(("hash", "oid"), [("MD5", "4"), ("SHA-1", "5"), (None, "11")])
def test_a_certificate_that_is_signed_anew_is_whole(hash, oid):
    leaf = certificates.under_root()
    made = x509.load_der_x509_certificate(leaf.with_changed(b"example.com", b"example.org", hash))
    assert made.signature_algorithm_oid.dotted_string == "1.2.840.113549.1.1." + oid
    assert b"www.example.org" in made.tbs_certificate_bytes
    assert len(made.public_bytes(certificates.serialization.Encoding.DER)) == len(leaf.der)
    assert made.signature_hash_algorithm is not None
    certificates.root().key.public_key().verify(
        made.signature,
        made.tbs_certificate_bytes,
        certificates.padding.PKCS1v15(),
        made.signature_hash_algorithm,
    )


def test_without_openssl_a_renegotiation_is_untried(monkeypatch):
    monkeypatch.setenv("PATH", "")
    leaf = certificates.under_root()
    with pytest.raises(Untried, match="no program openssl"):
        with openssl.server(bench(Quirks()), [leaf], leaf.key):
            pass


def test_a_version_that_openssl_does_not_have_is_known():
    leaf = certificates.under_root()
    assert servers.has(ssl.TLSVersion.TLSv1_2, [leaf], leaf.key)
    assert not servers.has(ssl.TLSVersion.SSLv3, [leaf], leaf.key)


def test_a_module_that_finds_no_ca_is_untried():
    made = bench(Quirks(slot_lookup=False, file_lookup=False))
    with pytest.raises(Untried, match="no way was found"):
        with trust.placed(made):
            pass


def test_the_way_that_works_is_looked_for_once():
    made = bench(Quirks(slot_lookup=False, ca_file_encoding="pem"))
    with trust.placed(made):
        pass
    before = len(made.line.transcript)
    with trust.placed(made):
        shown = b"".join(text for _, _, text in made.line.transcript[before:])
    assert b"SOCKON" not in shown
    assert b".ca,%d\r" % len(certificates.root().pem) in shown
