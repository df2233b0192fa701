"""CircuitPython's ssl over a plain socket of the module.

Its SSLSocket takes any object with `type` and nine methods, connects through it, and shakes
hands then. It verifies the chain and the name, but is built without dates on all boards, and
tells nothing of the certificates; so those that the server sends in this very handshake (TLS 1.2:
in clear) are read as they pass by, and their dates are compared with the module's clock.
"""

from .cafiles import to_pem
from .errors import CertificateError, errno
from .hello import Flight, HelloError
from .native import native
from .parser import const
from .x509info import Bytes, CertificateInfo

ssl = native("ssl")

_SHAKE_MS = const(35000)  # as Socket.connect(); it tries again for ever itself
_CERTIFICATES = const(12)


class _Plain:
    """The plain socket as CircuitPython's ssl wants it: connected already."""

    type = 1  # SOCK_STREAM

    def __init__(self, layer):
        self._layer = layer
        self.seen = bytearray()  # what came while hands are shaken; then None
        self._end = layer.sock.channel.deadline(_SHAKE_MS)

    def connect(self, address):
        pass

    def recv_into(self, buffer, nbytes=0):
        n = self._layer.receive(buffer if not nbytes else memoryview(buffer)[:nbytes])
        if n is None:
            if self.seen is not None and self._layer.sock.channel.expired(self._end):
                raise OSError(errno.ETIMEDOUT, "no TLS handshake in time")
            raise OSError(errno.EAGAIN, "no data yet")
        if self.seen is not None:
            self.seen.extend(memoryview(buffer)[:n])
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


def _info(der):
    return CertificateInfo(Bytes(der), len(der))


class Engine:
    """See hosttls.Layer; one per connection. ders: the CAs in DER."""

    without_name = False

    def __init__(self, layer, context, name, ders):
        from .trust import see_to_clock

        self._radio = radio = layer.sock._pool.radio
        see_to_clock(radio)
        now = radio.time()
        self._ders = [der for der in ders if _info(der).not_before <= now <= _info(der).not_after]
        if not self._ders:
            from .explain import no_ca

            raise no_ca(layer._address)
        own = ssl.create_default_context()
        pem = b"".join([to_pem(der) for der in self._ders])
        own.load_verify_locations(cadata=pem.decode())
        if context._identity is not None:
            raise ValueError("a client certificate needs the module's TLS on CircuitPython")
        self._address = layer._address
        self._layer = layer
        self._plain = _Plain(layer)
        self._tls = own.wrap_socket(self._plain, server_hostname=name)  # pyright: ignore

    def handshake(self):
        self._tls.connect(self._address)
        self._check_dates()

    def _check_dates(self):
        """CertificateError if a certificate that the server needs is not valid now."""
        from .discover import Chain
        from .trust import Plan, anchors, check

        data = memoryview(self._plain.seen)  # pyright: ignore[reportArgumentType]
        self._plain.seen = None
        at = 0

        def readinto(buffer):
            nonlocal at
            n = min(len(buffer), len(data) - at)
            buffer[:n] = data[at : at + n]
            at += n
            return n

        chain = Chain(self._address[0], self._address[1])
        try:
            flight = Flight(readinto, bytearray(256))
            flight.begin()
            while len(chain.certificates) < _CERTIFICATES:
                size = flight.next_certificate()
                if size == 0:
                    break
                chain.certificates.append(CertificateInfo(flight, size))
        except HelloError as e:
            raise CertificateError(
                errno.EIO, "the dates of the certificates are not known: %s" % e
            )
        check(self._radio, Plan(chain, anchors(chain, None, self._ders)), None, True)

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
