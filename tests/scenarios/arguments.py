"""Arguments of all kinds: sends are counted in bytes, and a refused argument sends nothing."""

import array
import sys

from spwf04 import SSLContext


class Raises:
    """An object of the program that raises an error of its own."""

    def __len__(self):
        raise RuntimeError

    __iter__ = __bool__ = __str__ = __int__ = __len__

    def __getitem__(self, n):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError

    def __hash__(self):
        raise RuntimeError

    def __add__(self, other):
        raise RuntimeError

    def encode(self):
        raise RuntimeError


TEXT = "abc\xe9 \u20ac"
WRONG = (None, 5, 1.5, [1, 2], {}, (1, 2), object(), Raises(), (x for x in (1, 2)))


def buffers():
    """(an object to send, its bytes)"""
    words = array.array("H", [1, 2, 3, 0x4142])
    small = array.array("b", [1, -1, 0])
    return (
        (b"bytes", b"bytes"),
        (bytearray(b"bytearray"), b"bytearray"),
        (memoryview(b"a view of")[2:6], b"view"),
        (words, bytes(words)),
        (memoryview(words)[1:], bytes(words)[2:]),
        (small, bytes(small)),
        (array.array("f", [0.5]), bytes(array.array("f", [0.5]))),
    )


def connect(bench):
    if not bench.radio.isconnected():
        bench.join()
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    return sock


