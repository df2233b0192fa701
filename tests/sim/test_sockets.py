"""Sockets of the simulated module: segments, indications, how connections end, silent servers."""

import re
import socket
import struct

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04_sim import (
    EchoPeer,
    FloodPeer,
    Peer,
    Quirks,
    SilentPeer,
    SimulatedModule,
    Timing,
    VirtualClock,
    World,
    each_alone,
    random_quirks,
)
from tests.shims.servers import pattern

OK = "AT-S.OK\r\n"
MASK_58 = "AT+S.SCFG=console_wind_off_medium,0x04000000"
MASK_62 = "AT+S.SCFG=console_wind_off_medium,0x40000000"
MASK_ALL = "AT+S.SCFG=console_wind_off_medium,0xFFFFFFFF"
MASK_NONE = "AT+S.SCFG=console_wind_off_medium,0x00000000"


class Desk:
    """A module that has joined a network, and a Peer of each kind that it can connect to."""

    def __init__(self, real=False, timing=None, **quirks):
        self.world = World()
        self.world.add_access_point("home", "correct horse")
        self.peers = []
        self.world.route("peer.example", 7, self._peer)
        self.clock = VirtualClock(longest=20)
        if not real:
            self.clock.no_real_servers()
        self.module = SimulatedModule(
            self.world, quirks=Quirks(**quirks), clock=self.clock, timing=timing or Timing.fast()
        )
        self.module.flash.saved = {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"}
        self.module.power_on()
        self.clock.advance(2)
        self.ask("AT+S.SCFG=console_echo,0")

    def _peer(self):
        self.peers.append(Peer())
        return self.peers[-1]

    def said(self, seconds=0.05):
        self.clock.advance(seconds)
        return self.module.transmit().decode("latin-1")

    def ask(self, line, data=b"", seconds=0.05):
        self.module.receive(line.encode() + b"\r" + data)
        return self.said(seconds)

    def opened(self, host="peer.example", kind="t"):
        """Open socket 0 and return its Peer."""
        assert f":0\r\n{OK}" in self.ask(f"AT+S.SOCKON={host},7,NULL,{kind}", seconds=0.3)
        return self.peers[-1] if self.peers else None


def sizes(text):
    return [int(n) for n in re.findall(r"WIND:55:Pending Data::0:(\d+):", text)]


# segments --------------------------------------------------------------------------------------
def test_a_segment_has_730_bytes_at_most():
    desk = Desk()
    desk.opened().send(bytes(2000))
    assert sizes(desk.said()) == [730, 730, 540]


def test_a_segment_has_1460_bytes_in_another_reading():
    desk = Desk(segment=1460)
    desk.opened().send(bytes(2000))
    assert sizes(desk.said()) == [1460, 540]


def test_segments_of_a_real_server_and_of_a_visitor_are_as_small():
    desk = Desk(real=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        desk.world.route("real.example", 7, listener.getsockname())
        desk.opened("real.example")
        server, _ = listener.accept()
        with server:
            server.sendall(bytes(1500))
            assert max(sizes(desk.said())) == 730
    visitor = Peer()
    assert OK in desk.ask("AT+S.SOCKDON=8080,t")
    desk.module.visit(8080, visitor)
    visitor.send(bytes(1500))
    assert re.findall(r"Data:0:0:(\d+):", desk.said()) == ["730", "730", "40"]


def one_byte_each(desk, n):
    peer = desk.opened()
    peer.segment = 1
    peer.send(bytes(n))
    return desk.said()


def test_a_hundred_small_segments_are_a_hundred_indications():
    text = one_byte_each(Desk(), 100)
    assert sizes(text) == [1] * 100
    assert text.endswith(":1:100\r\n")


def test_small_segments_of_one_moment_are_one_indication_in_another_reading():
    desk = Desk(wind55_coalesced=True)
    assert one_byte_each(desk, 100) == "+WIND:55:Pending Data::0:100:100\r\n"
    desk.peers[0].send(b"ab")
    desk.peers[0].close()
    text = desk.said()
    assert text.index("+WIND:55:Pending Data::0:2:102") < text.index("+WIND:58:")


@pytest.mark.parametrize(
    ("way", "come"), [("cut", [730]), ("pieces", [730, 270]), ("whole", [1000])]
)
def test_a_large_datagram_comes_in_each_way(way, come):
    desk = Desk(real=True, udp_received=way)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        desk.world.route("udp.example", 7, server.getsockname())
        desk.opened("udp.example", "u")
        assert OK in desk.ask("AT+S.SOCKW=0,2", b"hi")
        _, address = server.recvfrom(100)
        server.sendto(bytes(1000), address)
        assert sizes(desk.said(0.2)) == come
    assert OK in desk.ask("AT+S.SOCKDON=9,u")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(bytes(1000), desk.world.listening[9])
        text = desk.said(0.2)
        while text.count("Data:0:0:") < len(come):
            text += desk.said(0.1)
        assert re.findall(r"Data:0:0:(\d+):", text) == [str(n) for n in come]


@pytest.mark.parametrize(("way", "go"), [("pieces", [730, 270]), ("whole", [1000])])
def test_a_large_datagram_goes_in_each_way(way, go):
    desk = Desk(real=True, udp_sent=way)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        desk.world.route("udp.example", 7, server.getsockname())
        desk.opened("udp.example", "u")
        assert OK in desk.ask("AT+S.SOCKW=0,1000", bytes(1000))
        assert [len(server.recv(2000)) for _ in go] == go


# masked indications ----------------------------------------------------------------------------
ENDS = "+WIND:58:Socket Closed:0:0\r\n"
PENDING = "+WIND:55:Pending Data::0:5:5\r\n"


def masked(reading):
    """A desk where a peer has sent five bytes and its end while all was masked."""
    desk = Desk(masked_winds=reading)
    peer = desk.opened()
    desk.ask(MASK_ALL)
    peer.send(b"hello")
    peer.close()
    assert desk.said() == ""
    return desk


def test_what_is_masked_is_lost():
    desk = masked("lost")
    assert desk.ask(MASK_NONE) == OK
    assert desk.ask("AT+S.SOCKQ=0") == "AT-S.Query:5\r\n" + OK


def test_what_is_masked_comes_when_the_mask_is_lifted_in_another_reading():
    desk = masked("lifted")
    assert desk.ask("AT+S.SOCKQ=0") == "AT-S.Query:5\r\n" + OK
    assert desk.ask(MASK_58) == OK + PENDING
    assert desk.ask(MASK_NONE) == OK + ENDS
    assert desk.ask(MASK_NONE) == OK


def test_a_masked_end_comes_when_it_is_asked_for_in_another_reading():
    desk = masked("asked")
    assert desk.ask("AT+S.SOCKQ=0") == "AT-S.Query:5\r\n" + OK
    assert desk.ask(MASK_NONE) == OK
    assert desk.ask("AT+S.SOCKQ=1").startswith("AT-S.ERROR:76")
    assert desk.ask("AT+S.SOCKQ=0") == ENDS + "AT-S.Query:5\r\n" + OK
    assert desk.ask("AT+S.SOCKQ=0") == "AT-S.Query:5\r\n" + OK


def test_a_masked_loss_of_the_network_is_as_the_others():
    for reading, later in (("lost", False), ("lifted", True)):
        desk = Desk(masked_winds=reading)
        desk.ask(MASK_ALL)
        desk.module.drop_link(10)
        assert "WIND:33" not in desk.said(1)
        assert ("WIND:33" in desk.ask(MASK_NONE)) == later


def test_the_end_of_a_servers_client_is_masked_as_well():
    for reading, begin in (("lost", "AT-S.Q"), ("asked", "+WIND:62:")):
        desk = Desk(masked_winds=reading)
        desk.ask("AT+S.SOCKDON=8080,t")
        visitor = Peer()
        desk.module.visit(8080, visitor)
        desk.said()
        desk.ask(MASK_62)
        visitor.close()
        assert desk.said() == ""
        desk.ask(MASK_NONE)
        assert desk.ask("AT+S.SOCKDQ=0,0").startswith(begin)


def test_the_next_connection_of_an_id_does_not_inherit_a_masked_end():
    desk = Desk(masked_winds="lifted")
    peer = desk.opened()
    desk.ask(MASK_58)
    peer.close()
    assert desk.ask("AT+S.SOCKC=0") == OK
    desk.opened()
    assert desk.ask(MASK_NONE) == OK


# ends ------------------------------------------------------------------------------------------
def reasons(**quirks):
    """The reasons of an end, of a reset and of a lost network."""
    desk = Desk(**quirks)
    for n in range(3):
        assert f":{n}\r\n" in desk.ask("AT+S.SOCKON=peer.example,7,NULL,t", seconds=0.3)
    desk.peers[0].close()
    desk.peers[1].reset()
    text = desk.said()
    desk.module.drop_link(10)
    text += desk.said()
    return re.findall(r"WIND:58:Socket Closed:\d:(\d+)", text)


def test_the_reason_of_an_end_in_each_reading():
    assert reasons() == ["0", "0", "0"]
    assert reasons(closed_reason="told") == ["0", "1", "2"]
    assert reasons(closed_reason="one") == ["1", "1", "1"]


def test_a_real_server_that_resets_is_told_from_one_that_ends():
    for resets, number in ((False, "0"), (True, "1")):
        desk = Desk(real=True, closed_reason="told")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            desk.world.route("real.example", 7, listener.getsockname())
            desk.opened("real.example")
            server, _ = listener.accept()
            if resets:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            server.close()
            assert f"+WIND:58:Socket Closed:0:{number}" in desk.said(0.2)


def test_a_visitor_that_resets_is_told_too():
    desk = Desk(closed_reason="told")
    desk.ask("AT+S.SOCKDON=8080,t")
    visitor = Peer()
    desk.module.visit(8080, visitor)
    desk.said()
    visitor.reset()
    assert desk.said().endswith(":0:0:1\r\n")


def test_what_came_before_a_reset_is_kept_or_lost():
    for reading, left in (("kept", 5), ("lost", 0)):
        desk = Desk(reset_unread=reading)
        peer = desk.opened()
        peer.send(b"hello")
        desk.said()
        peer.reset()
        desk.said()
        assert desk.ask("AT+S.SOCKQ=0").startswith(f"AT-S.Query:{left}\r\n")


def test_a_write_after_a_reset_has_the_number_of_the_reading():
    for number in (78, 79):
        desk = Desk(reset_write=number)
        desk.opened().reset()
        desk.said()
        assert desk.ask("AT+S.SOCKW=0,1", b"\n").startswith(f"AT-S.ERROR:{number}:")
        assert desk.ask("AT+S.SOCKC=0") == OK


def test_a_write_to_a_peer_that_only_reads_is_refused_or_works():
    class Keeps(Peer):
        got = b""

        def on_data(self, data):
            self.got += data

    for reading, answer, got in (
        ("refused", "AT-S.ERROR:78:", b""),
        ("works", OK, b"\n"),
    ):
        desk = Desk(half_closed=reading)
        peer = Keeps()
        desk.world.route("keeps.example", 7, lambda peer=peer: peer)
        desk.opened("keeps.example")
        peer.shut_down()
        assert desk.said() == ENDS
        assert desk.ask("AT+S.SOCKW=0,1", b"\n").startswith(answer)
        assert peer.got == got


def test_questions_after_the_end_get_72_in_another_reading():
    desk = Desk(ended_question="closed")
    peer = desk.opened()
    peer.send(b"hello")
    peer.close()
    desk.said()
    assert desk.ask("AT+S.SOCKQ=0") == "AT-S.Query:5\r\n" + OK
    assert OK in desk.ask("AT+S.SOCKR=0,5")
    for line in ("AT+S.SOCKQ=0", "AT+S.SOCKR=0,5"):
        assert desk.ask(line).startswith("AT-S.ERROR:72:Closed socket")
    assert desk.ask("AT+S.SOCKC=0") == OK


def test_a_peer_that_vanishes_is_noticed_after_a_write_or_never():
    for reading in ("told", "silent"):
        desk = Desk(dead_peer=reading, closed_reason="told")
        desk.opened().vanish()
        assert desk.said(100) == ""
        assert desk.ask("AT+S.SOCKW=0,1", b"x") == OK
        assert desk.said(50) == ""
        assert ("+WIND:58:Socket Closed:0:3" in desk.said(20)) == (reading == "told")


def test_a_local_port_is_used_once():
    desk = Desk()
    assert OK in desk.ask("AT+S.SOCKON=peer.example,7,5000,t", seconds=0.3)
    assert "ERROR:73:Port" in desk.ask("AT+S.SOCKON=peer.example,7,5000,t", seconds=0.3)
    assert OK in desk.ask("AT+S.SOCKON=peer.example,7,NULL,t", seconds=0.3)


def test_without_the_network_datagrams_are_refused():
    desk = Desk()
    desk.opened(kind="u")
    desk.world.remove_access_point("home")
    desk.module.drop_link(10)
    desk.said(1)
    assert "ERROR:60:IP not ready" in desk.ask("AT+S.SOCKW=0,1", b"\n")


# limits ----------------------------------------------------------------------------------------
def test_eight_sockets_and_two_servers_with_eight_clients_each_are_listed():
    desk = Desk()
    for n in range(8):
        assert f":{n}\r\n" in desk.ask("AT+S.SOCKON=peer.example,7,NULL,t", seconds=0.3)
    assert "ERROR:75:" in desk.ask("AT+S.SOCKON=peer.example,7,NULL,t", seconds=0.3)
    for sid, port in ((0, 8080), (1, 8081)):
        assert f"AT-S.On:{sid}\r\n" in desk.ask(f"AT+S.SOCKDON={port},t")
        for cid in range(8):
            desk.module.visit(port, Peer(), (f"192.168.1.{cid}", 5000))
            assert f"+WIND:61:Incoming Socket Client:192.168.1.{cid}:5000:{sid}:{cid}" in (
                desk.said()
            )
        desk.module.visit(port, Peer(), ("192.168.1.99", 5000))
        assert "+WIND:62:Socket Client Gone:192.168.1.99:5000:" in desk.said()
    assert "ERROR:75:" in desk.ask("AT+S.SOCKDON=82,t")
    listed = "".join(f"AT-S.List::{n}:1:t:0:93.184.216.34:7\r\n" for n in range(8))
    assert desk.ask("AT+S.SOCKL") == listed + OK
    assert desk.ask("AT+S.SOCKDL").count("AT-S.List:") == 16
    assert desk.ask("AT+S.SOCKDL=1").count("AT-S.List:1:") == 8


# silent servers --------------------------------------------------------------------------------
def seconds_of_open(desk, host, kind="t"):
    """How long SOCKON takes, and what it says."""
    before = desk.clock.now()
    desk.module.receive(f"AT+S.SOCKON={host},443,NULL,{kind}\r".encode())
    text = ""
    while "AT-S." not in text:
        text += desk.said(0.1)
    return desk.clock.now() - before, text


@pytest.mark.parametrize("limit", [20, 30, 75])
def test_an_open_to_a_silent_server_blocks_for_the_whole_limit(limit):
    desk = Desk(open_limit=limit)
    desk.world.route("syn.example", 443, SilentPeer)
    desk.world.route("tls.example", 443, Peer)
    for host, kind in (("syn.example", "t"), ("tls.example", "s")):
        took, text = seconds_of_open(desk, host, kind)
        assert "ERROR:74:" in text
        assert limit <= took < limit + 1, (host, took)


def test_a_dns_server_that_is_silent_gives_the_number_of_the_reading():
    for number in (63, 64, 65):
        desk = Desk(silent_dns=number)
        desk.world.silent_dns = True
        took, text = seconds_of_open(desk, "peer.example")
        assert f"ERROR:{number}:" in text
        assert 30 <= took < 31


@pytest.mark.parametrize(
    "line", ["PING=1,56,peer.example", "TFTPGET=peer.example,69,x,", "HTTPGET=peer.example,/"]
)
def test_a_dns_server_that_is_silent_is_so_for_every_command(line):
    desk = Desk()
    desk.world.silent_dns = True
    desk.module.receive(b"AT+S." + line.encode() + b"\r")
    assert desk.said(29) == ""
    assert "AT-S.ERROR:65:" in desk.said(3)


def test_a_dns_server_that_nobody_is_says_nothing():
    desk = Desk(silent_dns=64)
    addresses = desk.module.wifi.addresses
    addresses.take_own()
    desk.module.variables["ip_dns1"] = "192.0.2.1"
    took, text = seconds_of_open(desk, "peer.example")
    assert "ERROR:64:" in text
    assert 30 <= took < 31
    desk.module.variables["ip_dns2"] = "192.168.0.1"
    assert seconds_of_open(desk, "peer.example")[0] < 1


def test_a_real_server_can_be_gone_without_a_word():
    for reading in ("told", "silent"):
        desk = Desk(dead_peer=reading, closed_reason="told")
        with socket.create_server(("127.0.0.1", 0)) as server:
            desk.world.route("real.example", 443, server.getsockname())
            assert "AT-S.On:" in seconds_of_open(desk, "real.example")[1]
            desk.module.socket_table.vanish()
            desk.module.receive(b"AT+S.SOCKW=0,1\rx")
            assert desk.said(1) == "AT-S.OK\r\n"
            said = desk.said(61)
        assert said == ("+WIND:58:Socket Closed:0:3\r\n" if reading == "told" else "")
        assert desk.module.filenos() == []


def test_while_it_blocks_no_command_is_taken_and_indications_come():
    desk = Desk()
    peer = desk.opened()
    desk.world.route("syn.example", 443, SilentPeer)
    desk.module.receive(b"AT+S.SOCKON=syn.example,443,NULL,t\rAT\r")
    peer.send(b"hello")
    assert desk.said(20) == PENDING
    text = desk.said(15)
    assert text.startswith("AT-S.ERROR:74:")
    assert text.endswith(OK)


def test_only_a_reset_ends_it_before():
    desk = Desk()
    desk.world.route("syn.example", 443, SilentPeer)
    desk.module.receive(b"AT+S.SOCKON=syn.example,443,NULL,t\r")
    assert desk.said(5) == ""
    desk.module.reset_pin(0)
    desk.module.reset_pin(1)
    assert "+WIND:24:" in desk.said(2)


# small receive buffers -------------------------------------------------------------------------
def driver(desk, rx_size=4096):
    """A driver on the port, and a socket to peer.example."""
    radio = SPWF04(
        desk.module.uart(rx_size=rx_size), reset=desk.module.reset_pin, clock=desk.clock
    )
    radio.connect("home", "correct horse")
    pool = SocketPool(radio)
    if rx_size < 1024:
        pool.fit(rx_size)
    sock = pool.socket()
    sock.settimeout(10)
    sock.connect(("peer.example", 7))
    return radio, sock


def read_up_to(sock, n):
    """Read n bytes; (what came, whether the stream broke)."""
    got = b""
    try:
        while len(got) < n:
            got += sock.recv(n - len(got)) or b"the end"
    except OSError:
        return got, True
    return got, False


@pytest.mark.parametrize("coalesced", [False, True])
@pytest.mark.parametrize("rx_size", [64, 128, 256, 1024])
def test_a_burst_of_small_segments_overflows_a_buffer_and_nothing_wrong_is_read(
    rx_size, coalesced
):
    """The program looks away while the indications come. What it reads then is right, or ends in
    an error; and the next connection works."""
    broken = 0
    for away in (0, 0.002, 0.05, 0.4):
        desk = Desk(timing=Timing(baud=115200), wind55_coalesced=coalesced)
        radio, sock = driver(desk, rx_size)
        peer = desk.peers[-1]
        peer.segment = 1
        data = bytes(pattern(300))
        for at in (0, 100, 200):
            peer.send(data[at : at + 100])
            desk.clock.advance(away)
        got, error = read_up_to(sock, 300)
        assert data.startswith(got), (away, len(got))
        broken += error
        sock.close()
        desk.world.route("echo.example", 7, EchoPeer)
        sock = SocketPool(radio).socket()
        sock.settimeout(10)
        sock.connect(("echo.example", 7))
        sock.send(b"goes on")
        assert sock.recv(7) == b"goes on"
    assert broken == 0  # nothing but indications was lost: the module is asked


# indications inside lines ----------------------------------------------------------------------
def test_spliced_indications_are_left_out_of_the_readings_for_the_driver():
    assert Quirks.beyond() == ["winds_spliced"]
    assert "winds_spliced" not in [name for name, _, _ in each_alone()]
    assert not any(random_quirks(n).winds_spliced for n in range(20))


def test_an_indication_lands_inside_a_line():
    desk = Desk(winds_spliced=True)
    text = "".join(desk.ask("AT") for _ in range(20))
    assert "AT-S+WIND:52:GPIO:4:1\r\n.OK\r\n" in text


def test_the_driver_does_not_hang_on_spliced_lines():
    """No reading that it must understand. But each call ends in time, and nothing wrong is
    read."""
    desk = Desk(winds_spliced=True)
    desk.world.route("echo.example", 7, EchoPeer)
    radio = SPWF04(desk.module.uart(), reset=desk.module.reset_pin, clock=desk.clock)
    done = 0
    for k in range(30):
        before = desk.clock.now()
        try:
            if not radio.isconnected():
                radio.connect("home", "correct horse")
            sock = SocketPool(radio).socket()
            sock.settimeout(5)
            with sock:
                sock.connect(("echo.example", 7))
                sock.send(b"word %d" % k)
                got = sock.recv(100)
                assert got == b"word %d" % k
            done += 1
        except OSError:
            pass
        assert desk.clock.now() - before < 36, k
    assert 1 <= done < 30, done


# a body that nobody reads ----------------------------------------------------------------------
def flooded(desk, n):
    """A driver and n sockets to peers that never stop sending; and these peers."""
    radio = SPWF04(desk.module.uart(), reset=desk.module.reset_pin, clock=desk.clock)
    radio.connect("home", "correct horse")
    floods = []

    def flood():
        floods.append(FloodPeer())
        return floods[-1]

    desk.world.route("flood.example", 20, flood)
    pool = SocketPool(radio)
    socks = []
    for _ in range(n):
        sock = pool.socket()
        sock.settimeout(30)
        sock.connect(("flood.example", 20))
        socks.append(sock)
    return pool, socks, floods


def spent(desk, function, *args):
    """(seconds that a call takes, its OSError or None)."""
    before = desk.clock.now()
    error = None
    try:
        function(*args)
    except OSError as e:
        error = e
    return desk.clock.now() - before, error


@pytest.mark.parametrize("baud", [9600, 115200, 921600])
def test_a_close_of_a_flood_is_over_in_time_at_each_line_rate(baud):
    """docs/reliability.md has these figures."""
    desk = Desk(timing=Timing(baud=baud))
    pool, (sock,), floods = flooded(desk, 1)
    before, commands = desk.clock.now(), desk.module.commands
    took, _ = spent(desk, sock.close)
    assert took < 5.5
    pool.channel.wait(lambda: not pool.jobs, 60000)
    assert desk.clock.now() - before < 12
    assert desk.module.commands - commands < 140
    assert pool.lost() == 1
    sock = pool.socket()
    sock.settimeout(30)
    took, error = spent(desk, sock.connect, ("peer.example", 7))
    assert (error, pool.lost()) == (None, 1)
    assert took < 3
    sock.close()
    floods[0].close()
    for _ in range(20):  # each open reads a part of what the module still has
        sock = pool.socket()
        sock.connect(("peer.example", 7))
        sock.close()
    assert pool.lost() == 0
    assert desk.module.sockets == [None] * 8


@pytest.mark.parametrize("baud", [9600, 115200])
def test_eight_lost_ids_are_told_and_found_again(baud):
    desk = Desk(timing=Timing(baud=baud))
    pool, socks, floods = flooded(desk, 8)
    for sock in socks:
        sock.close()
    pool.channel.wait(lambda: not pool.jobs, 100000)
    assert pool.lost() == 8
    for _ in range(3):
        sock = pool.socket()
        sock.settimeout(30)
        took, error = spent(desk, sock.connect, ("peer.example", 7))
        assert "8 lost" in str(error)
        assert took < 3
    for flood in floods:
        flood.close()
    for _ in range(100):
        sock = pool.socket()
        sock.settimeout(30)
        if spent(desk, sock.connect, ("peer.example", 7))[1] is None:
            sock.close()
        if not pool.lost():
            break
    assert pool.lost() == 0


class Drips(Peer):
    """Sends a byte every 100 ms."""

    def __init__(self, clock):
        self._clock = clock
        self._next = clock.now()
        super().__init__()

    @property
    def outgoing(self):
        while self._clock.now() >= self._next:
            self._free.append(1)
            self._next += 0.1
        return self._free

    @outgoing.setter
    def outgoing(self, data):
        self._free = data


@pytest.mark.parametrize("baud", [9600, 115200])
def test_a_slow_peer_that_never_stops_does_not_keep_its_socket(baud):
    desk = Desk(timing=Timing(baud=baud))
    pool, _, _ = flooded(desk, 0)
    desk.world.route("drips.example", 7, lambda: Drips(desk.clock))
    for _ in range(5):
        sock = pool.socket()
        sock.settimeout(5)
        sock.connect(("drips.example", 7))
        desk.clock.advance(1)
        assert spent(desk, sock.close)[0] < 1
        assert pool.lost() == 0
        assert desk.module.sockets == [None] * 8


def test_a_servers_client_that_never_stops_does_not_hold_the_server_up():
    desk = Desk(timing=Timing(baud=115200))
    pool, _, _ = flooded(desk, 0)
    server = pool.socket()
    server.bind(("0.0.0.0", 8080))
    server.listen()
    server.settimeout(30)
    flood, others = FloodPeer(), []
    desk.module.visit(8080, flood, ("192.168.1.9", 5000))
    client, _ = server.accept()
    client.settimeout(30)
    assert spent(desk, client.close)[0] < 5.5
    for k in range(12):
        others.append(EchoPeer())
        desk.module.visit(8080, others[-1], (f"192.168.1.{k + 10}", 5000))
        others[-1].send(b"hello")
        before = desk.clock.now()
        client, (address, _) = server.accept()
        assert address == f"192.168.1.{k + 10}"
        assert client.recv(5) == b"hello"
        client.close()
        assert desk.clock.now() - before < 5, k
    flood.close()
    server.settimeout(0.5)
    for _ in range(20):
        spent(desk, server.accept)
    assert [c for c in desk.module.socket_table.servers[0].clients if c is not None] == []
    server.close()
