"""MicroPython: the smallest program with TLS: join, install a CA from a PEM file, one verified
GET, close.

Arguments: terminal, PEM file. Prints how many bytes came.
"""

import sys

from mp_uart import PtyUART


def page(path, pem):
    """Return how many bytes came, and what a program would keep."""
    from spwf04 import SPWF04, SocketPool, SSLContext

    radio = SPWF04(PtyUART(path, 256))
    radio.connect("home", "correct horse")
    radio.certs.install(pem)
    context = SSLContext()
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
    sock.connect(("www.example.com", 443))
    sock.send(b"GET / HTTP/1.0\r\n\r\n")
    buffer = bytearray(128)
    total = 0
    while True:
        n = sock.recv_into(buffer)
        if n == 0:
            break
        total += n
    sock.close()
    return total, radio, context, sock


made = page(*sys.argv[1:])
if made[0] < 400:
    raise OSError("not the whole page")
print(made[0])
