"""One engine: sockets do the same by calls that wait, by polling, and by both in turn.

A call that waits, a call with time-out 0 and a poll take the same code path. A program may change
from one to the other at any moment, and no byte that was sent or received is lost by it.
"""

import sys

from spwf04.errors import errno

from .stepwise import started

IN, OUT, ERR, HUP = 1, 4, 8, 16
EPIPE = getattr(errno, "EPIPE", 32)
EBADF = getattr(errno, "EBADF", 9)
GONE = (errno.ECONNRESET, EPIPE)  # errors of a connection that is gone
MICROPYTHON = sys.implementation.name == "micropython"


def connect(bench, host="echo.example", port=7, timeout=5):
    """A socket that is connected."""
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect((host, port))
    sock.settimeout(timeout)
    return sock


def played(bench, timeout=5):
    """(a socket, the number of its peer); the peer does what the scenario says."""
    n = bench.sim("puppet_next")
    return connect(bench, "peer.example", timeout=timeout), n


def number(function, *args):
    """The errno of the OSError that a call raises, or its result if it raises none."""
    try:
        return function(*args)
    except OSError as e:
        return e.errno


def says(bench, n, data):
    """The peer sends data; return once the module has it."""
    bench.sim("peer_says", n, data)
    bench.sim("pass_time", 5)


def leaves(bench, n):
    bench.sim("peer_leaves", n)
    bench.rest(50)


def put(bench, sock, data):
    """Send all of it with time-out 0."""
    at = 0
    for _ in range(5000):
        n = sock.write(memoryview(data)[at:])
        at += n or 0
        if at == len(data):
            return
        bench.rest(1)
    raise AssertionError("%d of %d bytes were taken" % (at, len(data)))


def take(bench, sock, n):
    """Receive n bytes, or up to the end. The socket keeps its time-out."""
    data = b""
    for _ in range(5000):
        try:
            part = sock.recv(n - len(data))
        except OSError as e:
            if e.errno not in (errno.EAGAIN, errno.ETIMEDOUT):
                raise
            bench.rest(1)
            continue
        data += part
        if not part or len(data) == n:
            return data
    raise AssertionError("%d of %d bytes came" % (len(data), n))


def ready(bench, sock, events):
    assert bench.until(lambda: sock.ioctl(3, events) & events == events)


def all_closed(bench):
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def pieces(bench, k, n=50):
    """n bytes that differ for each k."""
    return bytes(bench.pattern(n + k)[k:])


def waits(sock):
    sock.setblocking(True)


def has_a_limit(sock):
    sock.settimeout(5)


def by_turns(sock):
    for value in (True, False, True, False, True):
        sock.setblocking(value)


CHANGES = (waits, has_a_limit, by_turns)


def listening(bench, port=8080, timeout=5, backlog=1):
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.bind(("0.0.0.0", port))
    sock.listen(backlog)
    sock.settimeout(timeout)
    return sock


CALLS = (
    lambda sock: sock.send(b"x"),
    lambda sock: sock.recv(1),
    lambda sock: sock.recv_into(bytearray(1)),
    lambda sock: sock.sendall(b"x"),
)


def got_all(bench, n, data):
    """The peer gets data and nothing else, while the program goes on polling the radio."""
    bench.until(lambda: bench.poll() or len(bench.sim("peer_got", n)) >= len(data))
    got = bench.sim("peer_got", n)
    assert got == data, (len(got), len(data))


