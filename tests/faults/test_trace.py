"""The trace: what it shows, what it never shows, and that a recording can be replayed."""

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04.at.trace import masked, record, stop, trace
from spwf04.errors import LinkLost
from spwf04_sim import Playback, replay
from spwf04_sim.playback import Different
from tests.faults import services
from tests.faults.exchanges import Stage


def session(stage):
    """Do a little of everything."""
    stage.radio.connect("home", "correct horse")
    stage.connect()
    stage.sock.sendall(b"a secret of the user")
    stage.receive(20)
    stage.sock.close()
    return bytes(stage.got)


def recorded(payload=False, joined=False):
    stage = Stage(joined=joined)
    lines = []
    record(stage.radio, lines.append, payload)
    session(stage)
    stop(stage.radio)
    return stage, "".join(lines)


def test_each_line_has_its_time_its_way_and_its_text():
    _, text = recorded()
    lines = [line.split(" ", 1)[1] for line in text.splitlines()[1:]]
    at = lines.index("> AT+S.SOCKW=0,20")
    assert lines[at + 1 : at + 3] == [">> 20", "< AT-S.OK"]
    at = lines.index("> AT+S.SOCKR=0,20")
    assert lines[at + 1 : at + 4] == ["< AT-S.Reading:20:20", "<< 20", "< AT-S.OK"]


def test_debug_is_an_argument_of_the_radio():
    stage = Stage()
    lines = []
    radio = SPWF04(stage.module.uart(), clock=stage.clock, debug=lines.append)
    radio.get("nv_model")
    assert any(line.endswith("< AT-S.Var:nv_model=SPWF04SA") for line in lines)


def test_secrets_and_payloads_are_not_shown():
    _, text = recorded()
    assert "correct" not in text
    assert "secret" not in text
    assert b"secret".hex() not in text
    assert "SCFG=wifi_wpa_psk_text,********" in text


def test_payloads_are_shown_if_asked_but_keys_never():
    stage, text = recorded(payload=True)
    assert b"secret".hex() in text
    lines = []
    trace(stage.radio, lines.append, payload=True)
    stage.upload("tls.key", b"the private key")
    assert b"private".hex() not in "".join(lines)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"AT+S.SCFG=wifi_wpa_psk_text,secret", "AT+S.SCFG=wifi_wpa_psk_text,********"),
        (b"AT+S.SCFG|wifi_wpa_psk_text|se,cret", "AT+S.SCFG|wifi_wpa_psk_text|********"),
        (b"AT-S.Var:wifi_wpa_psk_text=secret", "AT-S.Var:wifi_wpa_psk_text=********"),
        (b"AT+S.SCFG=wifi_wep_keys[0],secret", "AT+S.SCFG=wifi_wep_keys[0],********"),
        (b"AT-S.Var:aes128_key=00:11", "AT-S.Var:aes128_key=********"),
        (b"AT+S.HTTPGET=host,/,80,0,me,secret,,", "AT+S.HTTPGET=host,********"),
        (b"AT-S.Date:\xff\\", "AT-S.Date:\\xff\\x5c"),
    ],
)
def test_what_is_masked(line, shown):
    assert masked(line) == shown


def test_it_is_free_when_off():
    stage = Stage()
    uart = stage.radio.channel.uart.device
    trace(stage.radio, print)
    stop(stage.radio)
    assert stage.radio.channel.uart.device is uart


@pytest.mark.parametrize("payload", [False, True])
def test_a_recording_replays_against_the_driver(payload):
    _, text = recorded(payload)
    stage = Stage.__new__(Stage)
    uart = Playback(text)
    stage.radio = SPWF04(uart, clock=uart.clock)
    stage.pool = SocketPool(stage.radio)
    stage.got = bytearray()
    got = session(stage)
    assert got == (b"a secret of the user" if payload else b"." * 20)
    assert uart.done


def test_a_recorded_failure_happens_again():
    stage = Stage()
    lines = []
    stage.connect()
    stage.sock.settimeout(20)  # longer than the module's own limit
    record(stage.radio, lines.append)
    stage.module.faults.add("drop", at=3)
    with pytest.raises(LinkLost):
        stage.sock.send(b"x")
    uart = Playback("".join(lines))
    radio = SPWF04(uart, clock=uart.clock)
    radio.channel._state = 1  # the recording began in the middle of a session
    with pytest.raises(LinkLost):
        radio.channel.command(b"AT+S.SOCKW=0,1\r", b"x", 10000)


def test_a_driver_that_does_something_else_is_told():
    _, text = recorded()
    uart = Playback(text)
    radio = SPWF04(uart, clock=uart.clock)
    with pytest.raises(Different):
        radio.scan()


def test_a_recording_replays_against_a_module():
    _, text = recorded(payload=True)
    stage = Stage(joined=False)
    secrets = {"wifi_wpa_psk_text": "correct horse"}
    assert replay(text, stage.module, secrets) == []
    other = Stage(joined=False)
    other.module.factory["nv_model"] = "SPWF04SC"
    other.world.hosts.clear()
    assert replay(text, other.module, secrets) != []


@pytest.mark.parametrize("how", ["set", "asked for"])
def test_arguments_are_told_apart_by_the_delimiter_that_counts_then(how):
    stage = Stage()
    channel = stage.radio.channel
    if how == "asked for":  # it was set before the recording began
        channel.command(b"AT+S.SCFG=console_delimiter,0x7C\r")
    lines = []
    record(stage.radio, lines.append)
    if how == "set":
        channel.command(b"AT+S.SCFG=console_delimiter,0x7C\r")
    else:
        channel.command(b"AT+S.GCFG=console_delimiter\r")
    try:
        channel.command(b"AT+S.FWUPDATE=e|h.example|/f|80|0|hunter2|hunter2,hunter2\r")
    except OSError:
        pass
    stop(stage.radio)
    told = [line for line in lines if "FWUPDATE" in line]
    assert told[0].rstrip().endswith("> AT+S.FWUPDATE=e|h.example|********")
    assert "hunter2" not in "".join(lines)


def test_a_payload_that_goes_out_in_pieces_is_one():
    stage = Stage(joined=False)
    lines = []
    stage.radio.connect("home", "correct horse")
    stage.connect("sink.example", 9)
    record(stage.radio, lines.append)
    stage.sock.sendall(bytes(700))
    stop(stage.radio)
    told = [line.split(" ", 1)[1].rstrip() for line in lines[1:]]
    assert told == ["> AT+S.SOCKW=0,700", ">> 700", "< AT-S.OK"]


@pytest.mark.parametrize("payload", [False, True])
def test_of_a_message_of_mqtt_only_the_length_is_shown(payload):
    prepare, act, message = services.exchanges()["MQTT, plain: receive"]
    stage = Stage()
    prepare(stage)
    lines = []
    trace(stage.radio, lines.append, payload)
    act(stage)
    stage.client.publish("a/c", "geheim")
    lines = [line.split(" ", 1)[1] for line in lines]
    at = lines.index("< +WIND:86:MQTT Published:0:a/b:0:0:0:512:%d:" % len(message))
    shown = " " + message[:512].hex() if payload else ""
    assert lines[at + 1] == "<< 512" + shown
    assert not any("33:x" in line or "geheim" in line for line in lines)
