"""Pins: the examples of docs/pins.md, as printed, on every interpreter. There is no real module:
the pins are the simulated one's."""

import re

import pytest

from spwf04 import SPWF04, SPWF04Error
from spwf04.services.pins import PWM
from tests.shims import fences, pages
from tests.sim.console import OLD, booted

from .hands import hands
from .stage import stage  # noqa: F401
from .table import cell


def pressed_once(module):
    if module.pins.is_set_up(5) and not module.pins.is_output(5):
        module.pins.drive(5, 1 - module.pins.level(5))


def test_the_examples(stage):  # noqa: F811
    first, second = fences.blocks(fences.text("pins.md"), "python")
    pins = stage.module.pins
    pins.apply(1, 1650)
    with hands(stage.module, pressed_once):
        printed = stage.run(first)
    promised = re.findall(r"  # → (.*)$", first, re.M)
    # The button may have been pressed more than once, and before or after the rest
    assert [line for line in printed if line != promised[1]] == [promised[0], promised[-1]]
    assert promised[1] in printed
    assert pins.level(4) == 1
    assert pins.millivolts(15) == 1200
    assert pins.pwm(2) == (1000, 50)
    if stage.interpreter == "CPython":
        assert pages.fits("…", stage.run(second)[0])
    cell("pins", "plain", stage.interpreter, "works, simulated pins")


def test_firmware_1_0_has_one_pwm_and_takes_no_number():
    module = booted(firmware=OLD)
    radio = SPWF04(module.uart(), clock=module.clock)
    PWM(radio, 2, freq=1000, duty_u16=32768)
    assert module.pins.pwm(2) == (1000, 50)
    with pytest.raises(SPWF04Error, match="one PWM"):
        PWM(radio, 4, freq=1000, duty_u16=0)
