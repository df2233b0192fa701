"""Memory that runs out: the error says so, nothing is left behind, and the next call works."""

import errno
import time

import pytest

from spwf04.at import task
from spwf04.commands.reset import reset
from spwf04.const import NO_MEMORY
from spwf04.errors import CertificateError
from spwf04.tls import refusal
from spwf04_sim import PtyPort
from tests import ALL, chance, sample
from tests.faults import memory, shortage
from tests.faults.memory import CASES, OTHER, ROOTS, Bundle, Stage
from tests.shims import micropython
from tests.shims.controller import Controller

TOLD = ("connect by TLS", "find the CA", "install", "install_for", "discover", "diagnose")


@pytest.mark.parametrize("name", CASES)
def test_one_allocation_that_fails(name):
    """Each line that takes memory fails, the first and the last time that it runs; a sample of
    them in `make test`. Where only arguments are looked at, the words are Python's own."""
    told = set()
    for n in sample(memory.numbers(name, memory.run), 6, name):
        told.add(str(memory.run(name, n).error))
    assert name not in TOLD or NO_MEMORY in told


@pytest.mark.parametrize("name", shortage.CASES)
def test_one_allocation_that_fails_elsewhere(name):
    """The same in services, UDP sockets, servers, the supervisor, asyncio, and more."""
    for n in sample(memory.numbers(name, shortage.run), 4, name):
        shortage.run(name, n)


@pytest.mark.parametrize("name", ["send and receive", "without waiting"])
def test_wherever_the_parser_is_broken_off(name):
    """A line that had begun blocked all later commands. Ctrl-C comes there, too."""
    numbers = memory.numbers(name, memory.run)
    lines = memory.run(name, 0).lines
    for n in numbers:
        if lines[n - 1].startswith("at/parser.py"):
            memory.run(name, n)


def test_a_reset_that_is_broken_off_releases_the_line():
    levels = []
    stage = shortage.Stage()
    stage.radio.reset_line = levels.append
    steps = reset(stage.radio, 16)
    next(steps)
    assert levels == [0]
    steps.close()
    assert levels == [0, 1]


def test_a_read_of_another_size_for_which_there_was_no_memory(monkeypatch):
    """The command of the size before would be sent for it."""
    stage = Stage()
    stage.plain()
    stage.sock.sendall(b"0123456789")
    assert stage.sock.recv(4) == b"0123"
    stream = stage.sock.stream
    stream.asked_for, before = 4, stream.read_command
    with memory.Injector(1), pytest.raises(MemoryError):
        stream.fetch(bytearray(6), 6)
    assert stream.asked_for != 6 or stream.read_command != before


def test_files_of_once_are_dropped_after_it(monkeypatch):
    """On boards, the code for one call is dropped after it."""
    monkeypatch.setattr(task, "drops", True)
    for n in sample(memory.numbers("install", memory.run), 4, "drops"):
        memory.run("install", n)


def short(monkeypatch):
    def without_memory(*_):
        raise MemoryError

    monkeypatch.setattr(refusal, "refused", without_memory)


def test_a_ca_that_was_not_looked_for_is_no_refusal(monkeypatch):
    """The module says 23, and the CA may be among the roots."""
    stage = Stage()
    stage.radio.certs.install(OTHER.pem)
    with monkeypatch.context() as patch:
        short(patch)
        with pytest.raises(MemoryError, match="Freeze the driver"):
            stage.secure(roots=Bundle(ROOTS))
    stage.secure(roots=Bundle(ROOTS))
    stage.get()


def test_without_roots_the_module_has_refused_and_the_error_tells_both(monkeypatch):
    stage = Stage()
    stage.radio.certs.install(OTHER.pem)
    short(monkeypatch)
    with pytest.raises(CertificateError, match="too little memory") as caught:
        stage.secure()
    assert caught.value.code == 23 and caught.value.remedy == "install_ca"


def test_mbedtls_without_memory_is_told_as_that(monkeypatch):
    """MicroPython's TLS raises OSError(ENOMEM) when its own memory is used up."""
    from spwf04.hosttls.cpython import Engine

    def handshake(_):
        raise OSError(errno.ENOMEM, "")

    stage = Stage()
    stage.install()
    monkeypatch.setattr(Engine, "handshake", handshake)
    with pytest.raises(OSError, match="needs tens of KB of memory") as caught:
        stage.secure(engine="host")
    assert (
        caught.value.errno == errno.ENOMEM
        and getattr(caught.value, "remedy", None) == "use_module_tls"
    )
    assert stage.open_sockets() == 0


def test_bytes_that_there_was_no_memory_for_end_the_stream(monkeypatch):
    """Later bytes must not look as if they followed those before."""
    stage = Stage()
    stage.plain()
    stage.sock.sendall(b"first, second")

    def without_memory(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("spwf04.net.socket.bytes", without_memory, raising=False)
        with pytest.raises(MemoryError):
            stage.sock.recv(6)
    with pytest.raises(OSError) as caught:
        stage.sock.recv(20)
    assert caught.value.errno == errno.ECONNRESET


# name: (most bytes that are left free, in how many steps)
SWEEPS = {"plain": (9000, 18), "secure": (6000, 12), "find": (40000, 10), "install": (20000, 10)}
SWEEPS |= {"discover": (24000, 10), "install_for": (60000, 10)}


@pytest.mark.generated(2)
@pytest.mark.parametrize("name", SWEEPS)
def test_a_heap_that_is_all_but_full(name):
    """On MicroPython, with so many bytes left free."""
    most, steps = SWEEPS[name]
    steps *= 12 if ALL else 1
    step = most // steps
    first = chance("memory", name).randrange(step)
    controller = Controller()
    controller.ntp()
    with PtyPort(controller.module, vmin0=True) as line:
        code, output = micropython.run(
            micropython.ROOT / "tests" / "shims" / "mp_memory.py",
            [line.path, str(int(time.time())), name, str(first), str(most), str(step)]
            + [controller.bundle(), controller.ca_file()],
            controller,
            "300k",
            interpreter=micropython.micropython32(),
        )
    assert code == 0, output
    words = output.split()
    assert words[0] == "passed" and len(words) == 4, output
    assert int(words[2]) > 2, "memory did not run out"
    assert controller.open_sockets() == 0


@pytest.mark.parametrize("heap", ["104k", "116k"])
def test_readme_s_example_in_too_small_a_heap(heap, tmp_path):
    """It said that the server was not trusted: with 116 KB, where another CA is on the module."""
    controller = Controller()
    controller.ntp()
    (tmp_path / "other.pem").write_text(controller.other_ca_pem())
    with PtyPort(controller.module, vmin0=True) as line:
        code, output = micropython.run(
            micropython.ROOT / "tests" / "shims" / "mp_readme.py",
            [line.path, controller.bundle(), str(tmp_path / "other.pem")],
            controller,
            heap,
            interpreter=micropython.micropython32(),
        )
    assert code == 0, output
    assert output == f"MemoryError {NO_MEMORY}\n"
    assert controller.open_sockets() == 0
