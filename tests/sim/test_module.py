"""The simulated module alone: its console, its limits, its time."""

import subprocess
import sys

import pytest

from spwf04 import SPWF04
from spwf04.errors import ModuleError
from spwf04_sim import (
    EchoPeer,
    FloodPeer,
    Peer,
    Quirks,
    SimulatedModule,
    Timing,
    VirtualClock,
    World,
)
from tests.sim import asked


def booted(quirks=None, timing=None):
    clock = VirtualClock()
    module = SimulatedModule(World(), quirks=quirks, clock=clock, timing=timing)
    module.power_on()
    clock.advance(1)
    module.transmit()
    module.receive(b"AT+S.SCFG=console_echo,0\r")
    said(module)
    return module


def said(module, seconds=0.5):
    module.clock.advance(seconds)
    return module.transmit().decode("latin-1")


def ask(module, line):
    module.receive(line.encode() + b"\r")
    return said(module)


def test_echo_is_on_until_it_is_switched_off():
    module = SimulatedModule(clock=VirtualClock())
    module.power_on()
    module.clock.advance(1)
    module.transmit()
    assert ask(module, "AT").startswith("AT\r\nAT-S.OK\r\n")
    assert "AT-S.OK\r\n" in ask(module, "AT+S.SCFG=console_echo,0")
    assert ask(module, "AT").startswith("AT-S.OK\r\n")


def test_the_case_of_a_command_does_not_matter_that_of_a_value_is_kept():
    module = booted()
    assert "AT-S.OK" in ask(module, "at+s.ssidtxt=MySSID")
    assert "wifi_ssid=MySSID" in ask(module, "At+S.gcfg=wifi_ssid")


def test_bytes_before_the_console_is_active_are_lost():
    module = SimulatedModule(clock=VirtualClock())
    module.power_on()
    module.receive(b"AT\r")
    assert "AT-S.OK" not in said(module, 1)


def test_a_line_of_512_bytes_is_the_longest():
    module = booted()
    head = "AT+S.SCFG=user_desc,"
    assert "AT-S.OK" in ask(module, head + "x" * (512 - len(head)))
    assert "AT-S.ERROR:32:" in ask(module, head + "x" * (513 - len(head)))


def test_lf_outside_data_is_ignored():
    assert "AT-S.OK\r\n" in ask(booted(), "\nA\nT\n")


@pytest.mark.parametrize("size", [1, 2, 7, 300, 600])
def test_a_line_may_come_in_any_pieces(size):
    lines = [b"AT+S.SCFG=user_desc," + b"x" * n for n in (5, 492, 493)]
    typed = b"\r\n".join([b"", b"\nA\nT\n", *lines, b"AT+S.FSC=x,3\r\r\n\rAT", b""])
    module = booted()
    heard = ""
    for at in range(0, len(typed), size):
        module.receive(typed[at : at + size])
        heard += said(module)
    ends = [line.split(":")[0] for line in heard.split("\r\n") if line[:5] == "AT-S."]
    assert ends == ["AT-S.OK"] * 3 + ["AT-S.ERROR"] + ["AT-S.OK"] * 2


def test_a_data_phase_waits_without_end_and_counts_every_byte():
    module = booted()
    module.receive(b"AT+S.FSC=x,5\r\nAB")
    assert "AT-S" not in said(module, 60)
    module.receive(b"\rC")
    assert "AT-S.OK" in said(module)
    assert bytes(module.flash.files[2, "x"]) == b"\nAB\rC"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("AT+S.NOSUCH", 1),
        ("rubbish", 1),
        ("AT+S.SCFG", 2),
        ("AT+S.SOCKON=host", 2),
        ("AT+S.GCFG=no_such", 4),
        ("AT+S.SSIDTXT=a,b", 6),
        ("AT+S.SOCKQ=3", 76),
        ("AT+S.SOCKQ=9", 76),
        ("AT+S.SOCKON=host,80,,t", 44),
        ("AT+S.FSD=nothing", 56),
    ],
)
def test_errors_have_their_numbers(line, number):
    assert f"AT-S.ERROR:{number}:" in ask(booted(), line)


