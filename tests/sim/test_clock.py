"""Virtual time beside real servers."""

import contextlib
import socket
import threading
import time

from spwf04 import SPWF04, SocketPool
from spwf04_sim import SimulatedModule, Timing, VirtualClock, World
from tests.shims import awkward


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
