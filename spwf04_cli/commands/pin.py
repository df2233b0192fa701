"""pin: the pins of the module."""

from typing import Annotated

import typer

from .. import output
from ..frame import App
from ..session import Json, with_module

app = App(no_args_is_help=True)

_Pin = Annotated[int, typer.Argument(metavar="N", min=0, max=20, help="The number of the GPIO.")]
_WAIT_MS = 500  # for edges, in one call


@app.callback(epilog="Example: spwf04 pin read 5")
def pins():
    """Read, set and watch the pins of the module, and its ADC."""


@app.command(epilog="Example: spwf04 pin read 5")
@with_module
def read(module, n: _Pin, as_json: Json = False):
    """Show the level of a pin, 0 or 1."""
    level = module.call("pin_read", n)
    output.show({"pin": n, "level": level}, as_json, lambda found: output.say(str(level)))


@app.command(epilog="Example: spwf04 pin write 4 1")
@with_module
def write(
    module,
    n: _Pin,
    level: Annotated[int, typer.Argument(metavar="LEVEL", min=0, max=1, help="0 or 1.")],
    as_json: Json = False,
):
    """Make a pin an output, and set its level."""
    module.call("pin_write", n, level)
    said = f"GPIO{n} is {level}."
    output.show({"pin": n, "level": level}, as_json, lambda found: output.say(said, "green"))


@app.command(epilog="Example: spwf04 pin watch 5 -c 2")
@with_module
def watch(
    module,
    n: _Pin,
    count: Annotated[
        int,
        typer.Option("--count", "-c", metavar="N", min=0, help="End after so many; 0: Ctrl-C."),
    ] = 0,
    as_json: Json = False,
):
    """Make a pin an input, and show each change of its level."""
    levels = []
    try:
        while not count or len(levels) < count:
            for level in module.call("pin_edges", n, _WAIT_MS):
                levels.append(level)
                if not as_json:
                    output.say(f"GPIO{n} is {level}")
    except KeyboardInterrupt:  # its only end without a count
        if as_json:
            output.show({"pin": n, "levels": levels}, True, None)
        raise
    if as_json:
        output.show({"pin": n, "levels": levels}, True, None)


@app.command(epilog="Example: spwf04 pin adc")
@with_module
def adc(
    module,
    channel: Annotated[
        int, typer.Argument(metavar="CHANNEL", min=0, max=2, help="0 is GPIO1.")
    ] = 0,
    as_json: Json = False,
):
    """Show the voltage at the ADC, in mV."""
    found = {"channel": channel, "millivolts": module.call("pin_adc", channel)}
    output.show(found, as_json, lambda found: output.say(f"{found['millivolts']} mV"))
