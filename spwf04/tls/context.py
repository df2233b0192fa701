"""SSLContext: verified TLS, by the module itself or by the host's own TLS.

The module cannot leave out verification, so CERT_NONE is refused for either.
"""

from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ..net.socket import Socket

_NTP_S = const(10)


class SSLContext:
    """How connections are secured: with which CAs, and by which TLS. Every connection is verified.

    protocol: PROTOCOL_TLS_CLIENT (16) or PROTOCOL_TLS_SERVER (17); it makes no difference.

    engine: "module" is TLS 1.2 in the module, which needs no memory of the host. "host" is the
    interpreter's own TLS over a plain socket of the module. "auto" is the module's, unless the
    server shows that the module cannot take its chain and the host has TLS. [decision 5]
    sock.engine tells which one it was.

    roots: a Bundle; the name of a bundle or of a PEM file as str or path, or its content; or a
    list of CAs as certs.install() takes them. If the module lacks the CA of a server, it is looked
    for there, and is installed. None: only CAs count that are installed already.

    check_hostname: False leaves out the check of the server's name, never that of its chain. [h,
    decision 6]

    ValueError, TypeError, OSError: an argument is none of these, or roots cannot be read.

    before_connect(), guard(), refused(), accepted() and before_listen() are for sockets.
    """

    check_hostname = True
    engine = "auto"
    roots = None
    identity = None  # of load_cert_chain(), see identity.py
    # Of load_verify_locations(): (source as certs.install() takes it, SHA-256, key identifier,
    # bytes) of each CA
    cas = ()

    def __init__(self, protocol=16, *, engine="auto", roots=None):
        if not isinstance(protocol, int) or protocol not in (16, 17):
            raise ValueError("protocol must be PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER")
        if not isinstance(engine, str) or engine not in ("auto", "module", "host"):
            raise ValueError("engine must be auto, module or host")
        if roots is not None and not hasattr(type(roots), "by_key"):  # it is no Bundle
            from ..roots.search import open_roots

            roots = open_roots(roots)
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
        """Trust CAs in this context. They are put on the module when a socket of it connects.

        cafile: a file's name as str or path. cadata: PEM as str or bytes-like, or DER as
        bytes-like. Each may hold several CAs. capath: must be None.
        OSError: the file cannot be read. ValueError, TypeError: its content cannot be used; then
        nothing is added.
        """
        from .selection import load_cas

        self.cas = self.cas + load_cas(self.engine, cafile, capath, cadata)

    def load_cert_chain(self, certfile, keyfile=None, password=None) -> None:
        """Use this certificate: as a client, for servers that ask for one; as a server, always. It
        is put on the module when a socket of this context connects or listens.

        certfile, keyfile: names of files as str or path, or PEM or DER as str or bytes; keyfile
        None: the key is in the same PEM. The key is RSA or EC P-256. password: must be None, an
        encrypted key is not taken.
        OSError: a file cannot be read. ValueError, TypeError: certificate or key cannot be used.
        """
        if password is not None:
            raise ValueError("an encrypted private key must be decrypted first")
        from ..pki.identity import Identity

        self.identity = Identity(certfile, keyfile)

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ) -> "Socket":
        """Make sock, of SocketPool.socket(), a TLS socket and return it. Wrap first, then connect.

        server_hostname: the name that the server's certificate must have; None: the host of
        connect(). do_handshake_on_connect: no effect, connect() does the handshake.

        server_side: True for a socket that is to listen(). The context must have a certificate of
        its own, by load_cert_chain(). If it also has a CA, by load_verify_locations(), clients
        must show a certificate of that, and no other CA counts, not even the device's. The module
        needs its flash slot for that. [g.6]

        TypeError: sock is no TCP socket of the pool. ValueError: it is connected already, the name
        cannot be one, or the context cannot serve. OSError: it listens already, or is closed.
        """
        from ..net.endpoint import check_open
        from ..net.socket import Socket

        if not isinstance(sock, Socket) or sock.type != 1:  # UDP would go in clear
            raise TypeError("sock must be a TCP socket of the pool, not " + type(sock).__name__)
        check_open(sock)
        if server_side is not False:
            from ..checks import flag

            server_side = flag(server_side, "server_side")
        if server_side:
            if not sock.is_new():
                from ..errors import errno

                raise OSError(
                    errno.EINVAL, "wrap the listening socket before listen(), not its clients"
                )
            self._check_serves()
            server_hostname = None
        elif not sock.is_new():
            raise ValueError("wrap the socket before connect()")
        elif server_hostname is not None:
            from ..arguments import server_name

            server_hostname = server_name(server_hostname)
        sock.tls = (self, server_hostname)
        return sock

    def _check_serves(self):
        if self.identity is None:
            raise ValueError("a TLS server needs load_cert_chain()")
        if self.engine == "host":
            raise ValueError("the module's TLS serves, not the host's")

    # for sockets ---------------------------------------------------------------------------------
    def before_connect(self, sock):
        """Prepare a connection of sock: the clock is set, its CAs are in place, and those of other
        contexts are not.

        Return None for a connection by the module's TLS; else host.Terms, whose steps make TLS
        over a plain connection. CertificateError: the server cannot be trusted. OSError.
        """
        try:
            return self._prepare(sock)
        except RuntimeError as e:
            from ..at.failure import too_deep

            raise too_deep(e)

    def guard(self, sock):
        """Return a function that is False once what before_connect() has put in place is not there
        any more: another task may have connected with another context."""
        store = sock.pool.radio.certs
        before = store.selection, store.form
        in_place = store.in_place
        return lambda: (store.selection, store.form) == before and store.in_place >= in_place

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
        """before_connect() of a connection by the host's TLS."""
        from .host import terms

        return terms(self, sock)

    def _find(self, sock, store):
        """While nothing is trusted yet, no server could be verified: ask the server, and install
        the CA that it needs. True if the module's TLS cannot take it, but the host's may."""
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
        """SOCKON of sock ended in an error: do what can be done about it, or raise what is left.

        Return None if the module should try again; else as before_connect().

        exchange: that of SOCKON. number: of AT-S.Certificate Error, -1 if there was none.
        """
        try:
            from .refusal import refused

            return refused(self, sock, exchange, number)
        except RuntimeError as e:
            from ..at.failure import too_deep

            raise too_deep(e)
        except ImportError:
            short = ""  # its files are not installed: raise what the module says
        except MemoryError:
            if self.roots is not None:
                raise  # the CA that is missing may be there
            short = ". There was too little memory to find out more"
        refused = None  # frees what it refers to
        if number < 0:
            sock.channel.check(exchange)
        from ..errors import CertificateError, errno

        words = "Certificate Error:%d" % number
        message = "%s:%d was not trusted, %s" % (sock.address[0], sock.address[1], words) + short
        hint = remedy = None
        if number == 23:
            hint = "Install the root certificate of its chain: radio.certs.install(pem)"
            remedy = "install_ca"
        raise CertificateError(errno.EIO, message, number, words, hint, remedy)

    def accepted(self, sock, proves) -> None:
        """The module has accepted the server of sock. proves: as for CertificateStore's."""
        sock.pool.radio.certs.accepted(self, sock.address, proves)

    def before_listen(self, radio) -> bytes:
        """Put in place what a server needs; return its kind, as SOCKDON takes it."""
        self._check_serves()  # it may have been wrapped as a client
        radio.certs.switch(self, True)
        return b"s2" if self.cas else b"s1"


def _ensure_clock(radio, seconds):
    """CertificateError unless the clock is set; NTP may take so long to set it."""
    if not radio.clock_set:
        from ..commands.clock import ensure_set

        ensure_set(radio, None, seconds)


def create_default_context() -> SSLContext:
    """Return an SSLContext that verifies chain and name, as CPython's ssl has it."""
    return SSLContext()
