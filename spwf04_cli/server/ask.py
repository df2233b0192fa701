"""Asks a server from this computer: the chain that it would send the module, the versions of TLS
that it offers, and OpenSSL's verdict. predict.py says what the module makes of that."""

import contextlib
import hashlib
import queue
import re
import socket
import ssl
import threading
import time

from spwf04.arguments import host as checked
from spwf04.arguments import server_name
from spwf04.pki.certificate import read
from spwf04.pki.chain import Chain
from spwf04.pki.handshake import Flight, HelloError, client_hello
from spwf04.pki.names import is_address

from ..advice import sentence

_AT_ONCE = 32  # servers that are asked at a time
_GRACE = 1  # seconds that an Answer may be late
_PORTS = {"https": 443, "wss": 443, "mqtts": 8883, "ssl": 443, "tls": 443}
_PARTIAL_CHAIN = 0x80000  # ssl.VERIFY_X509_PARTIAL_CHAIN, from Python 3.10 on
_LEGACY_SERVER = 4  # ssl.OP_LEGACY_SERVER_CONNECT, from 3.12 on
_VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2"}
_PORT = "Check the port: services without TLS are often on others"
_HOST_TLS = sentence("use_host_tls")
_ANSWERS = {40: _HOST_TLS, 70: _HOST_TLS, 71: _HOST_TLS, 112: "Check the host, or --name"}
_TLS12, _TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def target(text):
    """(host, port) of HOST, HOST:PORT or a URL; ValueError says what is wrong with it. The rules
    for the host are the driver's."""
    shown = text.rpartition("@")[2]  # a password may stand before it
    name, port = text, "443"
    if "://" in text:
        scheme, _, rest = text.partition("://")
        name = re.split("[/?#]", rest)[0].rpartition("@")[2]
        if scheme.lower() not in _PORTS:
            raise ValueError(f"{shown}: which port? Write HOST:PORT")
        port = str(_PORTS[scheme.lower()])
    if name.count(":") == 1 and "@" not in name:
        name, _, port = name.partition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{shown}: the port is a number from 1 to 65535")
    return server(name, shown), int(port)


def server(name, shown):
    """The name of a server as str, by the driver's rules; ValueError. shown: what was typed."""
    try:
        return server_name(checked(name, "the host"), "the host").decode()
    except ValueError as e:
        form = _in_ascii(name)
        raise ValueError(f"{shown}: {e}{f': {form}' if form else ''}") from None


def _in_ascii(name):
    """The xn-- form of a name with letters beyond ASCII. None if there is none, or if two
    standards differ about it, as about the German sharp s."""
    try:
        form = name.rstrip(".").encode("idna")
        same = form.decode("idna") == name.rstrip(".").lower()
        return form.decode() if same and not name.isascii() else None
    except UnicodeError:
        return None


def where(host, port):
    """HOST or HOST:PORT, as for target()."""
    return host if port == 443 else f"{host}:{port}"


class Answer:
    """What a server answered.

    error: why there is no chain (str), or None. alert: number of its TLS alert, or None.
    remedy: what to do about the error. chain: the pki.chain.Chain that a TLS 1.2 client is sent,
    or None. ders: {SHA-256: DER}. versions: list of str. suite: name of the cipher suite that it
    chooses for the module, or None. verified: OpenSSL trusts it. verdict: OpenSSL's words. code:
    OpenSSL's number, 0 if verified, -1 if the handshake ended before that. by_root: (code,
    verdict) with only the CA that the module needs, None if that is not known. asks_certificate:
    it asks for a client's certificate. changes: it showed different certificates to two
    connections.
    """

    error = alert = remedy = chain = verdict = by_root = None
    suite: "str | None" = None
    verified = asks_certificate = changes = False
    code = -1

    def __init__(self, host, port, name=None):
        self.host = host
        self.port = port
        self.name = name or host
        self.address: tuple | None = None
        self.ders = {}
        self.versions = []

    @property
    def words(self):
        """OpenSSL's words without a full stop, for the middle of a sentence."""
        return (self.verdict or "").rstrip(".")

    def fail(self, error, remedy, alert=None):
        """Note why there is no chain, and what to do about it."""
        self.error, self.remedy, self.alert = error, remedy, alert


