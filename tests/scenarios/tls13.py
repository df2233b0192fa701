"""What a server of TLS 1.3 sends beside data: the host's TLS takes tickets, empty records and the
end, wherever they come, for what they are.

An interpreter that has no TLS 1.3 fails in the handshake: LACKING in test_scenarios.py.
"""

from spwf04 import SPWF04Error, SSLContext
from spwf04.errors import errno

HOST = "tls13.example"
# Steps of tests/shims/tls13.py, each answers one line. In all there are 60 bytes of data.
PLAYS = (
    "data:60 end",
    "data:60 end close",
    "ticket data:60 ticket end",
    "ticket ticket ticket ticket data:30 ticket ticket ticket data:30 ticket end",
    "tickets bytes:60 tickets end",
    "ticket:2000 data:60 end",
    "wait:700 ticket wait:700 data:20 ticket wait:700 bytes:40 wait:700 ticket wait:700 end",
    "empty data:30 empty ticket empty data:30 empty end",
    "padded:60 ticket padded:0 ticket end",
)


def ready(bench):
    bench.join()
    bench.radio.set_time(bench.sim("now"))


def opened(bench, play, tickets=0, segment=None, seconds=5):
    """A socket on which a line was sent."""
    bench.sim("modern", play.split(), tickets, segment)
    context = SSLContext(engine="host")
    context.load_verify_locations(cadata=bench.sim("ca_pem"))
    sock = context.wrap_socket(bench.pool.socket(), server_hostname=HOST)
    sock.settimeout(5)
    sock.connect((HOST, 443))
    assert sock.version() == "TLSv1.3"
    sock.sendall(b"hello\n")
    sock.settimeout(seconds)
    return sock


def by_recv_into(bench, sock, size):
    """All data up to the end, in pieces of at most `size` bytes."""
    data = b""
    buffer = bytearray(size)
    while True:
        n = sock.recv_into(buffer)
        if n == 0:
            return data
        data += buffer[:n]


def by_polls(bench, sock, size):
    """The same, by a program that never waits."""
    data = b""
    while True:
        assert bench.until(lambda: sock.ioctl(3, 1) & 1), data
        part = sock.recv(size)
        if not part:
            return data
        data += part


def check(bench, sock, data):
    assert data == bench.pattern(60), data
    sock.close()
    assert bench.sim("modern_got") == b"hello\n"


def test_what_comes_beside_data_is_neither_data_nor_the_end(bench):
    ready(bench)
    for k, play in enumerate(PLAYS):
        sock = opened(bench, play, k % 3)
        check(bench, sock, by_recv_into(bench, sock, (730, 1, 7)[k % 3]))


def test_a_program_that_never_waits_gets_the_same(bench):
    ready(bench)
    for k, play in enumerate(PLAYS[:6] + PLAYS[7:]):
        sock = opened(bench, play, k % 3, None, 0)
        check(bench, sock, by_polls(bench, sock, (1, 7, 730)[k % 3]))


def test_pieces_of_one_byte_change_nothing(bench):
    ready(bench)
    for play in ("ticket:9 data:59 ticket:9 bytes:1 end", "data:60 end"):
        sock = opened(bench, play, 0, 1)
        check(bench, sock, by_recv_into(bench, sock, 730))


def test_read_up_to_the_end_and_lines(bench):
    ready(bench)
    sock = opened(bench, "ticket data:60 end", 2)
    check(bench, sock, sock.read())
    sock = opened(bench, "ticket data:40 ticket data:20 end", 1)
    data = sock.read(50)
    check(bench, sock, data + sock.read(50))


def test_tickets_that_nobody_reads_hinder_no_write(bench):
    ready(bench)
    sock = opened(bench, "", 2)
    for k in range(6):
        bench.sim("modern_says", ("ticket",) * (k % 3 + 1))
        if k % 2:
            sock.settimeout(0)
            for _ in range(8):
                sock.ioctl(3, 5)
                bench.rest(5)
            sock.settimeout(5)
        else:
            bench.rest(40)
        sock.sendall(b"%d" % k)
    bench.sim("modern_says", ("ticket", "data:60", "end"))
    data = by_recv_into(bench, sock, 730)
    assert data == bench.pattern(60), data
    assert bench.sim("modern_got") == b"hello\n012345"
    sock.close()


def test_data_right_behind_tickets_are_seen_by_the_poll_that_takes_these(bench):
    ready(bench)
    sock = opened(bench, "", 0, None, 0)
    bench.until(lambda: bench.poll() or bench.sim("modern_got") == b"hello\n")
    bench.sim("modern_says", ("ticket", "ticket", "data:10"))
    first = bench.sim("bytes_in")
    for _ in range(20):
        bench.rest(50)
        before = bench.sim("bytes_in")
        seen = sock.ioctl(3, 1)
        # Nothing has come yet from a module that does not tell: the driver asks it now and then
        if seen or first < before == bench.sim("bytes_in"):
            break
    assert seen & 1
    assert sock.recv(20) == bench.pattern(10)
    sock.close()


def test_a_new_key_is_taken_or_ends_the_connection_with_an_error(bench):
    """mbedTLS has no new keys."""
    ready(bench)
    for word in ("key", "key?"):
        sock = opened(bench, "data:20 %s data:40 end" % word)
        data = sock.recv(20)
        try:
            data += by_recv_into(bench, sock, 730)
        except SPWF04Error as e:
            assert e.errno == errno.ECONNRESET
            assert "broke off" in str(e) and HOST in str(e), str(e)
            assert data == bench.pattern(20)
            sock.close()
        else:
            check(bench, sock, data)
    sock = opened(bench, "data:60 end")
    check(bench, sock, by_recv_into(bench, sock, 730))


def test_an_end_without_a_word_of_tls_is_an_error_or_the_end(bench):
    ready(bench)
    for play in (
        "data:60 ticket close",
        "data:60 close",
        "data:30 wait:900 data:30 wait:900 close",
    ):
        sock = opened(bench, play)
        check(bench, sock, by_recv_into(bench, sock, 100))


def test_a_client_certificate_that_is_missed_is_named_by_the_first_read(bench):
    ready(bench)
    context = SSLContext(engine="host")
    context.load_verify_locations(cadata=bench.sim("ca_pem"))
    sock = context.wrap_socket(bench.pool.socket(), server_hostname="mutual.example")
    sock.settimeout(5)
    sock.connect(("mutual.example", 443))
    assert sock.version() == "TLSv1.3"
    try:
        got = sock.recv(1)
    except SPWF04Error as e:
        assert e.errno == errno.ECONNRESET
        assert e.remedy == "client_certificate", str(e)
    else:  # the server's reset may have come before its alert was read
        assert got == b"" and bench.sim("quirk", "reset_unread") == "lost"
    sock.close()
