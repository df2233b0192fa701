"""Two connections at once without asyncio: select.poll() tells which has something."""

import select

import pico  # your board: boards/pico.py and others

from spwf04 import SocketPool

radio = pico.radio()
radio.connect("network", "password")
pool = SocketPool(radio)
poller = select.poll()
waiting = {}

for name in ("first", "second"):
    sock = pool.socket()
    sock.settimeout(20)
    sock.connect(("echo.example", 7))
    sock.send(name.encode())
    sock.setblocking(False)
    waiting[sock] = name, sock
    poller.register(sock, select.POLLIN)

while waiting:
    for ready, _ in poller.poll(1000):  # ms
        name, sock = waiting.pop(ready)
        print(name, "says", sock.recv(100).decode())
        poller.unregister(sock)
        sock.close()
