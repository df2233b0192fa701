"""Certificates that end and are replaced in the field: the recipes of docs/tls.md in virtual time.

A program follows them as printed. The power of its host, of the module or of both is cut after
each AT command, and the next connection is verified at every moment.
"""

import functools
import os
import re
import ssl
import time
import types

import pytest

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04.errors import CertificateError
from spwf04.supervise import Supervisor
from spwf04.tls.listing import Ending
from spwf04_cli.server.roots import build
from spwf04_sim import Quirks, SimulatedModule, Timing, VirtualClock, World
from tests import sample
from tests.shims.micropython import ROOT
from tests.shims.tlspeer import Certified, TlsPeer

HOST = "a.example"
NOW = int(time.time())
DAY = 86400

OLD = Certified("Old Root", days=(-300, 40))
NEW = Certified("New Root", days=(-5, 900))
RENEWED = Certified("Old Root", key=OLD.key, days=(-5, 900))
LATER = Certified("Old Root", key=OLD.key, days=(20, 2000))  # not valid yet
CROSS = Certified("New Root", OLD, key=NEW.key, days=(-5, 39))
CLIENTS = Certified("Root of clients", days=(-9, 3000))
ONE, TWO = (Certified(f"client {n}", CLIENTS, ["client.example"], days=(-9, 60)) for n in "12")


def shown(root, *chain):
    """What a server shows: an ssl.SSLContext that also asks for a client certificate."""
    leaf = Certified(HOST, root, [HOST], days=(-3, 700))
    leaf.chain = "".join(c.pem for c in chain)
    leaf.server.load_verify_locations(cadata=CLIENTS.pem)
    leaf.server.verify_mode = ssl.CERT_OPTIONAL
    return leaf.server


BEFORE, AFTER, CROSSED = shown(OLD), shown(NEW), shown(NEW, CROSS)


def recipes():
    """The names that the blocks of the section "Renewal" define, without what they do."""
    page = (ROOT / "docs" / "tls.md").read_text()
    section = page.partition("\n## Renewal\n")[2].partition("\n## ")[0]
    # what the module cannot verify fails, and no other TLS steps in
    names = {"SSLContext": functools.partial(SSLContext, engine="module")}
    for block in re.findall(r"```python\n(.*?)```", section, re.S):
        parts = re.findall(r"^(?:import|def) .*\n(?:(?:    .*)?\n)*", block, re.M)
        exec(compile("".join(parts), "docs/tls.md", "exec"), names)
    return names


class Cut(BaseException):
    """The power of the host is cut."""


class Field:
    """A device in the field: a host with files, a module, and a server that changes."""

    def __init__(self, folder, server=BEFORE, **quirks):
        self.folder = folder
        os.chdir(folder)
        for name in os.listdir():
            os.remove(name)
        self.server = server
        self.day = 0
        self.seen = []
        world = World()
        world.add_access_point("home", "correct horse")
        world.route(HOST, 443, lambda: TlsPeer(self.server, self.seen))
        self.clock = VirtualClock(longest=40, patience=0)
        self.module = SimulatedModule(
            world, quirks=Quirks(**quirks), clock=self.clock, timing=Timing.fast()
        )
        self.module.power_on()

    def now(self):
        return NOW + self.day * DAY + 100

    def start(self, start):
        """Start the program: start(radio) returns its context."""
        self.begin = start
        self.radio = SPWF04(self.module.uart(), clock=self.clock)
        self._join()
        self.context = start(self.radio)

    def _join(self):
        self.radio.connect("home", "correct horse")
        self.radio.set_time(self.now())

    def go_to(self, day):
        """Let time pass."""
        self.day = day
        self.clock.longest = 60000
        self.clock.advance(3600)
        self.clock.longest = 40
        self.module.set_clock(self.now())

    def client(self):
        """The client certificate that the server is to see, "" for none."""
        return ""

    def connect(self):
        """What the server sees of a request: the client's name, or "". OSErrors of connect()."""
        self.seen.clear()
        if not self.radio.isconnected():
            self._join()
        sock = self.context.wrap_socket(SocketPool(self.radio).socket(), server_hostname=HOST)
        sock.settimeout(20)
        with sock:
            sock.connect((HOST, 443))
            sock.send(b"GET / HTTP/1.0\r\n\r\n")
            assert sock.recv(5) == b"HTTP/"
        return self.seen[0] or ""

    def cut(self, what, n, work):
        """Do work(); after n AT commands of it the power of the host, of the module or of both is
        cut. Then the program starts, or goes on. False if that was not in time."""
        module = self.module
        receive, end = module.receive, module.commands + n
        done = []

        def watched(data):
            if module.commands < end or done:
                receive(data)
                return
            done.append(True)
            if what != "host":
                module.restart("watchdog")
                self.clock.advance(2)
            if what != "module":
                raise Cut
            receive(data)

        module.receive = watched
        try:
            work()
        except Cut:
            pass
        except OSError:
            assert done and what == "module"
        module.receive = receive
        if what != "module" and done:
            self.clock.advance(30)
            self.start(self.begin)
        return bool(done)


