"""A reset by command, as a host sees it that finds the whole boot in its buffer."""

from spwf04 import SPWF04
from tests.shims.script import FOUND, Script

BOOT = "+WIND:1:Poweron:171117-0328fe3-SPWF04S\r\n+WIND:0:Console active\r\n"
RADIO = "+WIND:32:WiFi Hardware Started\r\n"


def reset(*steps):
    """How many ms a reset takes."""
    script = Script(*FOUND, "> AT+S.RESET\r", *steps)
    radio = SPWF04(script, clock=script.clock)
    radio.reset()
    assert script.done
    assert radio.radio_up
    return script.clock.ms


def test_it_is_over_when_the_radio_tells_that_it_is_up():
    assert 200 < reset("< " + BOOT, "~ 200", "< " + RADIO) < 1000


def test_it_is_over_though_all_of_the_boot_comes_at_once():
    assert reset("< " + BOOT + RADIO) < 1000
