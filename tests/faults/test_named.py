"""The faults that do not concern one byte, by their names: what a user of the driver sees."""

import errno

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04.errors import LinkLost, ModuleError, NotFound
from spwf04_sim import FAULTS, Timing
from tests.faults.exchanges import EXCHANGES, Server, Stage
from tests.shims.servers import pattern


@pytest.fixture
def stage():
    made = Stage()
    made.clock.end = made.clock.now() + 2000
    return made


def add(stage, name, **options):
    return stage.module.faults.add(name, **options)


def silent(stage, seconds):
    """The host does something else."""
    stage.clock.advance(seconds)


def test_an_unknown_name_or_option_is_refused(stage):
    for name, options in (("drops", {}), ("drop", {"ms": 3}), ("drop", {"way": "x"})):
        with pytest.raises(ValueError):
            add(stage, name, **options)


def test_every_name_can_be_added(stage):
    for name in FAULTS:
        add(stage, name)


@pytest.mark.parametrize("name", [n for n in FAULTS if n.startswith("wind55")])
@pytest.mark.parametrize("exchange", ["receive", "receive to the end", "receive without waiting"])
def test_indications_of_data_may_be_missing_late_stale_or_wrong(stage, exchange, name):
    add(stage, name)
    prepare, act, sent = EXCHANGES[exchange]
    prepare(stage)
    act(stage)
    assert bytes(stage.got) == sent


def test_the_end_is_noticed_without_its_indication(stage):
    add(stage, "wind58_missing")
    stage.connect("ends.example", 20)
    stage.sock.settimeout(None)
    stage.receive(101)
    assert stage.ended
    assert bytes(stage.got) == pattern(100)


def test_a_late_answer_to_a_write_ends_its_socket_and_nothing_is_written_twice(stage):
    stage.connect("sink.example", 9)
    add(stage, "late", command="SOCKW", ms=20000)
    stage.sock.settimeout(None)
    with pytest.raises(LinkLost):
        stage.sock.send(b"once")
    with pytest.raises(OSError) as caught:
        stage.sock.send(b"again")
    assert caught.value.errno == errno.ECONNRESET
    silent(stage, 15)
    stage.fresh()
    assert Server.made[0].data == b"once"


def test_what_a_late_open_opened_is_closed(stage):
    stage.fresh()
    add(stage, "late", command="SOCKON", ms=50000)
    sock = stage.pool.socket()
    with pytest.raises(LinkLost):
        sock.connect(("echo.example", 7))
    silent(stage, 20)
    stage.fresh()
    assert [s for s in stage.module.sockets if s is not None] == []


def test_connect_keeps_its_time_limit_and_the_next_call_works(stage):
    add(stage, "dns_slow", ms=15000)
    sock = stage.pool.socket()
    sock.settimeout(5)
    before = stage.clock.now()
    with pytest.raises(OSError) as caught:
        sock.connect(("echo.example", 7))
    assert caught.value.errno == errno.ETIMEDOUT
    assert stage.clock.now() - before < 5.2
    stage.module.timing.dns = 1
    stage.fresh()


def test_a_name_that_nobody_knows(stage):
    add(stage, "dns_refused")
    with pytest.raises(ModuleError) as caught:
        stage.connect()
    assert (caught.value.errno, caught.value.code) == (errno.EHOSTUNREACH, 65)


def test_a_full_socket_table_gives_enomem(stage):
    add(stage, "sockets_full")
    with pytest.raises(ModuleError) as caught:
        stage.connect()
    assert (caught.value.errno, caught.value.code) == (errno.ENOMEM, 75)
    stage.module.faults.clear()
    stage.fresh()


def test_a_module_that_hangs_is_reported_and_a_reset_mends_it(stage):
    add(stage, "sockets_hang")
    for _ in range(2):
        with pytest.raises(LinkLost, match="reset"):
            stage.pool.socket().connect(("echo.example", 7))
    stage.radio.reset()
    stage.fresh()
    assert stage.radio.channel.recovered[4] == 1