def test_a_refused_payload_is_taken_for_commands():
    module = booted()
    module.receive(b"AT+S.SOCKW=0,27\rAT+S.SCFG=user_desc,taken\r\r")
    assert "AT-S.ERROR:76:" in said(module)
    assert module.variables["user_desc"] == "taken"


def test_a_refused_payload_is_swallowed_in_another_reading():
    module = booted(Quirks(refused_payload="swallowed"))
    module.receive(b"AT+S.SOCKW=0,27\rAT+S.SCFG=user_desc,taken\r\rAT\r")
    assert said(module).count("AT-S.OK") == 1
    assert module.variables["user_desc"] == "anonymous"


def test_the_delimiter_can_be_changed():
    module = booted()
    ask(module, "AT+S.SCFG=console_delimiter,0x7C")
    assert "AT-S.OK" in ask(module, "AT+S.SCFG=user_desc|a,b")
    assert "user_desc=a,b" in ask(module, "AT+S.GCFG=user_desc")


def test_masked_indications_do_not_come():
    module = booted()
    ask(module, "AT+S.SCFG=console_wind_off_medium,0x00000001")
    module.wind(32, "hidden")
    module.wind(33, "shown")
    assert said(module, 0.01) == "+WIND:33:shown\r\n"


def test_settings_are_lost_in_a_reset_unless_saved():
    module = booted()
    ask(module, "AT+S.SCFG=user_desc,kept")
    module.restart()
    said(module, 2)
    assert "user_desc=anonymous" in ask(module, "AT+S.GCFG=user_desc")
    ask(module, "AT+S.SCFG=user_desc,kept")
    ask(module, "AT+S.WCFG")
    module.restart()
    said(module, 2)
    assert "user_desc=kept" in ask(module, "AT+S.GCFG=user_desc")


def test_the_ram_disk_is_small_and_volatile():
    module = booted()
    for _ in range(4):
        module.receive(b"AT+S.FSC=big,4000\r" + bytes(4000))
        assert "AT-S.OK" in said(module)
    module.receive(b"AT+S.FSC=big,4000\r" + bytes(4000))
    assert "AT-S.ERROR:50:" in said(module)
    module.restart()
    said(module, 2)
    assert "big" not in ask(module, "AT+S.FSL")


@pytest.mark.parametrize(
    "line",
    [
        "AT+S.SCFG=wifi_wpa_psk_text,hunter2hunter2",
        "AT+S.SCFG=WIFI_WPA_PSK_TEXT,hunter2hunter2",
        "AT+S.SCFG=wifi_wpa_psk_tex,hunter2hunter2",  # a byte was lost
        "AT+S.SFG=wifi_wpa_psk_text,hunter2hunter2",
        "AT+S.SCFG=wifi_wep_keys[1],hunter2hunter2",
        "AT+S.SCFG=aes128_key,hunter2",
        "AT+S.MQTTCONN=broker.example,8883,,2,name,hunter2,,,,,,",
        "AT+S.HTTPGET=www.example.com,/,443,2,name,hunter2,,",
    ],
)
def test_secrets_are_not_logged(line):
    module = booted()
    ask(module, line)
    assert "hunter2" not in " ".join(module.log)
    assert line[:20] in module.log[-1]


def test_a_command_without_secrets_is_logged_completely():
    module = booted()
    for line in ("AT+S.SCFG=wifi_ssid,home", "AT+S.GCFG=wifi_wpa_psk_text", "AT"):
        ask(module, line)
        assert module.log[-1] == line


def test_the_line_rate_is_exact_on_the_virtual_clock():
    module = booted(timing=Timing(baud=9600, turnaround=10))
    module.receive(b"AT\r")
    begin = module.clock.now()
    text = b""
    while not text.endswith(b"\n"):
        module.clock.idle()
        text += module.transmit()
    # 3 bytes there, 10 ms of turnaround, 9 bytes back, 10 bits each
    assert (module.clock.now() - begin) * 1000 == pytest.approx(12 / 0.96 + 10, abs=1.1)


