"""Certificates in the place of those that a log does not hold, with the lengths and identifiers
that it does hold."""

import datetime
import functools
import pathlib
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

_DER, _PEM = serialization.Encoding.DER, serialization.Encoding.PEM
# Valid whatever the module's clock shows: no log says when it was set last
_BEGIN, _END = datetime.datetime(1970, 1, 1), datetime.datetime(2049, 12, 31)
_FILLER = x509.ObjectIdentifier("1.3.6.1.4.1.99999.1")
_ROOT = "Recorded CA"
STRANGE = b"\xff" * 20  # the identifier of a CA that the module does not have


@functools.cache
def _rsa(number):
    return rsa.generate_private_key(65537, 2048)


@functools.cache
def _ec():
    return ec.generate_private_key(ec.SECP256R1())


def _large():
    """A public key of 4096 bits that nobody has the private key of."""
    return rsa.RSAPublicNumbers(65537, (1 << 4095) + 0x10001).public_key()


def _named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _signed(name, above, public, identifiers, key, ca=True, filler=None, digits=8):
    own, authority = identifiers
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(above))
        .public_key(public)
        .serial_number(1 << (8 * digits - 2))
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca, None), True)
    )
    if own is not None:
        builder = builder.add_extension(x509.SubjectKeyIdentifier(own), False)
    if authority is not None:
        known = x509.AuthorityKeyIdentifier(authority, None, None)
        builder = builder.add_extension(known, False)
    if not ca:
        builder = builder.add_extension(_alternative(name), False)
    if filler is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(_FILLER, bytes(filler)), False)
    return builder.sign(key, hashes.SHA256())


def _alternative(name):
    import ipaddress

    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(name)])


@functools.cache
def authority(identifier, size, pem=False):
    """A CA's certificate of exactly so many bytes (DER or PEM), with this subject key identifier
    (bytes); None if none is so small."""
    public = _rsa(0).public_key()
    pair = identifier, identifier

    def made(filler, digits):
        found = _signed(_ROOT, _ROOT, public, pair, _rsa(0), filler=filler, digits=digits)
        return found.public_bytes(_PEM if pem else _DER)

    smallest = made(None, 8)
    if pem or len(smallest) == size:
        return smallest + b"\n" * (size - len(smallest)) if len(smallest) <= size else None
    for filler in range(max(0, size - len(smallest) - 40), max(0, size - len(smallest))):
        for digits in (8, 9):  # where the length of a length changes, a byte is left over
            found = made(filler, digits)
            if len(found) == size:
                return found
    return None


def own():
    """(certificate, key) of the module itself, DER."""
    key = _rsa(1)
    public = key.public_key()
    found = _signed("module", _ROOT, public, (b"\2" * 20, STRANGE), _rsa(0), ca=False)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    plain = serialization.NoEncryption()
    return found.public_bytes(_DER), key.private_bytes(_DER, form, plain)


@functools.cache
def server(name, above, between=0, error=0):
    """An ssl.SSLContext of a server that shows a certificate with this name.

    above: the identifier of the CA that has issued it. between: how many intermediates it sends.
    error: the number of the Certificate Error that the chain is to cause, as far as it is known.
    """
    key = _ec() if error == 11 else _rsa(1)
    if error == 5:
        name = "another.invalid"
    if error == 23:
        above = STRANGE
    chain, issuer, identifier = [], _ROOT, above
    for n in range(max(between, error == 22)):
        public = _large() if error == 22 else _rsa(0).public_key()
        mine = bytes((n + 16,)) * 20
        title = f"Recorded intermediate {n}"
        chain.append(_signed(title, issuer, public, (mine, identifier), _rsa(0)))
        issuer, identifier = title, mine
    public = key.public_key()
    leaf = _signed(name, issuer, public, (b"\3" * 20, identifier), _rsa(0), ca=False)
    return _context([leaf, *reversed(chain)], key)


def _context(chain, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    text = b"".join(c.public_bytes(_PEM) for c in chain) + key.private_bytes(_PEM, form, plain)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "chain"
        file.write_bytes(text)
        context.load_cert_chain(file)
    return context
