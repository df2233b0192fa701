"""docs/troubleshooting.md quotes what is really said.

Before each quotation the page has `<!-- seen: NAME -->`. Here a function for each NAME brings the
situation about. "…" on the page stands for what differs.
"""

import errno
import re
import subprocess
from unittest import mock

import pytest
import serial

from spwf04 import SPWF04, ModuleError, SocketPool
from spwf04.at import failure
from spwf04_sim import EchoPeer, SimulatedModule, Timing, VirtualClock, World
from tests.cli import spwf04
from tests.shims import pages
from tests.shims.micropython import ROOT, tool
from tests.test_thread import Desk

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
QUOTED = dict(re.findall(r"<!-- seen: ([\w-]+) -->\n\n```text\n(.*?)```", PAGE, re.S))
SEEN = {}


def seen(name):
    """Register a function that returns what is said in a situation."""

    def register(function):
        SEEN[name] = function
        return function

    return register


def raised(call, *arguments):
    """What a program sees of the exception of a call: its class and its message."""
    try:
        call(*arguments)
    except Exception as e:
        return f"{type(e).__name__}: {e.args[-1]}"
    return "nothing was raised"


class Bench:
    """A module in a room with networks, and the driver."""

    def __init__(self, on=True, reset=None):
        self.world = World()
        self.world.add_access_point("home", "correct horse")
        self.world.route("echo.example", 7, EchoPeer)
        self.world.add_host("www.example.com")
        self.clock = VirtualClock(longest=20)
        self.module = SimulatedModule(self.world, clock=self.clock, timing=Timing.fast())
        if on:
            self.module.power_on()
        self.radio = SPWF04(self.module.uart("machine"), reset, clock=self.clock)

    def joined(self):
        self.radio.connect("home", "correct horse")
        return self

    def pool(self):
        return SocketPool(self.radio)

    def fault(self, name, **options):
        """From now on the module has a fault; returns the bench."""
        self.module.faults.add(name, **options)
        return self


# The module and its line -----------------------------------------------------------------------
@seen("nothing")
def no_module_answers():
    return raised(Bench(on=False).radio.time)


@seen("damaged")
def a_reply_is_damaged():
    bench = Bench().joined().fault("drop", way="<", at=19, n=8)
    return raised(bench.radio.files.list)


@seen("silent")
def it_is_silent():
    bench = Bench().joined().fault("wedged")
    return raised(bench.radio.time)


@seen("restarted")
def it_restarts():
    bench = Bench().joined().fault("restart")
    return raised(bench.radio.time)


@seen("no-start")
def a_pin_holds_its_reset_line():
    bench = Bench().joined().fault("reset_blocked")
    return raised(bench.radio.reset)


# The network -----------------------------------------------------------------------------------
@seen("password")
def the_password_is_wrong():
    return raised(Bench().radio.connect, "home", "wrong horse")


@seen("not-found")
def no_such_network():
    return raised(Bench().radio.connect, "hone", "correct horse")


@seen("wep")
def the_network_uses_wep():
    bench = Bench()
    bench.world.add_access_point("old", "12345", security="WEP")
    return raised(bench.radio.connect, "old", "correct horse")


@seen("security")
def the_network_is_for_users_with_a_name():
    bench = Bench()
    bench.world.add_access_point("office", users={"me": "mine"})
    return raised(bench.radio.connect, "office", "correct horse")


@seen("closed")
def the_network_needs_a_password():
    return raised(Bench().radio.connect, "home")


@seen("open")
def the_network_is_open():
    bench = Bench()
    bench.world.add_access_point("guests")
    return raised(bench.radio.connect, "guests", "correct horse")


@seen("lease")
def there_is_no_dhcp_server():
    bench = Bench()
    bench.world.access_points[0].lease = None
    return raised(bench.radio.connect, "home", "correct horse")


@seen("unjoined")
def a_socket_without_a_network():
    return raised(Bench().pool().socket().connect, ("echo.example", 7))


# A connection ----------------------------------------------------------------------------------
@seen("name")
def a_name_that_nobody_knows():
    return raised(Bench().joined().pool().socket().connect, ("nowhere.example", 7))