def test_a_small_receive_buffer_overruns_when_nobody_reads():
    module = booted(timing=Timing(baud=115200))
    uart = module.uart(rx_size=64)
    module.receive(b"AT+S.GCFG\r")
    module.clock.advance(1)
    assert uart.any() == 64
    assert uart.overruns > 1000


@pytest.mark.parametrize("face", ["machine", "busio", "pyserial"])
def test_the_driver_works_on_each_face_of_the_port(face):
    world = World()
    world.add_access_point("home", "correct horse")
    module = SimulatedModule(world, clock=VirtualClock(), timing=Timing(baud=115200))
    module.power_on()
    radio = SPWF04(module.uart(face), clock=module.clock)
    radio.connect("home", "correct horse")
    assert radio.isconnected()


def test_an_empty_read_returns_what_each_face_returns():
    module = booted()
    assert module.uart("machine").read(1) is None
    assert module.uart("busio").readinto(bytearray(1)) is None
    assert module.uart("pyserial").read(1) == b""
    assert module.uart("pyserial").readinto(bytearray(1)) == 0


def test_the_fixtures_for_users_tests(spwf04_world, spwf04_module):
    spwf04_world.add_access_point("home", "correct horse")
    spwf04_world.route("echo.example", 7, EchoPeer)
    radio = SPWF04(spwf04_module.uart(), clock=spwf04_module.clock)
    radio.connect("home", "correct horse")
    assert radio.isconnected()


def test_a_module_started_from_a_shell_answers():
    process = subprocess.Popen(
        [sys.executable, "-m", "spwf04_sim", "--fast", "--log", "--quirk", "ok_suffix=:heap"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        import serial

        assert process.stdout is not None
        with serial.Serial(process.stdout.readline().strip()) as port:
            asked(port, b"AT\r", b"AT-S.OK:20123\r\n")
        assert process.stdout.readline() == "> AT\n"
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_a_wrong_option_is_answered_with_the_right_ones():
    command = [sys.executable, "-m", "spwf04_sim", "--quirk", "nonsense=1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ok_suffix" in done.stderr


def connected(peer):
    """Return a module with socket 0 open to this peer."""
    module = booted(timing=Timing.fast())
    module.world.add_access_point("home", "correct horse")
    module.world.route("peer.example", 7, lambda: peer)
    radio = SPWF04(module.uart(), clock=module.clock)
    radio.connect("home", "correct horse")
    radio.channel.command(b"AT+S.SOCKON=peer.example,7,NULL,t\r")
    module.clock.advance(1)
    return radio.channel


def drained(channel, n):
    """Return what one SOCKR of so many bytes returns."""
    data = bytearray(n)
    sizes = []

    def on_line(parser):
        sizes.append(parser.number(1))
        parser.expect_data(sizes[0], data, sizes[0])

    channel.command(b"AT+S.SOCKR=0,%d\r" % n, None, 5000, on_line)
    return data[: sizes[0]]


def test_a_peer_that_floods_keeps_the_buffer_full_until_it_closes():
    peer = FloodPeer()
    channel = connected(peer)
    for _ in range(20):
        assert channel.lines(b"AT+S.SOCKQ=0\r") == (["AT-S.Query:8030"], 0)
        with pytest.raises(ModuleError, match="77"):
            channel.command(b"AT+S.SOCKC=0\r")
        got = drained(channel, 700)
        assert len(got) == 700
        assert bytes((b - got[0]) % 251 for b in got) == bytes(i % 251 for i in range(700))
    peer.close()
    channel.clock.advance(1)
    while drained(channel, 700):
        pass
    channel.command(b"AT+S.SOCKC=0\r")


def test_a_peer_that_resets_takes_back_what_was_under_way():
    peer = Peer()
    channel = connected(peer)
    peer.send(b"never arrives")
    peer.reset()
    channel.clock.advance(1)
    assert channel.lines(b"AT+S.SOCKQ=0\r") == (["AT-S.Query:0"], 0)
    with pytest.raises(ModuleError, match="78"):
        channel.command(b"AT+S.SOCKW=0,1\r", b"x")
    channel.command(b"AT+S.SOCKC=0\r")
