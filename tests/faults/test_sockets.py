"""Sockets and faults that are not of one byte: counts, restarts, refusals, Ctrl-C."""

import errno

import pytest

from spwf04 import SocketPool
from spwf04.errors import ModuleError
from spwf04_sim import Quirks
from tests.faults.exchanges import Server, Stage
from tests.faults.reads import WAYS
from tests.shims.servers import pattern


@pytest.fixture
def stage():
    made = Stage()
    made.clock.end = made.clock.now() + 2000
    return made


def rewriting(stage, *pairs):
    """For each pair, once, the module says the second instead of the first."""
    emit = stage.module.emit
    left = list(pairs)

    def emit_other(data):
        for pair in list(left):
            if pair[0] in data:
                left.remove(pair)
                data = data.replace(*pair)
        emit(data)

    stage.module.emit = emit_other
    return left


@pytest.mark.parametrize("way", WAYS)
def test_bytes_that_were_announced_come_though_a_question_at_the_end_says_there_are_none(
    stage, way
):
    left = rewriting(
        stage,
        (b":0:100:100\r\n", b":0:100:0\r\n"),  # a digit is lost
        (b"AT-S.Query:100\r\n", b"AT-S.Query:0\r\n"),
    )
    stage.connect("ends.example", 20)
    stage.radio.channel.wait(lambda: stage.sock.stream.peer_closed, 2000)
    assert stage.sock.stream.pending == 0
    WAYS[way](stage, 100)
    assert bytes(stage.got) == pattern(100)
    assert left == []


@pytest.mark.parametrize("seconds", [8, 0])
def test_bytes_read_ahead_are_gone_with_a_restart(stage, seconds):
    stage.connect("sends.example", 19)
    stage.radio.channel.wait(lambda: stage.sock.stream.pending == 300, 2000)
    assert stage.sock.recv(10) == pattern(10)
    stage.sock.settimeout(seconds)
    stage.module.restart("watchdog")
    stage.clock.advance(1)
    stage.radio.channel.poll()
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            stage.sock.recv(10)
        assert caught.value.errno == errno.ECONNRESET
    assert stage.sock.ioctl(3, 1) & 16
    stage.sock.close()


def test_bytes_that_waited_are_not_asked_for_after_a_restart(stage):
    stage.connect("sends.example", 19)
    stage.radio.channel.wait(lambda: stage.sock.stream.pending == 300, 2000)
    stage.module.restart("watchdog")
    stage.clock.advance(1)
    stage.radio.channel.poll()
    before = len(stage.module.log)
    with pytest.raises(OSError) as caught:
        stage.sock.recv(10)
    assert caught.value.errno == errno.ECONNRESET
    assert not stage.sock.ioctl(3, 5) & ~(1 | 4 | 16)
    assert stage.module.log[before:] == []


@pytest.mark.parametrize("code", [72, 78])
@pytest.mark.parametrize("seconds", [8, 0])
def test_a_question_refused_because_the_socket_is_closed_is_the_end(stage, code, seconds):
    stage.connect()
    stage.sock.settimeout(seconds)
    stage.module.faults.add("refuse", command="SOCKQ", number=code)
    end = stage.clock.now() + 10

    def received():
        while stage.clock.now() < end:
            try:
                return stage.sock.recv(5)
            except OSError as e:
                if e.errno != errno.EAGAIN:
                    raise
                stage.clock.idle()

    assert received() == received() == b""
    assert not [c for c in stage.module.log if "SOCKR" in c]
    stage.module.faults.clear()
    stage.sock.close()
    stage.fresh()


def closed(stage):
    stage.connect()
    stage.sock.close()


def never_connected(stage):
    stage.sock = stage.pool.socket()


def reset(stage):
    stage.connect()
    stage.module.restart("watchdog")
    stage.clock.advance(1)
    stage.radio.channel.poll()


@pytest.mark.parametrize("prepare", [closed, never_connected, reset])
@pytest.mark.parametrize("events", [1, 4, 5])
def test_polling_a_socket_that_is_not_open_asks_nothing(stage, prepare, events):
    stage.radio.get("nv_model")
    prepare(stage)
    before = stage.module.commands
    for _ in range(4):
        assert stage.sock.ioctl(3, events) & 16
        stage.clock.advance(stage.pool.quiet_ms / 1000 + 0.1)
    assert stage.module.commands == before


def test_polling_for_writing_alone_asks_nothing_and_for_reading_it_does(stage):
    stage.connect()
    before = stage.module.commands
    for _ in range(4):
        assert stage.sock.ioctl(3, 4) == 4
        stage.clock.advance(stage.pool.quiet_ms / 1000 + 0.1)
    assert stage.module.commands == before
    for _ in range(2):
        assert stage.sock.ioctl(3, 1) == 0
        stage.clock.advance(stage.pool.quiet_ms / 1000 + 0.1)
    assert stage.sock.ioctl(3, 1) == 0
    assert stage.module.commands > before


