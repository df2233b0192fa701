"""The module's MQTT client, with a broker that speaks WebSocket."""

import ssl
import time

import pytest
import trustme

from spwf04_sim import Quirks
from tests.sim.broker import Broker
from tests.sim.replay import HttpsServer, Upgrade, dated
from tests.sim.talk import Talk

OK = b"AT-S.OK\r\n"
ON = "AT+S.MQTTCONN=mqtt.example,8080,,,,,,,,,,"


@pytest.fixture
def broker():
    made = Broker()
    yield made
    made.stop()


def at(broker, firmware="171117-0328fe3", **quirks):
    talk = Talk(Quirks(**quirks), firmware=firmware)
    talk.world.route("mqtt.example", 8080, broker.address)
    return talk


def test_it_connects_over_websocket_with_the_protocol_mqtt(broker):
    talk = at(broker)
    assert talk.say(ON) == b"AT-S.On:0\r\n" + OK
    assert broker.paths == ["/mqtt"]
    assert broker.protocols == ["mqtt"]
    body = b"\0\4MQTT\4\2\0\x3c\0\7SPWF04S"
    assert broker.got == [(0x10, body)]


def test_the_path_without_one_is_another_in_another_reading(broker):
    at(broker, mqtt_path="/").say(ON)
    assert broker.paths == ["/"]


def test_all_twelve_arguments(broker):
    talk = at(broker)
    line = "AT+S.MQTTCONN=mqtt.example,8080,/a?b,0,me,hunter2,client,30,2,1,will/topic,gone"
    assert OK in talk.say(line)
    assert broker.paths == ["/a?b"]
    body = b"\0\4MQTT\4\xce\0\x1e\0\6client\0\nwill/topic\0\4gone\0\2me\0\7hunter2"
    assert broker.got == [(0x10, body)]


def test_a_broker_on_plain_tcp_cannot_be_used():
    talk = Talk()
    plain = []

    class Plain(Upgrade):
        def on_data(self, data):
            plain.append(data)
            self.close()

    talk.world.route("mqtt.example", 1883, Plain)
    said = talk.say("AT+S.MQTTCONN=mqtt.example,1883,,,,,,,,,,")
    assert b"AT-S.ERROR:74:" in said
    assert plain[0].startswith(b"GET /mqtt HTTP/1.1\r\n")


@pytest.mark.parametrize("number", [74, 111])
def test_a_broker_that_refuses(number):
    broker = Broker(refuses=5)
    talk = at(broker, websocket_error=number)
    assert f"AT-S.ERROR:{number}:".encode() in talk.say(ON)
    assert talk.module.connections.links == []
    assert b"+WIND:87" not in talk.wait(2)
    broker.stop()


def test_a_broker_that_does_not_answer():
    broker = Broker()
    broker.mute = True
    assert b"AT-S.ERROR:74:" in at(broker).say(ON)
    broker.stop()


@pytest.mark.parametrize(("reading", "seconds"), [("nothing", 0), ("attempts", 3)])
def test_a_broker_that_is_not_reached_is_tried_again_in_one_reading(reading, seconds):
    talk = Talk(Quirks(mqtt_retry=reading))
    start = talk.clock.now()
    assert b"AT-S.ERROR:74:" in talk.say("AT+S.MQTTCONN=10.0.0.1,80,,,,,,,3,,,")
    assert seconds <= talk.clock.now() - start < seconds + 1


@pytest.mark.parametrize("qos", ["", "0", "1", "2"])
def test_a_message_is_published(broker, qos):
    talk = at(broker)
    talk.say(ON)
    assert talk.say(f"AT+S.MQTTPUB=0,a/b,{qos},1,6", b"\0hello") == OK
    level = int(qos or 0)
    body = b"\0\3a/b" + (b"\0\1" if level else b"") + b"\0hello"
    broker.until(lambda: broker.packets(3))
    assert broker.packets(3) == [(0x31 | level << 1, body)]
    assert len(broker.packets(6)) == (level == 2)


def test_a_publication_that_is_not_acknowledged_is_an_error(broker):
    talk = at(broker)
    talk.say(ON)
    broker.mute = True
    assert b"AT-S.ERROR:111:" in talk.say("AT+S.MQTTPUB=0,a,1,0,1", b"x")


def test_in_another_reading_ok_comes_before_the_acknowledgement(broker):
    talk = at(broker, mqtt_ok="at once")
    talk.say(ON)
    broker.mute = True
    assert talk.say("AT+S.MQTTPUB=0,a,1,0,1", b"x") == OK


