"""`import socket` after compat.install() imports this file. Its sockets may be connected first and
wrapped then.

It is a module, because MicroPython's `from socket import *` needs one. So there is only one, and
its sockets are those of the radio that was installed last.
"""

import sys

from ..arguments import address as checked
from ..arguments import encoded, exact
from ..net.pool import SocketPool
from ..net.pool import gaierror as gaierror
from ..net.socket import Socket
from ..payload import payload

try:
    import errno
except ImportError:
    from ..errors import errno

_TLS_PORTS = (443, 8443, 8883)

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

error = herror = OSError
timeout = type(OSError(errno.ETIMEDOUT, ""))  # CPython makes that a TimeoutError

_pool = None


def use_radio(radio) -> None:
    """For compat.install(): new sockets are this radio's from now on."""
    global _pool
    _pool = SocketPool(radio)
    _pool.in_background(_drive)


def _drive(channel):
    """If asyncio runs, have it poll the channel until the pool has no jobs left."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        from ..aio import drive

        try:
            if asyncio.current_task() is not None:
                asyncio.create_task(drive(channel))
        except RuntimeError:
            pass  # asyncio does not run


class socket(Socket):
    """A TCP socket that can be connected first and wrapped then. Programs may derive from it.

    socket(AF_INET, SOCK_DGRAM) returns net.udp.Datagrams, which is not derived from it: on
    MicroPython no class can have two bases for select.poll().
    """

    end_raises = False  # as the interpreter's sockets, which return 0 each time at the end

    def __new__(cls, family=2, type=1, *args, **options):
        if _pool is None:
            raise OSError(errno.ENODEV, "no radio is installed: call spwf04.install(radio) first")
        if cls is socket and isinstance(type, int) and type == 2:
            return _pool.socket(family, type)
        return object.__new__(cls)

    def __init__(self, family=2, type=1, proto=0):
        if not isinstance(family, int) or not isinstance(type, int) or (family, type) != (2, 1):
            _pool.socket(family, type, proto)  # raises what is wrong
            raise OSError(errno.EINVAL, "a class derived from socket can only be a TCP socket")
        Socket.__init__(self, _pool)

    def connect(self, address, mode=None) -> None:
        """As Socket.connect(). It may leave the connecting to wrap_socket(), or to the call that
        sends or receives the first byte; with time-out 0, OSError (EINPROGRESS)."""
        address = checked(address)
        new = self.is_new() and self.tls is None and self.error is None
        if new and mode is None and self.deferred_address is None:
            if self.timeout_ms == 0:  # at the first poll
                self.deferred_address = address
                raise OSError(errno.EINPROGRESS, "connect() is not over yet")
            if address[1] in _TLS_PORTS:
                self.deferred_address = address
                return
        self.deferred_address = None
        Socket.connect(self, address, mode)


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0) -> list:
    """As SocketPool.getaddrinfo()."""
    return SocketPool.getaddrinfo(_pool, host, port, family, type, proto, flags)  # pyright: ignore


def inet_pton(family, text) -> bytes:
    """Return the four bytes of an IPv4 address.

    family: AF_INET. text: a str such as "192.168.1.2". OSError (EINVAL).
    """
    if not isinstance(text, str):
        raise TypeError("text must be str, not " + type(text).__name__)
    parts = encoded(text, "text").split(b".")
    if exact(family) == 2 and len(parts) == 4:
        if all([part.isdigit() and len(part) < 4 for part in parts]):
            numbers = [int(part) for part in parts]
            if max(numbers) < 256:
                return bytes(numbers)
    raise OSError(errno.EINVAL, "not an IPv4 address")


def inet_ntop(family, packed) -> str:
    """Return the str of an IPv4 address.

    family: AF_INET. packed: its four bytes. OSError (EINVAL).
    """
    packed = payload(packed, "packed")
    if exact(family) == 2 and len(packed) == 4:
        return "%d.%d.%d.%d" % tuple(packed)
    raise OSError(errno.EINVAL, "not an IPv4 address of four bytes")
