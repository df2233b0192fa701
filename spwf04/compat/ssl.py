"""What `import ssl` and `import tls` give.

Libraries set CERT_NONE by themselves. It is accepted and changes nothing: every connection is
verified as always.
"""

from ..arguments import server_name
from ..checks import flag
from ..payload import payload
from ..tls.context import SSLContext
from .socket import CompatSocket

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


class CompatContext(SSLContext):
    """An SSLContext for libraries that connect first, or ask for CERT_NONE."""

    @property
    def verify_mode(self) -> int:
        """Always CERT_REQUIRED, whatever was set."""
        return CERT_REQUIRED

    @verify_mode.setter
    def verify_mode(self, mode):
        if not isinstance(mode, int) or mode not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("verify_mode must be CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED")

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """As SSLContext.wrap_socket(), before or after connect()."""
        address = None
        if server_hostname is not None:
            server_name(server_hostname)
        if isinstance(sock, CompatSocket) and not flag(server_side, "server_side"):
            address = sock.address_to_wrap()
        SSLContext.wrap_socket(
            self, sock, server_side=server_side, server_hostname=server_hostname
        )
        if address is not None:
            try:
                sock.connect(address)
            except OSError as e:
                if e.errno != errno.EINPROGRESS:
                    raise
        return sock

    def load_verify_locations(self, cafile=None, capath=None, cadata=None) -> None:
        """As SSLContext.load_verify_locations(); an empty cadata adds nothing."""
        if cafile is not None or cadata is None or len(payload(cadata, "cadata", True)):
            SSLContext.load_verify_locations(self, cafile, capath, cadata)


class Purpose:
    """As ssl.Purpose: what a default context is for; it makes no difference here."""

    SERVER_AUTH = "server"
    CLIENT_AUTH = "client"


class SSLModule:
    """What `import ssl` and `import tls` give."""

    PROTOCOL_TLS_CLIENT = PROTOCOL_TLS_CLIENT
    PROTOCOL_TLS_SERVER = PROTOCOL_TLS_SERVER
    SSLError = OSError
    Purpose = Purpose
    CERT_NONE = CERT_NONE
    CERT_OPTIONAL = CERT_OPTIONAL
    CERT_REQUIRED = CERT_REQUIRED

    def __init__(self, roots):
        self._roots = roots

    def SSLContext(self, protocol=PROTOCOL_TLS_CLIENT) -> CompatContext:
        """A CompatContext with the roots given to install()."""
        return CompatContext(protocol, roots=self._roots)

    def create_default_context(
        self, purpose=None, *, cafile=None, capath=None, cadata=None
    ) -> CompatContext:
        """The same, trusting these too."""
        context = CompatContext(roots=self._roots)
        if cafile is not None or capath is not None or cadata is not None:
            context.load_verify_locations(cafile, capath, cadata)
        return context

    def wrap_socket(
        self,
        sock,
        server_side=False,
        key=None,
        cert=None,
        cert_reqs=0,
        cadata=None,
        server_hostname=None,
        do_handshake=True,
    ):
        """The legacy function of MicroPython's ssl; key, cert: as load_cert_chain()."""
        context = self.create_default_context()
        if cert is not None:
            context.load_cert_chain(cert, key)
        if cadata is not None:
            context.load_verify_locations(cadata=cadata)
        return context.wrap_socket(sock, server_side=server_side, server_hostname=server_hostname)
