"""What comes from the module or the air never reaches a terminal or a log raw."""

import io
import re

import pytest

from spwf04 import SPWF04
from spwf04.at import trace
from tests import sample
from tests.cli import spwf04
from tests.shims.desk import simulated

# What the log of a module may hold: each kind of line of the decoder
LOG = (
    b"+WIND:25:WiFi Association with 'home' successful\r\n"
    b"+WIND:64:Remote configuration:Ssid:home\r\n"
    b"AT+S.SCAN=p\r\nAT-S.Parsing Networks:1\r\n"
    b"\t1:\tBSS 00:11:22:33:44:55 CHAN: 06 RSSI: -40 SSID: 'home' CAPS: 0431 WPA2\r\nAT-S.OK\r\n"
    b"AT+S.SOCKON=h.example,443,,h.example\r\nAT-S.Certificate Error:23\r\n"
    b"AT-S.ERROR:74:Failed to open socket\r\n"
    b"AT+S.GCFG=nv_model\r\nAT-S.Var:nv_model=SPWF04SA\r\nAT-S.OK\r\n"
    b"AT+S.FSL\r\nAT-S.File:I\t2\t12\ta.txt\r\nAT-S.OK\r\n"
    b"AT+S.NOSUCH\r\nAT-S.ERROR:1:Command not found\r\n"
)
HOSTILE = ("\x1b[2J", "\x07", "\x7f", "\x9b31m", "\u202e", "\u2066", "\u2028", "\u200b", "\ufeff")
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
PLACES = sample(range(len(LOG)), 4, "places of a log")


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("how", range(3))
def test_nothing_in_a_log_reaches_the_terminal_raw(at, how, tmp_path):
    file = tmp_path / "log.txt"
    for hostile in HOSTILE[how::3]:
        file.write_bytes(LOG[:at] + hostile.encode() + LOG[at:])
        for more in ((), ("--all",)):
            done = spwf04("trace", str(file), *more)
            assert not RAW.search(done.out + done.err), (hostile, at)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_drivers_own_trace_is_ascii(hostile):
    """As debug=print shows it on the terminal of a board."""
    controller = simulated()
    controller.world.add_access_point(("a" + hostile).encode())
    lines = io.StringIO()
    radio = SPWF04(controller.module.uart("machine"), clock=controller.module.clock)
    trace.record(radio, lines.write, payload=True)
    assert radio.scan()
    text = lines.getvalue()
    assert "\\x" in text and text.isascii() and not RAW.search(text)
