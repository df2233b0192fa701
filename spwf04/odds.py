"""Small things that are seldom asked of pools, sockets and contexts: see rare.py."""


# for a SocketPool ----------------------------------------------------------------------------
def socket(pool, family, type):
    """SocketPool.socket() for what is not TCP."""
    if family == 2 and type == 2:
        from .udp import Datagrams

        return Datagrams(pool)
    from .errors import errno

    raise OSError(errno.EINVAL, "only TCP and UDP over IPv4")


# of a Socket ---------------------------------------------------------------------------------
def setblocking(sock, value):
    """setblocking(True) is settimeout(None), setblocking(False) is settimeout(0)."""
    sock.settimeout(None if value else 0)


def setsockopt(sock, level, option, value):
    """TCP_NODELAY (6, 1): never hold small writes back, see cork.py; else without effect."""
    sock._started = (level, option) == (6, 1) and bool(value)


def version(sock):
    """The TLS version of an open TLS socket, else None. The module has 1.2. [2.6]"""
    return "TLSv1.2" if sock.engine is not None and sock._state == 2 else None


def cipher(sock):
    """(name, version, bits) of an open TLS socket as far as known, else None.

    The module does not tell; the host's TLS does.
    """
    return None


# of an SSLContext ----------------------------------------------------------------------------
def load_verify_locations(context, cafile=None, capath=None, cadata=None):
    """Trust a CA: cafile is a file name, cadata PEM (str) or DER (bytes).

    It is installed on the module when a socket of this context connects.
    """
    if capath is not None or (cafile is None and cadata is None):
        raise ValueError("load_verify_locations() takes cafile or cadata")
    context._cas.append(cafile if cadata is None else cadata)


def create_default_context():
    """An SSLContext with verification and name check, as in CPython's ssl."""
    from .tls import SSLContext

    return SSLContext()
