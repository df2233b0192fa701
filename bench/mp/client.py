"""MicroPython: join, install a CA from a PEM file, one verified GET, close.

Arguments: terminal, PEM file; a third one: tell which modules were loaded, at whatever time.
"""

import sys

from mp_uart import PtyUART

seen = []


def _watch():
    import builtins

    original = builtins.__import__

    def watched(*args):
        module = original(*args)
        for name in sys.modules:
            if name not in seen and name.startswith("spwf04"):
                seen.append(name)
        return module

    builtins.__import__ = watched


def page(path, pem):
    """Return how many bytes came."""
    from spwf04 import SPWF04, SocketPool, SSLContext

    radio = SPWF04(PtyUART(path, 256))
    radio.connect("home", "correct horse")
    radio.certs.install(pem)
    sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
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
    return total


if len(sys.argv) > 3:
    _watch()
total = page(sys.argv[1], sys.argv[2])
if total < 400:
    raise OSError("not the whole page")
if seen:
    import json

    kept = [name for name in seen if name in sys.modules]
    print(json.dumps({"loaded": seen, "kept": kept}))
else:
    print(total)
