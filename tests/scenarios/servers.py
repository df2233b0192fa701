"""Listening sockets: bind, listen, accept; plain and TLS."""

from spwf04.errors import errno


def listening(bench, port=8080, timeout=5):
    bench.join()
    sock = bench.pool.socket()
    sock.bind(("0.0.0.0", port))
    sock.listen(2)
    sock.settimeout(timeout)
    return sock


def test_a_client_is_accepted_and_answered(bench):
    server = listening(bench)
    bench.sim("visit", 8080, b"hello")
    client, address = server.accept()
    assert address[0] == "127.0.0.1" and address[1] > 0
    client.settimeout(5)
    assert client.recv(10) == b"hello"
    assert client.send(b"world") == 5
    assert bench.sim("visitor_reads", 5) == b"world"
    client.close()
    assert bench.sim("visitor_reads", 1) == b""
    server.close()
    assert bench.sim("open_servers") == 0


def test_bytes_larger_than_a_command_go_both_ways(bench):
    server = listening(bench)
    bench.sim("visit", 8080, bench.pattern(3000))
    client, _ = server.accept()
    got = bytearray()
    while len(got) < 3000:
        got.extend(client.recv(1000))
    assert got == bench.pattern(3000)
    client.sendall(bench.pattern(2000))
    assert bench.sim("visitor_reads", 2000) == bench.pattern(2000)
    client.close()
    server.close()


def test_the_end_of_the_stream_is_seen(bench):
    server = listening(bench)
    bench.sim("visit", 8080, b"bye")
    client, _ = server.accept()
    bench.sim("visitor_leaves")
    assert client.read() == b"bye"
    assert client.recv(1) == client.recv(1) == b""
    if (
        bench.sim("quirk", "half_closed") == "works"
        and bench.sim("quirk", "gone_client") == "taken"
    ):
        assert client.send(b"x") == 1  # it has only sent its end, and still reads
    else:
        assert bench.raises(OSError, client.send, b"x").errno == errno.ECONNRESET
    client.close()
    server.close()
    assert bench.sim("open_servers") == 0


def test_without_a_client_accept_says_so(bench):
    server = listening(bench, timeout=0)
    assert bench.raises(OSError, server.accept).errno == errno.EAGAIN
    server.settimeout(0.2)
    assert bench.raises(OSError, server.accept).errno == errno.ETIMEDOUT
    server.close()


def test_several_clients_at_once(bench):
    server = listening(bench)
    clients = []
    for n in range(3):
        bench.sim("visit", 8080, b"client %d" % n)
        clients.append(server.accept()[0])
    for n in (2, 0, 1):
        assert clients[n].read(8) == b"client %d" % n
    for client in clients:
        client.close()
    server.close()


def test_a_closed_listener_lets_its_clients_go_on(bench):
    server = listening(bench)
    bench.sim("visit", 8080, b"one")
    client, _ = server.accept()
    server.close()
    assert bench.sim("servers_that_stay") == 1
    assert client.read(3) == b"one"
    client.close()
    assert bench.sim("open_servers") == 0


def test_a_client_closed_with_bytes_unread_is_gone(bench):
    server = listening(bench)
    bench.sim("visit", 8080, bench.pattern(2000))
    client, _ = server.accept()
    client.close()
    assert bench.sim("visitor_reads", 1) == b""
    server.close()
    assert bench.sim("open_servers") == 0


def test_what_cannot_be_bound_is_refused_before_anything_is_sent(bench):
    bench.join()
    before = bench.sim("commands")
    sock = bench.pool.socket()
    for address in (("0.0.0.0", 0), ("0.0.0.0", 65536), ("0.0.0.0", "80")):
        bench.raises(ValueError, sock.bind, address)
    bench.raises(OSError, sock.listen)
    bench.raises(OSError, sock.accept)
    assert bench.sim("commands") == before
    error = bench.raises(OSError, sock.bind, ("10.9.8.7", 80))
    assert error.errno == getattr(errno, "EADDRNOTAVAIL", 99)


