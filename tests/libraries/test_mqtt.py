"""adafruit_minimqtt and libraries that build on it, with mosquitto as the broker."""

import json
import time

import adafruit_minimqtt.adafruit_minimqtt as minimqtt
import pytest
from adafruit_aws_iot import MQTT_CLIENT
from adafruit_io.adafruit_io import IO_MQTT

from spwf04 import Bundle, SSLContext
from tests import HANG
from tests.shims.servers import servers

from .desk import commands
from .desk import desk as desk
from .site import HOST, broker

MINIMQTT = "adafruit-circuitpython-minimqtt"
PORT = 8883
LINKS = pytest.mark.parametrize("link", ["plain", "TLS", "mutual TLS"])


_MESSAGE_S = 0.1  # so long it waits for a message


class MQTT(minimqtt.MQTT):
    """It gives a connection the time that it needs, on a busy computer too."""

    def _connect(self, **more):
        self._socket_timeout = HANG / 10
        try:
            return super()._connect(**more)
        finally:
            self._socket_timeout = _MESSAGE_S
            if self._sock is not None:
                self._sock.settimeout(_MESSAGE_S)


def client(desk, link, context=None, **more):
    return MQTT(
        broker=HOST,
        port=PORT,
        socket_pool=desk.pool,
        ssl_context=context or desk.context,
        is_ssl=link != "plain",
        socket_timeout=_MESSAGE_S,
        recv_timeout=HANG,
        **more,
    )


@pytest.fixture
def connected(desk, link, tmp_path):
    """(client, what it has received), connected to a broker."""
    context = SSLContext(roots=Bundle(desk.controller.bundle()))
    client_ca = None
    if link == "mutual TLS":
        client_ca = servers().client_ca
        context.load_cert_chain(*desk.controller.client_files())
    with broker(tmp_path, link != "plain", client_ca) as address:
        desk.world.route(HOST, PORT, address)
        desk.world.route(HOST, PORT + 1, address)
        got = []
        made = client(desk, link, context, client_id="ours")
        made.on_message = lambda client, topic, message: got.append((topic, message))
        made.connect()
        yield made, got
        if made.is_connected():
            made.disconnect()
    assert desk.open_sockets == 0


def until(made, got, n=1):
    for _ in range(HANG):
        made.loop(timeout=_MESSAGE_S)
        if len(got) >= n:
            return


@LINKS
def test_messages_come_back_with_both_qualities(desk, connected, link):
    made, got = connected
    made.subscribe("greetings", qos=1)
    made.publish("greetings", "hello")
    made.publish("greetings", "again", qos=1)
    until(made, got, 2)
    assert sorted(got) == [("greetings", "again"), ("greetings", "hello")]
    desk.record(MINIMQTT, link, "publish, subscribe; QoS 0 and 1")


@pytest.mark.parametrize("link", ["plain", "TLS"])
def test_a_publish_is_one_command(desk, connected, link):
    made, _ = connected
    taken = desk.counted(lambda: made.publish("a/topic", "x" * 40))
    assert taken == 1
    desk.record(MINIMQTT, link, "PUBLISH, QoS 0", commands(taken))


@pytest.mark.parametrize("link", ["plain"])
def test_a_large_message_both_ways(desk, connected, link):
    made, got = connected
    made.subscribe("large")
    text = "0123456789" * 300
    made.publish("large", text)
    until(made, got)
    assert got == [("large", text)]
    desk.record(MINIMQTT, link, "a message of 3000 bytes")


@LINKS
def test_a_retained_message(desk, connected, link):
    made, got = connected
    made.publish("kept", "still here", retain=True)
    made.subscribe("kept")
    until(made, got)
    assert got == [("kept", "still here")]
    desk.record(MINIMQTT, link, "retained message")


@pytest.mark.parametrize("link", ["plain"])
def test_a_last_will(desk, connected, link):
    made, got = connected
    made.subscribe("testament")
    other = client(desk, link, client_id="other")
    other.port = PORT + 1  # the connection manager has one socket for a host and port
    other.will_set("testament", "gone", 0, False)
    other.connect()
    other._sock.close()  # without a DISCONNECT
    until(made, got)
    assert got == [("testament", "gone")]
    desk.record(MINIMQTT, link, "last will")


