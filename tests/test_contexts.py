"""Contexts are apart: what one was given, no other has, in any order and on both engines.

A context accepts the servers, and shows the client certificate, that it would on a fresh device
without other contexts; the device's CAs come in addition. The tests take turns of up to three
contexts, with restarts of host and module in between, and with the power cut at any step.
"""

import errno
import itertools
import random
import ssl
import sys
import time

import pytest

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04.errors import CertificateError, ModuleError, SPWF04Error
from spwf04_cli.server.roots import build
from spwf04_sim import Quirks, SimulatedModule, Timing, VirtualClock, World
from tests.shims.shapes import rsa_key
from tests.shims.tlspeer import Certified, TlsPeer

A, B, C = (Certified(f"Root {x}") for x in "ABC")
CLIENTS = Certified("Root of clients")
ONE, TWO = (Certified(f"client {x}", CLIENTS, [f"{x}.client.example"]) for x in "12")
SERVERS = {"a.example": A, "b.example": B}
ROOTS = {"roots A": build([A.der]), "roots B": build([B.der, C.der])}
KINDS = ("nothing", "CA A", "CA B", "roots A", "roots B", "A, client 1", "A, client 2")
BETWEEN = ("nothing happens", "host restarts", "module restarts", "both restart")

for _host, _root in SERVERS.items():
    _root.leaf = Certified(_host, _root, [_host])
    _root.leaf.server.load_verify_locations(cadata=CLIENTS.pem)
    _root.leaf.server.verify_mode = ssl.CERT_OPTIONAL


def made(kind, engine):
    """A new context of a kind: libraries make one for each request."""
    context = SSLContext(engine=engine, roots=Bundle(ROOTS[kind]) if kind in ROOTS else None)
    if kind in ("CA A", "A, client 1", "A, client 2"):
        context.load_verify_locations(cadata=A.pem)
    if kind == "CA B":
        context.load_verify_locations(cadata=B.der)
    if "client" in kind:
        client = ONE if "1" in kind else TWO
        context.load_cert_chain(client.pem, client.key_pem)
    return context


def meant(kind, device=()):
    """{host: what the server sees}: None for no request, "" for no certificate, or its name."""
    seen = kind.partition(", ")[2]
    trusted = [A] * ("A" in kind.replace("CA", "")) + [B] * ("B" in kind)
    return {
        host: seen if root in trusted or root in device else None for host, root in SERVERS.items()
    }


class Place:
    """A module and a driver, and the two servers."""

    def __init__(self, **quirks):
        self.seen = []
        world = World()
        world.add_access_point("home", "correct horse")
        for host, root in SERVERS.items():
            world.route(host, 443, lambda root=root: TlsPeer(root.leaf.server, self.seen))
        self.clock = VirtualClock(longest=20, patience=0)
        self.module = SimulatedModule(
            world, quirks=Quirks(**quirks), clock=self.clock, timing=Timing.fast()
        )
        self.module.power_on()
        self.radio = self.driver()

    def driver(self):
        """Start the program on the host anew."""
        radio = SPWF04(self.module.uart(), clock=self.clock)
        radio.connect("home", "correct horse")
        radio.set_time(int(time.time()))
        self.radio = radio
        return radio

    def happens(self, what):
        """Restart the host, the module or both."""
        if what in ("module restarts", "both restart"):
            self.module.restart("watchdog")
            self.clock.advance(2)
        if what in ("host restarts", "both restart"):
            self.driver()
        elif what == "module restarts":
            self.radio.connect("home", "correct horse")
            self.radio.set_time(int(time.time()))

    def connect(self, context, host):
        """What the server sees of a request, as in meant()."""
        self.seen.clear()
        sock = context.wrap_socket(SocketPool(self.radio).socket(), server_hostname=host)
        sock.settimeout(5)
        try:
            with sock:
                sock.connect((host, 443))
                sock.send(b"GET / HTTP/1.0\r\n\r\n")
                sock.recv(5)
        except OSError as e:
            self.why = e
            assert self.seen == []
            return None
        return self.seen[0] or ""

    def all(self, kind, engine):
        """What the servers see of a kind of context."""
        return {host: self.connect(made(kind, engine), host) for host in SERVERS}


def check(engine, between, device, sequence, **quirks):
    place = Place(**quirks)
    for root in device:
        place.radio.certs.install(root.der)
    for n, kind in enumerate(sequence):
        if n:
            place.happens(between)
            if "host" in between or "both" in between:
                for root in device:  # a program does so at each start
                    place.radio.certs.install(root.der)
        found = place.all(kind, engine)
        expected = meant(kind, device)
        assert found == expected, (engine, between, sequence[: n + 1], quirks, str(place.why))


SEQUENCES = [(one, two, one) for one, two in itertools.permutations(KINDS, 2)]


def some(seed, n=3):
    """n of the sequences, the same for the same seed; all with n above 41."""
    return random.Random(seed).sample(SEQUENCES, min(n, len(SEQUENCES)))


@pytest.mark.generated(8)
@pytest.mark.parametrize("device", [(), (A,), (C,)], ids=["no CA", "CA A", "CA C"])
@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("engine", ["module", "host", "auto"])
def test_a_context_accepts_and_shows_what_it_was_given_and_nothing_else(engine, between, device):
    for sequence in some(f"{engine} {between} {len(device)}"):
        check(engine, between, device, sequence)