def test_what_is_subscribed_to_comes(broker):
    talk = at(broker)
    talk.say(ON)
    assert talk.say("AT+S.MQTTSUB=0,a/b,1") == OK
    heard = talk.say("AT+S.MQTTPUB=0,a/b,0,0,5", b"hello") + talk.wait(1)
    assert b"+WIND:86:MQTT Published:0:a/b:0:0:0:5:5:hello\r\n" in heard
    assert talk.say("AT+S.MQTTUNSUB=0,a/b") == OK
    talk.say("AT+S.MQTTPUB=0,a/b,0,0,5", b"hello")
    assert b"+WIND:86" not in talk.wait(1)


def test_a_subscription_that_the_broker_refuses_is_an_error(broker):
    talk = at(broker)
    talk.say(ON)
    assert b"AT-S.ERROR:111:" in talk.say("AT+S.MQTTSUB=0,forbidden,0")


@pytest.mark.parametrize("qos", [1, 2])
def test_what_comes_with_a_quality_is_acknowledged(broker, qos):
    talk = at(broker)
    talk.say(ON)
    talk.say(f"AT+S.MQTTSUB=0,a,{qos}")
    # The message may come before the OK of its publication
    heard = talk.say(f"AT+S.MQTTPUB=0,a,{qos},0,5", b"hello") + talk.wait(1)
    assert f"+WIND:86:MQTT Published:0:a:0:{qos}:0:5:5:hello\r\n".encode() in heard
    kinds = {1: [4], 2: [5, 7]}[qos]
    for kind in kinds:
        broker.until(lambda kind=kind: broker.packets(kind))
        assert broker.packets(kind)[-1][1] == b"\0\7"


def test_a_message_of_quality_2_that_comes_again_is_told_once(broker):
    talk = at(broker)
    talk.say(ON)
    for dup in (0, 1):
        broker.clients[0].publish(b"a", b"once", 2, dup=dup)
        broker.clients[0].publish(b"b", b"other")
    heard = talk.wait(2)
    assert heard.count(b":once") == 1 and heard.count(b":other") == 2


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("dup,qos,retained", b"0:1:1"),
        ("qos,retained,dup", b"1:1:0"),
        ("retained,qos,dup", b"1:1:0"),
    ],
)
def test_the_flags_have_an_order(broker, order, numbers):
    talk = at(broker, mqtt_fields=order)
    talk.say(ON)
    broker.clients[0].publish(b"a", b"x", 1, retained=1)
    assert b"Published:0:a:" + numbers + b":1:1:x\r\n" in talk.until(b"+WIND:86")


@pytest.mark.parametrize("piece", [512, 128])
def test_a_long_message_comes_in_pieces_with_its_total_length(broker, piece):
    talk = at(broker, mqtt_piece=piece)
    talk.say(ON)
    message = b"\r\n+WIND:86:x\0" * 50
    broker.clients[0].publish(b"a", message)
    expected = b""
    for start in range(0, len(message), piece):
        part = message[start : start + piece]
        expected += b"+WIND:86:MQTT Published:0:a:0:0:0:%d:650:" % len(part) + part + b"\r\n"
    assert talk.wait(2) == expected


def test_an_empty_message_comes_too(broker):
    talk = at(broker)
    talk.say(ON)
    broker.clients[0].publish(b"a", b"")
    assert talk.until(b"+WIND:86") == b"+WIND:86:MQTT Published:0:a:0:0:0:0:0:\r\n"


def test_packets_may_be_cut_anywhere(broker):
    talk = at(broker)
    talk.say(ON)
    stream = b"\x31\x06\0\3a/bx\xd0\0\x31\x06\0\3a/by"
    for n in range(len(stream)):
        broker.clients[0].send(stream[n : n + 1])
    heard = talk.wait(2)
    assert b":a/b:0:0:1:1:1:x\r\n" in heard and b":a/b:0:0:1:1:1:y\r\n" in heard


def test_firmware_1_0_0_repeats_the_last_character_of_a_topic(broker):
    talk = at(broker, firmware="170216-fd39c59")
    talk.say(ON)
    broker.clients[0].publish(b"a/b", b"x")
    assert b"Published:0:a/bb:" in talk.until(b"+WIND:86")


def test_a_quiet_connection_is_kept_alive(broker):
    talk = at(broker)
    talk.say("AT+S.MQTTCONN=mqtt.example,8080,,,,,,20,,,,")
    talk.wait(90)
    broker.until(lambda: len(broker.packets(12)) >= 4)
    assert len(broker.packets(12)) == 4


def test_in_another_reading_the_time_is_in_ms(broker):
    talk = at(broker, mqtt_keepalive="ms")
    talk.say("AT+S.MQTTCONN=mqtt.example,8080,,,,,,20000,,,,")
    assert broker.got[0][1][8:10] == b"\0\x14"