@pytest.fixture
def field(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *server, **quirks: Field(tmp_path, *server, **quirks)


READINGS = (
    {},
    {"slot_lookup": False},
    {"default_volume": "flash"},
    {"content_text": "ski"},
    {"ca_lookup": "each"},
    {"ca_file_encoding": "pem", "slot_lookup": False},
)
PEMS = {
    "another key": OLD.pem + NEW.pem,
    "the same key": RENEWED.pem + OLD.pem,
    "cross-signed": CROSS.pem + OLD.pem + NEW.pem,
}
LAST = {"another key": NEW.pem, "the same key": RENEWED.pem, "cross-signed": NEW.pem}
SERVERS = {
    "another key": (BEFORE, AFTER),
    "the same key": (BEFORE,),
    "cross-signed": (BEFORE, CROSSED, AFTER),
}


def by_roots(recipe):
    return lambda radio: recipe["secure"]()


def by_list(recipe):
    def start(radio):
        context = SSLContext(engine="module")
        context.load_verify_locations(recipe["newest"]("roots-"))
        return context

    return start


@pytest.mark.parametrize(
    ("change", "how", "quirks"),
    sample([(c, h, q) for c in PEMS for h in (by_roots, by_list) for q in READINGS], 10, "weeks"),
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_root_is_replaced_over_the_weeks(field, change, how, quirks):
    recipe = recipes()
    there = field(**quirks)
    recipe["replace"]("roots-1.pem", OLD.pem.encode())
    there.start(how(recipe))
    assert there.connect() == ""
    there.go_to(3)
    recipe["replace"]("roots-2.pem", PEMS[change].encode())
    there.context = there.begin(there.radio)
    assert there.connect() == ""
    for server in SERVERS[change]:
        there.server = server
        for _ in range(3):
            there.go_to(there.day + 4)
            assert there.connect() == ""
    there.go_to(38)
    assert there.connect() == ""
    if change == "the same key":
        there.go_to(41)  # the old certificate has ended meanwhile
        assert there.connect() == ""
    recipe["replace"]("roots-3.pem", LAST[change].encode())
    there.context = there.begin(there.radio)
    assert there.connect() == ""
    there.go_to(300)
    assert there.connect() == ""


@pytest.mark.parametrize("quirks", [{}, {"certificate_error_date": 9}], ids=str)
@pytest.mark.parametrize("order", [(OLD, LATER), (LATER, OLD)], ids=["old first", "new first"])
@pytest.mark.parametrize("how", [by_roots, by_list])
def test_of_two_with_one_key_the_one_that_is_in_date_counts(field, how, order, quirks):
    recipe = recipes()
    there = field(**quirks)
    recipe["replace"]("roots-1.pem", "".join(c.pem for c in order).encode())
    there.start(how(recipe))
    for day in (0, 10, 19, 21, 39, 41, 600):
        there.go_to(day)
        assert there.connect() == "", day
        there.start(there.begin)
        assert there.connect() == "", day


CUTS = [(n, at, quirks) for n in range(24) for at in range(5) for quirks in READINGS]


def cut_in(there, what, steps, n, at):
    """Take these steps (functions that end with a connection); in step `at` the power is cut
    after n commands. After each the next connection is verified."""
    for number, step in enumerate(steps):
        if number == at % len(steps):
            there.cut(what, n, step)
            assert there.connect() == there.client(), (n, at)
        step()
        assert there.connect() == there.client(), (n, at)


@pytest.mark.parametrize("what", ["host", "module", "both"])
@pytest.mark.parametrize("how", [by_roots, by_list])
@pytest.mark.parametrize("change", PEMS)
def test_the_power_may_be_cut_after_any_command_of_the_change(field, change, how, what):
    for n, at, quirks in sample(CUTS, 1, f"{change} {how.__name__} {what}"):
        recipe = recipes()
        there = field(**quirks)
        recipe["replace"]("roots-1.pem", OLD.pem.encode())
        there.start(how(recipe))
        assert there.connect() == ""
        there.go_to(5)

        def step(server, name, pem, there=there, recipe=recipe):
            recipe["replace"](name, pem.encode())
            there.server = server
            there.context = there.begin(there.radio)
            there.connect()

        steps = [(BEFORE, "roots-2.pem", PEMS[change])]
        steps += [(server, "roots-2.pem", PEMS[change]) for server in SERVERS[change]]
        steps.append((SERVERS[change][-1], "roots-3.pem", LAST[change]))
        cut_in(there, what, [functools.partial(step, *s) for s in steps], n, at)


def write(name, pem):
    with open(name, "w") as file:
        file.write(pem)


@pytest.mark.parametrize("what", ["host", "module", "both"])
def test_a_root_that_was_installed_is_replaced_by_another(field, what):
    def start(radio):
        for name in sorted(os.listdir()):
            radio.certs.install(name)
        return SSLContext(engine="module")

    for n, at, quirks in sample(CUTS, 2, f"installed {what}"):
        there = field(**quirks)
        write("root-1.pem", OLD.pem)
        there.start(start)

        def beside(there=there):
            if not os.path.exists("root-2.pem"):
                write("root-2.pem", NEW.pem)
            there.radio.certs.install("root-2.pem")

        def change(there=there):
            there.server = AFTER
            there.connect()

        def remove(there=there):
            if os.path.exists("root-1.pem"):
                for old in there.radio.certs.entries():
                    if old.ski == OLD.ski:
                        there.radio.certs.remove(OLD.ski)
                os.remove("root-1.pem")

        cut_in(there, what, [lambda there=there: there.connect(), beside, change, remove], n, at)
        assert [e.ski for e in there.radio.certs.entries()] == [NEW.ski]


@pytest.mark.parametrize("what", ["host", "module", "both"])
def test_a_root_that_was_installed_is_renewed_with_its_key(field, what):
    recipe = recipes()
    for n, at, quirks in sample(CUTS, 2, f"renewed {what}"):
        there = field(**quirks)
        write("ca-1.pem", OLD.pem)

        def start(radio):
            entry = radio.certs.install(recipe["newest"]("ca-"))
            assert list(entry.warnings) == []
            return SSLContext(engine="module")

        there.start(start)

        def renew(there=there):
            if not os.path.exists("ca-2.pem"):
                write("ca-2.pem", RENEWED.pem)
            there.begin(there.radio)

        cut_in(there, what, [lambda there=there: there.connect(), renew], n, at)
        there.go_to(50)
        assert there.connect() == ""


@pytest.mark.parametrize("what", ["host", "module", "both"])
def test_a_client_certificate_is_replaced(field, what):
    recipe = recipes()
    for n, at, quirks in sample(CUTS, 2, f"client {what}"):
        there = field(**quirks)
        write("roots-1.pem", OLD.pem)
        write("client-1.pem", ONE.pem + ONE.key_pem)
        there.start(lambda radio: recipe["with_client"]())
        there.client = lambda: "client 2" if os.path.exists("client-2.pem") else "client 1"

        def renew(there=there):
            if not os.path.exists("client-2.pem"):
                recipe["replace"]("client-2.pem", (TWO.pem + TWO.key_pem).encode())
            there.context = there.begin(there.radio)
            there.connect()

        cut_in(there, what, [lambda there=there: there.connect(), renew], n, at)
        os.remove("client-1.pem")
        there.go_to(30)
        assert there.connect() == "client 2"


def test_a_certificate_that_is_not_valid_yet_is_installed_and_warned_of(field):
    there = field()
    there.start(lambda radio: SSLContext(engine="module"))
    certs = there.radio.certs
    assert list(certs.install(OLD.der).warnings) == []
    entry = certs.install(LATER.der)
    assert "has taken the place of a CA with the same key" in entry.warnings[-1]
    assert list(certs.install(OLD.der).warnings) == []  # the other way round all is well
    there.go_to(100)
    assert list(certs.install(LATER.der).warnings) == []


# what ends when ----------------------------------------------------------------------------------
def found(there, days=30):
    return [(e.what, e.name, e.days) for e in there.radio.certs.ending(days)]


SOON = Certified("Short Root", days=(-300, 12))
SHORT = Certified("short client", CLIENTS, ["client.example"], days=(-9, 8))


def short(radio):
    context = SSLContext(engine="module")
    context.load_verify_locations(cadata=SOON.pem)
    context.load_cert_chain(SHORT.pem, SHORT.key_pem)
    return context


def nothing(radio):
    return SSLContext(engine="module")


@pytest.mark.parametrize(
    ("where", "between"),
    [
        ("slot", "nothing"),
        ("slot", "host"),
        ("slot", "both"),
        ("file", "nothing"),
        ("file", "host"),
    ],
)
def test_what_is_on_the_module_tells_its_end_to_a_later_run_too(field, where, between):
    there = field(shown(SOON), **({} if where == "slot" else {"user_flash": "refused"}))
    there.start(short)
    assert there.connect() == "short client"
    if between == "both":
        there.module.restart("watchdog")
        there.clock.advance(2)
    if between != "nothing":
        there.start(nothing)  # it knows no certificate, and connects nowhere
    (ca,) = there.radio.certs.list()
    assert (ca.where, ca.not_after // DAY) == (where, (NOW + 12 * DAY) // DAY)
    if (between, where) == ("nothing", "slot"):
        assert ca.subject == "Short Root"
    names = ["short client", "Short Root"]
    if between != "nothing" and where == "slot":  # it cannot be read
        assert ca.subject is None
        names = ["", SOON.ski]
    assert found(there) == [
        ("client certificate", names[0], 7),
        ("CA", names[1], 11),
    ]
    assert found(there, 10) == [("client certificate", names[0], 7)]
    assert found(there, 5) == []
    there.go_to(15)
    assert [(what, days) for what, _, days in found(there, 0)] == [
        ("client certificate", -8),
        ("CA", -4),
    ]
    assert "expired 7 days ago" in str(there.radio.certs.ending()[0])


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (1, "ends in 1 day"),
        (2, "ends in 2 days"),
        (-2, "expired 1 day ago"),
        (0, "ends in 0 days"),
    ],
)
def test_an_ending_counts_days_as_people_do(left, words):
    entry = types.SimpleNamespace(subject="Root")
    assert str(Ending("CA", entry, NOW + left * DAY, NOW)) == "the CA Root " + words


def test_notes_of_an_earlier_version_are_read_and_have_no_dates(field):
    there = field(shown(SOON))
    there.start(short)
    assert there.connect() == "short client"
    note = there.module.flash.files[1, "spwf04.trust"]
    lines = bytes(note).split(b"\r\n")
    assert [line[:4] for line in lines] == [b"slot", b"ends", b"done", b""]
    note[:] = b"\r\n".join(line for line in lines if line[:4] != b"ends")
    there.start(nothing)
    (ca,) = there.radio.certs.list()
    assert (ca.where, ca.owner, ca.ski, ca.not_after) == ("slot", "context", SOON.ski, None)
    assert found(there) == []
    writes = there.module.flash.writes
    there.start(short)  # it goes on with what is there
    assert there.connect() == "short client"
    assert there.module.flash.writes == writes
    assert [what for what, _, _ in found(there)] == ["client certificate", "CA"]


def test_without_a_clock_nobody_knows_what_ends(field):
    there = field()
    there.start(lambda radio: radio.certs.install(SOON.der))
    there.module.restart("watchdog")
    there.module.set_clock(0)
    there.clock.advance(2)
    with pytest.raises(CertificateError, match="the module's clock is not set"):
        there.radio.certs.ending()


# a device for months -----------------------------------------------------------------------------
def kept(there, told, **more):
    """A Supervisor of the device; told gets (day, what it warns of)."""
    keeper = Supervisor(
        there.radio,
        "home",
        "correct horse",
        heartbeat=7200,
        time=there.now,
        on_warning=lambda ending: told.append((there.day, str(ending))),
        **more,
    )
    return keeper


def days(there, keeper, until):
    """Let the program run until a day; the network is there, and nothing happens."""
    for day in range(there.day, until + 1):
        there.go_to(day)
        there.clock.longest = 7200000
        end = there.clock.now() + DAY - 3600
        while there.clock.now() < end:
            before = there.clock.now()
            keeper.poll()
            assert there.clock.now() == before  # it never waits
            there.clock.idle()
        there.clock.longest = 40
        there.module.set_clock(there.now())
        yield day


def test_a_device_goes_through_a_change_of_roots_and_the_program_does_nothing(field):
    """Its bundle holds both roots; the server changes, and the old root ends."""
    there = field()
    roots = Bundle(build([OLD.der, NEW.der], made=NOW - 300 * DAY))
    there.start(lambda radio: SSLContext(engine="module", roots=roots))
    told = []
    keeper = kept(there, told, roots=roots)
    for day in days(there, keeper, 75):
        assert keeper.state == "up"
        there.server = BEFORE if day < 20 else CROSSED if day < 35 else AFTER
        if day in (3, 30, 50):
            there.module.restart("watchdog")
            there.clock.advance(30)
            while keeper.poll() != "up":
                there.clock.idle()
        assert there.connect() == "", day
    old = [(day, words) for day, words in told if "Old Root" in words]
    assert [day for day, _ in old] == list(range(10, 40))  # then nobody needs it
    assert old[0][1] == "the CA Old Root ends in 29 days"
    bundle = [(day, words) for day, words in told if "bundle" in words]
    assert bundle[0] == (65, "the bundle of roots is 365 days old: make it anew")
    assert len(bundle) == 11
    assert len(old) + len(bundle) == len(told)


def test_a_supervisor_without_a_clock_says_nothing_and_then_all(field):
    there = field()
    there.start(lambda radio: radio.certs.install(SOON.der))
    told = []
    there.module.restart("watchdog")
    there.module.set_clock(0)
    there.clock.advance(2)
    keeper = Supervisor(there.radio, "home", "correct horse", heartbeat=60, on_warning=told.append)

    def run(seconds):
        there.clock.longest = 1000
        end = there.clock.now() + seconds
        while there.clock.now() < end:
            keeper.poll()
            there.clock.idle()

    run(7000)
    assert keeper.state == "up"
    assert told == []
    before = there.module.commands
    run(1700)
    assert there.module.commands - before < 40  # it does not ask for the clock all the time
    there.radio.set_time(there.now())
    run(200)
    assert [(e.what, e.name, e.days) for e in told] == [("CA", "Short Root", 11)]
    run(7000)
    assert len(told) == 1


def test_what_the_programs_function_raises_is_the_programs(field):
    there = field()
    there.start(lambda radio: radio.certs.install(SOON.der))

    def fails(ending):
        raise ZeroDivisionError

    keeper = Supervisor(there.radio, "home", "correct horse", time=there.now, on_warning=fails)
    with pytest.raises(ZeroDivisionError):
        while True:
            keeper.poll()
            there.clock.idle()
    while keeper.poll() != "up":
        there.clock.idle()
    for roots in ("roots.bin", b"SPWR", 5):
        with pytest.raises(TypeError, match="roots must be a Bundle"):
            Supervisor(there.radio, "home", roots=roots)
