"""Writes that do not wait are taken whole and sent in order, whatever comes next. Polls tell the
truth.
"""

import sys

from spwf04.errors import errno

from .engine import (
    CALLS,
    ERR,
    GONE,
    HUP,
    IN,
    OUT,
    all_closed,
    connect,
    got_all,
    number,
    pieces,
    played,
    put,
    ready,
    says,
    take,
)
from .stepwise import started


# writes that do not wait -----------------------------------------------------------------------
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
    other = started(bench)
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
    other = started(bench)
    sent = b""
    for k in range(40):  # until the socket can hold no more
        data = pieces(bench, k, 300)
        taken = sock.write(data)
        if taken is None:
            break
        assert 0 < taken <= 300
        sent += data[:taken]
    else:
        raise AssertionError("12000 bytes were taken while nothing could be sent")
    while sock.write(b"."):
        sent += b"."
        assert len(sent) < 12300
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
    other = started(bench)
    data = bytearray(b"as it was")
    assert sock.write(data) == 9
    data[:] = b"something"
    bench.sim("let_connections")
    got_all(bench, n, b"as it was")
    other.close()
    sock.close()


def test_question_and_answer_without_a_poll_between(bench):
    sock = connect(bench, timeout=0)
    tells = not bench.sim("quirk", "wind55_missing")
    for k in range(12):
        assert sock.send(b"word %02d" % k) == 7
        bench.sleep(200)
        got = number(sock.recv, 4000) if tells else take(bench, sock, 7)
        assert got == b"word %02d" % k, (k, got)
        assert sock.write(b"again") == 5
        bench.sleep(200)
        assert (sock.read(5) if tells else take(bench, sock, 5)) == b"again", k
        assert sock.read(5) is None
    sock.close()


def test_a_reader_who_does_nothing_else_gets_the_answer(bench):
    sock = connect(bench, timeout=0)
    data = bytes(range(250)) * 4  # it takes several commands; the line is busy in between
    for call in (sock.read, sock.recv):
        assert sock.write(data) == 1000
        got = b""
        for _ in range(300):
            bench.sleep(20)
            more = number(call, 500)
            if isinstance(more, bytes):
                got += more
            if len(got) == 1000:
                break
        assert got == data, len(got)
    sock.close()


def test_a_reader_has_its_turn_beside_who_writes_on_and_on(bench):
    for of_another in (False, True):
        sock = connect(bench, timeout=0)
        writer = connect(bench, timeout=0) if of_another else sock
        sock.send(b"first")
        got = b""
        for _ in range(60):
            writer.send(b"tiny")
            more = number(sock.recv, 500)  # the line is not free: the write has just begun
            got += more if isinstance(more, bytes) else b""
            if len(got) > 4:
                break
            bench.sleep(100)
        assert got[:5] == b"first", got
        sock.close()
        writer.close()


def test_a_reader_of_datagrams_has_its_turn_too(bench):
    bench.join()
    sock = bench.pool.socket(2, 2)
    sock.connect(("udp.example", 7))
    sock.settimeout(0)
    got = []
    for _ in range(40):
        sock.send(b"tiny")
        more = number(sock.recv, 100)  # the line is not free: the write has just begun
        if isinstance(more, bytes):
            got.append(more)
        if len(got) == 3:
            break
        bench.sleep(100)
    if bench.sim("quirk", "sockr_surplus") and bench.sim("quirk", "wind55_missing"):
        # Nothing tells where a datagram ends: only the bytes count
        whole = b"".join(got)
        assert whole == (b"tiny" * 4)[: len(whole)], got
    else:
        assert got == [b"tiny"] * 3, got
    sock.close()


def test_datagrams_that_were_taken_and_cannot_be_sent_are_counted(bench):
    bench.join()
    sock = bench.pool.socket(2, 2)
    sock.connect(("udp.example", 7))
    sock.settimeout(0)
    bench.sim("slow_connections", 800)
    other = started(bench)  # it keeps the line busy
    assert sock.send(b"taken") == 5
    before = bench.pool.unsent
    bench.sim("restart", "watchdog")
    bench.rest(2000)
    sock.close()
    assert bench.until(lambda: bench.poll() or not bench.pool.jobs)
    assert bench.pool.unsent == before + 1
    other.close()


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
    other = started(bench)
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
        for _ in range(3):
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


# poll() tells the truth ------------------------------------------------------------------------
def test_a_socket_that_polls_readable_gives_something_without_waiting(bench):
    sock, n = played(bench, 0)
    bench.sim("line_speed", 19200)
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
    said = b"".join([pieces(bench, k, 30) for k in range(12)])
    while len(got) < len(said):
        ready(bench, sock, IN)  # the module may not have announced the last bytes
        got += sock.recv(400)
    assert got == said
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
    said = b"".join([pieces(bench, k, 30) for k in range(12)])
    while len(got) < len(said):
        ready(bench, sock, IN)
        got += sock.recv(400)
    assert got == said
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
        # the driver asks now and then, because an indication may have been lost
        assert bench.sim("commands") - before <= 14
        sock.close()


def test_select_does_not_return_for_a_connection_with_nothing_to_read(bench):
    if sys.implementation.name == "cpython":
        return  # CPython's select wants file descriptors
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
    """connect() to port 443 may wait for wrap_socket(). A program that polls does not notice."""
    from spwf04.compat import socket as installed

    bench.join()
    installed.use_radio(bench.radio)
    bench.sim("echo_on_443")
    for timeout in (5, None):
        sock = installed.socket()
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


# what was taken and cannot be sent -------------------------------------------------------------
def taken_while_busy(bench):
    """(socket, its peer, another socket that keeps the line busy); the socket took 100 bytes."""
    sock, n = played(bench, 0)
    bench.sim("hold_connections")
    other = started(bench)
    assert sock.write(pieces(bench, 0, 100)) == 100
    return sock, n, other


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
