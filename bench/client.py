"""Two programs on MicroPython: which files of the driver they load, and how much heap they need.

"client" is the smallest program with TLS: join, install a CA from a PEM file, one verified GET,
close. "example" is README's first: join, and the same GET with a bundle of roots, which finds and
installs the CA and sets the clock. Each runs on a factory-fresh module.
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
from tests.shims.controller import Controller
from tests.shims.servers import servers

PROGRAMS = ("client", "example")
# With one name more the table of names takes another 10 KB of heap, in one piece
NAMES = 1260
_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")


@functools.cache
def certificate():
    """Return the test authority's certificate with a comment that makes it 1.3 KB of DER, the
    size of the web's roots."""
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
def _file(program, folder):
    """Write the file of CAs of a program into a folder; return its name."""
    name, content = {
        "client": ("ca.pem", lambda: certificate().public_bytes(Encoding.PEM)),
        "example": (
            "roots.bin",
            lambda: build([*certifi_roots(), certificate().public_bytes(Encoding.DER)]),
        ),
    }[program]
    (folder / name).write_bytes(content())
    return name


def run(program, heap, through=(), bits=32, frozen=(), how=board.run):
    """Run a program in a heap of so many KB, on a factory-fresh module; return what it prints.

    through: a module of mp/ that runs the program and prints something about it. frozen: see
    board.output(). how: board.run, or board.output for all of it as text.
    """
    folder = board.folder(frozen)
    terminal = folder / "tty"  # a name of constant length
    controller = Controller()
    controller.world.ntp = int(time.time())
    with PtyPort(controller.module, vmin0=True) as port:
        terminal.unlink(missing_ok=True)
        terminal.symlink_to(port.path)
        words = *through, program, "tty", _file(program, folder)
        return how(*words, heap=f"{heap}k", bits=bits, frozen=frozen)


def fits(program, heap, times=1, frozen=()):
    """True if a program succeeds in a heap of so many KB, every one of so many times.

    Where the garbage lies depends on how fast the module answers, which differs each time.
    """
    try:
        return all(run(program, heap, frozen=frozen) > 0 for _ in range(times))
    except board.Failed:
        return False


@functools.cache
def files(program):
    """Return ({file: bytes of .mpy} of the files loaded at any time, the same at the end)."""
    sizes = board.sizes()
    # 64 bit: MicroPython 1.25 forgets who imports when another function calls its __import__
    seen = run(program, 512, ["loaded"], 64)
    return tuple(
        {file: sizes[file] for file in sorted(map(board.file_of, seen[which]))}
        for which in ("loaded", "kept")
    )


@functools.cache
def names(program):
    """Return how many names MicroPython has to keep for a program, beside those it always has."""
    told = run(program, 512, ["names"], how=board.output)
    return int(told.partition("n_qstr=")[2].partition(",")[0])


def left(program):
    """Return the bytes of heap in use when a program is done and its socket is closed."""
    return run(program, 512, ["left"])


def left_by_roots():
    """Return how many more bytes of heap stay in use after "example" than after "client"."""
    return left("example") - left("client")


@functools.cache
def smallest_heap(program, frozen=()):
    """Return the KB of heap in which, and above which, a program succeeds."""
    return board.smallest(functools.partial(fits, program, times=3, frozen=frozen))
