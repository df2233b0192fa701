"""CircuitPython's ssl over a plain connection of the module.

Its SSLSocket takes any object with `type` and nine methods, connects through it, and does the
handshake then. It verifies the chain and the name, but no dates on any board, and does not show
the certificates. So watch.py reads them as they pass by in the handshake, which is in clear in
TLS 1.2, and their dates are checked before any data are sent.
"""

from ..errors import CertificateError, errno
from ..pki.pem import to_pem
from .native import lax, native
from .watch import Watch

ssl = native("ssl")


class _Plain:
    """The plain connection as CircuitPython's ssl wants it: a socket that is connected already."""

    type = 1  # SOCK_STREAM
    blocking = True  # during the handshake

    def __init__(self, below):
        self._below = below
        self.watch = Watch("%s:%d" % below.terms.address)

    def connect(self, address):
        pass

    def recv_into(self, buffer, nbytes=0):
        if nbytes:
            buffer = memoryview(buffer)[:nbytes]
        n = self._below.receive(buffer, self.blocking)
        if n is None:
            raise OSError(errno.EAGAIN, "nothing has arrived yet")
        try:
            self.watch.feed(buffer, n)
        except CertificateError as e:
            self._below.fail(e)
        return n

    def send(self, data):
        return self._below.transmit(data)

    def settimeout(self, seconds):
        pass

    def setsockopt(self, *args):
        pass

    def close(self):
        pass

    def accept(self):
        raise OSError(errno.EINVAL, "a TLS client does not listen")

    def bind(self, address):
        raise OSError(errno.EINVAL, "a TLS client does not listen")

    def listen(self, backlog):
        raise OSError(errno.EINVAL, "a TLS client does not listen")


class Engine:
    """See stream.py."""

    can_skip_name = False  # it always checks the server's name

    def __init__(self, below, terms):
        pem = b"".join([to_pem(der) for der in terms.in_date()])
        own = ssl.create_default_context()
        try:
            own.load_verify_locations(cadata=pem.decode())
        except (OSError, ValueError) as e:
            raise CertificateError(
                errno.EIO,
                "the host's TLS cannot read one of the CAs for %s:%d" % terms.address,
                text=str(e),
                hint='Use engine="module": the module\'s TLS may read them',
                remedy="use_module_tls",
            )
        if terms.identity() is not None:
            raise ValueError('on CircuitPython a client certificate needs engine="module"')
        self._terms = terms
        self._plain = _Plain(below)
        self._tls = own.wrap_socket(self._plain, server_hostname=terms.name)  # pyright: ignore

    def handshake(self):
        self._tls.connect(self._terms.address)
        terms = self._terms
        certificates = self._plain.watch.certificates()
        terms.check_dates(certificates)
        if lax(terms.name):
            from .named import check

            check(terms.address, certificates[0], terms.name)
        self._terms = None
        self._plain.blocking = False
        return True

    def read(self, buffer, n):
        try:
            return self._tls.recv_into(buffer, n)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
            return None

    def write(self, data):
        return self._tls.send(data)

    def close(self):
        self._tls.close()

    def version(self):
        return None  # ssl does not tell it

    def cipher(self):
        return None

    @staticmethod
    def all_cas(roots):
        """No CAs: a whole bundle does not fit into memory."""
        return []

    @staticmethod
    def text_of(error):
        """The TLS library's words, None for an exception that is not its own."""
        if (
            isinstance(error, OSError)
            and not isinstance(error, CertificateError)
            and len(error.args) == 2
            and error.args[0]
            not in (
                errno.EAGAIN,
                errno.ETIMEDOUT,
            )
        ):
            return str(error.args[1])
        return None

    @staticmethod
    def blames_certificate(words):
        return "ert" in words or "X509" in words
