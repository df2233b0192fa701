"""OpenSSL judges the test chains themselves."""

import socket
import ssl

import pytest

from tests import HANG
from tests.shims.shapes import ShapeServer, good, hostile


def get(shape):
    """Fetch the shape's page as a careful client on a PC does."""
    server = ShapeServer(shape)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(shape.root_ders()))
    context.verify_flags |= 0x80000  # X509_V_FLAG_PARTIAL_CHAIN
    try:
        with socket.create_connection(server.address, HANG) as sock:
            with context.wrap_socket(sock, server_hostname=shape.name) as tls:
                tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return tls.recv(1000)
    finally:
        server.close()


@pytest.mark.parametrize("n", range(len(good())))
def test_a_good_chain_is_accepted(n):
    shape = good()[n]
    assert get(shape).endswith(shape.name.encode()), shape.name


@pytest.mark.parametrize("n", range(len(hostile())))
def test_a_hostile_chain_is_refused(n):
    shape = hostile()[n]
    with pytest.raises(ssl.SSLError):
        get(shape)
        print(shape.name, "was accepted")
