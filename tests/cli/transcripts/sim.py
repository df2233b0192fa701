"""sim."""

import pathlib
import re
import sys
from unittest import mock

import serial

from spwf04 import SPWF04
from spwf04_sim import RealClock
from tests.cli.transcripts import Desk, transcript

WORLD = """\
[[access_point]]
ssid = "workshop"
password = "correct horse"

[[module]]
name = "door"
serial = "4711"

[[module]]
name = "gate"
serial = "4712"
firmware = "1.0.0"
faults = ["dns_refused"]
"""


def with_a_program():
    """Once the paths are printed, a program joins the network through the first module."""
    found = re.search(r"/dev/\S+", sys.stdout.getvalue())
    if found is None:
        return False
    with serial.Serial(found[0], timeout=0) as uart:
        radio = SPWF04(uart, clock=RealClock(speed=0.1))  # the module may be late
        radio.channel.wait(lambda: radio.channel.generation and not radio.channel.booting, 5000)
        radio.connect("workshop", "correct horse")
    return True


@transcript("sim")
def sim():
    pathlib.Path("workshop.toml").write_text(WORLD)
    with mock.patch("spwf04_cli.commands.sim._ended", with_a_program):
        varies = [(r"/dev/\S+", "/dev/pts/N"), (r"127\.0\.0\.1:\d+", "127.0.0.1:N")]
        yield Desk(replace=[*varies, ("─{20,}", "─" * 70)])
