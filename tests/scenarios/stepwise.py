"""Sockets with time-out 0: nothing waits, polling drives them."""

from spwf04.errors import errno


def started(bench, host="echo.example", port=7):
    """A socket whose connect() has begun."""
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.setblocking(False)
    error = bench.raises(OSError, sock.connect, (host, port))
    assert error.errno == errno.EINPROGRESS
    return sock


def ready(bench, sock, events):
    assert bench.until(lambda: sock.ioctl(3, events) & events == events)


def opened(bench, host="echo.example", port=7):
    sock = started(bench, host, port)
    ready(bench, sock, 4)
    return sock


def test_connect_begins_and_polling_tells_its_end(bench):
    sock = started(bench)
    assert sock.ioctl(3, 5) == 0
    ready(bench, sock, 4)
    sock.connect(("echo.example", 7))  # it is connected
    sock.close()


def test_bytes_come_back(bench):
    sock = opened(bench)
    assert sock.write(b"hello") == 5
    assert sock.read(5) is None
    ready(bench, sock, 1)
    assert sock.read(5) == b"hello"
    assert sock.read(5) is None
    assert bench.raises(OSError, sock.recv, 5).errno == errno.EAGAIN
    sock.close()


def test_a_write_takes_what_there_is_room_for(bench):
    sock = opened(bench)
    data = bench.pattern(2500)
    at = 0
    got = bytearray()
    while len(got) < 2500:
        if at < 2500:
            n = sock.write(memoryview(data)[at:])
            assert n is None or 0 < n <= 1024
            at += n or 0
        bench.radio.channel.step()
        if sock.ioctl(3, 1) & 1:
            got.extend(sock.read(300))
    assert got == data
    sock.close()


def test_the_end_of_the_stream(bench):
    sock = opened(bench, "talker.example", 19)
    got = bytearray()
    while True:
        ready(bench, sock, 1)
        data = sock.read(700)
        if data == b"":
            break
        if data:
            got.extend(data)
    assert got == bench.pattern(2000)
    assert sock.recv(1) == sock.read(1) == b""
    sock.close()


def test_a_refused_connection_is_told_by_the_next_call(bench):
    sock = started(bench, "closed.example", 80)
    assert bench.until(lambda: sock.ioctl(3, 4) & 8)
    bench.raises(OSError, sock.write, b"x")
    sock.close()


def test_a_second_connect_waits_for_the_line_without_waiting(bench):
    one = started(bench)
    two = started(bench, "silent.example", 9)
    ready(bench, one, 4)
    ready(bench, two, 4)
    assert bench.sim("open_sockets") == 2
    one.close()
    two.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def test_a_connect_that_waits_for_the_line_is_not_lost_when_the_socket_may_wait(bench):
    one = started(bench)
    two = started(bench)
    two.settimeout(5)  # its SOCKON has not been sent
    two.send(b"hello")
    assert two.read(5) == b"hello"
    ready(bench, one, 4)
    one.close()
    two.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def test_close_does_not_wait_even_with_bytes_unread(bench):
    sock = opened(bench, "talker.example", 19)
    assert bench.until(lambda: bench.poll() or sock.stream.pending)
    sock.close()
    sock.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)
    with bench.pool.socket() as sock:
        sock.connect(("echo.example", 7))
        sock.send(b"x")
        assert sock.recv(1) == b"x"


def test_close_while_connecting_and_while_reading(bench):
    started(bench).close()
    sock = opened(bench)
    sock.write(b"hello")
    assert bench.until(lambda: bench.poll() or sock.stream.pending)
    sock.ioctl(3, 1)  # a read is on its way
    sock.close()
    with bench.pool.socket() as sock:  # the late reply does not confuse what follows
        sock.connect(("echo.example", 7))
        sock.send(b"again")
        assert sock.read(5) == b"again"
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def test_a_socket_may_wait_again(bench):
    sock = opened(bench)
    sock.write(b"hello")
    sock.setblocking(True)
    assert sock.read(5) == b"hello"
    sock.settimeout(0)
    assert sock.read(5) is None
    sock.settimeout(2)
    sock.send(b"again")
    assert sock.read(5) == b"again"
    sock.close()
    assert bench.sim("open_sockets") == 0


def test_a_restart_is_an_error_and_no_silence(bench):
    sock = opened(bench)
    bench.sim("restart", "hardfault")
    assert bench.until(lambda: sock.ioctl(3, 1) & 1)
    assert bench.raises(OSError, sock.recv, 1).errno == errno.ECONNRESET
    sock.close()


def test_a_blocking_socket_can_be_polled(bench):
    bench.join()
    sock = bench.pool.socket()
    assert sock.ioctl(3, 1) & 16
    sock.connect(("echo.example", 7))
    assert sock.ioctl(3, 5) == 4
    sock.send(b"hello")
    ready(bench, sock, 1)
    assert sock.recv(5) == b"hello"
    assert sock.ioctl(3, 1) == 0
    assert sock.ioctl(10, 0) == -22
    assert sock.ioctl(4, 0) == 0
    bench.raises(OSError, sock.recv, 1)


def test_select_poll_knows_our_sockets(bench):
    import sys

    if sys.implementation.name == "cpython":
        return  # CPython's select wants file descriptors
    import select

    sock = opened(bench)
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    assert poller.poll(0) == []
    sock.write(b"hello")
    assert bench.until(lambda: poller.poll(0))
    assert sock.read(5) == b"hello"
    sock.close()


def test_tls_without_waiting(bench):
    from spwf04 import SSLContext

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    context = SSLContext()
    context.load_verify_locations(cadata=bench.sim("ca_pem"))
    sock = bench.pool.socket()
    sock.setblocking(False)
    sock = context.wrap_socket(sock, server_hostname="www.example.com")
    bench.raises(OSError, sock.connect, ("www.example.com", 443))
    ready(bench, sock, 4)
    assert sock.engine == "module"
    assert sock.write(b"GET / HTTP/1.0\r\n\r\n") == 18
    ready(bench, sock, 1)
    assert sock.readline().startswith(b"HTTP/1.0 200")
    sock.close()
