"""Many connections of each kind: nothing of one is left when it is over.

40 of each, 500 in `make test-all`.
"""

import gc
import sys

from spwf04.errors import errno

from .servers import listening
from .sockets import connect
from .tls import HOST, prepare
from .udp import udp


def _heap():
    """Bytes of this interpreter's heap in use; 0 if it does not tell."""
    if sys.platform == "webassembly":
        return 0  # garbage is collected when the program has ended
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def many(bench, once, end=None):
    """Call once(k) many times. From the tenth call on the heap in use stays the same, and after
    end() nothing is open."""
    seen = set()
    for k in range(bench.sim("many")):
        once(k)
        gc.collect()
        if k >= 10:
            seen.add(_heap())
    if end is not None:
        end()
    least, most = min(seen), max(seen)
    # Numbers get a digit more in texts, and the blocks of the heap lie differently
    assert most - least < 700, (least, most)
    assert bench.until(lambda: bench.poll() or not bench.pool.jobs)
    assert bench.sim("open_sockets") == bench.sim("open_servers") == 0


def test_connections_that_wait(bench):
    bench.join()

    def once(k):
        with connect(bench) as sock:
            sock.send(b"hello")
            assert sock.recv(5) == b"hello"

    many(bench, once)


def test_connections_that_do_not_wait(bench):
    bench.join()

    def once(k):
        sock = bench.pool.socket()
        sock.setblocking(False)
        assert bench.raises(OSError, sock.connect, ("echo.example", 7)).errno == errno.EINPROGRESS
        assert bench.until(lambda: sock.ioctl(3, 4) & 4)
        assert sock.send(b"hello") == 5
        assert bench.until(lambda: sock.ioctl(3, 1) & 1)
        assert sock.recv(5) == b"hello"
        assert sock.send(b"and goodbye") == 11
        sock.close()
        assert bench.until(lambda: bench.poll() or not bench.pool.jobs)

    many(bench, once)
    assert bench.pool.unsent == 0


def test_connections_that_are_given_up_before_they_are_there(bench):
    bench.join()

    def once(k):
        sock = bench.pool.socket()
        sock.setblocking(False)
        bench.raises(OSError, sock.connect, ("echo.example", 7))
        if k % 2:
            bench.poll()
        sock.close()
        with connect(bench):
            pass

    many(bench, once)


def test_requests_in_small_pieces(bench):
    bench.join()

    def once(k):
        with connect(bench) as sock:
            for piece in (b"GET", b" / HTTP/1.1\r\n", b"Host: echo.example\r\n", b"\r\n"):
                sock.send(piece)
            assert sock.readline() == b"GET / HTTP/1.1\r\n"

    many(bench, once)


def test_connections_that_the_other_side_ends(bench):
    bench.join()

    def once(k):
        with connect(bench, "talker.example", 19) as sock:
            assert len(sock.read()) == 2000
            assert sock.read() == b""

    many(bench, once)


def test_tls_connections(bench):
    from spwf04 import SSLContext

    prepare(bench)
    context = SSLContext()

    def once(k):
        sock = context.wrap_socket(bench.pool.socket(), server_hostname=HOST)
        sock.settimeout(20)
        sock.connect((HOST, 443))
        sock.send(b"GET / HTTP/1.0\r\n\r\n")
        assert sock.readline().startswith(b"HTTP/1.0 200")
        sock.close()

    many(bench, once)


def test_clients_of_a_server(bench):
    server = listening(bench)

    def once(k):
        bench.sim("visit", 8080, b"hello")
        client, _ = server.accept()
        client.settimeout(5)
        assert client.recv(5) == b"hello"
        client.send(b"served")
        assert bench.sim("visitor_reads", 6) == b"served"
        client.close()
        bench.sim("visitor_leaves")

    many(bench, once, server.close)


def test_servers(bench):
    def once(k):
        server = listening(bench)
        server.close()

    many(bench, once)


def test_datagrams(bench):
    def once(k):
        with udp(bench) as sock:
            sock.sendto(b"ping", ("udp.example", 7))
            assert sock.recvfrom(10)[0] == b"ping"

    many(bench, once)
