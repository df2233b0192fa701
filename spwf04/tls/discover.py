"""Which certificates a server sends, asked over a plain TCP socket of the module.

The module never says which CA it missed. In TLS 1.2 a server's certificates travel in clear, so
we say hello as the module would, listen, and hang up. Nothing is trusted because of it.
"""

from ..arguments import milliseconds, server
from ..const import const
from ..errors import errno
from ..net.pool import SocketPool
from ..pki.certificate import is_address, read
from ..pki.chain import Chain
from ..pki.digest import sha256
from ..pki.handshake import Flight, HelloError, client_hello

_CERTIFICATES = const(12)  # more of one server are not looked at
_PEER_SIZE = const(2560)  # the module's limit for each certificate of a peer [T6]


class Limit:
    """A time limit for a whole call: so many seconds from now."""

    def __init__(self, channel, seconds):
        self._channel = channel
        self._seconds = seconds
        self._end = channel.deadline(milliseconds(seconds))
        if not seconds:
            raise ValueError("timeout must be above 0")

    def left(self):
        """Seconds that are left, for settimeout(); OSError (ETIMEDOUT) if none are."""
        ms = self._channel.left(self._end)
        if ms == 0:
            raise OSError(errno.ETIMEDOUT, "not done within %g s" % self._seconds)
        return max(0.01, ms / 1000)


def discover(store, host, port=443, server_hostname=None, timeout=20.0, keep=None):
    """certs.discover(): ask a server for its certificates and return a pki.chain.Chain.

    host, port, server_hostname: as for a TLS connection. timeout: seconds for the whole call,
    however slowly the server answers. keep: SHA-256 as 64 hex digits; the certificate that has
    it is kept in DER, if it is not above 2560 bytes. OSErrors of connect(), or DiscoveryError:
    no TLS 1.2 there, an alert, garbage, an answer that ends in its middle or does not come in
    time. LinkLost if the module does not answer.
    """
    host, port, server_hostname = server(host, port, server_hostname)
    if keep is not None:
        from ..checks import fingerprint

        keep = fingerprint(keep, "keep")
    channel = store.channel
    end = channel.deadline(milliseconds(timeout))
    if not timeout:
        raise ValueError("timeout must be above 0")
    asked = server_hostname or host
    # 32 bytes; nothing depends on their being hard to guess
    random = sha256(b"%d" % channel.clock.ticks_ms()).digest()
    hello = client_hello(None if is_address(asked) else asked.encode(), random)
    chain = Chain(host, port)
    sock = SocketPool(store.radio).socket()
    sock.settimeout(timeout)

    def readinto(buffer):
        # The limit is for the whole: a server that sends a byte now and then is never late for one
        sock.timeout_ms = channel.left(end)
        if sock.timeout_ms == 0:
            raise OSError(errno.ETIMEDOUT, "no certificates in time")
        return sock.recv_into(buffer)

    flight = Flight(readinto, bytearray(512))
    try:
        sock.connect((host, port))
        sock.send(hello)
        flight.begin()
        chain.suite = flight.suite
        while len(chain.certificates) < _CERTIFICATES:
            size = flight.next_certificate()
            if size == 0:
                break
            if keep is not None and size <= _PEER_SIZE:
                flight.copy = bytearray()
            info = read(flight, size, None if chain.certificates else asked)
            if info.sha256 == keep:
                chain.kept = flight.copy
            flight.copy = None
            chain.certificates.append(info)
    except (HelloError, OSError) as e:
        raise _unanswered(e, sock, flight, timeout)
    finally:
        sock.close()
    return chain


def _unanswered(e, sock, flight, timeout):
    """The exception for what discover() met, a HelloError or an OSError: a DiscoveryError, but
    OSErrors of connect(), and of the module, as they are."""
    from ..errors import DiscoveryError, LinkLost, ModuleRestarted

    number = e.errno if isinstance(e, OSError) else None  # others have it too on MicroPython
    if number is None:  # HelloError
        number = errno.EIO
        words = str(e)
    elif sock.is_new() or isinstance(e, (LinkLost, ModuleRestarted)):
        return e
    elif number == errno.ETIMEDOUT:
        words = "the server is silent; is it TLS?"
        if flight.total:
            words = "the server has not sent its certificates within %g s, only %d bytes"
            words = words % (timeout, flight.total)
    elif number in (errno.ENOTCONN, errno.ECONNRESET):
        words = "the connection was lost before the server had sent all of its certificates"
    else:
        return e
    error = DiscoveryError(number, "%s:%d: %s" % (sock.address[0], sock.address[1], words))
    error.alert = getattr(e, "alert", None)
    return error
