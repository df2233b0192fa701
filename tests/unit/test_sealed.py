"""Nothing goes past the host's TLS, and only the TLS has the connection below it.

These tests write all payloads of tests/scenarios/sealed.py in each way by each engine.
"""

import contextlib
import gc
import itertools

import pytest

from spwf04 import SSLContext
from spwf04.hosttls.native import which
from spwf04.hosttls.stream import HostTLS
from spwf04.net.cork import Cork
from spwf04.net.stream import Stream
from spwf04_sim import VirtualClock
from tests.scenarios import sealed
from tests.shims import engines
from tests.shims.bench import Bench
from tests.shims.controller import Controller


@pytest.fixture(params=engines.NAMES)
def bench(request, monkeypatch):
    clock = VirtualClock(longest=20)
    engines.use(monkeypatch, request.param)
    controller = Controller(clock=clock)
    made = Bench(controller.module.uart(), clock, lambda n, *a: getattr(controller, n)(*a))
    sealed.ready(made)
    return made


@pytest.mark.generated(3)
@pytest.mark.parametrize("way", sealed.WAYS, ids=lambda way: way.__name__)
def test_every_payload_arrives_whole_and_is_seen_by_the_server_alone(bench, way):
    for payload, kind in itertools.product(sealed.PAYLOADS, sealed.kinds(bench)):
        sealed.one(bench, way, payload, *kind)


SECRET = b"a secret that is sent to nobody"


def below(bench):
    """The stream of the one open connection."""
    (stream,) = [owner for owner in bench.pool.owners if owner is not None]
    assert type(stream) is Stream
    return stream


def around(stream):
    """Names of the classes through which a program that has a socket could reach the stream.

    The pool, which lists all streams, and the channel are left out.
    """
    gc.collect()
    found = []
    for holder in gc.get_referrers(stream):
        if holder is not stream.pool.owners and holder is not stream.pool.__dict__:
            if type(holder).__name__ in ("method", "dict"):
                found += [of for of in gc.get_referrers(holder) if hasattr(of, "__dict__")]
            elif hasattr(holder, "__dict__"):
                found.append(holder)
    return {type(holder).__name__ for holder in found}


@pytest.mark.parametrize("begun", [b"POST /held", b"no protocol"])
def test_the_hosts_tls_alone_has_the_connection_below_it(bench, begun):
    """A Cork lies over the TLS, not beside it."""
    sock = sealed.opened(bench, "host", "collector.example")
    sock.send(begun)
    stream = below(bench)
    assert (sock.cork is not None) == (begun[:4] == b"POST")
    assert type(sock.stream) is (Cork if sock.cork is not None else HostTLS)
    allowed = {"HostTLS", "Exchange", "SocketPool", "Closing", "ATChannel"}
    assert around(stream) <= allowed
    assert "HostTLS" in around(stream)
    sock.close()


CALLS = (
    lambda sock: sock.send(SECRET),
    lambda sock: sock.sendall(SECRET),
    lambda sock: sock.write(SECRET),
    lambda sock: sock.recv(10),
    lambda sock: sock.recv_into(bytearray(10)),
    lambda sock: sock.read(10),
    lambda sock: sock.readline(),
)


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_socket_without_its_tls_moves_no_byte(bench, number):
    """That holds although the connection below is open, and bytes wait there."""
    sock = sealed.opened(bench, "host", "collector.example")
    bench.sim("collector_says", b"for eyes that can decrypt")
    secure, sock.stream = sock.stream, None
    bench.sim("listen")
    for call in (CALLS[number], *CALLS):
        with pytest.raises(OSError, match="not connected"):
            call(sock)
    assert not bench.sim("in_clear", SECRET)
    assert bench.sim("collected") == b""
    secure.close()


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_tls_that_was_closed_moves_no_byte(bench, number):
    """It moves none for a program that has kept it, or that has kept the Cork over it."""
    sock = sealed.opened(bench, "host", "collector.example")
    sock.send(b"GET /held")
    cork, secure = sock.stream, sock.host_tls
    sock.close()
    got = bench.sim("collected")
    bench.sim("listen")
    for stream in (cork, secure):
        sock.stream = stream
        with contextlib.suppress(OSError):  # a Cork may hold the bytes
            CALLS[number](sock)
            with pytest.raises(OSError, match="closed"):
                sock.stream.read(bytearray(10), 10)
    assert bench.until(lambda: not bench.poll())
    assert not bench.sim("in_clear", SECRET)
    assert not [c for c in bench.sim("log") if "SOCKW=," in c]
    assert bench.sim("collected") == got


