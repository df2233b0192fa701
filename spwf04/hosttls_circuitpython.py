"""CircuitPython's ssl over a plain socket of the module.

Its SSLSocket takes any object with `type` and nine methods, connects through it, and shakes
hands then.
"""

from .cafiles import to_pem
from .errors import errno
from .native import native

ssl = native("ssl")


class _Plain:
    """The plain socket as CircuitPython's ssl wants it: connected already."""

    type = 1  # SOCK_STREAM

    def __init__(self, layer):
        self._layer = layer

    def connect(self, address):
        pass

    def recv_into(self, buffer, nbytes=0):
        n = self._layer.receive(buffer if not nbytes else memoryview(buffer)[:nbytes])
        if n is None:
            raise OSError(errno.EAGAIN, "no data yet")
        return n

    def send(self, data):
        return self._layer.transmit(data)

    def settimeout(self, seconds):
        pass

    def setsockopt(self, *args):
        pass

    def close(self):
        pass

    def accept(self):
        raise OSError(errno.EINVAL, "not a server")

    def bind(self, address):
        raise OSError(errno.EINVAL, "not a server")

    def listen(self, backlog):
        raise OSError(errno.EINVAL, "not a server")


class Engine:
    """See hosttls.Layer; one per connection. ders: the CAs in DER."""

    without_name = False

    def __init__(self, layer, context, name, ders):
        own = ssl.create_default_context()
        pem = b"".join([to_pem(der) for der in ders])
        own.load_verify_locations(cadata=pem.decode())
        if context._identity is not None:
            raise ValueError("a client certificate needs the module's TLS on CircuitPython")
        self._address = layer._address
        self._layer = layer
        plain = _Plain(layer)
        self._tls = own.wrap_socket(plain, server_hostname=name)  # pyright: ignore

    def handshake(self):
        self._tls.connect(self._address)

    def recv_into(self, buffer, n):
        ms = self._layer.sock.timeout_ms
        self._tls.settimeout(None if ms < 0 else ms / 1000)
        try:
            return self._tls.recv_into(buffer, n)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            raise

    def send(self, data):
        return self._tls.send(data)

    def close(self):
        self._tls.close()

    def version(self):
        return None  # it does not say

    def cipher(self):
        return None

    @staticmethod
    def all_of(roots):
        """A whole bundle does not fit in memory."""
        return []

    @staticmethod
    def words(error):
        """What the TLS library says; None if it is not its exception."""
        if (
            isinstance(error, OSError)
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
