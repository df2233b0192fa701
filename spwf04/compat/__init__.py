"""Our sockets under the names that other libraries import: socket, ssl, tls, socketpool, and, if
asked for, network and wifi.

    import spwf04.compat
    spwf04.compat.install(radio, roots=Bundle("roots.bin"))   # before the imports that follow
    import requests
    requests.get("https://example.com")

Two things that such libraries do are met here, and only here:

They connect first and wrap then. The module must know at the opening whether a connection is
TLS, so connect() to a port where TLS is usual (443, 8443, 8883) waits for wrap_socket() or the
first byte, and any other socket that is wrapped before a byte has moved is opened again. One
that must not wait (asyncio) is opened at the first poll. The port decides when the connection is
opened, never whether it is TLS. Errors of connect() may thus come a call later.

They set CERT_NONE by themselves. It is accepted and changes nothing: every connection is
verified as always.
"""

import sys


def install(radio, names=None, roots=None) -> "tuple[str, ...] | list[str]":
    """Put our sockets into sys.modules under `names`; return these names.

    names: of "socket", "ssl", "tls", "socketpool", "network", "wifi"; default: the first four,
    but on CPython, whose own libraries need its socket, only "socketpool". roots: for
    TLS connections, as SSLContext takes them. Modules that were imported before keep what they
    have. "network" gives a WLAN for MicroPython's libraries, "wifi" the radio for CircuitPython's.
    """
    if names is None:
        names = ("socket", "ssl", "tls", "socketpool")
        if sys.implementation.name == "cpython":
            names = names[3:]
    elif not isinstance(names, (tuple, list)):
        raise TypeError("names must be a list of str")
    elif not all([isinstance(name, str) for name in names]):
        raise TypeError("names must be a list of str")
    from ..hosttls.native import originals
    from .socket import PoolModule, SocketModule
    from .ssl import SSLModule

    if roots is not None:
        from ..pki.bundle import roots as opened

        roots = opened(roots)
    secure = SSLModule(roots)
    ours = {"socket": SocketModule(radio), "ssl": secure, "tls": secure, "socketpool": PoolModule}
    if "network" in names:
        from .network import NetworkModule

        ours["network"] = NetworkModule(radio)
    if "wifi" in names:
        from .wifi import WifiModule

        ours["wifi"] = WifiModule(radio)
    for name in names:
        if name not in ours:
            raise ValueError("install() knows socket, ssl, tls, socketpool, network, wifi")
    for name in names:
        for known in (name, "u" + name):  # MicroPython's older libraries import usocket, ussl
            if known not in originals:
                originals[known] = sys.modules.get(known)
            sys.modules[known] = ours[name]  # pyright: ignore
    return names


def uninstall() -> None:
    """Put back what install() replaced."""
    from ..hosttls.native import originals

    for name, module in originals.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    originals.clear()
