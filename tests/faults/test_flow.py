"""Speed and flow control of the UART."""

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04.errors import SPWF04Error
from spwf04_sim import Quirks, Timing
from tests.faults.exchanges import Server, Stage
from tests.shims.servers import pattern

FACES = ("machine", "busio", "pyserial")
READINGS = ("restart", "at once")


def make(face="machine", applies="restart", pause_ms=0, **uart):
    stage = Stage(quirks=Quirks(speed_applies=applies))
    stage.clock.end = stage.clock.now() + 5000
    stage.module.timing = Timing.fast(baud=115200)
    stage.uart = stage.module.uart(face, **uart)
    stage.radio = SPWF04(stage.uart, reset=stage.module.reset_pin, clock=stage.clock)
    stage.pool = SocketPool(stage.radio)
    if pause_ms:
        idle = stage.clock.idle

        def busy():
            """The host does something else each time, for pause_ms."""
            end = stage.clock.now() + pause_ms / 1000
            while stage.clock.now() < end:
                idle()

        stage.clock.idle = busy
    return stage


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("applies", READINGS)
def test_a_new_rate(face, applies):
    stage = make(face, applies)
    assert stage.radio.set_baudrate(921600, save=True) == 921600
    assert stage.module.speed == stage.radio.baudrate == 921600
    stage.fresh()
    stage.radio.reset()
    stage.fresh()


@pytest.mark.parametrize("face", FACES)
def test_without_saving_it_is_set_at_once_or_not_at_all(face):
    stage = make(face, "at once")
    assert stage.radio.set_baudrate(230400) == 230400
    stage.fresh()
    stage = make(face, "restart")
    with pytest.raises(SPWF04Error, match="save=True"):
        stage.radio.set_baudrate(230400)
    assert stage.radio.baudrate == 115200
    stage.fresh()


@pytest.mark.parametrize("applies", READINGS)
def test_the_way_back_from_a_rate_that_the_host_cannot_do(applies):
    stage = make("machine", applies, rates=(115200, 57600))
    if applies == "restart":
        with pytest.raises(SPWF04Error, match="GPIO0"):
            stage.radio.set_baudrate(460800, save=True)
        stage.module.restart("factory")
    else:
        with pytest.raises(SPWF04Error, match="115200 again"):
            stage.radio.set_baudrate(460800)
    assert stage.radio.find_baudrate() == 115200
    stage.radio.connect("home", "correct horse")
    stage.fresh()


def test_a_rate_that_the_module_refuses():
    stage = make()
    with pytest.raises(SPWF04Error, match="SCFG"):
        stage.radio.set_baudrate(301)
    stage.fresh()


def test_a_module_is_found_at_whatever_rate_it_was_left():
    stage = make()
    stage.radio.set_baudrate(57600, save=True)
    uart = stage.module.uart()
    radio = SPWF04(uart, reset=stage.module.reset_pin, clock=stage.clock)
    assert radio.find_baudrate() == 57600
    assert radio.get("nv_model") == "SPWF04SA"


def transfer(stage, n=6000):
    stage.world.route("long.example", 21, lambda: Server(pattern(n), closes=True))
    stage.connect("long.example", 21)
    stage.receive(n + 1)
    return bytes(stage.got)


def test_a_buffer_of_64_bytes_loses_nothing_when_reads_are_bounded():
    stage = make(rx_size=64, pause_ms=8)
    stage.radio.get("nv_model")
    stage.pool.fit(64)
    assert transfer(stage) == pattern(6000)
    assert stage.uart.overruns == 0
    assert stage.ended


def test_and_without_that_it_is_noticed_and_said():
    stage = make(rx_size=64, pause_ms=8)
    with pytest.raises(OSError):
        transfer(stage)
    assert stage.uart.overruns > 0
    assert pattern(6000).startswith(bytes(stage.got))


def test_a_host_that_reads_all_the_time_needs_no_bounds():
    stage = make(rx_size=64)
    stage.clock.longest = 1
    assert transfer(stage) == pattern(6000)
    assert stage.uart.overruns == 0


def test_flow_control_loses_nothing_however_busy_the_host_is():
    stage = make(rx_size=64, pause_ms=50, rts=True)
    stage.clock.idle()
    stage.radio.set_flow_control(True)
    assert transfer(stage) == pattern(6000)
    assert stage.uart.overruns == 0


def test_a_buffer_that_is_too_small_for_any_reply():
    with pytest.raises(ValueError):
        make().pool.fit(63)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("applies", READINGS)
@pytest.mark.parametrize("rate", [115200, 460800])
def test_the_settings_of_the_factory(face, applies, rate):
    stage = make(face, applies)
    radio = stage.radio
    radio.files.put("1:/kept.txt", b"kept")
    radio.set("user_desc", "ours")
    radio.set_baudrate(rate, save=True)
    radio.save()
    radio.connect("home", "correct horse")
    radio.factory_reset()
    assert stage.module.speed == radio.baudrate == 115200
    assert radio.get("user_desc") == "anonymous"
    assert stage.module.flash.saved == {}
    assert not radio.isconnected()
    assert bytes(radio.files.get("1:/kept.txt")) == b"kept"
    radio.connect("home", "correct horse")
    stage.fresh()


def test_the_settings_stay_if_the_module_does_not_take_the_command():
    stage = make()
    stage.radio.set("user_desc", "ours")
    stage.radio.save()
    stage.module.faults.add("drop", way=">", at=6, n=400)
    with pytest.raises(OSError):
        stage.radio.factory_reset()
    stage.module.faults.clear()
    assert stage.radio.get("user_desc") == "ours"
