"""Four verdicts on a server of a suite of certificates: see laxness.py.

OpenSSL's, that of the driver's host engine, the simulated module's, and what `spwf04 check`
predicts. Each takes a suites.Case and returns why the server is refused, as str, or None if it is
not. Nothing goes over a network: the client reads a ServerHello and the certificates, which it
verifies before it asks for more. What it then does not refuse counts as accepted. So no server's
private key is needed.
"""

import _ssl
import contextlib
import ctypes
import json
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import types

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from spwf04.hosttls import cpython
from spwf04_cli.server import ask
from spwf04_cli.server.predict import predict
from spwf04_cli.server.roots import Roots, info
from spwf04_sim import Flash, Quirks
from spwf04_sim.parts.verify import subject_key_id, verify
from spwf04_sim.tls.certificate import Refused

_PARTIAL_CHAIN = getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
_DONE = b"\x0e\x00\x00\x00"  # ServerHelloDone


# The server's side ---------------------------------------------------------------------------
def _message(kind, body):
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def flight(chain, more=b""):
    """Return the records of a ServerHello of TLS 1.2 and of a chain (list of DER), and of further
    messages."""
    suite = b"\xc0\x2b"
    with contextlib.suppress(Exception):  # OpenSSL says what it thinks of it
        if isinstance(x509.load_der_x509_certificate(chain[0]).public_key(), rsa.RSAPublicKey):
            suite = b"\xc0\x2f"
    extensions = b"\xff\x01\x00\x01\x00"  # it renegotiates securely
    hello = b"\x03\x03" + bytes(32) + b"\x00" + suite + b"\x00\x00\x05" + extensions
    listed = b"".join(len(c).to_bytes(3, "big") + c for c in chain)
    data = _message(2, hello) + _message(11, len(listed).to_bytes(3, "big") + listed) + more
    parts = [data[at : at + 16000] for at in range(0, len(data), 16000)]
    return b"".join(b"\x16\x03\x03" + len(p).to_bytes(2, "big") + p for p in parts)


# OpenSSL's clock -----------------------------------------------------------------------------
def set_time(context, seconds):
    """Have an SSLContext compare dates with this time, seconds since 1970.

    Python's ssl has no call for it, so OpenSSL's own is called.
    """
    library = ctypes.CDLL(_ssl.__file__)
    library.SSL_CTX_get0_param.restype = ctypes.c_void_p
    place = id(context) + object.__basicsize__  # an SSLContext begins with its SSL_CTX
    made = ctypes.c_void_p.from_address(place).value
    parameters = library.SSL_CTX_get0_param(ctypes.c_void_p(made))
    library.X509_VERIFY_PARAM_set_time(ctypes.c_void_p(parameters), ctypes.c_int64(seconds))


def _ssl_at(seconds, strict=False):
    """The module ssl, but its contexts have this time; strict: and all that ssl can forbid."""

    class Context(ssl.SSLContext):
        def __new__(cls, *args):
            made = super().__new__(cls, *args)
            set_time(made, seconds)
            if strict:
                made.verify_flags |= ssl.VERIFY_X509_STRICT
                made.hostname_checks_common_name = False
            return made

    return types.SimpleNamespace(**{**vars(ssl), "SSLContext": Context})


@contextlib.contextmanager
def _replaced(file, **names):
    """Other things under some names of a file, until the block ends."""
    before = {name: getattr(file, name) for name in names}
    vars(file).update(names)
    try:
        yield
    finally:
        vars(file).update(before)


# OpenSSL by itself ---------------------------------------------------------------------------
def by_openssl(case, partial=True):
    """OpenSSL's verdict, through Python's ssl with its own settings.

    partial: each CA is trusted by itself, as on the module; else only with the root above it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    set_time(context, case.now)
    if partial:
        context.verify_flags |= _PARTIAL_CHAIN
    for ca in case.cas:
        with contextlib.suppress(ssl.SSLError):
            context.load_verify_locations(cadata=ca)
    incoming = ssl.MemoryBIO()
    incoming.write(flight(case.chain))
    try:
        client = context.wrap_bio(incoming, ssl.MemoryBIO(), server_hostname=case.host)
        client.do_handshake()
    except ssl.SSLWantReadError:
        return None
    except (ssl.SSLError, ValueError) as e:
        return str(e)
    return None


# The driver's host engine --------------------------------------------------------------------
class Below:
    """What is below an Engine: a server that sends one flight, and nothing after it."""

    def __init__(self, flight, cas):
        self._flight = bytearray(flight)
        self._cas = cas

    def receive(self, buffer):
        """Fill the buffer; None when nothing is left."""
        n = min(len(buffer), len(self._flight))
        buffer[:n] = self._flight[:n]
        del self._flight[:n]
        return n or None

    def transmit(self, data):
        """Nobody listens."""

    def load_cas(self, load, unread):
        """Load each CA, but for those that cannot be read."""
        for ca in self._cas:
            with contextlib.suppress(unread):
                load(ca)


class Terms:
    """What an Engine has to check: see spwf04.hosttls.stream."""

    def __init__(self, name):
        self.name = name
        self.check_name = name is not None

    def identity(self):
        """There is no client certificate."""


def by_host(case, strict=False):
    """The verdict of the driver's engine on CPython. strict: with all that ssl can forbid."""
    with _replaced(cpython, ssl=_ssl_at(case.now, strict)):
        try:
            engine = cpython.Engine(Below(flight(case.chain), case.cas), Terms(case.host))
            engine.handshake()
        except (ssl.SSLError, ValueError) as e:
            return str(e)
    return None


