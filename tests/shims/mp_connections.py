"""Opens and closes connections, and prints the heap in use after each tenth of them."""

import gc
import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, SocketPool

path, n = sys.argv[1], int(sys.argv[2])
radio = SPWF04(PtyUART(path), clock=Clock())
radio.connect("home", "correct horse")
pool = SocketPool(radio)
for i in range(n):
    sock = pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    sock.send(b"hello")
    if sock.recv(5) != b"hello":
        raise SystemExit("something else came back")
    sock.close()
    if i % (n // 10) == n // 10 - 1:
        gc.collect()
        print(gc.mem_alloc())
