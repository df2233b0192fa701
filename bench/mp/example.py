"""MicroPython: README's first example: join, and a verified GET with a bundle of roots.

Arguments: terminal, bundle. Prints how many bytes came.
"""

import sys

from mp_uart import PtyUART


def page(path, bundle):
    """Return how many bytes came, and what a program would keep."""
    from spwf04 import SPWF04, Bundle, SocketPool, SSLContext

    radio = SPWF04(PtyUART(path, 256))
    radio.connect("home", "correct horse")
    context = SSLContext(roots=Bundle(bundle))
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
    sock.connect(("www.example.com", 443))
    sock.send(b"GET / HTTP/1.0\r\nHost: www.example.com\r\n\r\n")
    total = len(sock.read())
    sock.close()
    return total, radio, context, sock


made = page(*sys.argv[1:])
if made[0] < 400:
    raise OSError("not the whole page")
print(made[0])
