"""A simulated module that lives long, with company, at unlucky moments, with a mistake."""

import gc
import os
import socket
import time

import pytest
import serial

from spwf04_sim import (
    EchoPeer,
    Flash,
    Peer,
    PtyPort,
    Quirks,
    SimulatedModule,
    Timing,
    VirtualClock,
    World,
)
from tests import ALL
from tests.sim import asked
from tests.sim.joined import Joined
from tests.sim.talk import Talk

DESCRIPTORS = "/dev/fd"


# resources ------------------------------------------------------------------------------------
def test_many_lives_leave_nothing_open():
    bench = Joined()
    bench.clock.no_real_servers()  # none that matters here
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    bench.world.route("s.example", 7, server.getsockname())
    before = 0
    for n in range(200 if ALL else 20):
        bench.ask("AT+S.SOCKDON=4000,t", seconds=0.02)
        bench.ask("AT+S.SOCKDON=4001,u", seconds=0.02)
        bench.ask("AT+S.SOCKON=s.example,7,,t", seconds=0.02)
        assert len(bench.world.listening) == 4
        addresses = list(bench.world.listening.values())
        with socket.create_connection(bench.world.listening[80]):
            bench.ask("AT+S.SOCKON=s.example,7,,s", seconds=0)  # it waits for TLS
            bench.clock.advance(0.01)
        ends = (bench.module.power_off, bench.module.restart, lambda: bench.module.reset_pin(0))
        ends[n % 3]()
        assert bench.world.listening == {}
        if n < 3:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(addresses[0])
        bench.module.reset_pin(1)
        bench.module.power_on()
        bench.said(1)
        while True:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                break
        gc.collect()
        if os.path.isdir(DESCRIPTORS):
            before = before or len(os.listdir(DESCRIPTORS))
            assert len(os.listdir(DESCRIPTORS)) <= before
    bench.module.power_off()
    server.close()


# company --------------------------------------------------------------------------------------
def test_two_modules_in_one_world_have_servers_of_their_own():
    world = World()
    world.add_access_point("net")
    saved = {"wifi_ssid": "net", "wifi_priv_mode": "0", "console_echo": "0"}
    modules = []
    for mac in ("00:80:E1:BD:00:39", "00:80:E1:BD:00:40"):
        module = SimulatedModule(
            world,
            clock=VirtualClock(),
            timing=Timing.fast(),
            flash=Flash(saved=dict(saved)),
            variables={"nv_wifi_macaddr": mac},
        )
        modules.append(module)
        module.power_on()
        module.clock.advance(1)
        module.receive(b"AT+S.SOCKDON=4000,t\r")
        module.clock.advance(1)
        assert b"AT-S.On:0" in module.transmit()
    first, second = modules
    assert first.wifi.ip != second.wifi.ip
    there = dict(world.listening)
    first.power_off()
    assert world.listening == there  # those of the second
    second.power_off()
    assert world.listening == {}


# moments --------------------------------------------------------------------------------------
def test_it_holds_its_breath_while_it_is_held_in_reset():
    module = SimulatedModule(clock=VirtualClock(), timing=Timing.fast())
    module.reset_pin(0)
    module.power_on()
    module.clock.advance(1)
    module.restart("watchdog")
    module.clock.advance(1)
    assert module.transmit() == b""
    module.reset_pin(1)
    module.clock.advance(1)
    assert module.transmit().count(b"+WIND:1:") == 1
    module.receive(b"AT+S.SCFG=sleep_enabled,1\rAT+S.PMS=2\r")
    module.reset_pin(0)
    module.pins.drive(6, 1)
    module.clock.advance(1)
    assert module.transmit() == b""


def test_the_network_may_go_while_its_address_is_renewed():
    talk = Talk()
    talk.module.receive(b"AT+S.RENEW\r")
    while not talk.module.busy:
        talk.clock.idle()
    talk.clock.advance(0.0005)
    talk.module.drop_link(60000)
    assert b"ERROR:6" in talk.say("")


