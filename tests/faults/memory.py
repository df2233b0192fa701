"""Has one allocation fail, at each line of the driver that a call runs through, and judges what is
left after that.

Python raises MemoryError at the n-th line that the driver runs, n = 1, 2, … until the call passes:
as SQLite tests its own memory. What a line allocates depends on the interpreter, so any may fail.
"""

import ast
import dataclasses
import errno
import functools
import os
import pathlib
import sys
import time
from typing import Callable

import spwf04
from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04.at import task
from spwf04_cli.server.roots import build
from spwf04_sim import EchoPeer, Quirks, SimulatedModule, Timing, World
from tests.faults.exchanges import Watched
from tests.shims.tlspeer import Certified, TlsPeer

FOLDER = str(pathlib.Path(spwf04.__file__).parent) + os.sep
HOST = "a.example"
ROOT = Certified("Root")
OTHER = Certified("Another Root")
SERVER = Certified(HOST, ROOT, [HOST], days=(-3, 700)).server
ROOTS = build([OTHER.der, ROOT.der])
LIMIT = 200  # s of virtual time within which everything must have ended


class Wrong(AssertionError):
    """The driver did what it must not do."""


@functools.cache
def _lines(file):
    """The numbers of the lines of a file of the driver at which an allocation may fail."""
    found, free = set(), set()
    tree = ast.parse(pathlib.Path(file).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            free |= {node.targets[0], node.value}  # a, b = b, a
    for node in ast.walk(tree):
        if node in free:
            continue
        text = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mod, ast.Add))
        call = isinstance(node, ast.Call) and not _is_ours(node)
        if text or call or isinstance(node, _TAKES):
            found.add(getattr(node, "lineno", 0))
    return found


# Beside calls, what takes memory; for instance names that are set for the first time do not count
_TAKES = (ast.For, ast.JoinedStr, ast.Lambda, ast.List, ast.ListComp)
_TAKES += (ast.Dict, ast.Set, ast.Slice, ast.Starred, ast.Tuple)


@functools.cache
def _functions():
    """The names of the driver's functions that are no generators: a call of one takes no memory
    by itself, and what its lines take counts there."""
    names, others = set(), set(dir(list) + dir(bytes) + dir(str) + dir(dict) + dir(memoryview))
    for file in pathlib.Path(FOLDER).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                inside = [n for n in ast.walk(node) if isinstance(n, (ast.Yield, ast.YieldFrom))]
                (others if inside else names).add(node.name)
    return (names - others) | _FREE


# Functions of the interpreter, and of clocks, that take no memory
_FREE = {"callable", "expired", "find", "hasattr", "idle", "isinstance", "len", "max", "min"}
_FREE |= {"ord", "pop", "startswith", "ticks_ms", "type"}


def _is_ours(call):
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in _functions() and not call.keywords


class Injector:
    """Raises MemoryError at the n-th line that the driver runs; 0: it only counts them."""

    def __init__(self, n=0):
        self.left = n
        self.lines = []  # those that ran, as "file:number"
        self.where = ""
        self.error: BaseException | None = None  # what the call raised

    def __enter__(self):
        sys.settrace(self._call)
        return self

    def __exit__(self, *_):
        sys.settrace(None)

    def _call(self, frame, event, _):
        code = frame.f_code
        mine = code.co_filename.startswith(FOLDER) and code.co_name != "__del__"
        return self._line if mine else None

    def _line(self, frame, event, _):
        if event == "line" and frame.f_lineno in _lines(frame.f_code.co_filename):
            self.lines.append(f"{frame.f_code.co_filename[len(FOLDER) :]}:{frame.f_lineno}")
            self.left -= 1
            if self.left == 0:
                self.where = self.lines[-1]
                raise MemoryError
        return self._line


class Stage:
    """A module that has joined, its driver, and a server of each kind."""

    def __init__(self):
        world = World()
        world.add_access_point("home", "correct horse")
        world.route("echo.example", 7, EchoPeer)
        world.route(HOST, 443, lambda: TlsPeer(SERVER, []))
        self.clock = Watched()
        self.module = SimulatedModule(
            world, quirks=Quirks(), clock=self.clock, timing=Timing.fast()
        )
        self.module.power_on()
        self.radio = SPWF04(self.module.uart(), reset=self.module.reset_pin, clock=self.clock)
        self.pool = SocketPool(self.radio)
        self.radio.connect("home", "correct horse")
        self.radio.set_time(int(time.time()))
        self.sock = None

    def install(self):
        self.radio.certs.install(ROOT.pem)

    def plain(self):
        self.sock = self.pool.socket()
        self.sock.settimeout(8)
        self.sock.connect(("echo.example", 7))

    def secure(self, **options):
        context = SSLContext(**options)
        self.sock = context.wrap_socket(self.pool.socket(), server_hostname=HOST)
        self.sock.settimeout(20)
        self.sock.connect((HOST, 443))

    def get(self):
        self.sock.send(b"GET / HTTP/1.0\r\n\r\n")
        assert self.sock.recv(100).startswith(b"HTTP/")

    def echo(self):
        self.sock.sendall(b"is anybody there?")
        buffer = bytearray(17)
        assert self.sock.readinto(buffer) == 17 and buffer == b"is anybody there?"

    def open_sockets(self):
        return len([s for s in self.module.sockets if s is not None])


