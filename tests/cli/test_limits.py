"""Whatever a server, a name server, a file or a thread does, each command ends and says why."""

import base64
import contextlib
import functools
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spwf04 import SPWF04
from spwf04.pki.certificate import read
from spwf04.pki.chain import Chain
from spwf04_cli import output
from spwf04_cli.commands import check
from spwf04_cli.jobs.update import image_head
from spwf04_cli.output import DONE, FAILED, INTERRUPTED, USAGE
from spwf04_cli.provisioning.prepare import Preparation
from spwf04_cli.server import ask
from spwf04_cli.server.predict import predict
from spwf04_cli.server.roots import Bytes, Roots, file_certificates, usable_certificates
from spwf04_sim import Peer, PtyPort, SimulatedModule, Timing, VirtualClock, World
from tests import HANG
from tests.cli import spwf04
from tests.cli.benches import Bench as Modules
from tests.cli.benches import says
from tests.shims import awkward
from tests.shims.micropython import ROOT, tool
from tests.shims.names import names
from tests.shims.servers import servers
from tests.sim.test_odd_certificates import CHAIN, ODD, mutated, odd


@pytest.fixture
def world():
    """The test servers under their names; add more."""
    targets = dict(servers().targets)
    with names(targets):
        yield targets


@pytest.fixture
def ca_file(tmp_path):
    """A PEM file of the test servers' CAs."""
    made, file = servers(), tmp_path / "cas.pem"
    file.write_bytes(b"".join(ca.cert_pem.bytes() for ca in (made.ca, made.other_ca, made.rsa_ca)))
    return str(file)


def answers(*arguments):
    """{host: reasons} of spwf04 check."""
    done = spwf04("check", *arguments, "--json")
    found = json.loads(done.out)
    assert done.code == (DONE if found["ok"] else FAILED)
    return {s["host"]: [r["what"] for r in s["reasons"]] for s in found["servers"]}


# servers -------------------------------------------------------------------------------------
def dripping_later(sock, stop):
    """Reads a hello and answers it slowly, byte by byte."""
    sock.recv(1000)
    awkward.drips(sock, stop)


@pytest.mark.parametrize("later", [awkward.silent, dripping_later])
def test_the_time_out_is_for_all_connections_to_a_server_together(world, ca_file, later):
    chain = awkward.tls(servers().leaf, lambda context: None)
    with awkward.serving(awkward.first_then(chain, later)) as world["www.example.com", 443]:
        limits = []
        connect = socket.create_connection

        def noted(address, timeout):
            limits.append(timeout)
            return connect(address, timeout)

        with mock.patch("socket.create_connection", noted):
            found = answers("www.example.com", "--roots", ca_file, "--timeout", "8")
        assert found["www.example.com"]
        assert limits == sorted(limits, reverse=True) and limits[-1] < limits[0] <= 8
        # bundle asks the same questions
        done = spwf04("bundle", "-o", ca_file + ".bin", "--timeout", "1", "www.example.com")
        assert done.code == FAILED


def test_no_exchange_with_a_server_begins_after_its_time(world):
    answer = ask.Answer("www.example.com", 443)
    answer.address = world["www.example.com", 443]
    limit = ask._Limit(0)
    with mock.patch("socket.create_connection") as connect:
        with pytest.raises(TimeoutError):
            ask._first_flight(answer, limit)
        ask._judge(answer, Roots().ders[:1], limit, ask._TLS12)
        ask._offers_13(answer, limit)
    assert not connect.called
    assert answer.verdict == "no answer in time"


@contextlib.contextmanager
def name_server_that_hangs(host):
    """A look-up of this name hangs until the block ends."""
    release, look_up = threading.Event(), socket.getaddrinfo

    def hang(name, *more, **others):
        if name == host:
            release.wait()
        return look_up(name, *more, **others)

    with mock.patch("socket.getaddrinfo", hang):
        yield
    release.set()


def test_a_name_server_that_hangs_holds_no_command(world, ca_file, monkeypatch):
    monkeypatch.setattr(ask, "_GRACE", 1)
    with name_server_that_hangs("hangs.example"):
        hosts = ["hangs.example", "www.example.com"]
        found = answers(*hosts, "--roots", ca_file, "--timeout", "8")
        assert found["www.example.com"] == []
        assert "no answer within 8 s" in found["hangs.example"][0]
        done = spwf04("bundle", "-o", ca_file + ".bin", "--timeout", "0.5", "hangs.example")
        assert done.code == FAILED and says(done.err, "no answer within 0.5 s")


