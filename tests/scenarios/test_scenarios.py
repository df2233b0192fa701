"""Collects the behaviour suite: every scenario on every port.

Scenarios are plain functions `def test_…(bench)` in the other files of this folder, written in
what CPython and MicroPython have in common. Ports: "inprocess", "pyserial", "blinka" (a
pseudo-terminal), and subprocesses on a pseudo-terminal: "micropython" (64 bit), "micropython32"
(32 bit), "wasm" (MicroPython as WebAssembly, 32 bit), "circuitpython" (a MicroPython cut down to
what that has, see tests/shims/mp_circuitpython.py). Time is virtual on all of them: see
tests/shims/lockstep.py. The sources leave some points of the module open: in process the scenarios
also run under each other reading of these, and under random combinations.
"""

import importlib
import inspect
import pathlib

import pytest

from spwf04.at import task
from spwf04_sim import Quirks, VirtualClock, each_alone, random_quirks
from tests import LIKE, sample
from tests.shims import micropython, ports, wasm
from tests.shims.bench import Bench
from tests.shims.controller import Controller
from tests.shims.lockstep import Lockstep

PORTS = (
    "inprocess",
    "pyserial",
    "blinka",
    "micropython",
    "micropython32",
    "wasm",
    "circuitpython",
)
HEAPS = {
    **dict.fromkeys("trust tls13 hosts together".split(), "520k"),
    **dict.fromkeys("accesspoint mail mqtt servers tftp websocket".split(), "320k"),
    **dict.fromkeys("engine writes ends places faces floods".split(), "400k"),
    **dict.fromkeys("arguments compat http joining roots tls".split(), "400k"),
    "sealed": "560k",
    "many": "280k",
    "layers": "800k",  # the host's TLS, and two files of scenarios that it imports
}  # MicroPython's own TLS takes its buffers from the heap
# Which CircuitPython: "small" has no TLS, no hashlib and no io.IOBase
FACES = dict.fromkeys(
    "tls tls13 trust roots arguments compat stepwise engine writes layers sealed hosts".split(),
    "wifi",
)
# Scenarios that must fail on a port: (port, scenario) -> words of the failure
NO_TLS = "this interpreter has no TLS of its own|a board with a TLS of its own"
LACKING = {
    ("wasm", "test_a_chain_beyond_the_module_goes_to_the_hosts_tls"): NO_TLS,
    ("wasm", "test_the_hosts_tls_tells_its_version_and_cipher"): NO_TLS,
    ("wasm", "test_install_for_says_why_the_module_cannot"): NO_TLS,
    ("wasm", "test_the_hosts_tls_verifies_as_the_module_does"): NO_TLS,
    ("wasm", "test_the_hosts_tls_looks_at_dates_though_nobody_asked_the_server_before"): NO_TLS,
    ("wasm", "test_a_large_page_by_the_hosts_tls"): NO_TLS,
    ("wasm", "test_pin_trusts_the_certificate_with_that_fingerprint"): NO_TLS,
    ("wasm", "test_the_hosts_tls_shows_a_client_certificate_too"): NO_TLS,
    (
        "wasm",
        "test_a_ca_that_the_hosts_tls_cannot_read_vouches_for_nobody_and_hinders_nobody",
    ): NO_TLS,
    (
        "wasm",
        "test_a_third_secure_socket_goes_to_the_hosts_tls_while_the_module_has_two",
    ): "no room for another",
    # CircuitPython's ssl takes all CAs at once, or none
    (
        "circuitpython",
        "test_a_ca_that_the_hosts_tls_cannot_read_vouches_for_nobody_and_hinders_nobody",
    ): "cannot read one of the CAs",
    # CircuitPython's ssl tells neither, and takes client certificates from files alone
    (
        "circuitpython",
        "test_the_hosts_tls_tells_its_version_and_cipher",
    ): "line .* in test_the_hos",
    (
        "circuitpython",
        "test_the_hosts_tls_shows_a_client_certificate_too",
    ): 'needs engine="module"',
}
# This MicroPython of 64 bits has mbedTLS without TLS 1.3, and so has what is made of it
NO_TLS_1_3 = "FATAL_ALERT_MESSAGE|has closed the connection"
for name in vars(importlib.import_module("tests.scenarios.tls13")):
    if name.startswith("test_"):
        LACKING["wasm", name] = NO_TLS
        LACKING["micropython", name] = LACKING["circuitpython", name] = NO_TLS_1_3
FILES = tuple(
    "start join once sockets tls tls13 certs trust roots compat cork servers udp stepwise engine "
    "writes ends places faces floods layers many recovery ping files update sealed arguments "
    "hosts joining http mqtt websocket mail tftp scripts accesspoint power pins web "
    "volumes together".split()
)


def scenarios():
    """(file name, function name, function) of each."""
    found = []
    for name in FILES:
        module = importlib.import_module("tests.scenarios." + name)
        for function, value in vars(module).items():
            if function.startswith("test_") and inspect.isfunction(value):
                found.append((name, function, value))
    return found


def test_every_file_of_this_folder_is_run():
    here = pathlib.Path(__file__).parent
    assert {p.stem for p in here.glob("*.py")} == {*FILES, "__init__", "test_scenarios"}


@pytest.fixture(autouse=True)
def drops(monkeypatch):
    """Have CPython drop code that is needed for one call, as a board does, but collect no garbage.
    It has memory enough, and collecting would take most of a scenario's time."""
    monkeypatch.setattr(task, "drops", True)
    monkeypatch.setattr(task, "collect", lambda: None)


