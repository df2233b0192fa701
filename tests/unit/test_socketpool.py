"""Sockets against a scripted peer: what each call costs, and replies that are in no manual.

Then, with a simulated module, what only CPython has: sockets that nobody holds any more, and files
that outlive their socket.
"""

import errno
import gc
import http.client
import socket

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04_sim import FloodPeer, Peer, Timing
from tests.faults.exchanges import Stage
from tests.shims.script import FOUND, Script
from tests.shims.servers import pattern

BOOTED = "< +WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n+WIND:32:WiFi Hardware Started\r\n"
BOOTED += "+WIND:24:WiFi Up:0:192.168.1.23\r\n"
OPEN = (
    "> AT+S.SOCKON=example.org,80,NULL,t\r",
    "< AT-S.On:93.184.216.34:0\r\nAT-S.OK\r\n",
)


def opened(*steps):
    """A connected socket with id 0; then the script has the given steps."""
    script = Script(BOOTED, *FOUND, *OPEN, *steps)
    radio = SPWF04(script, clock=script.clock)
    sock = SocketPool(radio).socket()
    sock.settimeout(5)
    sock.connect(("example.org", 80))
    sock.script = script
    return sock


def test_numbers_of_errors_are_those_of_cpython():
    assert SocketPool.EAI_NONAME == socket.EAI_NONAME


def reading(data, m=0):
    return b"< AT-S.Reading:%d:%d\r\n" % (len(data), m) + data + b"AT-S.OK\r\n"


def test_announced_data_are_read_with_one_command():
    sock = opened("< +WIND:55:Pending Data::0:5:5\r\n", "> AT+S.SOCKR=0,5\r", reading(b"hello"))
    assert sock.recv(100) == b"hello"
    assert sock.script.done


def test_a_read_asks_for_no_more_than_a_chunk():
    sock = opened(
        "< +WIND:55:Pending Data::0:1000:1000\r\n",
        "> AT+S.SOCKR=0,730\r",
        reading(b"x" * 730),
        "> AT+S.SOCKR=0,270\r",
        reading(b"y" * 270),
    )
    assert sock.recv(2000) == b"x" * 730
    assert sock.recv(2000) == b"y" * 270
    assert sock.script.done


def test_the_header_is_believed_not_the_request():
    sock = opened(
        "< +WIND:55:Pending Data::0:100:100\r\n", "> AT+S.SOCKR=0,100\r", reading(b"short", 77)
    )
    assert sock.recv(100) == b"short"


def test_more_than_was_asked_is_kept_for_the_next_read():
    sock = opened("< +WIND:55:Pending Data::0:4:4\r\n", "> AT+S.SOCKR=0,4\r", reading(b"abcdefgh"))
    buffer = bytearray(4)
    assert sock.recv_into(buffer) == 4
    assert buffer == b"abcd"
    assert sock.recv(3) == b"efg"
    assert sock.recv(3) == b"h"
    assert sock.script.done


def test_more_than_was_asked_while_reading_ahead():
    sock = opened(
        "< +WIND:55:Pending Data::0:10:10\r\n", "> AT+S.SOCKR=0,10\r", reading(b"0123456789ab")
    )
    assert b"".join(sock.recv(1) for _ in range(12)) == b"0123456789ab"
    assert sock.script.done


def test_an_impossible_count_ends_the_socket_and_finds_the_module_again():
    sock = opened(
        "< +WIND:55:Pending Data::0:4:4\r\n",
        "> AT+S.SOCKR=0,4\r",
        "< AT-S.Reading:999999:1\r\nabcdAT-S.OK\r\n",
    )
    with pytest.raises(OSError):
        sock.recv(4)
    with pytest.raises(OSError) as caught:
        sock.recv(4)
    assert caught.value.errno == errno.ECONNRESET


def test_after_half_a_second_of_silence_the_module_is_asked():
    sock = opened(
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:5\r\nAT-S.OK\r\n",
        "> AT+S.SOCKR=0,5\r",
        reading(b"hello"),
    )
    before = sock.script.clock.ms
    assert sock.recv(100) == b"hello"
    assert 500 <= sock.script.clock.ms - before < 520


