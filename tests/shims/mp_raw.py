"""MicroPython: what takes a stranger's bytes and decodes chunks, with the heap locked."""

import micropython

from spwf04.at.parser import Parser
from spwf04.at.raw import Raw
from spwf04.services.httpbody import Incoming

pieces = bytearray(1)  # their count


def into(view):
    pieces[0] += 1


incoming = Incoming(into, False)
incoming.status = 200
raw = Raw(Parser(), incoming.sink)
chunk = bytearray(64)
for _ in range(20):
    raw.receive_data(chunk, 64)
micropython.heap_lock()
try:
    for _ in range(100):
        raw.receive_data(chunk, 64)
finally:
    micropython.heap_unlock()
print(raw.size, pieces[0])

incoming = Incoming(into, True)
incoming.status = 200
incoming.sink(memoryview(bytearray(b"100;x\r\n" + b"a" * 249)), 256)
more = memoryview(bytearray(b"b" * 7 + b"\r\nf0\r\n" + b"c" * 240))
micropython.heap_lock()
try:
    incoming.chunks.feed(more, len(more))
finally:
    micropython.heap_unlock()
print(incoming.chunks.broken(), incoming.size)