class _Limit:
    """A number of seconds from now."""

    def __init__(self, seconds):
        self._until = time.monotonic() + seconds

    def left(self):
        """Return the seconds that are left; TimeoutError if none are."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Timed:
    """Reads from a socket within a _Limit, however slowly the bytes come."""

    def __init__(self, sock, limit):
        self._sock = sock
        self._limit = limit

    def recv_into(self, buffer):
        self._sock.settimeout(self._limit.left())
        return self._sock.recv_into(buffer)


def ask_all(asked, name, roots, timeout=10):
    """Yield the Answer of each server in turn; several are asked at a time.

    asked: [(host, port)]. The rest is as for ask(). Each server has `timeout` seconds in all.
    Whatever fails is in the server's Answer. The threads end with the program, because nobody can
    end a thread that waits for a name server, for example.
    """
    for at in range(0, len(asked), _AT_ONCE):
        group = [(host, port, queue.SimpleQueue()) for host, port in asked[at : at + _AT_ONCE]]
        end = time.monotonic() + timeout + _GRACE
        for host, port, done in group:
            given = done, host, port, name, roots, timeout
            threading.Thread(target=_asker, args=given, daemon=True).start()
        for host, port, done in group:
            yield _outcome(done, end) or _silent(Answer(host, port, name), timeout)


def _asker(done, *given):
    try:
        done.put(ask(*given))
    except Exception as e:
        answer = Answer(*given[:3])
        answer.fail(f"asking failed: {type(e).__name__}: {e}", sentence("report"))
        done.put(answer)


def _outcome(done, end):
    """What a thread has put there before `end`, or None. The wait is in short pieces because on
    Windows Ctrl-C does not end a wait."""
    while True:
        try:
            return done.get(timeout=max(min(end - time.monotonic(), 0.2), 0))
        except queue.Empty:
            if time.monotonic() >= end:
                return None


def _silent(answer, timeout):
    answer.fail(
        f"no answer within {timeout:g} s; the name server may hang",
        "Check the name, and this computer's network",
    )
    return answer


def ask(host, port, name, roots, timeout=10):
    """Ask a server and return its Answer. Whatever the server does, nothing is raised.

    name: server name to ask for and to check; None: host. roots: the roots.Roots that OpenSSL
    verifies with. timeout: seconds for three or four connections together. Only the look-up of
    the name may take longer, see ask_all().
    """
    answer = Answer(host, port, name)
    limit = _Limit(timeout)
    try:
        answer.address = _resolve(host, port)
    except OSError as e:
        answer.fail(str(e.args[-1]), "Check the name, and this computer's network")
        return answer
    try:
        flight = _first_flight(answer, limit)
    except HelloError as e:
        answer.fail(str(e), _ANSWERS.get(e.alert or 0, _PORT), e.alert)
    except OSError as e:
        answer.fail(*_why(e, port, timeout))
        return answer
    else:
        answer.versions.append(_VERSIONS[flight.version])
        answer.suite = _suites().get(flight.suite, f"cipher suite {flight.suite:04X}")
        _verify(answer, roots, limit)
    if answer.error is None or answer.alert is not None or answer.versions:
        _offers_13(answer, limit)
    if answer.error is not None and "TLS 1.3" in answer.versions:
        _judge(answer, roots.ders, limit, _TLS13)
    return answer


def _resolve(host, port):
    """An IPv4 address of a host; the module can use no other kind."""
    try:
        return socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0][4]
    except (socket.gaierror, UnicodeError):
        pass
    try:
        socket.getaddrinfo(host, port)
    except (socket.gaierror, UnicodeError):
        raise OSError(f"the name {host} does not resolve") from None
    raise OSError(f"{host} has no IPv4 address, and the module needs one")


def _why(error, port, timeout):
    """(what happened, what to do) for the OSError of a first connection."""
    if isinstance(error, ConnectionRefusedError):
        return f"connection refused: nothing listens on port {port}", "Check host and port"
    if isinstance(error, (TimeoutError, socket.timeout)):  # not the same before Python 3.10
        if error.args == ("connect",):
            return (
                f"no answer within {timeout:g} s",
                sentence("check_host"),
            )
        return f"the server is silent for {timeout:g} s; it may not speak TLS", _PORT
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return (
            "the server broke off the connection",
            "Check the port, and the name: some servers break off if they do not know it",
        )
    return (error.strerror or str(error)), "Check this computer's network"


def _connect(answer, limit):
    left = limit.left()
    try:
        return socket.create_connection(answer.address, left)
    except (TimeoutError, socket.timeout):
        raise TimeoutError("connect") from None


@contextlib.contextmanager
def _handshake(answer, limit, context):
    """A socket after OpenSSL's handshake, until the block ends."""
    with _connect(answer, limit) as sock:
        sock.settimeout(limit.left())
        with context.wrap_socket(sock, server_hostname=answer.name) as tls:
            yield tls