def by_micropython(cases, command):
    """The verdicts of the driver's engine on MicroPython, as a list. command: a list that starts
    MicroPython. It compares dates with this computer's clock, whatever the time of a case."""
    lines = [
        json.dumps([case.host, flight(case.chain).hex(), [ca.hex() for ca in case.cas]]) + "\n"
        for case in cases
    ]
    root = pathlib.Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [*command, str(root / "tools" / "mp_host.py")],
        input="".join(lines),
        env={**os.environ, "MICROPYPATH": f"{root}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line or None for line in done.stdout.splitlines()]


# The simulated module ------------------------------------------------------------------------
def by_module(case, quirks=None):
    """The simulated module's verdict. quirks: its reading, the default one by default.

    The slot holds one CA, so each has its turn there; then all are in files. A CA without a key
    identifier has the computed one, as the driver does it.
    """
    quirks = quirks or Quirks()
    files = Flash()
    places = [files]
    for ca in case.cas:
        place = Flash()
        place.slot["ca"] = ca
        places.append(place)
        key = info(ca).ski
        if key is not None:
            files.files[1, key + ".ca"] = bytearray(ca)
            if subject_key_id(ca) is None:
                place.slot["auth"] = bytes.fromhex(key)
    why = "no CA"
    for place in reversed(places):
        try:
            verify(case.chain, case.host, place, quirks, case.now)
            return None
        except Refused as e:
            why = f"Certificate Error:{e.number}"
    return why


# spwf04 check --------------------------------------------------------------------------------
class _Network:
    """In place of the module socket: every connection is to the server of a Case."""

    def __init__(self, case):
        self._sent = [flight(case.chain, _DONE)]  # first the driver asks, then OpenSSL
        self._next = flight(case.chain)
        self._ends = []

    def getaddrinfo(self, host, *_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]

    def create_connection(self, *_):
        client, server = socket.socketpair()
        for end in client, server:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
        server.settimeout(5)
        server.sendall(self._sent.pop() if self._sent else self._next)
        server.shutdown(socket.SHUT_WR)
        self._ends.append(server)
        return client

    def close(self):
        for end in self._ends:
            end.close()


def _settle(answer):
    """Have an ask.Answer say that OpenSSL trusts a server if it has taken all that it sends."""

    def settled(code, words):
        return (0, "verified") if code < 0 and "eof" in str(words).lower() else (code, words)

    made = vars(answer)
    made["code"], made["verdict"] = settled(answer.code, answer.verdict)
    made["by_root"] = answer.by_root and settled(*answer.by_root)


def predicted(case):
    """The spwf04_cli.server.predict.Prediction for a case; ValueError if no CA can be used."""
    network = _Network(case)
    inside = {**vars(socket), "getaddrinfo": network.getaddrinfo}
    inside["create_connection"] = network.create_connection
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "roots.pem"
        file.write_text("".join(map(ssl.DER_cert_to_PEM_cert, case.cas)))
        roots = Roots([file], certifi=False, self_signed=True)
    try:
        with _replaced(ask, socket=types.SimpleNamespace(**inside), ssl=_ssl_at(case.now)):
            answer = ask.ask(case.host, 443, None, roots)
    finally:
        network.close()
    _settle(answer)
    return predict(answer, roots, case.now)


def by_check(case):
    """The prediction of `spwf04 check`: its reasons."""
    try:
        made = predicted(case)
    except ValueError as e:  # it stops with this
        return str(e)
    return None if made.ok else "; ".join(reason.what for reason in made.reasons)
