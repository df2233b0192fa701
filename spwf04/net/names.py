"""SocketPool.getaddrinfo(), which asks nobody."""

from ..arguments import host as check
from ..errors import errno


class _gaierror(OSError):
    """Raised by SocketPool.getaddrinfo() for a host that cannot be one."""


def gaierror(pool):
    """SocketPool.gaierror"""
    return _gaierror


def getaddrinfo(pool, host, port, family=0, type=0, proto=0, flags=0):
    """Return [(family, type, proto, "", (host, port))] without asking anybody.

    The name stays a name: the module resolves it in the same command that connects. An unknown
    name is thus noticed by connect().
    """
    if not isinstance(type, int):
        raise TypeError("type must be an int")
    try:
        check(host)
    except ValueError as e:
        raise _gaierror(errno.EINVAL, str(e))
    return [(2, type or 1, proto, "", (host, port))]