READINGS = (
    {"file_lookup": False},
    {"slot_lookup": False},
    {"slot_lookup": False, "ca_file_encoding": "pem"},
    {"ca_file_name": "colons", "slot_lookup": False},
    {"default_volume": "flash"},
    {"user_flash": "refused"},
    {"user_flash": "unmounted"},
    {"user_flash": "ram"},
    {"ski_line": False},
    {"content_text": "ski"},
    {"error_text": "empty"},
    {"fsp_keyword": "Printing"},
    {"nul_bytes": True},
    {"winds": "everywhere"},
)


@pytest.mark.generated(14)
@pytest.mark.parametrize("quirks", READINGS, ids=str)
@pytest.mark.parametrize("between", BETWEEN)
def test_under_other_readings_of_what_is_not_known_of_the_module(between, quirks):
    for sequence in some(f"{between} {quirks}", 1):
        check("module", between, (), sequence, **quirks)


# the power is cut --------------------------------------------------------------------------------
class Cut(BaseException):
    """The host is switched off."""


def cut(place, position, module_too, work):
    """Do work(); cut the power after so many bytes to the module. True if it was cut."""
    module = place.module
    start = module.bytes_in
    receive = module.receive

    def until(data):
        left = start + position - module.bytes_in
        if left > len(data):
            receive(data)
            return
        receive(data[:left])
        raise Cut

    module.receive = until
    try:
        work()
        return False
    except Cut:
        return True
    finally:
        module.receive = receive
        if module_too:
            module.restart("watchdog")
            place.clock.advance(2)
        else:
            place.clock.advance(30)


TURNS = (
    ("nothing", "CA A"),
    ("nothing", "A, client 1"),
    ("CA A", "A, client 1"),
    ("A, client 1", "CA B"),
    ("CA B", "A, client 2"),
    ("CA A", "nothing"),
    ("A, client 1", "nothing"),
)


def turn(place, kinds, position, module_too):
    """Two contexts, one after the other; the switch to the second is cut short."""
    first, second = (made(kind, "module") for kind in kinds)
    place.radio.certs.switch(first)
    return cut(place, position, module_too, lambda: place.radio.certs.switch(second))


def size(kinds, **quirks):
    """How many bytes the switch from the first kind to the second sends to the module."""
    place = Place(**quirks)
    first, second = (made(kind, "module") for kind in kinds)
    place.radio.certs.switch(first)
    before = place.module.bytes_in
    place.radio.certs.switch(second)
    return place.module.bytes_in - before


@pytest.mark.generated(8)
@pytest.mark.parametrize(
    "quirks", [{}, {"slot_lookup": False}, {"default_volume": "flash"}], ids=str
)
@pytest.mark.parametrize("module_too", [True, False], ids=["both", "host"])
@pytest.mark.parametrize("kinds", TURNS, ids=" to ".join)
def test_a_power_cut_in_a_switch_leaves_nothing_for_who_was_given_nothing(
    kinds, module_too, quirks
):
    total = size(kinds, **quirks)
    chance = random.Random(f"{kinds} {module_too} {quirks}")
    for position in sorted(chance.sample(range(total + 1), min(total, 4))):
        place = Place(**quirks)
        turn(place, kinds, position, module_too)
        place.driver()
        assert place.all("nothing", "module") == meant("nothing"), position
        place.happens("host restarts")
        assert place.all("A, client 2", "module") == meant("A, client 2"), (position, place.why)


# what it costs -----------------------------------------------------------------------------------
def costs(place, work):
    """(AT commands, writes of flash) of work()."""
    before = place.module.commands, place.module.flash.writes
    work()
    return place.module.commands - before[0], place.module.flash.writes - before[1]


@pytest.mark.parametrize("kind", KINDS)
def test_while_the_same_context_goes_on_nothing_is_switched_though_it_is_made_anew(kind):
    place = Place()
    place.radio.certs.install(C.der)
    for n in range(4):  # the second removes what the first tried in vain
        host = "b.example" if "B" in kind else "a.example"
        spent = costs(place, lambda host=host: place.connect(made(kind, "module"), host))
        if n > 1:
            # a refusal asks for the time, because the error tells what is out of date
            assert spent == (2 if kind == "nothing" else 4, 0), (n, kind)


# AT commands and writes of flash of each step. docs/tls.md has these numbers
STEPS = (
    ("CA A", 5, 4),  # into the slot, between two lines of its note
    ("nothing", 2, 2),
    ("CA A", 7, 0),  # from now on files on the RAM disk
    ("CA B", 9, 0),
    ("A, client 1", 23, 0),
    ("A, client 2", 17, 0),
    ("nothing", 4, 0),
)


IN_THE_SLOT = (("A, client 1", 7, 6), ("nothing", 2, 2))
ADDED = (("CA A", 5, 4), ("A, client 1", 4, 4), ("nothing", 2, 2))
BESIDE_THE_DEVICES = (
    ("nothing", 0, 0),
    ("A, client 1", 4, 4),
    ("nothing", 8, 2),  # the device's CA moves to a file
    ("A, client 2", 14, 0),
    ("A, client 1", 17, 0),
    ("nothing", 3, 0),
)


@pytest.mark.parametrize("steps", [STEPS, IN_THE_SLOT, ADDED, BESIDE_THE_DEVICES])
def test_switches_write_flash_once_and_then_files_on_the_ram_disk(steps):
    place = Place()
    if steps is BESIDE_THE_DEVICES:
        assert costs(place, lambda: place.radio.certs.install(A.der)) == (2 + 5, 4)
    else:
        assert costs(place, lambda: place.radio.certs.switch(made("nothing", "module"))) == (2, 0)
    seen = []
    for kind, _, _ in steps:
        context = made(kind, "module")
        seen.append((kind, *costs(place, lambda c=context: place.radio.certs.switch(c))))
    assert tuple(seen) == steps


