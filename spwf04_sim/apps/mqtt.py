"""The MQTT client: MQTTCONN and what follows it. MQTT runs over WebSocket only. [j, j.2]"""

from ..commands.registry import command
from ..texts import is_number
from . import packets
from .frames import BINARY
from .http import secure_port
from .websocket import Channel, field, open_channel

_PATIENCE = 10  # seconds for a broker's answer. GUESS
_KEEP_ALIVE = 60  # seconds, if MQTTCONN gives none. GUESS


class Mqtt(Channel):
    """An MQTT connection of the host."""

    kind = "m"

    def __init__(self, module, link, early, keep_alive):
        super().__init__(module, link, early)
        self._packets = packets.Packets(module.quirks.mqtt_piece)
        self._keep_alive = keep_alive
        self._answers = {}  # {(kind, identifier): body} of packets that answer one of its own
        self._received = set()  # identifiers of messages with QoS 2 that are not released
        self._identifier = 0
        self._pinged = False

    # out --------------------------------------------------------------------------------------
    def emit(self, kind, flags=0, body=b""):
        """Send a packet; False if the connection is gone."""
        return self.send(BINARY, packets.packet(kind, flags, body))

    def new_identifier(self):
        """Return an identifier for a packet."""
        self._identifier = self._identifier % 65535 + 1
        return self._identifier

    def answer(self, kind, identifier):
        """Wait for a broker's answer; a generator that returns its bytes, or None."""
        end = self.module.clock.now() + _PATIENCE
        key = kind, identifier

        def ended():
            self.poll()
            return key in self._answers or not self.connected or self.module.clock.now() > end

        yield from self.module.connections.wait(self.link, ended)
        return self._answers.pop(key, None)

    # in ---------------------------------------------------------------------------------------
    def took(self, data, end, last):
        """Read packets."""
        try:
            found = self._packets.feed(data)
        except packets.BadPacket:
            self.lost(1002)
            return
        for kind, *rest in found:
            if kind == packets.PUBLISH:
                self._message(*rest)
            else:
                self._packet(kind, *rest)

    def _packet(self, kind, flags, body):
        identifier = int.from_bytes(body[:2], "big") if kind != packets.CONNACK else 0
        if kind == packets.PINGRESP:
            self._pinged = False
        elif kind == packets.PUBREC:
            self.emit(packets.PUBREL, 2, body[:2])
        elif kind == packets.PUBREL:
            self._received.discard(identifier)
            self.emit(packets.PUBCOMP, 0, body[:2])
        else:
            self._answers[kind, identifier] = body

    def _message(self, message, data, end):
        if message.identifier not in self._received:
            self._show(message, data)
        if not end or not message.qos:
            return
        body = packets.number(message.identifier)
        self.emit(packets.PUBACK if message.qos == 1 else packets.PUBREC, 0, body)
        if message.qos == 2:
            self._received.add(message.identifier)

    def _show(self, message, data):
        module = self.module
        topic = message.topic
        if not module.is_since("1.1.0"):  # [d]
            topic += topic[-1:]
        flags = [getattr(message, name) for name in module.quirks.mqtt_fields.split(",")]
        numbers = ":".join(str(n) for n in [*flags, len(data), message.total])
        head = b"MQTT Published:%d:" % self.id + topic
        module.wind(86, head + b":" + numbers.encode() + b":" + data)

    # life -------------------------------------------------------------------------------------
    def keep_alive(self):
        """Ping the broker from now on, and end the connection if an answer fails to come."""
        if self._keep_alive:
            self.module.after(self._keep_alive * 1000, self._tick)

    def _tick(self):
        if not self.connected or self.leaving:
            return
        if self._pinged:
            self.lost(1006)
            return
        self._pinged = True
        self.emit(packets.PINGREQ)
        self.keep_alive()

    def closed(self, reason):
        """Tell the host."""
        self.module.wind(87, f"MQTT Closed:{self.id}{reason}")


# the commands ---------------------------------------------------------------------------------
def _will(qos, topic, message):
    """Return the Will of three arguments, or None."""
    return packets.Will(topic, message, int(qos or 0)) if topic else None


