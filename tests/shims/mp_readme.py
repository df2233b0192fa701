"""README's example with little memory.

Arguments: terminal, bundle, and the file of another CA that is on the module before, or nothing.
"""

import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
radio.connect("home", "correct horse")
if len(sys.argv) > 3:
    radio.certs.install(sys.argv[3])

context = SSLContext(roots=Bundle(sys.argv[2]))
sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
try:
    sock.connect(("www.example.com", 443))
    sock.send(b"GET / HTTP/1.0\r\nHost: www.example.com\r\n\r\n")
    print(len(sock.read()) > 100)
except (OSError, MemoryError) as e:
    print(type(e).__name__, e)
sock.close()
sock = None
radio.isconnected()
sock = SocketPool(radio).socket()
sock.connect(("echo.example", 7))  # closes first what there was no memory to close
sock.close()
