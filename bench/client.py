"""The smallest program that this is all about, on MicroPython: join, install a CA from a PEM file,
one verified GET, close. Which files it loads, and how much heap it needs."""

import functools
import time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding

from bench import board
from spwf04_sim import PtyPort
from tests.shims.controller import Controller, servers

_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")


@functools.cache
def certificate():
    """The test authority's certificate with a comment that makes it 1.3 KB of DER, as roots of
    the web are; PEM."""
    ca = x509.load_pem_x509_certificate(servers().ca.cert_pem.bytes())
    key: Any = serialization.load_pem_private_key(servers().ca.private_key_pem.bytes(), None)
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
    comment = x509.UnrecognizedExtension(_EXTENSION, b"\x04\x82\x03\x30" + bytes(816))
    signed = builder.add_extension(comment, False).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM)


def run(heap, *more):
    """Run it in a heap of so many KB; return what it prints."""
    folder = board.folder()
    (folder / "ca.pem").write_bytes(certificate())
    terminal = folder / "tty"  # a name of constant length
    controller = Controller()
    controller.world.ntp = int(time.time())
    with PtyPort(controller.module, vmin0=True) as port:
        terminal.unlink(missing_ok=True)
        terminal.symlink_to(port.path)
        return board.run("client", "tty", "ca.pem", *more, heap=f"{heap}k")


def fits(heap):
    """True if it gets through in a heap of so many KB."""
    try:
        return run(heap) > 0
    except board.Failed:
        return False


@functools.cache
def files():
    """({file: bytes of .mpy} of all that were loaded at some time, likewise at the end)."""
    sizes = board.sizes()
    seen = run(256, "watch")
    return tuple(
        {stem: sizes[stem] for stem in sorted(name[7:] or "__init__" for name in seen[which])}
        for which in ("loaded", "kept")
    )


def smallest_heap():
    """KB of heap it gets through with, and with every larger one."""
    return board.smallest(fits)
