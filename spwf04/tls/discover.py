"""Which certificates a server sends, asked over a plain TCP socket of the module.

The module never says which CA it missed. In TLS 1.2 a server's certificates travel in clear, so
we say hello as the module would, listen, and hang up. Nothing is trusted because of it.
"""

from ..const import const
from ..errors import errno
from ..net.pool import SocketPool
from ..pki.certificate import CertificateInfo, is_address, issued
from ..pki.digest import sha256
from ..pki.handshake import Flight, HelloError, client_hello

_CERTIFICATES = const(12)  # more of one server are not looked at
_PEER_SIZE = const(2560)  # the module's limit for each certificate of a peer [T6]


class Chain:
    """What a server sent, leaf first.

    certificates: list of CertificateInfo. suite: its choice of cipher suite, int. kept: DER of
    the certificate with the fingerprint that discover() was to keep, or None. print() it.
    """

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.certificates = []
        self.suite = 0
        self.kept = None

    def path(self):
        """The certificates from the leaf upward, each the issuer of the one before.

        Servers send them unordered, twice, and with others that do not belong. It ends below one
        that cannot be read.
        """
        path = self.certificates[:1]
        while path and not path[-1].self_issued:
            below = path[-1]
            for above in self.certificates:
                if issued(above, below) and above not in path:
                    path.append(above)
                    break
            else:
                break
        return path

    def __str__(self):
        from .limits import describe

        return "\n".join(
            ["%s:%d sends" % (self.host, self.port)]
            + [" %d %s" % (n, describe(c)) for n, c in enumerate(self.certificates)]
        )


def discover(store, host, port=443, server_hostname=None, timeout=20.0, keep=None):
    """certs.discover(): ask a server for its certificates and return a Chain.

    host, port, server_hostname: as for a TLS connection. timeout: seconds for the whole call,
    however slowly the server answers. keep: SHA-256 as 64 hex digits; the certificate that has
    it is kept in DER, if it is not above 2560 bytes. OSErrors of connect(), or DiscoveryError:
    no TLS 1.2 there, an alert, garbage, an answer that ends in its middle or does not come in
    time. LinkLost if the module does not answer.
    """
    from ..arguments import milliseconds, server

    host, port, server_hostname = server(host, port, server_hostname)
    if keep is not None:
        from ..checks import fingerprint

        keep = fingerprint(keep, "keep")
    channel = store.channel
    end = channel.deadline(milliseconds(timeout))
    if not timeout:
        raise ValueError("timeout must be above 0")
    milliseconds = server = None  # their file is given back when the connection is open
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
            info = CertificateInfo(flight, size, None if chain.certificates else asked)
            if info.sha256 == keep:
                chain.kept = flight.copy
            flight.copy = None
            chain.certificates.append(info)
    except (HelloError, OSError) as e:
        from .limits import unanswered

        unanswered(e, sock, flight, timeout)
    finally:
        sock.close()
    return chain
