"""What a read returns if its reply is damaged, whatever the payload looks like."""

import errno

import pytest

from spwf04.errors import LinkLost
from spwf04_sim import Quirks, Timing
from tests import ALL, chance
from tests.faults.exchanges import Server, Stage
from tests.faults.reads import HOSTILE, WAYS, Damaged, cases

SAMPLE = 4 if ALL else 32  # the tests try one fault of so many


@pytest.mark.generated(11)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_received_is_a_beginning_of_what_was_sent_or_an_error(name, way):
    whole = (name, way) == ("short read", "whole")
    for fault, at, options in cases(name, None if whole else chance(name, way), SAMPLE):
        damaged = Damaged(HOSTILE[name])
        damaged.receive(way, fault, at, options)
        damaged.judge((fault, at, options), altered=fault == "flip")


READINGS = [
    {"reading_second": "left"},
    {"reading_second": "same"},
    {"sockr_surplus": True},
    {"sockr_beyond": "error", "wind55_cumulated": "total"},
    {"winds": "everywhere", "nul_bytes": True},
    {"winds": "held", "wind55_missing": True},
    {"ok_suffix": ":heap:state", "error_text": "number"},
]


@pytest.mark.generated(3)
@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_so_it_is_under_every_reading_of_what_a_reply_looks_like(reading):
    picks = chance(reading)
    for name in HOSTILE:
        for fault, at, options in cases(name, picks, 8 * SAMPLE):
            damaged = Damaged(HOSTILE[name], Quirks(**reading))
            damaged.receive(picks.choice(list(WAYS)), fault, at, options)
            damaged.judge((name, fault, at, options), altered=fault == "flip")


@pytest.mark.parametrize("name", HOSTILE)
def test_without_a_fault_all_of_it_comes_in_one_command(name):
    damaged = Damaged(HOSTILE[name])
    stage = damaged.stage
    damaged.receive("whole", "indication", 9999, {})
    assert bytes(stage.got) == damaged.data
    assert len([c for c in stage.module.log if "SOCKR" in c]) == 1
    assert stage.radio.channel.resyncs == 0


@pytest.mark.parametrize("at", range(20))
def test_a_damaged_announcement_ends_the_stream_at_once_and_says_why(at):
    """It does not wait for the command's time limit."""
    damaged = Damaged(HOSTILE["header"])
    stage = damaged.stage
    start = stage.clock.now()
    damaged.receive("whole", "drop", at, {})
    if 16 <= at <= 18:  # in the second number, which means nothing, or the CR
        assert bytes(stage.got) == damaged.data
        return
    with pytest.raises(LinkLost, match="SOCKR: the reply was damaged, bytes were lost"):
        raise damaged.error
    assert stage.clock.now() - start < 0.2
    with pytest.raises(OSError) as caught:
        stage.sock.recv(1)
    assert caught.value.errno == errno.ECONNRESET
    stage.sock.close()
    stage.fresh()


def rewriting(stage, old, new, times=1):
    """The first `times` times the module says `new` instead of `old`."""
    emit = stage.module.emit
    left = [times]

    def emit_other(data):
        if old in data and left[0]:
            left[0] -= 1
            data = data.replace(old, new)
        emit(data)

    stage.module.emit = emit_other


@pytest.mark.parametrize("line", [b"AT-S.Skip CA\r\n", b"AT-S.Hello\r\nAT-S.again\r\n"])
@pytest.mark.parametrize("way", WAYS)
def test_a_line_that_informs_may_come_before_the_announcement(way, line):
    damaged = Damaged(b"hello")
    rewriting(damaged.stage, b"AT-S.Reading:", line + b"AT-S.Reading:", times=9)
    damaged.receive(way, "indication", 9999, {})
    assert damaged.error is None
    assert bytes(damaged.stage.got) == b"hello"


@pytest.mark.parametrize("second", [b"AT-S.Reading:5:5\r\n", b"AT-S.Reading:0:0\r\n"])
def test_a_second_announcement_in_a_reply_is_a_loss(second):
    for size in (0, 5):
        damaged = Damaged(b"hello")
        rewriting(
            damaged.stage,
            b"AT-S.Reading:5:5\r\n",
            b"AT-S.Reading:%d:5\r\n" % size + b"12345"[:size] + second,
        )
        damaged.receive("whole", "indication", 9999, {})
        assert isinstance(damaged.error, LinkLost)
        assert bytes(damaged.stage.got) == b""


@pytest.mark.parametrize("way", WAYS)
def test_fewer_bytes_than_asked_for_are_taken_without_another_command(way):
    """The count was too high, but the bytes that are there are right."""
    damaged = Damaged(b"hello")
    stage = damaged.stage
    rewriting(stage, b":0:5:5\r\n", b":0:9:9\r\n")
    stage.radio.channel.wait(lambda: stage.sock.stream.pending, 2000)
    stage.sock.stream.pending = 9
    before = stage.module.commands
    WAYS[way](stage, 5)
    assert bytes(stage.got) == b"hello"
    assert stage.module.commands - before == 1
    assert stage.radio.channel.resyncs == 0


def test_an_indication_may_follow_a_short_payload():
    damaged = Damaged(b"hello")
    stage = damaged.stage
    stage.radio.channel.wait(lambda: stage.sock.stream.pending, 2000)
    stage.sock.stream.pending = 9
    stage.module.after(3, stage.module.emit, b"+WIND:14:BSS Regained\r\n")
    stage.module.after(15, stage.module.emit, b"+WIND:14:BSS Reg")
    stage.module.after(30, stage.module.emit, b"ained\r\n")
    seen = stage.radio.indications[14]
    assert stage.sock.recv(9) == b"hello"
    stage.radio.channel.wait(lambda: stage.radio.indications[14] == seen + 2, 100)
    assert stage.radio.indications[14] == seen + 2
    assert stage.radio.channel.resyncs == 0