def in_process(function, quirks, face="machine"):
    """Run one scenario on the virtual clock."""
    clock = VirtualClock(longest=20)
    controller = Controller(quirks, clock)
    uart = controller.module.uart(face)
    function(Bench(uart, clock, lambda n, *a: getattr(controller, n)(*a)))


# Every scenario runs in process. The other ports run a sample, because an interpreter starts for
# each scenario; that of the interpreter that is most like a board's is the largest
SAMPLES = {"inprocess": len(scenarios()), "micropython32": 150}
ALWAYS = {"micropython32": "tls13"}  # the only one that has TLS 1.3


def places(port):
    """The scenarios that run on a port."""
    chosen = sample(scenarios(), SAMPLES.get(port, 25), port)
    return [place for place in scenarios() if place in chosen or place[0] == ALWAYS.get(port)]


PLACES = [(*scenario, port) for port in PORTS for scenario in places(port)]


@pytest.mark.parametrize(
    ("file", "name", "function", "port"),
    PLACES,
    ids=[f"{file}-{name}-{port}" for file, name, _, port in PLACES],
)
def test_scenario(file, name, function, port):
    if port == "inprocess":
        in_process(function, Quirks())
        return
    if (port, name) in LACKING:
        with pytest.raises(AssertionError, match=LACKING[port, name]):
            on_a_terminal(file, name, function, port)
        return
    on_a_terminal(file, name, function, port)


def on_a_terminal(file, name, function, port):
    """Run one scenario with a module on a pseudo-terminal."""
    with Lockstep() as line:
        if port in ("micropython", "micropython32", "circuitpython"):
            heap = HEAPS.get(file, micropython.HEAP)
            face = FACES.get(file, "small") if port == "circuitpython" else None
            interpreter = micropython.micropython32() if port == "micropython32" else None
            micropython.run_scenario(file, name, line, heap, face, interpreter)
            return
        if port == "wasm":
            wasm.run_scenario(file, name, line)
            return
        uart = getattr(ports, port)(line.path)
        try:
            function(Bench(uart, line, lambda n, *a: getattr(line, n)(*a)))
        finally:
            getattr(uart, "deinit", getattr(uart, "close", None))()


READINGS = [(f"{name}={value}", quirks) for name, value, quirks in each_alone()]
READINGS += [(f"seed {seed}", random_quirks(seed)) for seed in range(20)]
# trust.py takes longest: it runs only under those readings that concern it
TRUST = (
    "tls_ ca_ content_ rsa4096 ntp_ skip_ certificate_ name_ ski_ slot_ file_ no_ default_ "
    "hash_ fsl_ fsp_ peer_ mixed_ boot_clock date_ error_text wind55_missing sockr_ suites "
    "renegotiation x509_ self_issued chain_ algorithms least_ own_key old_hashes"
).split() + ["seed 2", "seed 3", "seed 4", "seed 5", "seed 6", "seed 7", "seed 8", "seed 9"]
# So do the files that add to sockets.py, which itself runs under all readings
SOCKETS = (
    "wind nul_ ok_ error_text empty_ refused_ sockr_ reading_ ninth_ udp_ list_ certificate_ "
    "segment masked_ closed_ reset_ half_ ended_ dead_ open_limit silent_ server_close"
).split() + [f"seed {n}" for n in range(10, 20)]
SOME = dict.fromkeys(
    "compat cork servers udp stepwise engine writes ends places faces floods recovery".split(),
    tuple(SOCKETS),
)
SOME["trust"] = tuple(TRUST)
SOME["tls13"] = ("sockr_", "segment", "reset_unread", "seed 12")
SOME["http"] = tuple(
    "http_ client_file_full fsp_keyword masked_winds winds= empty_line ok_suffix error_text "
    "nul_bytes user_flash seed".split()
)
SOME["many"] = ()  # it tests the heap, which no reading changes
SOME["mqtt"] = SOME["websocket"] = (
    *"mqtt_ websocket_ sockr_ reading_ list_ wind winds nul_ ok_ seed".split(),
)
SOME["together"] = (
    *"mqtt_ websocket_ http_file masked_winds winds delimiter_ wake_ sockr_ slot_ ca_".split(),
    *("seed 2", "seed 3"),
)
SOME["power"] = ("pms_", "wake_", "nul_", "ok_", "wind", "reset_", "default_", "seed 2", "seed 3")
SOME["sealed"] = SOME["layers"] = ("sockr_", "wind55_missing", "seed 12")
CASES = [
    (reading, quirks, file)
    for file in FILES
    for reading, quirks in READINGS
    if file not in SOME or reading.startswith(SOME[file])
]


CASES = sample(CASES, 30)
if LIKE:
    CASES = [(f"like {LIKE}", Quirks.from_probe(LIKE), file) for file in FILES]


@pytest.mark.parametrize(
    ("reading", "quirks", "file"), CASES, ids=[f"{file}-{reading}" for reading, _, file in CASES]
)
def test_every_scenario_under_another_reading_of_the_open_points(reading, quirks, file):
    """Readings are each quirk alone, and random combinations of all."""
    for of_file, name, function in scenarios():
        if of_file == file:
            try:
                in_process(function, quirks)
            except BaseException as e:
                raise AssertionError(f"{name} under {reading}: {type(e).__name__}: {e}") from e
