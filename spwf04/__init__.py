"""Driver for ST's Wi-Fi modules SPWF04SA and SPWF04SC on a UART.

It runs on MicroPython, CircuitPython and CPython.

    from spwf04 import SPWF04, SocketPool, SSLContext

Each name is imported when it is first used, so that a program loads only what it uses.
"""

from .const import const

__version__ = "0.1.0"

# Where each public name is
_NAMES = {
    "SPWF04": "radio",
    "SocketPool": "net.pool",
    "SSLContext": "tls.context",
    "create_default_context": "tls.context",
    "CertificateStore": "tls.store",
    "Bundle": "roots.bundle",
    "Radio": "compat.wifi",
    "install": "compat",
    "uninstall": "compat",
    "SPWF04Error": "errors",
    "ModuleError": "errors",
    "CertificateError": "errors",
    "DiscoveryError": "errors",
    "JoinError": "errors",
    "LinkLost": "errors",
    "ModuleRestarted": "errors",
    "NotFound": "errors",
}


TYPE_CHECKING = const(0)

if TYPE_CHECKING:
    from .compat import install as install
    from .compat import uninstall as uninstall
    from .compat.wifi import Radio as Radio
    from .errors import CertificateError as CertificateError
    from .errors import DiscoveryError as DiscoveryError
    from .errors import JoinError as JoinError
    from .errors import LinkLost as LinkLost
    from .errors import ModuleError as ModuleError
    from .errors import ModuleRestarted as ModuleRestarted
    from .errors import NotFound as NotFound
    from .errors import SPWF04Error as SPWF04Error
    from .net.pool import SocketPool as SocketPool
    from .radio import SPWF04 as SPWF04
    from .roots.bundle import Bundle as Bundle
    from .tls.context import SSLContext as SSLContext
    from .tls.context import create_default_context as create_default_context
    from .tls.store import CertificateStore as CertificateStore
else:

    def __getattr__(name):
        if name not in _NAMES:
            raise AttributeError(name)
        import gc

        gc.collect()  # code stays where it is put, so put it low and close together
        value = getattr(__import__(_NAMES[name], globals(), None, (name,), 1), name)
        globals()[name] = value
        return value
