"""Collects the behaviour suite: every scenario on every port.

Scenarios are plain functions `def test_…(bench)` in the other files of this folder, written in
what CPython and MicroPython have in common. Ports: "inprocess" (virtual clock), "pyserial",
"blinka" (a pseudo-terminal), "micropython" (a subprocess on a pseudo-terminal). In process they
also run under each other reading of what the sources leave open, and under random combinations.
"""

import importlib
import inspect
import pathlib

import pytest

from spwf04_sim import PtyPort, Quirks, RealClock, VirtualClock, each_alone, random_quirks
from tests.shims import micropython, ports
from tests.shims.bench import Bench
from tests.shims.controller import Controller

SPEED = 5  # how much faster than real time the driver's time-outs run on a terminal
PORTS = ("inprocess", "pyserial", "blinka", "micropython")
FILES = ("start", "join", "sockets", "tls", "certs")


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


def in_process(function, quirks, face="machine"):
    """Run one scenario on the virtual clock."""
    clock = VirtualClock()
    controller = Controller(quirks, clock)
    uart = controller.module.uart(face)
    function(Bench(uart, clock, lambda n, *a: getattr(controller, n)(*a)))


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    ("file", "name", "function"), scenarios(), ids=lambda x: x if isinstance(x, str) else ""
)
def test_scenario(file, name, function, port):
    if port == "inprocess":
        in_process(function, Quirks())
        return
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        if port == "micropython":
            micropython.run_scenario(file, name, line.path, controller, SPEED)
            return
        uart = getattr(ports, port)(line.path)
        clock = RealClock(speed=SPEED)
        try:
            function(Bench(uart, clock, lambda n, *a: getattr(controller, n)(*a)))
        finally:
            getattr(uart, "deinit", getattr(uart, "close", None))()


READINGS = [(f"{name}={value}", quirks) for name, value, quirks in each_alone()]
READINGS += [(f"seed {seed}", random_quirks(seed)) for seed in range(20)]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(("reading", "quirks"), READINGS, ids=[r for r, _ in READINGS])
def test_every_scenario_under_another_reading_of_the_open_points(reading, quirks, file):
    """Each quirk alone, then random combinations of all."""
    for of_file, name, function in scenarios():
        if of_file == file:
            try:
                in_process(function, quirks)
            except BaseException as e:
                raise AssertionError(f"{name} under {reading}: {type(e).__name__}: {e}") from e
