"""MicroPython: recv_into() and all that it calls, with the heap locked. Argument: the terminal."""

import sys

import micropython
from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, SocketPool

radio = SPWF04(PtyUART(sys.argv[1]), clock=Clock())
radio.connect("home", "correct horse")
sock = SocketPool(radio).socket()
sock.connect(("stream.example", 20))
buffer = bytearray(730)
view = memoryview(buffer)
small = bytearray(10)
for _ in range(3):  # these make the buffers and command lines, once
    sock.recv_into(view)
    sock.recv_into(small)
    while sock.stream.ahead_at != sock.stream.ahead_end:
        sock.recv_into(small)
sock.recv_into(view)
received = 0
reads = 0
radio.channel.wait(lambda: sock.stream.pending >= 730, 5000)
micropython.heap_lock()
try:
    while reads < 40:
        if sock.stream.pending >= 730:
            received += sock.recv_into(view)
            reads += 1
        else:
            radio.channel.step()
finally:
    micropython.heap_unlock()
print("received", received, "in", reads)
