"""The module's eight sockets and the eight places of a server's clients are given back."""

import gc

from spwf04.errors import errno

from .engine import (
    ERR,
    GONE,
    HUP,
    IN,
    OUT,
    all_closed,
    connect,
    leaves,
    listening,
    number,
    pieces,
    played,
    ready,
    says,
)
from .stepwise import started


def eight_are_free(bench):
    made = [connect(bench) for _ in range(8)]
    for sock in made:
        sock.close()
    all_closed(bench)


# numbers given back ----------------------------------------------------------------------------
def test_when_a_number_is_wanted_those_whose_peer_has_closed_give_theirs_up(bench):
    made = [played(bench) for _ in range(8)]
    for _, n in made[2:5]:
        bench.sim("peer_leaves", n)
    bench.rest(50)
    more = [connect(bench) for _ in range(3)]
    for k, sock in enumerate(more):
        sock.send(b"new %d" % k)
    for sock, _ in made[2:5]:  # no other socket's bytes
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
    new = connect(bench)  # now a number is free
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
    assert str(error).endswith("all eight sockets of the module are in use. Close one"), error
    assert error.remedy == "close_sockets"
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
    eight_are_free(bench)


def test_a_connect_that_began_and_was_closed_leaves_nothing_open(bench):
    bench.join()
    bench.sim("slow_connections", 300)
    for _ in range(14):
        sock = started(bench)
        bench.rest(100)
        sock.close()
    bench.sim("slow_connections", 1)
    eight_are_free(bench)


def test_connects_that_began_and_that_nobody_holds_leave_nothing_open(bench):
    """asyncio.wait_for(open_connection(…), t) leaves such: it has no way to close the socket."""
    bench.join()
    bench.sim("slow_connections", 800)
    for _ in range(14):
        sock = bench.pool.socket()
        sock.setblocking(False)
        # never an error that all numbers are taken
        assert bench.raises(OSError, sock.connect, ("echo.example", 7)).errno == errno.EINPROGRESS
        for _ in range(10):
            sock.ioctl(3, OUT)
            bench.rest(30)
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


# servers ---------------------------------------------------------------------------------------
def serve(server, count):
    """Serve `count` clients, one after the other, as a simple program does."""
    for _ in range(count):
        client, _ = server.accept()
        client.settimeout(5)
        client.write(b"you: " + client.readline())
        client.close()


def answered(bench, guests):
    """All of these guests have their answer, and the module has closed their connections."""
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
    """The module has eight places, and turns away a client that comes when all are taken."""
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


def visits(bench, k):
    """(number, kind) of a client that connects; those of kind 2 stay, the others leave."""
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
        n, kind = visits(bench, k)
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
    staying = []
    for k in range(200):
        if k % 20 == 0:
            n, kind = visits(bench, k // 20)
            if kind == 2:
                staying.append(n)
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
                    assert number(client.write, b"you: " + line) in (5 + len(line),) + GONE
                elif line not in (b"", None, b"half a requ"):
                    assert line in GONE, (k, line)
                if line not in (None, b"half a requ"):
                    client.close()
                    clients.remove(client)
        bench.rest(20)
    assert [bench.sim("peer_got", n) for n in staying] == [b"you: hello\n"] * 2
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
