"""close() that runs out of memory, for each kind of stream that a socket may have."""

import pytest

from spwf04 import SPWF04, SocketPool
from spwf04.hosttls.stream import HostTLS
from spwf04.net.cork import Cork
from spwf04.net.server import Listener
from spwf04.net.stream import Stream
from spwf04_sim import Quirks, VirtualClock
from tests.shims.controller import Controller


@pytest.mark.parametrize("kind", ["plain", "corked", "host", "listening"])
def test_a_close_without_memory_leaves_the_id_to_the_next_open(kind, monkeypatch):
    clock = VirtualClock()
    controller = Controller(Quirks(), clock)
    pool = SocketPool(SPWF04(controller.module.uart(), clock=clock))
    pool.radio.connect("home", "correct horse")
    sock = pool.socket()
    if kind == "listening":
        sock.bind(("", 8080))
        sock.listen()
    else:
        sock.connect(("echo.example", 7))
    if kind == "corked":
        Cork(sock, None)
    elif kind == "host":
        tls = HostTLS.__new__(HostTLS)
        tls._below = sock.stream
        sock.stream = tls

    def without_memory(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        for made in (type(sock.stream), Stream, Listener):
            patch.setattr(made, "close", without_memory)
        with pytest.raises(MemoryError):
            sock.close()
    assert pool.lost() == (kind != "listening")
    with pool.socket() as other:
        other.connect(("echo.example", 7))
        assert controller.open_sockets() == 1
