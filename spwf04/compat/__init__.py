"""Our sockets under the names that other libraries import: socket, ssl, tls, socketpool, and, if
asked for, network and wifi.

    import spwf04.compat
    spwf04.compat.install(radio, roots=Bundle("roots.bin"))   # before the imports that follow
    import requests
    requests.get("https://example.com")

Two things that such libraries do are met here, and only here:

They connect first and wrap then. The module must know at the opening whether a connection is
TLS, so a socket.socket that connects to a port where TLS is usual (443, 8443, 8883) waits for
wrap_socket() or the first byte, and any other, those of SocketPool too, is opened again when it
is wrapped before a byte has moved. One that must not wait (asyncio) is opened at the first poll.
The port decides when the connection is opened, never whether it is TLS. Errors of connect() may
thus come a call later.

They set CERT_NONE by themselves. It is accepted and changes nothing: every connection is
verified as always.
"""

import sys

_NAMES = ("socket", "ssl", "tls", "socketpool", "network", "wifi")


def install(radio, names=None, roots=None) -> "tuple[str, ...] | list[str]":
    """Put our sockets into sys.modules under `names`; return these names.

    names: of "socket", "ssl", "tls", "socketpool", "network", "wifi"; default: the first four.
    roots: for TLS connections, as SSLContext takes them. Modules that were imported before keep
    what they have; all that have ours are served by the radio that was installed last. "network"
    gives a WLAN for MicroPython's libraries, "wifi" the radio for CircuitPython's.

    ValueError for "socket" on CPython, and so without names: asyncio and most others have the
    computer's own already, and would go on with its network unnoticed. Libraries are given a
    SocketPool(radio) there.
    """
    if names is None:
        names = _NAMES[:4]
    elif not isinstance(names, (tuple, list)):
        raise TypeError("names must be a list of str")
    elif not all([isinstance(name, str) for name in names]):
        raise TypeError("names must be a list of str")
    for name in names:
        if name not in _NAMES:
            raise ValueError("install() knows socket, ssl, tls, socketpool, network, wifi")
    if "socket" in names and sys.implementation.name not in ("micropython", "circuitpython"):
        raise ValueError(
            'not "socket" on CPython: its asyncio and others have the computer\'s own already. '
            'Name what is to be replaced, as in install(radio, ("socketpool", "ssl")), and give '
            "libraries a SocketPool(radio)"
        )
    from ..hosttls.native import originals

    ours = _faces(radio, names, roots)
    for name in names:
        for known in (name, "u" + name):  # MicroPython's older libraries import usocket, ussl
            if known not in originals:
                originals[known] = sys.modules.get(known)
            sys.modules[known] = ours[name]
    return names


def _faces(radio, names, roots):
    """What these names are to stand for, by name."""
    from ..net import pool

    pool.SocketPool(radio)  # or it says what is wrong with it
    if roots is not None:
        from ..pki.bundle import open_roots

        roots = open_roots(roots)
    ours: dict = {"socketpool": pool}
    if "network" in names:
        from .network import NetworkModule

        ours["network"] = NetworkModule(radio)
    if "wifi" in names:
        from .wifi import WifiModule

        ours["wifi"] = WifiModule(radio)
    if "ssl" in names or "tls" in names:
        from . import ssl

        ssl.use_roots(roots)
        ours["ssl"] = ours["tls"] = ssl
    if "socket" in names:
        from . import socket

        socket.use_radio(radio)
        ours["socket"] = socket
    return ours


def uninstall() -> None:
    """Put back what install() replaced."""
    from ..hosttls.native import originals

    for name, module in originals.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    originals.clear()