@pytest.mark.parametrize("rest", [b"x", b"AT-S.late\r\n", b"\r\n", b"AT+S.X\r\n", b"AT-S.OK\r\n"])
def test_nothing_else_may(rest):
    damaged = Damaged(b"hello")
    stage = damaged.stage
    stage.radio.channel.wait(lambda: stage.sock.stream.pending, 2000)
    stage.sock.stream.pending = 9
    stage.module.after(12, stage.module.emit, rest)
    with pytest.raises(OSError):
        stage.sock.recv(9)
    with pytest.raises(OSError) as caught:
        stage.sock.recv(9)
    assert caught.value.errno == errno.ECONNRESET


def test_what_comes_after_a_read_ends_its_socket_and_no_other():
    """The payload held an end of its own just where the reply should end."""
    stage = Stage()
    stage.connect()
    other, stage.sock = stage.sock, None
    stage.connect("sends.example", 19)
    stage.radio.channel.wait(lambda: stage.sock.stream.pending == 300, 2000)
    stage.receive(100)
    stage.module.emit(b"AT-S.OK\r\n")
    stage.radio.channel.poll()
    with pytest.raises(OSError) as caught:
        stage.sock.recv(10)
    assert caught.value.errno == errno.ECONNRESET
    other.send(b"hello")
    assert other.recv(5) == b"hello"


# clients of a server, datagrams, files -----------------------------------------------------------
def other_readers():
    """{name: function (stage, data) that prepares, and returns a function that reads all of it}"""

    def served(stage, data):
        sock = stage.pool.socket()
        sock.settimeout(8)
        sock.bind(("", 8080))
        sock.listen()
        stage.module.visit(8080, Server(data))
        stage.sock, _ = sock.accept()
        stage.sock.settimeout(8)
        stage.radio.channel.wait(lambda: stage.sock.stream.pending >= len(data), 2000)
        return lambda: stage.receive(len(data))

    def datagram(stage, data):
        stage.world.route("udp.example", 7, lambda: Server(data))
        stage.sock = sock = stage.pool.socket(2, 2)
        sock.settimeout(8)
        sock.connect(("udp.example", 7))
        stage.radio.channel.wait(lambda: sock.stream._sizes, 2000)
        return lambda: stage.got.extend(sock.recv(len(data)))

    def file(stage, data):
        stage.module.flash.files[2, "page"] = bytearray(data)
        stage.radio.get("nv_model")

        def read():
            buffer = bytearray(len(data))
            n = stage.radio.files.read("page", 0, buffer)
            stage.got += buffer[:n]

        return read

    return {"served": served, "datagram": datagram, "file": file}


@pytest.mark.generated(22)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("who", other_readers())
def test_clients_of_a_server_datagrams_and_files_too(who, name):
    data = HOSTILE[name]
    for fault, at, options in cases(name, chance(who, name), 2 * SAMPLE):
        stage = Stage()
        stage.clock.end = stage.clock.now() + 400
        read = other_readers()[who](stage, data)
        stage.module.faults.add(fault, at=at, **options)
        error = None
        try:
            read()
        except OSError as e:
            error = e
        got = bytes(stage.got)
        where = fault, at, options, got
        if fault == "flip":
            assert sum(a != b for a, b in zip(got, data)) <= 1, where
        else:
            assert data.startswith(got), where
        assert error is not None or len(got) == len(data), where


def byte_by_byte(module):
    """Have the module send each byte by itself, at 115200 bit/s."""
    module.timing = Timing.fast(baud=115200)
    emit = module.emit
    module.emit = lambda data: [emit(data[i : i + 1]) for i in range(len(data))]


@pytest.mark.generated(3)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("seconds", [8, 0])
def test_what_a_close_throws_away_reaches_nobody_else(name, seconds):
    """One socket is closed with a hostile server's bytes unread. Then the other reads."""
    whole = name == "replies to others"
    for fault, at, options in cases(name, None if whole else chance(name, seconds), 2 * SAMPLE):
        if not whole or (fault == "drop" and at <= 20):
            close_and_read(name, seconds, fault, at, options)


def close_and_read(name, seconds, fault, at, options):
    damaged = Damaged(HOSTILE[name])
    stage = damaged.stage
    evil = stage.sock
    stage.radio.channel.wait(lambda: evil.stream.pending >= len(damaged.data), 2000)
    stage.connect()
    stage.sock.send(b"mine")
    stage.radio.channel.wait(lambda: stage.sock.stream.pending >= 4, 2000)
    evil.settimeout(seconds)
    byte_by_byte(stage.module)
    # the refusal of SOCKC and the reply to SOCKQ come before the announcement
    before = b"AT-S.ERROR:77:Pending data\r\nAT-S.Query:%d\r\nAT-S.OK\r\n" % len(damaged.data)
    stage.module.faults.add(fault, at=len(before) + at, **options)
    try:
        evil.close()
        end = stage.radio.channel.deadline(0 if seconds else 1000)
        while not stage.radio.channel.expired(end):
            stage.radio.channel.step()
        assert stage.radio.get("nv_model") == "SPWF04SA"
        got = stage.sock.recv(4)
    except OSError:
        got = b""
    stage.module.emit = type(stage.module).emit.__get__(stage.module)
    assert b"mine".startswith(got), (fault, at, options, got)
    stage.module.faults.clear()
    stage.fresh()