def test_a_close_that_is_refused_for_ever_ends(stage):
    stage.connect("sends.example", 19)
    add(stage, "pending_for_ever")
    before = stage.module.commands
    stage.sock.close()
    assert stage.module.commands - before < 20
    stage.fresh()
    stage.module.faults.clear()
    stage.fresh()
    assert [s for s in stage.module.sockets if s is not None] == []


def test_a_refused_write_is_no_command(stage):
    """Its payload becomes input of the console: the module may carry out no command in it."""
    stage.connect("sink.example", 9)
    saved = stage.radio.get("ip_use_v6")
    for data in (b"AT+S.SCFG=ip_use_v6,1\r", b"x\rat+s.SCFG=ip_use_v6,1\r\n" * 9, b"\rAT&F\r"):
        for kind in (bytes, bytearray, memoryview):
            add(stage, "write_refused")
            with pytest.raises(ModuleError, match="78"):
                stage.sock.send(kind(data))
            assert stage.radio.get("ip_use_v6") == saved
            stage.sock.close()
            stage.connect("sink.example", 9)
    assert not [line for line in stage.module.log if "v6,1" in line or "AT&F" in line]


@pytest.mark.parametrize(
    ("name", "code"), [("file_not_opened", 51), ("file_not_deleted", 56), ("disk_full", None)]
)
def test_a_file_that_cannot_be_written(stage, name, code):
    stage.upload("tls.cert", b"old")
    add(stage, name)
    with pytest.raises(OSError) as caught:
        stage.upload("tls.cert", pattern(300))
    assert getattr(caught.value, "code", None) == code
    stage.module.faults.clear()
    stage.module.flash.files.pop((1, "full"), None)
    for volume in (1, 2, 3):
        stage.module.flash.files.pop((volume, "full"), None)
    stage.upload("tls.cert", pattern(300))
    stage.fresh()


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_file_that_is_in_use_for_a_moment_is_replaced_all_the_same(stage, times):
    """The module's web server may use it, for example. The driver tries twice more."""
    stage.upload("tls.cert", b"old")
    add(stage, "file_not_deleted", times=times)
    if times < 3:
        stage.upload("tls.cert", pattern(300))
    else:
        with pytest.raises(ModuleError) as caught:
            stage.upload("tls.cert", pattern(300))
        assert caught.value.code == 56
        stage.upload("tls.cert", pattern(300))  # this puts it right
    assert {name: bytes(data) for (_, name), data in stage.module.flash.files.items()} == {
        "tls.cert": pattern(300)
    }


def test_a_file_that_is_removed_while_it_is_in_use_is_an_error_or_gone(stage):
    files = stage.radio.files
    files.put("page", b"x")
    add(stage, "file_not_deleted", times=2)
    files.remove("page")
    assert files.list() == []
    files.put("page", b"x")
    add(stage, "file_not_deleted")
    with pytest.raises(ModuleError, match="56"):
        files.remove("page")
    assert [entry[0] for entry in files.list()] == ["page"]


def test_a_reset_whose_whole_start_has_come_at_the_first_look_waits_no_more(stage):
    uart = stage.module.uart()
    radio = SPWF04(uart, clock=stage.clock)
    radio.get("nv_model")
    write = uart.write

    def busy_program(data, *part):
        taken = write(data, *part)
        if bytes(data).startswith(b"AT+S.RESET"):
            stage.clock.advance(3)
        return taken

    uart.write = busy_program
    before = stage.clock.now()
    radio.reset()
    assert stage.clock.now() - before < 5
    assert radio.radio_up


def test_a_reset_that_the_hosts_pin_blocks_says_so(stage):
    radio = SPWF04(stage.module.uart(), clock=stage.clock)
    radio.get("nv_model")
    add(stage, "reset_blocked")
    with pytest.raises(NotFound, match="open drain"):
        radio.reset()
    stage.radio.reset()  # this one has the pin
    stage.fresh()