def _first_flight(answer, limit):
    """Send the ClientHello of the module, and read all that the server answers."""
    name = answer.name
    hello = client_hello(
        None if is_address(name) else name.encode(), hashlib.sha256(name.encode()).digest()
    )
    with _connect(answer, limit) as sock:
        flight = Flight(_Timed(sock, limit).recv_into, bytearray(2048))
        sock.sendall(hello)
        try:
            flight.begin()
        except HelloError:
            if flight.version == 0x0300:
                answer.versions.append(_VERSIONS[flight.version])
            raise
        chain = Chain(answer.host, answer.port, name)
        while (size := flight.next_certificate()) != 0:
            flight.copy = copy = bytearray()
            info = read(flight, size, None if chain.certificates else name)
            answer.ders[info.sha256] = bytes(copy)
            chain.certificates.append(info)
        flight.copy = None
        kind = 0
        while kind != 14:  # ServerHelloDone
            kind, *length = flight.take(4)
            flight.skip(int.from_bytes(bytes(length), "big"))
            if kind == 13:  # CertificateRequest
                answer.asks_certificate = True
        chain.suite = flight.suite
    answer.chain = chain
    return flight


def _suites():
    """{number: OpenSSL's name}"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    return {c["id"] & 0xFFFF: c["name"] for c in context.get_ciphers()}


def _module_suites():
    """The cipher suites of the module's ClientHello, as OpenSSL takes them."""
    hello = client_hello(None, bytes(32))
    names, n = _suites(), hello[44] << 8 | hello[45]
    numbers = [hello[at] << 8 | hello[at + 1] for at in range(46, 46 + n, 2)]
    return ":".join(names[k] for k in numbers if k in names) + ":@SECLEVEL=0"


def _context(version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    if version == _TLS12:  # the module goes down to 1.0 [h.4]
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER
    # Whether keys and hashes are too weak is said by predict.py
    context.set_ciphers(_module_suites() if version == _TLS12 else "DEFAULT:@SECLEVEL=0")
    return context


def _verify(answer, roots, limit):
    """Verify with only the CA that the module needs; if that fails, with all roots."""
    needed = roots.needed(answer.chain) if answer.chain.certificates else None
    if needed is not None:
        _judge(answer, [needed[0]], limit, _TLS12)
        answer.by_root = answer.code, answer.verdict
    if not answer.verified and (needed is None or len(roots.ders) > 1):
        _judge(answer, roots.ders, limit, _TLS12)


def _judge(answer, ders, limit, version):
    """Have OpenSSL make the whole handshake, and verify the server."""
    context = _context(version)
    context.verify_flags |= _PARTIAL_CHAIN  # a root need not be self-signed
    if ders:
        context.load_verify_locations(cadata=b"".join(ders))
    try:
        with _handshake(answer, limit, context) as tls:
            leaf = tls.getpeercert(True) or b""
        answer.verified, answer.code, answer.verdict = True, 0, "verified"
        shown = answer.chain.certificates[:1] if answer.chain else []
        answer.changes = any(c.sha256 != hashlib.sha256(leaf).hexdigest() for c in shown)
    except ssl.SSLCertVerificationError as e:
        answer.code, answer.verdict = e.verify_code, e.verify_message
    except ssl.SSLError as e:
        answer.verdict = (e.reason or str(e)).replace("_", " ").lower()
    except (OSError, ValueError) as e:
        answer.verdict = answer.verdict or str(e).lower() or "no answer in time"


def _offers_13(answer, limit):
    context = _context(_TLS13)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError):
        with _handshake(answer, limit, context):
            answer.versions.append("TLS 1.3")
