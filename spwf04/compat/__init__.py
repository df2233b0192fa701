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

from ..arguments import address as checked
from ..arguments import server_name
from ..at.channel import Exchange
from ..checks import flag
from ..hosttls.native import originals
from ..net.names import _gaierror
from ..net.pool import SocketPool
from ..net.socket import Socket
from ..payload import payload
from ..tls.context import SSLContext

try:
    import errno
except ImportError:
    from ..errors import errno

# As in CPython's ssl
PROTOCOL_TLS_CLIENT = 16
CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2

_LATER = (443, 8443, 8883)


class CompatSocket(Socket):
    """A Socket that can be connected first and wrapped then."""

    _later = None  # address to connect to at the first use

    def connect(self, address):
        """As Socket.connect(); may wait for wrap_socket() or the first byte."""
        address = checked(address)
        soon = self.timeout_ms != 0 and address[1] not in _LATER
        if self._state == 0 and self._tls is None and self._later is None and not soon:
            self._later = address
            return
        self._later = None
        Socket.connect(self, address)

    def _check_open(self):
        if self._later is not None:
            self.connect(self._later)
        Socket._check_open(self)

    def _close(self):
        self._later = None
        Socket._close(self)

    def _address_to_wrap(self):
        """The address to which a TLS connection is to be opened now, or None."""
        address = self._later
        if self._state in (1, 2) and self._tls is None:  # open or opening, and plain
            held = hasattr(self._over, "flush")  # by a Cork: of a request in clear
            if held or self._wrote or self._asked_for or self._pending:
                raise OSError(errno.EINVAL, "bytes have moved: TLS must be there from the start")
            address = self.address
            if self._state == 1:
                self._exchange.on_line = self._pool._on_stray
                self._exchange = Exchange()
            n = self._abandon()
            if n >= 0:
                self._pool._release(n)
        self._later = None
        return address


class CompatContext(SSLContext):
    """An SSLContext for libraries that connect first, or ask for CERT_NONE."""

    @property
    def verify_mode(self):
        """Always CERT_REQUIRED, whatever was set."""
        return CERT_REQUIRED

    @verify_mode.setter
    def verify_mode(self, mode):
        if not isinstance(mode, int) or mode not in (CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED):
            raise ValueError("verify_mode must be CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED")

    def wrap_socket(
        self, sock, *, server_side=False, server_hostname=None, do_handshake_on_connect=True
    ):
        """As SSLContext.wrap_socket(), before or after connect()."""
        address = None
        if server_hostname is not None:
            server_name(server_hostname)
        if isinstance(sock, CompatSocket) and not flag(server_side, "server_side"):
            address = sock._address_to_wrap()
        SSLContext.wrap_socket(
            self, sock, server_side=server_side, server_hostname=server_hostname
        )
        if address is not None:
            try:
                sock.connect(address)
            except OSError as e:
                if e.errno != errno.EINPROGRESS:
                    raise
        return sock

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        """As SSLContext's; an empty cadata adds nothing."""
        if cafile is not None or cadata is None or len(payload(cadata, "cadata", True)):
            SSLContext.load_verify_locations(self, cafile, capath, cadata)


class SocketModule:
    """What `import socket` gives: a SocketPool with the names of the socket module."""

    gaierror = _gaierror
    error = OSError
    timeout = OSError

    def __init__(self, radio):
        self._pool = SocketPool(radio)

    def __getattr__(self, name):
        return getattr(self._pool, name)  # getaddrinfo, the constants

    def socket(self, family=2, type=1, proto=0):
        """A new CompatSocket, or for UDP udp.Datagrams; nothing is sent."""
        if isinstance(family, int) and isinstance(type, int) and (family, type) == (2, 1):
            return CompatSocket(self._pool)
        return self._pool.socket(family, type, proto)


class Purpose:
    """As ssl.Purpose: what a default context is for; it makes no difference here."""

    SERVER_AUTH = "server"
    CLIENT_AUTH = "client"


class SSLModule:
    """What `import ssl` and `import tls` give."""

    PROTOCOL_TLS_CLIENT = PROTOCOL_TLS_CLIENT
    PROTOCOL_TLS_SERVER = 17
    SSLError = OSError
    Purpose = Purpose
    CERT_NONE = CERT_NONE
    CERT_OPTIONAL = CERT_OPTIONAL
    CERT_REQUIRED = CERT_REQUIRED

    def __init__(self, roots):
        self._roots = roots

    def SSLContext(self, protocol=PROTOCOL_TLS_CLIENT):
        """A CompatContext with the roots given to install()."""
        return CompatContext(protocol, roots=self._roots)

    def create_default_context(self, purpose=None, *, cafile=None, capath=None, cadata=None):
        """The same, trusting these too."""
        context = CompatContext(roots=self._roots)
        if cafile is not None or capath is not None or cadata is not None:
            context.load_verify_locations(cafile, capath, cadata)
        return context

    def wrap_socket(
        self,
        sock,
        server_side=False,
        key=None,
        cert=None,
        cert_reqs=0,
        cadata=None,
        server_hostname=None,
        do_handshake=True,
    ):
        """The legacy function of MicroPython's ssl; key, cert: as load_cert_chain()."""
        context = self.create_default_context()
        if cert is not None:
            context.load_cert_chain(cert, key)
        if cadata is not None:
            context.load_verify_locations(cadata=cadata)
        return context.wrap_socket(sock, server_side=server_side, server_hostname=server_hostname)


class PoolModule:
    """What `import socketpool` gives."""

    SocketPool = SocketPool


def install(radio, names=None, roots=None):
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


def uninstall():
    """Put back what install() replaced."""
    for name, module in originals.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    originals.clear()
