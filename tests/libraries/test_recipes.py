"""The recipes: each program of docs/recipes.md runs on MicroPython, as the page prints it."""

import contextlib
import os
import re
import select
import shlex
import shutil
import socket
import ssl
import time

import certifi
import pytest

from spwf04 import SPWF04
from spwf04_sim import VirtualClock
from tests import HANG
from tests.cli import at_port, spwf04
from tests.shims import fences
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT
from tests.shims.names import names
from tests.shims.servers import servers
from tests.sim.broker import packet, string

from .site import web
from .test_examples import curl, mqtt
from .test_examples import place as place
from .test_examples import site as site

PAGE = fences.text("recipes.md")
HOST = "mqtt.example.com"
FILES = sorted((ROOT / "examples" / "recipes").glob("*.py"))


def said(process, text):
    """Read what a program prints until it has said text; return all of it."""
    end, heard = time.monotonic() + HANG, b""
    while text not in heard.decode():
        assert time.monotonic() < end and process.poll() is None, heard
        if select.select([process.stdout], [], [], 0.05)[0]:
            heard += os.read(process.stdout.fileno(), 1000)
    return heard.decode()


@contextlib.contextmanager
def other(address):
    """Another client of the broker."""
    context = ssl.create_default_context(cadata=servers().ca.cert_pem.bytes().decode())
    with context.wrap_socket(socket.create_connection(address, HANG), server_hostname=HOST) as s:
        s.sendall(packet(0x10, string(b"MQTT") + b"\4\2\0\x3c" + string(b"other")))
        yield s


def shown(name):
    """What the page says that a recipe prints."""
    below = PAGE.split(f"](../examples/recipes/{name})", 1)[1]
    return fences.blocks(below, "text")[0]


def test_the_page_prints_every_recipe():
    printed = dict(
        re.findall(
            r"\[`(\w+\.py)`\]\(\.\./examples/recipes/\1\)\n\n```python\n(.*?)```", PAGE, re.S
        )
    )
    for file in FILES:
        assert printed.pop(file.name) == file.read_text().split('"""\n\n', 1)[1], file.name
    assert not printed


def test_https_and_json(place, site):
    (site / "www" / "weather.json").write_text('{"temperature": 17.5}')
    assert place.output("recipes/https_json.py") == shown("https_json.py")


def test_a_sensor_on_mqtt_over_tls(place):
    with mqtt(place, HOST):
        with place.run("recipes/mqtt_sensor.py", ["micropython-umqtt.simple"]) as process:
            with other(place.world.target(place.world.resolve(HOST), 8883)) as sock:
                sock.sendall(packet(0x82, b"\0\1" + string(b"temperature") + b"\0"))
                sock.sendall(packet(0x31, string(b"lamp") + b"on"))  # the broker keeps it
                assert said(process, "lamp on\n") == shown("mqtt_sensor.py")
                heard = b""
                while string(b"temperature") + b"24.1" not in heard:
                    heard += sock.recv(100) or pytest.fail(repr(heard))


def test_a_web_page_of_a_sensor(place):
    with place.serving("recipes/sensor_page.py", 8080) as (host, port):
        assert "<h1>24.1 &deg;C</h1>" in curl(f"http://{host}:{port}/")


def test_two_servers_at_once_with_asyncio(place, site):
    (site / "www" / "weather.json").write_text('{"temperature": 17.5}\n')
    assert place.output("recipes/asyncio_two.py") == shown("asyncio_two.py")


def test_two_connections_at_once_without_asyncio(place):
    printed = place.output("recipes/poll_two.py").splitlines()
    assert sorted(printed) == shown("poll_two.py").splitlines()


def test_a_supervised_program(place):
    with place.run("recipes/supervised.py") as process:
        assert said(process, "dBm\n") == shown("supervised.py")


def test_a_small_board(place):
    (place.folder / "our-ca.pem").write_text(place.controller.ca_pem())
    assert place.output("recipes/small_board.py") == "True\n"


# the other blocks ----------------------------------------------------------------------------
@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A module in this process, in a folder with a bundle."""
    monkeypatch.chdir(tmp_path)
    controller = Controller(clock=VirtualClock())
    controller.world.add_access_point("network", "password")
    controller.ntp()
    return controller


def block(heading, n=0):
    """The n-th block of Python below a heading that is no file's."""
    part = re.sub(r"\[`\w+\.py`\].*?^```\n", "", fences.section(PAGE, heading), flags=re.S | re.M)
    return fences.blocks(part, "python")[n]


def joined(controller):
    """A radio that has joined."""
    radio = SPWF04(controller.module.uart(), clock=controller.module.clock)
    radio.connect("network", "password")
    return radio


def test_json_on_circuitpython(desk, site_at, capsys):
    shutil.copy(desk.bundle(), "roots.bin")
    desk.world.route("www.example.com", 443, site_at)
    exec(block("## HTTPS and JSON"), {"radio": joined(desk)})
    assert capsys.readouterr().out == "17.5\n"


@pytest.fixture
def site_at(tmp_path):
    """The address of a web server, with JSON."""
    folder = tmp_path / "site"
    folder.mkdir()
    with web(folder) as (_, secure):
        (folder / "www" / "weather.json").write_text('{"temperature": 17.5}')
        yield secure


def test_a_program_without_secrets_after_provisioning(desk, capsys, monkeypatch):
    monkeypatch.setattr(certifi, "where", desk.ca_file)
    (typed,) = fences.blocks(fences.section(PAGE, "## Provisioning"), "console")
    with at_port(desk.module), names(servers().targets):
        for command, _ in fences.commands(typed):
            done = spwf04(*shlex.split(command)[1:], stdin="password\n")
            assert done.code == 0, done.err
    desk.module.restart()
    radio = SPWF04(desk.module.uart(), clock=desk.module.clock)
    exec(block("## Provisioning"), {"radio": radio})
    assert capsys.readouterr().out == "b'HTTP/1.0 200 OK'\n"


def test_a_manifest_that_freezes_driver_board_and_bundle(desk, capsys, monkeypatch):
    named = []

    def note(name, base_path="."):
        named.append(name)

    exec(block("## Freezing the driver"), {"include": note, "module": note})
    assert "/home/me/spwf04/manifest.py" in named and (ROOT / "manifest.py").exists()
    assert "pico.py" in named and (ROOT / "boards" / "pico.py").exists()
    assert spwf04("bundle", "-o", "my_roots.py", "--common").code == 0
    monkeypatch.syspath_prepend(".")
    exec(block("## Freezing the driver", 1), {})
    assert capsys.readouterr().out == "True roots\n"


def test_the_unit_test(spwf04_world, spwf04_module):
    found = {"SPWF04": SPWF04}
    exec(block("## A unit test of your program"), found)
    found["test_it_reports"](spwf04_world, spwf04_module)
