"""A sign of life from another machine."""

from spwf04 import ModuleError


def test_a_host_that_answers(bench):
    bench.join()
    reply = bench.radio.ping("echo.example")
    assert reply.said
    assert reply.ms >= 0
    plain = bench.sim("quirk", "ping_result") != "time"
    assert reply.answered is (True if plain else None)


def test_an_address_where_nobody_answers(bench):
    bench.join()
    bench.sim("deaf", "nobody.example")
    reply = bench.radio.ping("nobody.example")
    assert reply.answered is False
    assert bench.radio.ping("echo.example").answered is not False


def test_a_name_that_nobody_knows_is_an_error(bench):
    bench.join()
    assert bench.raises(ModuleError, bench.radio.ping, "nowhere.example").code == 65


def test_without_a_network_the_error_says_to_join(bench):
    e = bench.raises(ModuleError, bench.radio.ping, "echo.example")
    assert e.code == 44
    assert "connect" in str(e)


def test_a_module_that_keeps_silent_is_found_again(bench):
    bench.join()
    bench.sim("named_fault", "late", "PING", 700)
    reply = bench.radio.ping("echo.example", timeout=0.5)
    assert reply.answered is False
    assert "within" in reply.said[0]
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for host in ("a\rAT+S.RESET", "a\nb", "a\0b", "a,4", "", "a" * 256):
        bench.raises(ValueError, bench.radio.ping, host)
    for size in (0, -1, 1473):
        bench.raises(ValueError, bench.radio.ping, "echo.example", size)
    assert bench.sim("bytes_in") == before
