"""Our sockets under other libraries' names.

A program connects first and wraps then; CERT_NONE does no harm; there are classes where the
interpreter's modules have classes.
"""

import sys

from spwf04 import Bundle, CertificateError, SSLContext
from spwf04.errors import errno

from .engine import EBADF
from .tls import HOST, get


def ready(bench):
    """(the socket module, the ssl module) over a joined module with the clock set."""
    return faces(bench, Bundle(bench.sim("bundle")))


def faces(bench, roots):
    """The modules that install() puts in the place of socket and ssl, where it can."""
    from spwf04.compat import socket, ssl

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    socket.use_radio(bench.radio)
    ssl.use_roots(roots)
    return socket, ssl


def opens(bench):
    return [c for c in bench.sim("log") if "SOCKON" in c]


def test_connect_then_wrap_is_a_verified_connection(bench):
    socket, ssl = ready(bench)
    ai = socket.getaddrinfo(HOST, 443, 0, socket.SOCK_STREAM)[0]
    sock = socket.socket(ai[0], ai[1], ai[2])
    sock.settimeout(20)
    sock.connect(ai[-1])
    assert opens(bench) == []  # it waits for wrap_socket()
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
    assert sock.recv(8) == b"STARTTLS"  # the connection is unharmed
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
    """Fetch a page by a context that make() returns. It raises what wrap_socket() raises."""
    sock = socket.socket()
    sock.settimeout(20)
    sock.connect((host, 443))
    try:
        sock = make().wrap_socket(sock, server_hostname=host)
        return get(sock)
    finally:
        sock.close()


def without_roots(bench):
    """(socket, ssl) as of ready(); a context trusts only the CAs that it is given."""
    return faces(bench, None)


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


# what a program does with the names -----------------------------------------------------------
def test_socket_and_context_are_classes(bench):
    socket, ssl = ready(bench)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    assert isinstance(sock, socket.socket)
    assert type(sock) is socket.socket
    assert isinstance(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext)
    assert isinstance(ssl.create_default_context(), ssl.SSLContext)
    assert not isinstance(ssl, ssl.SSLContext)
    wrapped = ssl.SSLContext().wrap_socket(sock, server_hostname=HOST)
    assert isinstance(wrapped, socket.socket)


def test_classes_of_a_program_are_derived_from_them(bench):
    socket, ssl = ready(bench)

    class Line(socket.socket):
        def __init__(self, name, count=0):
            super().__init__()
            self.name = name
            self.count = count

        def send(self, data):
            self.count += 1
            return super().send(data)

    class Context(ssl.SSLContext):
        def __init__(self, name):
            super().__init__(ssl.PROTOCOL_TLS_CLIENT)
            self.name = name

    line = Line("first", count=3)
    line.connect(("echo.example", 7))
    assert line.send(b"hello") == 5
    assert line.recv(5) == b"hello"
    assert (line.name, line.count) == ("first", 4)
    assert isinstance(line, socket.socket)
    assert not isinstance(socket.socket(), Line)
    line.close()
    line = Line("second")
    line.settimeout(20)
    line.connect((HOST, 443))
    context = Context("ours")
    assert get(context.wrap_socket(line, server_hostname=HOST)).startswith(b"HTTP/1.0 200")
    assert context.name == "ours"
    line.close()
    assert bench.sim("open_sockets") == 0


def test_a_class_of_a_program_is_for_tcp(bench):
    socket, _ = ready(bench)

    class Line(socket.socket):
        pass

    e = bench.raises(OSError, Line, socket.AF_INET, socket.SOCK_DGRAM)
    assert e.errno == errno.EINVAL
    assert isinstance(Line(socket.AF_INET, socket.SOCK_STREAM), Line)


def test_the_class_gives_udp_sockets_too(bench):
    socket, _ = ready(bench)
    for arguments in ((socket.AF_INET, socket.SOCK_DGRAM), (2, 2, socket.IPPROTO_UDP)):
        sock = socket.socket(*arguments)
        assert sock.type == socket.SOCK_DGRAM
        sock.sendto(b"ping", ("udp.example", 7))
        data, where = sock.recvfrom(10)
        assert data == b"ping" and where[1] == 7
        sock.close()
    sock = socket.socket(type=socket.SOCK_DGRAM)
    assert sock.type == socket.SOCK_DGRAM
    assert bench.sim("open_sockets") == 0


def test_what_is_no_socket_of_the_module_is_refused(bench):
    socket, _ = ready(bench)
    for family, kind in ((socket.AF_INET6, 1), (2, socket.SOCK_RAW), (0, 0)):
        assert bench.raises(OSError, socket.socket, family, kind).errno == errno.EINVAL
    bench.raises(TypeError, socket.socket, "2")
    bench.raises(TypeError, socket.socket, 2, None)


