"""compat.install() on CPython: the standard library has the computer's sockets already."""

import asyncio
import socket as computers
import ssl as computers_ssl
import subprocess
import sys

import pytest

from spwf04 import SPWF04, install, uninstall
from spwf04.compat import socket, ssl
from spwf04_sim import VirtualClock
from tests.shims.controller import Controller


@pytest.fixture
def radio():
    """A radio that has joined. What a test installs is undone after it."""
    clock = VirtualClock()
    controller = Controller(clock=clock)
    made = SPWF04(controller.module.uart(), clock=clock)
    made.controller = controller  # pyright: ignore
    made.connect("home", "correct horse")
    yield made
    uninstall()


@pytest.mark.parametrize("names", [None, ("socket",), ("socketpool", "ssl", "socket")])
def test_socket_is_refused_and_nothing_else_is_replaced(radio, names):
    before = dict(sys.modules)
    with pytest.raises(ValueError, match=r'cannot replace "socket" on CPython') as e:
        install(radio, names)
    for words in ('install(radio, ("socketpool", "ssl"))', "SocketPool(radio)"):
        assert words in str(e.value)
    changed = [name for name in before if sys.modules[name] is not before[name]]
    assert changed == []
    assert "usocket" not in sys.modules
    assert asyncio.base_events.socket is sys.modules["socket"] is computers  # pyright: ignore


def test_what_is_refused_would_not_have_reached_asyncio():
    """asyncio has imported the computer's socket module before a program can install another."""
    code = "import sys, spwf04; import asyncio; print(asyncio.base_events.socket.__file__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == computers.__file__


def test_the_other_names_are_ours_until_they_are_put_back(radio):
    names = ("socketpool", "ssl", "tls")
    assert install(radio, names) is names
    import ssl as found

    import socketpool  # pyright: ignore
    import tls  # pyright: ignore

    assert found is tls is ssl
    assert socketpool.SocketPool(radio).socket().pool.radio is radio
    assert sys.modules["socket"] is computers
    uninstall()
    assert sys.modules["ssl"] is computers_ssl
    assert not {"socketpool", "tls", "ussl"} & set(sys.modules)


def test_names_that_are_unknown_change_nothing(radio):
    with pytest.raises(ValueError, match="install\\(\\) knows"):
        install(radio, ("ssl", "select"))
    assert sys.modules["ssl"] is computers_ssl


def test_contexts_keep_their_roots_when_other_names_are_installed(radio):
    ssl.use_roots(None)
    roots = [Controller().ca_pem()]
    install(radio, ("ssl",), roots=roots)
    given = ssl.SSLContext().roots
    assert given is not None
    install(radio, ("socketpool",))
    assert ssl.SSLContext().roots is given
    assert ssl.SSLContext(roots=roots).roots is not given
    ssl.use_roots(None)


def test_a_time_out_is_cpythons(radio):
    assert socket.timeout is computers.timeout is TimeoutError
    socket.use_radio(radio)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        sock = socket.socket(socket.AF_INET, kind)
        sock.connect(("echo.example", 7))
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.close()
    listener = socket.socket()
    listener.bind(("", 8080))
    listener.listen()
    listener.settimeout(0.1)
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()
    radio.controller.slow_connections(5000)
    sock = socket.socket()
    sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        sock.connect(("echo.example", 7))
    sock.close()
    assert issubclass(socket.gaierror, socket.error)
    assert socket.error is computers.error


def test_before_install_sockets_say_what_is_missing(monkeypatch):
    monkeypatch.setattr(socket, "_pool", None)
    for arguments in ((), (socket.AF_INET, socket.SOCK_DGRAM)):
        with pytest.raises(OSError, match=r"spwf04\.install\(radio"):
            socket.socket(*arguments)
    assert socket.getaddrinfo("echo.example", 7)[0][4] == ("echo.example", 7)