def test_names_of_both_ends_of_a_listening_socket_and_of_one_that_failed(bench):
    sock = listening(bench)
    assert sock.getsockname() == ("0.0.0.0", 8080)
    assert bench.raises(OSError, sock.getpeername).errno == errno.ENOTCONN
    sock.close()
    sock = bench.pool.socket()
    bench.raises(OSError, sock.connect, ("nowhere.example", 7))
    assert sock.getsockname() == (bench.radio.ipv4_address, 0)
    assert bench.raises(OSError, sock.listen).errno == errno.EINVAL  # not on the peer's port
    sock.bind(("", 8081))
    assert sock.getsockname() == ("", 8081)
    sock.close()


def test_port_80_is_free_once_the_modules_own_web_server_is_off(bench):
    bench.join()
    sock = bench.pool.socket()
    sock.bind(("", 80))
    if bench.sim("quirk", "web_port") == "refused":
        error = bench.raises(OSError, sock.listen)
        assert error.errno == errno.EADDRINUSE
        assert "ip_use_httpd" in str(error)
        bench.radio.set("ip_use_httpd", "0")
        bench.radio.disconnect()
        bench.join()
        sock = bench.pool.socket()
        sock.bind(("", 80))
    sock.listen()
    sock.close()
    assert bench.sim("open_servers") == 0


def test_a_port_in_use_and_a_third_server_are_errors_of_their_own(bench):
    server = listening(bench)
    pool = bench.pool
    again = pool.socket()
    again.bind(("", 8080))
    assert bench.raises(OSError, again.listen).errno == errno.EADDRINUSE
    second, third = pool.socket(), pool.socket()
    second.bind(("", 8081))
    second.listen()
    third.bind(("", 8082))
    assert bench.raises(OSError, third.listen).errno == errno.ENOMEM
    for sock in (server, second, again, third):
        sock.close()
    assert bench.sim("open_servers") == 0


def test_after_a_restart_servers_and_their_clients_are_over(bench):
    server = listening(bench)
    bench.sim("visit", 8080, b"hello")
    client, _ = server.accept()
    before = bench.radio.channel.generation
    bench.sim("restart", "watchdog")
    assert bench.until(lambda: bench.poll() or bench.radio.channel.generation > before)
    assert bench.raises(OSError, server.accept).errno == errno.ECONNRESET
    assert bench.raises(OSError, client.recv, 1).errno == errno.ECONNRESET
    client.close()
    server.close()


def test_polling_tells_of_a_client_and_of_its_bytes(bench):
    server = listening(bench, timeout=0)
    assert server.ioctl(3, 1) == 0
    bench.sim("visit", 8080, b"hello")
    assert bench.until(lambda: server.ioctl(3, 1) == 1)
    client, _ = server.accept()
    client.setblocking(False)
    assert bench.until(lambda: client.ioctl(3, 1) & 1)
    assert client.read(10) == b"hello"
    assert client.read(10) is None
    assert bench.until(lambda: client.ioctl(3, 4) & 4)
    assert client.write(b"answer") == 6
    assert bench.until(lambda: bench.poll() or not bench.radio.channel.busy())
    assert bench.sim("visitor_reads", 6) == b"answer"
    client.close()
    server.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_a_tls_server_shows_its_certificate(bench):
    from spwf04 import SSLContext

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    context = SSLContext()
    sock = bench.pool.socket()
    bench.raises(ValueError, context.wrap_socket, sock, server_side=True)
    certificate, key = bench.sim("server_files")
    context.load_cert_chain(certificate, key)
    sock = context.wrap_socket(sock, server_side=True)
    sock.bind(("0.0.0.0", 8443))
    sock.listen()
    sock.settimeout(10)
    bench.sim("visit", 8443, b"hello", True)
    client, _ = sock.accept()
    client.settimeout(5)
    assert client.recv(10) == b"hello"
    client.send(b"secret")
    assert bench.sim("visitor_reads", 6) == b"secret"
    assert client.engine == "module"
    client.close()
    sock.close()
    assert bench.sim("open_servers") == 0


