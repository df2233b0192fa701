"""Secrets stay secret, arguments stay arguments, and what a stranger sends stays data."""

import contextlib
import traceback
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spwf04 import SSLContext
from spwf04.at.trace import trace
from tests.faults.exchanges import Server, Stage

SECRET = "hunter2hunter2"


def everything_shown(stage, action):
    """What an action shows in exceptions and their contexts, in the trace, and in reprs."""
    lines = []
    trace(stage.radio, lines.append)
    try:
        action()
    except (OSError, ValueError):
        lines.append(traceback.format_exc().replace(f'"{SECRET}', ""))  # lines of this file
        with contextlib.suppress(OSError, ValueError):
            action()
    lines += [repr(x) for x in (stage.radio, stage.pool, stage.radio.channel.parser)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "fault",
    [None, ("drop", ">", 90), ("drop", "<", 160), ("wedged", ">", 100), ("restart", ">", 99)],
)
@pytest.mark.parametrize(
    "password", [SECRET, SECRET + "\r", "x\n" + SECRET, SECRET * 6, SECRET + ","]
)
def test_a_password_is_shown_nowhere(fault, password):
    stage = Stage(joined=False)
    if fault is not None:
        stage.module.faults.add(fault[0], way=fault[1], at=fault[2])
    shown = everything_shown(stage, lambda: stage.radio.connect("home", password, timeout=20))
    assert "hunter2" not in shown


def test_a_private_key_is_shown_nowhere():
    stage = Stage()
    stage.module.faults.add("file_not_opened")
    key = SECRET.encode() * 3
    shown = everything_shown(stage, lambda: stage.upload("tls.key", key))
    assert "hunter2" not in shown
    assert "51" in shown


# every public call that takes text from the program
CALLS = {
    "connect ssid": lambda s, x: s.radio.connect(x, "password", timeout=1),
    "connect password": lambda s, x: s.radio.connect("home", x, timeout=1),
    "get": lambda s, x: s.radio.get(x),
    "set name": lambda s, x: s.radio.set(x, "1"),
    "set value": lambda s, x: s.radio.set("user_desc", x),
    "hostname": lambda s, x: s.radio.config(hostname=x),
    "ifconfig": lambda s, x: s.radio.ifconfig((x, "255.255.255.0", "192.168.1.1", "192.168.1.1")),
    "socket host": lambda s, x: s.pool.socket().connect((x, 80)),
    "server name": lambda s, x: (
        SSLContext()
        .wrap_socket(s.pool.socket(), server_hostname=x)
        .connect(("www.example.com", 443))
    ),
    "udp host": lambda s, x: s.pool.socket(2, 2).sendto(b"x", (x, 80)),
    "bind": lambda s, x: s.pool.socket().bind((x, 80)),
    "diagnose": lambda s, x: s.radio.certs.diagnose(x),
    "install for": lambda s, x: s.radio.certs.install_for(x),
    "pin": lambda s, x: s.radio.certs.pin(x, fingerprint="00" * 32),
}
STAGE: list = []


def ready():
    """A stage that several calls use: only the commands that it gets matter."""
    if not STAGE or STAGE[0].module.commands > 2000:
        STAGE[:] = [Stage()]
        STAGE[0].radio.get("nv_model")
    return STAGE[0]


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=25, deadline=None)
@given(
    before=st.text(max_size=12),
    bad=st.sampled_from("\r\n\0"),
    after=st.sampled_from(["", "AT+S.FCFG\r", "AT+S.RESET\r\n", "x"]),
)
def test_a_line_end_in_an_argument_sends_nothing(call, before, bad, after):
    stage = ready()
    sent = stage.module.bytes_in
    with pytest.raises((ValueError, OSError)):
        CALLS[call](stage, before + bad + after)
    assert stage.module.bytes_in == sent


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=25, deadline=None)
@given(
    text=st.text(
        st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=70
    )
)
def test_no_argument_becomes_a_command(call, text):
    """Whatever the argument is, the module sees only whole commands of the driver."""
    stage = ready()
    before = len(stage.module.log)
    with contextlib.suppress(ValueError, OSError, KeyError):
        CALLS[call](stage, text)
    for line in stage.module.log[before:]:
        name = line[:5] + line[5:].split("=")[0].split("|")[0]
        assert line == "AT" or name in KNOWN, line


KNOWN = {
    "AT+S." + name
    for name in "GCFG SCFG STS WIFI SSIDTXT SOCKON SOCKC SOCKL SOCKQ SOCKR SOCKW TIME NTP "
    "TLSCERT FSL FSC FSD FSR FSP HASH SOCKDON SOCKDC SOCKDQ SCAN".split()
}


