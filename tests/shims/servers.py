"""Real servers on loopback, with chains made by trustme, for the whole test session."""

import datetime
import functools
import http.server
import ssl
import tempfile
import threading

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import HANG

# Where the servers of this process listen: tests/hardware has them heard by a real module too
HERE = ["127.0.0.1"]
PAGE = b"<html>" + b"A page, verified and complete. " * 14 + b"</html>\n"


def pattern(n):
    """n bytes that show whether one is missing."""
    return bytes([i * 7 % 251 for i in range(n)])


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = pattern(20000) if self.path == "/large" else PAGE
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, certificate=None, client_ca=None, tls13=False):
        super().__init__((HERE[0], 0), _Handler)
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(self._context)
            if tls13:
                self._context.minimum_version = ssl.TLSVersion.TLSv1_3
            if client_ca is not None:
                client_ca.configure_trust(self._context)
                self._context.verify_mode = ssl.CERT_REQUIRED
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, address):
        if self._context is not None:
            request.settimeout(HANG)
            try:
                request = self._context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError):
                return  # the client refused this server; some tests want that
        super().finish_request(request, address)
        if self._context is not None:
            try:
                request.unwrap()
            except (ssl.SSLError, OSError, ValueError):
                pass
            request.close()

    def handle_error(self, request, address):
        pass


class Servers:
    """ca and other_ca: two authorities; .targets: (host, port) -> loopback address."""

    def __init__(self):
        ecdsa, rsa = trustme.KeyType.ECDSA, trustme.KeyType.RSA
        self.ca = trustme.CA(key_type=ecdsa)
        self.other_ca = trustme.CA(key_type=ecdsa)
        self.rsa_ca = trustme.CA(key_type=rsa)
        past = datetime.datetime(2020, 1, 1)
        # As of real servers: not valid yet in the year that the module's clock shows at power-on
        dates = {"not_before": datetime.datetime.now() - datetime.timedelta(days=9)}
        dates["key_type"] = ecdsa

        def issue(authority, host, **more):
            return authority.issue_cert(host, common_name=host, **{**dates, **more})

        self.leaf = issue(self.ca, "www.example.com")
        chains = {
            "www.example.com": self.leaf,
            "other-ca.example": issue(self.other_ca, "other-ca.example"),
            "expired.example": issue(self.ca, "expired.example", not_before=None, not_after=past),
            "mixed.example": issue(self.rsa_ca, "mixed.example"),
            "wild.example": issue(self.ca, "*.example"),
        }
        self.self_signed = SelfSigned("self.example")
        chains["self.example"] = self.self_signed
        self.client_ca = trustme.CA(key_type=ecdsa)
        self.client = self.client_ca.issue_cert(
            "device-17.example", common_name="device-17.example", **dates
        )
        self.collectors = {
            "collector.example": issue(self.ca, "collector.example"),
            "beyond.example": issue(self.rsa_ca, "beyond.example"),
        }
        self.tls13 = issue(self.ca, "tls13.example")
        self._servers = {(host, 443): _Server(chain) for host, chain in chains.items()}
        self._servers["plain.example", 80] = _Server()
        mutual = issue(self.ca, "mutual.example")
        self._servers["mutual.example", 443] = _Server(mutual, self.client_ca)
        modern = issue(self.ca, "modern.example")
        self._servers["modern.example", 443] = _Server(modern, tls13=True)
        self.targets = {key: s.server_address for key, s in self._servers.items()}


@functools.cache
def servers():
    """Return the servers of this test session."""
    return Servers()


class SelfSigned:
    """A server with its own certificate, without any key identifier, as in the thread [T1]."""

    def __init__(self, host):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        now = datetime.datetime.now(datetime.timezone.utc)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(17)
            .not_valid_before(now - datetime.timedelta(days=9))
            .not_valid_after(now + datetime.timedelta(days=900))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
            .sign(key, hashes.SHA256())
        )
        self._pem = self.certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def configure_cert(self, context):
        """Have an SSLContext show it, as in trustme."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self._pem)
            file.flush()
            context.load_cert_chain(file.name)
