"""Which scenarios are for hardware, and that they run on a module in another process."""

import contextlib
import inspect
import json
import os
import socket
import subprocess
import sys
import threading

import pytest

from spwf04 import SPWF04
from spwf04_cli.ports import wired
from spwf04_cli.probe.tls.certificates import root
from spwf04_sim import EchoPeer, Quirks, VirtualClock, pytest_plugin
from tests.hardware import desk, hooks, options, world
from tests.hardware import needs as needs_
from tests.hardware.bench import rehearse
from tests.hardware.hooks import Hooks
from tests.hardware.module import RealModule, opened
from tests.scenarios.test_scenarios import scenarios
from tests.shims import servers
from tests.shims.controller import Controller
from tests.shims.mcu import behind_mcu
from tests.shims.micropython import ROOT

LIKELIEST = {name: known[0] for name, known in Quirks.choices().items()}
# How many of each file's scenarios run: (with --write-flash and all readings known, with neither)
COUNTS = {
    "start": (5, 5),
    "join": (12, 12),
    "once": (6, 6),
    "sockets": (26, 26),
    "tls": (22, 3),
    "certs": (8, 1),
    "trust": (23, 13),
    "tls13": (9, 9),
    "roots": (4, 3),
    "compat": (30, 19),
    "cork": (18, 18),
    "servers": (15, 11),
    "udp": (11, 8),
    "stepwise": (13, 12),
    "engine": (12, 8),
    "writes": (16, 14),
    "ends": (13, 12),
    "places": (13, 13),
    "faces": (12, 12),
    "floods": (5, 2),
    "layers": (11, 2),
    "many": (9, 8),
    "recovery": (3, 3),
    "ping": (4, 3),
    "mqtt": (17, 14),
    "websocket": (20, 4),
    "together": (11, 9),
    "files": (14, 8),
    "update": (1, 1),
    "sealed": (25, 0),
    "arguments": (16, 14),
    "hosts": (3, 2),
    "joining": (7, 7),
    "accesspoint": (1, 1),
    "power": (1, 1),
    "pins": (2, 2),
    "http": (28, 8),
    "mail": (18, 15),
    "tftp": (14, 5),
    "scripts": (10, 4),
    "web": (14, 4),
    "volumes": (1, 1),
}


def of_file(name):
    return [(n, function) for file, n, function in scenarios() if file == name]


@pytest.mark.generated(3)
@pytest.mark.parametrize("file", sorted(COUNTS))
def test_no_scenario_fails_at_its_rehearsal_and_as_many_run_as_before(file):
    """A scenario that fails here relies on the world of the simulation: it has to say so, by
    bench.sim("usual", …), or to use bench.ssid in the place of a name."""
    all_known = [rehearse(function, LIKELIEST) for _, function in of_file(file)]
    nothing = [rehearse(function, may_write=False) for _, function in of_file(file)]
    ran = sum(needed is None for needed, _ in all_known)
    assert (ran, sum(needed is None for needed, _ in nothing)) == COUNTS[file]


def test_every_file_of_scenarios_is_counted():
    assert set(COUNTS) == {file for file, _, _ in scenarios()}


def test_every_hook_is_one_of_the_simulation_too():
    """So a rehearsal can stand in for it."""
    assert {name for name in hooks.names() if not hasattr(Controller, name)} == set()


