"""Virtual time beside real servers."""

import contextlib
import socket
import threading
import time

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04_sim import SimulatedModule, Timing, VirtualClock, World
from tests.shims import awkward
from tests.sim.talk import Talk


def opened(address, patience=0.3):
    """Return a socket to a real server, and its clock."""
    world = World()
    world.add_access_point("home", "correct horse")
    world.route("server.example", 80, address)
    clock = VirtualClock(patience=patience)
    module = SimulatedModule(world, clock=clock, timing=Timing.fast())
    module.power_on()
    radio = SPWF04(module.uart(), clock=clock)
    radio.connect("home", "correct horse")
    sock = SocketPool(radio).socket()
    sock.settimeout(2)
    sock.connect(("server.example", 80))
    return sock, clock


def works_for_a_while(sock, stop):
    """Work for a second before the answer."""
    sock.recv(10)
    end = time.thread_time() + 1
    while time.thread_time() < end:
        pass
    sock.sendall(b"done")
    sock.recv(10)


def test_time_waits_for_a_server_that_works():
    with awkward.serving(works_for_a_while) as address:
        sock, _ = opened(address)
        sock.send(b"work")
        assert sock.recv(10) == b"done"
        sock.close()


def works_before_it_leaves(sock, stop):
    """Work for a moment when the handshake begins, and close."""
    sock.recv(10)
    end = time.thread_time() + 0.3
    while time.thread_time() < end:
        pass


def test_time_that_passes_before_there_is_a_connection_takes_no_patience_from_it():
    talk = Talk(clock=VirtualClock(longest=100, patience=0.02), timing=Timing())
    with awkward.serving(works_before_it_leaves) as address:
        talk.world.route("server.example", 443, address)
        before = talk.clock.now()
        assert b"ERROR:74" in talk.say("AT+S.SOCKON=server.example,443,,s")
        assert talk.clock.now() - before < 20  # it is the server that ends it, no limit


def test_who_forgets_the_clock_is_told_so_in_place_of_wiring():
    module = SimulatedModule(clock=VirtualClock())
    module.power_on()
    with pytest.raises(RuntimeError, match=r"clock=module\.clock"):
        SPWF04(module.uart()).get("nv_model")


class Eventful:
    """A stand-in for a module: it has one event, and notes when it is asked to step."""

    def __init__(self, due):
        self.due = due
        self.steps = []

    def next_due(self):
        return self.due

    def await_network(self, seconds):
        return False

    def filenos(self):
        return []

    def step(self):
        self.steps.append(round(self.clock.now(), 6))
        if self.due is not None and self.clock.now() >= self.due:
            self.due = None
            self.happened = self.clock.now()


def test_advancing_meets_each_event_and_its_end_in_steps_of_16_ms_at_most():
    clock = VirtualClock()
    module = Eventful(clock.now() + 1.2345)
    module.clock = clock
    clock.attach(module)
    begin = clock.now()
    clock.advance(2.001)
    assert module.happened == begin + 1.2345
    assert clock.now() == begin + 2.001
    assert max(b - a for a, b in zip(module.steps, module.steps[1:])) < 0.0161
    assert len(module.steps) < 300


def test_an_exception_while_time_advances_leaves_the_clock_as_it_was():
    clock = VirtualClock()
    module = Eventful(None)
    module.clock = clock
    clock.attach(module)
    module.step = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        clock.advance(5)
    assert clock.longest == 1
    before = clock.now()
    clock.idle()
    assert clock.now() - before < 0.0011


def test_time_does_not_wait_for_ever_for_a_server_that_works_without_end():
    end = threading.Event()

    def work():
        while not end.is_set():
            pass

    busy = threading.Thread(target=work, daemon=True)
    with awkward.serving(awkward.silent) as address:
        sock, clock = opened(address, patience=0.02)
        busy.start()
        before = clock.now()
        with contextlib.suppress(socket.timeout, OSError):
            sock.recv(10)
        assert clock.now() - before > 1.9
        end.set()
        busy.join()
        sock.close()
