"""Small writes of HTTP and MQTT clients are sent together. None is held back for ever."""

PIECES = (b"GET", b" ", b"/", b" HTTP/1.1\r\n", b"Host", b": ", b"echo.example", b"\r\n", b"\r\n")
REQUEST = b"".join(PIECES)


def connect(bench, host="echo.example", port=7):
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect((host, port))
    return sock


def writes(bench):
    return [int(c.split(",")[1]) for c in bench.sim("log") if "SOCKW" in c]


def test_a_request_in_pieces_is_one_command(bench):
    sock = connect(bench)
    for _ in range(2):  # the second request is on the same connection
        for piece in PIECES:
            assert sock.send(piece) == len(piece)
        assert sock.read(len(REQUEST)) == REQUEST
    assert writes(bench) == [len(REQUEST)] * 2
    sock.close()


def test_methods_that_were_kept_before_the_first_send_do_the_same(bench):
    sock = connect(bench)
    send, recv_into, close = sock.send, sock.recv_into, sock.close
    for piece in PIECES:
        send(piece)
    buffer = bytearray(len(REQUEST))
    n = 0
    while n < len(REQUEST):
        n += recv_into(memoryview(buffer)[n:])
    assert buffer == REQUEST
    assert writes(bench) == [len(REQUEST)]
    close()
    assert bench.sim("open_sockets") == 0


def test_the_callers_buffer_may_change_after_a_send(bench):
    sock = connect(bench)
    buffer = bytearray(b"GET / HTTP/1.0\r\n")
    sock.send(memoryview(buffer))
    for i in range(len(buffer)):
        buffer[i] = 0
    sock.send(b"\r\n")
    assert sock.recv(40) == b"GET / HTTP/1.0\r\n\r\n"
    sock.close()


def test_a_large_body_goes_out_as_it_fills_the_buffer(bench):
    sock = connect(bench)
    sent = b"POST /up HTTP/1.1\r\nContent-Length: 2160\r\n\r\n"
    sock.send(sent[:4])
    sock.send(sent[4:])
    part = bytes(range(36))
    for _ in range(60):
        sock.send(part)
        sent += part
    assert sock.read(len(sent)) == sent
    assert len(writes(bench)) == (len(sent) + 729) // 730
    sock.close()


def test_a_whole_request_goes_out_though_nobody_reads(bench):
    sock = connect(bench)
    body = b"PUT /a HTTP/1.0\r\ncontent-length: 4\r\n\r\nbody"
    chunked = b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    for request in (REQUEST, body, chunked):
        before = len(writes(bench))
        for at in range(0, len(request), 7):
            assert len(writes(bench)) == before
            sock.send(request[at : at + 7])
        assert writes(bench)[before:] == [len(request)]
    sock.close()


def test_a_line_that_is_not_http_goes_out_at_its_end(bench):
    sock = connect(bench)
    sock.send(b"PUT ")
    assert writes(bench) == []
    sock.send(b"lamp 1\n")
    sock.send(b"GET ")  # from here on nothing is held
    assert writes(bench) == [11, 4]
    sock.close()


def test_what_is_no_request_goes_out_at_once(bench):
    sock = connect(bench)
    for data in (b"hello", b"GETTING there", b"GET", b"\x10\x20\x30"):
        sock.send(data)
    assert writes(bench) == [5, 13, 3, 3]
    sock.close()


def test_what_is_no_http_after_a_whole_request_goes_out_at_once(bench):
    """After its request a WebSocket sends frames, which must not wait."""
    frame = b"\x81\x05hello"
    sock = connect(bench)
    sent = b""
    for _ in range(2):
        for at in range(0, len(REQUEST), 9):
            sock.send(REQUEST[at : at + 9])
        assert writes(bench)[-1] == len(REQUEST)
        sent += REQUEST
        for data in (frame, frame[:2], b"G", b"GETTING", REQUEST, b"\x10\x02", frame):
            before = len(writes(bench))
            sock.send(data)
            sent += data
            assert writes(bench)[before:] == [len(data)], data
    assert sock.read(len(sent)) == sent
    sock.close()


def test_after_tcp_nodelay_and_without_waiting_every_piece_goes_out_at_once(bench):
    for how in ("nodelay", "time-out"):
        sock = connect(bench)
        sock.send(REQUEST[:3])
        sock.send(REQUEST[3:])
        if how == "nodelay":
            sock.setsockopt(6, 1, 1)
        else:
            sock.settimeout(0)
        for data in (b"GET", b" / HTTP/1.1\r\n", b"\x81\x05hello"):
            before = len(writes(bench))
            assert sock.write(data) == len(data)
            assert bench.until(lambda n=before: bench.poll() or len(writes(bench)) > n)
            assert writes(bench)[before:] == [len(data)], (how, data)
        sock.close()
        assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def test_whole_requests_and_packets_go_out_at_once(bench):
    sock = connect(bench)
    sock.send(REQUEST)
    assert writes(bench) == [len(REQUEST)]
    sock.close()


