"""Memory on a real MicroPython (64 bit), from .mpy files."""

import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_sim import Peer, PtyPort
from tests.shims import micropython
from tests.shims.controller import Controller, servers

SHIMS = micropython.ROOT / "tests" / "shims"


class Stream(Peer):
    """Sends for ever."""

    def on_connect(self):
        self.send(bytes(60000))


def padded_ca():
    """The test authority's certificate with a comment that makes it 1.3 KB, in DER."""
    ca = x509.load_pem_x509_certificate(servers().ca.cert_pem.bytes())
    key = serialization.load_pem_private_key(servers().ca.private_key_pem.bytes(), None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(ca.subject)
        .issuer_name(ca.issuer)
        .public_key(ca.public_key())
        .serial_number(2)
        .not_valid_before(ca.not_valid_before_utc)
        .not_valid_after(ca.not_valid_after_utc)
    )
    for extension in ca.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")
    builder = builder.add_extension(
        x509.UnrecognizedExtension(oid, b"\x04\x82\x03\x30" + bytes(816)), False
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def tls_client(heap, pem):
    controller = Controller()
    controller.world.ntp = int(time.time())
    with PtyPort(controller.module, vmin0=True) as line:
        return micropython.run(SHIMS / "mp_tls_client.py", [line.path, pem], controller, heap)


def test_a_tls_client_fits_in_64_kb_of_heap(tmp_path, capsys):
    file = tmp_path / "ca.pem"
    file.write_bytes(padded_ca())
    assert (
        1250 < len(x509.load_pem_x509_certificate(padded_ca()).public_bytes(Encoding.DER)) < 1350
    )
    code, output = tls_client("64k", str(file))
    assert code == 0, output
    assert output.startswith("b'HTTP/1.0 200 OK' "), output
    smallest = 64
    while tls_client(f"{smallest - 1}k", str(file))[0] == 0:
        smallest -= 1
    with capsys.disabled():
        print(f"\nsmallest heap for a TLS client: {smallest} KB")


def test_receiving_allocates_nothing():
    controller = Controller()
    controller.world.route("stream.example", 20, Stream)
    with PtyPort(controller.module, vmin0=True) as line:
        code, output = micropython.run(SHIMS / "mp_no_heap.py", [line.path], controller)
    assert code == 0, output
    assert output == "received 29200 in 40\n"


def test_discovery_fits_in_24_kb_and_a_search_takes_less_than_20_reads(capsys):
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        arguments = [line.path, controller.bundle()]
        code, output = micropython.run(SHIMS / "mp_discover.py", arguments, controller, "320k")
    assert code == 0, output
    certificates, commands, heap, made, found, reads, search = map(int, output.split())
    with capsys.disabled():
        print(
            f"\ndiscovery of {certificates} certificate(s): {commands} AT commands, {heap} bytes"
            f" of heap for code and result, {made} bytes allocated in a second run;"
            f" bundle search: {reads} reads, {search} bytes"
        )
    assert found == 1
    assert reads < 20
    assert heap < 24 * 1024


@pytest.mark.parametrize("heap", ["68k", "76k", "80k", "96k", "128k"])
def test_a_refusal_with_little_memory_is_still_a_certificate_error(heap):
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        arguments = [line.path, str(int(time.time()))]
        code, output = micropython.run(SHIMS / "mp_refused.py", arguments, controller, heap)
    assert code == 0, output
    assert output == "CertificateError 23 True\n"
    assert controller.open_sockets() == 0


def test_the_heap_is_flat_over_200_connections():
    from tests.faults.__main__ import connections

    heap, left = connections(200)
    assert left == 0
    assert len(set(heap[1:])) == 1, heap
