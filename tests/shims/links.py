"""A WebSocket server and an MQTT broker inside the simulation."""

import base64
import hashlib

from spwf04_sim import Peer

_UNIQUE = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class WebPeer(Peer):
    """A WebSocket server. got: the frames that came, (opcode, data, whether it is the last one).
    head: of the handshake. echoes: it sends each message back."""

    def __init__(self, echoes=True):
        super().__init__()
        self.got = []
        self.head = b""
        self.echoes = echoes
        self._waiting = b""
        self._message = b""

    def on_data(self, data):
        self._waiting += data
        if not self.head:
            head, end, rest = self._waiting.partition(b"\r\n\r\n")
            if not end:
                return
            self._waiting = rest
            self.head = head
            self._agree()
        while self._frame():
            pass

    def _agree(self):
        key = self.head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        proof = base64.b64encode(hashlib.sha1(key + _UNIQUE).digest())
        self.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
        self.send(b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + proof + b"\r\n\r\n")

    def _frame(self):
        waiting = self._waiting
        if len(waiting) < 2:
            return False
        size = waiting[1] & 127
        at = 2
        if size == 126:
            size = int.from_bytes(waiting[2:4], "big")
            at = 4
        if len(waiting) < at + 4 + size:
            return False
        mask, data = waiting[at : at + 4], waiting[at + 4 : at + 4 + size]
        self._waiting = waiting[at + 4 + size :]
        data = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        self.got.append((waiting[0] & 15, data, waiting[0] >> 7))
        self.took(*self.got[-1])
        return True

    def took(self, opcode, data, last):
        """A frame has come."""
        if opcode == 8:
            self.says(8, data[:2])
            self.close()
        elif opcode < 8 and self.echoes:
            self._message += data
            if last:
                self.says(2, self._message)
                self._message = b""

    def says(self, opcode, data, last=1):
        """Send a frame."""
        size = len(data)
        head = bytes((size,)) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
        self.send(bytes((last << 7 | opcode,)) + head + data)


class BrokerPeer(WebPeer):
    """A broker. broker: a Broker."""

    def __init__(self, broker):
        from tests.sim.broker import Client

        super().__init__()
        self._client = Client(broker, self.Connection(self))
        broker.clients.append(self._client)

    class Connection:
        """What Client has for a connection."""

        def __init__(self, peer):
            self.peer = peer

        def send(self, data):
            """Send a message."""
            self.peer.says(2, data)

    def took(self, opcode, data, last):
        """A frame has come."""
        if opcode == 2:
            self._client.feed(data)
        else:
            super().took(opcode, data, last)


class Broker:
    """What the clients of tests/sim/broker.py look at."""

    refuses = 0
    mute = False

    def __init__(self):
        self.got = []
        self.clients = []


class PlainBroker(Peer):
    """MQTT over TCP: it closes a connection that begins with something else."""

    def on_data(self, data):
        if data[:1] != b"\x10":
            self.close()


class Links:
    """What scenarios do with them; it needs no module."""

    def link_servers(self, echoes=True):
        """Have ws.example answer on port 80, broker.example on 8080, and on 1883 without
        WebSocket."""
        self.broker = Broker()

        def web():
            self.web_peer = WebPeer(echoes)
            return self.web_peer

        def broker():
            self.broker_peer = BrokerPeer(self.broker)
            return self.broker_peer

        self.world.route("ws.example", 80, web)
        self.world.route("broker.example", 8080, broker)
        self.world.route("broker.example", 1883, PlainBroker)

    def web_says(self, opcode, data, last=1):
        self.web_peer.says(opcode, data, last)

    def web_got(self):
        return [list(frame) for frame in self.web_peer.got]

    def web_head(self):
        return self.web_peer.head

    def web_breaks(self):
        """End the connection without a word."""
        self.web_peer.close()

    def broker_publishes(self, topic, data, qos=0, retained=0):
        self.broker.clients[-1].publish(topic, data, qos, retained)

    def broker_refuses(self, code):
        self.broker.refuses = code

    def broker_is_mute(self, mute):
        self.broker.mute = mute

    def broker_got(self, kind):
        return [list(found) for found in self.broker.got if found[0] >> 4 == kind]

    def broker_breaks(self):
        self.broker_peer.close()
