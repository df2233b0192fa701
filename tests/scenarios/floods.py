"""Servers that never stop sending, or never say a word."""

from spwf04.errors import errno

from .engine import (
    EBADF,
    all_closed,
    connect,
    got_all,
    number,
    played,
    take,
)


# a peer that never stops sending ---------------------------------------------------------------
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
    """A TLS socket for a server that never says a word; it is not connected yet."""
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
    else:  # the bytes were taken, and are sent later
        assert (error, ms) == (5, 0)
    bench.rest(25000)
    other.settimeout(5)
    if isinstance(error, Exception):
        other.send(b"hello")
    assert other.read(5) == b"hello"  # it comes once
    other.setblocking(False)
    assert other.read(5) is None
    other.close()
    all_closed(bench)


def test_without_waiting_others_go_on_after_a_tls_open_to_a_silent_server(bench):
    bench.join()
    other, n = played(bench, 0)
    sock = silent_tls(bench, 0)
    number(sock.connect, ("silent.example", 443))
    for _ in range(50):  # the connection goes on when it is polled
        sock.ioctl(3, 4)
        bench.rest(10)
    assert other.write(b"while it waits") == 14
    bench.rest(25000)
    got_all(bench, n, b"while it waits")
    bench.raises(OSError, sock.send, b"x")
    sock.close()
    other.close()
    all_closed(bench)
