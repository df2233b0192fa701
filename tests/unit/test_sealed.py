"""Nothing goes past the host's TLS: all that tests/scenarios/sealed.py has, by each way, on each
engine; and what the sockets do if something above them fails."""

import contextlib
import itertools

import pytest

from spwf04 import SSLContext
from spwf04.hosttls.native import which
from spwf04.net.cork import Cork
from spwf04.net.stepwise import Stepwise
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


@pytest.mark.parametrize("way", sealed.WAYS, ids=lambda way: way.__name__)
def test_every_payload_arrives_whole_and_is_seen_by_the_server_alone(bench, way):
    for payload, kind in itertools.product(sealed.PAYLOADS, sealed.kinds(bench)):
        sealed.one(bench, way, payload, *kind)


def past(sock):
    """Every way to move bytes that does not begin with the layer over the socket."""
    from spwf04.net import transfer

    secret = b"a secret that is sent to nobody"
    yield lambda: sock.own_send(secret)
    yield lambda: sock.own_recv_into(bytearray(10))
    yield lambda: transfer.transmit(sock, secret, 0)
    yield lambda: transfer.receive(sock, bytearray(10), 10)
    sock.over = None
    yield lambda: sock.send(secret)
    yield lambda: sock.sendall(secret)
    yield lambda: sock.write(secret)
    yield lambda: sock.recv(10)
    yield lambda: sock.read(10)
    yield sock.readline


def over(sock):
    """Layers that would be put over it where the host's TLS should be."""
    yield lambda: Stepwise(sock).send(b"a secret that is sent to nobody")
    yield lambda: Stepwise(sock).recv_into(bytearray(10))
    yield lambda: Stepwise(sock).poll(1)
    yield lambda: Cork(sock, 5).recv_into(bytearray(10))
    yield lambda: Cork(sock, 5)._under.own_send(b"a secret that is sent to nobody")


@pytest.mark.parametrize("number", range(15))
def test_a_socket_of_the_hosts_tls_moves_no_byte_by_itself(bench, number):
    """Though it had the very number of the connection below it, and bytes that wait."""
    sock = sealed.opened(bench, "host", "collector.example")
    raw = sock.over.raw
    sock.id, sock.address_on_module, sock.pending = raw.id, raw.address_on_module, 10
    if number < 10:
        call = next(itertools.islice(past(sock), number, None))
    else:
        sock.over = None
        call = next(itertools.islice(over(sock), number - 10, None))
    bench.sim("listen")
    with pytest.raises(OSError, match=r"past the host's TLS|not connected|closed"):
        call()
    assert not bench.sim("in_clear", b"a secret that is sent to nobody")
    assert bench.sim("collected") == b""
    assert bench.sim("collected_as_tls")
    with contextlib.suppress(OSError):  # a Cork may hold it
        sock.send(b"a secret that is sent to nobody")
        sock.recv(1)
        pytest.fail("a closed socket took it")
    assert not bench.sim("in_clear", b"a secret that is sent to nobody")
    assert bench.sim("collected") == b""


def test_bytes_that_an_earlier_connection_left_are_not_taken_for_decrypted_ones(bench):
    sock = SSLContext(engine="host").wrap_socket(bench.pool.socket())
    sock.ahead = bytearray(b"of another connection")
    sock.ahead_end = len(sock.ahead)
    sock.spill = bytearray(b"more of it")
    sock.pending = 5
    sock.settimeout(0.5)
    sock.connect(("collector.example", sealed.PORT))
    with pytest.raises(OSError, match="no data in time"):
        sock.recv(50)
    sock.setblocking(False)
    with pytest.raises(OSError, match="no data yet"):
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
    """Of any of them: the one before, which failed, and those while it did not wait."""
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
        with pytest.raises(OSError, match="already connected"):
            connect(("collector.example", sealed.PORT))
        sealed.patiently(bench, sock.send, b"through TLS\n")
        assert not bench.sim("in_clear", b"through TLS\n")
    sealed.settle(bench, sock)
    assert sock.engine == "host"
    assert bench.sim("collected") == b"through TLS\n" * len(kept)
    sock.close()


def test_a_socket_without_a_number_of_the_modules_writes_nothing(bench):
    """Though everything else says that it is open, and that no TLS is over it."""
    sock = sealed.opened(bench, "host", "collector.example")
    raw = sock.over.raw
    sock.over = sock.engine = None
    sock.state = raw.state
    bench.sim("listen")
    for _ in range(2):
        with pytest.raises(OSError, match=r"past the host's TLS|not connected|closed"):
            sock.send(b"a secret that is sent to nobody")
    assert not bench.sim("in_clear", b"a secret that is sent to nobody")


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
