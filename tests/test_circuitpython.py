"""What the driver may expect of CircuitPython, and what CircuitPython expects of the driver.

tests/scenarios runs the behaviour suite with CircuitPython's modules on a MicroPython.
"""

import ast
import importlib.metadata
import inspect
import ipaddress
import subprocess
import sys

import pytest

from spwf04 import SPWF04, SocketPool, SSLContext
from spwf04.compat import wifi
from spwf04.net.udp import Datagrams
from spwf04_sim import VirtualClock
from tests.scenarios.test_scenarios import FILES, LACKING
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT
from tests.shims.servers import servers

CA = servers().ca.cert_pem.bytes().decode()


# what it has ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("extras", "port"), [("errno,IOBase,ssl", "circuitpython"), ("none", "wasm")], ids=str
)
def test_the_behaviour_suite_passes_with_its_modules_alone(extras, port):
    """It runs on CPython, where an import of a module that CircuitPython lacks fails at once.

    "none": without errno, io.IOBase, hashlib and ssl. No board of enough memory lacks all of them.
    `make test` runs a sample, and all that must fail.
    """
    lacking = {name for where, name in LACKING if where == port}
    done = subprocess.run(
        [sys.executable, "-m", "tests.shims.cut", extras, ",".join(lacking), *FILES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 150
    # What a handler of the program raises is printed
    lines = [line for line in lines if line != "ValueError('of the program')"]
    failed = [line for line in lines if not line.endswith(" passed")]
    assert {line.split(":")[0] for line in failed} == lacking, done.stdout


# memory that is lent for one call -----------------------------------------------------------
class Line:
    """A UART on which Ctrl-C comes after `reads` large chunks, or in a write."""

    def __init__(self, uart):
        self._uart = uart
        self.reads = -1
        self.in_write = False

    @property
    def in_waiting(self):
        """As busio.UART."""
        return self._uart.in_waiting

    def readinto(self, buf):
        """As busio.UART."""
        if len(buf) >= 64:
            self.reads -= 1
            if self.reads == 0:
                raise KeyboardInterrupt
        return self._uart.readinto(buf)

    def write(self, buf):
        """As busio.UART."""
        if self.in_write and len(buf) > 100:
            self.in_write = False
            self._uart.write(buf[:100])
            raise KeyboardInterrupt
        return self._uart.write(buf)


@pytest.fixture
def sock():
    """A socket on which 2000 bytes wait."""
    clock = VirtualClock()
    controller = Controller(clock=clock)
    radio = SPWF04(Line(controller.module.uart("busio")), clock=clock)
    radio.connect("home", "correct horse")
    sock = SocketPool(radio).socket()
    sock.connect(("talker.example", 19))
    assert radio.channel.wait(lambda: sock.stream.pending >= 700, 5000)
    return sock


def test_a_read_that_was_interrupted_leaves_the_buffer_alone(sock):
    """CircuitPython's ssl lends memory of its stack: a later write would destroy the stack."""
    radio = sock.pool.radio
    radio.channel.uart.device.reads = 3
    buffer = bytearray(730)
    with pytest.raises(KeyboardInterrupt):
        sock.recv_into(memoryview(buffer))
    assert any(buffer), "nothing had come yet"
    buffer[:] = b"\xa5" * 730
    assert radio.get("nv_model") == "SPWF04SA"  # the module is found again
    assert bytes(buffer) == b"\xa5" * 730
    with pytest.raises(ConnectionResetError):  # later bytes do not stand in for the lost ones
        sock.recv_into(buffer)


def test_a_write_that_was_interrupted_is_not_continued(sock):
    sock = sock.pool.socket()
    sock.connect(("echo.example", 7))
    channel = sock.channel
    channel.uart.device.in_write = True
    data = bytearray(700)
    with pytest.raises(KeyboardInterrupt):
        sock.send(memoryview(data))
    assert channel.outgoing is channel.exchange is None
    assert sock.stream.writer.payload is None
    assert sock.pool.radio.get("nv_model") == "SPWF04SA"
    with pytest.raises(OSError, match="lost"):  # nobody knows how much went out
        sock.send(b"hello")


# what its libraries call ---------------------------------------------------------------------
def stub(module, name):
    """A class of circuitpython-stubs as {method: ast node}, [attributes]."""
    files = importlib.metadata.files("circuitpython-stubs") or ()
    (path,) = [f for f in files if str(f) == f"{module}-stubs/__init__.pyi"]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (node,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
    attributes = [
        n.target.id
        for n in node.body
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    ]
    return methods, attributes


def accepts(function, node):
    """Whether the function can be called in each way that the stub allows.

    CircuitPython's functions are written in C: what stands before the * is given by position.
    """
    arguments = node.args
    parameters = inspect.signature(function)
    places = len(arguments.posonlyargs) + len(arguments.args) - 1  # self
    required = places - len(arguments.defaults)
    names = [a.arg for a in arguments.kwonlyargs]
    needed = [a.arg for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is None]
    try:
        for n in range(required, places + 1):
            parameters.bind(*[None] * n, **dict.fromkeys(needed))
            parameters.bind(*[None] * n, **dict.fromkeys(names))
    except TypeError:
        return False
    return True


def socket(pool):
    """A TCP socket."""
    return pool.socket()


POOL_MISSING = {
    # IPv6, raw sockets and multicast are beyond the module
    *("IPPROTO_ICMP", "IPPROTO_IPV6", "IPPROTO_RAW", "IP_MULTICAST_TTL"),
}
RADIO_MISSING = {
    # connect() and disconnect() say it all
    *("start_station", "stop_station", "stop_dhcp"),
    # no command is known for it, or IPv6
    *("tx_power", "power_management", "addresses_ap", "dns"),
}


def missing(thing, name, kind="socketpool"):
    """Names of the stub's class that `thing` lacks or has with other parameters."""
    methods, attributes = stub(kind, name)
    found = {a for a in attributes if not hasattr(type(thing), a) and not hasattr(thing, a)}
    for method, node in methods.items():
        if not method.startswith("__"):
            ours = getattr(thing, method, None)
            if ours is None or not accepts(ours, node):
                found.add(method)
    return found


def test_a_socket_is_what_socketpool_calls_a_socket(sock):
    assert missing(sock, "Socket") == {"recvfrom_into", "sendto"}  # of UDP: the next test
    with sock as same:
        assert same is sock


def test_a_udp_socket_is_what_socketpool_calls_a_socket(sock):
    datagrams = sock.pool.socket(type=SocketPool(sock.pool.radio).SOCK_DGRAM)
    assert isinstance(datagrams, Datagrams)
    assert missing(datagrams, "Socket") == set()


def test_a_pool_is_what_socketpool_calls_a_pool(sock):
    assert missing(sock.pool, "SocketPool") == POOL_MISSING
    assert issubclass(sock.pool.gaierror, OSError)
    assert (sock.pool.SOCK_STREAM, sock.pool.SOCK_DGRAM) == (1, 2)
    assert sock.type == 1  # CircuitPython's ssl asks for it


def test_a_radio_is_what_wifi_calls_a_radio(sock):
    radio = wifi.Radio(sock.pool.radio.channel.uart.device, clock=sock.channel.clock)
    radio.told_down()
    assert missing(radio, "Radio", "wifi") == RADIO_MISSING


@pytest.mark.parametrize(
    "call",
    # as shared-bindings/ssl/SSLContext.c takes them; circuitpython-stubs has no ssl
    [
        lambda context, sock: context.wrap_socket(sock),
        lambda context, sock: context.wrap_socket(sock, server_hostname="www.example.com"),
        lambda context, sock: context.load_verify_locations(cadata=CA),
        lambda context, sock: context.load_verify_locations(None, None, CA),
        lambda context, sock: setattr(context, "check_hostname", False),
    ],
)
def test_a_context_is_called_as_that_of_ssl(call, sock):
    call(SSLContext(), sock.pool.socket())


def test_an_ssl_socket_has_what_that_of_ssl_has(sock):
    wrapped = SSLContext().wrap_socket(sock.pool.socket())
    names = "accept bind close connect listen recv_into send settimeout setblocking"
    for name in names.split():
        assert callable(getattr(wrapped, name))


def test_a_radio_tells_how_long_an_answer_took(sock):
    radio = wifi.Radio(sock.pool.radio.channel.uart.device, clock=sock.channel.clock)
    radio.connect("home", "correct horse")
    took = radio.ping(ipaddress.ip_address("192.168.1.1"), timeout=1.5)
    assert isinstance(took, float) and 0 <= took < 1.5
