"""Driver for ST's SPWF04SA/SC Wi-Fi module on a UART, for MicroPython, CircuitPython, CPython.

    from spwf04 import SPWF04, SocketPool, SSLContext

Each name is imported when it is first used, so that a program pays for what it uses.
"""

__version__ = "0.1.0"


def __getattr__(name):
    # Where each name is, as one string: a dictionary of them would cost ten times the memory
    words = (
        "radio SPWF04 socketpool SocketPool tls SSLContext odds create_default_context "
        "certs CertificateStore errors SPWF04Error errors ModuleError errors CertificateError "
        "errors JoinError errors LinkLost errors NotFound errors ModuleRestarted bundle Bundle "
        "errors DiscoveryError compat install compat uninstall wifi Radio"
    ).split(" ")
    if name not in words[1::2]:
        raise AttributeError(name)
    import gc

    gc.collect()  # code stays where it is put: low, and close together
    module = words[words.index(name) - 1]
    value = getattr(__import__(module, globals(), None, (name,), 1), name)
    globals()[name] = value
    return value
