"""MicroPython: import, join, install a CA, one verified request. Argument: the terminal.

Sets no time: the simulated module has got it from its NTP server by then.
"""

import sys

from shims.mp_uart import PtyUART

from spwf04 import SPWF04, SocketPool, SSLContext

radio = SPWF04(PtyUART(sys.argv[1], 256))
radio.connect("home", "correct horse")
radio.certs.install(sys.argv[2])
sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
sock.connect(("www.example.com", 443))
sock.send(b"GET / HTTP/1.0\r\n\r\n")
buffer = bytearray(128)
total = sock.recv_into(buffer)
first = bytes(buffer[:15])
while True:
    n = sock.recv_into(buffer)
    if n == 0:
        break
    total += n
sock.close()
print(first, total)