def test_a_module_that_looks_at_the_slot_alone_has_it_written_at_each_turn():
    place = Place(file_lookup=False)
    for n, kind in enumerate(["CA A", "CA B"] * 3):
        before = place.module.flash.writes
        assert place.connect(made(kind, "module"), f"{kind[-1].lower()}.example") == ""
        assert place.module.flash.writes - before == (5 if n else 4)


def test_the_note_about_files_does_not_grow_for_ever():
    place = Place()
    place.radio.certs.switch(made("roots B", "module"))
    for kind in ["A, client 1", "A, client 2"] * 20:
        place.radio.certs.switch(made(kind, "module"))
        notes = [d for (_, n), d in place.module.flash.files.items() if n == "spwf04.lent"]
        assert sum(map(len, notes)) < 1500
    assert place.all("A, client 2", "module") == meant("A, client 2")
    place.happens("host restarts")
    assert place.all("nothing", "module") == meant("nothing")


def test_after_a_restart_of_the_host_the_slot_is_not_written_again():
    for kind in ("CA A", "roots A", "A, client 1"):
        place = Place()
        assert place.connect(made(kind, "module"), "a.example") is not None
        place.happens("both restart")
        before = place.module.flash.writes
        assert place.connect(made(kind, "module"), "a.example") is not None
        assert place.module.flash.writes == before, kind
    place = Place()
    place.radio.certs.install(A.der)
    place.happens("both restart")
    before = place.module.flash.writes
    entry = place.radio.certs.install(A.pem)
    assert (entry.where, entry.written) == ("slot", False)
    assert place.module.flash.writes == before


# notes -------------------------------------------------------------------------------------------
NOTE = (1, "spwf04.trust")


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: note[:-1],
        lambda note: note[:40],
        lambda note: b"",
        lambda note: note.replace(b"context", b"device ", 1),
        lambda note: note.replace(b"slot", b"slit", 1),
        lambda note: b"\xff" * len(note),
        lambda note: note * 9,
        lambda note: note * 40,
        lambda note: b"done 00000000\r\n",
    ],
)
def test_a_note_that_cannot_be_read_means_that_a_context_brought_it(damage):
    place = Place()
    assert place.connect(made("A, client 1", "module"), "a.example") == "client 1"
    note = bytes(place.module.flash.files[NOTE])
    place.module.flash.files[NOTE] = bytearray(damage(note))
    place.happens("both restart")
    assert place.all("nothing", "module") == meant("nothing")
    assert place.module.flash.slot == {}


def test_a_note_that_is_refused_to_be_read_stops_the_connection():
    place = Place()
    assert place.connect(made("CA A", "module"), "a.example") == ""
    place.happens("both restart")
    place.module.faults.add("refuse", command="FSP", number=53)
    assert place.all("nothing", "module") == meant("nothing")
    place.module.faults.clear()
    place.happens("both restart")
    place.module.faults.add("refuse", command="FSL", number=50)
    assert place.all("nothing", "module") == meant("nothing")


def test_without_a_note_what_is_there_is_the_devices():
    place = Place()
    place.module.flash.slot["ca"] = A.der
    assert place.all("nothing", "module") == {"a.example": "", "b.example": None}
    place = Place()
    place.module.flash.files[2, A.ski + ".ca"] = bytearray(A.der)
    assert place.all("nothing", "module") == {"a.example": "", "b.example": None}
    assert [(e.ski, e.owner) for e in place.radio.certs.list()] == [(A.ski, "device")]


def test_list_and_diagnosis_tell_what_a_context_brought():
    place = Place()
    certs = place.radio.certs
    assert place.connect(made("CA A", "module"), "a.example") == ""
    assert [(e.ski, e.where, e.owner) for e in certs.list()] == [(A.ski, "slot", "context")]
    said = str(certs.diagnose("a.example"))
    assert "the device does not have the CA" in said
    assert "a context brought the CA Root A" in said and "in the slot now" in said
    place.driver()
    assert [(e.ski, e.where, e.owner) for e in place.radio.certs.list()] == [
        (A.ski, "slot", "context")
    ]
    certs = place.radio.certs
    entry = certs.install(A.der)  # now every context has it; only the note is written
    assert (entry.owner, entry.where, entry.written) == ("device", "slot", False)
    assert "nothing is wrong" in str(certs.diagnose("a.example"))
    place.happens("both restart")
    assert place.connect(made("nothing", "module"), "a.example") == ""


def test_a_ca_of_the_device_stays_the_devices_though_a_context_brings_it_too():
    for first in ("slot", "file"):
        place = Place()
        certs = place.radio.certs
        certs.install(A.der)
        if first == "file":
            certs.install(C.der)
        assert place.connect(made("CA A", "module"), "a.example") == ""
        assert place.connect(made("nothing", "module"), "a.example") == ""
        place.happens("host restarts")
        assert place.connect(made("nothing", "module"), "a.example") == "", first


# the identity of a certificate -------------------------------------------------------------------
OLD = Certified("Company Root", days=(-900, -5))
NEW = OLD.renewed()
OTHER = Certified("Company Root", key=OLD.key, days=(-10, 900))  # the same key in another size


