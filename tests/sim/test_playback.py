"""A recording from anyone plays again against the driver: the driver's own, and any other log."""

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04.at.trace import record, stop
from spwf04_sim import EchoPeer, Playback, SimulatedModule, VirtualClock, World
from spwf04_sim.logs import reader
from spwf04_sim.logs.recorded import events_of, written
from spwf04_sim.playback import Different, events
from tests.cli.logs import FORMS, PSK

ANSWER = b"Hello, I am text\n"  # bytes that are no text would be lost in most forms


def program(radio, password=PSK):
    """What the program of the report does; return what it got."""
    radio.connect("home", password)
    with SocketPool(radio).socket() as sock:
        sock.settimeout(5)
        sock.connect(("echo.example", 7))
        sock.sendall(ANSWER)
        got = sock.read(len(ANSWER))
    try:
        radio.get("no_such_variable")
    except OSError as e:
        return got, e.code
    return got, None


@pytest.fixture(scope="module")
def evening(tmp_path_factory):
    """(what the driver has recorded, [(ms, way, bytes)] of the wire) of the same session."""
    world = World()
    world.add_access_point("home", PSK)
    world.route("echo.example", 7, EchoPeer)
    module = SimulatedModule(world, clock=VirtualClock())
    module.power_on()
    said = []
    module.traffic = lambda way, data: said.append(
        (round(module.clock.now() * 1000), way, bytes(data))
    )
    file = tmp_path_factory.mktemp("log") / "bug.txt"
    radio = SPWF04(module.uart(), clock=module.clock, debug=record(str(file), payload=True))
    assert program(radio) == (ANSWER, 4)
    stop(radio)
    return file.read_text(), said


def again(log, password="another one"):
    """What the program gets when a log is played; all of it must be."""
    uart = Playback(log)
    got = program(SPWF04(uart, clock=uart.clock), password)
    assert uart.done
    return got


def test_what_the_driver_has_recorded_plays_again(evening):
    own, _ = evening
    assert PSK not in own
    assert again(own) == (ANSWER, 4)


@pytest.mark.parametrize("form", FORMS)
def test_any_log_of_the_same_session_plays_likewise(evening, form):
    _, said = evening
    assert again(FORMS[form](said)) == (ANSWER, 4)


@pytest.mark.parametrize("form", FORMS)
def test_a_log_written_as_the_driver_records_holds_no_secret_and_plays_likewise(evening, form):
    _, said = evening
    text = written(events(FORMS[form](said)), payload=True)
    assert PSK not in text
    assert again(text) == (ANSWER, 4)
    assert PSK not in repr(written(events_of(reader.read(FORMS[form](said)))))


def test_without_payloads_the_same_happens_with_dots(evening):
    own, said = evening
    text = written(events(FORMS["markers"](said)))
    assert ANSWER.hex() in own
    assert ANSWER.hex() not in text
    assert again(text) == (b"." * len(ANSWER), 4)


@pytest.mark.parametrize("form", ["markers", "bytes"])
def test_a_program_that_does_something_else_is_told_where_without_secrets(evening, form):
    _, said = evening
    uart = Playback(FORMS[form](said))
    radio = SPWF04(uart, clock=uart.clock)
    with pytest.raises(Different, match=r"sent .*SSIDTXT=elsewhere.* recorded .*SSIDTXT=home"):
        radio.connect("elsewhere", "hidden from all")


def test_a_log_of_nothing_is_refused():
    for log in ("", "a letter\n", b"\xff\xfe\xfd", "5 > AT+S.STS\n", "AT+S.STS\n"):
        with pytest.raises(ValueError, match="nothing that a module says"):
            Playback(log)


def test_record_checks_its_arguments(tmp_path):
    with pytest.raises(TypeError, match="no write"):
        record("bug.txt", print)
    with pytest.raises(TypeError, match="payload"):
        record(str(tmp_path / "bug.txt"), payload="yes")
    with pytest.raises(OSError, match="nowhere"):
        record(str(tmp_path / "nowhere" / "bug.txt"))
