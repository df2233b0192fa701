"""MicroPython: the verdicts of the driver's engine on many servers; run by verdicts.py.

A line of the standard input is a JSON list for each: host, flight, CAs, the last two in hex. A
line of output is why it is refused, or "" if it is not.
"""

import json
import sys
from binascii import unhexlify

from spwf04.hosttls.micropython import Engine


class Below:
    """What is below an Engine: a server that sends one flight and ends; see verdicts.Below."""

    blocking = True
    eof = peeked = False
    raised = None
    address = ("192.0.2.1", 443)

    def __init__(self, name, flight, cas):
        self.terms = self
        self.name = name
        self.cas = cas
        self.peek = bytearray(1)
        self._flight = flight

    def identity(self):
        pass

    def receive(self, buffer, waits):
        n = min(len(buffer), len(self._flight))
        buffer[:n] = self._flight[:n]
        self._flight = self._flight[n:]
        return n

    def transmit(self, data):
        return len(data)

    def load_cas(self, load, unread):
        for ca in self.cas:
            try:
                load(ca)
            except unread:
                pass


def verdict(host, flight, cas):
    below = Below(host, unhexlify(flight), [unhexlify(ca) for ca in cas])
    try:
        Engine(below, below).handshake()
    except (OSError, ValueError) as e:
        if below.raised is not None:
            return repr(below.raised)
        words = Engine.text_of(e) or repr(e)
        return "" if "CONN_EOF" in words else words
    return ""


for line in sys.stdin:
    print(verdict(*json.loads(line)).replace("\n", " "))
