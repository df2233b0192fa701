"""Finding the module again: the driver waits until nothing more comes, and takes none of it for an
answer.
"""

import contextlib

import pytest

from tests.faults.exchanges import Server, Stage


@pytest.fixture
def stage():
    made = Stage()
    made.clock.end = made.clock.now() + 2000
    made.radio.get("nv_model")
    return made


def first_question(stage, until, data=b"noise\r\n"):
    """Seconds from a loss to the first byte that is sent, if noise comes every 30 ms."""
    module, clock = stage.module, stage.clock
    stage.radio.channel.lose()
    start = clock.now()
    for ms in range(0, int(until * 1000), 30):
        module.after(ms, module.emit, data)
    asked = []
    module.traffic = lambda way, _: asked.append(clock.now() - start) if way == ">" else None
    with contextlib.suppress(OSError):
        stage.radio.get("nv_model")
    return asked[0]


@pytest.mark.parametrize("until", [0, 0.06, 0.3, 0.6])
def test_a_question_waits_for_silence(stage, until):
    assert until + 0.02 <= first_question(stage, until) <= until + 0.12


@pytest.mark.parametrize("data", [b"noise\r\n", b"+WIND:14:BSS Regained\r\n", b"x"])
def test_but_not_for_longer_than_a_second(stage, data):
    assert 1 <= first_question(stage, 3, data) <= 1.12


ANSWERS = b"".join(
    b"AT-S.Var:console_%s=%s\r\nAT-S.OK\r\n" % pair
    for pair in (
        (b"delimiter", b"0x7C"),
        (b"echo", b"1"),
        (b"errs", b"2"),
        (b"enabled", b"1"),
        (b"delimiter", b""),
        (b"errs", b"9"),
    )
)


@pytest.mark.parametrize("late", [10500, 11000, 12000, 13000])
@pytest.mark.parametrize("payload", [ANSWERS, ANSWERS * 3, b"AT-S.OK\r\n" * 9 + ANSWERS])
def test_the_late_payload_of_a_read_is_no_answer(stage, payload, late):
    """The read was given up after 10 s. Its reply comes between a question and the answer."""
    stage.world.route("evil.example", 66, lambda: Server(payload))
    stage.connect("evil.example", 66)
    stage.sock.settimeout(30)
    stage.radio.channel.wait(lambda: stage.sock.stream.pending >= len(payload), 2000)
    stage.module.faults.add("delay", at=0, ms=late)
    with pytest.raises(OSError):
        stage.receive(len(payload))
    assert bytes(stage.got) == b""
    before = len(stage.module.log)
    values = []
    for name in ("console_delimiter", "nv_model", "console_delimiter"):
        with contextlib.suppress(OSError):
            values.append(stage.radio.get(name))
    assert set(values) <= {"0x2C", "SPWF04SA"}
    assert not [line for line in stage.module.log[before:] if "SCFG=console_delimiter" in line]
    assert stage.radio.get("console_delimiter") == "0x2C"
    assert stage.radio.get("console_errs") == "2"
    stage.fresh()


def test_what_is_heard_out_is_no_answer(stage):
    """It may be lines of a payload of which the announcement was lost."""
    module = stage.module
    stage.radio.channel.lose()
    for ms in range(0, 200, 20):
        module.after(ms, module.emit, ANSWERS)
    before = len(module.log)
    assert stage.radio.get("nv_model") == "SPWF04SA"
    assert not [line for line in module.log[before:] if "SCFG=console_delimiter" in line]
    # The first question, the delimiter, errors and indications in full, the echo, and get()
    assert len(module.log) - before == 6
