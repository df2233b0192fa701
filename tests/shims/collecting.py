"""A TLS server that keeps what it gets: what of it was seen on the UART, and what arrived."""

import re
import ssl

from spwf04_sim import Peer
from tests.shims.servers import servers

_OWN = re.compile(rb"AT\+S\.(?:SOCK[A-Z]+|STS|TIME)(?:=[^\r]*)?\r")
_FRAGMENTS = {b"\rAT+S.SOCK"[at : at + 4] for at in range(7)}


class Collector(Peer):
    """A TLS server. It keeps what it gets, both as it comes and decrypted.

    interval: ms between two bytes that it sends; 0: none. shaken: the handshake is over.
    """

    interval = 0
    prefix = b""  # what is sent before the first record

    def __init__(self, context, greeting, clock):
        self._clock = clock
        self._held = bytearray()
        self._last = 0
        super().__init__()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._greeting = greeting
        self.shaken = False
        self.raw = bytearray()
        self.text = bytearray()

    def on_data(self, data):
        self.raw += data
        self._in.write(data)
        try:
            if not self.shaken:
                self._tls.do_handshake()
                self.shaken = True
                if self._greeting:
                    self._tls.write(self._greeting)
            while part := self._tls.read(4096):
                self.text += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.close()
        part = self._out.read()
        if part:
            self.send(self.prefix + part)
            self.prefix = b""

    def says(self, data):
        """Send data in one record."""
        self._tls.write(data)
        self.send(self._out.read())

    def ends(self):
        """Send close_notify; the connection stays open."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        self.send(self._out.read())

    @property
    def outgoing(self):
        now = self._clock.ticks_ms()
        if not self.interval:
            self._free += self._held
            self._held.clear()
        while self._held and (now - self._last) & 0x1FFFFFFF >= self.interval:
            self._free.append(self._held.pop(0))
            self._last = now
        return self._free

    @outgoing.setter
    def outgoing(self, data):
        self._free = data

    def send(self, data):
        if not self._held:
            self._last = self._clock.ticks_ms()
        self._held += data

    def is_tls(self):
        """True if all that came is TLS records."""
        at = 0
        while at + 5 <= len(self.raw):
            if self.raw[at] not in (20, 21, 22, 23) or self.raw[at + 1] != 3:
                return False
            at += 5 + int.from_bytes(self.raw[at + 3 : at + 5], "big")
        return at == len(self.raw)


class Collecting:
    """The part of a Controller that has this server, collector.example and beyond.example; it
    needs no module. listen_in(): add all that goes to the module to self.heard."""

    def collect(self, port, greeting=b""):
        """Have collector.example and beyond.example answer on a port, by TLS.

        The module can take the chain of the first, but not that of the second.
        """
        made = servers()
        self.interval = 0
        self.prefix = b""
        self.heard = bytearray()
        self.listen_in()
        for host in ("collector.example", "beyond.example"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.collectors[host].configure_cert(context)

            def connected(context=context):
                self.collector = Collector(context, greeting, self.clock)
                self.collector.interval = self.interval
                self.collector.prefix = self.prefix
                return self.collector

            self.world.route(host, port, connected)

    def drip(self, ms):
        """Have it wait ms between two bytes, now and on later connections; 0: not at all."""
        self.interval = ms
        if hasattr(self, "collector"):
            self.collector.interval = ms

    def collector_says(self, data):
        self.collector.says(data)

    def collector_ends(self):
        self.collector.ends()

    def collector_sends(self, data):
        """Send bytes that are no record of this connection."""
        self.collector.send(data)

    def collector_begins(self, data):
        """On later connections, send data before the server's first record."""
        self.prefix = data

    def listen(self):
        """Record the UART from now on."""
        self.heard = bytearray()

    def collected(self, at=0, n=None):
        """Return what the last of these servers got, decrypted: n bytes from `at`, or all."""
        return bytes(self.collector.text[at : n and at + n])

    def collected_length(self):
        """How many bytes that is."""
        return len(self.collector.text)

    def collected_as_tls(self):
        """True if that server got nothing but TLS records."""
        return self.collector.is_tls()

    def in_clear(self, data):
        """The parts of data, four bytes in a row, that the UART carried and that are not in
        "AT+S.SOCK". What TLS has made of it may end with "x\\r", and a command of the driver's own
        begins behind that: no part reaches into one."""
        parts = {data[at : at + 4] for at in range(len(data) - 3)} - _FRAGMENTS
        pieces = _OWN.split(bytes(self.heard))
        return sorted(part for part in parts if any(part in piece for piece in pieces))
