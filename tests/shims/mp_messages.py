"""MicroPython: the parser takes messages of MQTT with the heap locked."""

import micropython

from spwf04.at.parser import INDICATION, Parser

DATA = b"x" * 300 + b"\r\nAT-S.OK\r\n"
LINE = b"+WIND:86:MQTT Published:0:a/b:0:1:0:%d:%d:" % (len(DATA), len(DATA)) + DATA + b"\r\n"
SIZE = 64
buffer = bytearray(len(DATA))


def take(parser, chunks):
    """How many whole messages there are."""
    whole = 0
    for chunk in chunks:
        if parser.receive_data(chunk, len(chunk)):
            continue
        while True:
            event = parser.next_event()
            if not event:
                break
            if event == INDICATION and parser.message is not None:
                parser.message.expect(buffer, 0)
            elif event == INDICATION and parser.messages().whole:
                whole += 1
    return whole


stream = LINE * 3
chunks = [bytearray(stream[at : at + SIZE]) for at in range(0, len(stream), SIZE)]
for wild in (False, True):
    parser = Parser()
    parser.messages().wild = wild
    micropython.heap_lock()
    try:
        whole = take(parser, chunks)
    finally:
        micropython.heap_unlock()
    print(wild, whole, bytes(buffer) == DATA)
