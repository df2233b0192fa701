"""check, trust, ca, bundle."""

import contextlib
import os
from unittest import mock

from tests.cli import at_port, spwf04
from tests.cli.transcripts import Desk, transcript
from tests.shims import fixed
from tests.shims.controller import Controller
from tests.shims.names import names

# these differ from run to run: time, and how often the module was asked for news
_COST = (
    r"\d+ commands, \d+ bytes to the module, \d+ from it, [\d.]+ s",
    "N commands, N bytes to the module, N from it, N s",
)


@contextlib.contextmanager
def _internet():
    fixed.write_roots("our-roots.pem")
    now = mock.patch("spwf04_cli.times.now", lambda: fixed.NOW)
    with fixed.internet() as targets, names(targets), now:
        yield targets


@contextlib.contextmanager
def _module():
    """A module at the port, with the same internet."""
    controller = Controller()
    with _internet() as targets, at_port(controller.module, "/dev/ttyUSB0"):
        for (host, port), target in targets.items():
            controller.world.route(host, port, target)
        os.environ["SPWF04_PASSWORD"] = "correct horse"
        yield controller


@transcript("check")
def check():
    with _internet():
        yield Desk()


@transcript("check-no")
def check_no():
    with _internet():
        yield Desk()


@transcript("check-json")
def check_json():
    with _internet():
        yield Desk()


@transcript("trust")
def trust():
    with _module():
        yield Desk(replace=[_COST])


@transcript("trust-two")
def trust_two():
    with _module():
        yield Desk(replace=[_COST])


@transcript("trust-pem")
def trust_pem():
    with _module():
        yield Desk(replace=[_COST])


@transcript("ca")
def ca():
    with _module():
        arguments = ["trust", "--pem", "our-roots.pem", "--port", "/dev/ttyUSB0"]
        assert spwf04(*arguments).code == 0
        yield Desk()


@transcript("bundle")
def bundle():
    with _internet():
        yield Desk(
            replace=[(r"all-roots.bin: \d+ roots, \d+", "all-roots.bin: 117 roots, 129935")]
        )