@pytest.mark.parametrize("kind", ["t", "s"])
def test_the_network_may_go_while_a_connection_is_made(kind):
    class Leaving(Peer):
        answers = kind == "s"

    talk = Talk()
    talk.clock.no_real_servers()
    talk.world.route("s.example", 7, Leaving)
    talk.module.receive(f"AT+S.SOCKON=s.example,7,,{kind}\r".encode())
    talk.wait(1)
    talk.module.drop_link(60000)
    assert b"ERROR:74:" in talk.say("", seconds=1)


@pytest.mark.parametrize("what", ["restart", "power_off", "drop_link", "wedge"])
@pytest.mark.parametrize("event", ["on_connect", "on_data", "on_close"])
def test_a_server_of_a_test_may_have_anything_happen_to_the_module(event, what):
    talk = Talk()

    class Server(EchoPeer):
        pass

    setattr(Server, event, lambda *_: getattr(talk.module, what)())
    talk.clock.no_real_servers()
    talk.world.route("s.example", 7, Server)
    talk.module.receive(b"AT+S.SOCKON=s.example,7,,t\r")
    talk.wait(0.1)
    talk.module.receive(b"AT+S.SOCKW=0,5\rhello")
    talk.wait(0.1)
    talk.module.receive(b"AT+S.SOCKR=0,5\rAT+S.SOCKC=0\r")
    talk.wait(0.1)
    talk.module.power_off()
    talk.module.power_on()
    talk.until(b"+WIND:24:")
    assert b"AT-S.OK" in talk.say("AT")


def test_more_stations_than_addresses():
    saved = {"wifi_mode": "3", "wifi_ssid": "mine", "wifi_priv_mode": "0", "ip_num_clients": "999"}
    bench = Joined(saved=saved)
    for n in range(260):
        bench.module.station_joins(f"02:00:00:00:{n >> 8:02X}:{n & 255:02X}")
    heard = bench.said(5)
    assert heard.count("+WIND:28:") == 260
    assert 250 < heard.count("+WIND:29:") < 256


# a mistake ------------------------------------------------------------------------------------
class Broken(Peer):
    def on_connect(self):
        raise RuntimeError("a mistake in a server of a test")


def broken_port():
    world = World()
    world.add_access_point("net")
    world.route("s.example", 7, Broken)
    saved = {"wifi_ssid": "net", "wifi_priv_mode": "0", "console_echo": "0"}
    module = SimulatedModule(world, timing=Timing.fast(), flash=Flash(saved=saved))
    module.power_on()
    return PtyPort(module)


def test_on_a_terminal_a_mistake_is_shown_and_the_module_hangs_and_the_block_raises_it(capfd):
    port = broken_port()
    with pytest.raises(RuntimeError, match="a mistake"), port:
        with serial.Serial(port.path, 115200, timeout=0.3) as host:
            asked(host, b"AT+S.STS=ip_ipaddr\r", b"192.168.1.23")
            host.write(b"AT+S.SOCKON=s.example,7,,t\r")
            assert b"AT-S.O" not in host.read_until(b"never").rpartition(b"AT-S.OK\r\n")[2]
            host.write(b"AT\r")
            assert host.read(10) == b""
    shown = capfd.readouterr().err
    assert port.path in shown
    assert "a mistake in a server of a test" in shown


def test_on_a_terminal_a_mistake_is_raised_where_the_host_gave_up_for_it():
    port = broken_port()
    with pytest.raises(RuntimeError, match="a mistake") as raised, port:
        with serial.Serial(port.path, 115200, timeout=0) as host:
            while port.failure is None:
                host.write(b"AT+S.SOCKON=s.example,7,,t\r")
                time.sleep(0.01)
            raise TimeoutError("no answer")
    assert isinstance(raised.value.__context__, TimeoutError)


def test_in_the_process_a_mistake_comes_out_where_the_host_reads():
    talk = Talk(quirks=Quirks())
    talk.world.route("s.example", 7, Broken)
    with pytest.raises(RuntimeError, match="a mistake"):
        talk.say("AT+S.SOCKON=s.example,7,,t")
