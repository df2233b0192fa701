"""The calls of MicroPython's streams, and of CircuitPython's and CPython's sockets."""

from .engine import (
    EBADF,
    IN,
    connect,
    got_all,
    listening,
    played,
    ready,
    says,
)


# faces -----------------------------------------------------------------------------------------
def test_readinto_fills_its_buffer(bench):
    sock = connect(bench, "drip.example", 21)
    pattern = bench.pattern(40)
    buffer = bytearray(20)
    assert sock.readinto(buffer) == 20
    assert buffer == pattern[:20]
    assert sock.readinto(buffer, 10) == 10
    assert buffer == pattern[20:30] + pattern[10:20]
    assert sock.readinto(buffer) == 10  # up to the end
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
    for flags in (2, 0x40, 1 << 20):  # peek, do not wait; MicroPython: EOPNOTSUPP
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
    bench.raises(TypeError, datagrams.readinto, bytearray(5), "5")
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
    """webrepl and others set one, with SOL_SOCKET of MicroPython or of the pool. The driver would
    never call it: so it says so."""
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
