"""Makes a root bundle: python -m spwf04_cli.bundle -o roots.bin [host ...]

Without hosts, all roots of certifi; with hosts, those that stand above the chains which these
hosts send today (each is verified here by OpenSSL with certifi first). The file is for
spwf04.bundle.Bundle, which describes its format.
"""

import argparse
import hashlib
import pathlib
import socket
import ssl
import struct
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from spwf04.discover import Chain
from spwf04.hello import Flight, client_hello
from spwf04.trust import anchors
from spwf04.x509info import Bytes, CertificateInfo


def certifi_roots():
    """DER of every root that certifi trusts, as a list."""
    import certifi

    return pem_certificates(pathlib.Path(certifi.where()).read_bytes())


def pem_certificates(data):
    """DER of every certificate in a PEM file, as a list."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    blocks = data.decode("utf-8", "replace").split(begin)[1:]
    return [ssl.PEM_cert_to_DER_cert(begin + b.partition(end)[0] + end) for b in blocks]


def build(ders):
    """The bytes of a bundle of these certificates (DER, duplicates are dropped)."""
    ders = list(dict.fromkeys(bytes(der) for der in ders))
    if len(ders) > 65535:
        raise ValueError("a bundle holds at most 65535 certificates")
    offset = 8 + 32 * len(ders)
    by_key, by_name = [], []
    for der in ders:
        info = CertificateInfo(Bytes(der), len(der))
        if info.damaged:
            raise ValueError(info.damaged)
        place = struct.pack(">IHH", offset, len(der), 0)
        by_key.append(bytes.fromhex(str(info.ski)).ljust(8, b"\0")[:8] + place)
        by_name.append(info.subject_hash[:8] + place)
        offset += len(der)
    head = b"SPWR\x01\0" + struct.pack(">H", len(ders))
    return b"".join([head, *sorted(by_key), *sorted(by_name), *ders])


class _Local:
    """A list of DER with the face of spwf04.bundle.Bundle."""

    def __init__(self, ders):
        self._roots = [(CertificateInfo(Bytes(der), len(der)), _Root(der)) for der in ders]

    def by_key(self, identifier):
        return [root for info, root in self._roots if info.ski == identifier]

    def by_name(self, digest):
        return [root for info, root in self._roots if info.subject_hash == digest]


class _Root:
    def __init__(self, der):
        self._der = der

    def der(self):
        return self._der


def chain_of(host, port=443, timeout=20):
    """(the spwf04.discover.Chain that a server sends to a TLS 1.2 client, {SHA-256: DER} of its
    certificates), asked from this PC."""
    chain, ders = Chain(host, port), {}
    with socket.create_connection((host, port), timeout) as sock:
        sock.sendall(client_hello(host.encode(), hashlib.sha256(host.encode()).digest()))
        flight = Flight(sock.recv_into, bytearray(2048))
        flight.begin()
        while (size := flight.next_certificate()) != 0:
            flight.copy = copy = bytearray()
            info = CertificateInfo(flight, size, host)
            ders[info.sha256] = bytes(copy)
            chain.certificates.append(info)
    return chain, ders


def roots_for(host, port, ders, issuers=False):
    """The roots (DER) above the chain of a host that OpenSSL verifies with them.

    issuers: also the intermediates between, as far as their signatures lead to a root.
    OSError or ssl.SSLError if it does not; HelloError if the host hides its chain.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(ders))
    with socket.create_connection((host, port), 20) as sock:
        context.wrap_socket(sock, server_hostname=host).close()
    chain, sent = chain_of(host, port)
    found = [root.der() for root, _ in anchors(chain, _Local(ders))]
    if issuers:
        above = [x509.load_der_x509_certificate(der) for der in found]
        for info in reversed(chain.path()[1:]):
            certificate = x509.load_der_x509_certificate(sent[info.sha256])
            if any(_signed(certificate, issuer) for issuer in above):
                above.append(certificate)
                found.append(sent[info.sha256])
    return list(dict.fromkeys(found))


def _signed(certificate, issuer):
    try:
        certificate.verify_directly_issued_by(issuer)
        return True
    except (ValueError, TypeError, InvalidSignature):
        return False


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m spwf04_cli.bundle", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("hosts", nargs="*", metavar="HOST[:PORT]", help="default: all of certifi")
    parser.add_argument("-o", "--output", required=True, help="file to write; .py: to be frozen")
    parser.add_argument("--ca", action="append", default=[], help="add the CAs of a PEM file")
    parser.add_argument("--no-certifi", action="store_true", help="only what --ca names")
    parser.add_argument(
        "--issuers", action="store_true", help="with hosts: their verified intermediates as well"
    )
    options = parser.parse_args(arguments)
    ders = [] if options.no_certifi else certifi_roots()
    for name in options.ca:
        ders += pem_certificates(pathlib.Path(name).read_bytes())
    if options.hosts:
        found = []
        for text in options.hosts:
            host, _, port = text.partition(":")
            try:
                above = roots_for(host, int(port or 443), ders, options.issuers)
            except (OSError, ValueError) as e:
                print(f"{text}: {e}", file=sys.stderr)
                return 1
            print(f"{text}: {len(above)} CA(s)")
            found += above
        ders = found
    if not ders:
        print("no certificates: name hosts or --ca", file=sys.stderr)
        return 1
    data = build(ders)
    if options.output.endswith(".py"):
        text = f'"""Trusted roots: Bundle({pathlib.Path(options.output).stem}.DATA)."""\n\n'
        pathlib.Path(options.output).write_text(f"{text}DATA = {data!r}\n")
    else:
        pathlib.Path(options.output).write_bytes(data)
    count = struct.unpack(">H", data[6:8])[0]
    print(f"{options.output}: {count} roots, {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
