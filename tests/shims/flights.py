"""Servers inside the simulation that send bytes which no TLS library would send."""

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from spwf04 import SPWF04
from spwf04_sim import Peer, SimulatedModule, Timing, VirtualClock, World

HOST = "www.example.com"
NOW = datetime.datetime(2026, 6, 1)


def record(kind, body):
    """Make a TLS record."""
    return bytes((kind, 3, 3)) + len(body).to_bytes(2, "big") + bytes(body)


def message(kind, body):
    """Make a handshake message."""
    return bytes((kind,)) + len(body).to_bytes(3, "big") + bytes(body)


def listed(ders):
    """Make the body of a Certificate message."""
    body = b"".join(len(der).to_bytes(3, "big") + bytes(der) for der in ders)
    return len(body).to_bytes(3, "big") + body


HELLO = message(2, b"\3\3" + bytes(32) + b"\0\xc0\x2b\0")
DONE = message(14, b"")


def flight(ders):
    """Make ServerHello, Certificate and ServerHelloDone, in records of at most 16000 bytes."""
    data = HELLO + message(11, listed(ders)) + DONE
    return b"".join(record(22, data[at : at + 16000]) for at in range(0, len(data), 16000))


def alert(number, level=2):
    """Make the record of an alert; level 1: a warning."""
    return record(21, bytes((level, number)))


@functools.cache
def key(n):
    """Return a key; the same n gives the same key."""
    return ec.derive_private_key(1000 + n, ec.SECP256R1())


def name(text):
    """Make a Name with this common name; None: an empty Name."""
    if text is None:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@functools.cache
def certificate(subject, issuer, own, signer, ca=True, identifiers=True, days=(-9, 90), pad=0):
    """DER of a certificate. subject, issuer: common names; own, signer: numbers of keys; pad: how
    many meaningless bytes it has."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key(own).public_key())
        .serial_number(own + 1)
        .not_valid_before(NOW + datetime.timedelta(days=days[0]))
        .not_valid_after(NOW + datetime.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), True)
    )
    if identifiers:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(key(signer).public_key())
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key(own).public_key()), False
        ).add_extension(above, False)
    if pad:
        oid = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, bytes(pad)), False)
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)
    return builder.sign(key(signer), hashes.SHA256()).public_bytes(Encoding.DER)


ROOT = certificate("Root", "Root", 0, 0)
MIDDLE = certificate("Middle", "Root", 1, 0)
LEAF = certificate(HOST, "Middle", 2, 1, ca=False)


def says(*parts):
    """Make a Peer that answers its first bytes with these parts. At None it closes."""

    class Saying(Peer):
        said = False

        def on_data(self, data):
            if not self.said:
                self.said = True
                for part in parts:
                    if part is None:
                        self.close()
                    else:
                        self.send(part)

    return Saying


def slowly(clock, seconds, data):
    """A Peer that sends data byte by byte, again and again, after it has got its first bytes.

    seconds: virtual time between two bytes.
    """

    class Slow(Peer):
        begun = None

        def __init__(self):
            self._out = bytearray()
            self._sent = 0
            super().__init__()

        def on_data(self, data):
            if self.begun is None:
                self.begun = clock.now()

        @property
        def outgoing(self):
            if self.begun is not None:
                due = min(int((clock.now() - self.begun) / seconds), self._sent + 5000)
                while self._sent < due:
                    self._out.append(data[self._sent % len(data)])
                    self._sent += 1
            return self._out

        @outgoing.setter
        def outgoing(self, value):
            self._out = value

    return Slow


def joined(longest=1, clock_is_set=True, **options):
    """Return (radio, module): a fresh module in a world of its own, with its clock set to NOW."""
    world = World()
    world.add_access_point("home", "correct horse")
    clock = VirtualClock(longest)
    module = SimulatedModule(world, clock=clock, timing=Timing.fast(), **options)
    module.power_on()
    radio = SPWF04(module.uart("machine"), clock=clock)
    radio.connect("home", "correct horse")
    if clock_is_set:
        radio.set_time(int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp()))
    return radio, module