@pytest.mark.parametrize("name", sorted(n for n in hooks.names() if callable(getattr(Hooks, n))))
def test_every_hook_takes_what_that_of_the_simulation_takes(name):
    """Else a scenario is well at its rehearsal, and fails on the module."""
    given = inspect.signature(getattr(Controller, name)).parameters.values()
    needed = [p.name for p in given if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    taken = inspect.signature(getattr(Hooks, name))
    taken.bind(*needed)
    taken.bind(*[p.name for p in given])


def needs(name):
    (function,) = [function for _, n, function in scenarios() if n == name]
    return rehearse(function, may_write=False)[0]


def test_what_a_scenario_needs_is_told():
    assert needs("test_rubbish_on_the_line_is_no_hindrance") == "garbage"
    assert needs("test_another_network_can_be_joined") == "a network called 'open'"
    assert needs("test_what_was_put_can_be_got") == "--write-flash (FSC)"
    assert "--reading ping_result" in needs("test_a_host_that_answers")
    assert "settings" in needs("test_flash_is_written_only_when_asked")
    name = "test_a_file_of_another_name_that_ends_alike_is_another_file"
    assert "with a slash" in needs(name)
    assert needs("test_send_and_receive") is None
    ((_, function),) = [s for s in of_file("together") if s[0].endswith("no_ca_of_another_one")]
    assert "checks it by TLS" in rehearse(function, LIKELIEST)[0]


@pytest.mark.parametrize(
    ("command", "so"),
    [
        (b"AT+S.FSC=x,1\r", True),
        (b"AT+S.TLSCERT=content,2\r", False),
        (b"AT+S.HTTPGET=a,/,80,0,,,2:/x,\r", True),
        (b"AT+S.HTTPGET=a,/,80,0,,,,\r", False),
        (b"AT+S.TFTPGET=a,69,x,2:/x\r", True),
        (b"AT+S.SOCKON=a,80,NULL,t\r", False),
    ],
)
def test_which_commands_write(command, so):
    assert needs_.writes(command) is so


@contextlib.contextmanager
def desktop(*arguments):
    """The port of a simulated module in another process."""
    command = [sys.executable, "-m", "tests.hardware.desk", *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


SAMPLE = (
    "test_connect_joins_and_returns_with_an_address",
    "test_send_and_receive",
    "test_data_that_look_like_the_modules_own_words",
    "test_a_refused_port",
    "test_readline_with_a_limit",
    "test_a_client_is_accepted_and_answered",
    "test_a_page_over_verified_tls",
    "test_what_the_module_is_told",
    "test_user_and_password",
    "test_what_connects",
    "test_str_is_sent_as_text_and_bytes_as_binary",
    "test_bytes_are_attached_and_leave_no_file",
    "test_a_file_goes_to_the_server",
    "test_sendall_from_memory_that_changes",
    "test_a_client_certificate_that_is_missed_is_named_by_the_first_read",
)


@pytest.fixture
def loopback(monkeypatch):
    """RealModule has servers heard everywhere; put that back."""
    monkeypatch.setattr(servers, "HERE", list(servers.HERE))


# pyserial's own
@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
@pytest.mark.parametrize("way", [(), ("--rfc2217", "0")], ids=["terminal", "rfc2217"])
def test_scenarios_run_on_a_module_in_another_process_and_leave_nothing(way, loopback):
    functions = {name: function for _, name, function in scenarios()}
    with desktop(*way) as port, wired(port) as (device, clock):
        network = desk.SSID, desk.PASSWORD
        module = RealModule(device, clock, network, readings=LIKELIEST, may_write=True)
        assert module.address == "127.0.0.1"
        for name in SAMPLE:
            module.run(functions[name])
        module.leave()
        radio = SPWF04(device, clock=clock)
        assert radio.files.list() == []
        assert radio.certs.list() == []
        assert radio.get("wifi_ssid") == ""


def test_a_connection_that_begins_while_the_servers_end_hinders_nobody(monkeypatch):
    ended = []

    class Late(world.Driven):
        def start(self):
            ending.start()
            ending.join(0.2)
            ended.append(not ending.is_alive())
            super().start()

    hosts = world.Hosts(lambda: "127.0.0.1")
    ending = threading.Thread(target=hosts.rest)
    monkeypatch.setattr(world, "Driven", Late)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()):
            hosts.drive(server.accept()[0], EchoPeer())
            ending.join()
    assert ended == [False]  # it has waited
    assert hosts.connected(EchoPeer) == 0


def test_scenarios_run_on_a_module_behind_an_mcu(tmp_path, loopback):
    functions = {name: function for _, name, function in scenarios()}
    with behind_mcu(tmp_path, controller=desk.Desk()) as there:
        given = {"via_mcu": there.port, "board": there.board_file, "ssid": desk.SSID}
        config = Config(**given)
        config.module_password, config.module_readings = desk.PASSWORD, {}
        with opened(config) as module:
            module.run(functions["test_send_and_receive"])


REPORT = {"kind": "spwf04 probe", "format": 1, "points": {}}
NOTHING = {**REPORT, "points": {"winds": {"reading": "free"}}}
TIME = {**REPORT, "points": {"ping_result": {"reading": "time"}}}


@pytest.fixture
def report(tmp_path):
    """report(document): the path of a file with it."""

    def write(document):
        file = tmp_path / "report.json"
        file.write_text(json.dumps(document))
        return str(file)

    return write


# A file that stands alone is what pytest takes for a place with tests: the port, and the report
@pytest.mark.parametrize("form", ["alone", "equals"])
def test_pytest_runs_them_with_port_and_tells_what_the_others_need(form, report):
    with desktop() as port:
        given = ["--port", port, "--ssid", "desk", "--reading", report(NOTHING)]
        if form == "equals":
            given = [f"{name}={value}" for name, value in zip(given[::2], given[1::2])]
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *given]
        done = subprocess.run(
            [*command, "-k", "ping or start-test_rubbish"],
            cwd=ROOT,
            env={**os.environ, "SPWF04_PASSWORD": desk.PASSWORD},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
        )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "not for hardware: needs garbage" in said
    assert "not for hardware: needs the reading of ping_result" in said
    assert "3 passed" in said