def test_a_broker_that_does_not_answer_pings_is_lost(broker):
    talk = at(broker)
    talk.say("AT+S.MQTTCONN=mqtt.example,8080,,,,,,5,,,,")
    broker.mute = True
    assert talk.until(b"+WIND:87", 20) == b"+WIND:87:MQTT Closed:0\r\n"
    assert b"AT-S.ERROR:78:" in talk.say("AT+S.MQTTSUB=0,a,0")
    assert talk.say("AT+S.MQTTDISC=0") == OK
    assert talk.say("AT+S.MQTTDISC=0").startswith(b"AT-S.ERROR:76:")


def test_the_host_disconnects(broker):
    talk = at(broker)
    talk.say(ON)
    assert talk.say("AT+S.MQTTDISC=0") == OK
    broker.until(lambda: broker.ended)
    assert broker.got[-1] == (0xE0, b"")
    assert broker.ended == [1000]
    assert b"+WIND:87" not in talk.wait(2)


def test_websocket_and_mqtt_are_two_together(broker):
    talk = at(broker)
    socket = "AT+S.WSOCKON=mqtt.example,8080,,0,,,,mqtt,"
    assert b"AT-S.On:0\r\n" in talk.say(socket)
    assert b"AT-S.On:1\r\n" in talk.say(ON)
    assert b"AT-S.ERROR:75:" in talk.say(ON)
    assert b"AT-S.ERROR:75:" in talk.say(socket)
    assert b"AT-S.ERROR:76:" in talk.say("AT+S.WSOCKQ=1")
    assert b"AT-S.ERROR:76:" in talk.say("AT+S.MQTTDISC=0")


def test_in_another_reading_mqtt_has_numbers_of_its_own(broker):
    talk = at(broker, mqtt_id="own")
    talk.say("AT+S.WSOCKON=mqtt.example,8080,,0,,,,mqtt,")
    assert b"AT-S.On:0\r\n" in talk.say(ON)
    assert talk.say("AT+S.MQTTSUB=0,a,0") == OK


def test_mqtt_over_tls():
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    dated(ca, "mqtt.example").configure_cert(context)
    broker = Broker(ssl=context)
    talk = Talk()
    talk.world.route("mqtt.example", 443, broker.address)
    talk.module.set_clock(int(time.time()))
    talk.module.flash.slot["ca"] = ca.cert_pem.bytes()
    assert b"AT-S.On:0\r\n" in talk.say("AT+S.MQTTCONN=mqtt.example,443,,2,,,,,,,,")
    assert talk.say("AT+S.MQTTPUB=0,a,1,0,5", b"hello") == OK
    broker.stop()


def test_a_web_server_that_is_no_broker():
    ca = trustme.CA()
    server = HttpsServer(dated(ca, "mqtt.example"), b"HTTP/1.1 404 Not Found\r\n\r\n")
    talk = Talk()
    talk.world.route("mqtt.example", 443, server.address)
    talk.module.set_clock(int(time.time()))
    talk.module.flash.slot["ca"] = ca.cert_pem.bytes()
    assert b"AT-S.ERROR:74:" in talk.say("AT+S.MQTTCONN=mqtt.example,443,,2,,,,,,,,")


def test_a_broker_that_talks_nonsense_is_lost():
    class Nonsense(Upgrade):
        def on_data(self, data):
            if data.startswith(b"GET"):
                super().on_data(data)
                self.send(b"\x82\x04\x20\2\0\0")
                self.asked = False
            elif not self.asked:
                self.asked = True
            else:
                self.send(b"\x82\x07\x3f\x05\0\1a\0\0")

    talk = Talk(Quirks(websocket_reason=True))
    talk.world.route("mqtt.example", 8080, Nonsense)
    talk.say(ON)
    talk.module.receive(b"AT+S.MQTTSUB=0,a,0\r")
    assert talk.until(b"+WIND:87").endswith(b"+WIND:87:MQTT Closed:0:1002\r\n")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("MQTTCONN=mqtt.example,x,,,,,,,,,,", 7),
        ("MQTTCONN=mqtt.example,8080,,,,,,soon,,,,", 7),
        ("MQTTCONN=mqtt.example,8080,,,,,,,,3,t,m", 7),
        ("MQTTSUB=0,a,3", 7),
        ("MQTTPUB=0,a,3,0,1", 7),
        ("MQTTPUB=0,a,0,2,1", 7),
        ("MQTTPUB=1,a,0,0,1", 76),
        ("MQTTPUB=0,a,0,0,0", 33),
        ("MQTTUNSUB=1,a", 76),
    ],
)
def test_errors(broker, line, number):
    talk = at(broker)
    talk.say(ON)
    assert f"AT-S.ERROR:{number}:".encode() in talk.say("AT+S." + line)
