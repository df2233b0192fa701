"""Our sockets under other libraries' names: connect first, wrap then; CERT_NONE without harm."""

from spwf04 import Bundle, CertificateError

from .tls import HOST, get


def ready(bench):
    """(the socket module, the ssl module) over a joined module with the clock set."""
    from spwf04.compat import SocketModule, SSLModule

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    return SocketModule(bench.radio), SSLModule(Bundle(bench.sim("bundle")))


def opens(bench):
    return [c for c in bench.sim("log") if "SOCKON" in c]


def test_connect_then_wrap_is_a_verified_connection(bench):
    socket, ssl = ready(bench)
    ai = socket.getaddrinfo(HOST, 443, 0, socket.SOCK_STREAM)[0]
    sock = socket.socket(ai[0], ai[1], ai[2])
    sock.settimeout(20)
    sock.connect(ai[-1])
    assert opens(bench) == []  # it waits for what comes
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_NONE
    sock = context.wrap_socket(sock, server_hostname=HOST)
    assert sock.engine == "module"
    assert get(sock).startswith(b"HTTP/1.0 200")
    sock.close()
    assert bench.sim("open_sockets") == 0


def test_cert_none_does_not_make_an_unverified_connection(bench):
    socket, ssl = ready(bench)
    for host, name in ((HOST, "x.example"), ("expired.example", "expired.example")):
        context = ssl.SSLContext()
        context.verify_mode = ssl.CERT_NONE
        assert context.verify_mode == ssl.CERT_REQUIRED
        sock = socket.socket()
        sock.connect((host, 443))
        bench.raises(CertificateError, context.wrap_socket, sock, server_hostname=name)
        sock.close()
    assert bench.sim("open_sockets") == 0


def test_a_connection_that_is_open_already_is_opened_again(bench):
    socket, ssl = ready(bench)
    bench.sim("second_port")
    sock = socket.socket()
    sock.connect((HOST, 4433))
    assert len(opens(bench)) == 1
    sock = ssl.wrap_socket(sock, server_hostname=HOST)
    assert get(sock).startswith(b"HTTP/1.0 200")
    sock.close()
    assert bench.sim("open_sockets") == 0


def test_tls_in_the_middle_of_a_connection_is_refused(bench):
    socket, ssl = ready(bench)
    sock = socket.socket()
    sock.connect(("echo.example", 7))
    sock.send(b"STARTTLS")
    e = bench.raises(OSError, ssl.wrap_socket, sock, server_hostname="echo.example")
    assert "bytes have moved" in str(e)
    assert sock.recv(8) == b"STARTTLS"  # the connection is as it was
    sock.close()


def test_a_plain_server_on_a_tls_port_gets_plain_bytes_if_nobody_wraps(bench):
    socket, _ = ready(bench)
    bench.sim("echo_on_443")
    sock = socket.socket()
    sock.connect(("echo.example", 443))
    sock.send(b"plain")
    assert sock.recv(5) == b"plain"
    sock.close()
    sock = socket.socket()
    sock.connect(("echo.example", 443))
    sock.close()
    bench.raises(ValueError, socket.socket().connect, ("a\rb", 443))
