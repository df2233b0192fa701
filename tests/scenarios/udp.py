"""UDP sockets."""

from spwf04.errors import errno


def udp(bench):
    if not bench.radio.isconnected():
        bench.join()
    pool = bench.pool
    sock = pool.socket(pool.AF_INET, pool.SOCK_DGRAM)
    sock.settimeout(2)
    return sock


def test_a_datagram_goes_out_and_its_answer_comes(bench):
    with udp(bench) as sock:
        assert sock.sendto(b"ping", ("udp.example", 7)) == 4
        data, address = sock.recvfrom(100)
        assert data == b"ping"
        assert address[1] == 7 and address[0].count(".") == 3
    assert bench.sim("open_sockets") == 0


def test_datagrams_stay_apart(bench):
    sock = udp(bench)
    sock.connect(("udp.example", 7))
    sock.send(b"twice 1")
    sock.send(b"2")
    if bench.sim("quirk", "wind55_missing"):  # nothing tells where a datagram ends
        got = b""
        while len(got) < 15:
            got += sock.recv(100)
        assert sorted(got) == sorted(b"2twice 1twice 1")
    else:
        assert bench.until(lambda: bench.poll() or len(sock.stream._sizes) == 3)
        assert sorted([sock.recv(100) for _ in range(3)]) == [b"2", b"twice 1", b"twice 1"]
    sock.close()


def test_what_does_not_fit_the_buffer_is_lost_and_no_more(bench):
    sock = udp(bench)
    sock.sendto(b"twice", ("udp.example", 7))
    assert sock.recv(3) == b"twi"
    if not bench.sim("quirk", "wind55_missing"):  # else nothing tells where a datagram ends
        assert sock.recv(100) == b"twice"
    sock.close()


def test_another_peer_is_another_socket_of_the_module(bench):
    sock = udp(bench)
    for host in ("udp.example", "other.example", "udp.example"):
        sock.sendto(b"hello", (host, 7))
        assert sock.recvfrom(100)[0] == b"hello"
        assert bench.sim("open_sockets") == 1
    sock.close()
    assert bench.sim("open_sockets") == 0


def test_silence_is_a_time_out(bench):
    sock = udp(bench)
    sock.settimeout(0.2)
    sock.connect(("udp.example", 7))
    assert bench.raises(OSError, sock.recv, 10).errno == errno.ETIMEDOUT
    sock.settimeout(0)
    assert bench.raises(OSError, sock.recv, 10).errno == errno.EAGAIN
    sock.close()


def test_a_datagram_that_is_too_large_is_refused(bench):
    sock = udp(bench)
    sock.connect(("udp.example", 7))
    assert bench.raises(OSError, sock.send, bytes(731)).errno == 90
    assert sock.send(bytes(730)) == 730
    assert len(sock.recv(1000)) == 730
    sock.close()


def test_a_bound_socket_hears_everybody_and_answers(bench):
    sock = udp(bench)
    sock.bind(("0.0.0.0", 5005))
    bench.raises(OSError, sock.accept)
    sock.settimeout(0)
    assert bench.raises(OSError, sock.recvfrom, 10).errno == errno.EAGAIN
    sock.settimeout(5)
    for n in range(2):
        bench.sim("send_datagrams", 5005, [b"from %d" % n])
        data, address = sock.recvfrom(100)
        assert data == b"from %d" % n
        if bench.sim("quirk", "udp_client_line"):
            assert address[0] == "127.0.0.1" and address[1] > 0
        assert sock.sendto(b"answer", address) == 6
        assert bench.sim("sender_reads") == b"answer"
    error = bench.raises(OSError, sock.sendto, b"x", ("10.0.0.9", 9))
    assert error.errno == getattr(errno, "EADDRNOTAVAIL", 99)
    sock.close()
    assert bench.sim("open_servers") == 0


def test_more_senders_than_the_module_has_places_for_are_heard(bench):
    sock = udp(bench)
    sock.bind(("0.0.0.0", 5005))
    sock.settimeout(0)
    bench.raises(OSError, sock.recvfrom, 10)
    sock.settimeout(5)
    for n in range(11):
        bench.sim("send_datagrams", 5005, [b"%d" % n])
        assert sock.recvfrom(100)[0] == b"%d" % n
    sock.close()


def test_a_socket_that_is_not_connected_cannot_receive(bench):
    sock = udp(bench)
    assert bench.raises(OSError, sock.recv, 10).errno == errno.ENOTCONN
    assert bench.raises(OSError, sock.send, b"x").errno == errno.ENOTCONN
    sock.close()
    sock.close()


def test_a_socket_that_is_bound_can_be_written_to_at_any_moment(bench):
    sock = udp(bench)
    sock.bind(("", 5000))
    sock.settimeout(0)
    try:
        sock.recvfrom(10)
    except OSError as e:
        assert e.errno == errno.EAGAIN
    assert sock.ioctl(3, 4) == 4
    assert sock.ioctl(3, 1) == 0
    sock.close()


def test_flags_are_refused(bench):
    sock = udp(bench)
    sock.connect(("udp.example", 7))
    for call in (
        lambda: sock.send(b"x", 1),
        lambda: sock.sendto(b"x", 1, ("udp.example", 7)),
        lambda: sock.recvfrom(10, 1),
        lambda: sock.recv_into(bytearray(10), 0, 1),
    ):
        try:
            call()
        except (OSError, TypeError) as e:
            assert isinstance(e, TypeError) or e.errno == errno.EOPNOTSUPP
        else:
            raise AssertionError("a flag was taken")
    sock.close()


def test_another_port_of_the_same_address_is_another_peer(bench):
    sock = udp(bench)
    sock.sendto(b"hello", ("udp.example", 7))
    address = sock.recvfrom(100)[1][0]
    sock.sendto(b"again", (address, 7))
    assert sock.getpeername() == ("udp.example", 7)
    assert sock.recvfrom(100)[0] == b"again"
    try:
        sock.sendto(b"nobody is there", (address, 8))
        assert sock.getpeername() == (address, 8)
    except OSError as e:
        assert e.errno == errno.ECONNREFUSED
    sock.close()


def test_a_peer_that_is_not_there_takes_the_port_of_bind_from_nobody(bench):
    sock = udp(bench)
    sock.bind(("", 5005))
    assert bench.raises(OSError, sock.sendto, b"x", ("nowhere.example", 7))
    assert sock.getsockname() == ("", 5005)
    assert bench.raises(OSError, sock.getpeername).errno == errno.ENOTCONN
    sock.sendto(b"hello", ("udp.example", 7))
    assert sock.getsockname() == ("", 5005)
    assert sock.getpeername() == ("udp.example", 7)
    assert sock.recv(100) == b"hello"
    assert bench.raises(OSError, sock.sendto, b"x", ("nowhere.example", 7))
    sock.settimeout(0)
    assert bench.raises(OSError, sock.recvfrom, 10).errno == errno.EAGAIN
    assert sock.getsockname() == ("", 5005)
    assert bench.raises(OSError, sock.getpeername).errno == errno.ENOTCONN
    sock.settimeout(5)
    bench.sim("send_datagrams", 5005, [b"from somebody"])
    assert sock.recv(100) == b"from somebody"
    sock.close()


def test_a_read_of_no_bytes_waits_for_nothing(bench):
    sock = udp(bench)
    sock.connect(("udp.example", 7))
    sock.send(b"hello")
    buffer = bytearray(5)
    assert sock.readinto(buffer, 0) == 0
    assert sock.readinto(buffer) == 5
    assert buffer == b"hello"
    sock.close()
