"""Scripts for the module's own MicroPython."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.services.python import run, running

NAME = "2:/x.py"


def put(bench, text):
    bench.sim("put_file", "x.py", text)


def expected(bench, printed):
    return b"" if bench.sim("quirk", "python_output") == "nowhere" else printed


def test_what_a_script_prints(bench):
    put(bench, b"print('one')\nprint(2, 'three')\n")
    assert run(bench.radio, NAME) == expected(bench, b"one\r\n2 three\r\n")


def test_the_steps_do_the_same(bench):
    put(bench, b"print('one')\n")
    steps = running(bench.radio, NAME)
    assert bench.radio.channel.take(steps) == expected(bench, b"one\r\n")


def test_a_script_that_prints_nothing(bench):
    put(bench, b"pass\n")
    assert run(bench.radio, NAME) == b""
    assert run(bench.radio, NAME, quiet=0) == b""


def test_a_script_that_takes_its_time(bench):
    put(bench, b"import time\nprint('one')\ntime.sleep(3)\nprint('two')\n")
    assert run(bench.radio, NAME, quiet=5) == expected(bench, b"one\r\ntwo\r\n")


def test_only_so_many_bytes_are_kept(bench):
    put(bench, b"print('01234567')\n" * 60)
    assert run(bench.radio, NAME, limit=100) == expected(bench, b"01234567\r\n" * 10)


def test_what_is_printed_may_look_like_a_line_of_the_module(bench):
    put(bench, b"print('AT-S.ERROR:1:x')\nprint('+WIND:8:x')\nprint('end')\n")
    if bench.sim("quirk", "python_output") == "before OK":
        assert run(bench.radio, NAME) == b"AT-S.ERROR:1:x\r\n+WIND:8:x\r\nend\r\n"
    else:  # behind the OK they cannot be told from lines of the module
        try:
            run(bench.radio, NAME)
        except SPWF04Error:
            pass
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_a_script_that_is_missing_or_too_much_for_the_module(bench):
    assert bench.raises(ModuleError, run, bench.radio, NAME).code == 51
    put(bench, b"while True: pass\n")
    assert bench.raises(ModuleError, run, bench.radio, NAME).code == 91


def test_a_script_that_does_not_end_in_time(bench):
    put(bench, b"import time\ntime.sleep(6)\nprint('one')\n")
    if bench.sim("quirk", "python_output") == "after OK":
        assert run(bench.radio, NAME, timeout=2) == b""
    else:
        bench.raises(SPWF04Error, run, bench.radio, NAME, timeout=2)
        bench.rest(5000)
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_handlers_are_as_they_were(bench):
    channel = bench.radio.channel
    channel.on_late_line = before = lambda parser: None
    put(bench, b"print('one')\n")
    run(bench.radio, NAME)
    bench.raises(ModuleError, run, bench.radio, "2:/y.py")
    assert channel.on_late_line is before


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for bad in ("a\rAT+S.RESET", "a\nb", "a\0b", "a,5", "", "9:/x"):
        bench.raises(ValueError, run, bench.radio, bad)
    bench.raises(ValueError, run, bench.radio, "x" * 191)
    bench.raises(ValueError, run, bench.radio, NAME, limit=0)
    bench.raises(ValueError, run, bench.radio, NAME, quiet=-1)
    bench.raises(TypeError, run, bench.radio, NAME, timeout="x")
    assert bench.sim("bytes_in") == before
