"""MQTT."""

from spwf04.services.mqtt import MQTTClient
from tests.shims.links import Broker, BrokerPeer
from tests.shims.servers import pattern
from tests.shims.tlspeer import among_strangers

MESSAGE = pattern(600) + b"\r\nAT-S.OK\r\n+WIND:33:x\r\n" + pattern(100)


def _ready(stage):
    broker = stage.broker = Broker()
    stage.arrived = lambda: [found for found in broker.got if found[0] >> 4 == 3]  # PUBLISH
    stage.world.route("broker.example", 8080, lambda: BrokerPeer(broker))
    stage.radio.get("nv_model")
    stage.client = MQTTClient(stage.radio, "door-1", "broker.example", 8080, "me", "secret")

    def took(topic, message):
        stage.got += message

    stage.client.set_callback(took)
    stage.again = lambda: _works(stage)


def _works(stage, port=8080, **by):
    """A new connection takes a message there and back."""
    client = MQTTClient(stage.radio, "door-2", "broker.example", port, **by)
    got = []
    client.set_callback(lambda topic, message: got.append((topic, message)))
    try:
        client.connect()
        client.subscribe("again")
        client.publish("again", b"is anybody there?")
        client.wait_msg(8)
    finally:
        client.disconnect()
    assert got == [(b"again", b"is anybody there?")], got


def _connect(stage):
    stage.client.connect()
    stage.client.subscribe("a/b")


def _connected(stage):
    _ready(stage)
    _connect(stage)


def _publish(stage):
    stage.client.publish("a/c", b"0123456789\r\nAT+S.FCFG\r\n" + pattern(60), qos=1)


def _receive(stage):
    stage.broker.clients[-1].publish(b"a/b", MESSAGE)
    stage.client.wait_msg(8)


def _disconnect(stage):
    stage.client.disconnect()


def _known(stage):
    _ready(stage)
    ca = among_strangers(stage, "broker.example", 8443, lambda: BrokerPeer(stage.broker))
    stage.radio.certs.install(ca)
    stage.client = MQTTClient(
        stage.radio, "door-1", "broker.example", 8443, "me", "secret", ssl=True
    )
    stage.again = lambda: _works(stage, 8443, ssl=True)


def _connect_and_publish(stage):
    stage.client.connect()
    stage.client.publish("a/c", pattern(40), qos=1)


EXCHANGES = {
    "MQTT, plain: connect and subscribe": (_ready, _connect, b""),
    "MQTT, plain: publish": (_connected, _publish, b""),
    "MQTT, plain: receive": (_connected, _receive, MESSAGE),
    "MQTT, plain: disconnect": (_connected, _disconnect, b""),
    "MQTT, TLS: connect and publish": (_known, _connect_and_publish, b""),
}
