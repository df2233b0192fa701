"""MicroPython with little memory: a refusal is an error that tells its number.

Arguments: terminal, time.
"""

import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, SocketPool, SSLContext

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
radio.connect("home", "correct horse")
radio.set_time(int(sys.argv[2]))
sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
try:
    sock.connect(("www.example.com", 443))
except OSError as e:
    print(type(e).__name__, e.code, "Certificate Error:23" in str(e))
sock.close()
sock = SocketPool(radio).socket()
sock.connect(("echo.example", 7))  # closes first what there was no memory to close
sock.close()
