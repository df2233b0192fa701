"""Servers with certificates that are the same bytes in every run, for the documentation."""

import contextlib
import datetime
import functools
import random
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.shims import awkward

NOW = 1764000000  # 2025-11-24: the present for these tests
_START, _END = datetime.datetime(2024, 1, 1), datetime.datetime(2049, 1, 1)


def _prime(chance, bits):
    while True:
        n = chance.getrandbits(bits) | 3 << bits - 2 | 1
        if all(n % k for k in range(3, 2000, 2)) and all(pow(a, n - 1, n) == 1 for a in (2, 3, 5)):
            return n


@functools.cache
def rsa_key(seed, bits=2048):
    """An RSA key that depends on the seed only."""
    chance = random.Random(seed)
    p, q = _prime(chance, bits // 2), _prime(chance, bits // 2)
    d = rsa.rsa_recover_private_exponent(65537, p, q)
    public = rsa.RSAPublicNumbers(65537, p * q)
    more = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *more, public).private_key()


def ec_key(seed):
    """A P-256 key that depends on the seed only."""
    return ec.derive_private_key(random.Random(seed).getrandbits(255), ec.SECP256R1())


class Made:
    """A certificate and its key; a CA unless it is for hosts."""

    def __init__(self, subject, key, above=None, hosts=(), end=_END):
        self.key = key
        self.above = above
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        signer = above or self
        public, usage = key.public_key(), not hosts
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(public)
            .serial_number(1 << 64 | sum(subject.encode()))
            .not_valid_before(_START)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(usage, None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), False
            )
        )
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, False)
        more = {}
        if isinstance(signer.key, ec.EllipticCurvePrivateKey):
            more["ecdsa_deterministic"] = True
        self.certificate = builder.sign(signer.key, hashes.SHA256(), **more)

    def pem(self):
        """Its certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def configure_cert(self, context):
        """Have an SSLContext show it and those above it without the root, as in trustme."""
        chain, one = b"", self
        while one.above is not None:
            chain, one = chain + one.pem(), one.above
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(chain + key)
            file.flush()
            context.load_cert_chain(file.name)


@functools.cache
def authorities():
    """(ECDSA root, RSA root)"""
    return Made("Example Root E1", ec_key(1)), Made("Example Root R1", rsa_key(2))


@functools.cache
def leaves():
    """{host: Made}"""
    ecdsa, rsa_root = authorities()
    middle = Made("Example CA E5", ec_key(3), ecdsa)
    mixed = Made("Example CA R5", rsa_key(4), rsa_root)
    old = datetime.datetime(2025, 11, 1)
    return {
        "www.example.com": Made(
            "www.example.com", ec_key(5), middle, ["www.example.com", "example.com"]
        ),
        "iot.example.net": Made("iot.example.net", ec_key(6), mixed, ["iot.example.net"]),
        "api.example.org": Made("api.example.org", rsa_key(7), mixed, ["api.example.org"]),
        "old.example.com": Made("old.example.com", ec_key(8), middle, ["old.example.com"], old),
    }


@contextlib.contextmanager
def internet():
    """{(host, 443): address} of real servers with these certificates, until the block ends."""
    with contextlib.ExitStack() as stack:
        yield {
            (host, 443): stack.enter_context(awkward.serving(awkward.tls(leaf, lambda _: None)))
            for host, leaf in leaves().items()
        }


def write_roots(file):
    """Write the authorities to a PEM file."""
    with open(file, "wb") as f:
        f.write(b"".join(one.pem() for one in authorities()))
