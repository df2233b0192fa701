"""Asks a server which certificates it sends, over a plain TCP socket of the module.

The module never says which CA it missed. In TLS 1.2 a server's certificates travel in clear, so
the driver says hello as the module would, listens, and hangs up. Nothing is trusted because of it.
"""

from ..arguments import address, milliseconds, server_name
from ..const import const
from ..errors import DiscoveryError, LinkLost, ModuleRestarted, errno
from ..net import closing  # noqa: F401 (where memory is short, the close needs none for code)
from ..net.pool import SocketPool
from ..pki.chain import Chain

_CERTIFICATES = const(12)  # further ones of a server are not looked at


def server(name, port, other):
    """Return the arguments host, port and server_hostname of a call that asks a TLS server."""
    name, port = address((name, port))
    other = server_name(name, "host") if other is None else server_name(other)
    return name, port, other.decode()


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
    """CertificateStore.discover()"""
    # Before the code is loaded: where memory is short, that leaves it in small pieces
    room = bytearray(512)
    from ..pki.handshake import Flight, HelloError

    host, port, name = server(host, port, server_hostname)
    keep, most = _to_keep(keep)
    limit = Limit(store.channel, timeout)
    chain = Chain(host, port, name)
    sock = SocketPool(store.radio).socket()
    sock.settimeout(timeout)

    def readinto(buffer):
        # The limit is for the whole: a server that sends a byte now and then is never late for one
        sock.settimeout(limit.left())
        return sock.recv_into(buffer)

    flight = Flight(readinto, room)
    try:
        sock.connect((host, port))
        sock.send(_hello(store.channel, name))
        flight.begin()
        chain.suite, chain.version = flight.suite, flight.version
        _read(chain, flight, keep, most)
    except (HelloError, OSError) as e:
        raise _unanswered(e, sock, flight, timeout)
    finally:
        flight = None  # its buffers: where memory is short, the close needs it
        sock.close()
    return chain


def _read(chain, flight, keep, most):
    """Read the certificates of a flight into a Chain. keep, most: as _to_keep() gives them."""
    from ..pki.certificate import read

    while len(chain.certificates) < _CERTIFICATES:
        size = flight.next_certificate()
        if size == 0:
            break
        if size <= most:
            flight.copy = bytearray()
        info = read(flight, size, None if chain.certificates else chain.name)
        if info.sha256 == keep:
            chain.kept = flight.copy
        flight.copy = None
        chain.certificates.append(info)


def _to_keep(keep):
    """(the fingerprint of the certificate to be kept, how many bytes it may have)"""
    if keep is None:
        return None, 0
    from ..checks import fingerprint
    from ..pki.faults import PEER_SIZE

    return fingerprint(keep, "keep"), PEER_SIZE


def _hello(channel, name):
    """A ClientHello for the server of this name or address, str."""
    from ..digest import sha256
    from ..pki.handshake import client_hello
    from ..pki.names import is_address

    # 32 bytes; nothing depends on their being hard to guess
    random = sha256(b"%d" % channel.clock.ticks_ms()).digest()
    return client_hello(None if is_address(name) else name.encode(), random)


def _unanswered(e, sock, flight, timeout):
    """The exception for what discover() met, a HelloError or an OSError: a DiscoveryError, but
    OSErrors of connect(), and of the module, as they are."""
    from ..pki.handshake import HelloError

    where = "%s:%d: " % (sock.address[0], sock.address[1])
    if isinstance(e, HelloError):
        hint = _HINTS[e.remedy] if e.remedy else None
        error = DiscoveryError(errno.EIO, where + str(e), hint=hint, remedy=e.remedy)
        error.alert = e.alert
        return error
    if sock.is_new() or isinstance(e, (LinkLost, ModuleRestarted)):
        return e
    number = e.errno
    if number == errno.ETIMEDOUT and flight.total:
        return DiscoveryError(
            errno.ETIMEDOUT,
            "%sthe server has not sent its certificates within %g s, only %d bytes"
            % (where, timeout, flight.total),
            hint="Try again with a longer timeout",
            remedy="retry",
        )
    if number == errno.ETIMEDOUT:
        return DiscoveryError(
            errno.ETIMEDOUT,
            where + "the server is silent, it may not speak TLS",
            hint="Check the port: plain services are often on others",
            remedy="check_host",
        )
    if number in (errno.ENOTCONN, errno.ECONNRESET):
        return DiscoveryError(
            number,
            where + "the connection was lost before the server had sent all of its certificates",
            hint="Try again",
            remedy="retry",
        )
    return e


# Hints of the remedies of a HelloError
_HINTS = {
    "check_host": "Check the port: plain services are often on others",
    "use_host_tls": 'This board\'s own TLS may take it: SSLContext(engine="host")',
    "check_name": "Check host and server_hostname",
    "ask_owner": "Only the server's owner can mend it",
    "retry": "Try again",
}


def asking(store, plan, seconds):
    """Steps, of which none waits, for once(): discover() of the server of a plan.Plan."""
    yield from ()
    return discover(store, plan.address[0], plan.address[1], plan.name, seconds)