@pytest.mark.parametrize("quirks", [{}, {"content_text": "ski"}, {"slot_lookup": False}], ids=str)
@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("renewed", [NEW, OTHER], ids=["same size", "other size"])
def test_a_renewed_root_with_the_same_key_takes_the_old_ones_place(renewed, between, quirks):
    assert renewed.ski == OLD.ski and renewed.der != OLD.der
    place = Place(**quirks)
    place.radio.certs.install(OLD.pem)
    place.happens(between)
    entry = place.radio.certs.install(renewed.der)
    assert entry.written
    assert [e.sha256 for e in place.radio.certs.entries()] == [entry.sha256]
    held = [*place.module.flash.slot.values()] + [
        bytes(d) for (_, n), d in place.module.flash.files.items() if n.endswith(".ca")
    ]
    assert renewed.der in held and OLD.der not in held
    again = place.radio.certs.install(renewed.pem)
    assert again is entry and not again.written
    with_old = SSLContext(engine="module")
    with_old.load_verify_locations(cadata=OLD.pem)
    place.radio.certs.switch(with_old)
    place.radio.certs.switch(made("nothing", "module"))
    assert place.radio.certs.install(renewed.der).where is not None
    held = [*place.module.flash.slot.values()] + [
        bytes(d) for (_, n), d in place.module.flash.files.items() if n.endswith(".ca")
    ]
    assert renewed.der in held and OLD.der not in held


def test_a_renewed_root_in_a_file_of_an_earlier_run_is_compared_by_its_digest():
    place = Place()
    for ca in (C, OLD):
        place.radio.certs.install(ca.der)
    place.happens("host restarts")
    for ca, written in ((C, False), (NEW, True), (NEW, False)):
        assert place.radio.certs.install(ca.der).written is written
    assert bytes(place.module.flash.files[2, OLD.ski + ".ca"]) == NEW.der


def test_cross_signs_of_one_key_are_tried_one_after_the_other():
    """Of two certificates of one CA only the valid one works, wherever it stands."""
    place = Place()
    leaf = Certified("x.example", NEW, ["x.example"])
    place.module.world.route("x.example", 443, lambda: TlsPeer(leaf.server, place.seen))
    for order in ([OLD, NEW], [NEW, OLD]):
        for engine in ("module", "host", "auto"):
            roots = Bundle(build([c.der for c in order]))
            context = SSLContext(engine=engine, roots=roots)
            assert place.connect(context, "x.example") == "", (engine, place.why)
            place.radio.certs.clear()
    done = place.radio.certs.install_for("x.example", roots=Bundle(build([OLD.der, NEW.der])))
    assert done.entry in place.radio.certs.entries() and done.entry.owner == "device"
    assert place.connect(SSLContext(engine="module"), "x.example") == ""


def test_what_was_done_is_told_truly():
    place = Place()
    roots = Bundle(ROOTS["roots A"])
    certs = place.radio.certs
    done = certs.install_for("a.example", roots=roots)
    assert "installed in slot" in str(done)
    assert "already in place in slot" in str(certs.install_for("a.example", roots=roots))
    place.happens("both restart")
    assert "already in place in slot" in str(
        place.radio.certs.install_for("a.example", roots=roots)
    )
    place = Place()
    done = place.radio.certs.install_for("a.example", roots=roots, engine="host")
    assert "kept for this board's own TLS" in str(done)
    assert place.module.flash.slot == {}
    # it is the device's: every context has it, on the host's TLS
    assert place.connect(SSLContext(engine="host"), "a.example") == ""


# what was learnt about servers -------------------------------------------------------------------
def test_what_was_learnt_is_kept_by_what_it_was_learnt_from():
    place = Place()
    first = made("roots B", "auto")
    assert place.connect(first, "a.example") is None
    opened = len([c for c in place.module.log if "SOCKON" in c])
    assert place.connect(first, "a.example") is None  # the server is not asked again
    assert len([c for c in place.module.log if "SOCKON" in c]) == opened + 1
    assert place.connect(made("roots A", "auto"), "a.example") == ""
    assert place.connect(first, "a.example") is None
    # the same roots read from their file anew: what was found in them is known
    assert place.connect(made("roots A", "host"), "a.example") == ""
    opened = len([c for c in place.module.log if "SOCKON" in c])
    assert place.connect(made("roots A", "host"), "a.example") == ""
    assert len([c for c in place.module.log if "SOCKON" in c]) == opened + 1
    other = SSLContext(engine="host", roots=Bundle(build([C.der])))
    assert place.connect(other, "a.example") is None


def test_no_more_than_a_few_servers_are_remembered():
    place = Place()
    for n in range(20):
        place.module.world.route(f"{n}.example", 443, lambda: TlsPeer(A.leaf.server, place.seen))
        assert place.connect(made("roots B", "auto"), f"{n}.example") is None
    assert len(place.radio.certs.plans) == 8


def test_an_install_for_that_failed_is_no_trust_for_others():
    place = Place()
    roots = Bundle(ROOTS["roots A"])
    place.module.world.route("other.example", 443, lambda: TlsPeer(A.leaf.server, place.seen))
    for engine in ("module", "host"):
        with pytest.raises(OSError):
            place.radio.certs.install_for("other.example", roots=roots, engine=engine)
        assert place.all("nothing", engine) == meant("nothing"), engine


# servers -----------------------------------------------------------------------------------------
def listening(place, context, port=8443):
    sock = context.wrap_socket(SocketPool(place.radio).socket(), server_side=True)
    sock.bind(("", port))
    sock.listen()
    return sock


