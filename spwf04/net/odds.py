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


# of an SSLContext ----------------------------------------------------------------------------
def load_verify_locations(context, cafile=None, capath=None, cadata=None):
    """Trust CAs: cafile is a file's name or path, cadata PEM (str, bytes) or DER (bytes).

    Each may hold several. They are installed on the module when a socket of this context
    connects. OSError: the file cannot be read; ValueError, TypeError: what is in it cannot be
    used. Nothing is added then.
    """
    if capath is not None or (cafile is None and cadata is None):
        raise ValueError("load_verify_locations() takes cafile or cadata")
    if isinstance(cadata, str) and "-----BEGIN" not in cadata:
        raise ValueError("cadata: a str must be PEM; the name of a file is cafile")
    from ..at.channel import forget

    try:
        from ..pki.pem import authorities, certificates

        # what the host's TLS takes for a CA is its own affair
        read = certificates if context.engine == "host" else authorities
        found = [] if cafile is None else read(cafile, "cafile")
        found += [] if cadata is None else read(cadata, "cadata")
        context._given = context._given + [_given(source) for source in found]
    finally:
        authorities = certificates = read = None
        forget("pki.pem")
        forget("pki.x509")


def _given(source):
    """What a context keeps of a CA: it is what it is now, though its file may change."""
    from binascii import hexlify

    from ..pki.digest import sha256
    from ..pki.pem import load
    from ..pki.x509 import Certificate

    der = bytes(load(source))
    try:
        ski = Certificate(der).ski
    except ValueError:
        ski = ""  # see turn.switch()
    return source, hexlify(sha256(der).digest()).decode(), ski, len(der)


def create_default_context():
    """An SSLContext with verification and name check, as in CPython's ssl."""
    from ..tls.context import SSLContext

    return SSLContext()