@pytest.mark.parametrize("size", [64, 256])
def test_a_receive_buffer_that_overflows_while_the_host_is_away(size):
    stage = Stage()
    stage.clock.end = stage.clock.now() + 2000
    stage.module.timing = Timing.fast(baud=115200)
    uart = stage.module.uart(rx_size=size)
    stage.radio = SPWF04(uart, reset=stage.module.reset_pin, clock=stage.clock)
    stage.pool = SocketPool(stage.radio)
    stage.connect("echo.example", 7)
    for _ in range(12):
        stage.module.wind(14, "BSS Regained")
        silent(stage, 0.2)
    stage.sock.send(b"hello")
    stage.receive(5)
    assert uart.overruns > 0
    assert bytes(stage.got) == b"hello"
    assert stage.radio.channel.resyncs == 0


@pytest.mark.parametrize(("seconds", "kind"), [(3, TimeoutError), (None, LinkLost)])
def test_bytes_that_a_small_receive_buffer_loses_are_told_from_silence(seconds, kind):
    """Whichever limit ends the wait: that of the socket, or that of the command."""
    stage = Stage()
    stage.clock.end = stage.clock.now() + 2000
    stage.connect("sends.example", 19)
    add(stage, "drop", at=200, n=50)
    stage.sock.settimeout(seconds)
    with pytest.raises(kind, match=r"receive buffer \(rxbuf=, receiver_buffer_size=\)") as e:
        stage.receive(300)
    assert e.type is kind
    if seconds:
        assert "41 bytes of an answer are missing" in str(e.value)  # 9 are its OK


def test_a_receive_that_times_out_says_so_whatever_the_driver_asks_meanwhile(stage):
    stage.connect("echo.example", 7)
    asked = set()  # the questions that are on their way as the time is over
    for seconds in (0.15, 0.3, 0.5, 1, 2, 3, 5, 7, 9, 11):
        stage.sock.settimeout(seconds)
        with pytest.raises(TimeoutError, match="nothing arrived in time"):
            stage.sock.recv(5)
        exchange = stage.radio.channel.exchange
        if exchange is not None:
            asked.add(exchange.command)
    assert asked == {b"AT+S.SOCKQ=0\r", b"AT+S.SOCKL\r"}


def test_a_module_that_does_not_give_what_it_has_is_late(stage):
    stage.connect("sends.example", 19)
    add(stage, "hang", command="SOCKR")
    stage.sock.settimeout(3)
    with pytest.raises(TimeoutError, match="the module did not answer in time"):
        stage.sock.recv(5)


def test_a_host_that_stops_reading_in_the_midst_of_a_reply():
    stage = Stage()
    stage.clock.end = stage.clock.now() + 2000
    stage.module.timing = Timing.fast(baud=115200)
    uart = stage.module.uart(rx_size=64)
    stage.radio = SPWF04(uart, reset=stage.module.reset_pin, clock=stage.clock)
    stage.pool = SocketPool(stage.radio)
    stage.connect("sends.example", 19)
    idle = stage.clock.idle
    away = iter([0.05])

    def sometimes_away():
        idle()
        if uart.overruns == 0 and stage.module.busy:
            for seconds in away:
                stage.clock.advance(seconds)

    stage.clock.idle = sometimes_away
    stage.sock.settimeout(None)
    with pytest.raises(LinkLost, match=r"bytes were lost .* receive buffer"):
        stage.receive(300)
    assert bytes(stage.got) == pattern(300)[: len(stage.got)]
    stage.fresh()


def test_the_peer_closes_with_data_pending(stage):
    stage.connect("sends.example", 19)
    add(stage, "peer_closes")
    stage.receive(301)
    assert stage.ended
    assert bytes(stage.got) == pattern(300)


def test_the_network_is_lost_and_comes_back(stage):
    stage.connect()
    add(stage, "radio_lost")
    stage.sock.send(b"x")
    with pytest.raises(OSError) as caught:
        stage.receive(5)
    assert caught.value.errno == errno.ECONNRESET
    assert stage.radio.channel.wait(stage.radio.isconnected, 20000)
    stage.fresh()
