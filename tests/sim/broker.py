"""A small MQTT 3.1.1 broker over WebSocket, for tests: it keeps what it gets."""

import threading
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from tests import HANG


def string(data):
    """Return bytes with their length before them."""
    return len(data).to_bytes(2, "big") + data


def packet(head, body=b""):
    """Return a packet."""
    size, length = len(body), b""
    while size > 127:
        size, digit = size // 128, size % 128
        length += bytes((digit + 128,))
    return bytes((head,)) + length + bytes((size,)) + body


class Client:
    """A client of the broker."""

    def __init__(self, broker, connection):
        self._broker = broker
        self._connection = connection
        self._waiting = b""
        self.topics = {}

    def send(self, data):
        """Send bytes."""
        self._connection.send(data)

    def publish(self, topic, data, qos=0, retained=0, dup=0, identifier=7):
        """Send a message."""
        head = 0x30 | dup << 3 | qos << 1 | retained
        body = string(topic) + (identifier.to_bytes(2, "big") if qos else b"") + data
        self.send(packet(head, body))

    def serve(self):
        """Do what the client asks, until it goes."""
        while True:
            self.feed(self._connection.recv())

    def feed(self, data):
        """Take bytes of the client."""
        self._waiting += data
        while (found := self._packet()) is not None:
            self._broker.got.append(found)
            if not self._broker.mute:
                self._answer(*found)

    def _packet(self):
        size = 0
        for n in range(1, 5):
            if len(self._waiting) <= n:
                return None
            size += self._waiting[n] % 128 << 7 * (n - 1)
            if self._waiting[n] < 128:
                break
        end = n + 1 + size
        if len(self._waiting) < end:
            return None
        head, body = self._waiting[0], self._waiting[n + 1 : end]
        self._waiting = self._waiting[end:]
        return head, body

    def _answer(self, head, body):
        kind = head >> 4
        answers = {5: 0x62, 6: 0x70}  # PUBREC, PUBREL
        if kind == 1:
            self.send(packet(0x20, bytes((0, self._broker.refuses))))
        elif kind == 3:
            self._published(head, body)
        elif kind in answers:
            self.send(packet(answers[kind], body[:2]))
        elif kind == 8:
            topic, qos = body[4:-1], body[-1]
            self.topics[topic] = qos
            code = 128 if topic == b"forbidden" else qos
            self.send(packet(0x90, body[:2] + bytes((code,))))
        elif kind == 10:
            self.topics.pop(body[4:], None)
            self.send(packet(0xB0, body[:2]))
        elif kind == 12:
            self.send(packet(0xD0))

    def _published(self, head, body):
        qos = head >> 1 & 3
        end = 2 + int.from_bytes(body[:2], "big")
        topic, rest = body[2:end], body[end:]
        if qos:
            self.send(packet(0x40 if qos == 1 else 0x50, rest[:2]))
            rest = rest[2:]
        for client in self._broker.clients:
            if topic in client.topics:
                client.publish(topic, rest, min(qos, client.topics[topic]))


class Broker:
    """A broker. got: its packets, as (first byte, body). refuses: the code of its CONNACK. mute:
    it answers nothing. protocols: of WebSocket."""

    def __init__(self, refuses=0, **more):
        self.got = []
        self.clients = []
        self.paths = []
        self.protocols = []
        self.ended = []
        self.refuses = refuses
        self.mute = False
        self._server = serve(
            self._serve,
            "127.0.0.1",
            0,
            subprotocols=["mqtt"],
            compression=None,
            close_timeout=0.1,
            **more,
        )
        self.address = self._server.socket.getsockname()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _serve(self, connection):
        self.paths.append(connection.request.path)
        self.protocols.append(connection.subprotocol)
        client = Client(self, connection)
        self.clients.append(client)
        try:
            client.serve()
        except ConnectionClosed as e:
            self.ended.append(e.rcvd.code if e.rcvd else None)

    def until(self, ready):
        """Wait in real time, for what its threads do."""
        for _ in range(100 * HANG):
            if ready():
                return
            time.sleep(0.01)
        raise AssertionError(self.got)

    def packets(self, kind):
        """List the packets of a kind."""
        return [found for found in self.got if found[0] >> 4 == kind]

    def stop(self):
        """End it."""
        self._server.shutdown()