@pytest.mark.parametrize("link", ["plain", "TLS"])
def test_the_broker_gone_and_back(desk, tmp_path, link):
    with broker(tmp_path, link != "plain") as address:
        desk.world.route(HOST, PORT, address)
        made = client(desk, link)
        made.connect()
    with pytest.raises((OSError, minimqtt.MMQTTException)):
        for _ in range(5):
            made.ping()
            made.loop(timeout=_MESSAGE_S)
    (tmp_path / "again").mkdir()
    with broker(tmp_path / "again", link != "plain") as address:
        desk.world.route(HOST, PORT, address)
        made.reconnect()
        made.publish("a", "b")
        made.disconnect()
    assert desk.open_sockets == 0
    desk.record(MINIMQTT, link, "the broker gone and back", "an error, then reconnect()")


@pytest.mark.parametrize("link", ["plain", "TLS"])
def test_a_network_cut(desk, connected, link):
    made, _ = connected
    lost = desk.radio.indications[33]
    desk.controller.drop_link()  # for so short a time that isconnected() may never be seen False
    assert desk.radio.channel.wait(lambda: desk.radio.indications[33] > lost, 5000)
    with pytest.raises((OSError, minimqtt.MMQTTException)):
        made.ping()
    assert desk.radio.channel.wait(desk.radio.isconnected, 10000)
    made.reconnect()
    made.publish("a", "b", qos=1)
    desk.record(MINIMQTT, link, "the network cut", "an error, then reconnect()")


@pytest.mark.parametrize("link", ["plain", "TLS"])
def test_all_sockets_in_use(desk, tmp_path, link):
    others = [desk.pool.socket() for _ in range(8)]
    for sock in others:
        sock.connect(("echo.example", 7))
    with broker(tmp_path, link != "plain") as address:
        desk.world.route(HOST, PORT, address)
        made = client(desk, link)
        with pytest.raises((OSError, minimqtt.MMQTTException)):
            made.connect()
        for sock in others:
            sock.close()
        made.connect()
        made.disconnect()
    assert desk.open_sockets == 0
    desk.record(MINIMQTT, link, "all eight sockets in use", "an error, then goes on")


@pytest.mark.parametrize("link", ["plain", "TLS"])
def test_a_slow_network(desk, connected, link):
    made, got = connected
    desk.controller.module.timing.turnaround = 50
    made.subscribe("greetings", qos=1)
    made.publish("greetings", "hello", qos=1)
    until(made, got)
    assert got == [("greetings", "hello")]


def test_a_broker_that_is_not_trusted(desk, tmp_path):
    with broker(tmp_path, True) as address:
        desk.world.route(HOST, PORT, address)
        made = client(desk, "TLS", SSLContext())
        with pytest.raises((OSError, minimqtt.MMQTTException)):
            made.connect()
    assert desk.open_sockets == 0


def test_adafruit_io_over_a_local_broker(desk, tmp_path):
    with broker(tmp_path, True, user=("somebody", "a-key")) as address:
        desk.world.route(HOST, PORT, address)
        io = IO_MQTT(client(desk, "TLS", username="somebody", password="a-key"))
        got = []
        io.on_message = lambda client, feed, payload: got.append((feed, payload))
        io.connect()
        io.subscribe("temperature")
        io.publish("temperature", 21.5)
        for _ in range(HANG):
            io.loop(timeout=_MESSAGE_S)
            if got:
                break
        io.disconnect()
    assert got == [("temperature", "21.5")]
    assert desk.open_sockets == 0
    desk.record("adafruit-circuitpython-adafruitio", "TLS", "IO_MQTT: a feed there and back")


def test_aws_iot_over_a_local_broker(desk, tmp_path):
    context = SSLContext(roots=Bundle(desk.controller.bundle()))
    context.load_cert_chain(*desk.controller.client_files())
    with broker(tmp_path, True, servers().client_ca) as address:
        desk.world.route(HOST, PORT, address)
        aws = MQTT_CLIENT(client(desk, "TLS", context, client_id="device-17"))
        got = []
        aws.on_message = lambda client, topic, message: got.append((topic, json.loads(message)))
        aws.connect()
        topic = "$aws/things/device-17/shadow/update"
        aws.client.subscribe(topic, qos=1)
        aws.shadow_update(json.dumps({"state": {"reported": {"on": True}}}))
        end = time.monotonic() + HANG
        while not got and time.monotonic() < end:
            aws.client.loop(timeout=_MESSAGE_S)  # aws.loop() waits for 0 s, which minimqtt refuses
        aws.client.on_disconnect = None  # aws.disconnect() does not work with minimqtt 8
        aws.client.disconnect()
    assert got == [(topic, {"state": {"reported": {"on": True}}})]
    assert desk.open_sockets == 0
    desk.record(
        "adafruit-circuitpython-aws-iot",
        "mutual TLS",
        "device shadow: an update there and back",
        "works, but its own loop() and disconnect() do not fit minimqtt 8",
    )
