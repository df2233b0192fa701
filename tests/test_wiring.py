"""The pictures of the wiring show the pins that the boards' files name."""

import re

import pytest

from tests.shims.micropython import ROOT
from tools import wiring

# The pins of a Raspberry Pi Pico by their numbers, of the side that the picture shows
PICO = ["GP0", "GP1", "GND", "GP2", "GP3", "GP4", "GP5", "GND"]


@pytest.mark.parametrize("name", wiring.PICTURES)
def test_a_picture_is_what_the_tool_draws(name):
    drawn = wiring.drawing(*wiring.PICTURES[name])
    assert wiring.file(name).read_text() == drawn, "python -m tools.wiring"


def test_there_is_no_other_picture():
    there = {path.name for path in (ROOT / "docs").glob("wiring-*.svg")}
    assert there == {wiring.file(name).name for name in wiring.PICTURES}


def pins(wires):
    """{pin of the module: the host's}"""
    return {module: host for module, host, _, _ in wires}


def test_the_pico_of_the_picture_is_wired_as_its_file_says():
    source = (ROOT / "boards" / "pico.py").read_text()
    shown = pins(wiring.PICO)
    assert f"tx=Pin({shown['RXD'][2:]})" in source
    assert f"rx=Pin({shown['TXD'][2:]})" in source
    assert f"reset=Pin({shown['RESET'][2:]}, Pin.OPEN_DRAIN" in source


def test_the_pico_has_these_pins_there():
    for _, pin, number, _ in wiring.PICO:
        assert PICO[int(number.split()[1]) - 1] == pin


def test_the_board_with_circuitpython_is_wired_as_its_file_says():
    source = (ROOT / "boards" / "circuitpython.py").read_text()
    shown = pins(wiring.CIRCUITPYTHON)
    assert f"busio.UART(board.{shown['RXD']}, board.{shown['TXD']}," in source
    assert f"DigitalInOut(board.{shown['RESET']})" in source


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_who_cannot_see_a_picture_reads_its_wires(page):
    text = (ROOT / page).read_text()
    for words, name in re.findall(r"!\[([^\]]*)\]\((?:docs/)?wiring-(\w+)\.svg\)", text):
        _, wires, _ = wiring.PICTURES[name]
        for module, host, _, _ in wires:
            assert re.search(rf"\b{module}\b.*? to {host}\b", words, re.S), (name, module)
    assert "wiring-pico.svg" in text
