"""Servers in the place of those that the recorded module was connected with."""

import re
import ssl

from ..apps.frames import proof
from ..world.peers import Peer

_KEY = re.compile(rb"Sec-WebSocket-Key: *(\S+)", re.I)
_CONNACK = b"\x20\x02\0\0"


class Server(Peer):
    """The server's end of a connection. It says what it is told to say.

    context: an ssl.SSLContext if it speaks TLS. answer: what it sends when a request of HTTP is
    complete. It accepts every WebSocket and every MQTT client.
    """

    def __init__(self, context=None, answer=b""):
        super().__init__()
        self._answer = answer
        self._asked = bytearray()
        self._kept = bytearray()  # what it is to say once the handshake is complete
        self._shaken = context is None
        self._framed = False
        self._tls = None
        if context is not None:
            self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = context.wrap_bio(self._in, self._out, server_side=True)

    def on_data(self, data):
        """Take in what the module sends."""
        if self._tls is None:
            self._plain(data)
            return
        self._in.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                self.say(b"")
            while part := self._tls.read(4096):
                self._plain(part)
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, OSError):
            self._flush()
            self.close()
            return
        self._flush()

    def say(self, data):
        """Send data to the module."""
        if self._tls is None:
            self.send(data)
            return
        self._kept += data
        if self._shaken and self._kept:
            self._tls.write(bytes(self._kept))
            self._kept.clear()
            self._flush()

    def _flush(self):
        if self._out.pending:
            self.send(self._out.read())

    def _plain(self, data):
        self._asked += data
        if self._framed:
            self._frame()
        elif self._asked[:1] == b"\x10":
            self._asked.clear()
            self.say(_CONNACK)
        elif b"\r\n\r\n" in self._asked:
            self._request()

    def _request(self):
        key = _KEY.search(self._asked)
        if key is not None:
            accept = proof(key[1])
            protocol = b"Sec-WebSocket-Protocol: mqtt\r\n" if b"mqtt" in self._asked else b""
            self._asked.clear()
            self._framed = True
            self.say(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\n" + protocol + b"Sec-WebSocket-Accept: " + accept
            )
            self.say(b"\r\n\r\n")
        elif self._answer:
            self._asked.clear()
            self.say(self._answer)
            self._answer = b""
            self.close()

    def _frame(self):
        """Answer an MQTT client inside a WebSocket: its first frame is masked and short."""
        if len(self._asked) > 6 and self._asked[6] ^ self._asked[2] == 0x10:
            self.say(bytes((0x82, len(_CONNACK))) + _CONNACK)
        self._asked.clear()