SILENT = ("> AT+S.SOCKQ=0\r", "< AT-S.Query:0\r\nAT-S.OK\r\n")
LIST = "> AT+S.SOCKL\r"
OTHER = "AT-S.List::1:%d:t:0:1.2.3.4:80\r\n"
OURS = "AT-S.List::0:%d:t:0:93.184.216.34:80\r\n"


def test_the_eighth_question_in_silence_is_for_the_list_which_tells_who_has_gone():
    """The indication of the end was lost, and a count of bytes does not tell the end."""
    ends = "< " + OTHER % 1 + OURS % 0 + "AT-S.OK\r\n"
    sock = opened(*SILENT * 7, LIST, ends, *SILENT)
    sock.settimeout(60)
    assert sock.recv(100) == b""
    assert sock.script.done


def test_while_the_list_names_it_a_socket_waits_on():
    stays = "< " + OTHER % 0 + OURS % 1 + "AT-S.OK\r\n"
    comes = ("> AT+S.SOCKQ=0\r", "< AT-S.Query:5\r\nAT-S.OK\r\n", "> AT+S.SOCKR=0,5\r")
    sock = opened(*SILENT * 7, LIST, stays, *SILENT * 7, LIST, stays, *comes, reading(b"hello"))
    sock.settimeout(60)
    assert sock.recv(100) == b"hello"
    assert sock.script.done


def test_an_answer_without_a_number_is_asked_for_again_once():
    sock = opened(
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:\r\nAT-S.OK\r\n",
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:5\r\nAT-S.OK\r\n",
        "> AT+S.SOCKR=0,5\r",
        reading(b"hello"),
    )
    assert sock.recv(100) == b"hello"
    assert sock.script.done


def test_two_answers_without_a_number_are_a_loss():
    damaged = "> AT+S.SOCKQ=0\r", "< AT-S.Query:\r\nAT-S.OK\r\n"
    sock = opened(*damaged, *damaged)
    with pytest.raises(OSError):
        sock.recv(100)
    assert sock.pool.radio.channel.lost()


@pytest.mark.parametrize(
    ("code", "chunk"), [(7, 730), (42, 730), (72, 1460), (76, 1460), (78, 1460)]
)
def test_a_large_chunk_is_kept_while_it_works(code, chunk):
    """An error of a closed socket does not show that large chunks fail."""
    sock = opened(
        "< +WIND:55:Pending Data::0:50:50\r\n",
        "> AT+S.SOCKR=0,50\r",
        "< AT-S.ERROR:%d:no\r\n" % code,
    )
    sock.pool.chunk = 1460
    sock.settimeout(0.3)
    with pytest.raises(OSError):
        sock.recv(100)
    assert sock.pool.chunk == chunk


def test_a_stale_count_is_put_right_by_asking():
    sock = opened(
        "< +WIND:55:Pending Data::0:50:50\r\n",
        "> AT+S.SOCKR=0,50\r",
        "< AT-S.ERROR:7:Invalid argument(s)\r\n",
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:5\r\nAT-S.OK\r\n",
        "> AT+S.SOCKR=0,5\r",
        reading(b"hello"),
    )
    assert sock.recv(100) == b"hello"


def test_an_empty_read_means_waiting_on():
    sock = opened(
        "< +WIND:55:Pending Data::0:50:50\r\n",
        "> AT+S.SOCKR=0,50\r",
        reading(b""),
        "~ 100",
        "< +WIND:55:Pending Data::0:2:2\r\n",
        "> AT+S.SOCKR=0,2\r",
        reading(b"ok"),
    )
    assert sock.recv(100) == b"ok"


def test_an_indication_for_a_server_socket_is_not_ours():
    sock = opened("< +WIND:55:Pending Data:0:0:9:9\r\n")
    sock.setblocking(False)
    with pytest.raises(OSError) as caught:
        sock.recv(9)
    assert caught.value.errno == errno.EAGAIN


def test_the_end_of_the_stream_is_believed_after_one_question():
    sock = opened(
        "< +WIND:58:Socket Closed:0:0\r\n",
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:3\r\nAT-S.OK\r\n",
        "> AT+S.SOCKR=0,3\r",
        reading(b"end"),
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:0\r\nAT-S.OK\r\n",
    )
    assert sock.recv(100) == b"end"
    assert sock.recv(100) == b""
    assert sock.script.done


