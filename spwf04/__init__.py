"""Driver for ST's SPWF04SA/SC Wi-Fi module on a UART, for MicroPython, CircuitPython, CPython.

    from spwf04 import SPWF04, SocketPool, SSLContext

Each name is imported when it is first used, so that a program pays for what it uses.
"""

__version__ = "0.1.0"

_NAMES = {
    "SPWF04": "radio",
    "SocketPool": "socketpool",
    "SSLContext": "tls",
    "create_default_context": "tls",
    "CertificateStore": "certs",
    "SPWF04Error": "errors",
    "ModuleError": "errors",
    "CertificateError": "errors",
    "JoinError": "errors",
    "LinkLost": "errors",
    "NotFound": "errors",
    "ModuleRestarted": "errors",
}


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(name)
    value = getattr(__import__(_NAMES[name], globals(), None, (name,), 1), name)
    globals()[name] = value
    return value