def test_for_clients_of_a_server_its_own_ca_alone_counts():
    place = Place()
    place.radio.certs.install(A.der)
    context = SSLContext()
    context.load_cert_chain(B.leaf.pem, B.leaf.key_pem)
    context.load_verify_locations(cadata=CLIENTS.pem)
    sock = listening(place, context)
    assert place.module.flash.slot["ca"] == CLIENTS.der
    assert not [n for _, n in place.module.flash.files if n.endswith(".ca")]
    assert "SOCKDON=8443,s2" in place.module.log[-1]
    # the module holds one set of certificates: a connection that needs another must wait
    with pytest.raises(OSError, match="a TLS server is open"):
        secure = SSLContext(engine="module").wrap_socket(SocketPool(place.radio).socket())
        secure.connect(("a.example", 443))
    with pytest.raises(OSError, match="a TLS server is open"):
        place.radio.certs.install(C.der)
    assert place.module.flash.slot["ca"] == CLIENTS.der
    assert place.connect(SSLContext(engine="host"), "a.example") == ""
    sock.close()
    assert place.connect(SSLContext(engine="module"), "a.example") == ""
    assert place.radio.certs.entries()[0].where is not None


def test_two_cas_for_clients_are_refused_before_the_server_is_opened():
    place = Place()
    context = SSLContext()
    context.load_cert_chain(B.leaf.pem, B.leaf.key_pem)
    for ca in (CLIENTS, C):
        context.load_verify_locations(cadata=ca.pem)
    with pytest.raises(OSError, match="the one CA in its flash slot"):
        listening(place, context)
    assert not [c for c in place.module.log if "SOCKDON" in c]


def test_a_server_without_clients_ca_and_connections_of_its_context_go_together():
    place = Place()
    place.radio.certs.install(A.der)
    context = SSLContext(engine="module")
    context.load_cert_chain(ONE.pem, ONE.key_pem)
    sock = listening(place, context)
    assert place.connect(context, "a.example") == "client 1"
    sock.close()
    assert place.connect(SSLContext(engine="module"), "a.example") == ""


@pytest.mark.parametrize("engine", ["module", "host"])
@pytest.mark.parametrize("key", ["EC", "RSA"])
def test_a_client_certificate_may_have_a_key_of_either_kind(engine, key):
    made = rsa_key(0) if key == "RSA" else None
    client = Certified("client", CLIENTS, ["client.example"], made)
    place = Place()
    context = SSLContext(engine=engine)
    context.load_verify_locations(cadata=A.pem)
    context.load_cert_chain(client.pem, client.key_pem)
    assert place.connect(context, "a.example") == "client"


@pytest.mark.parametrize("between", ["nothing", "a context without", "it is forgotten"])
def test_contexts_that_are_kept_show_their_own_certificate_at_every_turn(between):
    place = Place()
    one, two = made("A, client 1", "module"), made("A, client 2", "module")
    for turn in range(4):
        for context, name in ((one, "client 1"), (two, "client 2")):
            assert place.connect(context, "a.example") == name, turn
            if between == "a context without":
                assert place.connect(made("CA A", "module"), "a.example") == ""
            elif between == "it is forgotten":
                place.radio.certs.forget_identity()


@pytest.mark.parametrize("number", [23, -1])
def test_on_a_board_without_what_mends_refusals_the_error_says_what_it_can(monkeypatch, number):
    monkeypatch.setitem(sys.modules, "spwf04.tls.refusal", None)  # an import of it fails
    place = Place()
    if number < 0:  # the server breaks the handshake off
        strict = Certified("a.example", A, ["a.example"]).server
        strict.maximum_version = ssl.TLSVersion.TLSv1_2
        strict.load_verify_locations(cadata=CLIENTS.pem)
        strict.verify_mode = ssl.CERT_REQUIRED
        place.module.world.route("a.example", 443, lambda: TlsPeer(strict, place.seen))
        place.radio.certs.install(A.der)
    assert place.connect(SSLContext(), "a.example") is None
    assert isinstance(place.why, CertificateError) == (number == 23)
    assert place.why.code == (number if number > 0 else 74)


# what changes after it was given -----------------------------------------------------------------
@pytest.mark.parametrize("engine", ["module", "host"])
@pytest.mark.parametrize("how", ["file", "buffer"])
def test_a_context_shows_the_certificate_it_was_given_though_its_file_changes(
    engine, how, tmp_path
):
    place = Place()
    own = [tmp_path / "client.pem", tmp_path / "client.key"]

    def write(client):
        for n, text in enumerate((client.pem, client.key_pem)):
            if how == "file":
                own[n].write_text(text)
            elif isinstance(own[n], bytearray):
                own[n][:] = text.encode()
            else:
                own[n] = bytearray(text.encode())

    def context():
        made = SSLContext(engine=engine)
        made.load_verify_locations(cadata=A.pem)
        made.load_cert_chain(*own)
        return made

    write(ONE)
    one = context()
    write(TWO)
    two = context()
    assert place.connect(one, "a.example") is None and "load_cert_chain()" in str(place.why)
    assert place.connect(two, "a.example") == "client 2"
    assert place.connect(one, "a.example") is None
    write(ONE)
    assert place.connect(one, "a.example") == "client 1"


