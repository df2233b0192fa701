"""Small things that are seldom asked of pools, sockets and contexts: see rare.py."""


# for a SocketPool ----------------------------------------------------------------------------
def socket(pool, family, type):
    """SocketPool.socket() for what is not TCP."""
    if not isinstance(family, int) or not isinstance(type, int):
        raise TypeError("family and type must be int")
    if family == 2 and type == 2:
        from .udp import Datagrams

        return Datagrams(pool)
    from ..errors import errno

    raise OSError(errno.EINVAL, "only TCP and UDP over IPv4")


# of a Socket ---------------------------------------------------------------------------------
def setblocking(sock, value):
    """setblocking(True) is settimeout(None), setblocking(False) is settimeout(0)."""
    if value is not None and not isinstance(value, (bool, int)):
        raise TypeError("value must be True or False, not " + type(value).__name__)
    sock.settimeout(None if value else 0)


def setsockopt(sock, level, option, value):
    """TCP_NODELAY (6, 1): never hold small writes back, see cork.py; else without effect."""
    if no_delay(level, option, value):
        sock._started = True


def no_delay(level, option, value):
    """True for TCP_NODELAY, on."""
    if not isinstance(level, int) or not isinstance(option, int):
        raise TypeError("level and option must be int")
    return (level, option) == (6, 1) and isinstance(value, (bool, int)) and bool(value)


def version(sock):
    """The TLS version of an open TLS socket, else None. The module has 1.2. [h.9]"""
    return "TLSv1.2" if sock.engine is not None and sock._state == 2 else None


def cipher(sock):
    """(name, version, bits) of an open TLS socket as far as known, else None.

    The module does not tell; the host's TLS does.
    """
    return None
