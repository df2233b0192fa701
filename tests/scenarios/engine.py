"""One engine: what sockets do whoever drives them, by waiting, by polling, or by turns.

A call that waits, one with time-out 0, a poll, and a change from one to the other at any moment
are one code path, and nothing of what was sent or received is lost between them.
"""

import gc
import sys

from spwf04.errors import errno

IN, OUT, ERR, HUP = 1, 4, 8, 16
EPIPE = getattr(errno, "EPIPE", 32)
EBADF = getattr(errno, "EBADF", 9)
GONE = (errno.ECONNRESET, EPIPE)  # what a call says of a connection that is no more
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
    """(a socket, the number of its peer, which does what the scenario says)"""
    n = bench.sim("puppet_next")
    return connect(bench, "peer.example", timeout=timeout), n


def begun(bench, host="echo.example", port=7):
    """A socket whose connect() has begun."""
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.setblocking(False)
    error = bench.raises(OSError, sock.connect, (host, port))
    assert error.errno == errno.EINPROGRESS, error
    return sock


def number(function, *args):
    """errno of the OSError that a call raises; its result, if it raises none."""
    try:
        return function(*args)
    except OSError as e:
        return e.errno


def says(bench, n, data):
    """The peer says this, and it has reached the module."""
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
    """Receive n bytes with whatever time-out it has, or up to the end."""
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
    """n bytes, others for each k."""
    return bytes(bench.pattern(n + k)[k:])


def waits(sock):
    sock.setblocking(True)


def has_a_limit(sock):
    sock.settimeout(5)


def by_turns(sock):
    for value in (True, False, True, False, True):
        sock.setblocking(value)


CHANGES = (waits, has_a_limit, by_turns)


# mode changes lose nothing -----------------------------------------------------------------------
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
        sock = begun(bench)
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
        sock = begun(bench, "talker.example", 19)
        change(sock)
        assert sock.read(2000) == bench.pattern(2000)
        sock.close()


def test_a_connect_that_began_while_another_was_being_closed(bench):
    for change in CHANGES:
        other = connect(bench)
        other.setblocking(False)
        other.close()
        sock = begun(bench)
        change(sock)
        sock.write(b"hello")
        assert sock.read(5) == b"hello"
        sock.close()
    all_closed(bench)


def test_a_connect_that_began_while_another_was_connecting(bench):
    bench.join()
    bench.sim("slow_connections", 30)
    for change in CHANGES:
        other = begun(bench)
        sock = begun(bench)
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
    sock = begun(bench)
    sock.settimeout(5)
    result = number(sock.connect, ("echo.example", 7))
    # as native sockets: it goes on, or is there already
    assert result in (None, getattr(errno, "EISCONN", 106)), result
    sock.write(b"hello")
    assert sock.read(5) == b"hello"
    sock.close()


def test_a_connect_that_has_begun_and_is_refused_says_so_when_the_socket_waits(bench):
    for change in CHANGES:
        sock = begun(bench, "closed.example", 80)
        change(sock)
        error = bench.raises(OSError, sock.write, b"x")
        assert error.errno in (errno.ECONNREFUSED, errno.EHOSTUNREACH), error
        sock.close()


def check_message(sock):
    """As umqtt's check_msg() begins."""
    sock.setblocking(False)
    first = sock.read(1)
    sock.setblocking(True)
    return first


def test_check_msg_sees_each_message_at_its_first_call(bench):
    sock, n = played(bench, None)
    for k in range(6):
        message = b"0\x06\x00\x01t%03d" % k
        bench.sim("peer_says", n, message)
        bench.sleep(500)
        assert check_message(sock) == b"0", k
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
        assert check_message(sock) == b"0", k
        assert sock.read(7) == message[1:]
    assert check_message(sock) is None
    other.close()
    sock.close()


def test_check_msg_sees_two_messages_that_came_together(bench):
    sock, n = played(bench, None)
    bench.sim("peer_says", n, b"0\x06\x00\x01t0010\x06\x00\x01t002")
    bench.sleep(500)
    for k in (1, 2):
        assert check_message(sock) == b"0", k
        assert sock.read(7) == b"\x06\x00\x01t%03d" % k
    assert check_message(sock) is None
    sock.close()


def test_check_msg_after_a_publish_and_its_answer(bench):
    sock = connect(bench, timeout=None)
    for k in range(5):
        sock.write(b"m%03d" % k)
        bench.sleep(500)
        assert check_message(sock) == b"m", k
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


# a receive that timed out ------------------------------------------------------------------------
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
                buffer[i] = 0xEE  # who keeps it after return would write into this
            try:
                got += bytes(buffer[: sock.recv_into(buffer)])
            except OSError as e:
                assert e.errno == errno.ETIMEDOUT, e
                assert bytes(buffer) == b"\xee" * 400, "written to, and not told"
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


# writes that do not wait -------------------------------------------------------------------------
def got_all(bench, n, data):
    """The peer gets this and nothing else, as long as anything uses the radio."""
    bench.until(lambda: bench.poll() or len(bench.sim("peer_got", n)) >= len(data))
    got = bench.sim("peer_got", n)
    assert got == data, (len(got), len(data))


def test_a_write_is_taken_whole_on_an_idle_line(bench):
    for size in (1, 255, 256, 257, 729, 730, 731, 999, 1000):
        sock, n = played(bench, 0)
        data = pieces(bench, 0, size)
        assert sock.write(data) == size
        got_all(bench, n, data)
        sock.close()


def test_writes_follow_each_other_in_order(bench):
    sock, n = played(bench, 0)
    sent = b""
    for k in range(40):
        data = pieces(bench, k, 1 + k * 37 % 400)
        put(bench, sock, data)
        sent += data
    got_all(bench, n, sent)
    sock.close()


def test_a_write_is_taken_whole_while_another_socket_connects(bench):
    sock, n = played(bench, 0)
    bench.sim("hold_connections")
    other = begun(bench)
    data = pieces(bench, 3, 1000)
    result, ms = bench.spent(sock.write, data)
    assert (result, ms) == (1000, 0)
    assert bench.sim("peer_got", n) == b""
    bench.sim("let_connections")
    got_all(bench, n, data)
    ready(bench, other, OUT)
    other.close()
    sock.close()
    all_closed(bench)