@pytest.mark.parametrize("engine", ["module", "host", "auto"])
@pytest.mark.parametrize("how", ["device", "context", "context, several", "before it is used"])
@pytest.mark.parametrize("kind", ["file", "buffer"])
def test_a_ca_is_what_it_was_when_it_was_given_though_its_file_changes(
    engine, how, kind, tmp_path
):
    place = Place()
    more = C.pem if "several" in how else ""
    source = tmp_path / "ca.pem"
    source.write_text(A.pem + more)
    if kind == "buffer":
        source = bytearray(source.read_bytes())
    context = SSLContext(engine=engine)
    if how == "device":
        place.radio.certs.install(source)
    else:
        given = {"cafile" if kind == "file" else "cadata": source}
        context.load_verify_locations(**given)
    if how != "before it is used":
        assert place.connect(context, "a.example") == ""
    for text in (B.pem + more, more, "no certificate at all"):
        if kind == "buffer":
            source[:] = text.encode()
        else:
            source.write_text(text)
        assert place.connect(context, "b.example") is None
        if how == "before it is used" or engine == "host":
            assert "is another certificate by now" in str(place.why)
    if kind == "buffer":
        source[:] = (A.pem + more).encode()
    else:
        source.write_text(A.pem + more)
    assert place.connect(context, "a.example") == ""


@pytest.mark.parametrize("engine", ["module", "host", "auto"])
def test_a_bundle_that_is_written_anew_is_searched_anew(engine, tmp_path):
    place = Place()
    path = tmp_path / "roots.bin"
    path.write_bytes(ROOTS["roots A"])
    old = SSLContext(engine=engine, roots=path)
    assert place.connect(old, "a.example") == ""
    path.write_bytes(build([B.der]))
    new = SSLContext(engine=engine, roots=path)
    assert place.connect(new, "a.example") is None
    place.connect(old, "b.example")  # whether it connects or not
    assert place.connect(new, "b.example") == ""
    path.write_bytes(build([C.der, A.der, B.der]))  # B.der at another place in the file
    place.happens("module restarts")
    for host in SERVERS:
        assert place.connect(SSLContext(engine=engine, roots=path), host) == "", place.why


class Odd:
    """A CA that only a host's TLS may be able to read."""

    def der(self):
        return b"no certificate at all"


def test_what_the_hosts_tls_takes_for_a_ca_is_its_own_affair_whatever_was_learnt():
    place = Place()
    context = SSLContext(engine="host")
    context.load_verify_locations(cadata=A.leaf.pem)
    assert place.connect(context, "a.example") == ""
    assert place.connect(made("roots B", "auto"), "a.example") is None  # and this is remembered
    assert place.connect(context, "a.example") == ""
    both = SSLContext(engine="host", roots=Bundle(ROOTS["roots B"]))
    both.load_verify_locations(cadata=A.leaf.pem)
    assert place.all("roots B", "host") == meant("roots B")
    assert place.connect(both, "b.example") == ""
    odd = SSLContext(engine="host")
    with pytest.raises(ValueError, match="text, not a certificate"):
        odd.load_verify_locations(cadata=b"no certificate at all")
    odd.load_verify_locations(cadata=Odd())
    odd.engine = "module"
    sock = odd.wrap_socket(SocketPool(place.radio).socket())
    with pytest.raises(ValueError, match="not a certificate"), sock:
        sock.connect(("a.example", 443))
    assert place.all("nothing", "module") == meant("nothing")


def test_a_socket_whose_tls_has_begun_is_not_wrapped_again():
    place = Place()
    sock = made("CA A", "host").wrap_socket(SocketPool(place.radio).socket())
    sock.settimeout(0)
    with pytest.raises(OSError, match="not over yet"):
        sock.connect(("a.example", 443))
    with pytest.raises(ValueError, match="before connect"):
        made("nothing", "host").wrap_socket(sock)
    sock.close()


@pytest.mark.parametrize(
    "quirks",
    [
        {"ca_file_name": name, "ca_file_encoding": encoding, "slot_lookup": slot}
        for name in ("plain", "colons")
        for encoding in ("der", "pem")
        for slot in (True, False)
    ],
    ids=str,
)
@pytest.mark.parametrize("between", ["nothing happens", "host restarts"])
def test_a_form_that_was_tried_in_vain_is_not_taken_for_proven(between, quirks):
    """The driver tries all forms for a server that nobody can verify; others work after that."""
    place = Place(**quirks)
    place.radio.certs.install(B.der)
    assert place.connect(made("nothing", "module"), "a.example") is None
    place.happens(between)
    if between == "host restarts":
        place.radio.certs.install(B.der)
        place.radio.certs.install(C.der)
        assert place.connect(made("nothing", "module"), "a.example") is None
    assert place.connect(made("nothing", "module"), "b.example") == ""
    assert place.connect(made("CA A", "module"), "a.example") == "", place.why
    assert place.connect(made("roots B", "module"), "b.example") == "", place.why
    names = [n for _, n in place.module.flash.files if n.endswith(".ca")]
    assert len({n.replace(":", "") for n in names}) == len(names)


# what is taken back ------------------------------------------------------------------------------
@pytest.mark.parametrize("engine", ["host", "auto"])
@pytest.mark.parametrize("how", ["install_for", "kept", "learnt"])
def test_a_ca_that_is_removed_is_trusted_by_nobody(engine, how):
    never = {"file_lookup": False, "slot_lookup": False}
    place = Place(**(never if how == "learnt" else {}))
    certs = place.radio.certs
    if how == "learnt":  # the driver learns that the module cannot use the CA
        certs.install(A.der)
        assert place.connect(SSLContext(), "a.example") == ""
    else:
        roots = Bundle(ROOTS["roots A"])
        certs.install_for("a.example", roots=roots, engine="host" if how == "kept" else "auto")
    assert place.connect(SSLContext(engine=engine), "a.example") == ""
    certs.remove(A.ski)
    assert place.all("nothing", engine) == meant("nothing")


