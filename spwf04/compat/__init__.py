"""The driver under the names that other libraries import: socket, ssl, tls, socketpool, network
and wifi.

    import spwf04.compat
    spwf04.compat.install(radio, roots=Bundle("roots.bin"))   # before the imports that follow
    import requests
    requests.get("https://example.com")

Only this folder supports two habits of such libraries.

They call connect() first and wrap_socket() then. But the module must know whether a connection
is TLS when it opens it. So if the port is one where TLS is usual (443, 8443, 8883), a
socket.socket opens its connection at wrap_socket(), or at the first byte. Any other socket, also
one of SocketPool, opens its connection again at wrap_socket(), if no byte has moved yet. With
time-out 0 (asyncio), the connection is opened at the first poll. So the port decides when a
connection is opened, but never whether it is TLS. Errors of connect() may come a call later.

They set CERT_NONE. It is accepted and has no effect: every connection is verified.
"""

import sys

_NAMES = ("socket", "ssl", "tls", "socketpool", "network", "wifi")


def install(radio, names=None, roots=None) -> "tuple[str, ...] | list[str]":
    """Put the driver into sys.modules under these names, and return them.

    names: of "socket", "ssl", "tls", "socketpool", "network" and "wifi"; default: the first four.
    "network" has a WLAN for MicroPython's libraries, "wifi" the radio for CircuitPython's. roots:
    for TLS connections, as SSLContext takes them.

    Libraries that were imported before keep the modules that they have. All sockets are those of
    the radio that was installed last.

    On CPython, names must be given and leave "socket" out, else ValueError: asyncio and others
    have imported the computer's own socket already, and would use its network without notice.
    Give libraries a SocketPool(radio) there.
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
            'install() cannot replace "socket" on CPython: asyncio and others have the '
            "computer's own already. Name others, as in "
            'install(radio, ("socketpool", "ssl")), and give libraries a SocketPool(radio)'
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
    """Return {name: what it stands for}."""
    from ..net import pool

    pool.SocketPool(radio)  # raises TypeError for what is no radio
    if roots is not None:
        from ..roots.search import open_roots

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
    """Put the modules back that install() replaced."""
    from ..hosttls.native import originals

    for name, module in originals.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    originals.clear()