def _heap():
    """Bytes of this interpreter's heap in use; 0 if it does not tell."""
    import gc
    import sys

    if sys.platform == "webassembly":
        return 0  # garbage is collected when the program has ended
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def test_clients_that_were_not_closed_give_their_places_back_when_they_have_gone(bench):
    server = listening(bench)
    before = 0
    for n in range(20):
        bench.sim("visit", 8080, b"client %d" % n)
        client, _ = server.accept()
        client.settimeout(5)
        assert client.recv(20) == b"client %d" % n
        client.send(b"served")
        assert bench.sim("visitor_reads", 6) == b"served"
        bench.sim("visitor_leaves")
        if n == 9:
            before = _heap()
    assert _heap() - before < 1000
    assert client.recv(1) == b""
    server.close()
    assert bench.sim("open_servers") == 0


def test_clients_that_leave_before_accept_are_passed_over(bench):
    server = listening(bench, timeout=1)
    for _ in range(10):
        bench.sim("visit", 8080, b"")
        bench.sim("visitor_leaves")
    bench.radio.channel.wait(bench.poll, 1000)  # what the module says of them has arrived
    assert bench.raises(OSError, server.accept).errno == errno.ETIMEDOUT
    server.settimeout(5)
    # a client that sent something before it left is heard
    bench.sim("visit", 8080, b"last words")
    bench.sim("visitor_leaves")
    client, _ = server.accept()
    assert client.recv(20) == b"last words"
    assert client.recv(20) == b""
    client.close()
    server.close()
    assert bench.sim("open_servers") == 0


def serve_half_a_request(bench, server, early, closes):
    """Serve a client that sends half a request and leaves, by a server that polls."""
    bench.sim("visit", 8080, b"half a requ")
    if early:
        bench.sim("visitor_leaves")
    assert bench.until(lambda: server.ioctl(3, 1) == 1)
    client, _ = server.accept()
    client.setblocking(False)
    assert bench.until(lambda: client.ioctl(3, 1) & 1)
    assert client.read(20) == b"half a requ"
    if not early:
        bench.sim("visitor_leaves")
    assert bench.until(lambda: client.ioctl(3, 1) & 1)
    assert client.read(20) == b""
    if closes:
        client.close()
        # GUESS gone_client: a client that comes meanwhile may be closed with it
        assert bench.until(lambda: bench.poll() or bench.radio.channel.idle is None)


def test_a_polled_server_survives_clients_that_leave(bench):
    server = listening(bench, timeout=0)
    before = 0
    for n in range(30):
        serve_half_a_request(bench, server, n % 2, n % 3)
        if n == 11:
            before = _heap()
    assert _heap() - before < 1000, _heap() - before
    assert bench.until(lambda: server.ioctl(3, 1) or server.stream.clients.count(None) == 8)
    server.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)


def test_a_tls_server_survives_clients_that_leave(bench):
    from spwf04 import SSLContext

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    context = SSLContext()
    context.load_cert_chain(*bench.sim("server_files"))
    server = context.wrap_socket(bench.pool.socket(), server_side=True)
    server.bind(("0.0.0.0", 8443))
    server.listen()
    server.settimeout(10)
    for n in range(10):
        # first a client without TLS, then one with TLS that the program does not close
        bench.sim("visit", 8443, b"GET / HTTP/1.0\r\n\r\n")
        bench.sim("visitor_leaves")
        bench.sim("visit", 8443, b"client %d" % n, True)
        client, _ = server.accept()
        client.settimeout(5)
        assert client.recv(20) == b"client %d" % n
        client.send(b"served")
        assert bench.sim("visitor_reads", 6) == b"served"
        bench.sim("visitor_leaves")
    assert client.recv(1) == b""  # the driver knows that it has gone
    server.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_servers") == 0)
