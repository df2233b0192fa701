"""Power: what a program does to save it, and what survives."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.at.exchange import RUNNING, Exchange


def wire(bench):
    """GPIO6 is wired to a pin of the host."""
    levels = []

    def pin(level):
        levels.append(level)
        bench.sim("drive", 6, level)

    return pin, levels


def talk(bench):
    """A connection to a server that says what it hears."""
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    return sock


def works(sock):
    sock.send(b"hello")
    buffer = bytearray(5)
    n = 0
    while n < 5:
        n += sock.recv_into(memoryview(buffer)[n:])
    return bytes(buffer) == b"hello"


def test_idle_keeps_connections_and_sets_what_sts_middleware_sets(bench):
    bench.join()
    sock = talk(bench)
    bench.radio.power_save("idle")
    assert bench.sim("power_state") == "powersave"
    assert bench.sim("variable", "wifi_powersave") == "1"
    assert bench.sim("variable", "wifi_operational_mode") == "0x00000011"
    assert works(sock)
    assert bench.radio.isconnected()


def test_off_ends_connections_and_joins_again(bench):
    assert bench.sim("power_state") == "active"
    bench.join()
    bench.radio.files.put("2:/kept", b"on the RAM disk")
    bench.radio.set("user_desc", "kept")
    bench.radio.set_time(1795945800)
    bench.radio.power_save("idle")
    sock = talk(bench)
    bench.radio.power_save("off")
    assert bench.sim("power_state") == "active"
    assert bench.radio.isconnected()
    bench.raises(OSError, works, sock)
    assert works(talk(bench))
    assert bench.radio.files.get("2:/kept") == b"on the RAM disk"
    assert bench.radio.get("user_desc") == "kept"
    assert bench.radio.time() >= 1795945800


def test_off_without_a_network(bench):
    bench.radio.power_save("off")
    assert not bench.radio.isconnected()
    bench.join()
    bench.radio.disconnect()
    bench.radio.power_save("off")
    assert bench.sim("power_state") == "active"
    bench.join()
    assert works(talk(bench))


def test_sleep_and_wake_by_a_pin_keep_everything(bench):
    assert bench.sim("power_state") == "active"
    bench.join()
    bench.radio.files.put("2:/kept", b"on the RAM disk")
    bench.radio.set("user_desc", "kept")
    bench.radio.set_time(1795945800)
    sock = talk(bench)
    pin, levels = wire(bench)
    for _ in range(2):
        bench.radio.sleep(pin)
        assert bench.sim("power_state") == "sleep"
        bench.radio.sleep()  # it does already
        assert bench.sim("power_state") == "sleep"
        bench.radio.wake()
        assert bench.sim("power_state") == "active"
        assert works(sock)
    assert levels[-1] == 1
    assert bench.sim("variable", "wifi_operational_mode") == "0x00000012"
    assert bench.radio.isconnected()
    assert bench.radio.files.get("2:/kept") == b"on the RAM disk"
    assert bench.radio.get("user_desc") == "kept"
    assert bench.radio.time() >= 1795945800


def test_a_command_wakes_a_module_whose_pin_is_known(bench):
    bench.join()
    sock = talk(bench)
    pin, _ = wire(bench)
    bench.radio.sleep(pin)
    assert bench.radio.get("nv_model") == "SPWF04SA"
    assert bench.sim("power_state") == "active"
    bench.radio.sleep()
    assert works(sock)
    assert bench.sim("power_state") == "active"


def test_a_command_tells_that_a_module_without_a_pin_sleeps(bench):
    assert bench.sim("power_state") == "active"
    bench.join()
    sock = talk(bench)
    bench.radio.sleep()
    before = bench.sim("bytes_in")
    e, ms = bench.spent(bench.radio.get, "nv_model")
    assert isinstance(e, SPWF04Error)
    assert "sleeps" in str(e)
    assert e.remedy == "wake"
    assert ms < 50
    e = bench.raises(SPWF04Error, sock.recv_into, bytearray(5))
    assert "sleeps" in str(e)
    radio = bench.radio
    radio.reset_line = None
    assert "sleeps" in str(bench.raises(SPWF04Error, radio.reset))
    assert bench.sim("bytes_in") == before
    bench.sim("drive", 6, 1)
    radio.wake()
    assert radio.get("nv_model") == "SPWF04SA"
    assert works(sock)  # reading while it slept has not ended it


def test_a_module_that_others_wake_can_be_used_at_once(bench):
    assert bench.sim("power_state") == "active"
    bench.radio.sleep()
    bench.sim("drive", 6, 1)
    bench.sleep(10)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_module_that_nobody_wakes_is_told(bench):
    assert bench.sim("power_state") == "active"
    bench.radio.sleep()
    e = bench.raises(SPWF04Error, bench.radio.wake, timeout=1)
    assert "GPIO6" in str(e)
    assert "sleeps" in str(bench.raises(SPWF04Error, bench.radio.get, "nv_model"))
    pin, _ = wire(bench)
    bench.radio.wake(pin)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_module_whose_gpio6_is_high_does_not_sleep_and_the_error_says_why(bench):
    bench.sim("drive", 6, 1)
    e = bench.raises(SPWF04Error, bench.radio.sleep)
    assert "GPIO6 must be low" in str(e)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_module_that_slept_before_the_driver_started_is_woken(bench):
    assert bench.sim("power_state") == "active"
    pin, _ = wire(bench)
    bench.radio.sleep(pin)
    radio = bench.another_radio()
    radio.wake(pin)
    assert radio.get("nv_model") == "SPWF04SA"


def test_data_that_come_while_it_sleeps_are_there_afterwards(bench):
    bench.join()
    sock = talk(bench)
    sock.send(b"later")
    pin, _ = wire(bench)
    bench.radio.sleep(pin)
    bench.rest(100)
    bench.radio.wake()
    buffer = bytearray(5)
    assert sock.recv_into(buffer) > 0
    assert buffer[:1] == b"l"


def test_standby_ends_with_a_boot_and_nothing_survives(bench):
    assert bench.sim("power_state") == "active"
    bench.join()
    bench.radio.files.put("2:/lost", b"x")
    bench.radio.set("user_desc", "lost")
    sock = talk(bench)
    bench.radio.standby(20)
    bench.rest(10)
    assert bench.radio.channel.generation
    e, ms = bench.spent(bench.radio.get, "nv_model")
    assert "standby" in str(e)
    assert e.remedy == "wake"
    assert ms < 50
    assert bench.sim("power_state") == "standby"
    bench.raises(OSError, works, sock)
    before = bench.radio.channel.deadline(15000)
    bench.radio.wake()
    assert bench.radio.channel.expired(before)
    assert bench.sim("power_state") == "active"
    assert bench.radio.get("user_desc") != "lost"
    assert "lost" not in [entry[0] for entry in bench.radio.files.list()]
    assert not bench.radio.isconnected()
    bench.join()
    assert works(talk(bench))


def test_in_standby_each_call_says_so_at_once(bench):
    assert bench.sim("power_state") == "active"
    pin, _ = wire(bench)
    radio = bench.radio
    radio.standby(60)
    calls = (
        (radio.sleep, pin),
        (radio.standby, 5),
        (radio.power_save, "idle"),
        (radio.connect, "home", "correct horse"),
        (radio.start_ap, "door", "correct horse"),
        (radio.stop_ap,),
        (radio.scan,),
    )
    for call in calls:
        e, ms = bench.spent(*call)
        assert isinstance(e, SPWF04Error), call
        assert "standby" in str(e)
        assert "GPIO6" not in e.hint
        assert ms < 50
    assert bench.sim("power_state") == "standby"


def test_a_command_after_standby_needs_no_wake(bench):
    assert bench.sim("power_state") == "active"
    bench.radio.standby(2)
    bench.rest(2500)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_the_reset_line_ends_standby(bench):
    assert bench.sim("power_state") == "active"
    bench.radio.standby(3000)
    bench.radio.reset()
    assert bench.radio.get("nv_model") == "SPWF04SA"
    assert bench.sim("power_state") == "active"


def test_a_rise_that_comes_too_early_is_followed_by_another(bench):
    pin, _ = wire(bench)
    bench.radio.sleep(pin)
    bench.radio.wake()
    bench.sim("drive", 6, 0)
    bench.until(lambda: bench.radio.power.state)
    bench.sim("drive", 6, 1)  # so early that the module does not see it
    bench.rest(10)
    bench.radio.wake()
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_sleep_is_not_the_end_of_another_command(bench):
    bench.radio.sleep()
    bench.sim("drive", 6, 1)
    bench.radio.wake()
    channel = bench.radio.channel
    told = []
    exchange = Exchange(lambda parser: told.append(parser.text()))
    exchange.prepare(b"AT+S.SCAN=s,\r", None, 500)
    bench.sim("drive", 6, 0)
    assert channel.start(exchange)
    bench.until(lambda: exchange.code != RUNNING)
    assert exchange.code or told
    bench.rest(10)
    assert bench.radio.power.state == "sleep"
    bench.sim("drive", 6, 1)
    bench.radio.wake()
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_networks_pm(bench):
    from spwf04.compat.network import WLAN

    wlan = WLAN(bench.radio)
    bench.join()
    for pm, state in ((0xA11140, "active"), (0, "active"), (2, "powersave"), (1, "powersave")):
        wlan.config(pm=pm)
        assert bench.sim("power_state") == state
    wlan.config(pm=WLAN.PM_NONE)
    assert bench.sim("power_state") == "active"
    assert wlan.isconnected()


def test_a_refusal_is_told(bench):
    bench.radio.get("nv_model")
    bench.sim("refuse", "PMS", 7, 3)
    for call in (
        lambda: bench.radio.power_save("idle"),
        lambda: bench.radio.sleep(wire(bench)[0]),
        lambda: bench.radio.standby(5),
    ):
        assert bench.raises(ModuleError, call).code == 7
        assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_restart_while_it_sleeps_is_noticed(bench):
    assert bench.sim("power_state") == "active"
    bench.radio.sleep()
    bench.sim("reset_pin", 0)
    bench.sim("reset_pin", 1)
    bench.rest(3000)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_wrong_arguments_are_refused_before_a_byte_is_sent(bench):
    radio = bench.radio
    before = bench.sim("bytes_in")
    for mode in ("on", "", "sleep", b"idle,1", "off\r"):
        bench.raises(ValueError, radio.power_save, mode)
    for mode in (1, None):
        bench.raises(TypeError, radio.power_save, mode)
    bench.raises(ValueError, radio.power_save, "idle", -1)
    for wake in (5, "GP15", b""):
        bench.raises(TypeError, radio.sleep, wake)
        bench.raises(TypeError, radio.wake, wake)
    for seconds in (0, -1, 259201):
        bench.raises(ValueError, radio.standby, seconds)
    for seconds in (1.5, "10", None):
        bench.raises(TypeError, radio.standby, seconds)
    assert bench.sim("bytes_in") == before
