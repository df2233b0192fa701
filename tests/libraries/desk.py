"""CPython with Blinka: a joined module on a real busio.UART."""

import time
from importlib.metadata import version

import pytest

from spwf04 import Bundle, Radio, SocketPool, SSLContext
from spwf04_sim import PtyPort, RealClock
from tests.shims import ports
from tests.shims.controller import Controller

from .site import HOST, web
from .table import record

INTERPRETER = "CPython, Blinka"


class Desk:
    """A module on a terminal, and a program's radio, socket pool and context for it."""

    def __init__(self, line, controller):
        self.controller = controller
        self.world = controller.world
        self.radio = Radio(ports.blinka(line.path), clock=RealClock(speed=0.1))
        self.radio.reset()  # after that the driver looks for no sockets of an earlier run
        self.radio.connect("home", "correct horse")
        self.radio.set_time(int(time.time()))
        self.pool = SocketPool(self.radio)
        self.context = SSLContext(roots=Bundle(controller.bundle()))

    def trust(self):
        """Install the CA, as the first connection does."""
        self.radio.certs.install(self.controller.ca_pem())

    def counted(self, function):
        """How many AT commands a call took."""
        before = self.controller.commands()
        function()
        return self.controller.commands() - before

    @property
    def open_sockets(self):
        return self.controller.open_sockets()

    def record(self, package, link, what, result="works"):
        """A line of docs/compatibility.md."""
        record(package, version(package), INTERPRETER, link, what, result)


@pytest.fixture
def desk():
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        made = Desk(line, controller)
        yield made
        made.radio.channel.uart.device.deinit()


@pytest.fixture
def site(desk, tmp_path):
    """The web site, at www.example.com."""
    with web(tmp_path) as (plain, secure):
        desk.world.route(HOST, 80, plain)
        desk.world.route(HOST, 443, secure)
        yield


def commands(n):
    """A number of commands in words, as a result."""
    return f"{n} AT command" + "s" * (n != 1)
