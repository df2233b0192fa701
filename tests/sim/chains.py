"""Chains that trustme does not make."""

import datetime
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tests.shims.shapes import rsa_key


class Chain:
    """Certificates, leaf first, and the leaf's key; with configure_cert() as trustme has it."""

    def __init__(self, certificates, key):
        self._pem = b"".join(
            c.public_bytes(serialization.Encoding.PEM) for c in certificates
        ) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def configure_cert(self, context: ssl.SSLContext):
        """Give the server context this chain."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self._pem)
            file.flush()
            context.load_cert_chain(file.name)


def issue(issuer, issuer_key, name, key, ca=False):
    """Sign a certificate that is valid around today."""
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    return builder.sign(issuer_key, hashes.SHA256())


def rsa4096_intermediate(authority, host):
    """Make a leaf (RSA-2048) and an intermediate (RSA-4096) under a trustme authority with an RSA
    key."""
    root = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    root_key = serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)
    middle_key = rsa_key(0, 4096)
    leaf_key = rsa_key(0)
    middle = issue(root, root_key, "Microsoft IT TLS CA 1", middle_key, ca=True)
    leaf = issue(middle, middle_key, host, leaf_key)
    return Chain([leaf, middle], leaf_key)
