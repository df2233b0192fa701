"""SSLContext: verified TLS, by the module itself or by the host's own TLS.

The module has no anonymous mode, and this file offers none: CERT_NONE is refused, for either.
"""

from ..at.channel import rare


class SSLContext:
    """How connections are secured: which CAs, which engine, the server's name checked.

    engine: "module" (TLS 1.2 in the module, no memory of ours), "host" (the interpreter's own TLS
    over a plain socket of the module), or "auto": the module, unless the server showed that the
    module cannot take its chain and the host has TLS. [decision 5] sock.engine tells which one it
    was. roots: a bundle.Bundle; the name of a bundle or of a PEM file, as str or path, or what is
    in it; or a list of CAs as certs.install() takes them. When a server is refused for want of a
    CA, its root is looked for there and installed, once. check_hostname: False leaves out the name
    check (never the chain's). [h, decision 6]

    Besides the methods below: load_verify_locations() (odds.py) and load_cert_chain()
    (identity.py).
    """

    check_hostname = True
    _rare = "SSLContext"
    _identity = None
    __getattr__ = rare

    def __init__(self, protocol=16, *, engine="auto", roots=None):
        if not isinstance(protocol, int) or protocol not in (16, 17):
            raise ValueError("protocol must be PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER")
        if not isinstance(engine, str) or engine not in ("auto", "module", "host"):
            raise ValueError("engine must be auto, module or host")
        if roots is not None:
            from ..pki.bundle import roots as opened

            roots = opened(roots)
        self.engine = engine
        self.roots = roots
        # load_verify_locations(): (source as certs.install() takes it, SHA-256, key identifier,
        # bytes) of each CA
        self._given = []

    @property
    def verify_mode(self):
        """Always CERT_REQUIRED; CERT_NONE raises ValueError."""
        return 2

    @verify_mode.setter
    def verify_mode(self, mode):
        if not isinstance(mode, int) or mode != 2:
            from ..at.failure import always_verified

            raise always_verified()

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """Make sock a TLS socket and return it; wrap first, then connect.

        server_hostname: the name the certificate must have; default: the host of connect().
        server_side: for a socket that will listen(), see server.wrap_socket().
        """
        from ..net.socket import Socket

        if not isinstance(sock, Socket):
            raise TypeError("sock must be a socket of the pool, not " + type(sock).__name__)
        if server_side is not False:
            from ..checks import flag

            server_side = flag(server_side, "server_side")
        if server_side:
            from ..net.server import wrap_socket

            return wrap_socket(self, sock)
        if sock._state != 0 or (sock.engine == "host" and sock._over.raw is not None):
            raise ValueError("wrap the socket before connect()")
        if server_hostname is not None:
            from ..arguments import server_name

            server_hostname = server_name(server_hostname)
        sock._tls = (self, server_hostname)
        return sock
