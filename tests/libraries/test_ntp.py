"""adafruit_ntp over our UDP sockets."""

import time

import adafruit_ntp
import pytest

from .desk import commands
from .desk import desk as desk
from .site import NtpServer

NTP = "adafruit-circuitpython-ntp"


def test_the_time(desk):
    desk.world.route("ntp.example", 123, NtpServer().address)
    ntp = adafruit_ntp.NTP(desk.pool, server="ntp.example", tz_offset=0)
    before = time.time()
    taken = desk.counted(lambda: ntp.datetime)
    took = time.time() - before
    assert -1 - took < ntp.utc_ns / 1e9 - time.time() < 1 + took
    assert desk.open_sockets == 0
    desk.record(NTP, "UDP", "a question: open, write, read, close", commands(taken))


def test_a_server_that_is_silent(desk):
    desk.world.route("ntp.example", 123, ("127.0.0.1", 9))
    ntp = adafruit_ntp.NTP(desk.pool, server="ntp.example", socket_timeout=0.2)
    with pytest.raises(OSError):
        print(ntp.datetime)
    assert desk.open_sockets == 0
    desk.record(NTP, "UDP", "a silent server", "OSError")