@pytest.mark.parametrize("quirks", [{}, {"slot_lookup": False}], ids=str)
def test_a_contexts_ca_that_is_removed_comes_back_when_it_is_its_turn(quirks):
    place = Place(**quirks)
    place.radio.certs.install(C.der)
    for kind in ("CA B", "roots B"):
        assert place.connect(made(kind, "module"), "b.example") == ""
        place.radio.certs.remove(B.ski)
        assert place.connect(made("nothing", "module"), "b.example") is None
        assert place.connect(made(kind, "module"), "b.example") == ""
        place.radio.certs.remove(B.ski)
        assert place.connect(made(kind, "module"), "b.example") == "", place.why


# Ctrl-C, and the program goes on -----------------------------------------------------------------
def test_an_install_for_that_is_interrupted_is_no_trust_for_others():
    place = Place()

    def work():
        place.radio.certs.install_for("a.example", roots=Bundle(ROOTS["roots A"]), engine="host")

    for position in range(100, 3000, 90):
        if not cut(place, position, False, work):
            break
        assert place.connect(made("roots B", "auto"), "a.example") is None, position
        place.radio.certs.clear()
    assert position > 500


def test_a_ca_that_is_removed_leaves_no_file_of_an_earlier_run():
    place = Place()
    for root in (A, C):  # as files
        place.radio.certs.install(root.der)
    place.driver()
    certs = place.radio.certs
    certs.remove(C.ski)
    assert place.connect(made("CA B", "module"), "b.example") == ""
    assert place.connect(made("nothing", "module"), "b.example") is None
    assert certs.install(A.der).where is not None
    certs.remove(A.ski)
    assert place.all("nothing", "module") == meant("nothing")
    place.driver()
    place.module.flash.files[2, A.ski + ".ca"] = bytearray(A.der)
    place.module.flash.slot["ca"] = A.der
    certs = place.radio.certs
    certs.clear_slot()
    place.module.flash.files[2, A.ski + ".ca"] = bytearray(A.der)
    certs.install(A.der)
    certs.remove(A.ski)
    assert place.all("nothing", "module") == meant("nothing")


FORMS = {"slot_lookup": False, "ca_file_encoding": "pem"}


@pytest.mark.generated(5)
@pytest.mark.parametrize("quirks", [FORMS, {"default_volume": "flash", **FORMS}], ids=str)
@pytest.mark.parametrize("same", [True, False], ids=["goes on", "starts anew"])
@pytest.mark.parametrize("until", [b".ca.ok\r", b".ca\r", b".ca.new\r"])
def test_a_file_that_was_being_replaced_is_not_finished_for_others(until, same, quirks):
    """The driver writes a context's file in another form, over the old one, and is cut short."""
    place = Place(**quirks)
    for root in (C, CLIENTS):
        place.radio.certs.install(root.der)
    module, receive = place.module, place.module.receive
    said = bytearray()

    def watched(data):
        said.extend(data)
        receive(data)
        if b".ca.ok\r" in said and said.rfind(until) >= said.find(b".ca.ok\r") - 1:
            raise Cut

    module.receive = watched
    with pytest.raises(Cut):
        place.connect(made("CA A", "module"), "a.example")
    module.receive = receive
    place.clock.advance(30)
    if not same:
        place.driver()
    for _ in range(2):
        assert place.all("nothing", "module") == meant("nothing")
        place.radio.certs.install(B.der)
        place.radio.certs.list()
        assert place.connect(made("nothing", "module"), "a.example") is None
        place.radio.certs.remove(B.ski)
        place.driver()
    assert place.connect(made("CA A", "module"), "a.example") == ""


@pytest.mark.generated(5)
@pytest.mark.parametrize("kinds", TURNS, ids=" to ".join)
@pytest.mark.parametrize("quirks", [{}, {"slot_lookup": False}], ids=str)
def test_after_ctrl_c_in_a_switch_the_same_program_goes_on_right(kinds, quirks):
    total = size(kinds, **quirks)
    chance = random.Random(f"Ctrl-C {kinds} {quirks}")
    for position in sorted({total, *chance.sample(range(total + 1), min(total, 5))}):
        place = Place(**quirks)
        turn(place, kinds, position, False)
        for kind in (chance.choice(KINDS), "nothing", *kinds):
            assert place.all(kind, "module") == meant(kind), (position, kind, str(place.why))


@pytest.mark.parametrize("finds", [True, False])
def test_a_server_that_breaks_off_is_told_as_the_module_told_it_or_else_as_the_hosts_tls(finds):
    """The server wants a client certificate, and the module says more of that than the host's TLS.

    If the module itself refuses the server, it never learns that: then the host's TLS tells.
    """
    place = Place(slot_lookup=finds, file_lookup=finds)
    strict = Certified("strict.example", A, ["strict.example"])
    strict.server.maximum_version = ssl.TLSVersion.TLSv1_2  # in 1.3 the server tells it too late
    strict.server.load_verify_locations(cadata=CLIENTS.pem)
    strict.server.verify_mode = ssl.CERT_REQUIRED
    place.module.world.route("strict.example", 443, lambda: TlsPeer(strict.server, place.seen))
    assert place.connect(made("roots A", "auto"), "strict.example") is None
    assert isinstance(place.why, SPWF04Error) and not isinstance(place.why, CertificateError)
    assert isinstance(place.why, ModuleError) == finds


