"""TCP sockets: data by length, end of stream, time-outs, the eight ids."""

from spwf04.errors import errno


def connect(bench, host="echo.example", port=7):
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect((host, port))
    return sock


def receive(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            break
        data += part
    return data


def test_send_and_receive(bench):
    bench.join()
    with connect(bench) as sock:
        assert sock.send(b"hello") == 5
        assert receive(sock, 5) == b"hello"


def test_the_pool_is_one_per_radio(bench):
    from spwf04 import SocketPool

    assert SocketPool(bench.radio) is bench.pool


def test_getaddrinfo_asks_nobody(bench):
    before = bench.sim("commands")
    info = bench.pool.getaddrinfo("echo.example", 7)[0]
    assert info == (2, 1, 0, "", ("echo.example", 7))
    assert bench.sim("commands") == before


def test_every_byte_value_passes_both_ways(bench):
    bench.join()
    data = bytes(range(256)) * 3
    with connect(bench) as sock:
        sock.sendall(data)
        assert receive(sock, len(data)) == data


def test_data_that_look_like_the_modules_own_words(bench):
    bench.join()
    data = b"AT-S.OK\r\n+WIND:58:Socket Closed:0:0\r\nAT-S.ERROR:76:\r\nAT+S.FCFG\r\n\0"
    with connect(bench) as sock:
        sock.sendall(data)
        assert receive(sock, len(data)) == data
        sock.sendall(b"x")
        assert receive(sock, 1) == b"x"


def test_more_than_one_chunk_each_way(bench):
    bench.join()
    data = bytes(bench.pattern(5000))
    with connect(bench) as sock:
        sock.sendall(data)
        assert receive(sock, len(data)) == data


def test_small_reads_are_served_from_one_command(bench):
    bench.join()
    with connect(bench) as sock:
        sock.sendall(b"0123456789" * 10)
        assert receive(sock, 1) == b"0"
        assert bench.until(lambda: sock.stream.pending or sock.stream.ahead_end > 50)
        receive(sock, 50)
        before = bench.sim("commands")
        for _ in range(20):
            assert len(sock.recv(1)) == 1
        assert bench.sim("commands") - before <= 1


def test_announced_data_cost_one_command(bench):
    bench.join()
    with connect(bench, "talker.example", 19) as sock:
        assert bench.until(lambda: bench.poll() or sock.stream.pending >= 100)
        before = bench.sim("commands")
        buffer = bytearray(400)
        assert sock.recv_into(buffer) >= 100
        assert bench.sim("commands") - before == 1


def test_the_end_of_the_stream_comes_after_the_last_byte(bench):
    bench.join()
    with connect(bench, "talker.example", 19) as sock:
        data = sock.read()
        assert len(data) == 2000
        assert data == bench.pattern(2000)


def test_the_end_of_the_stream_is_reported_each_time(bench):
    bench.join()
    with connect(bench, "talker.example", 19) as sock:
        receive(sock, 2000)
        for _ in range(3):
            assert sock.recv(10) == b""


def test_recv_into_with_a_count(bench):
    bench.join()
    with connect(bench) as sock:
        sock.sendall(b"abcdef")
        buffer = bytearray(b"........")
        assert sock.recv_into(buffer, 1) == 1
        assert buffer == b"a......."
        assert sock.recv_into(memoryview(buffer)[1:], 0) >= 1


def test_readline_and_read(bench):
    bench.join()
    with connect(bench) as sock:
        sock.write("first line\r\nsecond\nrest")
        assert sock.readline() == b"first line\r\n"
        assert sock.readline() == b"second\n"
        assert sock.read(4) == b"rest"


def test_write_of_a_part(bench):
    bench.join()
    with connect(bench) as sock:
        assert sock.write(b"abcdef", 3) == 3
        assert receive(sock, 3) == b"abc"


def test_nothing_in_time_is_etimedout(bench):
    bench.join()
    with connect(bench, "silent.example", 9) as sock:
        sock.settimeout(0.2)
        e = bench.raises(OSError, sock.recv, 1)
        assert e.errno == errno.ETIMEDOUT


def test_non_blocking_without_data_is_eagain_or_none(bench):
    bench.join()
    with connect(bench, "silent.example", 9) as sock:
        sock.setblocking(False)
        e = bench.raises(OSError, sock.recv, 1)
        assert e.errno == errno.EAGAIN
        assert sock.read(1) is None
        assert sock.readinto(bytearray(1)) is None
        assert sock.readline() is None


def test_non_blocking_connect(bench):
    bench.join()
    sock = bench.pool.socket()
    sock.setblocking(False)
    e = bench.raises(OSError, sock.connect, ("echo.example", 7))
    assert e.errno == errno.EINPROGRESS
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    sock.send(b"hi")
    assert receive(sock, 2) == b"hi"
    sock.close()


def test_eight_sockets_at_once_and_no_ninth(bench):
    bench.join()
    socks = [connect(bench) for _ in range(8)]
    for n, sock in enumerate(socks):
        sock.send(b"socket %d" % n)
    e = bench.raises(OSError, connect, bench)
    assert e.errno == errno.ENOMEM
    for n, sock in enumerate(socks):
        assert receive(sock, 8) == b"socket %d" % n
    socks[3].close()
    again = connect(bench)
    again.send(b"again")
    assert receive(again, 5) == b"again"
    for sock in socks + [again]:
        sock.close()
    assert bench.sim("open_sockets") == 0


def test_close_may_be_called_again(bench):
    bench.join()
    sock = connect(bench)
    sock.close()
    sock.close()
    e = bench.raises(OSError, sock.send, b"x")
    assert e.errno == getattr(errno, "EBADF", 9)
    assert bench.sim("open_sockets") == 0


def test_close_with_data_pending_frees_the_socket(bench):
    bench.join()
    sock = connect(bench, "talker.example", 19)
    assert bench.until(lambda: bench.poll() or sock.stream.pending >= 100)
    sock.close()
    assert bench.sim("open_sockets") == 0


def test_closing_a_socket_that_was_never_connected_sends_nothing(bench):
    before = bench.sim("commands")
    bench.pool.socket().close()
    assert bench.sim("commands") == before


def test_sending_to_a_peer_that_has_closed(bench):
    bench.join()
    with connect(bench, "talker.example", 19) as sock:
        receive(sock, 2000)
        assert sock.recv(1) == b""
        e = bench.raises(OSError, sock.send, b"AT+S.FCFG\r")
        assert e.errno == errno.ECONNRESET
    assert not [c for c in bench.sim("log") if "FCFG" in c]


def test_an_unknown_host(bench):
    bench.join()
    e = bench.raises(OSError, connect, bench, "unknown.example")
    assert (e.errno, e.code) == (errno.EHOSTUNREACH, 65)
    assert "not found" in str(e)
    connect(bench).close()


def test_a_refused_port(bench):
    bench.join()
    e = bench.raises(OSError, connect, bench, "echo.example", 1)
    assert (e.errno, e.code) == (errno.ECONNREFUSED, 74)
    connect(bench).close()
    assert bench.sim("open_sockets") == 0


def test_no_network_joined(bench):
    bench.radio.get("nv_model")
    e = bench.raises(OSError, connect, bench)
    assert e.code == 44
    assert "radio.connect" in str(e)


def test_a_host_that_would_be_a_command_is_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for address in (
        ("echo.example\rAT+S.FCFG", 7),
        ("a\nb", 7),
        ("a\0b", 7),
        ("a,b", 7),
        ("", 7),
        ("a b", 7),
        ("h" * 600, 7),
        ("echo.example", 0),
        ("echo.example", 65536),
        ("echo.example", "7,,t"),
    ):
        bench.raises(ValueError, bench.pool.socket().connect, address)
    assert bench.sim("bytes_in") == before


def test_only_tcp_over_ipv4(bench):
    bench.raises(OSError, bench.pool.socket, 10)


def test_a_restart_of_the_module_ends_its_sockets(bench):
    bench.join()
    sock = connect(bench)
    bench.sim("restart", "hardfault")
    assert bench.until(lambda: bench.poll() or not sock.is_open())
    e = bench.raises(OSError, sock.recv, 1)
    assert e.errno == errno.ECONNRESET
    sock.close()
    bench.join()
    with connect(bench) as sock:
        sock.send(b"back")
        assert receive(sock, 4) == b"back"


def test_an_unplugged_module_in_mid_stream(bench):
    from spwf04 import LinkLost

    bench.join()
    sock = connect(bench)
    bench.sim("unplug")
    sock.settimeout(2)  # shorter than what a command may take
    e = bench.raises(OSError, sock.send, b"x")
    assert e.errno == errno.ETIMEDOUT and not isinstance(e, LinkLost)
    sock.settimeout(None)
    bench.raises(LinkLost, sock.send, b"x")
    sock.close()
    bench.sim("replug")
    with connect(bench) as sock:
        sock.send(b"back")
        assert receive(sock, 4) == b"back"
    assert bench.sim("open_sockets") == 0


def test_a_network_that_is_lost_is_no_end_of_the_stream(bench):
    bench.join()
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("silent.example", 9))
    bench.sim("drop_link")
    assert bench.until(lambda: bench.poll() or not bench.radio.isconnected())
    assert bench.raises(OSError, sock.recv, 1).errno == errno.ECONNRESET
    assert bench.raises(OSError, sock.read).errno == errno.ECONNRESET
    sock.close()