@pytest.mark.parametrize("name", ["t", "u", "s", "s1", "s2", "T", "S1"])
def test_a_server_called_like_a_kind_is_refused(name):
    stage = ready()
    sent = stage.module.bytes_in
    with pytest.raises(ValueError, match="cannot be called"):
        CALLS["server name"](stage, name)
    assert stage.module.bytes_in == sent


# a hostile server -------------------------------------------------------------------------------
WORDS = st.sampled_from(
    [
        b"AT-S.OK\r\n",
        b"AT-S.ERROR:76:Illegal Socket ID\r\n",
        b"AT-S.Reading:5:5\r\n",
        b"AT-S.On:1.2.3.4:3\r\n",
        b"AT-S.Query:9999\r\n",
        b"AT-S.Var:console_echo=1\r\n",
        b"AT-S.Var:console_delimiter=0x7C\r\n",
        b"+WIND:58:Socket Closed:0:0\r\n",
        b"+WIND:55:Pending Data::0:9999:9999\r\n",
        b"+WIND:1:Poweron:171117-0328fe3-SPWF04S\r\n",
        b"+WIND:0:Console active\r\n",
        b"+WIND:33:WiFi Network Lost\r\n",
        b"AT+S.FCFG\r\n",
        b"\r\n",
        b"\0\0",
        b"\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(WORDS | st.binary(max_size=40), min_size=1, max_size=30),
    chunk=st.integers(5, 730),
)
def test_what_a_server_sends_is_data_whatever_it_looks_like(parts, chunk):
    data = b"".join(parts)
    stage = Stage()
    stage.world.route("evil.example", 66, lambda: Server(data, closes=True))
    stage.pool.chunk = chunk
    stage.connect("evil.example", 66)
    stage.receive(len(data) + 1)
    assert bytes(stage.got) == data
    assert stage.ended
    stage.sock.close()
    assert stage.radio.channel.resyncs == 0
    stage.fresh()


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(WORDS, min_size=3, max_size=20),
    at=st.integers(0, 300),
    fault=st.sampled_from(["drop", "delay", "restart", "unplugged", "indication_anywhere"]),
)
@example([b"AT-S.Reading:5:5\r\n", b"\r\n", b"\r\n", b"\0\0"], 0, "drop")
def test_and_it_stays_so_when_bytes_are_lost_as_well(parts, at, fault):
    data = b"".join(parts)
    stage = Stage()
    stage.clock.end = stage.clock.now() + 2000
    stage.world.route("evil.example", 66, lambda: Server(data))
    stage.connect("evil.example", 66)
    stage.module.faults.add(fault, at=at)
    with contextlib.suppress(OSError):
        stage.receive(len(data))
    assert data.startswith(bytes(stage.got))
    stage.module.faults.clear()
    for _ in range(3):
        with contextlib.suppress(OSError):
            stage.fresh()
            break
    stage.fresh()
    assert stage.radio.get("nv_model") == "SPWF04SA"


def test_a_length_that_cannot_be_is_not_believed():
    """The driver does not take as much memory as a header announces."""
    stage = Stage()
    stage.connect("sends.example", 19)
    emit = stage.module.emit

    def lie(data):
        emit(data.replace(b"Reading:300:", b"Reading:99999999:"))

    stage.module.emit = lie
    stage.radio.channel.wait(lambda: stage.sock.stream.pending, 2000)
    start = stage.clock.now()
    tracemalloc.start()
    with pytest.raises(OSError):
        stage.receive(300)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1_000_000
    assert stage.clock.now() - start < 1  # the driver has not waited for these bytes
    stage.module.emit = emit
    stage.fresh()


# a hostile network name -------------------------------------------------------------------------
NAMES = [
    b"x\r\nAT-S.OK\r\n",
    b"' CAPS: 0421 \r\nAT-S.OK\r\n",
    b"\r\nAT-S.ERROR:41:Scan Failed\r\n",
    b"\r\n+WIND:1:Poweron\r\n",
    b"\r\n+WIND:33:WiFi Network Lost\r\n",
    b"AT-S.Reading:700:700\r\n",
    b"' CAPS: 0421 WPA2 '",
    b"\0\0\0\xff",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_network_name_is_a_name_whatever_is_in_it(name):
    stage = Stage()
    for rssi in (-20, -90):  # the first of the list, and the last
        stage.world.add_access_point(name, rssi=rssi)
        with contextlib.suppress(OSError):
            stage.radio.scan()
        assert stage.radio.get("nv_model") == "SPWF04SA"
        stage.radio.set("user_desc", "after")
        assert stage.radio.get("user_desc") == "after"
        stage.fresh()
