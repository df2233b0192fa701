"""Power: the examples of docs/power.md, as printed, on every interpreter. There is no real module:
the states are the simulated one's."""

import re
import time

from tests.shims import fences, pages

from .hands import hands
from .stage import stage  # noqa: F401
from .table import cell

# In this process GPIO6 is wired to the program. In others it is not: who sees the module sleep
# raises the pin
WIRED = "from tests.services.test_power import wake\n"
NOT_WIRED = "def wake(level):\n    pass\n"
WIRES = []


def wake(level):
    WIRES[-1].drive(6, level)


def wakes(module):
    if module.power.asleep:
        time.sleep(0.2)
        module.pins.drive(6, 1)


def example(first, last):
    """(program, what it promises to print) of some blocks of the page."""
    blocks = fences.blocks(fences.text("power.md"), "python")[first:last]
    text = "".join(blocks)
    return text, re.findall(r"  # → (.*)$", text, re.M)


def compare(promised, printed):
    assert len(printed) == len(promised), printed
    for promise, line in zip(promised, printed):
        assert pages.fits(promise, line), (promise, line)


def test_the_examples(stage):  # noqa: F811
    program, promised = example(0, 1)
    compare(promised, stage.run(program))
    assert stage.module.reset_reason == 4  # standby
    program, promised = example(1, 2)
    if stage.interpreter == "CPython":
        WIRES.append(stage.module.pins)
        compare(promised, stage.run(WIRED + program))
    else:
        program = program.partition("radio.sleep()")[0]
        with hands(stage.module, wakes):
            compare(promised[:1], stage.run(NOT_WIRED + program))
    assert stage.module.power.seconds()["sleep"] > 0
    if stage.interpreter == "CPython":
        stage.run(example(2, 3)[0])
        assert stage.module.power.state == "powersave"
    cell("power", "plain", stage.interpreter, "works, simulated states")
