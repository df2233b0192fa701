"""The examples, each in a process of its own, as docs/libraries.md prints them."""

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
import trustme

from spwf04_sim import PtyPort
from tests import HANG
from tests.shims import micropython
from tests.shims.controller import Controller
from tests.shims.daemons import need
from tests.shims.servers import servers

from .packages import together
from .site import NtpServer, broker, web

ROOT = micropython.ROOT
EXAMPLES = sorted((ROOT / "examples").glob("*python/*.py"))
DOCUMENT = ROOT / "docs" / "libraries.md"

BLINKA = """
from spwf04 import SPWF04
from spwf04_sim import RealClock
from tests.shims import ports

def radio():
    return SPWF04(ports.blinka({path!r}), clock=RealClock(speed=0.1))
"""
PTY = """
import sys
from shims.mp_slow import Clock
from shims.mp_uart import PtyUART
from spwf04 import SPWF04

class machine:  # the unix port has no RTC, no sensor and no LED
    class RTC:
        def datetime(self):
            return (2026, 1, 1, 3, 0, 0, 0, 0)
    class ADC:
        def __init__(self, number):
            pass
        def read_u16(self):
            return 14120
    class Pin:
        OUT = 1
        def __init__(self, name, mode):
            self.value = lambda level: None
            self.toggle = lambda: None

sys.modules["machine"] = machine
import asyncio, builtins
builtins.TimeoutError = asyncio.TimeoutError  # nor this; boards have both

def radio():
    return SPWF04(PtyUART({path!r}, 256), clock=Clock())
"""


def test_the_document_prints_every_example():
    blocks = re.findall(
        r"\[`(.+?)`\]\(\.\./examples/\1\)\n\n```python\n(.*?)```", DOCUMENT.read_text(), re.S
    )
    printed = dict(blocks)
    for file in EXAMPLES:
        name = str(file.relative_to(ROOT / "examples"))
        assert printed.pop(name) == file.read_text().split('"""\n\n', 1)[1], name
    assert not printed