@pytest.mark.parametrize("seconds, times", [(15, 1), (5, 3)])
def test_a_lost_reply_to_a_read_ends_the_socket(seconds, times):
    """A shorter time-out ends the call; the read goes on until the module's time is up."""
    sock = opened(
        "< +WIND:55:Pending Data::0:50:50\r\n",
        "> AT+S.SOCKR=0,50\r",
        "< AT-S.Reading:50:50\r\nbytes were lost",
    )
    sock.settimeout(seconds)
    for _ in range(times):
        with pytest.raises(OSError) as caught:
            sock.recv(50)
        assert caught.value.errno == errno.ETIMEDOUT
    with pytest.raises(OSError) as caught:
        sock.recv(50)
    assert caught.value.errno == errno.ECONNRESET


@pytest.mark.parametrize("seconds, times", [(15, 1), (5, 3)])
def test_a_write_that_times_out_is_not_sent_again(seconds, times):
    """A shorter time-out ends the call; the write goes on until the module's time is up."""
    sock = opened("> AT+S.SOCKW=0,5\rhello", "~ 1000000")
    sock.settimeout(seconds)
    for _ in range(times):
        with pytest.raises(OSError) as caught:
            sock.send(b"hello")
        assert caught.value.errno == errno.ETIMEDOUT
    with pytest.raises(OSError) as caught:
        sock.send(b"hello")
    assert caught.value.errno == errno.ECONNRESET
    assert sock.script.sent == b""


def test_write_splits_at_the_chunk():
    data = bytes(range(250)) * 4
    sock = opened(
        b"> AT+S.SOCKW=0,730\r" + data[:730],
        "< AT-S.OK\r\n",
        b"> AT+S.SOCKW=0,270\r" + data[730:],
        "< AT-S.OK\r\n",
    )
    assert sock.send(data) == 1000
    assert sock.script.done


def test_close_that_never_succeeds_is_bounded():
    """While a peer goes on sending, the module answers 77. [k.4]"""
    drain = (
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:730\r\nAT-S.OK\r\n",
        "> AT+S.SOCKR=0,730\r",
        reading(b"x" * 730),
    )
    close = ("> AT+S.SOCKC=0\r", "< AT-S.ERROR:77:Pending data\r\n")
    tried = (*close, *drain * 64, *close)
    sock = opened(*tried, "> AT+S.SOCKC=0\r", "< AT-S.OK\r\n", *OPEN)
    sock.close()
    again = sock.pool.socket()
    again.connect(("example.org", 80))  # the driver reclaims the id first
    assert sock.script.done


def test_connect_gives_up_at_its_time_out_and_the_late_socket_is_closed():
    script = Script(
        BOOTED,
        *FOUND,
        "> AT+S.SOCKON=example.org,80,NULL,t\r",
        "~ 20000",
        "< AT-S.On:93.184.216.34:0\r\nAT-S.OK\r\n",
        "> AT+S.SOCKC=0\r",
        "< AT-S.OK\r\n",
        *OPEN,
    )
    radio = SPWF04(script, clock=script.clock)
    sock = SocketPool(radio).socket()
    sock.settimeout(3)
    with pytest.raises(OSError) as caught:
        sock.connect(("example.org", 80))
    assert caught.value.errno == errno.ETIMEDOUT
    assert 3000 <= script.clock.ms < 3100
    radio.channel.wait(lambda: not radio.channel.busy(), 30000)
    sock.connect(("example.org", 80))
    assert script.done


def test_a_late_socket_that_the_module_cannot_have_is_not_closed():
    script = Script(
        BOOTED,
        *FOUND,
        "> AT+S.SOCKON=example.org,80,NULL,t\r",
        "~ 20000",
        "< AT-S.On:93.184.216.34:8\r\nAT-S.OK\r\n",
        *OPEN,
    )
    radio = SPWF04(script, clock=script.clock)
    sock = SocketPool(radio).socket()
    sock.settimeout(3)
    with pytest.raises(OSError):
        sock.connect(("example.org", 80))
    radio.channel.wait(lambda: not radio.channel.busy(), 30000)
    sock.connect(("example.org", 80))
    assert script.done


