"""What is written to a TLS socket arrives whole, however it is written. By the host's TLS nothing
of it appears on the UART.

Each scenario is one way to write, and tries some of PAYLOADS by each engine.
tests/unit/test_sealed.py tries all of them by every way, in process.
"""

import sys

from spwf04 import CertificateError, SSLContext
from spwf04.errors import errno

PORT = 465
# In each list: what is written first, next, and so on
PAYLOADS = (
    (b"EHLO board.test\r\n", b"AUTH PLAIN c2VjcmV0\r\n"),
    (b"*2\r\n$4\r\nAUTH\r\n$10\r\ncorrecthor\r\n",),
    (bytes(range(1, 256)), bytes(range(255))),
    (b"\x01",),
    (b"redis:" * 850,),  # few different parts, so no random bytes equal one
    (b"GETTING THINGS DONE, NOT BY HTTP\n", b"and so on\n"),
    (b"POST", b"POSTED WITHOUT ANY PROTOCOL\r\n\r\n"),
    (b"PUT /secret HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"password!"),
    (b"\x10\x0e\x00\x04MQTX something else\n",),
    (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04name", b"\xc0\x00", b"\xe0\x00"),
    (b"", b"after nothing\n"),
    (b"x\rAT+S.FCFG\r", b"AT+S.FCFG\rmore"),
)


def ready(bench, greeting=b""):
    """Join, set the clock, put the CAs in place, and start a server that keeps what it gets."""
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    bench.radio.certs.install(bench.sim("ca_pem"))
    bench.radio.certs.keep_for_host(bench.sim("rsa_ca_pem"))
    bench.sim("collect", PORT, greeting)


def kinds(bench):
    """(engine as asked for, host, engine as used)."""
    found = [("module", "collector.example", "module")]
    if "host" in bench.engines:
        found.append(("host", "collector.example", "host"))
        found.append(("auto", "beyond.example", "host"))
    return found


def wrapped(bench, engine, timeout=20):
    sock = SSLContext(engine=engine).wrap_socket(bench.pool.socket())
    sock.settimeout(timeout)
    return sock


def opened(bench, engine, host):
    sock = wrapped(bench, engine)
    sock.connect((host, PORT))
    return sock


def patiently(bench, call, *args):
    """Call a method of a socket that does not wait, until it takes something."""
    taken = []

    def step():
        bench.poll()
        try:
            taken.append(call(*args))
        except OSError as e:
            if e.errno not in (errno.EAGAIN, errno.EINPROGRESS):
                raise
            return False
        return taken[-1] is not None

    assert bench.until(step)
    return taken[-1]


def check(bench, way, number):
    """Write every third payload by each engine; number says which third."""
    ready(bench)
    for at in range(number % 3, len(PAYLOADS), 3):
        for engine, host, used in kinds(bench):
            one(bench, way, PAYLOADS[at], engine, host, used)


def one(bench, way, payload, engine, host, used):
    """Write one payload by one way over a new connection."""
    bench.sim("listen")
    sock = way(bench, payload, engine, host)
    assert sock.engine == used
    sock.close()
    arrived(bench, b"".join(payload), engine)
    assert bench.sim("collected_as_tls")
    assert not [c for c in bench.sim("log") if "SOCKW=," in c]
    if used == "host":
        for part in payload:
            clear = bench.sim("in_clear", part)
            assert not clear, (engine, part, clear)


def arrived(bench, whole, engine):
    """Wait until the server has these bytes. They are compared in pieces: the heap of a board that
    has just closed a TLS connection has no room for long texts in one piece."""
    bench.until(lambda: bench.poll() or bench.sim("collected_length") >= len(whole))
    assert bench.sim("collected_length") == len(whole), (engine, whole)
    for at in range(0, len(whole), 256):
        got = bench.sim("collected", at, 256)
        assert got == whole[at : at + 256], (engine, whole, at, got)


def test_send(bench):
    check(bench, by_send, 0)


def test_sendall_from_memory_that_changes(bench):
    check(bench, by_sendall, 1)


def test_write(bench):
    check(bench, by_write, 2)


def test_a_file_over_the_socket(bench):
    check(bench, by_file, 3)


def test_without_waiting_once_connected(bench):
    check(bench, without_waiting, 4)


def test_without_waiting_from_the_start(bench):
    check(bench, never_waiting, 5)


def test_select_poll(bench):
    check(bench, by_poll, 6)


def test_streams_of_asyncio(bench):
    check(bench, by_asyncio, 7)


def test_after_a_read_that_took_too_long(bench):
    check(bench, after_a_read, 8)


def test_between_changes_of_the_time_out(bench):
    check(bench, with_other_time_outs, 9)


def test_after_a_connection_that_was_refused(bench):
    check(bench, after_a_refusal, 10)


def test_after_a_connection_that_took_too_long(bench):
    check(bench, after_a_late_one, 11)


def test_without_delay(bench):
    check(bench, without_delay, 12)


def test_without_delay_set_before_and_after(bench):
    check(bench, without_delay_early, 13)


# the ways to write
def by_send(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    for part in payload:
        assert sock.send(part) == len(part)
    return sock


def by_sendall(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    for part in payload:
        part = bytearray(part)
        sock.sendall(memoryview(part))
        for i in range(len(part)):
            part[i] = 0
    return sock


def by_write(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    for part in payload:
        assert sock.write(part) == len(part)
    return sock


def by_file(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    for part, mode in zip(payload, ("wb", "rwb", "wb")):
        file = sock.makefile(mode)
        file.write(part)
        if hasattr(file, "flush"):
            file.flush()
    return sock


def without_waiting(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    sock.setblocking(False)
    all_of_it(bench, sock, payload)
    return sock


def all_of_it(bench, sock, payload):
    for part in payload:
        at = 0
        while at < len(part):
            at += patiently(bench, sock.send, part[at:])


def never_waiting(bench, payload, engine, host):
    sock = wrapped(bench, engine, 0)
    e = bench.raises(OSError, sock.connect, (host, PORT))
    assert e.errno == errno.EINPROGRESS
    assert sock.version() is None
    assert sock.cipher() is None
    assert sock.write(b"") in (0, None)
    all_of_it(bench, sock, payload)
    settle(bench, sock)
    return sock


def settle(bench, sock):
    """Wait until all that was written is on its way. close() does not wait for it, and would cut
    it off."""
    bench.until(lambda: sock.ioctl(3, 4) & 4)
    sock.settimeout(20)


def by_poll(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    sock.setblocking(False)
    poll = None
    if sys.implementation.name != "cpython":  # CPython's poll() wants a file descriptor
        try:
            import select

            poll = select.poll()
            poll.register(sock, 4)
        except (ImportError, OSError):
            poll = None
    for part in payload:
        at = 0
        while at < len(part):
            # poll(0): time goes on only where the driver waits, see tests/shims/lockstep.py
            assert bench.until(lambda: poll.poll(0) if poll is not None else sock.ioctl(3, 4) & 4)
            at += sock.write(part[at:]) or 0
    return sock


def by_asyncio(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    sock.setblocking(False)
    try:
        if sys.platform == "webassembly":
            raise ImportError("its asyncio is JavaScript's, and cannot be waited for")
        from asyncio import create_task, run, sleep
        from asyncio.stream import Stream
    except (ImportError, AttributeError):  # this asyncio is not MicroPython's
        all_of_it(bench, sock, payload)
        return sock

    async def go_on():
        while True:
            bench.radio.channel.step()  # time goes on only where the driver waits
            await sleep(0)

    async def write():
        beside = create_task(go_on())
        stream = Stream(sock)
        for part in payload:
            stream.write(part)
            await stream.drain()
        beside.cancel()

    run(write())
    return sock


def after_a_read(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    for part in payload:
        sock.settimeout(0.3)
        assert bench.raises(OSError, sock.recv, 10).errno == errno.ETIMEDOUT
        sock.settimeout(20)
        sock.send(part)
    return sock


def with_other_time_outs(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    for part in payload:
        half = len(part) // 2
        sock.settimeout(None)
        sock.sendall(part[:half])
        sock.settimeout(3)
        sock.setblocking(False)
        all_of_it(bench, sock, (part[half:],))
        sock.setblocking(True)
        sock.settimeout(7)
    return sock


def after_a_refusal(bench, payload, engine, host):
    sock = wrapped(bench, engine)
    for port in (PORT + 1, PORT + 2):
        bench.raises(OSError, sock.connect, (host, port))
        bench.raises(OSError, sock.send, payload[-1])
    sock.connect((host, PORT))
    for part in payload:
        sock.send(part)
    return sock


def after_a_late_one(bench, payload, engine, host):
    sock = wrapped(bench, engine, 0.3)
    bench.sim("slow_connections", 500)
    for other in ("collector.example", "beyond.example"):
        e = bench.raises(OSError, sock.connect, (other, PORT))
        assert e.errno == errno.ETIMEDOUT
        bench.raises(OSError, sock.send, payload[-1])
    bench.sim("slow_connections", 1)
    sock.settimeout(30)
    sock.connect((host, PORT))
    for part in payload:
        sock.send(part)
    return sock


def without_delay(bench, payload, engine, host):
    sock = opened(bench, engine, host)
    sock.setsockopt(6, 1, 1)
    for part in payload:
        sock.send(part)
    return sock


def without_delay_early(bench, payload, engine, host):
    sock = wrapped(bench, engine)
    sock.setsockopt(6, 1, 1)
    sock.connect((host, PORT))
    for part in payload:
        sock.send(part)
        sock.setsockopt(6, 1, 1)
    return sock


WAYS = (
    by_send,
    by_sendall,
    by_write,
    by_file,
    without_waiting,
    never_waiting,
    by_poll,
    by_asyncio,
    after_a_read,
    with_other_time_outs,
    after_a_refusal,
    after_a_late_one,
    without_delay,
    without_delay_early,
)


# closing, reading
def test_what_is_held_back_goes_out_through_tls_when_the_socket_is_closed(bench):
    ready(bench)
    for engine, host, _ in kinds(bench):
        for how in ("close", "ioctl"):
            sock = opened(bench, engine, host)
            sock.send(b"GET")
            assert bench.sim("collected") == b""
            if how == "close":
                sock.close()
            else:
                sock.ioctl(4, 0)
            assert bench.until(lambda: bench.poll() or bench.sim("collected") == b"GET")
            assert bench.sim("collected_as_tls")


def test_what_is_held_back_goes_out_when_the_socket_is_polled(bench):
    ready(bench)
    for engine, host, _ in kinds(bench):
        sock = opened(bench, engine, host)
        sock.send(b"GET")
        sock.ioctl(3, 1)
        assert bench.until(lambda: bench.poll() or bench.sim("collected") == b"GET")
        sock.close()


def test_what_comes_is_decrypted_though_nothing_was_sent(bench):
    ready(bench, b"220 collector.example ready\r\n")
    for engine, host, used in kinds(bench):
        sock = opened(bench, engine, host)
        assert sock.readline() == b"220 collector.example ready\r\n"
        assert sock.engine == used
        sock.close()


def test_a_socket_goes_to_the_address_of_its_last_connect(bench):
    """An earlier connect() that failed leaves no trace."""
    ready(bench)
    bench.sim("echo_on_443")
    for engine, host, _ in kinds(bench):
        sock = wrapped(bench, engine)
        bench.raises(OSError, sock.connect, ("echo.example", 443))  # it speaks no TLS
        bench.raises(OSError, sock.connect, ("nowhere.example", 443))
        assert sock.version() is None
        sock.connect((host, PORT))
        sock.send(b"to whom it concerns")
        assert bench.until(
            lambda: bench.poll() or bench.sim("collected") == b"to whom it concerns"
        )
        sock.close()
        bench.raises(OSError, sock.connect, (host, PORT))
        bench.raises(OSError, sock.send, b"nobody gets this")
        assert not bench.sim("in_clear", b"nobody gets this")


# the ends of streams, and time-outs
def hosted(bench):
    """(engine, host) for the host's TLS, where there is one."""
    return [(engine, host) for engine, host, used in kinds(bench) if used == "host"]


def test_a_warning_before_the_handshake_ends_nothing(bench):
    ready(bench)
    for engine, host in hosted(bench):
        for number in (112, 90):  # unrecognized_name, user_canceled
            if engine == "auto" and number == 90:
                continue  # discover() takes this alert for a refusal
            bench.sim("collector_begins", bytes([21, 3, 3, 0, 2, 1, number]))
            sock = opened(bench, engine, host)
            for data in (b"first", b"after a while"):
                sock.settimeout(0.3)
                assert bench.raises(OSError, sock.recv, 50).errno == errno.ETIMEDOUT
                sock.settimeout(20)
                bench.sim("collector_says", data)
                assert sock.recv(50) == data
            sock.close()


def test_the_end_is_told_after_the_data_and_for_good(bench):
    ready(bench)
    for engine, host in hosted(bench):
        for parts in ((), (b"one",), (b"one", b"two")):
            for at_once in (True, False):
                sock = opened(bench, engine, host)
                if at_once:
                    for part in parts:
                        bench.sim("collector_says", part)
                    bench.sim("collector_ends")
                    assert sock.read() == b"".join(parts)
                else:
                    for part in parts:
                        bench.sim("collector_says", part)
                        assert sock.recv(100) == part
                    bench.sim("collector_ends")
                    assert sock.recv(100) == b""
                for _ in range(2):
                    assert sock.recv(1) == b""
                    assert sock.readinto(bytearray(3)) == 0
                    assert sock.readline() == b""
                    assert sock.read() == b""
                sock.close()


def test_small_and_large_reads_get_the_same_bytes(bench):
    ready(bench)
    for engine, host in hosted(bench):
        sock = opened(bench, engine, host)
        bench.sim("collector_says", bytes(bench.pattern(700)))
        bench.sim("collector_says", bytes(bench.pattern(300)))
        bench.sim("collector_ends")
        got = b""
        for n in (1, 2, 600, 5, 1000, 1, 1000, 1000):
            got += sock.read(n) if n < 500 else sock.recv(n)
            if len(got) == 1000:
                break
        assert got == bytes(bench.pattern(700)) + bytes(bench.pattern(300))
        assert sock.recv(10) == b""
        sock.close()


def test_connect_ends_in_time_though_a_byte_comes_now_and_then(bench):
    ready(bench)
    bench.sim("drip", 700)
    for engine, host in hosted(bench):
        sock = wrapped(bench, engine, 4)
        assert bench.raises(OSError, sock.connect, (host, PORT)).errno == errno.ETIMEDOUT
        assert sock.version() is None
        bench.raises(OSError, sock.send, b"never")
        sock.close()


def test_connect_that_does_not_wait_ends_in_time_too(bench):
    ready(bench)
    bench.sim("drip", 2000)
    if "host" in bench.engines:
        sock = wrapped(bench, "host", 0)
        e = bench.raises(OSError, sock.connect, ("collector.example", PORT))
        assert e.errno == errno.EINPROGRESS

        def ended():
            try:
                sock.recv(1)
            except OSError as e:
                assert e.errno in (errno.EAGAIN, errno.ETIMEDOUT)
                return e.errno == errno.ETIMEDOUT
            raise AssertionError("there was nothing to be received")

        assert bench.radio.channel.wait(ended, 60000)
        sock.close()


def test_without_waiting_the_hands_are_shaken_before_connect_is_over(bench):
    ready(bench, b"220 who speaks first\r\n")
    for engine, host in hosted(bench):
        sock = wrapped(bench, engine, 0)
        e = bench.raises(OSError, sock.connect, (host, PORT))
        assert e.errno == errno.EINPROGRESS
        assert bench.until(lambda sock=sock: sock.ioctl(3, 4) & 4)
        assert sock.engine == "host"
        assert sock.send(b"at once") == 7
        assert patiently(bench, sock.recv, 50) == b"220 who speaks first\r\n"
        sock.close()


def test_without_waiting_a_server_that_is_not_trusted_is_refused_too(bench):
    ready(bench)
    if "host" not in bench.engines:
        return
    context = SSLContext(engine="host")
    for host, name in (("other-ca.example", None), ("www.example.com", "wrong.example")):
        sock = context.wrap_socket(bench.pool.socket(), server_hostname=name)
        sock.settimeout(0)
        e = bench.raises(CertificateError, patiently, bench, sock.connect, (host, 443))
        assert "trust" in str(e)
        assert sock.version() is None
        bench.raises(OSError, sock.send, b"nobody gets this")
        assert not bench.sim("in_clear", b"nobody gets this")
        sock.close()


def test_a_read_ends_in_time_though_parts_of_a_record_come_and_loses_nothing(bench):
    ready(bench)
    for engine, host in hosted(bench):
        sock = opened(bench, engine, host)
        bench.sim("drip", 400)
        bench.sim("collector_says", b"a record of a hundred bytes, or nearly so")
        sock.settimeout(3)
        assert bench.raises(OSError, sock.recv, 50).errno == errno.ETIMEDOUT
        sock.send(b"still open")
        assert bench.raises(OSError, sock.recv, 50).errno == errno.ETIMEDOUT
        sock.setblocking(False)
        assert sock.read(50) is None
        sock.settimeout(20)
        bench.sim("drip", 0)
        assert sock.recv(50) == b"a record of a hundred bytes, or nearly so"
        assert bench.sim("collected") == b"still open"
        sock.close()
