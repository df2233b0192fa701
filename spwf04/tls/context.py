"""SSLContext: verified TLS, by the module itself or by the host's own TLS.

The module has no anonymous mode, and this file offers none: CERT_NONE is refused, for either.
"""

from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ..net.socket import Socket

_NTP_S = const(10)


class SSLContext:
    """How connections are secured: which CAs, which engine, the server's name checked.

    engine: "module" (TLS 1.2 in the module, no memory of ours), "host" (the interpreter's own TLS
    over a plain socket of the module), or "auto": the module, unless the server showed that the
    module cannot take its chain and the host has TLS. [decision 5] sock.engine tells which one it
    was. roots: a bundle.Bundle; the name of a bundle or of a PEM file, as str or path, or what is
    in it; or a list of CAs as certs.install() takes them. When a server is refused for want of a
    CA, its root is looked for there and installed, once; if nothing is trusted yet, before the
    first attempt. check_hostname: False leaves out the name check (never the chain's). [h,
    decision 6]

    protocol: PROTOCOL_TLS_CLIENT (16) or PROTOCOL_TLS_SERVER (17); it makes no difference.
    ValueError for what is none of these, and what roots cannot be.
    """

    check_hostname = True
    engine = "auto"
    roots = None
    identity = None  # identity.Identity of load_cert_chain()
    # Of load_verify_locations(): (source as certs.install() takes it, SHA-256, key identifier,
    # bytes) of each CA
    cas = ()

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

    @property
    def verify_mode(self) -> int:
        """Always CERT_REQUIRED (2); CERT_NONE raises ValueError."""
        return 2

    @verify_mode.setter
    def verify_mode(self, mode):
        if not isinstance(mode, int) or mode != 2:
            raise ValueError(
                "the SPWF04 has no anonymous TLS: it always verifies the server against a CA on "
                "the module. Install the CA once with radio.certs.install(pem)"
            )

    def load_verify_locations(self, cafile=None, capath=None, cadata=None) -> None:
        """Trust CAs: cafile is a file's name or path, cadata PEM (str, bytes) or DER (bytes).

        Each may hold several. They are installed on the module when a socket of this context
        connects. OSError: the file cannot be read; ValueError, TypeError: what is in it cannot be
        used. Nothing is added then.
        """
        from .selection import load_cas

        self.cas = self.cas + load_cas(self.engine, cafile, capath, cadata)

    def load_cert_chain(self, certfile, keyfile=None, password=None) -> None:
        """Show this client certificate to servers that ask for one; as a server, the own one.

        Arguments as identity.Identity's; password must be None. It is put on the module when a
        socket of this context connects or listens, in place of another. ValueError, TypeError,
        OSError: it cannot be read, or used.
        """
        if password is not None:
            raise ValueError("an encrypted private key must be decrypted first")
        from ..pki.identity import Identity

        self.identity = Identity(certfile, keyfile)

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ) -> "Socket":
        """Make sock, of SocketPool.socket(), a TLS socket and return it; wrap first, then connect.

        server_hostname: the name the certificate must have; default: the host of connect().
        do_handshake_on_connect has no effect: connect() does it.

        server_side: for a socket that will listen(); the context must have load_cert_chain(). If
        it has a CA too, from load_verify_locations(), clients must show a certificate of that, and
        no other CA counts, not even the device's. The module needs its flash slot for that. [g.6]

        TypeError: sock is none. ValueError: it is connected already, or a name cannot be one.
        OSError: a server's socket that listens already.
        """
        from ..net.socket import Socket

        if not isinstance(sock, Socket):
            raise TypeError("sock must be a socket of the pool, not " + type(sock).__name__)
        if server_side is not False:
            from ..checks import flag

            server_side = flag(server_side, "server_side")
        if server_side:
            if not sock.is_new():
                from ..errors import errno

                raise OSError(
                    errno.EINVAL, "wrap the listening socket before listen(), not its clients"
                )
            if self.identity is None:
                raise ValueError("a TLS server needs load_cert_chain()")
            if self.engine == "host":
                raise ValueError("the module's TLS serves, not the host's")
            server_hostname = None
        elif not sock.is_new():
            raise ValueError("wrap the socket before connect()")
        elif server_hostname is not None:
            from ..arguments import server_name

            server_hostname = server_name(server_hostname)
        sock.tls = (self, server_hostname)
        return sock

    # what a Socket asks --------------------------------------------------------------------------
    def before_connect(self, sock):
        """Have in place what a connection of sock needs: the clock, the CAs, and nothing that is
        another context's. None: SOCKON is to be sent as for TLS; else host.Terms, which have steps
        that make TLS over a plain connection. CertificateError: the server cannot be trusted;
        OSError."""
        try:
            return self._prepare(sock)
        except RuntimeError as e:
            from ..at.failure import too_deep

            raise too_deep(e)

    def _prepare(self, sock):
        radio = sock.pool.radio
        store = radio.certs
        plan = store.plan(self, sock.address)
        decided = plan is not None and plan.engine == "host" and self.engine == "auto"
        if decided or self.engine == "host":
            return self._by_host(sock)
        if self.roots is None:
            _ensure_clock(radio, 0)
        if store.switch(self):
            if self._find(sock, store):  # it sees to the clock, too
                return self._by_host(sock)
        else:
            from ..net.connect import connect_time_left

            _ensure_clock(radio, connect_time_left(sock, _NTP_S))
        sock.engine = "module"
        return None

    def _by_host(self, sock):
        """before_connect() by the host's TLS."""
        from .host import terms

        return terms(self, sock)

    def _find(self, sock, store):
        """Nothing is trusted yet, so no server could be verified: ask it which CA it takes, and
        have that in place. True if the module's TLS cannot take it, but the host's may."""
        from .plan import plan_for

        plan = plan_for(self, sock, True)
        if plan.obstacles and self.engine == "auto":
            from ..hosttls.native import which

            if which() is not None:
                plan.engine = "host"
                return True
        plan.try_next(store)
        return False

    def refused(self, sock, exchange, number):
        """SOCKON of sock ended in an error: do what can be done about it. None: the module should
        try again; else as before_connect(). Raises what is left.

        exchange: what became of SOCKON. number: of AT-S.Certificate Error, -1 if there was none.
        """
        try:
            from .refusal import refused

            return refused(self, sock, exchange, number)
        except RuntimeError as e:
            from ..at.failure import too_deep

            raise too_deep(e)
        except (ImportError, MemoryError):
            refused = None  # or it keeps all that it knows
        # No memory for that, or not installed: the error goes out without remedy
        if number < 0:
            sock.channel.check(exchange)
        from ..errors import CertificateError, errno

        words = "Certificate Error:%d" % number
        message = "%s:%d was not trusted, %s" % (sock.address[0], sock.address[1], words)
        hint = remedy = None
        if number == 23:
            hint = "Install the root certificate of its chain: radio.certs.install(pem)"
            remedy = "install_ca"
        raise CertificateError(errno.EIO, message, number, words, hint, remedy)

    def accepted(self, sock) -> None:
        """The module has accepted sock's server."""
        sock.pool.radio.certs.accepted(self, sock.address)

    def before_listen(self, radio) -> bytes:
        """Have in place what a server needs; return its kind, as SOCKDON takes it."""
        radio.certs.switch(self, True)
        return b"s2" if self.cas else b"s1"


def _ensure_clock(radio, seconds):
    """CertificateError unless the clock is set; NTP may take so long to set it."""
    if not radio.clock_set:
        from ..commands.clock import ensure_set

        ensure_set(radio, None, seconds)


def create_default_context() -> SSLContext:
    """An SSLContext with verification and name check, as in CPython's ssl."""
    return SSLContext()