def test_a_connect_that_was_begun_without_waiting_is_gone_on_with_by_one_that_waits():
    script = Script(BOOTED, *FOUND, OPEN[0], "~ 500", OPEN[1])
    radio = SPWF04(script, clock=script.clock)
    sock = SocketPool(radio).socket()
    sock.timeout_ms = 0
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            sock.connect(("example.org", 80))
        assert caught.value.errno == errno.EINPROGRESS
    assert not sock.is_open()
    sock.timeout_ms = 5000
    sock.connect(("example.org", 80))
    assert sock.is_open()
    assert script.done


def test_both_lines_of_a_refusal_are_read():
    script = Script(
        BOOTED,
        *FOUND,
        "> AT+S.SOCKON=example.org,80,NULL,t\r",
        "< AT-S.ERROR:74:Failed to open socket\r\n",
        *OPEN,
    )
    sock = SocketPool(SPWF04(script, clock=script.clock)).socket()
    with pytest.raises(OSError) as caught:
        sock.connect(("example.org", 80))
    assert caught.value.errno == errno.ECONNREFUSED
    sock.connect(("example.org", 80))
    assert script.done


def test_info_lines_before_the_socket_number_are_passed_over():
    script = Script(
        BOOTED,
        *FOUND,
        "> AT+S.TIME\r",
        "< AT-S.Date:26.11.23:1\r\nAT-S.Time:17.51.00\r\nAT-S.OK\r\n",
        # an earlier run may have left something
        "> AT+S.FSL\r",
        "< AT-S.Free:262144\r\nAT-S.OK\r\n",
        "> AT+S.FSP=1:/spwf04.trust,0,528\r",
        "< AT-S.ERROR:51:Unable to open file\r\n",
        "> AT+S.SOCKON=example.org,443,NULL,example.org\r",
        "< AT-S.Skip CA\r\nAT-S.Skip CA\r\nAT-S.Loading:1:2\r\n"
        "AT-S.On:2001:db8:0:0:0:0:0:1:3\r\nAT-S.OK:20000:10\r\n",
        "> AT+S.SOCKW=3,1\rx",
        "< AT-S.OK\r\n",
    )
    from spwf04 import SSLContext

    radio = SPWF04(script, clock=script.clock)
    sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="example.org")
    sock.connect(("example.org", 443))
    sock.send(b"x")
    assert script.done


def test_sockets_of_an_earlier_run_are_closed_first():
    script = Script(
        *FOUND,
        "> AT+S.SOCKL\r",
        "< AT-S.List::2:1:t:0:1.2.3.4:80\r\nAT-S.List::5\r\nAT-S.OK\r\n",
        "> AT+S.SOCKC=2\r",
        "< AT-S.OK\r\n",
        "> AT+S.SOCKC=5\r",
        "< AT-S.ERROR:76:Illegal Socket ID\r\n",
        *OPEN,
    )
    SocketPool(SPWF04(script, clock=script.clock)).socket().connect(("example.org", 80))
    assert script.done


def test_a_long_memoryview_is_copied_once_and_goes_out_in_chunks():
    data = bytes(range(256)) * 6
    sock = opened(
        b"> AT+S.SOCKW=0,730\r" + data[:730],
        "< AT-S.OK\r\n",
        b"> AT+S.SOCKW=0,730\r" + data[730:1460],
        "< AT-S.OK\r\n",
        b"> AT+S.SOCKW=0,76\r" + data[1460:],
        "< AT-S.OK\r\n",
    )
    payloads = []
    prepare = sock.stream.writer.prepare

    def prepared(command, payload, *more):
        payloads.append(payload)
        return prepare(command, payload, *more)

    sock.stream.writer.prepare = prepared
    assert sock.send(memoryview(data)) == len(data)
    assert isinstance(payloads[0], bytes)
    assert all(p is payloads[0] for p in payloads)


# sockets that nobody holds -------------------------------------------------------------------
@pytest.fixture
def stage():
    """A joined module, with its eight sockets and two servers."""
    made = Stage()
    made.radio.connect("home", "correct horse")
    made.clock.end = made.clock.now() + 500
    yield made
    gc.enable()


