"""How a stream ends, for each way of reading and writing: the end, a reset, closed."""

from spwf04.errors import errno

from .engine import (
    CALLS,
    EBADF,
    ERR,
    GONE,
    HUP,
    IN,
    MICROPYTHON,
    OUT,
    all_closed,
    connect,
    leaves,
    listening,
    number,
    played,
    ready,
)


# the end of the stream -------------------------------------------------------------------------
def read_nothing(bench, sock):
    """What each way of reading returns, three times."""
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
    """A socket that has read everything; its peer has sent something and left."""
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
        assert sock.recv(5) == b""  # the other sockets are unharmed
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
    from spwf04.compat import socket as installed

    bench.join()
    installed.use_radio(bench.radio)
    for timeout in (5, None, 0):
        n = bench.sim("puppet_next")
        sock = installed.socket()
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
    """WIND 58 was lost. The module refuses the write, and the caller is told."""
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


def test_a_poll_says_readable_when_a_loss_of_the_network_can_be_told(bench):
    bench.join()
    sock = connect(bench, "silent.example", 9, 0)
    bench.sim("drop_link")
    assert bench.until(lambda: bench.poll() or not bench.radio.isconnected())
    before = bench.sim("commands")
    assert bench.until(lambda: sock.ioctl(3, IN) & IN)
    assert bench.sim("commands") > before  # it has asked first whether bytes are left
    assert number(sock.recv_into, bytearray(5)) == errno.ECONNRESET
    sock.close()


def test_a_socket_that_is_closed_while_it_is_connected_leaves_nothing_open(bench):
    from spwf04 import SSLContext

    class Closes(SSLContext):
        def before_connect(self, sock):
            sock.close()
            return SSLContext.before_connect(self, sock)

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    bench.radio.certs.install(bench.sim("ca_pem"))
    sock = Closes().wrap_socket(bench.pool.socket(), server_hostname="www.example.com")
    assert number(sock.connect, ("www.example.com", 443)) == EBADF
    all_closed(bench)


def test_a_socket_that_is_closed_while_it_reads_writes_to_no_buffer(bench):
    sock = connect(bench, "talker.example", 19)
    bench.sim("line_speed", 9600)
    buffer = bytearray(500)
    clock = bench.radio.channel.clock
    idle = clock.idle
    seen = []

    def closes():
        idle()
        if not seen and sock.stream.got > 0:  # its bytes are on their way
            sock.settimeout(0)
            sock.close()
            seen.append(bytes(buffer))

    clock.idle = closes
    try:
        assert number(sock.recv_into, buffer) == EBADF
    finally:
        clock.idle = idle
    bench.rest(2000)
    assert seen == [bytes(buffer)] and buffer[-1] == 0
    all_closed(bench)
