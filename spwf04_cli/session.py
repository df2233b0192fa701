"""The module that a command works on, at a port or behind an MCU, and the options that name it.

    @app.command(epilog="Example: spwf04 info --port sim")
    @with_module
    def info(module, as_json: Json = False):
        result = module.call("info")

The first parameter is the session. The decorator gives the command --port and the other options.
"""

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from . import output, ports, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spwf04 import SPWF04

    from .mcu.link import Mcu

CONNECTION = "Connection"  # the title of their panel in help


def complete_port():
    """What a shell completes --port with."""
    found = [port for port in ports.serial_ports() if not ports.is_board(port)]
    return [*_named(found), ("sim", "a simulated module")]


def complete_board_port():
    """What a shell completes --via-mcu with."""
    return _named(port for port in ports.serial_ports() if ports.is_board(port))


def _named(found):
    return [(port.device, port.description or "") for port in found]


def complete_board(incomplete: str):
    """What a shell completes --board with: boards, and files."""
    import glob

    from .mcu.board import described

    return [*described(), *sorted(glob.glob(glob.escape(incomplete) + "*.py"))]


Port = Annotated[
    Optional[str],
    typer.Option(
        "--port",
        "-p",
        metavar="PORT",
        envvar="SPWF04_PORT",
        rich_help_panel=CONNECTION,
        autocompletion=complete_port,
        help="The module's port: /dev/ttyUSB0, COM3, blinka:TX,RX; or sim, a simulated module. "
        "Default: the only USB adapter there is.",
    ),
]
ViaMcu = Annotated[
    Optional[str],
    typer.Option(
        "--via-mcu",
        metavar="PORT",
        envvar="SPWF04_VIA_MCU",
        rich_help_panel=CONNECTION,
        autocompletion=complete_board_port,
        help="Work on the module of a MicroPython board; PORT is the board's.",
    ),
]
Board = Annotated[
    Optional[str],
    typer.Option(
        "--board",
        metavar="NAME|FILE.py",
        rich_help_panel=CONNECTION,
        autocompletion=complete_board,
        help="With --via-mcu: how the module is wired to the board. A file with a function "
        "radio(), or the name of one that comes with this command. The board remembers it.",
    ),
]
Baud = Annotated[
    int,
    typer.Option(
        "--baud",
        metavar="RATE",
        min=9600,
        max=921600,
        rich_help_panel=CONNECTION,
        help="Baud rate of the module's UART.",
    ),
]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        rich_help_panel=CONNECTION,
        help="Show the lines on the UART on stderr, with secrets masked.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]

# The options of every command that needs a module: name, annotation, default
_OPTIONS = (
    ("port", Port, None),
    ("via_mcu", ViaMcu, None),
    ("board", Board, None),
    ("baud", Baud, 115200),
    ("debug", Debug, False),
)


class Direct:
    """A module on a port of this computer. radio: its driver. where: the port's name."""

    def __init__(self, radio, where):
        self.radio: SPWF04 = radio
        self.where = where

    def call(self, name, *args, limit=60):
        """Do a job: return its result, or raise its exception. limit: as for Mcu.call()."""
        from .jobs.registry import job  # here, so that --help need not load the jobs

        return job(name)(self.radio, *args)


@contextlib.contextmanager
def session(
    port=None, via_mcu=None, *, board=None, baud=115200, debug=False, live=False
) -> "Iterator[Direct | Mcu]":
    """A module until the block ends: Direct or Mcu. Without a port, the only adapter is taken."""
    from .line.search import told  # here, so that --help need not load it

    steps.connected(port, via_mcu, baud)
    show = output.note if debug else None
    if via_mcu is None:
        if board is not None:
            raise typer.BadParameter("it goes with --via-mcu", param_hint="--board")
        name = port or ports.found()
        opened = ports.opened(name, baud, show, live)
    else:
        from .mcu.link import opened as behind

        name = via_mcu
        opened = behind(via_mcu, board, show)
    with opened as there:
        module: Any = Direct(there, name) if via_mcu is None else there
        try:
            with told(module):
                yield module
        except KeyboardInterrupt:
            _stop(module)
            raise


def _stop(module):
    try:
        ready = module.call("settle")
    except (OSError, output.Failure):
        ready = False
    if ready:
        output.note("Stopped. The module is ready for the next command.")
    else:
        output.note("Stopped, but the module does not answer. Switch it off and on.")


def one_way(chosen):
    """Keep one of two options that exclude each other: the command line's before the
    environment's."""
    import os

    if chosen["port"] and chosen["via_mcu"]:
        if chosen["port"] == os.environ.get("SPWF04_PORT"):
            chosen["port"] = None
        elif chosen["via_mcu"] == os.environ.get("SPWF04_VIA_MCU"):
            chosen["via_mcu"] = None
        else:
            raise typer.BadParameter("either --port or --via-mcu", param_hint="--via-mcu")


def with_module(function):
    """Make function(module, …) a command that has --port and the other options for a module."""

    @functools.wraps(function)
    def command(**given):
        chosen = {name: given.pop(name) for name, _, _ in _OPTIONS}
        one_way(chosen)
        with session(chosen.pop("port"), chosen.pop("via_mcu"), **chosen) as module:
            return function(module, **given)

    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())[1:]
    for name, annotation, default in _OPTIONS:
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
    command.__signature__ = signature.replace(  # pyright: ignore
        parameters=[p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command