def opened_on(stage, host="echo.example", port=7, seconds=5):
    sock = stage.pool.socket()
    sock.settimeout(5)
    sock.connect((host, port))
    sock.settimeout(seconds)
    return sock


def nothing_open(stage):
    """Use the radio, and check that the module has no socket open."""
    gc.collect()

    def none():
        stage.radio.channel.poll()
        servers = [s for s in stage.module.socket_table.servers if s is not None]
        return not servers and stage.module.sockets == [None] * 8

    return stage.radio.channel.wait(none, 5000)


def test_a_socket_that_nobody_holds_gives_its_number_back(stage):
    for n in range(20):
        sock = opened_on(stage)
        sock.send(b"word %d" % n)
        assert sock.read(len(b"word %d" % n)) == b"word %d" % n
        del sock
        gc.collect()
    assert nothing_open(stage)


def test_one_that_is_part_of_a_cycle_gives_its_number_back_when_it_is_collected(stage):
    gc.disable()
    for _ in range(20):
        sock = opened_on(stage)
        keeper = {"sock": sock}
        keeper["self"] = keeper
        del sock, keeper
        gc.collect()
    assert nothing_open(stage)


def test_one_that_was_left_by_an_exception_gives_its_number_back(stage):
    def forgets(timeout):
        sock = opened_on(stage, "sink.example", 9)
        sock.settimeout(timeout)
        sock.send(b"question")
        return sock.recv(1)

    for n in range(20):
        with pytest.raises(OSError) as caught:
            forgets((0.05, 0)[n % 2])
        assert caught.value.errno in (errno.ETIMEDOUT, errno.EAGAIN)
        del caught
        gc.collect()
    assert nothing_open(stage)


def test_one_that_was_connecting_gives_its_number_back(stage):
    stage.module.timing.tcp = 300
    for n in range(20):
        sock = stage.pool.socket()
        sock.setblocking(False)
        with pytest.raises(OSError) as caught:
            sock.connect(("echo.example", 7))
        assert caught.value.errno == errno.EINPROGRESS, n
        sock.ioctl(3, 4)
        stage.radio.channel.wait(stage.radio.channel.poll, 40)
        del sock, caught
        gc.collect()
    stage.module.timing.tcp = 1
    opened_on(stage).close()
    assert nothing_open(stage)


def test_a_servers_client_that_nobody_holds_gives_its_place_back(stage):
    server = stage.pool.socket()
    server.bind(("0.0.0.0", 8080))
    server.listen(1)
    server.settimeout(5)
    for n in range(20):
        guest = Peer()
        stage.module.visit(8080, guest)  # it stays
        guest.send(b"guest %d" % n)
        client, _ = server.accept()
        client.settimeout(5)
        assert client.read(len(b"guest %d" % n)) == b"guest %d" % n
        del client
        gc.collect()
    server.close()
    assert nothing_open(stage)


def test_a_listening_socket_that_nobody_holds_gives_its_server_back(stage):
    for _ in range(6):
        server = stage.pool.socket()
        server.bind(("0.0.0.0", 8080))
        server.listen(1)
        del server
        gc.collect()
    assert nothing_open(stage)


def test_one_that_a_layer_or_a_wrapped_socket_holds_is_held(stage):
    sock = opened_on(stage)
    view = memoryview(bytearray(4))
    bound = sock.recv_into
    sock.send(b"held")
    del sock
    gc.collect()
    assert bound(view) == 4
    assert bytes(view) == b"held"
    del bound
    assert nothing_open(stage)


def test_what_was_taken_is_sent_though_nobody_holds_the_socket(stage):
    sock = opened_on(stage, "sink.example", 9, 0)
    data = bytes(pattern(600))
    assert sock.write(data) == 600
    del sock
    assert nothing_open(stage)
    assert bytes(stage.world_servers()[-1].data) == data


def test_one_that_is_dropped_with_bytes_unread_gives_its_number_back(stage):
    for _ in range(20):
        sock = opened_on(stage, "sends.example", 19)
        assert sock.recv(10) == bytes(pattern(10))
        del sock
        gc.collect()
    assert nothing_open(stage)


