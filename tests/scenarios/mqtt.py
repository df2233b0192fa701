"""The module's MQTT client."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.services.mqtt import MQTTClient

HOSTILE = b"\r\nAT-S.OK\r\n+WIND:33:WiFi Network Lost\r\nAT-S.ERROR:44:x\r\n\0"


class Desk:
    """A client that is connected; got: what came."""

    def __init__(self, bench, **options):
        bench.join()
        bench.sim("link_servers")
        self.got = []
        self.client = MQTTClient(bench.radio, "door-1", "broker.example", 8080, **options)
        self.client.set_callback(lambda topic, message: self.got.append((topic, message)))


def connected(bench, topic="a/b", **options):
    desk = Desk(bench, **options)
    desk.client.connect()
    desk.client.subscribe(topic)
    return desk


def test_a_message_comes_back(bench):
    desk = connected(bench)
    for qos in (0, 1, 2):
        desk.client.publish("a/b", "hello %d" % qos, qos=qos)
        desk.client.wait_msg(10)
    assert desk.got == [(b"a/b", b"hello %d" % qos) for qos in (0, 1, 2)]
    desk.client.disconnect()
    assert bench.sim("links_taken") == 0


def test_what_connects(bench):
    desk = Desk(bench, user="me", password="hunter,2", keepalive=60)
    desk.client.set_last_will("will/topic", "gone, sorry", qos=1)
    assert desk.client.connect() == 0
    ((_, body),) = bench.sim("broker_got", 1)
    seconds = 60 if bench.sim("quirk", "mqtt_keepalive") == "s" else 1
    assert body[:10] == b"\0\4MQTT\4\xce\0" + bytes([seconds])
    assert body[10:] == b"\0\6door-1\0\nwill/topic\0\x0bgone, sorry\0\2me\0\x08hunter,2"
    assert bench.radio.get("console_delimiter") in (",", "0x2C")
    desk.client.disconnect()
    assert bench.sim("broker_got", 14)


def test_flags_of_a_publication(bench):
    desk = connected(bench)
    desk.client.publish(b"x", b"kept, too", True, 1)
    ((head, body),) = bench.sim("broker_got", 3)
    assert head == 0x33 and body[:3] == b"\0\1x" and body[5:] == b"kept, too"
    desk.client.disconnect()


def test_no_message_is_taken_for_the_module(bench):
    for topic in ("a/b", "a/#"):
        desk = connected(bench, topic)
        generation = bench.radio.channel.generation
        for size in (0, 1, 100, 600):
            message = b"x" * size + HOSTILE
            bench.sim("broker_publishes", b"a/b", message)
            bench.sim("broker_publishes", b"a/b", b"")
            assert bench.radio.get("nv_model") == "SPWF04SA"
            desk.client.wait_msg(10)
            desk.client.wait_msg(10)
            assert desk.got[-2:] == [(b"a/b", message), (b"a/b", b"")]
        assert bench.radio.isconnected()
        assert bench.radio.channel.generation == generation
        assert desk.client.lost == 0
        desk.client.disconnect()


def test_no_topic_is_taken_for_the_module(bench):
    desk = connected(bench, "#")
    for topic in (b"a:0:0:0:0:0:", b"a:0:0:0:9:9:", b"a:0:0:0:40:40:", b"a:0"):
        bench.sim("broker_publishes", topic, b"1234" + HOSTILE)
        bench.rest(50)
        assert bench.radio.isconnected()
    bench.sim("broker_publishes", b"a", b"after that")
    bench.until(lambda: bench.poll() or desk.client._messages)
    while desk.got[-1:] != [(b"a", b"after that")]:
        desk.client.wait_msg(10)
    for _, message in desk.got[:-1]:
        assert message == b"1234" + HOSTILE
    desk.client.disconnect()


def test_a_long_message_is_put_together(bench):
    desk = connected(bench)
    message = bytes(bench.pattern(5000))
    bench.sim("broker_publishes", b"a/b", message)
    bench.sim("broker_publishes", b"a/b", message[:512])
    desk.client.wait_msg(10)
    desk.client.wait_msg(10)
    assert desk.got == [(b"a/b", message), (b"a/b", message[:512])]
    desk.client.disconnect()


def test_messages_beyond_the_limit_are_dropped_and_counted(bench):
    desk = connected(bench, limit=1000)
    bench.sim("broker_publishes", b"a/b", bytes(3000))
    bench.sim("broker_publishes", b"a/b", b"small")
    desk.client.wait_msg(10)
    for _ in range(3):
        bench.sim("broker_publishes", b"a/b", bytes(400))
    bench.rest(300)
    for _ in range(2):
        desk.client.wait_msg(10)
    assert [len(message) for _, message in desk.got] == [5, 400, 400]
    assert desk.client.lost == 2
    desk.client.check_msg()
    desk.client.disconnect()


def test_waiting_for_a_message_and_not_waiting(bench):
    desk = connected(bench)
    before = bench.sim("bytes_in")
    desk.client.check_msg()
    assert not desk.got and bench.sim("bytes_in") == before
    e, ms = bench.spent(desk.client.wait_msg, 1)
    assert isinstance(e, OSError) and 900 <= ms <= 2000
    bench.sim("broker_publishes", b"a/b", b"now")
    bench.rest(100)
    desk.client.check_msg()
    assert desk.got == [(b"a/b", b"now")]
    desk.client.disconnect()


def test_the_end_of_a_subscription(bench):
    desk = connected(bench)
    desk.client.unsubscribe("a/b")
    desk.client.publish("a/b", "x")
    bench.raises(OSError, desk.client.wait_msg, 0.5)
    desk.client.disconnect()


def test_the_broker_ends_it(bench):
    desk = connected(bench)
    bench.sim("broker_publishes", b"a/b", b"last words")
    bench.rest(100)
    bench.sim("broker_breaks")
    bench.rest(100)
    desk.client.check_msg()
    e = bench.raises(OSError, desk.client.check_msg)
    assert e.args[0] == 104 and e.remedy == "reconnect"
    for call in (desk.client.wait_msg, desk.client.ping):
        assert bench.raises(OSError, call).args[0] == 104
    bench.raises(OSError, desk.client.publish, "a/b", "x")
    desk.client.connect(False)  # and subscribes again
    desk.client.publish("a/b", "back")
    desk.client.wait_msg(10)
    assert desk.got[-1] == (b"a/b", b"back")
    assert bench.sim("links_taken") == 1
    desk.client.disconnect()


def test_an_attempt_to_connect_again_that_fails_forgets_no_subscription(bench):
    desk = connected(bench)
    bench.sim("broker_breaks")
    bench.rest(100)
    bench.sim("broker_refuses", 5)
    for _ in range(2):
        bench.raises(ModuleError, desk.client.connect, False)
    bench.sim("broker_refuses", 0)
    desk.client.connect(False)
    desk.client.publish("a/b", "back")
    desk.client.wait_msg(10)
    assert desk.got == [(b"a/b", b"back")]
    desk.client.disconnect()


def test_the_network_is_lost(bench):
    desk = connected(bench)
    bench.sim("drop_link")
    bench.raises(OSError, desk.client.wait_msg, 20)
    bench.until(bench.radio.isconnected)
    desk.client.connect(False)
    desk.client.publish("a/b", "back")
    desk.client.wait_msg(10)
    desk.client.disconnect()


def test_the_module_restarts(bench):
    desk = connected(bench)
    bench.sim("restart", "power")
    e = bench.raises(OSError, desk.client.wait_msg, 20)
    assert e.args[0] == 104
    bench.join()
    desk.client.connect(False)
    desk.client.publish("a/b", "back")
    desk.client.wait_msg(10)
    desk.client.disconnect()


def test_a_plain_broker_is_named(bench):
    desk = Desk(bench)
    client = MQTTClient(bench.radio, "x", "broker.example", 1883)
    e = bench.raises(ModuleError, client.connect)
    assert e.remedy == "plain_broker" and "umqtt.simple" in str(e)
    desk.client.connect()
    desk.client.disconnect()


def test_a_broker_that_refuses(bench):
    desk = Desk(bench, password="secret")
    bench.sim("broker_refuses", 5)
    e = bench.raises(ModuleError, desk.client.connect)
    assert e.remedy == "check_broker" and "secret" not in str(e)
    assert bench.sim("links_taken") == 0
    bench.raises(OSError, desk.client.publish, "a", "b")


def test_a_subscription_that_is_refused(bench):
    desk = connected(bench)
    e = bench.raises(ModuleError, desk.client.subscribe, "forbidden")
    assert e.code == 111 and e.remedy == "check_topic"
    desk.client.publish("a/b", "still there")
    desk.client.wait_msg(10)
    desk.client.disconnect()


def test_a_broker_that_does_not_acknowledge(bench):
    desk = connected(bench)
    bench.sim("broker_is_mute", True)
    at_once = bench.sim("quirk", "mqtt_ok") == "at once"
    if at_once:
        desk.client.publish("a/b", "x", qos=1)
    else:
        assert bench.raises(ModuleError, desk.client.publish, "a/b", "x", qos=1).code == 111
    desk.client.disconnect()


def test_a_third_connection_is_refused(bench):
    from spwf04.services.websocket import connect

    desk = connected(bench)
    second = MQTTClient(bench.radio, "door-2", "broker.example", 8080)
    second.connect()
    third = MQTTClient(bench.radio, "door-3", "broker.example", 8080)
    e = bench.raises(SPWF04Error, third.connect)
    assert e.remedy == "close_links"
    bench.raises(SPWF04Error, connect, bench.radio, "ws://ws.example")
    second.disconnect()
    ws = connect(bench.radio, "ws://ws.example", last=int(bench.sim("quirk", "websocket_last")))
    ws.send("both")
    desk.client.publish("a/b", "both")
    assert ws.recv() == b"both"
    desk.client.wait_msg(10)
    ws.close()
    desk.client.disconnect()


def test_what_an_earlier_run_has_left_is_closed(bench):
    connected(bench)
    again = MQTTClient(bench.another_radio(), "door-1", "broker.example", 8080)
    again.connect()
    assert bench.sim("links_taken") == 1
    again.disconnect()


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    radio = bench.radio
    before = bench.sim("bytes_in")
    for bad in ("a\rAT+S.RESET", "a\nb", "a\0b"):
        for values in ((bad, "h"), ("c", bad), ("c", "h", 0, bad), ("c", "h", 0, "u", bad)):
            bench.raises(ValueError, MQTTClient, radio, *values)
        bench.raises(ValueError, MQTTClient, radio, "c", "h", path="/" + bad)
    bench.raises(ValueError, MQTTClient, radio, "", "h")
    bench.raises(ValueError, MQTTClient, radio, "c", "h", 65536)
    bench.raises(ValueError, MQTTClient, radio, "c", "h", path="mqtt")
    bench.raises(ValueError, MQTTClient, radio, "c", "h", keepalive=65536)
    for bad in ("yes", "", {}, 0, 1):  # nothing but None and False means "in clear"
        bench.raises(TypeError, MQTTClient, radio, "c", "h", ssl=bad)
    bench.raises(TypeError, MQTTClient, "radio", "c", "h")
    client = MQTTClient(radio, "c", "h")
    for call in (client.set_last_will, client.publish):
        for bad in ("a\rb", "a\nb", "a\0b", "", "t" * 191):
            bench.raises(ValueError, call, bad, "x")
        bench.raises(TypeError, call, 1, "x")
        bench.raises(ValueError, call, "t", "x", False, 3)
    bench.raises(ValueError, client.set_last_will, "t", "a\rb")
    bench.raises(ValueError, client.set_last_will, "t", "m", True)
    for bad in ("a/#", "a/+/b"):
        bench.raises(ValueError, client.publish, bad, "x")
    bench.raises(ValueError, client.publish, "t", "")
    bench.raises(ValueError, client.publish, "t", bytes(2049))
    bench.raises(TypeError, client.publish, "t", None)
    bench.raises(ValueError, client.subscribe, "t")  # no callback
    bench.raises(TypeError, client.set_callback, "f")
    client.set_callback(print)
    bench.raises(ValueError, client.subscribe, "t\n")
    bench.raises(OSError, client.subscribe, "t")  # not connected
    assert bench.sim("bytes_in") == before


def test_a_program_that_pauses_in_the_middle_of_a_message(bench):
    desk = connected(bench)
    message = b"x" * 20 + HOSTILE
    size = len(message)
    head = b"+WIND:86:MQTT Published:%d:a/b:0:0:0:%d:%d:" % (desk.client.id, size, size)
    bench.sim("garbage", head + message[:20])
    bench.rest(5)
    bench.sim("garbage", message[20:] + b"\r\n")
    bench.sleep(100)
    assert bench.radio.get("nv_model") == "SPWF04SA"
    assert bench.radio.isconnected()
    desk.client.wait_msg(10)
    assert desk.got == [(b"a/b", message)]
    desk.client.disconnect()


def test_a_message_whose_end_is_lost_is_no_hindrance(bench):
    desk = connected(bench)
    head = b"+WIND:86:MQTT Published:%d:a/b:0:0:0:60:60:" % desk.client.id
    bench.sim("garbage", head + b"only this")
    bench.rest(50)
    assert bench.radio.get("nv_model") == "SPWF04SA"
    bench.sim("garbage", head + b"only this")
    bench.rest(50)
    desk.client.check_msg()
    bench.sim("broker_publishes", b"a/b", b"whole")
    desk.client.wait_msg(10)
    assert desk.got == [(b"a/b", b"whole")]
    assert desk.client.lost == 2
    desk.client.disconnect()