# Ctrl-C --------------------------------------------------------------------------------------
def interrupted(stage, action):
    """Ctrl-C while action() waits for its answer."""
    idle = stage.clock.idle
    stage.clock.advance(0)

    def ctrl_c():
        stage.clock.idle = idle
        raise KeyboardInterrupt

    stage.clock.idle = ctrl_c
    try:
        with pytest.raises(KeyboardInterrupt):
            action()
    finally:
        stage.clock.idle = idle


def test_ctrl_c_in_a_question_leaves_sockets_as_they_are(stage):
    stage.connect()
    stage.sock.send(b"one")  # this socket is the last that wrote
    stage.receive(3)
    interrupted(stage, lambda: stage.radio.get("nv_model"))
    stage.sock.send(b"two")
    stage.receive(6)
    assert bytes(stage.got) == b"onetwo"


def test_ctrl_c_in_a_write_ends_its_socket_and_no_other(stage):
    stage.connect()
    other = stage.sock
    stage.connect()
    interrupted(stage, lambda: stage.sock.send(b"lost?"))
    with pytest.raises(OSError) as caught:
        stage.sock.send(b"more")
    assert caught.value.errno == errno.ECONNRESET
    other.send(b"hello")
    assert other.recv(5) == b"hello"


@pytest.mark.parametrize("method", ["read", "readline", "readinto"])
def test_ctrl_c_in_a_read_that_waits_for_more_loses_nothing_that_it_has_read(stage, method):
    stage.connect()
    sock = stage.sock
    sock.send(b"hello")
    end = stage.clock.now() + 2
    idle = stage.clock.idle

    def ctrl_c():
        if stage.clock.now() > end:
            raise KeyboardInterrupt
        idle()

    stage.clock.idle = ctrl_c
    with pytest.raises(KeyboardInterrupt):
        getattr(sock, method)(*{"readinto": [bytearray(100)], "read": [100]}.get(method, []))
    stage.clock.idle = idle
    sock.send(b" again\n")
    assert sock.readline() == b"hello again\n"


def test_ctrl_c_in_an_upload_ends_the_socket_that_wrote_last_only_if_it_wrote(stage):
    """The payload may be of the socket that wrote last, which is not trusted; a reader is."""
    stage.connect("sends.example", 19)
    channel = stage.radio.channel
    interrupted(stage, lambda: channel.command(b"AT+S.FSC=a.bin,4\r", b"data", 5000))
    stage.receive(300)
    assert bytes(stage.got) == pattern(300)


def test_who_wrote_last_is_known_though_another_socket_is_closed(stage):
    stage.connect()
    writer = stage.sock
    stage.connect()
    writer.send(b"hello")
    stage.sock.close()
    channel = stage.radio.channel
    interrupted(stage, lambda: channel.command(b"AT+S.FSC=a.bin,4\r", b"data", 5000))
    with pytest.raises(OSError) as caught:
        writer.send(b"more")
    assert caught.value.errno == errno.ECONNRESET


def test_ctrl_c_while_an_answer_comes_ends_a_socket_that_reads_and_none_that_asks(stage):
    """The bytes that SOCKR has brought are lost with its reply. A question brings none."""
    stage.connect("sends.example", 19)
    asks = stage.sock
    stage.receive(300)
    asks.settimeout(30)
    before = stage.module.commands
    idle = stage.clock.idle

    def asked():
        idle()
        if stage.module.commands > before:
            stage.clock.idle = idle
            raise KeyboardInterrupt

    stage.clock.idle = asked
    with pytest.raises(KeyboardInterrupt):
        asks.recv(10)
    stage.clock.idle = idle
    asks.settimeout(1)
    with pytest.raises(OSError) as caught:
        asks.recv(10)
    assert caught.value.errno == errno.ETIMEDOUT
    stage.connect("sends.example", 19)
    interrupted(stage, lambda: stage.sock.recv(100))
    with pytest.raises(OSError) as caught:
        stage.sock.recv(100)
    assert caught.value.errno == errno.ECONNRESET


def test_ctrl_c_in_an_upload_before_there_is_a_socket(stage):
    stage = Stage.__new__(Stage)
    Stage.__init__(stage)
    from spwf04 import SPWF04

    stage.radio = SPWF04(stage.module.uart(), reset=stage.module.reset_pin, clock=stage.clock)
    stage.radio.get("nv_model")
    assert stage.radio.channel.on_late_line is None
    channel = stage.radio.channel
    interrupted(stage, lambda: channel.command(b"AT+S.FSC=a.bin,4\r", b"data", 5000))
    assert stage.radio.get("nv_model") == "SPWF04SA"
    stage.pool = SocketPool(stage.radio)
    stage.fresh()


