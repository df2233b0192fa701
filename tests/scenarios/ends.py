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
    got_all,
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


# resets ----------------------------------------------------------------------------------------
RESET = errno.ECONNRESET


def learned(bench):
    """Have the module tell the reason of an end, which is how the driver learns that it tells."""
    bench.sim("read_as", "closed_reason", "told")
    bench.sim("read_as", "reset_unread", "kept")
    sock = ended(bench, 5)
    assert sock.recv(5) == b""
    sock.close()


def test_a_reset_is_no_end_where_the_module_tells(bench):
    learned(bench)
    for timeout in (5, None, 0):
        for said in (b"hello", b""):
            sock, n = played(bench)
            if said:
                bench.sim("peer_says", n, said)
                bench.rest(20)
            bench.sim("peer_resets", n)
            bench.rest(50)
            sock.settimeout(timeout)
            if said:
                ready(bench, sock, IN)
                assert sock.recv(5) == said
            ready(bench, sock, IN)
            for _ in range(3):
                assert number(sock.recv, 5) == RESET
                assert number(sock.read) == RESET
                assert number(sock.recv_into, bytearray(5)) == RESET
                assert number(sock.send, b"x") == RESET
            error = bench.raises(OSError, sock.recv, 5)
            assert "reason 1" in str(error), error
            sock.close()
    all_closed(bench)


def test_read_to_the_end_gives_no_part_of_a_stream_that_was_reset_as_all_of_it(bench):
    learned(bench)
    sock, n = played(bench)
    bench.sim("peer_says", n, b"one line\nhalf a li")
    bench.rest(20)
    bench.sim("peer_resets", n)
    assert sock.readline() == b"one line\n"
    assert number(sock.readline) == RESET
    sock.close()


def test_a_servers_client_that_resets_is_told_too(bench):
    learned(bench)
    server = listening(bench)
    n = bench.sim("guest_comes", 8080, b"hello")
    client, _ = server.accept()
    assert client.recv(5) == b"hello"
    bench.sim("peer_resets", n)
    bench.rest(50)
    for _ in range(3):
        assert number(client.recv, 5) == RESET
    client.close()
    server.close()


def test_an_end_is_never_taken_for_a_reset_whatever_the_reasons_mean(bench):
    for reading in ("one", "zero", "told"):
        bench.sim("read_as", "closed_reason", reading)
        for _ in range(2):
            sock = ended(bench, 5)
            assert [sock.recv(5) for _ in range(3)] == [b""] * 3, reading
            sock.close()
        if reading == "one":
            sock, n = played(bench)
            bench.sim("peer_resets", n)
            assert number(sock.recv, 5) == b""  # the module does not tell
            sock.close()


def test_what_a_reset_left_is_lost_only_where_the_module_throws_it_away(bench):
    learned(bench)
    for reading, expected in (("kept", [b"hello", RESET]), ("lost", [RESET, RESET])):
        bench.sim("read_as", "reset_unread", reading)
        sock, n = played(bench)
        bench.sim("peer_says", n, b"hello")
        bench.rest(20)
        bench.sim("peer_resets", n)
        bench.rest(50)
        assert [number(sock.recv, 5), number(sock.recv, 5)] == expected, reading
        sock.close()
    all_closed(bench)


# peers that only read --------------------------------------------------------------------------
def test_a_peer_that_only_reads_gets_all_that_the_module_sends(bench):
    for reading in ("works", "refused"):
        bench.sim("read_as", "half_closed", reading)
        sock, n = played(bench)
        bench.sim("peer_says", n, b"question")
        bench.sim("peer_shuts", n)
        bench.rest(50)
        if reading == "works":
            assert sock.send(b"AT+S.FCFG\r" * 100) == 1000
            assert sock.read() == b"question"
            sock.send(b"more")
            assert bench.sim("peer_got", n) == b"AT+S.FCFG\r" * 100 + b"more"
        else:
            for method in ("send", "sendall", "write"):
                error = bench.raises(OSError, getattr(sock, method), b"AT+S.FCFG\r")
                assert error.errno == RESET
            assert sock.ioctl(3, IN | OUT) & HUP
            assert sock.read() == b"question"  # a refused write takes nothing away
            assert bench.sim("peer_got", n) == b""
        sock.close()
    assert not [c for c in bench.sim("log") if "FCFG" in c]
    all_closed(bench)


def test_without_waiting_a_peer_that_only_reads_is_sent_to_once_that_is_known_to_work(bench):
    bench.sim("read_as", "half_closed", "works")
    for k in range(2):
        sock, n = played(bench, 0)
        bench.sim("peer_shuts", n)
        bench.rest(50)
        if k == 0:
            assert number(sock.send, b"first") == RESET  # nothing was taken
            sock.settimeout(5)
            assert sock.send(b"first") == 5
            sock.settimeout(0)
        assert sock.send(b"second") == 6
        got_all(bench, n, b"firstsecond" if k == 0 else b"second")
        sock.close()
    all_closed(bench)


