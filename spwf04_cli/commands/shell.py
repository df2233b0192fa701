"""spwf04 shell: a console to the module, for a person or a script."""

import sys
from typing import Annotated

import typer

from .. import output
from ..frame import App
from ..session import Baud, Board, Debug, Port, ViaMcu, one_way, session
from ..shell.console import Console
from ..shell.lines import Script
from ..shell.screen import show

app = App()

History = Annotated[
    bool, typer.Option("--history/--no-history", help="Keep what is typed, without secrets.")
]


@app.command(epilog="Example: spwf04 shell --port sim")
def shell(
    port: Port = None,
    via_mcu: ViaMcu = None,
    board: Board = None,
    baud: Baud = 115200,
    debug: Debug = False,
    history: History = True,
):
    """Type commands to the module, and see what it answers and what that means.

    Tab completes commands and variables, and `help` explains them. AT+S. may be left out. Payloads
    and passwords are asked for. The history is kept without secrets, in ~/.spwf04_history or the
    file that SPWF04_HISTORY names. Ctrl-C gives a command up. At the prompt, Ctrl-C or Ctrl-D ends
    the shell, which closes the sockets that were opened. Lines may also come from standard input;
    then the exit code is 1 if one of them failed.
    """
    person = sys.stdin.isatty()
    chosen = {"port": port, "via_mcu": via_mcu}
    one_way(chosen)
    with session(**chosen, board=board, baud=baud, debug=debug, live=person) as module:
        radio = module.radio or _behind(module, debug)
        console = Console(radio, show)
        model = radio.get("nv_model")
        version = radio.get("fw_version", "STS")
        output.say(f"{model}, firmware {version}, at {module.where}.")
        if person:
            from ..shell.prompt import Person

            talk = Person(console, history)
            output.say("help explains, Tab completes, Ctrl-D ends.", "dim")
        else:
            talk = Script(console)
        try:
            code = talk.run()
        except KeyboardInterrupt:
            console.channel.lose()
            _close(console)
            raise
        except OSError as e:  # of the port; the console has shown those of the driver
            raise output.Failure(
                f"the port is gone: {e}", "Check that the adapter is plugged in.", output.NO_MODULE
            ) from e
        _close(console)
    raise typer.Exit(code)


def _behind(mcu, debug):
    """A driver here for a module behind an MCU: the console needs its channel."""
    from ..mcu.wire import radio

    return radio(mcu, output.note if debug else None)


def _close(console):
    closed = console.close()
    if closed:
        output.say(f"Closed: socket {', '.join(closed)}.", "dim")
