"""TLS servers on this computer, with any certificates."""

import contextlib
import pathlib
import ssl
import tempfile
import time
import warnings

from .. import servers
from .certificates import key_pem, pem

_EVERYTHING = "ALL:!ADH:!AECDH:@SECLEVEL=0"

_NOTED_S = 3  # until a server's thread has noted a handshake that has ended


@contextlib.contextmanager
def tls(bench, chain, key, *, oldest=None, client_ca=None):
    """A TLS server; yields (port, seen). chain: what it shows, a list of Certified or DER, its own
    first. key: its private key. oldest: the one ssl.TLSVersion that it has; None: 1.2 at most.
    client_ca: a Certified that must have issued the client's certificate; None: it asks for none.

    seen: what became of each handshake, a list of (the client's certificate as DER or None, "")
    or (None, OpenSSL's word for the failure).
    """
    seen = []
    context = _context(chain, key, oldest, client_ca)

    def serve(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as secured:
                seen.append((secured.getpeercert(True), ""))
                while secured.recv(100):
                    pass
        except ssl.SSLError as e:
            seen.append((None, e.reason or "handshake failure"))

    with servers.tcp(bench, serve) as port:
        yield port, seen


def first(seen):
    """What became of the first handshake, as tls() notes it; (None, "") if none ends."""
    end = time.monotonic() + _NOTED_S
    while not seen and time.monotonic() < end:
        time.sleep(0.01)
    return seen[0] if seen else (None, "")


def _context(chain, key, oldest, client_ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(_EVERYTHING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of old versions
        context.maximum_version = oldest or ssl.TLSVersion.TLSv1_2
        context.minimum_version = oldest or ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "server.pem"
        file.write_bytes(b"".join(map(_pem, chain)) + key_pem(key))
        context.load_cert_chain(file)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_ca.pem.decode())
    return context


def _pem(certificate):
    return pem(certificate) if isinstance(certificate, bytes) else certificate.pem


def has(version, chain, key):
    """True if OpenSSL here can be a server with this version of TLS: it is tried, in memory."""
    try:
        server = _context(chain, key, version, None)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.set_ciphers(_EVERYTHING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            client.minimum_version = version
        return _shake(client, server)
    except (ssl.SSLError, ValueError):
        return False


def _shake(client, server):
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    for _ in range(10):
        for end in list(ends):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
                ends.remove(end)
        if not ends:
            return True
    return False
