"""The way from the core to what is seldom needed, in other files.

Every name that a file of the core knows costs memory, whether it is used or not: so sockets, TLS
and the certificate store know only this file.
"""

# method, module, function
_METHODS = (
    "list seldom list_ remove seldom remove clear seldom clear discover discover discover "
    "install_for trust install_for keep_for_host trust keep_for_host pin pin pin "
    "diagnose diagnose diagnose forget_identity identity forget"
)

_REMEDY = (
    "remedy explain hints trust discover hello x509info reach digest hosttls hosttls_stream "
    "hosttls_circuitpython cafiles seldom sha"
)


def method(store, name):
    """A method of CertificateStore."""
    if name == "identity":
        return store._identity
    words = _METHODS.split(" ")
    if name not in words[::3]:
        raise AttributeError(name)
    at = words[::3].index(name) * 3
    module = __import__(words[at + 1], globals(), None, (words[at + 2],), 1)
    function = getattr(module, words[at + 2])

    def call(*args, **options):
        try:
            return function(store, *args, **options)
        except RuntimeError as e:
            raise too_deep(e)

    return call


def attribute(entry, name):
    """Entry.subject, .not_after, .volatile."""
    if name == "volatile":
        return entry.where == "file" and entry.volume == "D"
    if name == "volume":
        return None
    if name not in ("subject", "not_after"):
        raise AttributeError(name)
    if entry.source is None:
        return None
    from .x509 import load
    from .x509info import Bytes, CertificateInfo

    try:
        der = load(entry.source)
        return getattr(CertificateInfo(Bytes(der), len(der)), name)
    except (OSError, ValueError):
        return None


# for tls.py and socketpool.py
def tls(sock, exchange, number):
    """A TLS connection by the module failed: see remedy.remedy().

    Where there is no memory for that, the error goes out without remedy and advice.
    """
    try:
        from .remedy import remedy

        return remedy(sock, exchange, number)
    except OSError:
        remedy = None
        _forget()  # room for what the caller does about it
        raise
    except RuntimeError as e:
        raise too_deep(e)
    except (ImportError, MemoryError):
        remedy = None  # or it keeps all that it knows
        _forget()
    if number < 0:
        sock.channel.check(exchange)
    from .errors import CertificateError, errno

    words = "Certificate Error:%d" % number
    message = "%s:%d was not trusted, %s" % (sock.address[0], sock.address[1], words)
    raise CertificateError(errno.EIO, message, number, words)


def too_deep(error):
    """The exception for calls that nest more deeply than the interpreter's stack allows."""
    from .errors import SPWF04Error, errno

    return SPWF04Error(
        errno.ENOMEM,
        "the interpreter's stack is too small: %s" % error,
        hint="On CircuitPython: CIRCUITPY_PYSTACK_SIZE = 4096 in settings.toml",
    )


def _forget():
    """Give back the memory of what was loaded for the remedy."""
    import gc
    import sys

    if sys.implementation.name == "cpython":
        return
    package = sys.modules["spwf04"]
    for name in _REMEDY.split(" "):
        if sys.modules.pop("spwf04." + name, None) is not None and hasattr(package, name):
            delattr(package, name)
    gc.collect()


def connect(sock, context, address):
    """Make a connection by the host's TLS if that is decided: see hosttls.divert()."""
    from .hosttls import divert

    return divert(sock, context, address)


def native(name):
    """The interpreter's own module of this name, though compat.install() put ours there."""
    import sys

    compat = sys.modules.get("spwf04.compat")
    if compat is None or name not in compat._saved:
        return __import__(name)
    ours = {}
    for other in ("ssl", "tls"):  # MicroPython's ssl imports its tls
        if other in compat._saved:
            ours[other] = sys.modules.pop(other)
            if compat._saved[other] is not None:
                sys.modules[other] = compat._saved[other]
    try:
        return __import__(name)
    finally:
        for other in ours:
            sys.modules[other] = ours[other]


def set_time(radio, roots):
    """The clock is not set: see remedy.set_clock()."""
    from .remedy import set_clock

    set_clock(radio, roots)


def identity(certfile, keyfile):
    """See identity.Identity."""
    from .identity import Identity

    return Identity(certfile, keyfile)
