"""TLS servers inside the simulation, without sockets, threads and real time."""

import datetime
import functools
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from spwf04_sim import Peer

_DER, _PEM = serialization.Encoding.DER, serialization.Encoding.PEM
_NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def day(n):
    """The moment n days from now."""
    return _NOW + datetime.timedelta(days=n)


class Certified:
    """A certificate and its key. above: the Certified that signs it, None: itself. chain: PEM of
    further certificates that a server shows with it."""

    chain = ""

    def __init__(
        self, name, above=None, hosts=(), key=None, days=(-9, 900), serial=None, subject=None
    ):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.above = above
        signer = above or self
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject or name)])
        public, issuer = self.key.public_key(), signer.key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(signer.subject)
            .public_key(public)
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(day(days[0]))
            .not_valid_after(day(days[1]))
            .add_extension(x509.BasicConstraints(not hosts, None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), False)
        )
        if hosts:
            names = [x509.DNSName(host) for host in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        self.certificate = builder.sign(signer.key, hashes.SHA256())
        self.name = name

    @property
    def der(self):
        return self.certificate.public_bytes(_DER)

    @property
    def pem(self):
        return self.certificate.public_bytes(_PEM).decode()

    @property
    def key_pem(self):
        return self.key.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def ski(self):
        extension = x509.SubjectKeyIdentifier
        return self.certificate.extensions.get_extension_for_class(extension).value.digest.hex()

    def renewed(self, days=(-1, 3000)):
        """A certificate with the same name, key and length of DER, but other dates."""
        while True:
            made = Certified(
                self.name, key=self.key, days=days, serial=self.certificate.serial_number
            )
            if len(made.der) == len(self.der):
                return made

    @functools.cached_property
    def server(self):
        """An ssl.SSLContext that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(self.pem + self.chain + self.key_pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context


class TlsPeer(Peer):
    """Answers one request. seen: a list that gets the common name of the client's certificate, or
    None, for each completed handshake."""

    def __init__(self, context, seen):
        super().__init__()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._seen = seen
        self._shaken = False

    def on_data(self, data):
        self._in.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while True:
                if not self._tls.read(4096):
                    break
                shown = self._tls.getpeercert(True)
                self._seen.append(_name(shown) if shown else None)
                self._tls.write(b"HTTP/1.0 200 OK\r\n\r\nok")
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, OSError):
            self._flush()
            self.close()
            return
        self._flush()

    def _flush(self):
        if self._out.pending:
            self.send(self._out.read())


def _name(der):
    certificate = x509.load_der_x509_certificate(der)
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