def test_a_star_import_finds_the_names(bench):
    """MicroPython's star import works only with a module."""
    socket, ssl = ready(bench)
    found = {}
    exec("from spwf04.compat.socket import *\nfrom spwf04.compat.ssl import *", found)
    for name in "socket getaddrinfo AF_INET SOCK_STREAM SOL_SOCKET SO_REUSEADDR".split():
        assert found[name] is getattr(socket, name)
    for name in "SSLContext wrap_socket CERT_NONE PROTOCOL_TLS_CLIENT MBEDTLS_VERSION".split():
        assert found[name] is getattr(ssl, name)


def test_installed_names_are_modules(bench):
    """On CPython all but socket are, see tests/unit/test_installed.py."""
    from spwf04 import install, uninstall

    bench.join()
    cpython = sys.implementation.name == "cpython"
    names = ("ssl", "tls", "socketpool") if cpython else ("socket", "ssl", "tls", "socketpool")
    before = [sys.modules.get(name) for name in names]
    assert install(bench.radio, names) is names
    found = {}
    try:
        exec("from ssl import *\nfrom socketpool import *\nimport tls, ssl, socketpool", found)
        assert found["SSLContext"] is found["ssl"].SSLContext is found["tls"].SSLContext
        assert isinstance(found["SSLContext"](), found["SSLContext"])
        assert found["SocketPool"](bench.radio) is bench.pool
        if not cpython:
            exec("from socket import *\nimport usocket\nsock = socket()", found)
            assert isinstance(found["sock"], found["usocket"].socket)
            assert found["sock"].pool is bench.pool
            found["sock"].close()
    finally:
        uninstall()
    assert [sys.modules.get(name) for name in names] == before


def test_the_radio_that_was_installed_last_serves(bench):
    socket, _ = ready(bench)
    first = socket.socket()
    other = bench.another_radio()
    socket.use_radio(other)
    assert first.pool is bench.pool
    assert socket.socket().pool.radio is other


# errors by their names ------------------------------------------------------------------------
def test_a_time_out_is_what_the_module_calls_so(bench):
    socket, _ = ready(bench)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        sock = socket.socket(socket.AF_INET, kind)
        sock.connect(("echo.example", 7))
        sock.settimeout(0.2)
        e = bench.raises(socket.timeout, sock.recv, 1)
        assert e.errno == errno.ETIMEDOUT
        assert isinstance(e, socket.error)
        sock.close()
    if sys.implementation.name != "cpython":
        assert socket.timeout is OSError
    bench.raises(socket.gaierror, socket.getaddrinfo, "no name", 80)


