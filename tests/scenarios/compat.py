"""Our sockets under other libraries' names: connect first, wrap then; CERT_NONE without harm."""

from spwf04 import Bundle, CertificateError

from .tls import HOST, get


def ready(bench):
    """(the socket module, the ssl module) over a joined module with the clock set."""
    from spwf04.compat.socket import SocketModule
    from spwf04.compat.ssl import SSLModule

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


def fetch(bench, socket, make, host=HOST):
    """A page by a context that make() gives; raises as wrap_socket() does."""
    sock = socket.socket()
    sock.settimeout(20)
    sock.connect((host, 443))
    try:
        sock = make().wrap_socket(sock, server_hostname=host)
        return get(sock)
    finally:
        sock.close()


def without_roots(bench):
    """(socket, ssl): as ready(), and nothing is trusted but what a context is given."""
    from spwf04.compat.socket import SocketModule
    from spwf04.compat.ssl import SSLModule

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    return SocketModule(bench.radio), SSLModule(None)


def test_a_default_context_trusts_the_ca_it_is_given(bench):
    socket, ssl = without_roots(bench)
    bench.raises(CertificateError, fetch, bench, socket, ssl.create_default_context)
    pem = bench.sim("ca_pem")
    page = fetch(bench, socket, lambda: ssl.create_default_context(cadata=pem))
    assert page.startswith(b"HTTP/1.0 200")
    assert bench.sim("open_sockets") == 0


def test_a_default_context_refuses_who_has_another_ca(bench):
    socket, ssl = without_roots(bench)
    pem = bench.sim("other_ca_pem")
    bench.raises(
        CertificateError, fetch, bench, socket, lambda: ssl.create_default_context(cadata=pem)
    )
    assert bench.sim("open_sockets") == 0


def test_a_default_context_takes_der(bench):
    socket, ssl = without_roots(bench)
    der = bench.sim("ca_der")
    assert fetch(bench, socket, lambda: ssl.create_default_context(cadata=der))[:8] == b"HTTP/1.0"


def test_a_default_context_trusts_the_ca_in_a_file(bench):
    socket, ssl = without_roots(bench)
    file = bench.sim("ca_file")
    page = fetch(bench, socket, lambda: ssl.create_default_context(cafile=file))
    assert page.startswith(b"HTTP/1.0 200")
    bench.raises(OSError, ssl.create_default_context, cafile=file + ".none")


def test_the_legacy_function_trusts_the_ca_it_is_given_and_refuses_others(bench):
    socket, ssl = without_roots(bench)
    for pem, good in ((bench.sim("other_ca_pem"), False), (bench.sim("ca_pem"), True)):
        sock = socket.socket()
        sock.settimeout(20)
        sock.connect((HOST, 443))
        if good:
            sock = ssl.wrap_socket(sock, cadata=pem, server_hostname=HOST)
            assert get(sock).startswith(b"HTTP/1.0 200")
        else:
            bench.raises(CertificateError, ssl.wrap_socket, sock, cadata=pem, server_hostname=HOST)
        sock.close()
    assert bench.sim("open_sockets") == 0