def test_a_mistake_in_one_thread_is_told_and_stops_no_other(world, ca_file, monkeypatch):
    asked = ask.ask

    def mistaken(host, *more):
        if host == "mixed.example":
            raise TypeError("unsupported operand")
        return asked(host, *more)

    monkeypatch.setattr(ask, "ask", mistaken)
    found = answers("mixed.example", "www.example.com", "--roots", ca_file)
    assert found["www.example.com"] == []
    assert "TypeError: unsupported operand" in found["mixed.example"][0]
    done = spwf04("check", "mixed.example", "--roots", ca_file)
    assert done.code == FAILED and "report it" in done.out
    done = spwf04("bundle", "-o", ca_file + ".bin", "--ca", ca_file, "mixed.example")
    assert done.code == FAILED and "TypeError" in done.err


def test_more_servers_than_are_asked_at_once_are_all_asked_in_order(world, ca_file, monkeypatch):
    monkeypatch.setattr(ask, "_AT_ONCE", 2)
    hosts = ["nobody.invalid", "www.example.com", "mixed.example", "modern.example", "a.invalid"]
    assert list(answers(*hosts, "--roots", ca_file)) == hosts


# The tests may run where SIGINT is ignored
_WITH_CTRL_C = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from spwf04_cli.__main__ import main
sys.exit(main())
"""


def test_ctrl_c_does_not_wait_for_a_server_that_hangs():
    asked = threading.Event()

    def silent(sock, stop):
        asked.set()
        stop.wait()

    with awkward.serving(silent) as (_, port):
        process = subprocess.Popen(
            [tool("python"), "-c", _WITH_CTRL_C, "check", f"127.0.0.1:{port}", "--timeout", "600"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert asked.wait(HANG)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=HANG)
    assert process.returncode == INTERRUPTED, said
    assert "Traceback" not in said


class Drip(Peer):
    """Answers with a byte every ten seconds, for ever."""

    clock = None
    _due = 0.0

    @property
    def outgoing(self):
        if self.clock.now() >= self._due:
            self._due = self.clock.now() + 10
            self._data += b"x"
        return self._data

    @outgoing.setter
    def outgoing(self, data):
        self._data = data


def test_a_server_of_firmware_that_drips_is_left():
    clock, world = VirtualClock(longest=20), World()

    class Server(Drip):
        pass

    Server.clock = clock
    world.add_access_point("home", "correct horse")
    world.route("drips.example", 80, Server)
    module = SimulatedModule(world, clock=clock, timing=Timing.fast())
    module.power_on()
    radio = SPWF04(module.uart(), clock=clock)
    radio.connect("home", "correct horse")
    begin = clock.now()
    assert image_head(radio, "drips.example", 80, "/x") == [None, None]
    assert clock.now() - begin < 70


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 77\r\n\r\n", [200, 77]),
        (b"HTTP/1.0 \xff\xfe\r\nContent-Length: many\r\n\r\n", [None, None]),
        (b"HTTP/1.0\r\n\r\n", [None, None]),
        (b"\xff\xfe\xfd\r\n\r\n", [None, None]),
    ],
)
def test_what_a_server_of_firmware_answers(answer, found):
    class Server(Peer):
        def on_data(self, data):
            self.send(answer)

    world = World()
    world.add_access_point("home", "correct horse")
    world.route("odd.example", 80, Server)
    module = SimulatedModule(world, clock=VirtualClock(), timing=Timing.fast())
    module.power_on()
    radio = SPWF04(module.uart(), clock=module.clock)
    radio.connect("home", "correct horse")
    assert image_head(radio, "odd.example", 80, "/x") == found


# threads -------------------------------------------------------------------------------------
def test_a_report_that_cannot_be_kept_ends_the_bench_in_order(tmp_path, monkeypatch):
    bench = Modules(tmp_path, "[[module]]\ncount = 3\n")

    def full(state, record):
        raise output.Failure("the disk is full")

    monkeypatch.setattr("spwf04_cli.provisioning.record.State.note", full)
    before = threading.enumerate()
    monkeypatch.setenv("BENCH_PASSWORD", "correct horse")
    done = bench.run("--jobs", "3")
    assert done.code == FAILED and "the disk is full" in done.err
    more = [t for t in threading.enumerate() if t not in before]
    assert not [t for t in more if "_work" in t.name]
    for module in bench.modules.values():
        assert not module.log or "AT+S.RESET" in module.log[-5:], module.log[-5:]


def test_after_the_second_ctrl_c_a_worker_that_hangs_is_left_alone(tmp_path, monkeypatch):
    made = Modules(tmp_path)
    release = threading.Event()

    def hangs(work, opened):
        work.bench.stop.press()
        work.bench.stop.press()
        release.wait()
        return work.record

    monkeypatch.setattr(Preparation, "run", hangs)
    monkeypatch.setattr("spwf04_cli.provisioning.bench._GIVEN_UP_S", 0)
    monkeypatch.setenv("BENCH_PASSWORD", "correct horse")
    done = made.run()
    release.set()
    assert done.code == INTERRUPTED
    assert made.told()["result"] == "interrupted"
    assert "switch it off and on" in made.told()["left"]


def test_an_exception_in_the_thread_of_a_simulated_module_is_told():
    module = SimulatedModule(World(), timing=Timing.fast())
    module.power_on()

    def mistaken(data):
        raise TypeError("a mistake")

    module.receive = mistaken
    with pytest.raises(TypeError, match="a mistake"), PtyPort(module) as port:
        with open(port.path, "wb", buffering=0) as line:
            line.write(b"AT\r")
        end = time.monotonic() + HANG
        while port.failure is None and time.monotonic() < end:
            time.sleep(0.01)
        assert isinstance(port.failure, TypeError)


# unusual certificates ------------------------------------------------------------------------
def pem(der):
    return (
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    )


def unusable(how, tmp_path):
    """A file with a CA that is unusual in this way, or None if it can be used all the same."""
    file = tmp_path / "odd.pem"
    file.write_bytes(pem(odd(CHAIN.root, how)))
    try:
        file_certificates(str(file))
    except ValueError:
        return file
    return None


def test_most_of_the_odd_ones_cannot_be_used(tmp_path):
    assert sum(unusable(how, tmp_path) is not None for how in ODD) >= 5


@pytest.mark.parametrize("how", ODD)
def test_an_odd_root_is_refused_or_left_out_and_named(how, world, ca_file, tmp_path):
    file = unusable(how, tmp_path)
    if file is None:
        return
    hosts = "www.example.com", "--roots", ca_file
    done = spwf04("check", *hosts, "--roots", str(file))
    assert done.code == USAGE and done.out == "" and says(done.err, "odd.pem")
    several = tmp_path / "several.pem"
    with open(ca_file, "rb") as good:
        several.write_bytes(file.read_bytes() + good.read())
    done = spwf04("check", "www.example.com", "--no-certifi", "--roots", str(several))
    assert done.code == DONE, done
    assert says(done.err, "left out:") and says(done.err, "several.pem, certificate 1 of 4")
    # a certificate that somebody wants installed is not left out silently
    for name in (str(file), str(several)):
        done = spwf04("trust", "--pem", name, "--port", "sim")
        assert done.code == USAGE and says(done.err, "certificate")
    done = spwf04("bundle", "-o", str(tmp_path / "x.bin"), "--no-certifi", "--ca", str(several))
    assert done.code == DONE and "3 roots" in done.out and says(done.err, "left out:")


def test_a_plan_with_an_odd_root_is_refused_with_its_line(tmp_path):
    file = unusable("subject is not UTF-8", tmp_path)
    assert file is not None
    plan = tmp_path / "plan.toml"
    for key in ("files", "install"):
        plan.write_text(f'[bench]\nports = ["sim"]\n[roots]\n{key} = ["odd.pem"]\n')
        done = spwf04("provision", str(plan))
        assert done.code == USAGE and says(done.err, "plan.toml:4")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_the_bytes_are_they_are_used_or_refused(tmp_path, data):
    file = tmp_path / "some.pem"
    der = data.draw(mutated(CHAIN.root))
    file.write_bytes(data.draw(st.sampled_from([pem(der), der, pem(der)[:-40], pem(der) * 2])))
    try:
        found, left_out = usable_certificates(str(file))
        roots = Roots([str(file)], certifi=False)
    except ValueError:
        return
    assert roots.ders == list(dict.fromkeys(found)) and roots.left_out == left_out
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=b"".join(found))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_a_servers_certificates_are_they_are_judged_and_shown(data):
    answer = ask.Answer("www.example.com", 443)
    answer.chain = chain = Chain("www.example.com", 443)
    chain.suite = 0xC02B
    leaf = data.draw(st.one_of(mutated(CHAIN.leaf), st.sampled_from(sorted(ODD)).map(_odd_leaf)))
    for der in (leaf, data.draw(mutated(CHAIN.middle))):
        host = None if chain.certificates else "www.example.com"
        known = read(Bytes(der), len(der), host)
        answer.ders[known.sha256] = der
        chain.certificates.append(known)
    judged = predict(answer, our_roots(), 1_800_000_000)
    with mock.patch("sys.stdout"):
        output.out().print(check.tree(judged))
    json.dumps(check.plain(judged))


def _odd_leaf(how):
    return odd(CHAIN.leaf, how)


@functools.cache
def our_roots():
    """Roots with the root of CHAIN."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "root.der"
        file.write_bytes(CHAIN.root)
        return Roots([str(file)], certifi=False)
