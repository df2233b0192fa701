"""Names for tests on a desktop: they lead to servers on loopback. No other name resolves."""

import contextlib
import socket
from unittest import mock

from spwf04_cli.server import ask
from tests import HANG


@contextlib.contextmanager
def names(targets):
    """Have (host, port) resolve to targets[host, port] until the block ends.

    That is an address on loopback, or None for a host that has only an IPv6 address. Other names
    are unknown. No look-up hangs, so an answer may be as late as a busy computer makes it.
    """
    resolve = socket.getaddrinfo

    def look_up(host, port, family=0, *args, **more):
        at = targets.get((host, port), ())
        if at is None and family == 0:
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", port, 0, 0))]
        if at is None or (at == () and host != "127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(*(at or (host, port)), family, *args, **more)

    with mock.patch("socket.getaddrinfo", look_up), mock.patch.object(ask, "_GRACE", HANG):
        yield
