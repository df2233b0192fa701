"""docs/mqtt.md against mosquitto: the module's client, and a listener without WebSocket beside."""

import contextlib
import subprocess
import time

import pytest

from spwf04 import SPWF04, SPWF04Error, SSLContext
from spwf04.services.mqtt import MQTTClient
from spwf04_sim import RealClock
from tests.shims.daemons import free_port, need, running, write_pem
from tests.shims.servers import servers

from .stage import Stage, example, stage  # noqa: F401
from .table import cell

HOST = "www.example.com"


@contextlib.contextmanager
def broker(folder):
    """mosquitto; yields its ports: plain TCP, WebSocket, WebSocket with TLS. That of TLS wants the
    user "me" with the password "secret"."""
    plain, web, secure = free_port(), free_port(), free_port()
    leaf = servers().leaf
    chain = [p.bytes() for p in leaf.cert_chain_pems]
    certificate, key = write_pem(folder, "broker", chain, leaf.private_key_pem.bytes())
    (folder / "passwords").write_text("")
    command = [need("mosquitto_passwd"), "-b", str(folder / "passwords"), "me", "secret"]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "mosquitto.conf").write_text(
        f"user root\nper_listener_settings true\n"
        f"listener {plain} 127.0.0.1\nallow_anonymous true\n"
        f"listener {web} 127.0.0.1\nprotocol websockets\nallow_anonymous true\n"
        f"listener {secure} 127.0.0.1\nprotocol websockets\nallow_anonymous false\n"
        f"password_file {folder}/passwords\ncertfile {certificate}\nkeyfile {key}\n"
    )
    command = [need("mosquitto"), "-c", str(folder / "mosquitto.conf")]
    with running(command, web, folder):
        yield plain, web, secure


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """The ports of a broker."""
    with broker(tmp_path_factory.mktemp("broker")) as found:
        yield found


def routed(stage, ports):  # noqa: F811
    """The stage, with the broker in its world."""
    for port, there in zip((1883, 8080, 8443), ports):
        stage.route(HOST, port, ("127.0.0.1", there))
    return stage


def test_the_example(stage, ports):  # noqa: F811
    printed = routed(stage, ports).run(example("mqtt"))
    assert printed == ["b'house/door' b'open'"]
    cell("MQTT", "plain", stage.interpreter)


def test_the_example_with_tls(stage, ports):  # noqa: F811
    printed = routed(stage, ports).run(example("mqtt", 1))
    assert printed == ["b'house/light' b'on'"]
    cell("MQTT", "TLS", stage.interpreter)


@pytest.mark.parametrize("interpreter", ["CPython", "MicroPython"])
def test_the_example_with_asyncio(interpreter, ports):
    printed = routed(Stage(interpreter), ports).run(example("mqtt", 2))
    assert printed == ["b'house/door' b'shut'"]


def here(ports, **options):
    """(radio, client) of a joined module."""
    stage = routed(Stage(), ports)  # noqa: F811
    radio = SPWF04(stage.module.uart("machine"), clock=RealClock(speed=0.1))
    radio.connect("home", "correct horse")
    return radio, MQTTClient(radio, "me", HOST, 8080, **options)


def test_hostile_messages_of_all_qualities_through_a_real_broker(ports):
    radio, client = here(ports)
    got = []
    client.set_callback(lambda topic, message: got.append((topic, message)))
    client.connect()
    client.subscribe("a/b", 2)
    for qos in (0, 1, 2):
        for message in (
            b"\r\nAT-S.OK\r\n+WIND:33:x\r\n\0",
            bytes(range(256)) * 8,
            b"+WIND:86:MQTT Published:0:a:0:0:0:5:5:",
        ):
            client.publish("a/b", message, qos=qos)
            client.wait_msg(30)
            assert got.pop() == (b"a/b", message)
    assert radio.isconnected()
    client.disconnect()


def test_a_retained_message_comes_at_once(ports):
    _, client = here(ports)
    got = []
    client.set_callback(lambda topic, message: got.append((topic, message)))
    client.connect()
    client.publish("kept", b"since then", retain=True, qos=1)
    client.subscribe("kept")
    client.wait_msg(30)
    assert got == [(b"kept", b"since then")]
    client.disconnect()


def test_a_plain_listener_is_named(ports):
    radio, _ = here(ports)
    client = MQTTClient(radio, "me", HOST, 1883)
    with pytest.raises(SPWF04Error, match="umqtt") as caught:
        client.connect()
    assert caught.value.remedy == "plain_broker"


def test_a_wrong_password_is_an_error_without_it(ports):
    stage = routed(Stage(), ports)  # noqa: F811
    radio = SPWF04(stage.module.uart("machine"), clock=RealClock(speed=0.1))
    radio.connect("home", "correct horse")
    radio.set_time(int(time.time()))
    context = SSLContext(roots=stage.controller.bundle())
    client = MQTTClient(radio, "me", HOST, 8443, "me", "geheim", ssl=context)
    with pytest.raises(SPWF04Error) as caught:
        client.connect()
    assert caught.value.remedy == "check_broker"
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("firmware", ["170216-fd39c59", "171117-0328fe3"])
def test_the_topic_is_right_on_each_firmware(firmware):
    """1.0 repeats its last character."""
    from spwf04_sim import Flash, SimulatedModule, Timing, VirtualClock, World
    from tests.faults.exchanges import SAVED
    from tests.shims.links import Broker, BrokerPeer

    world = World()
    world.add_access_point("home", "correct horse")
    made = Broker()
    world.route("broker.example", 8080, lambda: BrokerPeer(made))
    module = SimulatedModule(
        world,
        clock=VirtualClock(longest=20),
        timing=Timing.fast(),
        flash=Flash(saved=SAVED),
        firmware=firmware,
    )
    module.power_on()
    radio = SPWF04(module.uart(), clock=module.clock)
    radio.connect("home", "correct horse")
    client = MQTTClient(radio, "me", "broker.example", 8080)
    got = []
    client.set_callback(lambda topic, message: got.append((topic, message)))
    client.connect()
    client.subscribe("a/bb")
    client.publish("a/bb", b"x")
    client.wait_msg(10)
    assert got == [(b"a/bb", b"x")]
    client.disconnect()
