"""Buffers with gaps, which only CPython has: they are filled as their items say."""

import pytest

from spwf04 import SocketPool
from spwf04_sim import EchoPeer
from tests.faults.exchanges import Stage
from tests.shims.servers import pattern


@pytest.mark.parametrize("call", ["recv_into", "readinto"])
@pytest.mark.parametrize("step", [2, 3, -1])
@pytest.mark.parametrize("n", [1, 4, 16, 64, 255, 256, 700])
def test_a_buffer_with_gaps_is_filled(call, step, n):
    stage = Stage()
    stage.world.route("echo.example", 7, EchoPeer)
    sock = SocketPool(stage.radio).socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    sock.sendall(bytes(pattern(n)))
    stage.radio.channel.wait(lambda: False, 2000)
    memory = bytearray(n * abs(step))
    view = memoryview(memory)[::step]
    at = 0
    while at < n:
        at += getattr(sock, call)(view[at:])
    assert bytes(memory[::step]) == pattern(n)
    sock.close()
