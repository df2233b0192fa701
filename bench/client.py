"""The two programs that this is all about, on MicroPython: which files they load, and how much
heap they need.

"client" is the smallest with TLS: join, install a CA from a PEM file, one verified GET, close.
"example" is README's first: join, and the same GET with a bundle of roots, which finds and
installs the CA and sets the clock. Each gets a module that is new.
"""

import functools
import time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import Encoding

from bench import board
from spwf04_cli.server.roots import build, certifi_roots
from spwf04_sim import PtyPort
from tests.shims.controller import Controller, servers

PROGRAMS = ("client", "example")
_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")


@functools.cache
def certificate():
    """The test authority's certificate with a comment that makes it 1.3 KB of DER, as roots of
    the web are."""
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
    return builder.add_extension(comment, False).sign(key, hashes.SHA256())


@functools.cache
def _file(program):
    """The name of its file of trust, which lies on the board."""
    name, content = {
        "client": ("ca.pem", lambda: certificate().public_bytes(Encoding.PEM)),
        "example": (
            "roots.bin",
            lambda: build([*certifi_roots(), certificate().public_bytes(Encoding.DER)]),
        ),
    }[program]
    (board.folder() / name).write_bytes(content())
    return name


def run(program, heap, through=(), bits=32):
    """Run a program in a heap of so many KB, on a module that is new each time; return what it
    prints. through: a module that runs it, and tells something."""
    terminal = board.folder() / "tty"  # a name of constant length
    controller = Controller()
    controller.world.ntp = int(time.time())
    with PtyPort(controller.module, vmin0=True) as port:
        terminal.unlink(missing_ok=True)
        terminal.symlink_to(port.path)
        return board.run(*through, program, "tty", _file(program), heap=f"{heap}k", bits=bits)


def fits(program, heap, times=1):
    """True if it gets through in a heap of so many KB, each of so many times.

    Where the garbage lies depends on how fast the module answers, which is not the same each time.
    """
    try:
        return all(run(program, heap) > 0 for _ in range(times))
    except board.Failed:
        return False


@functools.cache
def files(program):
    """({file: bytes of .mpy} of all that were loaded at some time, likewise at the end)."""
    sizes = board.sizes()
    # 64 bit: MicroPython 1.25 forgets who imports when another function calls its __import__
    seen = run(program, 512, ["loaded"], 64)
    return tuple(
        {file: sizes[file] for file in sorted(map(board.file_of, seen[which]))}
        for which in ("loaded", "kept")
    )


def left(program):
    """Bytes of heap in use when it is done and its socket closed."""
    return run(program, 512, ["left"])


def left_by_roots():
    """Bytes of heap that stay in use after "example", above those after "client"."""
    return left("example") - left("client")


@functools.cache
def smallest_heap(program):
    """KB of heap it gets through with, and with every larger one."""
    return board.smallest(functools.partial(fits, program, times=3))