def test_what_was_taken_before_a_peer_shuts_its_side_still_goes_out(bench):
    bench.sim("read_as", "half_closed", "works")
    sock, n = played(bench, 0)
    bench.sim("line_speed", 9600)
    assert sock.send(bytes(bench.pattern(900))) == 900
    bench.sim("peer_shuts", n)
    bench.rest(100)
    got_all(bench, n, bytes(bench.pattern(900)))
    assert number(sock.recv, 1) in (b"", errno.EAGAIN)
    sock.close()


def test_a_servers_client_that_only_reads_gets_its_answer(bench):
    bench.sim("read_as", "half_closed", "works")
    server = listening(bench)
    n = bench.sim("guest_comes", 8080, b"question")
    client, _ = server.accept()
    client.settimeout(5)
    bench.sim("peer_shuts", n)
    bench.rest(50)
    assert client.read() == b"question"
    if bench.sim("quirk", "gone_client") == "free":
        assert number(client.send, b"answer") == RESET  # its place is free by now
    else:
        client.send(b"answer")
        assert bench.sim("peer_got", n) == b"answer"
    client.close()
    server.close()


# peers that vanish -----------------------------------------------------------------------------
def test_a_peer_that_vanishes_is_a_time_out_until_the_module_tells(bench):
    for reading in ("silent", "told"):
        bench.sim("read_as", "dead_peer", reading)
        sock, n = played(bench, 2)
        bench.sim("peer_vanishes", n)
        assert sock.send(b"x") == 1
        result, ms = bench.spent(number, sock.recv, 1)
        assert result == errno.ETIMEDOUT
        assert ms < 2500
        bench.rest(62000)
        result = number(sock.recv, 1)
        if reading == "told":
            assert result in (b"", RESET)
        else:
            assert result == errno.ETIMEDOUT
        sock.close()
    all_closed(bench)


# masked indications ----------------------------------------------------------------------------
def masks(bench, value):
    line = "AT+S.SCFG=console_wind_off_medium,0x%s\r" % value
    bench.radio.channel.command(line.encode())


def module_tells(bench, fields):
    """True if an answer of the module tells of the end."""
    all_fields = bench.sim("quirk", fields) == "all"
    return all_fields or bench.sim("quirk", "ended_question") == "closed"


def heard_late(bench, sock, reading, tells):
    """The end is told within 6 s, though its indication was masked."""
    result, ms = bench.spent(number, sock.recv, 5)
    if reading == "lost" and sock.accepted and bench.sim("quirk", "gone_client") == "free":
        assert result in (b"", RESET)  # another client may have its place
        return
    if reading == "lost" and not tells:  # then only a write could tell
        assert result == errno.ETIMEDOUT
        return
    assert result == b"", (reading, result)
    assert ms < 6000, (reading, ms)


def test_an_end_that_came_while_indications_were_masked_is_noticed(bench):
    tells = module_tells(bench, "sockl_fields")
    for reading in ("lost", "lifted", "asked"):
        bench.sim("read_as", "masked_winds", reading)
        for said in (b"", b"hello"):
            sock, n = played(bench, 10)
            masks(bench, "FFFFFFFF")
            if said:
                bench.sim("peer_says", n, said)
            bench.sim("peer_leaves", n)
            bench.rest(100)
            masks(bench, "00000000")
            if said:
                assert sock.read(5) == said
            heard_late(bench, sock, reading, tells)
            sock.close()
    all_closed(bench)


def test_the_end_of_a_servers_client_is_noticed_though_it_was_masked(bench):
    tells = module_tells(bench, "list_fields")
    for reading in ("lost", "lifted", "asked"):
        bench.sim("read_as", "masked_winds", reading)
        server = listening(bench)
        n = bench.sim("guest_comes", 8080, b"hello")
        client, _ = server.accept()
        client.settimeout(10)
        masks(bench, "FFFFFFFF")
        leaves(bench, n)
        masks(bench, "00000000")
        assert client.recv(5) == b"hello"
        heard_late(bench, client, reading, tells)
        client.close()
        server.close()


def test_masks_around_each_read_lose_neither_bytes_nor_the_end(bench):
    """As mbed's driver does it. [k.2]"""
    tells = module_tells(bench, "sockl_fields")
    for reading in ("lost", "lifted", "asked"):
        bench.sim("read_as", "masked_winds", reading)
        sock, n = played(bench, 10)
        got = b""
        for k in range(5):
            bench.sim("peer_says", n, b"%d bytes" % k)
            bench.rest(10)
            masks(bench, "FFFFFFFF")
            got += sock.recv(4)
            bench.sim("peer_says", n, b"/")
            bench.rest(10)
            if k == 4:
                bench.sim("peer_leaves", n)
                bench.rest(10)
            masks(bench, "00000000")
            got += sock.read(4)
        assert got == b"".join([b"%d bytes/" % k for k in range(5)])
        heard_late(bench, sock, reading, tells)
        sock.close()
