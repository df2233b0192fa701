"""Driver for ST's SPWF04SA/SC Wi-Fi module on a UART, for MicroPython, CircuitPython, CPython.

    from spwf04 import SPWF04, SocketPool, SSLContext

Each name is imported when it is first used, so that a program pays for what it uses.
"""

__version__ = "0.1.0"


# Where each public name is
_NAMES = {
    "SPWF04": "radio",
    "SocketPool": "net.pool",
    "SSLContext": "tls.context",
    "create_default_context": "tls.context",
    "CertificateStore": "tls.store",
    "Bundle": "pki.bundle",
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


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(name)
    import gc

    gc.collect()  # code stays where it is put: low, and close together
    value = getattr(__import__(_NAMES[name], globals(), None, (name,), 1), name)
    globals()[name] = value
    return value
