"""SSLContext: verified TLS, by the module itself or by the host's own TLS.

The module has no anonymous mode, and this file offers none: CERT_NONE is refused, for either.
"""

from .parser import const

PROTOCOL_TLS_CLIENT = const(16)
CERT_NONE = const(0)
CERT_OPTIONAL = const(1)
CERT_REQUIRED = const(2)


class SSLContext:
    """How connections are secured: which CAs, which engine, the server's name checked.

    engine: "module" (TLS 1.2 in the module, no memory of ours), "host" (the interpreter's own
    TLS over a plain socket of the module), or "auto": the module, unless the server showed that
    the module cannot take its chain and the host has TLS. [decision 5] sock.engine tells which
    one it was. roots: a bundle.Bundle; when a server is refused for want of a CA, its root is
    looked for there and installed, once. check_hostname: False leaves out the name check (never
    the chain's). [h, decision 6]
    """

    def __init__(self, protocol=PROTOCOL_TLS_CLIENT, *, engine="auto", roots=None):
        if protocol not in (PROTOCOL_TLS_CLIENT, 17):  # PROTOCOL_TLS_SERVER
            raise ValueError("only PROTOCOL_TLS_CLIENT and PROTOCOL_TLS_SERVER")
        if engine not in ("auto", "module", "host"):
            raise ValueError('engine must be "auto", "module" or "host"')
        self.engine = engine
        self.roots = roots
        self.check_hostname = True
        self._cas = []
        self._identity = None

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

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        """Show this client certificate to servers that ask for one: see identity.Identity.

        It is put on the module when a socket of this context connects, in place of another.
        """
        if password is not None:
            raise ValueError("an encrypted private key must be decrypted first")
        from .more import identity

        self._identity = identity(certfile, keyfile)

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """Make sock a TLS socket and return it; wrap first, then connect.

        server_hostname: the name the certificate must have; default: the host of connect().
        server_side: for a socket that will listen(), see server.wrap().
        """
        if server_side:
            from .rare import wrap_socket

            return wrap_socket(self, sock)
        if sock._state != 0:
            raise ValueError("wrap the socket before connect()")
        if server_hostname is not None:
            from .socketpool import server_name

            server_hostname = server_name(server_hostname)
        sock._tls = (self, server_hostname)
        return sock

    # for socketpool.py and remedy.py ---------------------------------------------------------
    def _kind(self, name, host):
        """The fourth argument of SOCKON: the name to be checked, or s for none."""
        if name is None:
            from .socketpool import server_name

            name = server_name(host)
        return name if self.check_hostname else b"s"

    def _before_connect(self, sock, address):
        """Have all that the module needs in place. True: the host's TLS has made the connection
        instead."""
        radio = sock._pool.radio
        certs = radio._certs
        if self.engine == "host" or (certs is not None and address in certs.plans):
            from .more import connect

            if connect(sock, self, address):
                return True
        if not radio.time_is_set():
            from .more import set_time

            set_time(radio, self.roots)
        for ca in self._cas:
            radio.certs.install(ca)
        if self._identity is not None:
            self._identity.install(radio.certs)
        if radio._certs is not None:
            radio._certs.restore()
        sock.engine = "module"

    def _connected(self, sock):
        """The module accepted a server: the way its CA was put in place is a good one."""
        certs = sock._pool.radio._certs
        if certs is not None:
            certs.proven = bool(certs.entries())
            certs.plans.pop(sock.address, None)


def create_default_context():
    """An SSLContext with verification and name check, as in CPython's ssl."""
    return SSLContext()