def test_a_write_is_taken_whole_while_another_socket_is_being_closed(bench):
    sock, n = played(bench, 0)
    other = connect(bench, timeout=0)
    other.close()
    data = pieces(bench, 5, 1000)
    assert sock.write(data) == 1000
    got_all(bench, n, data)
    sock.close()


def test_a_write_is_taken_whole_while_its_own_answer_is_read(bench):
    sock = connect(bench, timeout=0)
    bench.sim("line_speed", 19200)
    put(bench, sock, b"first")
    for k in range(12):
        data = pieces(bench, k, 100)
        for _ in range(k):
            sock.ioctl(3, IN)
            bench.rest(1)
        assert sock.write(data) == 100, k
        if k == 0:
            assert take(bench, sock, 5) == b"first"
        assert take(bench, sock, 100) == data, k
    sock.close()


def test_what_was_taken_is_not_taken_twice_and_the_rest_is_told(bench):
    sock, n = played(bench, 0)
    bench.sim("hold_connections")
    other = begun(bench)
    sent = b""
    for k in range(40):  # until it can hold no more
        data = pieces(bench, k, 300)
        taken = sock.write(data)
        if taken is None:
            break
        assert 0 < taken <= 300
        sent += data[:taken]
    else:
        raise AssertionError("12000 bytes were taken while nothing could be sent")
    assert len(sent) >= 1000
    assert bench.raises(OSError, sock.send, b"more").errno == errno.EAGAIN
    assert sock.ioctl(3, OUT) & OUT == 0
    bench.sim("let_connections")
    got_all(bench, n, sent)
    ready(bench, sock, OUT)
    assert sock.write(b"more") == 4
    got_all(bench, n, sent + b"more")
    other.close()
    sock.close()


def test_a_buffer_may_be_changed_after_the_write(bench):
    sock, n = played(bench, 0)
    bench.sim("hold_connections")
    other = begun(bench)
    data = bytearray(b"as it was")
    assert sock.write(data) == 9
    data[:] = b"something"
    bench.sim("let_connections")
    got_all(bench, n, b"as it was")
    other.close()
    sock.close()


def polls(bench, other):
    bench.radio.channel.poll()


def receives(bench, other):
    other.settimeout(0.05)
    assert number(other.recv, 1) == errno.ETIMEDOUT


def asks(bench, other):
    bench.radio.get("nv_model")


USES = (polls, receives, asks)


def test_what_was_taken_is_sent_though_close_follows_at_once(bench):
    for use in USES:
        other = connect(bench, "silent.example", 9)
        sock, n = played(bench, 0)
        data = pieces(bench, 7, 1000)
        assert sock.write(data) == 1000
        sock.close()
        for _ in range(2000):
            use(bench, other)
            bench.sim("pass_time", 1)
            if not bench.sim("peer_alive", n):
                break
        assert bench.sim("peer_got", n) == data, use.__name__
        assert not bench.sim("peer_alive", n), use.__name__
        other.close()
    all_closed(bench)


def test_what_was_taken_while_the_line_was_busy_is_sent_after_close(bench):
    sock, n = played(bench, 0)
    bench.sim("hold_connections")
    other = begun(bench)
    data = pieces(bench, 9, 700)
    assert sock.write(data) == 700
    assert sock.write(b"the last") == 8
    sock.close()
    bench.sim("let_connections")
    other.settimeout(5)
    other.write(b"hello")
    assert other.read(5) == b"hello"
    got_all(bench, n, data + b"the last")
    assert bench.until(lambda: bench.poll() or not bench.sim("peer_alive", n))
    other.close()
    all_closed(bench)