def mqtt(bench):
    """A connection on which a CONNECT was sent in four pieces."""
    sock = connect(bench)
    sock.send(b"\x10")
    sock.send(b"\x10")
    assert writes(bench) == []
    sock.send(b"\x00\x04MQTT\x04\x02\x00\x3c")
    sock.send(b"\x00\x04spwf")
    assert writes(bench) == [18]
    return sock


def test_an_mqtt_packet_goes_out_when_it_is_complete(bench):
    sock = mqtt(bench)
    sock.send(b"\x30\x07")
    sock.send(b"\x00\x03a/b")
    sock.send(b"hi")
    sock.send(b"\xc0\x00\xc0")  # a ping, and half of the next
    assert writes(bench) == [18, 9, 2]
    sock.send(b"\x00")
    assert writes(bench) == [18, 9, 2, 2]
    sock.close()


def test_an_mqtt_packet_larger_than_the_buffer_goes_by(bench):
    sock = mqtt(bench)
    body = bytes(2000)
    sock.send(b"\x30\xd5\x0f\x00\x03a/b")  # its length says that 2005 bytes follow
    for at in range(0, 2000, 500):
        sock.send(body[at : at + 500])
    sock.send(b"\xc0\x00")
    got = sock.read(18 + 8 + 2000 + 2)
    assert got[18:] == b"\x30\xd5\x0f\x00\x03a/b" + body + b"\xc0\x00"
    sock.close()


def test_after_a_packet_that_went_by_the_next_is_held_again(bench):
    sock = mqtt(bench)
    sock.send(b"\x30\xd5\x0f\x00\x03a/b")  # 2005 bytes follow
    for _ in range(4):
        sock.send(bytes(500))
    before = len(writes(bench))
    for piece in (b"\x30\x07", b"\x00\x03a/b", b"hi"):
        sock.send(piece)
    assert writes(bench)[before:] == [9]
    sock.close()


def test_what_only_begins_like_mqtt_is_not_held(bench):
    sock = connect(bench)
    sock.send(b"\x10\x40")
    sock.send(b"not that protocol")
    sock.send(b"x")
    assert writes(bench) == [19, 1]
    sock.close()
    sock = connect(bench)
    sock.send(b"\x10\xff\xff\xff")
    sock.send(b"\xff")
    sock.send(b"x")
    assert writes(bench)[2:] == [5, 1]
    sock.close()


def test_nothing_is_held_while_another_socket_waits(bench):
    one, two = connect(bench), connect(bench, "silent.example", 9)
    two.settimeout(0.5)
    one.send(b"GET")
    bench.raises(OSError, two.recv, 1)
    assert writes(bench) == [3]
    one.send(b" / HTTP/1.0\r\n")
    two.send(b"PUT")  # only one request is held at a time
    assert bench.until(lambda: bench.poll() or writes(bench)[:2] == [3, 13])
    for sock in (one, two):
        sock.close()


def test_close_and_a_time_out_of_0_send_what_is_held(bench):
    sock = connect(bench)
    sock.send(b"GET")
    sock.settimeout(0)
    assert writes(bench) == [3]
    sock.send(b" /")
    sock.close()
    assert bench.until(lambda: bench.poll() or writes(bench) == [3, 2])
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def test_tcp_nodelay_ends_it(bench):
    for early in (True, False):
        sock = connect(bench)
        before = len(writes(bench))
        if early:
            sock.setsockopt(6, 1, 1)
        sock.send(b"GET")
        if not early:
            sock.setsockopt(6, 1, 1)
        sock.send(b" /")
        assert writes(bench)[before:] == [3, 2]
        sock.close()


def test_a_connection_lost_meanwhile_is_an_error_of_the_next_call(bench):
    sock = connect(bench)
    sock.send(b"GET")
    before = bench.radio.channel.generation
    bench.sim("restart", "watchdog")
    assert bench.until(lambda: bench.radio.channel.generation > before or bench.poll())
    bench.raises(OSError, sock.recv, 10)
    sock.close()


def test_a_body_that_begins_with_the_head_is_held_to_its_last_byte(bench):
    sock = connect(bench)
    head = b"POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\n"
    sock.send(head + b"12345")
    sock.send(b"6789")
    assert writes(bench) == []
    sock.send(b"0")
    assert writes(bench) == [len(head) + 10]
    sock.close()
