"""SSLContext: TLS by the module itself, always verified.

The module has no anonymous mode, and this file offers none: CERT_NONE is refused.
"""

from .parser import const

PROTOCOL_TLS_CLIENT = const(16)
CERT_NONE = const(0)
CERT_OPTIONAL = const(1)
CERT_REQUIRED = const(2)


class SSLContext:
    """How connections are secured: TLS 1.2, the module's CAs, the server's name checked.

    check_hostname: False leaves out the name check (never the chain's). [h, decision 6]
    """

    def __init__(self, protocol=PROTOCOL_TLS_CLIENT):
        if protocol != PROTOCOL_TLS_CLIENT:
            raise ValueError("only PROTOCOL_TLS_CLIENT")
        self.check_hostname = True
        self._cas = []

    @property
    def verify_mode(self):
        """Always CERT_REQUIRED; CERT_NONE raises ValueError."""
        return CERT_REQUIRED

    @verify_mode.setter
    def verify_mode(self, mode):
        if mode != CERT_REQUIRED:
            raise ValueError(
                "the SPWF04 has no anonymous TLS: it always verifies the server against a CA on "
                "the module. Install the CA once with radio.certs.install(pem)"
            )

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        """Trust a CA: cafile is a file name, cadata PEM (str) or DER (bytes).

        It is installed on the module when a socket of this context connects.
        """
        if capath is not None or (cafile is None and cadata is None):
            raise ValueError("load_verify_locations() takes cafile or cadata")
        self._cas.append(cafile if cadata is None else cadata)

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """Make sock a TLS socket and return it; wrap first, then connect.

        server_hostname: the name the certificate must have; default: the host of connect().
        """
        if server_side:
            raise ValueError("the module's TLS is for clients here: server_side must be False")
        if sock._state != 0:
            raise ValueError("wrap the socket before connect()")
        if server_hostname is not None:
            from .socketpool import server_name

            server_hostname = server_name(server_hostname)
        sock._tls = (self, server_hostname)
        return sock

    def _kind(self, name, host):
        """The fourth argument of SOCKON: the name to be checked, or s for none."""
        if not self.check_hostname:
            return b"s"
        if name is None:
            from .socketpool import server_name

            return server_name(host)
        return name

    def _before_connect(self, radio):
        """Have this context's CAs, and those that a restart wiped, on the module."""
        for ca in self._cas:
            radio.certs.install(ca)
        if radio._certs is not None:
            radio._certs.restore()

    def _connected(self, radio):
        """The module accepted a server: the way its CA was put in place is a good one."""
        if radio._certs is not None:
            radio._certs.proven = bool(radio._certs.entries())


def create_default_context():
    """An SSLContext with verification and name check, as in CPython's ssl."""
    return SSLContext()