def test_a_collection_in_the_middle_of_a_command_disturbs_nothing(stage):
    """A socket may be collected at any moment, even in the middle of another socket's payload."""
    gc.disable()
    sock = opened_on(stage)
    receive = stage.module.receive

    def collecting(data):
        if len(data) > 1:
            receive(data[:1])
            gc.collect()
            data = data[1:]
        receive(data)

    stage.module.receive = collecting
    for n in range(12):
        lost = opened_on(stage)
        cycle = [lost]
        cycle.append(cycle)
        del lost, cycle
        data = bytes(pattern(100 + n))
        sock.send(data)
        assert sock.read(100 + n) == data
    sock.close()
    assert nothing_open(stage)


# files that outlive their socket -------------------------------------------------------------
def test_a_file_keeps_the_connection_after_close_until_it_is_closed(stage):
    sock = opened_on(stage, "sends.example", 19)
    file = sock.makefile("rb")
    assert file.read(10) == bytes(pattern(10))
    sock.close()
    assert file.read(290) == bytes(pattern(300)[10:])
    assert stage.module.sockets != [None] * 8
    file.close()
    with pytest.raises(OSError) as caught:
        sock.recv(1)
    assert caught.value.errno == errno.EBADF
    assert nothing_open(stage)


def test_a_file_keeps_a_socket_that_nobody_holds(stage):
    file = opened_on(stage, "sends.example", 19).makefile("rb")
    gc.collect()
    assert file.read(300) == bytes(pattern(300))
    del file
    assert nothing_open(stage)


def test_a_file_gives_a_line_as_soon_as_it_is_there(stage):
    sock = opened_on(stage)
    with sock.makefile("rb") as file:  # the file's buffer has room for 1024 bytes
        sock.send(b"a line\nand half a")
        assert file.readline() == b"a line\n"
        sock.send(b"nother\n")
        assert file.readline() == b"and half another\n"
        sock.setblocking(False)
        assert file.read1(10) in (None, b"")
    sock.close()
    assert nothing_open(stage)


def test_closing_a_file_leaves_the_socket_open(stage):
    sock = opened_on(stage)
    with sock.makefile("rwb", 0) as file:
        file.write(b"hello")
        assert file.read(5) == b"hello"
    sock.send(b"again")
    assert sock.read(5) == b"again"
    sock.close()
    assert nothing_open(stage)


def test_the_last_of_several_files_ends_the_connection(stage):
    sock = opened_on(stage)
    reader, writer = sock.makefile("rb"), sock.makefile("wb")
    sock.close()
    sock.close()
    writer.write(b"after close()")
    writer.flush()
    assert reader.read(13) == b"after close()"
    writer.write(b"the last")
    writer.close()
    assert reader.read(8) == b"the last"
    reader.close()
    assert nothing_open(stage)


def test_a_with_block_that_made_a_file(stage):
    with opened_on(stage, "ends.example", 20) as sock, sock.makefile("rb") as file:
        assert file.read() == bytes(pattern(100))
    assert nothing_open(stage)


def test_a_buffer_below_minus_1_is_refused(stage):
    with opened_on(stage) as sock:
        with pytest.raises(ValueError, match="buffering"):
            sock.makefile("rb", -2)
        sock.makefile("rb", -1).close()


def test_a_file_whose_time_is_over_goes_on(stage):
    sock = opened_on(stage, seconds=0.05)
    file = sock.makefile("rb", 0)
    with pytest.raises(OSError) as caught:
        file.read(5)
    assert caught.value.errno == errno.ETIMEDOUT
    sock.settimeout(5)
    sock.send(b"hello")
    assert file.read(5) == b"hello"
    sock.close()
    file.close()
    assert nothing_open(stage)


@pytest.mark.parametrize("method", ["read", "readline"])
def test_a_read_of_a_file_without_buffer_that_times_out_loses_nothing(stage, method):
    sock = opened_on(stage, seconds=0.05)
    file = sock.makefile("rb", 0)
    sock.send(b"hell")
    with pytest.raises(TimeoutError):
        getattr(file, method)()
    sock.settimeout(5)
    sock.send(b"o\n")
    assert file.readline() == b"hello\n"