# mode changes lose nothing ---------------------------------------------------------------------
def test_a_socket_that_may_wait_again_at_any_moment_loses_no_byte_of_an_answer(bench):
    sock = connect(bench)
    bench.sim("line_speed", 19200)
    for k in range(0, 150, 6):
        data = pieces(bench, k)
        sock.setblocking(False)
        put(bench, sock, data)
        for _ in range(k):
            sock.ioctl(3, IN)
            bench.rest(1)
        CHANGES[k // 6 % 3](sock)
        assert sock.read(50) == data, k
    sock.close()


def test_a_socket_that_may_wait_no_more_at_any_moment_loses_no_byte_of_an_answer(bench):
    sock = connect(bench)
    bench.sim("line_speed", 19200)
    for k in range(0, 150, 6):
        data = pieces(bench, k)
        sock.settimeout(5)
        sock.send(data)
        first = b""
        if k:
            sock.settimeout(k / 1000)
            first = number(sock.recv, 20)
            if not isinstance(first, bytes):
                assert first == errno.ETIMEDOUT
                first = b""
        sock.setblocking(False)
        assert first + take(bench, sock, 50 - len(first)) == data, k
    sock.close()


def test_a_change_while_an_answer_is_read_in_parts_loses_none(bench):
    sock = connect(bench)
    for k in range(0, 60, 4):
        data = pieces(bench, k, 300)
        sock.setblocking(False)
        put(bench, sock, data)
        got = b""
        for turn in range(k):
            sock.setblocking(turn % 3 == 0)
            if turn % 3 and len(got) < 290:
                got += sock.read(2) or b""
            bench.rest(1)
        sock.settimeout(5)
        assert got + sock.read(300 - len(got)) == data, k
    sock.close()


def test_a_change_at_any_moment_does_not_lose_the_end_of_the_stream(bench):
    for k in range(0, 40, 3):
        sock, n = played(bench)
        sock.setblocking(False)
        bench.sim("peer_says", n, b"last words")
        bench.sim("peer_leaves", n)
        for _ in range(k):
            sock.ioctl(3, IN)
            bench.rest(1)
        CHANGES[k // 3 % 3](sock)
        assert sock.read(10) == b"last words", k
        for _ in range(3):
            assert sock.read(1) == b"", k
            by_turns(sock)
        sock.close()
    all_closed(bench)


def test_a_change_at_any_moment_does_not_lose_a_write(bench):
    sock, n = played(bench)
    bench.sim("line_speed", 19200)
    sent = b""
    for k in range(0, 100, 7):
        data = pieces(bench, k, 60)
        sock.setblocking(False)
        put(bench, sock, data)
        for _ in range(k):
            sock.ioctl(3, OUT)
            bench.rest(1)
        CHANGES[k // 7 % 3](sock)
        sock.send(b"and this")
        sent += data + b"and this"
    assert bench.until(lambda: bench.poll() or len(bench.sim("peer_got", n)) == len(sent))
    assert bench.sim("peer_got", n) == sent
    sock.close()


def test_a_connect_that_has_begun_goes_on_when_the_socket_may_wait_at_any_moment(bench):
    bench.join()
    bench.sim("slow_connections", 20)
    for k in range(0, 40, 3):
        sock = started(bench)
        for _ in range(k):
            sock.ioctl(3, OUT)
            bench.rest(1)
        CHANGES[k // 3 % 3](sock)
        sock.write(b"hello")
        assert sock.read(5) == b"hello", k
        sock.close()
    all_closed(bench)


def test_a_connect_that_has_begun_and_reads_first(bench):
    bench.join()
    for change in CHANGES:
        sock = started(bench, "talker.example", 19)
        change(sock)
        assert sock.read(2000) == bench.pattern(2000)
        sock.close()


def test_a_connect_that_began_while_another_was_being_closed(bench):
    for change in CHANGES:
        other = connect(bench)
        other.setblocking(False)
        other.close()
        sock = started(bench)
        change(sock)
        sock.write(b"hello")
        assert sock.read(5) == b"hello"
        sock.close()
    all_closed(bench)


def test_a_connect_that_began_while_another_was_connecting(bench):
    bench.join()
    bench.sim("slow_connections", 30)
    for change in CHANGES:
        other = started(bench)
        sock = started(bench)
        change(sock)
        sock.write(b"hello")
        assert sock.read(5) == b"hello"
        sock.close()
        other.settimeout(5)
        other.write(b"other")
        assert other.read(5) == b"other"
        other.close()
    all_closed(bench)


def test_a_connect_that_has_begun_may_be_called_again_when_the_socket_waits(bench):
    sock = started(bench)
    sock.settimeout(5)
    result = number(sock.connect, ("echo.example", 7))
    # as native sockets do: it goes on, or it is connected already
    assert result in (None, getattr(errno, "EISCONN", 106)), result
    sock.write(b"hello")
    assert sock.read(5) == b"hello"
    sock.close()


def test_a_connect_that_has_begun_and_is_refused_says_so_when_the_socket_waits(bench):
    for change in CHANGES:
        sock = started(bench, "closed.example", 80)
        change(sock)
        error = bench.raises(OSError, sock.write, b"x")
        assert error.errno in (errno.ECONNREFUSED, errno.EHOSTUNREACH), error
        sock.close()


def check_message(sock):
    """Read one byte without waiting, as umqtt's check_msg() begins."""
    sock.setblocking(False)
    first = sock.read(1)
    sock.setblocking(True)
    return first


def at_first(bench, sock):
    """What the first call returns. Where the module does not announce every message, the first
    of several calls that returns something: the driver has to ask for it."""
    for _ in range(6 if bench.sim("quirk", "wind55_missing") else 1):
        first = check_message(sock)
        if first is not None:
            return first
        bench.sleep(500)
    return None


def test_check_msg_sees_each_message_at_its_first_call(bench):
    sock, n = played(bench, None)
    for k in range(6):
        message = b"0\x06\x00\x01t%03d" % k
        bench.sim("peer_says", n, message)
        bench.sleep(500)
        assert at_first(bench, sock) == b"0", k
        assert sock.read(1) == b"\x06"
        assert sock.read(6) == message[2:]
    assert check_message(sock) is None
    sock.close()


def test_check_msg_sees_a_message_though_the_radio_was_polled_meanwhile(bench):
    sock, n = played(bench, None)
    other = connect(bench)
    for k in range(6):
        message = b"0\x06\x00\x01t%03d" % k
        bench.sim("peer_says", n, message)
        other.send(b"x")
        assert other.recv(1) == b"x"
        bench.rest(500)
        assert at_first(bench, sock) == b"0", k
        assert sock.read(7) == message[1:]
    assert check_message(sock) is None
    other.close()
    sock.close()


def test_check_msg_sees_two_messages_that_came_together(bench):
    sock, n = played(bench, None)
    bench.sim("peer_says", n, b"0\x06\x00\x01t0010\x06\x00\x01t002")
    bench.sleep(500)
    for k in (1, 2):
        assert at_first(bench, sock) == b"0", k
        assert sock.read(7) == b"\x06\x00\x01t%03d" % k
    assert check_message(sock) is None
    sock.close()


def test_check_msg_after_a_publish_and_its_answer(bench):
    sock = connect(bench, timeout=None)
    for k in range(5):
        sock.write(b"m%03d" % k)
        bench.sleep(500)
        assert at_first(bench, sock) == b"m", k
        assert sock.read(3) == b"%03d" % k
    sock.close()


def test_check_msg_sees_the_end_of_the_stream_within_three_calls(bench):
    for before in (b"", b"bye"):
        sock, n = played(bench, None)
        if before:
            bench.sim("peer_says", n, before)
            bench.sleep(300)
            assert sock.read(3) == before
        assert check_message(sock) is None
        bench.sim("peer_leaves", n)
        seen = []
        while b"" not in seen and len(seen) < 3:
            bench.sleep(250)
            seen.append(check_message(sock))
        assert seen[-1] == b"", seen
        assert check_message(sock) == b""
        sock.close()


# a receive that timed out ----------------------------------------------------------------------
def test_a_receive_that_timed_out_in_the_middle_of_an_answer_loses_nothing(bench):
    sock = connect(bench)
    bench.sim("line_speed", 9600)
    for ms in range(1, 120, 7):
        data = pieces(bench, ms, 60)
        sock.settimeout(5)
        sock.send(data)
        sock.settimeout(ms / 1000)
        got = take(bench, sock, 60)
        assert got == data, ms
    sock.close()


def test_a_receive_into_a_buffer_that_timed_out_gets_its_bytes_in_the_next(bench):
    sock = connect(bench)
    bench.sim("line_speed", 9600)
    buffer = bytearray(400)
    for ms in range(1, 400, 33):
        data = pieces(bench, ms, 400)
        sock.settimeout(5)
        sock.send(data)
        sock.settimeout(ms / 1000)
        got = b""
        for _ in range(2000):
            for i in range(400):
                buffer[i] = 0xEE  # a driver that keeps the buffer after its return writes here
            try:
                got += bytes(buffer[: sock.recv_into(buffer)])
            except OSError as e:
                assert e.errno == errno.ETIMEDOUT, e
            if len(got) == 400:
                break
        assert got == data, ms
    sock.close()


def test_reads_that_time_out_between_bytes_lose_none(bench):
    for method, argument in (("recv", 40), ("read", 7), ("readline", -1)):
        sock = connect(bench, "drip.example", 21)
        sock.settimeout(0.13)
        got = b""
        for _ in range(100):
            part = number(getattr(sock, method), argument)
            if part == errno.ETIMEDOUT:
                continue
            if part == b"":
                break
            got += part
        assert got == bench.pattern(40), (method, len(got))
        sock.close()
