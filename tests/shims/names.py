"""Names for tests on the desk: they lead to servers on loopback, and no others resolve."""

import contextlib
import socket
from unittest import mock


@contextlib.contextmanager
def names(targets):
    """Until the block ends (host, port) is at targets[host, port], an address on loopback, or
    None for a host that has an IPv6 address alone; other names are unknown."""
    resolve = socket.getaddrinfo

    def look_up(host, port, family=0, *args, **more):
        at = targets.get((host, port), ())
        if at is None and family == 0:
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", port, 0, 0))]
        if at is None or (at == () and host != "127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(*(at or (host, port)), family, *args, **more)

    with mock.patch("socket.getaddrinfo", look_up):
        yield
