"""What a scenario can ask for that needs no module: certificates, files, the time.

Part of a Controller, and of what a real module gets (tests/hardware/hooks.py).
"""

import functools
import pathlib
import ssl
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_cli.server.roots import build, certifi_roots
from tests import ALL
from tests.shims.servers import servers


@functools.cache
def bundle_file():
    """Return a root bundle: all of certifi, and the authorities of the test servers."""
    made = servers()
    pems = [ca.cert_pem.bytes() for ca in (made.ca, made.other_ca, made.rsa_ca)]
    ders = [x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in pems]
    folder = tempfile.mkdtemp(prefix="spwf04-roots-")
    file = pathlib.Path(folder) / "roots.bin"
    file.write_bytes(build(certifi_roots() + ders))
    return str(file)


class Credentials:
    """The part of a Controller that needs no module."""

    def now(self):
        return int(time.time())

    def many(self):
        """Return how many connections many.py makes."""
        return 500 if ALL else 40

    def ca_pem(self):
        return servers().ca.cert_pem.bytes().decode()

    def ca_file(self):
        """Return the name of a file with that CA."""
        file = pathlib.Path(bundle_file()).parent / "ca.pem"
        file.write_bytes(servers().ca.cert_pem.bytes())
        return str(file)

    @staticmethod
    def scratch_file(name):
        """Return the path of a file of this name that is not there yet, or was made before."""
        folder = pathlib.Path(bundle_file()).parent / "scratch"  # apart from what all tests share
        folder.mkdir(exist_ok=True)
        return str(folder / name)

    def other_ca_pem(self):
        return servers().other_ca.cert_pem.bytes().decode()

    def leaf_pem(self):
        return servers().leaf.cert_chain_pems[0].bytes().decode()

    def ca_der(self):
        return self._ca().public_bytes(Encoding.DER)

    def other_ca_der(self):
        return ssl.PEM_cert_to_DER_cert(self.other_ca_pem())

    def ca_ski(self):
        return (
            self._ca()
            .extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            .value.digest.hex()
        )

    def _ca(self):
        return x509.load_pem_x509_certificate(servers().ca.cert_pem.bytes())

    def bundle(self):
        return bundle_file()

    def certifi_bundle(self):
        folder = pathlib.Path(bundle_file()).parent
        file = folder / "certifi.bin"
        if not file.exists():
            file.write_bytes(build(certifi_roots()))
        return str(file)

    def fingerprint(self):
        """Return the SHA-256 of self.example's certificate."""
        return servers().self_signed.certificate.fingerprint(hashes.SHA256()).hex()

    def self_pem(self):
        """Return self.example's certificate in PEM."""
        return servers().self_signed.certificate.public_bytes(Encoding.PEM).decode()

    def leaf_fingerprint(self):
        leaf = x509.load_pem_x509_certificate(self.leaf_pem().encode())
        return leaf.fingerprint(hashes.SHA256()).hex()

    def client_files(self):
        """Return the names of a client certificate and its key in PEM."""
        folder = pathlib.Path(bundle_file()).parent
        names = folder / "client.pem", folder / "client.key"
        if not names[0].exists():
            names[1].write_bytes(servers().client.private_key_pem.bytes())
            names[0].write_bytes(servers().client.cert_chain_pems[0].bytes())
        return [str(name) for name in names]

    def rsa_ca_pem(self):
        """Return the PEM of beyond.example's CA."""
        return servers().rsa_ca.cert_pem.bytes().decode()

    def server_files(self):
        """Return the names of www.example.com's certificate and its key in PEM."""
        folder = pathlib.Path(bundle_file()).parent
        names = folder / "server.pem", folder / "server.key"
        if not names[0].exists():
            names[1].write_bytes(servers().leaf.private_key_pem.bytes())
            names[0].write_bytes(servers().leaf.cert_chain_pems[0].bytes())
        return [str(name) for name in names]