@seen("refused")
def nobody_listens_there():
    return raised(Bench().joined().pool().socket().connect, ("echo.example", 8))


@seen("late")
def nothing_comes_in_time():
    sock = Bench().joined().pool().socket()
    sock.connect(("echo.example", 7))
    sock.settimeout(0.3)
    return raised(sock.recv, 1)


@seen("sockets")
def a_ninth_socket():
    pool = Bench().joined().pool()
    eight = [pool.socket() for _ in range(8)]
    for sock in eight:
        sock.connect(("echo.example", 7))
    return raised(pool.socket().connect, ("echo.example", 7))


# TLS -------------------------------------------------------------------------------------------
@seen("raw-23")
def the_module_refuses_a_server():
    desk, lines = Desk(), []
    sent = b"AT+S.SOCKON=www.example.com,443,NULL,www.example.com\r"
    try:
        desk.radio.channel.command(sent, on_line=lambda parser: lines.append(parser.text()))
    except ModuleError as e:
        lines.append(f"AT-S.ERROR:{e.code}:{e.text}")
    return "\n".join(line for line in lines if "Error" in line or "ERROR" in line)


@seen("no-ca")
def no_ca_is_installed():
    return raised(Desk().page)


@seen("clock")
def the_clock_is_not_set():
    return raised(Desk(clock_set=False).page)


# Memory ----------------------------------------------------------------------------------------
@seen("memory")
def a_small_heap():
    program = "bytearray(1000000)"
    command = [tool("micropython"), "-X", "heapsize=64k", "-c", program]
    done = subprocess.run(command, check=False, stdout=-1, stderr=-2, text=True)
    return done.stdout.strip().splitlines()[-1]


@seen("little_memory")
def a_heap_that_is_nearly_full():
    bench = Bench().joined()

    def without_memory(*_):
        raise MemoryError

    with mock.patch.object(type(bench.radio.channel), "start", without_memory):
        return raised(SocketPool(bench.radio).socket().connect, ("echo.example", 7))


@seen("pystack")
def a_small_stack():
    error = failure.too_deep(RuntimeError("pystack exhausted"))
    return f"{type(error).__name__}: {error.args[1]}"


@seen("import")
def a_file_that_a_profile_leaves_out():
    name = "spwf04.commands.scan"
    command = [tool("micropython"), "-c", "import sys; sys.path.clear(); import " + name]
    done = subprocess.run(command, check=False, stdout=-1, stderr=-2, text=True)
    return done.stdout.strip().splitlines()[-1].replace("'spwf04'", f"'{name}'")


# Files -----------------------------------------------------------------------------------------
@seen("full")
def the_ram_disk_is_full():
    return raised(Bench().radio.files.put, "big.bin", bytes(20000))


@seen("no-file")
def no_such_file():
    return raised(Bench().radio.files.get, "log.txt")


@pytest.mark.parametrize("name", QUOTED)
def test_the_page_quotes_what_is_said(name):
    said = " ".join(SEEN[name]().split())
    quoted = " ".join(QUOTED[name].split())
    assert re.fullmatch(re.escape(quoted).replace("…", ".+"), said), said


def test_every_quotation_has_its_situation():
    assert PAGE.count("```text") == len(QUOTED)
    assert sorted(SEEN) == sorted(QUOTED)


def test_its_examples_run():
    desk = pages.Desk()
    promised, printed = pages.run("troubleshooting", {"radio": desk.radio})
    assert promised == []
    assert "its CA is not trusted here" in " ".join(printed)  # what diagnose() says


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY, errno.ENOENT])
def test_what_is_said_of_a_port_is_a_heading(number, monkeypatch):
    def opened(*_, **more):
        raise serial.SerialException(number, "it does not open")

    monkeypatch.setattr(serial, "Serial", opened)
    done = spwf04("info", "--port", "/dev/ttyUSB0")
    said = " ".join(done.err.replace("│", "").split())
    section = PAGE.partition("## The port of the computer\n")[2].partition("\n## ")[0]
    headings = re.findall(r'^### "(.*)"$', section, re.M)
    assert len([words for words in headings if words in said]) == 1, said
