"""A TLS connection by the module failed: the way to what can be done about it, and back.

What remedy.py needs is large; it is given back when it is not needed any more.
"""

_REMEDY = (
    "tls.remedy at.failure at.hints tls.plan tls.trust tls.discover pki.handshake "
    "pki.certificate tls.limits pki.digest tls.host hosttls.stream hosttls.micropython "
    "hosttls.circuitpython pki.validity hosttls.watch tls.upload tls.seldom pki.sha "
    "tls.placing tls.notes tls.turn"
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
    from ..errors import CertificateError, errno

    words = "Certificate Error:%d" % number
    message = "%s:%d was not trusted, %s" % (sock.address[0], sock.address[1], words)
    raise CertificateError(errno.EIO, message, number, words)


def too_deep(error):
    """The exception for calls that nest more deeply than the interpreter's stack allows."""
    from ..errors import SPWF04Error, errno

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
    for name in _REMEDY.split(" "):
        name = "spwf04." + name
        if sys.modules.pop(name, None) is not None:
            package, _, name = name.rpartition(".")
            if hasattr(sys.modules[package], name):
                delattr(sys.modules[package], name)
    gc.collect()
