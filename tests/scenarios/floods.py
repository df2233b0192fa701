"""Servers that never stop sending, or never say a word."""

from spwf04.errors import errno

from .engine import (
    EBADF,
    all_closed,
    connect,
    got_all,
    listening,
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
    bench.rest(bench.sim("quirk", "open_limit") * 1000 + 5000)
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
    bench.rest(bench.sim("quirk", "open_limit") * 1000 + 5000)
    if bench.sim("quirk", "open_limit") > 35:  # the driver has waited no longer, and tells
        bench.raises(OSError, other.send, b"x")
        bench.raises(OSError, other.recv, 1)
    else:
        got_all(bench, n, b"while it waits")
    bench.raises(OSError, sock.send, b"x")
    sock.close()
    other.close()
    all_closed(bench)


# the module opens for long ---------------------------------------------------------------------
def silent_each_way(bench, timeout):
    """(why, a socket, an address) of connections that nobody answers."""
    bench.join()
    for why in ("SYN", "DNS", "TLS"):
        bench.sim("dns_is_silent", why == "DNS")
        if why == "TLS":
            yield why, silent_tls(bench, timeout), ("silent.example", 443)
        else:
            sock = bench.pool.socket()
            sock.settimeout(timeout)
            yield why, sock, ("unheard.example" if why == "SYN" else "peer.example", 7)


def test_the_time_out_of_connect_holds_whatever_is_silent(bench):
    for limit in (20, 30, 75):
        bench.sim("read_as", "open_limit", limit)
        for why, sock, address in silent_each_way(bench, 3):
            error, ms = bench.spent(sock.connect, address)
            assert isinstance(error, OSError) and error.errno == errno.ETIMEDOUT, (why, error)
            assert ms < 3500, (limit, why, ms)
            bench.sim("dns_is_silent", False)
            sock.close()
            bench.rest(limit * 1000 + 2000)
            other = connect(bench)
            other.send(b"usable")
            assert other.read(6) == b"usable", (limit, why)
            other.close()
    all_closed(bench)


def test_a_connect_without_a_time_out_ends_too(bench):
    for limit in (20, 30, 75):
        bench.sim("read_as", "open_limit", limit)
        for why, sock, address in silent_each_way(bench, None):
            error, ms = bench.spent(sock.connect, address)
            assert isinstance(error, OSError), (why, error)
            # A TLS server is then asked for its chain, for 20 s at most
            assert ms < (56000 if why == "TLS" else 36000), (limit, why, ms)
            bench.sim("dns_is_silent", False)
            sock.close()
            bench.rest(limit * 1000)
            connect(bench).close()
    all_closed(bench)


def test_while_the_module_opens_each_call_ends_in_its_time_and_a_reset_helps(bench):
    bench.sim("read_as", "open_limit", 75)
    other, _ = played(bench, 1)
    sock = bench.pool.socket()
    sock.settimeout(1)
    assert number(sock.connect, ("unheard.example", 7)) == errno.ETIMEDOUT
    for call in (lambda: other.recv(1), lambda: other.send(b"x"), bench.radio.ifconfig):
        error, ms = bench.spent(call)
        assert isinstance(error, OSError), error
        assert ms < 45000, ms
    _, ms = bench.spent(bench.radio.reset)
    assert ms < 15000, ms
    connect(bench).close()


def test_a_flood_of_a_servers_client_is_closed_within_a_bound(bench):
    bench.join()
    server = bench.pool.socket()
    server.bind(("0.0.0.0", 8080))
    server.listen()
    server.settimeout(5)
    n = bench.sim("guest_floods", 8080)
    client, _ = server.accept()
    _, ms = bench.spent(client.close)
    assert ms < 12000, ms
    m = bench.sim("guest_comes", 8080, b"hello")
    client, _ = server.accept()
    assert client.recv(5) == b"hello"
    client.send(b"you: hello")
    assert bench.sim("guest_is_served", m)
    client.close()
    bench.sim("peer_leaves", n)
    server.settimeout(1)
    for _ in range(3):
        number(server.accept)
    assert bench.sim("places_taken") == 0
    server.close()


def test_a_server_is_closed_though_a_client_never_stops_sending(bench):
    for reading in ("closes", "refused"):
        bench.sim("read_as", "server_close", reading)
        server = listening(bench)
        n = bench.sim("guest_floods", 8080)
        client, _ = server.accept()
        for sock in (client, server):
            _, ms = bench.spent(sock.close)
            assert ms < 12000, ms
        bench.until(lambda: bench.poll() or not bench.pool.jobs)
        bench.sim("peer_leaves", n)
        bench.rest(100)
        server = listening(bench)  # the same port
        n = bench.sim("guest_comes", 8080, b"hello")
        client, _ = server.accept()
        assert client.recv(5) == b"hello"
        client.close()
        server.close()
        assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_a_server_with_clients_whose_bytes_nobody_read_is_closed(bench):
    bench.sim("read_as", "server_close", "refused")
    server = listening(bench)
    for _ in range(3):
        bench.sim("guest_comes", 8080, bytes(bench.pattern(2000)))
    bench.rest(100)
    server.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_lost_numbers_are_counted_and_come_back_when_the_peers_have_ended(bench):
    made = [connect(bench, "flood.example", 20) for _ in range(8)]
    for sock in made:
        sock.close()
    assert bench.until(lambda: bench.poll() or not bench.pool.jobs)
    if bench.pool.lost() == 8:
        error, ms = bench.spent(connect, bench)
        assert error.errno == errno.ENOMEM, error
        assert "8 lost" in str(error), error
        assert ms < 3000, ms
    bench.sim("floods_end")
    bench.rest(100)
    for _ in range(10):
        if number(lambda: connect(bench).close()) is None and not bench.pool.lost():
            break
    all_closed(bench)
