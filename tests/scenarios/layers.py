"""Sockets behave the same under the module's TLS, under the host's, as clients of a server, and
for datagrams.
"""

from spwf04.errors import errno

from .engine import (
    CHANGES,
    EBADF,
    IN,
    MICROPYTHON,
    all_closed,
    at_first,
    by_turns,
    check_message,
    listening,
    number,
    pieces,
    put,
    ready,
    take,
)
from .sealed import kinds, opened
from .sealed import ready as prepare


def each(bench):
    """A TLS socket by each engine. Its server keeps what it gets, and sends what it is told."""
    prepare(bench)
    for engine, host, used in kinds(bench):
        if engine != "auto":
            sock = opened(bench, engine, host)
            assert sock.engine == used
            sock.send(b"hello")
            assert bench.until(lambda: bench.poll() or bench.sim("collected") == b"hello")
            yield sock


# TLS -------------------------------------------------------------------------------------------
def test_tls_that_may_wait_again_at_any_moment_loses_no_byte(bench):
    for sock in each(bench):
        for k in range(0, 30, 3):
            data = pieces(bench, k)
            sock.setblocking(False)
            bench.sim("collector_says", data)
            for _ in range(k):
                sock.ioctl(3, IN)
                bench.rest(1)
            CHANGES[k // 3 % 3](sock)
            assert sock.read(50) == data, (sock.engine, k)
        sock.close()


def test_tls_that_may_wait_no_more_loses_no_byte(bench):
    for sock in each(bench):
        for k in range(10):
            data = pieces(bench, k, 700)
            bench.sim("collector_says", data)
            sock.settimeout(5)
            first = sock.recv(11)
            sock.setblocking(False)
            assert first + take(bench, sock, 700 - len(first)) == data, (sock.engine, k)
        sock.close()


def test_tls_whose_time_is_over_in_the_middle_of_a_record_loses_no_byte(bench):
    for sock in each(bench):
        bench.sim("drip", 2)
        for k in range(4):
            data = pieces(bench, k)
            bench.sim("collector_says", data)
            sock.settimeout(0.005 + k / 100)
            assert take(bench, sock, 50) == data, (sock.engine, k)
        bench.sim("drip", 0)
        sock.close()


def test_tls_readinto_fills_its_buffer(bench):
    for sock in each(bench):
        for part in (b"0123456789", b"abcdefghij", b"ABCDE"):  # one record for each
            bench.sim("collector_says", part)
        buffer = bytearray(20)
        assert sock.readinto(buffer) == 20
        assert buffer == b"0123456789abcdefghij"
        bench.sim("collector_ends")
        assert sock.readinto(buffer) == 5
        assert sock.readinto(buffer) == 0
        sock.close()


def test_tls_check_msg_sees_each_message_at_its_first_call(bench):
    for sock in each(bench):
        sock.settimeout(None)
        for k in range(4):
            bench.sim("collector_says", b"0message %d" % k)
            bench.sleep(500)
            assert at_first(bench, sock) == b"0", (sock.engine, k)
            assert sock.read(9) == b"message %d" % k
        assert check_message(sock) is None
        bench.sim("collector_ends")
        seen = []
        while b"" not in seen and len(seen) < 3:
            bench.sleep(250)
            seen.append(check_message(sock))
        assert seen[-1] == b"", (sock.engine, seen)
        sock.close()


def test_tls_writes_are_sent_though_close_follows(bench):
    for sock in each(bench):
        sock.setblocking(False)
        data = pieces(bench, 1, 1500)
        put(bench, sock, data)
        sock.close()
        assert bench.until(lambda: bench.poll() or len(bench.sim("collected")) == 1505)
        assert bench.sim("collected") == b"hello" + data
        assert bench.sim("collected_as_tls")
        all_closed(bench)


def test_tls_ends_again_and_again(bench):
    for timeout in (5, None, 0):
        for sock in each(bench):
            bench.sim("collector_says", b"bye")
            bench.sim("collector_ends")
            assert sock.read(3) == b"bye"
            sock.settimeout(timeout)
            ready(bench, sock, IN)
            for _ in range(3):
                for method in ("recv", "read"):
                    assert number(getattr(sock, method), 5) == b"", (sock.engine, timeout, method)
                assert number(sock.readline) == b"", (sock.engine, timeout)
                assert number(sock.readinto, bytearray(5)) == 0, (sock.engine, timeout)
                by_turns(sock)
                sock.settimeout(timeout)
            sock.close()


def test_tls_recv_into_at_the_end(bench):
    for timeout in (5, 0):
        for sock in each(bench):
            bench.sim("collector_ends")
            bench.rest(100)
            sock.settimeout(timeout)
            ready(bench, sock, IN)
            seen = [number(sock.recv_into, bytearray(5)) for _ in range(3)]
            then = 0
            if not MICROPYTHON:
                then = errno.ENOTCONN if timeout == 0 else errno.ECONNRESET
            assert seen == [0, then, then], (sock.engine, timeout, seen)
            sock.close()


def test_tls_that_was_closed_is_a_bad_descriptor(bench):
    for sock in each(bench):
        sock.close()
        for name, argument in (("recv", 1), ("send", b"x"), ("read", 1), ("write", b"x")):
            assert number(getattr(sock, name), argument) == EBADF, (sock.engine, name)
        sock.close()


def test_tls_after_a_restart_says_reset(bench):
    for sock in each(bench):
        bench.sim("restart", "watchdog")
        bench.rest(2000)
        for _ in range(2):
            assert number(sock.recv, 1) == errno.ECONNRESET, sock.engine
            assert number(sock.send, b"x") == errno.ECONNRESET, sock.engine
        sock.close()
        bench.join()
        bench.radio.set_time(bench.sim("now"))


# clients of a server, datagrams ----------------------------------------------------------------
def test_a_servers_client_that_may_wait_again_at_any_moment_loses_no_byte(bench):
    server = listening(bench)
    n = bench.sim("guest_comes", 8080, b"hello")
    client, _ = server.accept()
    client.settimeout(5)
    assert client.read(5) == b"hello"
    bench.sim("line_speed", 19200)
    sent = b""
    for k in range(0, 60, 4):
        data = pieces(bench, k)
        client.setblocking(False)
        bench.sim("peer_says", n, data)
        put(bench, client, data)
        sent += data
        for _ in range(k):
            client.ioctl(3, IN)
            bench.rest(1)
        CHANGES[k // 4 % 3](client)
        assert client.read(50) == data, k
    client.close()
    assert bench.until(lambda: bench.poll() or not bench.sim("peer_alive", n))
    assert bench.sim("peer_got", n) == sent
    server.close()


def test_a_server_that_may_wait_again_at_any_moment_misses_no_client(bench):
    server = listening(bench)
    for k in range(12):
        server.setblocking(False)
        if k % 2:
            bench.raises(OSError, server.accept)
        n = bench.sim("guest_comes", 8080, b"hello %02d" % k)
        for _ in range(k):
            server.ioctl(3, IN)
            bench.rest(1)
        CHANGES[k % 3](server)
        client, _ = server.accept()
        client.settimeout(5)
        assert client.read(8) == b"hello %02d" % k
        client.close()
        assert bench.until(lambda n=n: bench.poll() or not bench.sim("peer_alive", n))
    server.close()


def test_datagrams_that_may_be_waited_for_again_are_not_lost(bench):
    bench.join()
    pool = bench.pool
    sock = pool.socket(pool.AF_INET, pool.SOCK_DGRAM)
    sock.settimeout(5)
    sock.connect(("udp.example", 7))
    for k in range(8):
        sock.setblocking(False)
        data = b"datagram %d" % k
        assert bench.until(lambda data=data: number(sock.send, data) == len(data))
        for _ in range(k):
            sock.ioctl(3, IN)
            bench.rest(1)
        CHANGES[k % 3](sock)
        assert sock.recv(100) == data, k
    sock.close()
    all_closed(bench)