@pytest.mark.parametrize("code", [51, 29, 50, 7, 6, 2, 8])
def test_a_ca_without_a_note_is_the_devices_and_with_one_that_cannot_be_read_it_is_not(code):
    """8: the module cannot read the note, and does not say that there is none."""
    place = Place()
    place.module.flash.slot["ca"] = A.der
    emit = place.module.emit
    place.module.emit = lambda data: emit(data.replace(b"ERROR:51:", b"ERROR:%d:" % code))
    place.driver()
    seen = place.connect(SSLContext(engine="module"), "a.example")
    assert seen == (None if code == 8 else "")


def test_nothing_is_put_back_that_is_in_place():
    place = Place()
    for root in (A, B):
        place.radio.certs.install(root.der)
    assert costs(place, place.radio.certs.restore) == (0, 0)
    place.happens("module restarts")
    assert costs(place, place.radio.certs.restore)[0] > 0  # the RAM disk was empty
    assert costs(place, place.radio.certs.restore) == (0, 0)
    place.radio.certs.clear()
    assert costs(place, place.radio.certs.restore) == (0, 0)


def test_install_for_makes_a_ca_the_devices_that_a_context_has_brought():
    place = Place()
    roots = Bundle(ROOTS["roots A"])
    assert place.connect(SSLContext(engine="module", roots=roots), "a.example") == ""
    assert place.connect(SSLContext(engine="module"), "a.example") is None
    assert place.radio.certs.install_for("a.example", roots=roots).engine == "module"
    assert place.connect(SSLContext(engine="module"), "a.example") == ""


def test_a_ca_comes_from_the_file_that_was_named_last(tmp_path):
    """The file that was named before may be gone.

    Two CAs are files on the RAM disk; a restart empties it, so the driver reads the CA again.
    """
    place = Place()
    files = [tmp_path / "one.pem", tmp_path / "two.pem"]
    contexts = []
    for file in files:
        file.write_text(A.pem)
        contexts.append(SSLContext(engine="module"))
        contexts[-1].load_verify_locations(cafile=str(file))
        contexts[-1].load_verify_locations(cadata=C.pem)
        assert place.connect(contexts[-1], "a.example") == ""
    files[0].write_text(B.pem)
    place.happens("module restarts")
    assert place.connect(contexts[1], "a.example") == ""


def test_a_diagnosis_calls_no_file_misnamed_that_a_context_has_brought():
    place = Place()
    context = SSLContext(engine="module")
    for root in (A, C):
        context.load_verify_locations(cadata=root.pem)
    assert place.connect(context, "a.example") == ""
    assert [n for _, n in place.module.flash.files if n == A.ski + ".ca"]
    told = str(place.radio.certs.diagnose("a.example"))
    assert "capitals" not in told
    assert A.ski in told


def test_a_diagnosis_does_without_a_ca_whose_file_is_none_any_more(tmp_path):
    place = Place()
    file = tmp_path / "ca.pem"
    file.write_text(A.pem)
    place.radio.certs.install(str(file))
    for rubbish in ("rubbish", "-----BEGIN CERTIFICATE-----\nrubbish"):
        file.write_text(rubbish)
        assert len(place.radio.certs.diagnose("b.example").findings) == 1
    file.unlink()
    assert len(place.radio.certs.diagnose("b.example").findings) == 1


@pytest.mark.parametrize("seconds", [0.5, 5, None])
def test_a_connect_that_was_begun_without_waiting_may_get_another_time_limit(seconds):
    """While the server is asked which CA it takes, too."""
    place = Place()
    context = SSLContext(engine="module", roots=Bundle(ROOTS["roots A"]))
    sock = context.wrap_socket(SocketPool(place.radio).socket(), server_hostname="a.example")
    sock.settimeout(0)
    with pytest.raises(OSError) as caught:
        sock.connect(("a.example", 443))
    assert caught.value.errno == errno.EINPROGRESS
    sock.settimeout(seconds)
    sock.send(b"GET / HTTP/1.0\r\n\r\n")
    assert sock.recv(4) == b"HTTP"


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_of_a_context_that_is_in_use_for_a_moment_is_gone_before_anothers_connection(times):
    place = with_files()
    place.module.faults.add("file_not_deleted", times=times)
    assert place.connect(made("CA B", "module"), "b.example") == ""
    assert place.connect(made("CA B", "module"), "a.example") is None


def test_a_file_of_a_context_that_cannot_be_deleted_stops_the_connection_of_another():
    place = with_files()
    place.module.faults.add("file_not_deleted")
    assert place.connect(made("CA B", "module"), "a.example") is None
    assert isinstance(place.why, ModuleError) and place.why.code == 56
    assert place.connect(made("CA B", "module"), "b.example") is None
    place.module.faults.clear()
    assert place.connect(made("CA B", "module"), "b.example") == ""
    assert place.connect(made("CA A", "module"), "a.example") == ""


def with_files():
    """A module on which a context's CA lies as a file."""
    place = Place()
    for kind in ("CA A", "nothing", "CA A"):  # contexts took turns: from now on files
        place.all(kind, "module")
    assert [name for name in place.radio.certs.context_files if name.endswith(".ca")]
    return place
