"""`import ssl` and `import tls` after compat.install() import this file. See socket.py.

Libraries set CERT_NONE. It is accepted and has no effect: every connection is verified.
"""

from ..arguments import server_name
from ..checks import flag
from ..net.connect import abandon_connect
from ..net.socket import Socket
from ..payload import payload
from ..tls.context import SSLContext as Verified

try:
    import errno
except ImportError:
    from ..errors import errno

# As in CPython's ssl
PROTOCOL_TLS_CLIENT = 16
PROTOCOL_TLS_SERVER = 17
CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2

SSLError = OSError
MBEDTLS_VERSION = ""  # micropython-lib's ssl imports it; that of the module is not known

_roots = None


def use_roots(roots) -> None:
    """For compat.install(): new contexts have these roots, a roots.bundle.Bundle or None."""
    global _roots
    _roots = roots


class SSLContext(Verified):
    """tls.context.SSLContext for libraries that connect first, or set CERT_NONE. roots: default
    are those of install()."""

    def __init__(self, protocol=PROTOCOL_TLS_CLIENT, *, engine="auto", roots=None):
        Verified.__init__(self, protocol, engine=engine, roots=_roots if roots is None else roots)

    @property
    def verify_mode(self) -> int:
        """Always CERT_REQUIRED; setting another mode has no effect."""
        return CERT_REQUIRED

    @verify_mode.setter
    def verify_mode(self, mode):
        if not isinstance(mode, int) or mode not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("verify_mode must be CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED")

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """As tls.context.SSLContext.wrap_socket(), but before or after connect(). OSError (EINVAL)
        if bytes have moved in clear."""
        address = None
        if server_hostname is not None:
            server_name(server_hostname)
        if not flag(server_side, "server_side"):
            address = _to_wrap(sock)
        Verified.wrap_socket(self, sock, server_side=server_side, server_hostname=server_hostname)
        if address is not None:
            try:
                sock.connect(address)
            except OSError as e:
                if e.errno != errno.EINPROGRESS:
                    raise
        return sock

    def load_verify_locations(self, cafile=None, capath=None, cadata=None) -> None:
        """As tls.context.SSLContext.load_verify_locations(). An empty cadata adds nothing. cafile
        may also be the CAs, as bytes or PEM, as of MicroPython's tls."""
        if cadata is None and (
            isinstance(cafile, (bytes, bytearray, memoryview))
            or (isinstance(cafile, str) and "-----BEGIN" in cafile)
        ):
            cafile, cadata = None, cafile
        if cafile is not None or cadata is None or len(payload(cadata, "cadata", True)):
            Verified.load_verify_locations(self, cafile, capath, cadata)


class Purpose:
    """As ssl.Purpose; it makes no difference here."""

    SERVER_AUTH = "server"
    CLIENT_AUTH = "client"


def _to_wrap(sock):
    """For wrap_socket(): close a connection in clear, and return the address to connect to with
    TLS; None if there was no connect(). OSError (EINVAL) if bytes have moved in clear."""
    if not isinstance(sock, Socket) or sock.type != 1 or sock.listening or sock.accepted:
        return None  # it is UDP, listens, or was accepted
    address = _undo_connect(sock) or sock.deferred_address
    sock.deferred_address = None
    return address


def _undo_connect(sock):
    """Close a plain connection, or one that is being opened, so that it can be made again with
    TLS. Return its address, None if there is none. OSError (EINVAL) if bytes have moved."""
    stream = sock.stream
    if sock.tls is not None or (stream is None and sock.connecting is None):
        return None
    if stream is not None:
        moved = sock.cork is not None or stream.wrote or stream.out_end
        if moved or stream.asked_for or stream.pending:
            raise OSError(
                errno.EINVAL, "bytes have moved in clear: TLS must be there from the start"
            )
        sock.stream = None
        stream.close()
    abandon_connect(sock)
    return sock.address


def create_default_context(purpose=None, *, cafile=None, capath=None, cadata=None) -> SSLContext:
    """Return an SSLContext that trusts these CAs too; see load_verify_locations()."""
    made = SSLContext()
    if cafile is not None or capath is not None or cadata is not None:
        made.load_verify_locations(cafile, capath, cadata)
    return made


def wrap_socket(
    sock,
    server_side=False,
    key=None,
    cert=None,
    cert_reqs=0,
    cadata=None,
    server_hostname=None,
    do_handshake=True,
):
    """Wrap sock with a new context, as MicroPython's old ssl. key, cert: for load_cert_chain().
    cadata: for load_verify_locations(). cert_reqs, do_handshake: no effect."""
    made = create_default_context()
    if cert is not None:
        made.load_cert_chain(cert, key)
    if cadata is not None:
        made.load_verify_locations(cadata=cadata)
    return made.wrap_socket(sock, server_side=server_side, server_hostname=server_hostname)