class Place:
    """A world for the examples; run() starts one."""

    def __init__(self, folder):
        self.folder = folder
        self.controller = Controller()
        self.world = self.controller.world
        self.world.add_access_point("network", "password")
        self.world.ntp = int(time.time())
        shutil.copy(self.controller.bundle(), folder / "roots.bin")

    @contextlib.contextmanager
    def run(self, name, packages=()):
        """Start an example; yields the process."""
        script = ROOT / "examples" / name
        environment = dict(os.environ, PYTHONUNBUFFERED="1")
        with PtyPort(self.controller.module, vmin0=True) as line:
            if name.startswith("circuit"):
                (self.folder / "circuitpython.py").write_text(BLINKA.format(path=line.path))
                environment["PYTHONPATH"] = f"{self.folder}:{ROOT}"
                command = [sys.executable, str(script)]
            else:
                (self.folder / "pico.py").write_text(PTY.format(path=line.path))
                path = [micropython.compiled(), ROOT / "tests", self.folder]
                if packages:
                    path.append(together(self.folder / "packages", *packages))
                environment["MICROPYPATH"] = ":".join([*map(str, path), ".frozen"])
                command = [*micropython.micropython(), "-X", "heapsize=400k", str(script)]
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process
            finally:
                process.send_signal(signal.SIGKILL)
                process.communicate()

    def output(self, name, packages=()):
        """What an example prints."""
        with self.run(name, packages) as process:
            text = process.communicate(timeout=HANG)[0].decode()
            assert process.returncode == 0, text
        return text

    @contextlib.contextmanager
    def serving(self, name, port, packages=()):
        """Start an example that serves; yields its address once it serves."""
        with self.run(name, packages) as process:
            end = time.monotonic() + HANG
            text = b""
            while port not in self.world.listening:
                assert time.monotonic() < end and process.poll() is None, text
                if select.select([process.stdout], [], [], 0.05)[0]:
                    text += os.read(process.stdout.fileno(), 1000)
            yield self.world.listening[port]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def site(place, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    with web(folder) as (plain, secure):
        (folder / "www" / "index.html").write_bytes(b"x" * 500)
        (folder / "www" / "greeting.py").write_text('TEXT = "hello"\n')
        place.world.route("www.example.com", 80, plain)
        place.world.route("www.example.com", 443, secure)
        yield folder


@contextlib.contextmanager
def mqtt(place, host, **more):
    leaf = servers().ca.issue_cert(host, key_type=trustme.KeyType.ECDSA)
    with broker(place.folder, True, leaf=leaf, **more) as address:
        place.world.route(host, 8883, address)
        yield


def test_circuitpython_requests_get(place, site):
    assert place.output("circuitpython/requests_get.py") == "200 500\n"


def test_circuitpython_minimqtt_client(place):
    with mqtt(place, "mqtt.example.com"):
        assert place.output("circuitpython/minimqtt_client.py") == "greetings hello\n"


def test_circuitpython_adafruit_io_feed(place):
    with mqtt(place, "io.adafruit.com", user=("somebody", "a-key")):
        assert place.output("circuitpython/adafruit_io_feed.py") == "temperature 21.5\n"


def test_circuitpython_aws_iot_shadow(place):
    for source, name in zip(place.controller.client_files(), ("device.pem", "device.key")):
        shutil.copy(source, place.folder / name)
    host = "account-ats.iot.eu-central-1.amazonaws.com"
    with mqtt(place, host, client_ca=servers().client_ca):
        text = place.output("circuitpython/aws_iot_shadow.py")
    assert text.startswith("$aws/things/device-17/shadow/update {")


def test_circuitpython_httpserver_pages(place):
    with place.serving("circuitpython/httpserver_pages.py", 8080) as (host, port):
        assert curl(f"http://{host}:{port}/") == "hello from the board"


def test_circuitpython_ntp_time(place):
    place.world.route("pool.ntp.org", 123, NtpServer().address)
    assert f"tm_year={time.gmtime().tm_year}" in place.output("circuitpython/ntp_time.py")


def test_micropython_requests_get(place, site):
    assert place.output("micropython/requests_get.py") == "200 500\n"


def test_micropython_mip_install(place, site):
    place.output("micropython/mip_install.py")
    assert (place.folder / "lib" / "greeting.py").read_text() == 'TEXT = "hello"\n'


def test_micropython_umqtt_client(place):
    packages = ("micropython-umqtt.simple", "micropython-umqtt.robust")
    with mqtt(place, "mqtt.example.com"):
        text = place.output("micropython/umqtt_client.py", packages)
    assert text == "b'greetings' b'hello'\n"


def test_micropython_aiomqttc_client(place):
    with mqtt(place, "mqtt.example.com"):
        text = place.output("micropython/aiomqttc_client.py", ["aiomqttc"])
    assert re.search(r"greetings.* .*hello", text), text


def test_micropython_asyncio_client(place, site):
    assert place.output("micropython/asyncio_client.py") == "[500, 500]\n"


def test_micropython_asyncio_server(place):
    with place.serving("micropython/asyncio_server.py", 8080) as address:
        for line in (b"one\n", b"two\n"):
            with socket.create_connection(address, HANG) as sock:
                sock.sendall(line)
                assert sock.makefile("rb").read() == b"you said " + line


def test_micropython_microdot_pages(place):
    with place.serving("micropython/microdot_pages.py", 8080, ["microdot"]) as (host, port):
        assert curl(f"http://{host}:{port}/") == "hello from the board"


def test_micropython_udp_echo(place):
    with place.serving("micropython/udp_echo.py", 5005) as address:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(HANG)
            for data in (b"one", b"two"):
                sock.sendto(data, address)
                assert sock.recv(100) == data


def curl(url):
    done = subprocess.run(
        [need("curl"), "-sS", "-m", str(HANG), url], capture_output=True, check=True
    )
    return done.stdout.decode()
