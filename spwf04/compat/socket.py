"""What `import socket` and `import socketpool` give: sockets of the pool, which may be connected
first and wrapped then."""

from ..arguments import address as checked
from ..net.connect import back_out
from ..net.pool import SocketPool
from ..net.socket import Socket

try:
    import errno
except ImportError:
    from ..errors import errno

_LATER = (443, 8443, 8883)


class CompatSocket(Socket):
    """A Socket that can be connected first and wrapped then."""

    def connect(self, address, mode=None):
        """As Socket.connect(); may wait for wrap_socket() or the first byte."""
        address = checked(address)
        if self.is_new() and self.tls is None and self.later is None:
            if self.timeout_ms == 0:  # at the first poll
                self.later = address
                raise OSError(errno.EINPROGRESS, "connecting")
            if address[1] in _LATER:
                self.later = address
                return
        self.later = None
        Socket.connect(self, address, mode)

    def address_to_wrap(self):
        """For wrap_socket(): the address to which a TLS connection is to be opened now, or None.
        OSError (EINVAL) if bytes have moved in clear."""
        address = back_out(self) or self.later
        self.later = None
        return address


class SocketModule:
    """What `import socket` gives: a SocketPool with the names of the socket module."""

    gaierror = SocketPool.gaierror
    error = OSError
    timeout = OSError

    AF_INET = SocketPool.AF_INET
    AF_INET6 = SocketPool.AF_INET6
    SOCK_STREAM = SocketPool.SOCK_STREAM
    SOCK_DGRAM = SocketPool.SOCK_DGRAM
    SOCK_RAW = SocketPool.SOCK_RAW
    SOL_SOCKET = SocketPool.SOL_SOCKET
    SO_REUSEADDR = SocketPool.SO_REUSEADDR
    IPPROTO_IP = SocketPool.IPPROTO_IP
    IPPROTO_TCP = SocketPool.IPPROTO_TCP
    IPPROTO_UDP = SocketPool.IPPROTO_UDP
    TCP_NODELAY = SocketPool.TCP_NODELAY
    EAI_NONAME = SocketPool.EAI_NONAME

    def __init__(self, radio):
        self._pool = SocketPool(radio)

    def socket(self, family=2, type=1, proto=0) -> Socket:
        """A new CompatSocket, or for UDP udp.Datagrams; nothing is sent."""
        if isinstance(family, int) and isinstance(type, int) and (family, type) == (2, 1):
            return CompatSocket(self._pool)
        return self._pool.socket(family, type, proto)

    def getaddrinfo(self, host, port, family=0, type=0, proto=0, flags=0) -> list:
        """As SocketPool.getaddrinfo()."""
        return self._pool.getaddrinfo(host, port, family, type, proto, flags)


class PoolModule:
    """What `import socketpool` gives."""

    SocketPool = SocketPool
