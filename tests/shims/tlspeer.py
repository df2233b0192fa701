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
_SILENT = 0.3  # s after which a client waits to be greeted: so it does not speak TLS
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


class Front(Peer):
    """TLS before a server of another kind, which also takes whoever comes without TLS.

    context: an ssl.SSLContext, genuine: the client may trust it. behind: the Peer. What that gets
    without TLS is in stage.in_clear, what it gets by TLS with a false certificate in
    stage.deceived.
    """

    def __init__(self, context, behind, stage, genuine):
        self._behind = behind
        self._clock, self._since = stage.clock, stage.clock.now()
        self._free = bytearray()
        super().__init__()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._stage, self._genuine = stage, genuine
        self._plain: bool | None = None  # None: nobody has said anything
        self._shaken = self._left = False

    def on_data(self, data):
        if self._plain is None:
            self._begin(data[:1] != b"\x16")  # a handshake's
        if self._plain:
            self._stage.in_clear += data
            self._behind.on_data(data)
            return
        self._in.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                self._behind.on_connect()
            while part := self._tls.read(4096):
                if not self._genuine:
                    self._stage.deceived += part
                self._behind.on_data(part)
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, OSError):
            self.close()

    def _begin(self, plain):
        self._plain = plain
        if plain:
            self._behind.on_connect()

    @property
    def outgoing(self):
        said = self._behind.outgoing
        if self._plain is None and self._clock.now() > self._since + _SILENT:
            self._begin(True)
        if self._plain:
            return said
        if self._shaken and said:
            self._tls.write(bytes(said))
            said.clear()
        if self._shaken and self._behind.closed and not self._left:
            self._left = True
            try:
                self._tls.unwrap()
            except (ssl.SSLError, OSError):
                pass  # it does not wait for the answer
        self._free += self._out.read()
        return self._free

    @outgoing.setter
    def outgoing(self, data):
        self._free = data

    @property
    def closed(self):
        return self._behind.closed

    @closed.setter
    def closed(self, closed):
        self._behind.closed = closed


@functools.cache
def alike(name, above=None, hosts=()):
    """A Certified, always with the same number of bytes."""
    while True:
        made = Certified(name, above, hosts, serial=1 << 100)
        if len(made.certificate.signature) == 71:
            return made


@functools.cache
def for_clients_of(server, above):
    """The ssl.SSLContext of a server (Certified) that wants a certificate by `above`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(server.pem + server.key_pem)
        file.flush()
        context.load_cert_chain(file.name)
    context.load_verify_locations(cadata=above.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def among_strangers(stage, host, port, server, clients=None):
    """Have server() answer at host:port by TLS; return the CA (DER) by which a Stage knows it.
    clients: the Certified by which it knows its clients, None if they need no certificate.

    Every other name and port is a stranger's, and so is the host for whoever comes without TLS.
    What the strangers get is in stage.in_clear and stage.deceived, see Front.
    """
    ca = alike("The CA")
    world = stage.world
    resolve, target = world.resolve, world.target

    def certified(by):
        context = by.server if clients is None else for_clients_of(by, clients)
        return lambda: Front(context, server(), stage, by.above is ca)

    world.route(host, port, certified(alike(host, ca, (host,))))
    others = certified(alike(host, alike("Another CA"), (host,)))
    world.resolve = lambda name: resolve(name) or world.add_host(name)
    world.target = lambda ip, number: target(ip, number) or others
    world.ntp = _NOW.timestamp()
    stage.radio.set_time(int(world.ntp))
    return ca.der


def _name(der):
    certificate = x509.load_der_x509_certificate(der)
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
