"""A TLS connection by the module failed: the way to what can be done about it, and back.

What remedy.py needs is large; it is given back when it is not needed any more.
"""

_REMEDY = (
    "remedy explain hints plan trust discover hello x509info reach digest hosttls hosttls_layer "
    "hosttls_stream hosttls_circuitpython validity watch cafiles seldom sha placing record turn"
)


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
