"""Certificates for the servers of the experiments: good ones, and ones that break a rule.

Keys are made once in a process, and are gone with it. All but a few are RSA with 2048 bits,
because firmware 1.0.0 knows no others.
"""

import base64
import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

HOST = "www.example.com"
_DAY = datetime.timedelta(days=1)
_DER, _PEM = serialization.Encoding.DER, serialization.Encoding.PEM
_SHA256_RSA = bytes.fromhex("2a864886f70d01010b")  # the identifier of that signature
_OLD = {"MD5": (4, hashes.MD5()), "SHA-1": (5, hashes.SHA1())}
# The primes of a key of 512 bits. `cryptography` makes none that is so small
_SMALL = (
    0xEFB107B9D4ECD9C1072B17EE0E3BD83A459BDA50553C19DA1738D0076B990E63,
    0xC74237C7B30B223187BE09D5762CBC59B55AF2927CCC77832268F7BE53EFEECF,
)


@functools.cache
def rsa_key(n, bits=2048):
    """The n-th RSA key of a size, always the same in a process."""
    return rsa.generate_private_key(65537, bits)


@functools.cache
def small_key():
    """A key with 512 bits, which anybody may know."""
    p, q = _SMALL
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    parts = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *parts, public).private_key()


@functools.cache
def ec_key(n, curve=ec.SECP256R1):
    """The n-th key of a curve, always the same in a process."""
    return ec.generate_private_key(curve())


def dns(*names):
    """Names of hosts, as an extension has them."""
    return [x509.DNSName(name) for name in names]


def usage(sign):
    """What a key may be used for: to sign certificates, or for a server."""
    return x509.KeyUsage(not sign, False, not sign, False, False, sign, sign, False, False)


class Certified:
    """A certificate, and its key.

    name: its common name, None for none. above: the Certified that signs it; None: itself. names:
    its alternative names, a list of x509.GeneralName; without them it is a CA's. identifiers: it
    tells its own key and that of its issuer. flag: what it says of being a CA, None for nothing.
    path: the path length. sign: a CA's key may sign certificates, None: nothing is said. purposes:
    of ExtendedKeyUsageOID. extra: list of (extension, critical). issuer: a text that stands for
    the issuer's common name. pss: it is signed with RSA-PSS. der: the certificate.
    """

    def __init__(
        self,
        name,
        above=None,
        key=None,
        names=(),
        *,
        identifiers=True,
        flag: "bool | None" = True,
        path=None,
        sign: "bool | None" = True,
        purposes=(),
        extra=(),
        issuer=None,
        pss=False,
        hash=None,
    ):
        self.key = key or rsa_key(1)
        self.name = name
        self.identifiers = identifiers
        signer = above or self
        builder = _begun(name, signer.name if issuer is None else issuer, self.key)
        more = list(extra)
        if names:
            more.append((x509.SubjectAlternativeName(names), name is None))
        elif flag is not None:
            more.append((x509.BasicConstraints(flag, path if flag else None), True))
        if not names and sign is not None:
            more.append((usage(sign), True))
        if purposes:
            more.append((x509.ExtendedKeyUsage(purposes), False))
        if identifiers:
            more.append((_identifier(self.key), False))
        if identifiers and signer.identifiers:
            parent = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
            more.append((parent, False))
        for value, critical in more:
            builder = builder.add_extension(value, critical)
        made = hash or hashes.SHA256()
        pad = padding.PSS(padding.MGF1(made), made.digest_size) if pss else None
        self.signer = signer
        self.made = builder.sign(signer.key, made, rsa_padding=pad)
        self.der = self.made.public_bytes(_DER)

    @property
    def pem(self):
        """The certificate as PEM, bytes."""
        return pem(self.der)

    @property
    def key_pem(self):
        """Its private key as PEM, bytes."""
        return key_pem(self.key)

    @property
    def identifier(self):
        """Its subject key identifier, 20 bytes: the SHA-1 of its public key."""
        return _identifier(self.key).digest

    def key_as(self, form):
        """Its private key as DER. form: "older" for PKCS#1, "pkcs8"."""
        older = serialization.PrivateFormat.TraditionalOpenSSL
        form = older if form == "older" else serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(_DER, form, serialization.NoEncryption())

    def with_changed(self, old, new, hash=None):
        """DER of this certificate with other bytes of the same length in it, signed anew. hash:
        "MD5", "SHA-1", None for that which it has. Its issuer has an RSA key."""
        tbs = self.made.tbs_certificate_bytes
        number, made = _OLD[hash] if hash else (11, hashes.SHA256())
        changed = tbs.replace(old, new).replace(
            _SHA256_RSA, _SHA256_RSA[:-1] + bytes((number,)), 1
        )
        signature = self.signer.key.sign(changed, padding.PKCS1v15(), made)
        rest = self.der[self.der.index(tbs) + len(tbs) : -len(signature)]
        rest = rest.replace(_SHA256_RSA, _SHA256_RSA[:-1] + bytes((number,)), 1)
        return self.der[: self.der.index(tbs)] + changed + rest + signature


def _begun(name, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * _DAY)
        .not_valid_after(now + 80 * _DAY)
    )


def _named(text):
    return x509.Name([] if text is None else [x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _identifier(key):
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def pem(der):
    """A certificate in DER as PEM, bytes."""
    lines = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + lines + b"-----END CERTIFICATE-----\n"


def key_pem(key):
    """A private key as PEM, bytes."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(_PEM, form, serialization.NoEncryption())


@functools.cache
def root():
    """The usual CA."""
    return Certified("spwf04 probe root", key=rsa_key(0))


def under_root(**more):
    """A server's certificate for HOST that the usual CA has signed."""
    return Certified(HOST, root(), names=dns(HOST), **more)