def test_publish_without_waiting_close_and_use_another_socket(bench):
    for k in range(5):
        sock, n = played(bench)
        sock.write(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
        says(bench, n, b"\x20\x02\x00\x00")
        assert sock.read(4) == b"\x20\x02\x00\x00"
        sock.setblocking(False)
        message = b"\x30\xc8\x02\x00\x01t" + pieces(bench, k, 325)
        assert sock.write(message) == len(message)
        assert sock.write(b"\xe0\x00") == 2
        sock.close()
        other = connect(bench)
        other.send(b"x")
        assert other.recv(1) == b"x"
        other.close()
        got = bench.sim("peer_got", n)
        assert got[14:] == message + b"\xe0\x00", (k, len(got))
    all_closed(bench)


def test_a_close_that_does_not_wait_with_bytes_taken_and_bytes_unread(bench):
    sock, n = played(bench, 0)
    says(bench, n, b"nobody reads this")
    assert sock.write(b"goodbye") == 7
    sock.close()
    got_all(bench, n, b"goodbye")
    all_closed(bench)


# poll() tells the truth --------------------------------------------------------------------------
def test_a_socket_that_polls_readable_gives_something_without_waiting(bench):
    bench.sim("line_speed", 19200)
    sock, n = played(bench, 0)
    got = b""
    for k in range(12):
        bench.sim("peer_says", n, pieces(bench, k, 30))
        for _ in range(30):
            if sock.ioctl(3, IN) & IN:
                part, ms = bench.spent(sock.recv, 11)
                assert isinstance(part, bytes) and part, part
                assert ms == 0
                got += part
            bench.rest(3)
    assert got == b"".join([pieces(bench, k, 30) for k in range(12)])
    bench.sim("peer_leaves", n)
    ready(bench, sock, IN)
    assert bench.spent(sock.recv, 1) == (b"", 0)
    sock.close()


def test_a_socket_that_waits_polls_readable_only_if_a_read_gives_something(bench):
    sock, n = played(bench, 0.001)
    got = b""
    for k in range(12):
        bench.sim("peer_says", n, pieces(bench, k, 30))
        for _ in range(10):
            if sock.ioctl(3, IN) & IN:
                got += sock.recv(11)
            bench.rest(5)
    assert got == b"".join([pieces(bench, k, 30) for k in range(12)])
    sock.close()


def test_a_socket_that_polls_writable_takes_a_byte(bench):
    sock, n = played(bench, 0)
    bench.sim("line_speed", 19200)
    sent = b""
    full = 0
    for k in range(150):
        if sock.ioctl(3, OUT) & OUT:
            data = pieces(bench, k, 1 + k * 61 % 500)
            taken, ms = bench.spent(sock.write, data)
            assert taken and ms == 0, (k, taken, ms)
            sent += data[:taken]
        else:
            full += 1
            bench.rest(7)
    assert full
    got_all(bench, n, sent)
    sock.close()


def test_a_new_connection_polls_writable_and_not_readable(bench):
    for timeout in (0, 5, None):
        sock = connect(bench, "silent.example", 9, timeout)
        assert sock.ioctl(3, IN | OUT) == OUT
        assert sock.ioctl(3, IN) == 0
        sock.close()


def test_a_connection_with_nothing_to_read_is_no_busy_loop(bench):
    for timeout in (0, 5):
        sock = connect(bench, timeout=5)
        sock.send(b"hello")
        assert sock.recv(5) == b"hello"
        sock.settimeout(timeout)
        before = bench.sim("commands")
        for _ in range(100):
            assert sock.ioctl(3, IN) == 0
            bench.rest(50)
        # it asks now and then, because an indication may have been lost
        assert bench.sim("commands") - before <= 14
        sock.close()


def test_select_does_not_return_for_a_connection_with_nothing_to_read(bench):
    if sys.implementation.name == "cpython":
        return  # its select wants file descriptors
    import select

    sock, n = played(bench, 0)
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    for _ in range(30):
        assert poller.poll(0) == []
        bench.rest(50)
    bench.sim("peer_says", n, b"now")
    assert bench.until(lambda: poller.poll(0))
    assert sock.read(3) == b"now"
    for _ in range(30):
        assert poller.poll(0) == []
        bench.rest(50)
    poller.modify(sock, select.POLLOUT)
    assert [event for _, event in poller.poll(0)] == [select.POLLOUT]
    sock.close()


def test_a_deferred_connection_polls_as_one_that_is_open(bench):
    """connect() to port 443 may wait for wrap_socket(): who polls does not see it."""
    from spwf04.compat.socket import SocketModule

    bench.join()
    bench.sim("echo_on_443")
    for timeout in (5, None):
        sock = SocketModule(bench.radio).socket()
        sock.settimeout(timeout)
        sock.connect(("echo.example", 443))
        assert bench.until(lambda sock=sock: sock.ioctl(3, IN | OUT) == OUT)
        assert sock.ioctl(3, IN) == 0
        assert sock.send(b"x") == 1
        ready(bench, sock, IN)
        assert sock.recv(1) == b"x"
        sock.close()
    all_closed(bench)


def test_nothing_is_asked_of_the_module_for_a_poll_of_writing_alone(bench):
    sock = connect(bench, timeout=0)
    before = bench.sim("commands")
    for _ in range(20):
        assert sock.ioctl(3, OUT) == OUT
        bench.rest(100)
    assert bench.sim("commands") == before
    sock.close()


# what was taken and cannot be sent ---------------------------------------------------------------
def taken_while_busy(bench):
    """(socket, its peer, another socket that keeps the line busy); 100 bytes were taken."""
    sock, n = played(bench, 0)
    bench.sim("hold_connections")
    other = begun(bench)
    assert sock.write(pieces(bench, 0, 100)) == 100
    return sock, n, other


CALLS = (
    lambda sock: sock.send(b"x"),
    lambda sock: sock.recv(1),
    lambda sock: sock.recv_into(bytearray(1)),
    lambda sock: sock.sendall(b"x"),
)


def test_what_was_taken_and_whose_peer_is_gone_is_told_by_the_next_call(bench):
    for call in CALLS:
        for timeout in (0, 5):
            sock, n, other = taken_while_busy(bench)
            bench.sim("peer_resets", n)
            bench.rest(20)
            bench.sim("let_connections")
            ready(bench, other, OUT)
            bench.rest(300)
            sock.settimeout(timeout)
            error = bench.raises(OSError, call, sock)
            assert error.errno in GONE, error
            sock.close()
            other.close()
            all_closed(bench)


def test_what_was_taken_before_a_restart_is_told_by_the_next_call(bench):
    for call in CALLS:
        sock, _, other = taken_while_busy(bench)
        bench.sim("restart", "watchdog")
        bench.sim("let_connections")
        bench.rest(2000)
        error = bench.raises(OSError, call, sock)
        assert error.errno in GONE, error
        sock.close()
        other.close()
        bench.join()


def test_a_poll_tells_of_what_was_taken_and_cannot_be_sent(bench):
    sock, n, other = taken_while_busy(bench)
    bench.sim("peer_resets", n)
    bench.rest(20)
    bench.sim("let_connections")
    ready(bench, other, OUT)
    assert bench.until(lambda: sock.ioctl(3, OUT) & (ERR | HUP))
    assert number(sock.send, b"x") in GONE
    sock.close()
    other.close()


# the end of the stream ---------------------------------------------------------------------------
def read_nothing(bench, sock):
    """What each way of reading says, three times."""
    seen = []
    for _ in range(3):
        seen.append(number(sock.recv, 5))
        seen.append(number(sock.read, 5))
        seen.append(number(sock.read))
        seen.append(number(sock.readline))
        seen.append(number(sock.readinto, bytearray(5)))
    return seen


NOTHING = [b"", b"", b"", b"", 0] * 3


def ended(bench, timeout, said=b"hello"):
    """A socket whose peer has said something and left; it was read."""
    sock, n = played(bench)
    if said:
        bench.sim("peer_says", n, said)
    bench.sim("peer_leaves", n)
    bench.rest(50)
    assert sock.read(len(said)) == said
    sock.settimeout(timeout)
    return sock


def test_the_end_of_the_stream_is_told_again_and_again(bench):
    for timeout in (5, None):
        for said in (b"hello", b""):
            sock = ended(bench, timeout, said)
            assert read_nothing(bench, sock) == NOTHING
            assert sock.ioctl(3, IN) & IN
            sock.close()


def test_the_end_of_the_stream_is_told_again_and_again_with_time_out_0(bench):
    for said in (b"hello", b""):
        sock = ended(bench, 0, said)
        ready(bench, sock, IN)
        assert read_nothing(bench, sock) == NOTHING
        assert sock.ioctl(3, IN) & IN
        sock.close()


def test_the_end_of_the_stream_comes_after_a_line_without_its_end(bench):
    sock, n = played(bench)
    bench.sim("peer_says", n, b"one\ntwo")
    bench.sim("peer_leaves", n)
    assert [sock.readline() for _ in range(4)] == [b"one\n", b"two", b"", b""]
    sock.close()


def test_recv_into_at_the_end_of_the_stream(bench):
    buffer = bytearray(5)
    for timeout in (5, None, 0):
        sock = ended(bench, timeout)
        ready(bench, sock, IN)
        seen = [number(sock.recv_into, buffer) for _ in range(4)]
        then = 0
        if not MICROPYTHON:
            then = errno.ENOTCONN if timeout == 0 else errno.ECONNRESET
        assert seen == [0, then, then, then], (timeout, seen)
        assert sock.recv(5) == b""  # the others are as before
        sock.close()


def test_recv_into_of_a_servers_client_at_the_end_of_the_stream(bench):
    server = listening(bench)
    buffer = bytearray(5)
    for timeout in (5, None, 0):
        n = bench.sim("guest_comes", 8080, b"hello")
        client, _ = server.accept()
        client.settimeout(5)
        assert client.read(5) == b"hello"
        leaves(bench, n)
        client.settimeout(timeout)
        ready(bench, client, IN)
        seen = [number(client.recv_into, buffer) for _ in range(4)]
        then = 0
        if not MICROPYTHON:
            then = errno.ENOTCONN if timeout == 0 else errno.ECONNRESET
        assert seen == [0, then, then, then], (timeout, seen)
        assert read_nothing(bench, client) == NOTHING
        client.close()
    server.close()


def test_sockets_of_an_installed_module_read_nothing_again_and_again(bench):
    from spwf04.compat.socket import SocketModule

    bench.join()
    for timeout in (5, None, 0):
        n = bench.sim("puppet_next")
        sock = SocketModule(bench.radio).socket()
        sock.settimeout(5)
        sock.connect(("peer.example", 7))
        bench.sim("peer_says", n, b"hello")
        bench.sim("peer_leaves", n)
        assert sock.read(5) == b"hello"
        sock.settimeout(timeout)
        ready(bench, sock, IN)
        assert [number(sock.recv_into, bytearray(5)) for _ in range(4)] == [0] * 4
        assert read_nothing(bench, sock) == NOTHING
        sock.close()


def test_a_peer_that_resets_is_the_end_or_a_reset(bench):
    for timeout in (5, 0):
        sock, n = played(bench, timeout)
        bench.sim("peer_resets", n)
        ready(bench, sock, IN)
        for _ in range(3):
            assert number(sock.recv, 5) in (b"", errno.ECONNRESET)
        sock.close()


def test_a_write_to_a_peer_that_is_gone_is_a_reset_or_a_broken_pipe(bench):
    for how in ("peer_leaves", "peer_resets"):
        for timeout in (5, None, 0):
            sock, n = played(bench, timeout)
            bench.sim(how, n)
            bench.rest(50)
            for method in ("send", "sendall", "write", "send"):
                error = bench.raises(OSError, getattr(sock, method), b"AT+S.FCFG\r")
                assert error.errno in GONE, (how, timeout, error)
            sock.close()
    assert not [c for c in bench.sim("log") if "FCFG" in c]


def test_a_write_to_a_peer_that_is_gone_unheard_is_told(bench):
    """WIND 58 was lost: the module refuses the write."""
    sock, n = played(bench)
    bench.sim("fault", "wind58_missing", "<", 0)
    bench.sim("peer_leaves", n)
    bench.rest(50)
    assert number(sock.send, b"x" * 20) in GONE
    bench.sim("mend")
    sock.close()


def test_after_a_restart_each_call_says_reset(bench):
    for timeout in (5, None, 0):
        sock = connect(bench, timeout=timeout)
        bench.sim("restart", "watchdog")
        bench.rest(2000)
        for call in CALLS:
            error = bench.raises(OSError, call, sock)
            assert error.errno == errno.ECONNRESET, (timeout, error)
        for method in ("read", "readinto", "readline"):
            arguments = (bytearray(1),) if method == "readinto" else ()
            error = bench.raises(OSError, getattr(sock, method), *arguments)
            assert error.errno == errno.ECONNRESET, (timeout, method, error)
        assert sock.ioctl(3, IN) & (ERR | HUP)
        sock.close()
        bench.join()


def test_after_a_restart_a_server_and_its_clients_say_reset(bench):
    server = listening(bench)
    bench.sim("guest_comes", 8080, b"hello")
    client, _ = server.accept()
    bench.sim("restart", "watchdog")
    bench.rest(2000)
    assert bench.raises(OSError, server.accept).errno == errno.ECONNRESET
    assert bench.raises(OSError, client.recv, 1).errno == errno.ECONNRESET
    assert bench.raises(OSError, client.send, b"x").errno == errno.ECONNRESET
    client.close()
    server.close()


def test_a_network_that_is_lost_is_neither_an_end_nor_never_connected(bench):
    sock = connect(bench, "silent.example", 9)
    bench.sim("drop_link")
    assert bench.until(lambda: bench.poll() or not bench.radio.isconnected())
    for method in ("recv", "read", "recv"):
        error = bench.raises(OSError, getattr(sock, method), 5)
        assert error.errno == errno.ECONNRESET, error
    sock.close()


def test_what_was_never_connected_is_not_connected(bench):
    bench.join()
    for timeout in (5, None, 0):
        sock = bench.pool.socket()
        sock.settimeout(timeout)
        for call in CALLS:
            assert bench.raises(OSError, call, sock).errno == errno.ENOTCONN
        assert number(sock.read, 1) == errno.ENOTCONN
        assert number(sock.readline) == errno.ENOTCONN
        assert number(sock.write, b"x") == errno.ENOTCONN
        sock.close()


def test_a_listening_socket_is_not_connected(bench):
    server = listening(bench)
    for call in CALLS:
        assert bench.raises(OSError, call, server).errno == errno.ENOTCONN
    server.close()


ON_CLOSED = (
    ("recv", (1,)),
    ("recv_into", (bytearray(1),)),
    ("read", (1,)),
    ("read", ()),
    ("readinto", (bytearray(1),)),
    ("readline", ()),
    ("send", (b"x",)),
    ("sendall", (b"x",)),
    ("write", (b"x",)),
    ("connect", (("echo.example", 7),)),
    ("bind", (("0.0.0.0", 8080),)),
    ("listen", (1,)),
    ("accept", ()),
    ("setsockopt", (6, 1, 1)),
)


def closed_each_way(bench):
    """Sockets that were closed: new, connected, with time-out 0, ended, listening, a client."""
    new = bench.pool.socket()
    listens = listening(bench)
    bench.sim("guest_comes", 8080, b"")
    client, _ = listens.accept()
    made = [new, connect(bench), connect(bench, timeout=0), ended(bench, 5), client, listens]
    for sock in made:
        sock.close()
    return made


def test_a_closed_socket_is_a_bad_descriptor(bench):
    bench.join()
    for k, sock in enumerate(closed_each_way(bench)):
        for name, arguments in ON_CLOSED:
            error = bench.raises(OSError, getattr(sock, name), *arguments)
            assert error.errno == EBADF, (k, name, error)
        sock.close()
        sock.close()
    all_closed(bench)


def test_a_closed_socket_sends_nothing(bench):
    bench.join()
    made = closed_each_way(bench)
    all_closed(bench)
    bench.rest(1000)
    before = bench.sim("bytes_in")
    for sock in made:
        for name, arguments in ON_CLOSED:
            bench.raises(OSError, getattr(sock, name), *arguments)
        assert sock.ioctl(3, IN | OUT)
        sock.close()
    assert bench.sim("bytes_in") == before


# numbers given back ------------------------------------------------------------------------------
def test_when_a_number_is_wanted_those_whose_peer_has_closed_give_theirs_up(bench):
    made = [played(bench) for _ in range(8)]
    for _, n in made[2:5]:
        bench.sim("peer_leaves", n)
    bench.rest(50)
    more = [connect(bench) for _ in range(3)]
    for k, sock in enumerate(more):
        sock.send(b"new %d" % k)
    for sock, _ in made[2:5]:  # never another's bytes
        for _ in range(3):
            assert sock.recv(10) == b""
        assert number(sock.send, b"not yours") in GONE
        sock.close()
        sock.close()
    for k, sock in enumerate(more):
        assert sock.read(5) == b"new %d" % k
        sock.send(b"on")
        assert sock.read(2) == b"on"
    for sock, n in made[:2] + made[5:]:
        sock.send(b"still here")
        assert bench.sim("peer_got", n) == b"still here"
    for sock in more + [sock for sock, _ in made]:
        sock.close()
    all_closed(bench)


def test_a_socket_that_gave_its_number_up_polls_as_ended(bench):
    made = [played(bench, 0) for _ in range(8)]
    bench.sim("peer_leaves", made[0][1])
    bench.rest(50)
    new = connect(bench)
    new.send(b"for the new one")
    old = made[0][0]
    assert bench.until(lambda: old.ioctl(3, IN) & IN)
    assert old.read(20) == b""
    assert new.read(15) == b"for the new one"
    old.close()
    new.send(b"x")
    assert new.read(1) == b"x"
    new.close()
    for sock, _ in made:
        sock.close()
    all_closed(bench)


def test_a_socket_with_bytes_unread_keeps_its_number(bench):
    made = [played(bench) for _ in range(8)]
    for k, (_, n) in enumerate(made):
        bench.sim("peer_says", n, b"unread %d" % k)
        bench.sim("peer_leaves", n)
    bench.rest(100)
    assert bench.raises(OSError, connect, bench).errno == errno.ENOMEM
    for k, (sock, _) in enumerate(made):
        assert sock.read() == b"unread %d" % k
    new = connect(bench)  # now there is a number
    new.send(b"x")
    assert new.recv(1) == b"x"
    new.close()
    for sock, _ in made:
        sock.close()
    all_closed(bench)


def test_twenty_connections_that_the_server_closes_and_nobody_closes_here(bench):
    kept = []
    for k in range(20):
        sock, n = played(bench)
        kept.append(sock)
        sock.send(b"request %d" % k)
        says(bench, n, b"answer %d" % k)
        bench.sim("peer_leaves", n)
        assert sock.read() == b"answer %d" % k
    for sock in kept:
        assert sock.recv(5) == b""
        sock.close()
    all_closed(bench)


def test_eight_living_peers_are_no_memory_and_the_text_says_so(bench):
    made = [connect(bench) for _ in range(8)]
    error = bench.raises(OSError, connect, bench)
    assert error.errno == errno.ENOMEM
    assert "eight" in str(error) and "close" in str(error), error
    sock = bench.pool.socket()
    sock.setblocking(False)
    error = bench.raises(OSError, sock.connect, ("echo.example", 7))
    assert error.errno == errno.ENOMEM, error
    for k, sock in enumerate(made):
        sock.send(b"socket %d" % k)
        assert sock.read(8) == b"socket %d" % k
        sock.close()
    all_closed(bench)


def test_a_failed_connect_takes_no_number(bench):
    bench.join()
    for _ in range(12):
        sock = bench.pool.socket()
        sock.settimeout(5)
        bench.raises(OSError, sock.connect, ("closed.example", 80))
    bench.sim("hold_connections")
    for _ in range(2):
        sock = bench.pool.socket()
        sock.settimeout(0.1)
        assert bench.raises(OSError, sock.connect, ("echo.example", 7)).errno == errno.ETIMEDOUT
    bench.sim("let_connections")
    made = [connect(bench) for _ in range(8)]
    for sock in made:
        sock.close()
    all_closed(bench)


def test_a_connect_that_began_and_was_closed_leaves_nothing_open(bench):
    bench.join()
    bench.sim("slow_connections", 300)
    for _ in range(14):
        sock = begun(bench)
        bench.rest(100)
        sock.close()
    bench.sim("slow_connections", 1)
    made = [connect(bench) for _ in range(8)]
    for sock in made:
        sock.close()
    all_closed(bench)


def test_connects_that_began_and_that_nobody_holds_leave_nothing_open(bench):
    """As asyncio.wait_for(open_connection(…), t) leaves them: it has no way to close one."""
    bench.join()
    bench.sim("slow_connections", 800)
    for _ in range(14):
        sock = bench.pool.socket()
        sock.setblocking(False)
        # EINPROGRESS; never that all numbers are taken
        assert bench.raises(OSError, sock.connect, ("echo.example", 7)).errno == errno.EINPROGRESS
        bench.until(lambda sock=sock: sock.ioctl(3, OUT) or bench.rest(300) or True)
        sock = None
        gc.collect()
    bench.sim("slow_connections", 1)
    bench.rest(3000)
    made = [connect(bench) for _ in range(8)]
    for k, sock in enumerate(made):
        sock.send(b"socket %d" % k)
        assert sock.read(8) == b"socket %d" % k
        sock.close()
    all_closed(bench)


# servers -----------------------------------------------------------------------------------------
def listening(bench, port=8080, timeout=5, backlog=1):
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.bind(("0.0.0.0", port))
    sock.listen(backlog)
    sock.settimeout(timeout)
    return sock


def serve(server, count):
    """Serve so many, one after the other, as a simple program does."""
    for _ in range(count):
        client, _ = server.accept()
        client.settimeout(5)
        client.write(b"you: " + client.readline())
        client.close()


def answered(bench, guests):
    """All of these have got their answer, and were left."""
    bench.rest(50)
    for k, n in enumerate(guests):
        assert bench.sim("peer_got", n) == b"you: hello %d\n" % k, k
        assert not bench.sim("peer_alive", n)


def test_as_many_clients_as_come_at_once_are_served(bench):
    for backlog in (1, 2):
        server = listening(bench, backlog=backlog)
        for count in (2, 3, 6, 8):
            guests = [bench.sim("guest_comes", 8080, b"hello %d\n" % k) for k in range(count)]
            serve(server, count)
            answered(bench, guests)
        server.close()
        assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_clients_that_come_while_one_is_served_wait(bench):
    server = listening(bench)
    first = bench.sim("guest_comes", 8080, b"hello 0\n")
    client, _ = server.accept()
    client.settimeout(5)
    assert client.readline() == b"hello 0\n"
    guests = [bench.sim("guest_comes", 8080, b"hello %d\n" % k) for k in (1, 2, 3, 4, 5, 6)]
    bench.rest(3000)
    for n in guests:
        assert bench.sim("peer_alive", n), "it was sent away"
    client.write(b"you: hello 0\n")
    client.close()
    serve(server, 6)
    answered(bench, [first] + guests)
    server.close()


def test_more_clients_than_places_do_not_harm_those_that_wait(bench):
    """The module has eight places, and turns away who comes then."""
    server = listening(bench)
    guests = [bench.sim("guest_comes", 8080, b"hello %d\n" % k) for k in range(12)]
    bench.rest(300)
    serve(server, 8)
    answered(bench, guests[:8])
    late = bench.sim("guest_comes", 8080, b"hello 0\n")
    serve(server, 1)
    answered(bench, [late])
    server.close()


def test_a_polled_server_with_more_clients_than_its_backlog(bench):
    server = listening(bench, timeout=0)
    guests = [bench.sim("guest_comes", 8080, b"hello %d\n" % k) for k in range(6)]
    clients = []
    for _ in range(6):
        ready(bench, server, IN)
        client, _ = server.accept()
        client.setblocking(False)
        clients.append(client)
    assert server.ioctl(3, IN) == 0
    for client in clients:
        ready(bench, client, IN)
        assert client.write(b"you: " + client.readline()) == 13
        client.close()
    assert bench.until(
        lambda: bench.poll() or not [n for n in guests if bench.sim("peer_alive", n)]
    )
    answered(bench, guests)
    server.close()


def test_what_a_client_is_told_last_arrives_though_close_follows(bench):
    server = listening(bench, timeout=0)
    for k in range(4):
        n = bench.sim("guest_comes", 8080, b"GET /\r\n")
        ready(bench, server, IN)
        client, _ = server.accept()
        client.setblocking(False)
        ready(bench, client, IN)
        client.read(20)
        page = pieces(bench, k, 1000)
        assert client.write(page) == 1000
        client.close()
        assert bench.until(lambda n=n: bench.poll() or not bench.sim("peer_alive", n))
        assert bench.sim("peer_got", n) == page, k
    server.close()


def visits(bench, k, server):
    """A client of one of the kinds that connect and leave; True if it is to be served."""
    kind = k % 5
    n = bench.sim("guest_comes", 8080, (b"", b"half a requ", b"hello\n", b"hello\n", b"")[kind])
    if kind == 0:
        bench.sim("peer_leaves", n)
    elif kind == 1:
        bench.rest(20)
        bench.sim("peer_leaves", n)
    elif kind == 3:
        bench.rest(20)
        bench.sim("peer_resets", n)
    elif kind == 4:
        bench.sim("peer_resets", n)
    return n, kind


def test_ten_clients_that_connect_and_leave_do_not_end_a_server_that_waits(bench):
    server = listening(bench, timeout=1)
    for k in range(10):
        n, kind = visits(bench, k, server)
        try:
            client, _ = server.accept()
        except OSError as e:
            assert e.errno == errno.ETIMEDOUT, (k, e)
            assert kind != 2
            continue
        client.settimeout(1)
        try:
            client.write(b"you: " + client.readline())
        except OSError as e:
            assert e.errno in GONE, (k, e)
            assert kind != 2
        if kind == 2:
            assert bench.sim("peer_got", n) == b"you: hello\n"
        client.close()
    good = bench.sim("guest_comes", 8080, b"hello 0\n")
    serve(server, 1)
    answered(bench, [good])
    server.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_ten_clients_that_connect_and_leave_do_not_end_a_server_that_polls(bench):
    server = listening(bench, timeout=0)
    clients = []
    served = 0
    for k in range(200):
        if k % 20 == 0:
            visits(bench, k // 20, server)
        if server.ioctl(3, IN) & IN:
            try:
                client, _ = server.accept()
            except OSError as e:
                assert e.errno == errno.EAGAIN, (k, e)
            else:
                client.setblocking(False)
                clients.append(client)
        for client in list(clients):
            if client.ioctl(3, IN) & (IN | ERR | HUP):
                line = number(client.readline)
                if isinstance(line, bytes) and line.endswith(b"\n"):
                    served += number(client.write, b"you: " + line) == 5 + len(line)
                elif line not in (b"", None, b"half a requ"):
                    assert line in GONE, (k, line)
                if line not in (None, b"half a requ"):
                    client.close()
                    clients.remove(client)
        bench.rest(20)
    assert served >= 2
    good = bench.sim("guest_comes", 8080, b"hello 0\n")
    server.settimeout(5)
    serve(server, 1)
    answered(bench, [good])
    for client in clients:
        client.close()
    server.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_clients_that_are_kept_and_not_closed_do_not_end_a_server(bench):
    server = listening(bench)
    kept = []
    for k in range(20):
        n = bench.sim("guest_comes", 8080, b"hello %d\n" % k)
        client, _ = server.accept()
        client.settimeout(5)
        kept.append(client)
        client.write(b"you: " + client.readline())
        leaves(bench, n)
        assert bench.sim("peer_got", n) == b"you: hello %d\n" % k
    for client in kept:
        assert client.recv(5) == b""
        client.close()
    good = bench.sim("guest_comes", 8080, b"hello 0\n")
    serve(server, 1)
    answered(bench, [good])
    server.close()


# faces -------------------------------------------------------------------------------------------
def test_readinto_fills_its_buffer(bench):
    sock = connect(bench, "drip.example", 21)
    pattern = bench.pattern(40)
    buffer = bytearray(20)
    assert sock.readinto(buffer) == 20
    assert buffer == pattern[:20]
    assert sock.readinto(buffer, 10) == 10
    assert buffer == pattern[20:30] + pattern[10:20]
    assert sock.readinto(buffer) == 10  # and the end
    assert buffer[:10] == pattern[30:]
    assert sock.readinto(buffer) == 0
    sock.close()


def test_readinto_of_more_than_a_command_carries_fills_its_buffer(bench):
    sock = connect(bench, "talker.example", 19)
    buffer = bytearray(1900)
    assert sock.readinto(buffer) == 1900
    assert buffer == bench.pattern(1900)
    assert sock.readinto(buffer, 5000) == 100
    sock.close()


def test_readinto_with_time_out_0_gives_what_is_there(bench):
    sock, n = played(bench, 0)
    buffer = bytearray(20)
    assert sock.readinto(buffer) is None
    assert sock.readinto(buffer, 5) is None
    says(bench, n, b"some")
    ready(bench, sock, IN)
    assert sock.readinto(buffer) == 4
    assert buffer[:4] == b"some"
    assert sock.readinto(buffer) is None
    sock.close()


def test_readinto_of_no_bytes(bench):
    sock = connect(bench, "silent.example", 9)
    assert sock.readinto(bytearray(5), 0) == 0
    assert sock.readinto(bytearray(0)) == 0
    sock.close()


def test_readline_with_a_limit(bench):
    sock, n = played(bench)
    bench.sim("peer_says", n, b"abcdef\nghi\njk\n")
    assert sock.readline(3) == b"abc"
    assert sock.readline(10) == b"def\n"
    assert sock.readline(4) == b"ghi\n"
    assert sock.readline(-1) == b"jk\n"
    assert sock.readline(0) == b""
    sock.close()


def test_readline_with_time_out_0_gives_what_is_there(bench):
    sock, n = played(bench, 0)
    assert sock.readline() is None
    says(bench, n, b"half ")
    ready(bench, sock, IN)
    got = sock.readline()
    says(bench, n, b"a line\n")
    ready(bench, sock, IN)
    assert (got or b"") + sock.readline() == b"half a line\n"
    sock.close()


def test_a_write_of_a_part_as_streams_take_it(bench):
    sock, n = played(bench)
    assert sock.write(b"abcdef", 3) == 3
    assert sock.write(b"abcdef", 2, 3) == 3
    assert sock.write(bytearray(b"abcdef"), 4, 100) == 2
    assert sock.write(memoryview(b"abcdef"), 0, 1) == 1
    assert sock.write(b"abcdef", 100) == 6
    assert sock.write(b"abcdef", 0) == 0
    got_all(bench, n, b"abc" + b"cde" + b"ef" + b"a" + b"abcdef")
    sock.close()


def test_a_write_of_a_part_that_does_not_wait(bench):
    sock, n = played(bench, 0)
    assert sock.write(b"abcdef", 3) == 3
    assert sock.write(b"abcdef", 2, 3) == 3
    got_all(bench, n, b"abccde")
    sock.close()


def test_recv_with_flags(bench):
    sock = connect(bench)
    sock.send(b"hello")
    assert sock.recv(2, 0) == b"he"
    for flags in (2, 0x40, 1 << 20):  # to look and not take, not to wait; MicroPython: EOPNOTSUPP
        bench.raises((OSError, ValueError), sock.recv, 2, flags)
    bench.raises(TypeError, sock.recv, 2, "0")
    assert sock.recv(3, 0) == b"llo"
    sock.close()


def test_what_kind_of_socket_it_is(bench):
    bench.join()
    pool = bench.pool
    sock = pool.socket()
    assert (sock.family, sock.type) == (pool.AF_INET, pool.SOCK_STREAM)
    assert sock.proto in (0, pool.IPPROTO_TCP)
    datagrams = pool.socket(pool.AF_INET, pool.SOCK_DGRAM)
    assert (datagrams.family, datagrams.type) == (pool.AF_INET, pool.SOCK_DGRAM)
    datagrams.close()
    sock.close()
    server = listening(bench)
    bench.sim("guest_comes", 8080, b"")
    client, _ = server.accept()
    assert (client.family, client.type) == (pool.AF_INET, pool.SOCK_STREAM)
    client.close()
    server.close()


def test_getsockname(bench):
    server = listening(bench)
    address = server.getsockname()
    assert address[0] in ("0.0.0.0", bench.radio.ipv4_address)
    assert address[1] == 8080
    server.close()
    sock = connect(bench)
    address = sock.getsockname()
    assert address[0] == bench.radio.ipv4_address
    assert isinstance(address[1], int)
    sock.close()
    assert bench.raises(OSError, sock.getsockname).errno == EBADF


def test_a_handler_for_readable_sockets_is_refused(bench):
    """As webrepl and others set it, with SOL_SOCKET as MicroPython's or as the pool's: without a
    word it would never be called."""
    bench.join()
    for level in (1, bench.pool.SOL_SOCKET):
        sock = bench.pool.socket()
        error = bench.raises(OSError, sock.setsockopt, level, 20, lambda s: None)
        assert error.errno
        sock.close()
    sock = bench.pool.socket()
    sock.setsockopt(bench.pool.SOL_SOCKET, bench.pool.SO_REUSEADDR, 1)
    sock.setsockopt(bench.pool.IPPROTO_TCP, bench.pool.TCP_NODELAY, 1)
    sock.close()


# a peer that never stops sending -----------------------------------------------------------------
def test_close_is_bounded_though_the_peer_never_stops_sending(bench):
    sock = connect(bench, "flood.example", 20)
    assert len(sock.read(100)) == 100
    _, ms = bench.spent(sock.close)
    assert ms < 30000, ms
    other = connect(bench)
    other.send(b"goes on")
    assert other.read(7) == b"goes on"
    other.close()
    bench.sim("floods_end")
    bench.rest(100)
    connect(bench).close()
    all_closed(bench)


def test_close_is_bounded_though_the_module_says_77_for_ever(bench):
    for timeout in (5, None, 0):
        sock = connect(bench, "flood.example", 20, timeout)
        bench.sim("fault", "pending_for_ever", "<", 0)
        result, ms = bench.spent(sock.close)
        assert result is None
        assert ms < (1 if timeout == 0 else 30000), (timeout, ms)
        other = connect(bench)
        other.send(b"goes on")
        assert other.read(7) == b"goes on"
        bench.sim("mend")
        bench.sim("floods_end")
        bench.rest(100)
        other.close()
        connect(bench).close()
        all_closed(bench)


def test_a_number_that_cannot_be_closed_is_nobodys(bench):
    sock = connect(bench, "flood.example", 20)
    bench.sim("fault", "pending_for_ever", "<", 0)
    sock.close()
    made = [connect(bench) for _ in range(7)]
    assert bench.raises(OSError, connect, bench).errno == errno.ENOMEM
    for k, other in enumerate(made):
        other.send(b"socket %d" % k)
    for k, other in enumerate(made):
        assert other.read(8) == b"socket %d" % k
    assert number(sock.recv, 1) == EBADF
    bench.sim("mend")
    bench.sim("floods_end")
    bench.rest(100)
    made.append(connect(bench))
    made[-1].send(b"x")
    assert made[-1].recv(1) == b"x"
    for other in made:
        other.close()
    all_closed(bench)


def test_a_body_that_nobody_reads_does_not_hold_others_up(bench):
    flood = connect(bench, "flood.example", 20)
    other = connect(bench)
    assert len(flood.read(300)) == 300
    for k in range(10):
        other.send(b"word %d" % k)
        got, ms = bench.spent(other.read, 6)
        assert got == b"word %d" % k
        assert ms < 1000, ms
    assert len(flood.read(5000)) == 5000
    flood.close()
    other.close()


def test_the_bytes_of_a_flood_come_in_order(bench):
    sock = connect(bench, "flood.example", 20)
    other = connect(bench, timeout=0)
    got = b""
    for k in range(12):
        sock.settimeout((5, 0, None)[k % 3])
        got += take(bench, sock, 1 + k * 397 % 3000)
        assert other.write(b"x") == 1
    for i in range(0, len(got), 251):
        part = got[i : i + 251]
        assert part == bytes(range(len(part))), i
    sock.close()
    other.close()


def silent_tls(bench, timeout):
    """A TLS socket that is to be connected to a server that never says a word."""
    from spwf04 import SSLContext

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    context = SSLContext()
    context.load_verify_locations(cadata=bench.sim("ca_pem"))
    sock = context.wrap_socket(bench.pool.socket(), server_hostname="silent.example")
    sock.settimeout(timeout)
    return sock


def test_a_tls_open_to_a_silent_server_is_bounded_by_the_time_out(bench):
    sock = silent_tls(bench, 3)
    error, ms = bench.spent(sock.connect, ("silent.example", 443))
    assert isinstance(error, OSError) and error.errno == errno.ETIMEDOUT, error
    assert ms < 4000, ms
    sock.close()


def test_others_are_told_clearly_that_the_module_still_opens_a_tls_connection(bench):
    bench.join()
    other = connect(bench)
    sock = silent_tls(bench, 3)
    bench.raises(OSError, sock.connect, ("silent.example", 443))
    sock.close()
    other.settimeout(1)
    error, ms = bench.spent(other.send, b"hello")
    if isinstance(error, Exception):
        assert isinstance(error, OSError) and error.errno == errno.ETIMEDOUT, error
        assert "connect" in str(error) or "busy" in str(error), error
        assert ms < 2000, ms
    else:  # taken, and sent later
        assert (error, ms) == (5, 0)
    bench.rest(25000)
    other.settimeout(5)
    if isinstance(error, Exception):
        other.send(b"hello")
    assert other.read(5) == b"hello"  # once
    other.setblocking(False)
    assert other.read(5) is None
    other.close()
    all_closed(bench)


def test_without_waiting_others_go_on_after_a_tls_open_to_a_silent_server(bench):
    bench.join()
    other, n = played(bench, 0)
    sock = silent_tls(bench, 0)
    number(sock.connect, ("silent.example", 443))
    bench.rest(500)
    assert other.write(b"while it waits") == 14
    assert bench.until(lambda: sock.ioctl(3, OUT) & (ERR | HUP) or bench.rest(1000)) or True
    bench.rest(25000)
    got_all(bench, n, b"while it waits")
    bench.raises(OSError, sock.send, b"x")
    sock.close()
    other.close()
    all_closed(bench)