def receive(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            break
        data += part
    return data


def refused(bench, function, *args):
    """The call must raise TypeError or ValueError with a message, and send nothing."""
    bench.poll()
    before = bench.sim("bytes_in")
    try:
        function(*args)
    except (TypeError, ValueError) as e:
        assert str(e)
        assert bench.sim("bytes_in") == before
        return str(e)
    raise AssertionError("accepted: %s" % type(args[0]))


def test_text_is_sent_as_this_interpreters_sockets_send_it(bench):
    data = TEXT.encode()
    for first in (True, False):  # the first bytes of a connection, and later ones
        for name in ("send", "sendall"):
            with connect(bench) as sock:
                if not first:
                    sock.send(b"x")
                    receive(sock, 1)
                if sys.implementation.name == "micropython":
                    assert getattr(sock, name)(TEXT) in (len(data), None)
                    assert receive(sock, len(data)) == data
                else:
                    assert "data" in refused(bench, getattr(sock, name), TEXT)
                sock.send(b"after")
                assert receive(sock, 5) == b"after"


def test_text_can_be_written_everywhere(bench):
    with connect(bench) as sock:
        assert sock.write("GET / HTTP/1.0\r\n\r\n") == 18
        assert receive(sock, 18) == b"GET / HTTP/1.0\r\n\r\n"
        assert sock.write(TEXT) == 9
        assert receive(sock, 9) == TEXT.encode()
        assert sock.write(TEXT, 3) == 3
        assert receive(sock, 3) == b"abc"


def test_no_text_becomes_a_command(bench):
    command = "AT+S.SCFG=ip_hostname,stranger\r"
    with connect(bench) as sock:
        sock.write("\xe9" * len(command) + command)
        assert len(receive(sock, 3 * len(command))) == 3 * len(command)
    assert bench.radio.get("ip_hostname") != "stranger"


def test_every_buffer_is_sent_byte_by_byte(bench):
    for name in ("send", "sendall", "write"):
        with connect(bench) as sock:
            for data, expected in buffers():
                assert getattr(sock, name)(data) in (len(expected), None)
                assert receive(sock, len(expected)) == expected


def test_every_buffer_is_sent_without_waiting(bench):
    sock = connect(bench)
    sock.setblocking(False)
    for data, expected in buffers():
        assert bench.until(lambda: bench.poll() or sock.ioctl(3, 4) == 4)
        assert sock.send(data) == len(expected)
        got = bytearray()
        part = bytearray(20)

        def echoed():
            n = sock.readinto(part)  # noqa: B023
            if n:
                got.extend(part[:n])  # noqa: B023
            return len(got) >= len(expected)  # noqa: B023

        assert bench.until(lambda: bench.poll() or echoed())
        assert bytes(got) == expected
    sock.settimeout(5)
    sock.close()


def test_every_buffer_can_be_read_into(bench):
    for name in ("recv_into", "readinto"):
        with connect(bench) as sock:
            for buffer in (
                array.array("H", [0] * 4),
                memoryview(array.array("H", [0] * 4)),
                array.array("b", [0] * 8),
                array.array("f", [0] * 2),
                memoryview(bytearray(8)),
                memoryview(array.array("B", [0] * 8)),
                bytearray(8),
            ):
                for n in (0, 5, 100):
                    data = bench.pattern(8)
                    sock.send(data)
                    assert bench.until(lambda: sock.ioctl(3, 1))
                    got = getattr(sock, name)(buffer, n) if n else getattr(sock, name)(buffer)
                    assert got == (5 if n == 5 else 8)
                    assert bytes(buffer)[:got] == data[:got]
                    assert receive(sock, 8 - got) == data[got:]


def test_what_cannot_be_written_is_not_read_into(bench):
    with connect(bench) as sock:
        sock.send(b"hello")
        assert bench.until(lambda: sock.ioctl(3, 1))
        for buffer in WRONG + (b"12345", memoryview(b"12345"), "text"):
            for name in ("recv_into", "readinto"):
                assert "buffer" in refused(bench, getattr(sock, name), buffer)
        assert receive(sock, 5) == b"hello"


def test_numbers_of_bytes(bench):
    with connect(bench) as sock:
        sock.send(b"hello")
        assert bench.until(lambda: sock.ioctl(3, 1))
        for n in (-1, None, "5", 1.5, Raises()):
            refused(bench, sock.recv, n)
        for n in (-1, None, "5", 1.5, Raises()):
            refused(bench, sock.recv_into, bytearray(5), n)
        assert sock.recv(1 << 40) == b"hello"  # there is no memory for so many bytes
        assert sock.readinto(bytearray(5), 0) == 0


def test_what_cannot_be_sent_sends_nothing(bench):
    with connect(bench) as sock:
        for first in (True, False):
            for data in WRONG:
                for name in ("send", "sendall", "write"):
                    assert "data" in refused(bench, getattr(sock, name), data)
            if first:
                sock.send(b"hello")
                assert receive(sock, 5) == b"hello"
        sock.setblocking(False)
        for data in WRONG:
            refused(bench, sock.send, data)
        sock.setblocking(True)
        sock.send(b"after")
        assert receive(sock, 5) == b"after"


def test_datagrams_of_all_kinds(bench):
    bench.join()
    pool = bench.pool
    where = ("udp.example", 7)
    with pool.socket(pool.AF_INET, pool.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        for data, expected in buffers():
            assert sock.sendto(data, where) == len(expected)
            assert sock.recv(100) == expected
            assert sock.send(data) == len(expected)
            buffer = array.array("H", [0] * 8)
            n, _ = sock.recvfrom_into(buffer)
            assert (n, bytes(buffer)[:n]) == (len(expected), expected)
        if sys.implementation.name == "micropython":
            assert sock.sendto(TEXT, where) == 9
            assert sock.recv(100) == TEXT.encode()
        for data in WRONG if sys.implementation.name == "micropython" else WRONG + (TEXT,):
            refused(bench, sock.sendto, data, where)
            refused(bench, sock.send, data)
        for address in WRONG + ("udp.example", ("udp.example",), ("udp.example", "7"), (7, 7)):
            refused(bench, sock.sendto, b"x", address)
        assert sock.sendto(b"after", where) == 5
        assert sock.recv(100) == b"after"


def test_addresses_that_are_none(bench):
    bench.join()
    for timeout in (5, 0):
        sock = bench.pool.socket()
        sock.settimeout(timeout)
        for address in WRONG + (
            "echo.example",
            (),
            ("echo.example",),
            (None, 7),
            (1234, 7),
            ("", 7),
            (b"\xff", 7),
            ("echo.example", None),
            ("echo.example", "7"),
            ("echo.example", 7.0),
            ("echo.example", 0),
            (Raises(), 7),
            ("echo.example", Raises()),
            ("a\rb", 7),
            ("a,b", 7),
        ):
            refused(bench, sock.connect, address)
        sock.close()
    connect(bench).close()


def test_times_that_are_none(bench):
    with connect(bench) as sock:
        for seconds in ("5", -1, float("nan"), float("inf"), [5], Raises()):
            refused(bench, sock.settimeout, seconds)
            refused(bench, bench.radio.connect, "home", "correct horse", seconds)
        sock.settimeout(0.0004)  # this is not 0
        assert sock.timeout_ms == 1
        sock.settimeout(10**9)
        sock.send(b"after")
        assert receive(sock, 5) == b"after"


def test_names_and_values_that_are_none(bench):
    radio = bench.radio
    radio.get("nv_model")
    for name in WRONG + ("", "a,b", "a b", b"a,b", "a\r"):
        refused(bench, radio.get, name)
        refused(bench, radio.set, name, "1")
    for value in (None, 1.5, [1], {}, object(), Raises(), "a\nb"):
        refused(bench, radio.set, "user_desc", value)
    refused(bench, radio.get, "nv_model", "FCFG")
    for ssid, password in ((2401, "correct horse"), ("home", 12345678), ("home", ["a"] * 8)):
        refused(bench, radio.connect, ssid, password)
    refused(bench, radio.connect, ",|;~^!\t", "correct horse")
    assert refused(bench, radio.connect, None, "correct horse").startswith("ssid ")
    for host in ("https://www.example.com", "www.example.com/", b"a/b"):
        assert refused(bench, bench.pool.socket().connect, (host, 443)).startswith("host ")
    radio.set("user_desc", True)
    assert radio.get("user_desc") == "1"
    radio.set("user_desc", b"a,b")
    assert radio.get(b"user_desc") == "a,b"


def test_roots_may_be_named(bench):
    """A bundle or a PEM file by its name, or a list of CAs. Anything else is refused at once."""
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    pem = bench.sim("other_ca_pem") + bench.sim("ca_pem")
    for roots in (bench.sim("bundle"), pem, pem.encode(), [bench.sim("ca_pem")]):
        bench.radio.certs.clear()
        context = SSLContext(engine="module", roots=roots)
        sock = context.wrap_socket(bench.pool.socket(), server_hostname="www.example.com")
        sock.settimeout(20)
        sock.connect(("www.example.com", 443))
        sock.close()
    for roots in (5, 1.5, {}, object(), [5], b"no certificate", "-----BEGIN nothing"):
        assert "roots" in refused(bench, lambda roots: SSLContext(roots=roots), roots)
    assert "roots" in str(bench.raises(OSError, SSLContext, roots="there is no such file"))


def test_what_a_context_cannot_use_is_refused_when_it_is_given(bench):
    both = bench.sim("other_ca_pem") + bench.sim("ca_pem")
    context = SSLContext()
    for cadata in ("", "no certificate", b"", b"no certificate", 5, both.replace("END", "AND")):
        assert "cadata" in refused(
            bench, lambda d: context.load_verify_locations(cadata=d), cadata
        )
    assert "cafile" in str(
        bench.raises(OSError, context.load_verify_locations, "there is no such file")
    )
    for certfile in (5, None, [1]):
        assert "certfile" in refused(bench, context.load_cert_chain, certfile)
    context.load_verify_locations(cadata=both)
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    sock = context.wrap_socket(bench.pool.socket(), server_hostname="www.example.com")
    sock.settimeout(20)
    sock.connect(("www.example.com", 443))
    sock.close()


def test_a_handler_that_raises_ends_its_command(bench):
    """It ends nothing else: the next call finds the module again."""

    def handler(parser):
        raise RuntimeError("of the program's own")

    channel = bench.radio.channel
    bench.radio.get("nv_model")
    bench.raises(RuntimeError, channel.command, b"AT+S.GCFG=nv_model\r", None, 3000, handler)
    assert not channel.busy()
    assert bench.radio.get("nv_model") == "SPWF04SA"
    connect(bench).close()