@pytest.mark.parametrize("mode", ["rb", "rwb", "r", "rw"])
@pytest.mark.parametrize(("method", "args"), [("read", (10,)), ("readline", ()), ("read", ())])
def test_a_file_that_has_dropped_bytes_gives_no_later_ones(stage, mode, method, args):
    """io drops what it has read when a read raises. CPython's own sockets do so too."""
    sock = opened_on(stage, seconds=0.5)
    file = sock.makefile(mode)
    sock.send(b"hello")
    file.read(1)
    with pytest.raises(TimeoutError):
        getattr(file, method)(*args)
    sock.send(b" and more")
    for _ in range(2):
        with pytest.raises(OSError, match="a read of this file timed out") as caught:
            file.read(5)
        assert not isinstance(caught.value, TimeoutError)  # a program may go on after one


@pytest.mark.parametrize("mode", ["wb", "rwb", "w"])
def test_a_file_whose_write_timed_out_sends_nothing_twice(stage, mode):
    sock = opened_on(stage)
    stage.module.timing = Timing()  # not as fast as in other tests
    file = sock.makefile(mode)
    file.write(b"hello" * 100 if "b" in mode else "hello" * 100)
    sock.settimeout(0.001)
    with pytest.raises(TimeoutError):
        file.flush()
    sock.settimeout(2)
    for method in (file.flush, file.close):
        with pytest.raises(OSError, match="a write of this file timed out"):
            method()
    assert file.closed
    assert sock.read(500) == b"hello" * 100
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.close()
    assert nothing_open(stage)


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize(
    ("mode", "buffering"), [("rb", -1), ("rb", 0), ("wb", -1), ("rwb", -1), ("r", -1), ("rw", -1)]
)
def test_a_file_that_is_collected_in_the_middle_of_a_reply_disturbs_nothing(
    stage, monkeypatch, held, mode, buffering
):
    gc.disable()
    sock = opened_on(stage)
    for n in range(1, 8):
        other = opened_on(stage)
        cycle = [other.makefile(mode, buffering)]
        cycle.append(cycle)
        other.close()
        if not held:
            del other
        del cycle
        parser = stage.radio.channel.parser
        events = iter(range(n, -100, -1))

        def collecting(event=parser.next_event, events=events):
            found = event()
            if next(events) == 1:
                gc.collect()
            return found

        with monkeypatch.context() as patch:
            patch.setattr(parser, "next_event", collecting)
            sock.sendall(b"hello")
            assert sock.read(5) == b"hello"
    assert stage.radio.channel.resyncs == 0
    sock.close()
    assert nothing_open(stage)


class _Web(Peer):
    """An HTTP server that announces that it closes, and closes."""

    def __init__(self):
        super().__init__()
        self._asked = b""

    def on_data(self, data):
        self._asked += data
        if self._asked.endswith(b"\r\n\r\n"):
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3000\r\n\r\n"
            self.send(head + pattern(3000))
            self.close()


def test_http_client_reads_the_body_after_it_has_closed_the_socket(stage):
    stage.world.route("web.example", 80, _Web)
    for _ in range(10):
        connection = http.client.HTTPConnection("web.example")
        connection.sock = opened_on(stage, "web.example", 80)
        connection.request("GET", "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, bytes(pattern(3000)))
        connection.close()
    del connection, answer
    assert nothing_open(stage)


# a peer that never stops sending -------------------------------------------------------------
def test_a_number_that_cannot_be_closed_is_kept_from_others_and_comes_back(stage):
    floods = []

    def flood():
        floods.append(FloodPeer())
        return floods[-1]

    stage.world.route("flood.example", 20, flood)
    sock = opened_on(stage, "flood.example", 20)
    stage.module.faults.add("pending_for_ever")
    before = stage.clock.now()
    sock.close()
    assert stage.clock.now() - before < 30
    taken = [n for n, s in enumerate(stage.module.sockets) if s is not None]
    assert len(taken) == 1
    others = [opened_on(stage) for _ in range(7)]
    with pytest.raises(OSError) as caught:
        opened_on(stage)
    assert caught.value.errno == errno.ENOMEM
    for n, other in enumerate(others):
        other.send(b"other %d" % n)
        assert other.read(7) == b"other %d" % n
    stage.module.faults.clear()
    floods[0].close()
    stage.clock.advance(1)
    others.append(opened_on(stage))
    for other in others:
        other.close()
    assert nothing_open(stage)