@pytest.mark.generated(8)
@pytest.mark.parametrize("tries", [True, False])
@pytest.mark.parametrize("at", range(12))
def test_what_is_tried_in_the_midst_of_a_handshake_is_not_sent_in_clear(bench, at, tries):
    """A handler tries it during the handshake, or a program after Ctrl-C at any moment."""
    sock = sealed.wrapped(bench, "host")
    clock = bench.radio.channel.clock
    idle, count = clock.idle, itertools.count()

    def interrupted():
        idle()
        if next(count) == at:
            with contextlib.suppress(Exception):
                if tries:
                    sock.send(SECRET)
            raise KeyboardInterrupt

    bench.sim("listen")
    clock.idle = interrupted
    try:
        sock.connect(("collector.example", sealed.PORT))
    except KeyboardInterrupt:
        clock.idle = idle
        if tries:  # this send() may have gone on with connect()
            with contextlib.suppress(OSError):
                sock.send(SECRET)
        else:
            with pytest.raises(OSError, match="not connected"):
                sock.send(SECRET)
            assert sock.host_tls is None
    finally:
        clock.idle = idle
    assert not bench.sim("in_clear", SECRET)
    sock.close()
    for _ in range(2):  # the second closes what the interrupted command has opened
        other = sealed.opened(bench, "host", "collector.example")
        bench.sim("listen")
        other.send(b"as ever")
        assert bench.until(lambda: bench.poll() or bench.sim("collected") == b"as ever")
        other.close()
    assert bench.until(lambda: bench.poll() or bench.sim("open_sockets") == 0)


def test_bytes_that_an_earlier_connection_left_are_not_taken_for_decrypted_ones(bench):
    bench.sim("echo_on_443")
    sock = SSLContext(engine="host").wrap_socket(bench.pool.socket())
    sock.settimeout(3)
    with pytest.raises(OSError, match=":"):
        sock.connect(("echo.example", 443))  # the server sends our hello back
    sock.settimeout(5)
    sock.connect(("collector.example", sealed.PORT))
    sock.settimeout(0.5)
    with pytest.raises(OSError, match="in time"):
        sock.recv(50)
    sock.setblocking(False)
    with pytest.raises(OSError, match="nothing has arrived yet"):
        sock.recv(50)
    sock.close()


def test_a_connect_that_was_kept_from_before_takes_the_layer_off_too(bench):
    sock = SSLContext(engine="host").wrap_socket(bench.pool.socket())
    sock.settimeout(5)
    connect = sock.connect
    for port in (sealed.PORT + 1, sealed.PORT):
        try:
            connect(("collector.example", port))
        except OSError:
            assert port != sealed.PORT
    sock.send(b"through TLS\n")
    assert bench.sim("collected") == b"through TLS\n"
    assert bench.sim("collected_as_tls")
    assert which() is not None
    sock.close()


@pytest.mark.parametrize("waits", [True, False])
def test_a_connect_that_was_kept_from_an_earlier_attempt_leaves_the_layer_on(bench, waits):
    """It may be of the attempt that failed, or of the calls that did not wait."""
    sock = SSLContext(engine="host").wrap_socket(bench.pool.socket())
    sock.settimeout(5)
    kept = [sock.connect]
    with pytest.raises(OSError, match="74"):
        sock.connect(("collector.example", sealed.PORT + 1))
    kept.append(sock.connect)
    if waits:
        sock.connect(("collector.example", sealed.PORT))
    else:
        sock.settimeout(0)

        def connected():
            kept.append(sock.connect)
            with contextlib.suppress(OSError):
                sock.connect(("collector.example", sealed.PORT))
                return True

        assert bench.until(connected)
    for connect in kept:
        if waits:
            with pytest.raises(OSError, match=r"connected already|listening already"):
                connect(("collector.example", sealed.PORT))
        else:  # this call says that the socket is connected
            connect(("collector.example", sealed.PORT))
        sealed.patiently(bench, sock.send, b"through TLS\n")
        assert not bench.sim("in_clear", b"through TLS\n")
    sealed.settle(bench, sock)
    assert sock.engine == "host"
    whole = b"through TLS\n" * len(kept)
    assert bench.until(lambda: bench.poll() or bench.sim("collected") == whole)
    sock.close()


def test_a_request_that_is_held_back_in_clear_cannot_be_wrapped(bench):
    from spwf04.compat import socket, ssl

    socket.use_radio(bench.radio)
    sock = socket.socket()
    sock.settimeout(5)
    sock.connect(("collector.example", sealed.PORT))
    sock.send(b"GET /begun")
    for engine in ("host", "module"):
        context = ssl.SSLContext(engine=engine)
        with pytest.raises(OSError, match="bytes have moved"):
            context.wrap_socket(sock, server_hostname="collector.example")
        assert sock.engine is None
    sock.close()


# how it is found out -------------------------------------------------------------------------
ALL_OF_IT = [b"+S.F", b".FCF", b"CFG\r", b"FCFG", b"S.FC", b"x\rAT"]


@pytest.mark.parametrize(
    ("heard", "found"),
    [
        (b"AT+S.SOCKW=0,5\r\x17\x03\x03x\rAT+S.SOCKQ=0\r", []),
        (b"AT+S.SOCKW=0,5\r\x17\x03\x03x\rAT+S.TIME\rAT+S.STS=build\r", []),
        (b"AT+S.SOCKW=0,12\rx\rAT+S.FCFG\r", ALL_OF_IT),
        (b"AT+S.SOCKW=0,4\rFCFGAT+S.SOCKQ=0\r", [b"FCFG"]),
        (b"x\rAT", [b"x\rAT"]),
    ],
)
def test_what_stands_in_clear_on_the_line_is_told(heard, found):
    controller = Controller(clock=VirtualClock())
    controller.heard = bytearray(heard)
    assert controller.in_clear(b"x\rAT+S.FCFG\r") == found
