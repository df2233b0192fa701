"""Finding the module, resetting it, and what it says of itself."""

from spwf04 import JoinError, ModuleRestarted, NotFound


def test_a_fresh_module_answers_the_first_call(bench):
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_the_echo_is_off_after_the_first_call(bench):
    bench.radio.get("nv_model")
    assert bench.radio.get("console_echo") == "0"


def test_firmware_and_mac_address(bench):
    assert bench.radio.firmware == bench.sim("usual", "firmware")
    assert bench.radio.mac_address == bench.sim("usual", "mac")


def test_a_second_driver_takes_over_from_the_first(bench):
    """The MCU has restarted, the module has not."""
    bench.join()
    first = bench.pool.socket()
    first.connect(("echo.example", 7))
    first.send(b"left unread")
    again = bench.another_radio()
    assert again.isconnected()
    from spwf04 import SocketPool

    sock = SocketPool(again).socket()
    sock.connect(("echo.example", 7))
    sock.send(b"hello")
    assert sock.recv(5) == b"hello"
    assert bench.sim("open_sockets") == 1


def test_a_module_left_in_a_data_phase_is_found(bench):
    """The MCU has restarted in an upload: the module waits for 900 more bytes."""
    bench.sim("host_sends", b"AT+S.FSC=half,1000\r" + b"x" * 100)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_rubbish_on_the_line_is_no_hindrance(bench):
    bench.sim("host_sends", b"\xff\x00AT+S.\x80rubbish")
    bench.sim("garbage", b"\x00\xffAT-S.OK\r\nAT-S.Read\xf0\r\n+WI")
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_reset_by_the_line(bench):
    bench.radio.get("nv_model")
    bench.radio.reset()
    assert bench.sim("boots") == 2
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_reset_by_command(bench):
    radio = bench.another_radio(reset=False)
    radio.reset()
    assert bench.sim("boots") == 2
    assert radio.get("nv_model") == "SPWF04SA"


def test_an_unplugged_module_is_reported_with_what_to_check(bench):
    bench.sim("unplug")
    e = bench.raises(NotFound, bench.radio.get, "nv_model")
    assert "wiring" in str(e)
    bench.sim("replug")
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_an_unknown_variable_is_an_error_with_its_number(bench):
    e = bench.raises(OSError, bench.radio.get, "no_such_variable")
    assert e.code == 4
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_flash_is_written_only_when_asked(bench):
    bench.join()
    bench.radio.scan()
    assert not [c for c in bench.sim("log") if "WCFG" in c]
    bench.radio.save()
    assert [c for c in bench.sim("log") if "WCFG" in c]


def test_a_driver_that_starts_between_console_and_radio_waits_for_the_radio(bench):
    bench.sim("slow_radio", 3000)
    bench.sim("restart", "reset")
    bench.rest(100)  # the first driver reads what the module says of its start
    radio = bench.another_radio()
    radio.connect(bench.ssid, bench.password)
    assert radio.isconnected()


def works(bench):
    """Join, talk to a server, be told of an error."""
    radio = bench.radio
    radio.connect(bench.ssid, bench.password)
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    sock.send(b"hello")
    assert sock.recv(5) == b"hello"
    sock.close()
    e = bench.raises(OSError, radio.get, "no_such_variable")
    assert e.code == 4
    radio.disconnect()
    radio.disconnect()  # the module answers error 18: its radio is off


def works_at(bench, name, value, line=True):
    """A module that has saved this works, also after it was reset, and after it restarted by
    itself. line: it is reset by its line too."""
    bench.sim("boots_with", name, value)
    works(bench)
    if line:
        bench.radio.reset()
        works(bench)
    bench.sim("restart", "reset")
    bench.rest(1000)
    try:
        bench.join()
    except (ModuleRestarted, JoinError):  # it has told nothing of it, so the first call finds out
        pass
    works(bench)
    radio = bench.another_radio(reset=False)
    radio.reset()
    assert radio.get("nv_model") == "SPWF04SA"
    radio.connect(bench.ssid, bench.password)


def test_replies_without_keywords_are_no_hindrance(bench):
    works_at(bench, "console_verbose", "0")


def test_replies_with_memory_and_state_are_no_hindrance(bench):
    works_at(bench, "console_verbose", "2")


def test_errors_without_text_are_no_hindrance(bench):
    works_at(bench, "console_errs", "1")


def test_errors_without_a_number_are_no_hindrance(bench):
    works_at(bench, "console_errs", "0")


def test_indications_without_values_are_no_hindrance(bench):
    works_at(bench, "console_winds", "1")


def test_a_module_that_keeps_its_indications_to_itself_is_no_hindrance(bench):
    works_at(bench, "console_winds", "0")


def test_a_quiet_module_whose_echo_is_off_too_is_no_hindrance(bench):
    bench.sim("boots_with", "console_winds", "0")
    bench.sim("boots_with", "console_verbose", "0")
    bench.sim("boots_with", "console_errs", "0")
    # Without an echo nothing tells whether a reset by the line came about
    works_at(bench, "console_echo", "0", line=False)
