"""The way from sockets and TLS contexts to what is seldom needed of them, in other files.

As more.py, which has what concerns certificates.
"""

# of a SocketPool, numbered as in CircuitPython
_CONSTANTS = (
    "SOCK_DGRAM 2 SOCK_RAW 3 SOL_SOCKET 4095 SO_REUSEADDR 4 IPPROTO_IP 0 IPPROTO_TCP 6 "
    "IPPROTO_UDP 17 TCP_NODELAY 1 AF_INET6 10 EAI_NONAME -2"
)
# of a Socket: method, module
_OF_SOCKET = "bind server listen server accept server makefile makefile ioctl stepwise"


def method(owner, name):
    """A constant of SocketPool, or a method of Socket."""
    from .socketpool import SocketPool

    pool = isinstance(owner, SocketPool)
    words = (_CONSTANTS if pool else _OF_SOCKET).split(" ")
    if name not in words[::2]:
        raise AttributeError(name)
    word = words[words[::2].index(name) * 2 + 1]
    if pool:
        return int(word)
    function = getattr(__import__(word, globals(), None, (name,), 1), name)
    return lambda *args, **options: function(owner, *args, **options)


def socket(pool, family, type):
    """SocketPool.socket() for what is not TCP."""
    if family == 2 and type == 2:
        from .udp import Datagrams

        return Datagrams(pool)
    from .errors import errno

    raise OSError(errno.EINVAL, "only TCP and UDP over IPv4")


def settimeout(sock, mode=0):
    """From now on sock must not wait: see stepwise.Stepwise. With TLS_MODE: it is to be TLS."""
    if mode == 2:
        if sock._tls is None:
            from .tls import SSLContext

            SSLContext().wrap_socket(sock)
    elif sock.engine != "host":  # see hosttls.Layer
        from .stepwise import Stepwise

        Stepwise(sock)


def send(sock, data):
    """The first bytes of a connection look like HTTP or MQTT: see cork.send()."""
    from .cork import send

    return send(sock, data)


version = "TLSv1.2"  # the module's [2.6]


def wrap_socket(context, sock):
    """A listening socket with TLS: see server.wrap()."""
    from .server import wrap

    return wrap(context, sock)
