"""SSLContext: verified TLS, by the module itself or by the host's own TLS.

The module has no anonymous mode, and this file offers none: CERT_NONE is refused, for either.
"""

from .at import forget, rare

# Fourth arguments of SOCKON that are not names; a server called so must not become plain TCP
_KINDS = ("t", "u", "s", "s1", "s2")


def server_name(name):
    """Check a server name for TLS and return it as bytes. [decision 6]

    ValueError for names that SOCKON takes for something else: t, u, s, s1, s2.
    """
    from .tcp import _host

    name = _host(name)
    if name.decode().lower() in _KINDS:
        raise ValueError(
            "a server cannot be called %s: the module would not use TLS" % name.decode()
        )
    return name


class SSLContext:
    """How connections are secured: which CAs, which engine, the server's name checked.

    engine: "module" (TLS 1.2 in the module, no memory of ours), "host" (the interpreter's own
    TLS over a plain socket of the module), or "auto": the module, unless the server showed that
    the module cannot take its chain and the host has TLS. [decision 5] sock.engine tells which
    one it was. roots: a bundle.Bundle; when a server is refused for want of a CA, its root is
    looked for there and installed, once. check_hostname: False leaves out the name check (never
    the chain's). [h, decision 6]

    Besides the methods below: load_verify_locations() (rare.py) and load_cert_chain()
    (identity.py).
    """

    check_hostname = True
    _rare = "SSLContext"
    _identity = None
    __getattr__ = rare

    def __init__(self, protocol=16, *, engine="auto", roots=None):
        if protocol not in (16, 17) or engine not in ("auto", "module", "host"):
            raise ValueError(
                "protocol is PROTOCOL_TLS_CLIENT or _SERVER, engine auto, module or host"
            )
        self.engine = engine
        self.roots = roots
        self._cas = []

    @property
    def verify_mode(self):
        """Always CERT_REQUIRED; CERT_NONE raises ValueError."""
        return 2

    @verify_mode.setter
    def verify_mode(self, mode):
        if mode != 2:
            from .explain import always_verified

            raise always_verified()

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """Make sock a TLS socket and return it; wrap first, then connect.

        server_hostname: the name the certificate must have; default: the host of connect().
        server_side: for a socket that will listen(), see server.wrap().
        """
        if server_side:
            from .server import wrap

            return wrap(self, sock)
        if sock._state != 0:
            raise ValueError("wrap the socket before connect()")
        if server_hostname is not None:
            server_hostname = server_name(server_hostname)
        sock._tls = (self, server_hostname)
        return sock

    # for socketpool.py and remedy.py ---------------------------------------------------------
    def _kind(self, name, host):
        """The fourth argument of SOCKON: the name to be checked, or s for none."""
        if name is None:
            name = server_name(host)
        return name if self.check_hostname else b"s"

    def _before_connect(self, sock, address):
        """Have all that the module needs in place. True: the host's TLS has made the connection
        instead."""
        radio = sock._pool.radio
        certs = radio._certs
        if self.engine == "host" or (certs is not None and address in certs.plans):
            from .hosttls import divert

            if divert(sock, self, address):
                return True
        if not radio._clock_set:
            from .epoch import set_clock

            set_clock(radio, self.roots)
            set_clock = None
            forget("epoch")
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
            certs.proven = bool(certs._entries)
            certs.plans.pop(sock.address, None)