# servers -------------------------------------------------------------------------------------
def listening(stage, port):
    sock = stage.pool.socket()
    sock.settimeout(8)
    sock.bind(("", port))
    sock.listen()
    return sock


@pytest.mark.parametrize("answer", [b"AT-S.On:7\r\n", b"AT-S.On:\r\n", b"AT-S.On:2\r\n", b""])
def test_a_server_without_a_number_or_with_a_wrong_one_is_an_error(stage, answer):
    stage.radio.connect("home", "correct horse")
    first = listening(stage, 79)
    rewriting(stage, (b"AT-S.On:1\r\n", answer))
    with pytest.raises(OSError) as caught:
        listening(stage, 8080)
    assert caught.value.errno == errno.EIO
    assert not isinstance(caught.value, ModuleError)
    second = listening(stage, 8080)  # the module has a server there that no socket owns
    for port, sock in ((8080, second), (79, first)):
        stage.module.visit(port, Server(b"hello"))
        client, _ = sock.accept()
        client.settimeout(8)
        assert client.recv(5) == b"hello"
        client.close()
        sock.close()
    stage.radio.channel.wait(lambda: False, 200)
    assert [s for s in stage.module.socket_table.servers if s is not None] == []


def test_servers_that_are_closed_make_room_when_their_clients_have_gone(stage):
    stage.radio.connect("home", "correct horse")
    kept = []
    for port in (8080, 8081):
        server = listening(stage, port)
        stage.module.visit(port, Server(b"hello"))
        client, _ = server.accept()
        client.settimeout(8)
        assert client.recv(5) == b"hello"
        server.close()
        kept.append(client)
        Server.made[-1].close()
    stage.radio.channel.wait(lambda: False, 200)
    listening(stage, 82)
    assert [client.recv(5) for client in kept] == [b"", b""]


@pytest.mark.parametrize("finds_out", [True, False])
def test_a_client_whose_place_is_anothers_was_cut_off(finds_out):
    """If nobody heard it leave, its last bytes may be missing: its socket raises ECONNRESET.
    Else its stream ends."""
    stage = Stage(Quirks(gone_client="free"))
    stage.clock.end = stage.clock.now() + 2000
    stage.radio.connect("home", "correct horse")
    server = listening(stage, 8080)
    stage.module.visit(8080, Server(b"one"))
    first, _ = server.accept()
    first.settimeout(8)
    assert first.recv(3) == b"one"
    emit = stage.module.emit
    if not finds_out:
        stage.module.emit = lambda data: b"+WIND:62:" in data or emit(data)
    Server.made[-1].close()
    stage.radio.channel.wait(lambda: False, 200)
    stage.module.emit = emit
    stage.module.visit(8080, Server(b"two"), ("192.168.1.8", 50000))
    second, _ = server.accept()
    second.settimeout(8)
    assert second.recv(3) == b"two"
    if finds_out:
        assert first.recv(3) == b""
    else:
        with pytest.raises(OSError) as caught:
            first.recv(3)
        assert caught.value.errno == errno.ECONNRESET


# numbers of sockets --------------------------------------------------------------------------
@pytest.mark.parametrize("number", [b"8", b"9", b"", b"-1", b"x"])
def test_a_socket_without_a_number_or_with_a_wrong_one_is_an_error(stage, number):
    rewriting(
        stage,
        (b":0\r\nAT-S.OK", b":" + number + b"\r\nAT-S.OK"),
        (b":0\r\n", b":" + number + b"\r\n"),
    )
    with pytest.raises(OSError) as caught:
        stage.connect()
    assert caught.value.errno == errno.EIO
    stage.fresh()
    stage.radio.channel.wait(lambda: False, 200)
    assert [s for s in stage.module.sockets if s is not None] == []


@pytest.mark.parametrize("lists", [True, False])
def test_a_number_that_is_in_use_is_nobodys_and_is_closed_though_no_list_names_it(stage, lists):
    stage.connect()
    first = stage.sock
    stage.connect()
    second = stage.sock
    rewriting(stage, (b":2\r\n", b":1\r\n"))
    with pytest.raises(OSError):
        stage.connect()
    with pytest.raises(OSError) as caught:
        second.send(b"whose?")
    assert caught.value.errno == errno.ECONNRESET
    if not lists:
        emit = stage.module.emit
        stage.module.emit = lambda data: b"AT-S.List:" in data or emit(data)
    stage.fresh()
    stage.radio.channel.wait(lambda: False, 200)
    left = [n for n, s in enumerate(stage.module.sockets) if s is not None]
    assert left == ([0] if lists else [0, 2])  # 2: the driver does not know of it
    first.send(b"hello")
    assert first.recv(5) == b"hello"