def _stepwise(stage):
    stage.plain()
    stage.sock.settimeout(0)


def _send_stepwise(stage):
    end = stage.clock.now() + 60
    assert stage.sock.send(b"hello") == 5
    got = b""
    while len(got) < 5 and stage.clock.now() < end:
        try:
            got += stage.sock.recv(5)
        except OSError as e:
            if e.errno != 11:
                raise
            stage.clock.idle()
    assert got == b"hello"


def _connect_stepwise(stage):
    stage.sock = SSLContext().wrap_socket(stage.pool.socket(), server_hostname=HOST)
    stage.sock.settimeout(0)
    end = stage.clock.now() + 60
    while stage.clock.now() < end:
        try:
            stage.sock.connect((HOST, 443))
            return
        except OSError as e:
            if e.errno not in (11, 115):
                raise
            stage.clock.idle()
    raise Wrong("it never connects")


def nothing(stage):
    """No preparation."""


@dataclasses.dataclass
class Case:
    """A call. prepare(stage) comes before it."""

    prepare: Callable
    act: Callable


CASES = {
    "connect": Case(nothing, Stage.plain),
    "send and receive": Case(Stage.plain, Stage.echo),
    "without waiting": Case(_stepwise, _send_stepwise),
    "close": Case(Stage.plain, lambda stage: stage.sock.close()),
    "install": Case(nothing, Stage.install),
    "connect by TLS": Case(Stage.install, Stage.secure),
    "connect by TLS without waiting": Case(Stage.install, _connect_stepwise),
    "connect by the host's TLS": Case(Stage.install, lambda stage: stage.secure(engine="host")),
    "find the CA": Case(nothing, lambda stage: stage.secure(roots=Bundle(ROOTS))),
    "install_for": Case(
        nothing, lambda stage: stage.radio.certs.install_for(HOST, roots=Bundle(ROOTS))
    ),
    "discover": Case(nothing, lambda stage: stage.radio.certs.discover(HOST)),
    "diagnose": Case(nothing, lambda stage: stage.radio.certs.diagnose(HOST)),
    "other CA first": Case(
        lambda stage: stage.radio.certs.install(OTHER.pem),
        lambda stage: stage.secure(roots=Bundle(ROOTS)),
    ),
}


def numbers(name, run):
    """For which n run(name, n) is worth its time: the first and the last time that each line
    runs."""
    run(name, 0)  # so that all files are loaded
    lines = run(name, 0).lines
    first = {line: n for n, line in reversed(list(enumerate(lines, 1)))}
    last = {line: n for n, line in enumerate(lines, 1)}
    return sorted({*first.values(), *last.values()})


def run(name, n):
    """Have the n-th line fail; raise Wrong, or return the Injector."""
    case = CASES[name]
    stage = Stage()
    case.prepare(stage)
    stage.clock.end = stage.clock.now() + LIMIT
    error = None
    with Injector(n) as injector:
        try:
            case.act(stage)
        except BaseException as e:
            error = e
    where = f"{name}: line {n}, {injector.where}"
    if not is_told(error):
        raise Wrong(f"{where}: {type(error).__name__}: {error}") from error
    if task._calls or task._loaded:
        raise Wrong(f"{where}: once() has {task._calls} calls, {task._loaded}")
    _go_on(stage, where)
    injector.error = error
    return injector


def is_told(error):
    """True if the cause of an exception is told: memory. Some failures hurt nobody: None."""
    return (
        error is None
        or isinstance(error, MemoryError)
        or (getattr(error, "errno", None) == errno.ENOMEM)
    )


def _go_on(stage, where):
    """Check that the next calls work, and that nothing is left behind."""
    stage.clock.end = stage.clock.now() + 3 * LIMIT
    try:
        if stage.sock is not None:
            stage.sock.close()
        stage.secure(roots=Bundle(ROOTS))
        stage.get()
        stage.sock.close()
        stage.plain()
        stage.echo()
        if stage.open_sockets() != 1:
            raise Wrong(f"{stage.open_sockets()} sockets are open")
        stage.sock.close()
        stage.install()
        stage.secure()
        stage.get()
        stage.sock.close()
    except BaseException as e:
        raise Wrong(f"{where}: then {type(e).__name__}: {e}") from e
    if stage.open_sockets() or stage.pool.lost():
        raise Wrong(f"{where}: {stage.open_sockets()} open, {stage.pool.lost()} lost")
    left = [f for _, f in stage.module.flash.files if f.endswith((".new", ".ok"))]
    if left:
        raise Wrong(f"{where}: {left} are left on the module")
