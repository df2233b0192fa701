"""A module to work on: directly, or behind an MCU. And the options that say which.

    @app.command(epilog="Example: spwf04 info --port sim")
    @with_module
    def info(module, as_json: Json = False):
        result = module.call("info")

The first parameter is the session; the decorator gives the command --port and its companions.
"""

import contextlib
import functools
import inspect
from typing import Annotated, Optional

import typer

from . import jobs, output, ports

Port = Annotated[
    Optional[str],
    typer.Option(
        "--port",
        envvar="SPWF04_PORT",
        help="/dev/ttyUSB0, COM3, blinka:TX,RX, or sim for a simulated module.",
    ),
]
Baud = Annotated[int, typer.Option("--baud", help="Its rate in bit/s.")]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the lines of the UART on stderr, secrets masked.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

# the options of every command that needs a module: name, annotation, default
_OPTIONS = (("port", Port, None), ("baud", Baud, 115200), ("debug", Debug, False))
_SETTLE_MS = 5000


class Direct:
    """A module on a port of this computer. radio: its driver. where: the port's name."""

    def __init__(self, radio, where):
        self.radio = radio
        self.where = where

    def call(self, name, *args):
        """Have a function of jobs.py done: its result, or its exception."""
        return getattr(jobs, name)(self.radio, *args)

    def settle(self):
        """After Ctrl-C: let the command in flight end, or give it up, and find the module again.

        True if the module is ready for the next command."""
        channel = self.radio.channel
        try:
            if not channel.wait(lambda: channel._exchange is None, _SETTLE_MS):
                channel.lose()
            if self.radio._pool is not None:
                for sock in list(self.radio._pool._sockets):
                    if sock is not None:
                        sock.close()
            channel.command(b"AT\r", None, 2000)
            return True
        except OSError:
            return False


@contextlib.contextmanager
def session(port=None, *, baud=115200, debug=False, live=False):
    """A module, until the block ends: Direct. port: None looks for one."""
    name = port or ports.found()
    with ports.opened(name, baud, output.note if debug else None, live) as radio:
        module = Direct(radio, name)
        try:
            yield module
        except KeyboardInterrupt:
            if module.settle():
                output.note("Stopped. The module is ready for the next command.")
            else:
                output.note("Stopped, but the module does not answer: switch it off and on.")
            raise


def with_module(function):
    """Make function(module, …) a command that has --port, --baud and --debug."""

    @functools.wraps(function)
    def command(**given):
        chosen = {name: given.pop(name) for name, _, _ in _OPTIONS}
        with session(chosen.pop("port"), **chosen) as module:
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
