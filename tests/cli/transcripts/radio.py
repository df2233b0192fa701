"""info, scan, join, time, ping, pin."""

import contextlib
from types import SimpleNamespace
from unittest import mock

from tests.cli import at_port, spwf04
from tests.cli.transcripts import Desk, transcript
from tests.shims.desk import simulated

DATES = [(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "2026-11-25 09:30:00 UTC")]


@contextlib.contextmanager
def module(joined=False):
    """A simulated module at /dev/ttyUSB0; its Controller."""
    controller = simulated()
    with at_port(controller.module, "/dev/ttyUSB0"):
        if joined:
            spwf04("join", "home", "--password", "correct horse", "--port", "/dev/ttyUSB0")
        yield controller


@transcript("info")
def info():
    with module():
        yield Desk()


@transcript("join")
def join():
    with module():
        yield Desk(stdin=["", "correct horse\n"])


@transcript("ap")
def ap():
    with module() as controller:
        clock = controller.clock
        controller.world.add_guest("02:00:00:00:00:01", "door", "correct horse")
        controller.module.after(20000, controller.module.wifi.miniap.leaves, "02:00:00:00:00:01")
        passes = SimpleNamespace(monotonic=clock.now, sleep=clock.advance)
        with mock.patch("spwf04_cli.commands.radio.clock", passes):
            yield Desk(stdin=["correct horse\n"])


@transcript("time")
def time():
    with module():
        # The module's clock runs in real time: a busy computer may be a second or two off
        yield Desk(replace=[*DATES, (r"UTC, \d+ s \w+( of)? this", "UTC, as this")])


@transcript("ping")
def ping():
    with module(joined=True) as controller:
        controller.world.add_host("www.example.com")
        controller.deaf("printer.example.com")
        yield Desk()


@transcript("pin")
def pin():
    with module() as controller:
        controller.apply(1, 1650)
        for n in range(400):
            controller.drive(5, n % 2, n * 200)
        yield Desk(replace=[(r"(?s)GPIO5 is \d\nGPIO5 is \d", "GPIO5 is 1\nGPIO5 is 0")])