@command("MQTTCONN", 2, 12)
def mqttconn(
    module,
    host,
    port,
    path,
    tls,
    user,
    password,
    client,
    keep_alive,
    retry,
    will_qos,
    will_topic,
    will_message,
):
    """Open a WebSocket to a broker, and connect."""
    where = secure_port(port, tls, 80, 443)
    numbers = keep_alive, retry, will_qos
    if where is None or not all(n == "" or is_number(n) for n in numbers):
        return 7
    seconds = _seconds(module, keep_alive)
    if int(will_qos or 0) > 2 or seconds > 65535:
        return 7
    more = int(retry or 0) if module.quirks.mqtt_retry == "attempts" else 0
    link, early, error = yield from _reach(module, host, where, path, more)
    if error:
        return error
    made = Mqtt(module, link, early, seconds)
    will = _will(will_qos, will_topic, will_message)
    # GUESS: the name of a client that gives none; that user and password are the broker's
    hello = packets.connect(client or "SPWF04S", seconds, user, password, will)
    made.send(BINARY, hello)
    answer = yield from made.answer(packets.CONNACK, 0)
    if answer is None or answer[1:2] != b"\0" or not made.connected:
        link.close()
        return module.quirks.websocket_error
    made.open()
    made.keep_alive()
    return None


def _reach(module, host, where, path, more):
    """Open a WebSocket to a broker, with so many further attempts; a generator that returns (link,
    early bytes, error number)."""
    protocol = field("Sec-WebSocket-Protocol", "mqtt")
    path = path or module.quirks.mqtt_path
    while True:
        link, early, _, error = yield from open_channel(module, host, where, path, protocol)
        if not error or not more:
            return link, early, error
        more -= 1
        yield 1000


def _seconds(module, keep_alive):
    if not keep_alive:
        return _KEEP_ALIVE
    # GUESS: a unit that MQTT does not have is rounded up to its seconds
    unit = 1000 if module.quirks.mqtt_keepalive == "ms" else 1
    return -(-int(keep_alive) // unit)


def _known(module, number):
    return module.connections.find(number, "m")


def _use(module, number, qos=""):
    """Return (connection, None), or (None, error number)."""
    known = _known(module, number)
    if known is None:
        return None, 76
    if qos not in ("", "0", "1", "2"):
        return None, 7
    return (known, None) if known.connected else (None, 78)


@command("MQTTSUB", 2, 3)
def mqttsub(module, number, topic, qos):
    """Subscribe to a topic."""
    known, error = _use(module, number, qos)
    if error:
        return error
    identifier = known.new_identifier()
    body = packets.number(identifier) + packets.text(topic) + bytes((int(qos or 0),))
    known.emit(packets.SUBSCRIBE, 2, body)
    answer = yield from known.answer(packets.SUBACK, identifier)
    return None if answer is not None and answer[2:3] < b"\x80" else 111


@command("MQTTUNSUB", 2, 2)
def mqttunsub(module, number, topic):
    """End a subscription."""
    known, error = _use(module, number)
    if error:
        return error
    identifier = known.new_identifier()
    known.emit(packets.UNSUBSCRIBE, 2, packets.number(identifier) + packets.text(topic))
    answer = yield from known.answer(packets.UNSUBACK, identifier)
    return None if answer is not None else 111


def _check_publish(module, number, topic, qos, retained, size):
    if retained not in ("", "0", "1"):
        return 7
    return _use(module, number, qos)[1]


@command("MQTTPUB", 2, 5, data=4, check=_check_publish)
def mqttpub(module, number, topic, qos, retained, size, data):
    """Publish a message."""
    known, error = _use(module, number, qos)
    if error:
        return error
    level = int(qos or 0)
    body = packets.text(topic)
    identifier = known.new_identifier() if level else 0
    if level:
        body += packets.number(identifier)
    if not known.emit(packets.PUBLISH, level << 1 | (retained == "1"), body + data):
        return 79
    if not level or module.quirks.mqtt_ok == "at once":
        return None
    kind = packets.PUBACK if level == 1 else packets.PUBCOMP
    answer = yield from known.answer(kind, identifier)
    return None if answer is not None else 111


@command("MQTTDISC", 1, 1)
def mqttdisc(module, number):
    """Disconnect from the broker."""
    known = _known(module, number)
    if known is None:
        return 76
    if known.connected:
        known.emit(packets.DISCONNECT)
    yield from known.leave(1000)
    return None