def test_addresses_as_bytes_and_back(bench):
    socket, _ = ready(bench)
    for text in ("0.0.0.0", "192.168.1.23", "255.255.255.255"):
        packed = socket.inet_pton(socket.AF_INET, text)
        assert len(packed) == 4
        assert socket.inet_ntop(socket.AF_INET, packed) == text
    assert socket.inet_pton(2, "1.2.3.4") == b"\x01\x02\x03\x04"
    assert socket.inet_ntop(2, bytearray(b"\x01\x02\x03\x04")) == "1.2.3.4"
    for text in ("", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.x", "1.2.3.-4", "1..3.4"):
        assert bench.raises(OSError, socket.inet_pton, 2, text).errno == errno.EINVAL
    for family, packed in ((2, b"123"), (2, b"12345"), (socket.AF_INET6, b"1234")):
        assert bench.raises(OSError, socket.inet_ntop, family, packed).errno == errno.EINVAL
    bench.raises(OSError, socket.inet_pton, socket.AF_INET6, "1.2.3.4")
    bench.raises(TypeError, socket.inet_pton, 2, None)
    bench.raises(TypeError, socket.inet_ntop, 2, 4)


# sockets of the pool --------------------------------------------------------------------------
def test_a_socket_of_the_pool_is_connected_and_wrapped_then(bench):
    """Programs for CircuitPython do it so: import socketpool, import ssl."""
    _, ssl = ready(bench)
    for seconds in (20, None):
        sock = bench.pool.socket()
        sock.settimeout(seconds)
        sock.connect((HOST, 443))
        wrapped = ssl.create_default_context().wrap_socket(sock, server_hostname=HOST)
        assert wrapped.engine == "module"
        assert get(wrapped).startswith(b"HTTP/1.0 200")
        wrapped.close()
    assert bench.sim("open_sockets") == 0


def test_a_socket_of_the_pool_is_not_wrapped_without_verification(bench):
    _, ssl = ready(bench)
    sock = bench.pool.socket()
    sock.connect(("expired.example", 443))
    context = ssl.create_default_context()
    context.verify_mode = ssl.CERT_NONE
    bench.raises(CertificateError, context.wrap_socket, sock, server_hostname="expired.example")
    sock.close()
    assert bench.sim("open_sockets") == 0


def test_a_socket_of_the_pool_that_has_spoken_is_not_wrapped(bench):
    _, ssl = ready(bench)
    sock = bench.pool.socket()
    sock.connect(("echo.example", 7))
    sock.send(b"STARTTLS")
    context = ssl.create_default_context()
    e = bench.raises(OSError, context.wrap_socket, sock, server_hostname="echo.example")
    assert "bytes have moved" in str(e)
    assert sock.recv(8) == b"STARTTLS"
    sock.close()


def test_a_socket_that_listens_is_not_opened_to_its_own_port(bench):
    socket, ssl = ready(bench)
    for make in (socket.socket, bench.pool.socket):
        sock = make()
        sock.bind(("", 8080))
        sock.listen()
        bench.raises(ValueError, ssl.create_default_context().wrap_socket, sock)
        assert sock.is_open() and sock.tls is None
        sock.close()
    assert [c for c in opens(bench) if "8080" in c] == []


def test_what_waits_for_the_line_in_clear_cannot_be_wrapped(bench):
    from spwf04.errors import errno

    socket, ssl = ready(bench)
    sock = socket.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    bench.sim("slow_connections", 800)
    other = bench.pool.socket()
    other.setblocking(False)
    bench.raises(OSError, other.connect, ("echo.example", 7))
    sock.setblocking(False)
    assert sock.send(b"a secret") == 8  # taken, and not sent yet
    context = ssl.create_default_context()
    assert bench.raises(OSError, context.wrap_socket, sock).errno == errno.EINVAL
    sock.close()
    other.close()


# MicroPython's tls ----------------------------------------------------------------------------
def test_cas_come_first_as_tls_takes_them(bench):
    socket, tls = without_roots(bench)
    for ca in (bench.sim("ca_pem"), bench.sim("ca_pem").encode(), bench.sim("ca_der")):

        def make(ca=ca):
            context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(ca)
            return context

        assert fetch(bench, socket, make).startswith(b"HTTP/1.0 200")
    file = bench.sim("ca_file")
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(file)
    assert len(context.cas) == 1


def test_a_udp_socket_is_not_wrapped_because_it_would_go_in_clear(bench):
    socket, ssl = ready(bench)
    for context in (ssl.SSLContext(), SSLContext()):
        for sock in (socket.socket(2, 2), bench.pool.socket(2, 2)):
            bench.raises(TypeError, context.wrap_socket, sock, server_hostname=HOST)
            assert sock.tls is None


def test_a_socket_that_is_closed_cannot_be_wrapped_and_the_error_says_why(bench):
    socket, ssl = ready(bench)
    sock = socket.socket()
    sock.close()
    for server_side in (False, True):
        error = bench.raises(OSError, ssl.SSLContext().wrap_socket, sock, server_side=server_side)
        assert error.errno == EBADF


def test_a_socket_that_is_wrapped_as_a_client_does_not_serve_without_a_certificate(bench):
    ready(bench)
    sock = SSLContext().wrap_socket(bench.pool.socket())
    sock.bind(("", 8443))
    assert "load_cert_chain" in str(bench.raises(ValueError, sock.listen))
    sock.close()
    assert bench.sim("open_servers") == 0


def test_the_error_of_a_connect_that_was_polled_is_told_by_the_next_connect(bench):
    socket, _ = ready(bench)
    for port in (7, 443):
        sock = socket.socket()
        sock.setblocking(False)
        error = bench.raises(OSError, sock.connect, ("nowhere.example", port))
        assert error.errno == errno.EINPROGRESS
        assert bench.until(lambda sock=sock: sock.ioctl(3, 5))
        error = bench.raises(OSError, sock.connect, ("nowhere.example", port))
        assert error.errno == errno.EHOSTUNREACH
        sock.close()


def test_a_connection_that_is_to_be_tls_by_its_mode_is_that(bench):
    socket, _ = faces(bench, None)
    bench.radio.certs.install(bench.sim("ca_pem"))
    for seconds in (20, 0):
        sock = socket.socket()
        sock.settimeout(seconds)
        try:
            sock.connect((HOST, 443), bench.radio.TLS_MODE)
        except OSError as e:
            assert e.errno == errno.EINPROGRESS
        assert bench.until(lambda sock=sock: sock.ioctl(3, 4))
        sock.settimeout(20)
        assert get(sock).startswith(b"HTTP/1.0 200")
        assert sock.engine == "module"
        sock.close()
    assert all([HOST in line.split(",")[-1] for line in opens(bench)])