@pytest.mark.parametrize("what", ["ca", "cert"])
@pytest.mark.parametrize("text", Quirks.choices()["content_text"])
def test_what_is_in_the_slot_is_not_removed(what, text, loopback):
    """No driver has put it there, and no list of CAs shows it."""
    there = Controller(Quirks(content_text=text), VirtualClock(longest=20))
    module = there.module
    given = (module.uart(), there.clock, ("home", "correct horse"), "127.0.0.1", None, True)
    RealModule(*given).leave()
    module.flash.slot[what] = root().der if what == "ca" else b"a certificate"
    before = dict(module.flash.slot)
    with pytest.raises(pytest.exit.Exception, match="this is there"):
        RealModule(*given)
    assert module.flash.slot == before


class Config:
    """What options.prepare() asks of pytest's."""

    def __init__(self, workers=None, **given):
        self.option = self
        self.numprocesses = workers
        self.reportchars = ""
        self.rootpath = ROOT
        self.args = ["tests"]
        self._given = {"ssid": "x", "reading": [], **given}

    def getoption(self, name):
        return self._given.get(name.strip("-").replace("-", "_"))


@pytest.mark.parametrize(
    ("given", "why"), [({"port": "/dev/none"}, "no such port"), ({}, "password is wrong")]
)
def test_a_module_that_cannot_be_used_ends_the_run(given, why, loopback):
    """Else each scenario would try again, and each shows it."""
    with desktop() as port:
        config = Config(**{"port": port, "baud": 115200, "ssid": desk.SSID, **given})
        config.module_password, config.module_readings = "not its password", {}
        with pytest.raises(pytest.exit.Exception, match=f"cannot be used: .*{why}"):
            with opened(config):
                pass


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (Config(port="x", ssid=None), "--ssid is missing"),
        (Config(port="x", via_mcu="y"), "either --port or --via-mcu"),
        (Config(port="x", workers=2), "one test at a time"),
        (Config(port="x", reading=["ping_result=never"]), "is one of"),
        (Config(port="x", reading=["such=1"]), "no quirk such"),
        (Config(port="x", reading=["none.json"]), "none.json: No such file"),
        (Config(port="x", reading=[__file__]), "no report of spwf04 probe"),
    ],
)
def test_options_that_do_not_go_together_are_refused(config, words):
    with pytest.raises(pytest.UsageError, match=words):
        options.prepare(config)


def test_with_a_port_nothing_else_runs(monkeypatch):
    monkeypatch.setenv("SPWF04_PASSWORD", "y")
    config = Config(via_mcu="x")
    options.prepare(config)
    assert config.args == [str(ROOT / options.RUN)]
    assert (config.module_password, config.module_readings) == ("y", {})
    assert not options.wanted(Config())


def test_readings(report):
    assert options.readings(["likeliest"]) == LIKELIEST
    assert options.readings(["ping_result=time"]) == {"ping_result": "time"}
    assert options.readings([report(TIME)]) == {"ping_result": "time"}
    assert options.readings(["likeliest", report(TIME)]) == {**LIKELIEST, "ping_result": "time"}


def test_what_a_report_has_found_decides_which_scenarios_run(report):
    """And what they expect: they ask for the reading."""
    ((_, function),) = [s for s in of_file("ping") if s[0] == "test_a_host_that_answers"]
    for document, ran in ((NOTHING, False), (TIME, True)):
        needed, _ = rehearse(function, options.readings([report(document)]))
        assert (needed is None) == ran


def test_every_option_that_may_be_a_file_is_known_before_pytest_looks_for_tests():
    class Group:
        def __init__(self):
            self.texts = set()

        def getgroup(self, *_):
            return self

        def addoption(self, name, type=str, action="store", **_):
            if type is str and action != "store_true":
                self.texts.add(name)

    group = Group()
    options.add(group)
    assert group.texts - {"--address"} == set(pytest_plugin.OF_FILES)
