"""The host's TLS and servers that do not stop, by both engines that run in this process."""

import errno

import pytest

from spwf04 import CertificateError, SSLContext
from spwf04_sim import Peer, VirtualClock
from tests.scenarios import sealed
from tests.shims import engines
from tests.shims.bench import Bench
from tests.shims.controller import Controller

WARNING = b"\x15\3\3\0\2\1\x70"
HELLO_REQUESTS = b"\x16\3\3\4\xb0" + b"\0\0\0\0" * 300


@pytest.fixture(params=engines.NAMES)
def bench(request, monkeypatch):
    clock = VirtualClock(longest=20)
    module = engines.use(monkeypatch, request.param)
    controller = Controller(clock=clock)
    made = Bench(controller.module.uart(), clock, lambda n, *a: getattr(controller, n)(*a))
    made.name, made.controller, made.module = request.param, controller, module
    sealed.ready(made)
    return made


def seconds(bench, call, *args):
    """(errno that it raised, seconds of the driver's time that it took)."""
    clock = bench.radio.channel.clock
    before = clock.ticks_ms()
    with pytest.raises(OSError) as caught:
        call(*args)
    return caught.value, ((clock.ticks_ms() - before) & 0x1FFFFFFF) / 1000


@pytest.mark.parametrize(("timeout", "limit"), [(3, 3), (20, 20), (None, 35)])
@pytest.mark.parametrize("interval", [100000, 900])
def test_connect_takes_no_longer_than_it_may(bench, timeout, limit, interval):
    """That holds if nothing comes, and if a byte comes now and then."""
    bench.sim("drip", interval)
    sock = sealed.wrapped(bench, "host", timeout)
    error, took = seconds(bench, sock.connect, ("collector.example", sealed.PORT))
    assert error.errno == errno.ETIMEDOUT
    assert limit - 1 <= took <= limit + 1


def test_the_time_of_tcp_counts(bench):
    bench.sim("slow_connections", 6000)
    bench.sim("drip", 900)
    sock = sealed.wrapped(bench, "host", 8)
    error, took = seconds(bench, sock.connect, ("collector.example", sealed.PORT))
    assert error.errno == errno.ETIMEDOUT
    assert 7 <= took <= 9


def test_a_read_takes_no_longer_than_it_may(bench):
    sock = sealed.opened(bench, "host", "collector.example")
    bench.sim("drip", 900)
    bench.sim("collector_says", bytes(300))
    sock.settimeout(5)
    for call, argument in ((sock.recv, 10), (sock.recv_into, bytearray(1)), (sock.recv, 1000)):
        error, took = seconds(bench, call, argument)
        assert error.errno == errno.ETIMEDOUT
        assert 4 <= took <= 6


@pytest.mark.generated(1)
@pytest.mark.parametrize("flood", [WARNING, HELLO_REQUESTS])
def test_a_handshake_without_end_has_one(bench, flood, monkeypatch):
    """The driver ends it in time, and CircuitPython's engine keeps little of it in memory."""

    class Endless(Peer):
        begun = False

        def on_data(self, data):
            self.begun = True

        @property
        def outgoing(self):
            if self.begun and len(self.more) < 3000:
                self.more += flood * (3000 // len(flood))
            return self.more

        @outgoing.setter
        def outgoing(self, data):
            self.more = data

    kept = []
    if bench.name == "circuitpython":
        feed = bench.module.Watch.feed

        def watched(watch, data, n):
            feed(watch, data, n)
            kept.append(len(watch.kept) + len(watch._hello))

        monkeypatch.setattr(bench.module.Watch, "feed", watched)
    bench.controller.world.route("endless.example", 443, Endless)
    sock = sealed.wrapped(bench, "host", 10)
    error, took = seconds(bench, sock.connect, ("endless.example", 443))
    assert isinstance(error, CertificateError) or error.errno in (
        errno.ETIMEDOUT,
        errno.ECONNRESET,
    )
    assert took <= 11
    assert max([*kept, 0]) <= 16384


def test_a_socket_that_does_not_wait_comes_back_from_a_flood(bench):
    """Each call returns, although bytes come as fast as they are read."""
    sock = sealed.opened(bench, "host", "collector.example")
    record = b"\x17\3\3\x40\0"  # 16 KB that come slowly: always bytes, but no data yet
    bench.sim("collector_sends", record + bytes(16000))
    sock.setblocking(False)
    clock = bench.radio.channel.clock
    before = clock.ticks_ms()
    assert sock.read(10) is None
    assert (clock.ticks_ms() - before) & 0x1FFFFFFF < 2000


def test_an_address_that_does_not_answer_is_given_up_without_waiting_too(bench):
    bench.sim("drip", 900)
    sock = SSLContext(engine="host").wrap_socket(bench.pool.socket())
    sock.setblocking(False)
    clock = bench.radio.channel.clock
    before = clock.ticks_ms()
    with pytest.raises(OSError, match=r"nothing arrived in time|timed out") as caught:
        while True:
            try:
                sock.connect(("collector.example", sealed.PORT))
            except OSError as e:
                if e.errno != errno.EINPROGRESS:
                    raise
            bench.radio.channel.step()
    assert caught.value.errno == errno.ETIMEDOUT
    assert (clock.ticks_ms() - before) & 0x1FFFFFFF < 37000
