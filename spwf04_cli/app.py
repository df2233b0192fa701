"""The application: which command stands in which file, and what becomes of exceptions.

A file of commands has `app = App()` and registers its commands there. It is imported when one of
them is asked for: the list of commands needs none of them. output.py has the exit codes.
"""

import importlib
import sys
from typing import Any

import typer

from spwf04 import __version__
from spwf04.errors import SPWF04Error
from spwf04_sim import missing
from spwf04_sim.desk import screen

from . import advice, output, steps
from .frame import Command, Group, did_you_mean, usage
from .output import DONE, FAILED, INTERRUPTED, USAGE, Failure
from .session import Baud, Board, Debug, Port, ViaMcu

# Title of a panel: {command: (its file in commands/, what the list of commands says of it)}. If
# the file has no command of this name, its commands are a group of this name.
PANELS = {
    "First look": {
        "devs": ("devs", "List the serial ports, and what to type for each"),
        "info": ("radio", "Show model, MAC address, firmware, network and clock"),
        "doctor": ("doctor", "Find out what is wrong: wiring, firmware, clock, CAs"),
        "shell": ("shell", "Talk to the module, with what its answers mean"),
    },
    "Networks": {
        "scan": ("radio", "List the Wi-Fi networks in reach"),
        "join": ("join", "Join a network"),
        "ap": ("radio", "Make a network of the module's own, and show who joins"),
        "time": ("radio", "Show the module's clock, or set it"),
        "ping": ("radio", "Have the module ping a host"),
        "mail": ("mail", "Have the module send a mail"),
    },
    "Certificates and trust": {
        "check": ("check", "Say whether the module's TLS can connect to a server"),
        "trust": ("trust", "Have the module trust servers, with a connection as proof"),
        "ca": ("ca", "List, remove and export the module's CAs"),
        "bundle": ("bundle", "Make a root bundle for a program on the MCU"),
    },
    "Files": {
        "ls": ("files", "List the files on the module"),
        "get": ("files", "Copy a file from the module"),
        "put": ("files", "Copy a file to the module"),
        "rm": ("files", "Delete files on the module"),
        "image": ("image", "Put all files of a volume on the module at once"),
    },
    "Its pins": {
        "pin": ("pin", "Read, set and watch the pins of the module, and its ADC"),
    },
    "Firmware, and many modules": {
        "update": ("update", "Update the module's firmware over the air"),
        "provision": ("provision", "Prepare many modules as a plan says"),
    },
    "Simulated modules and logs": {
        "sim": ("sim", "Run simulated modules on pseudo-terminals"),
        "trace": ("trace", "Explain a recorded log of the UART"),
    },
    "Helping the project": {
        "probe": ("probe", "Settle on a real module what no source tells"),
    },
}
# command: its file
COMMANDS = {name: file for panel in PANELS.values() for name, (file, _) in panel.items()}
# What typer calls an error in the command line
_UsageError: Any = typer.BadParameter.__mro__[1]


class Commands(Group):
    """The commands of COMMANDS. Exceptions become messages and exit codes."""

    def list_commands(self, ctx):
        """Return their names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx, cmd_name):
        """Return what a list says of a command, without an import; None if there is none."""
        for panel in PANELS.values():
            if cmd_name in panel:
                return Command(cmd_name, help=panel[cmd_name][1])
        return None

    def resolve_command(self, ctx, args):
        """(name, command, arguments) of the command that the arguments begin with."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and imported(name), rest

    def panels(self, ctx):
        """{title of a panel: [(command, what it does)]}, without an import."""
        return {
            title: [(name, says) for name, (_, says) in panel.items()]
            for title, panel in PANELS.items()
        }

    def invoke(self, ctx):
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, OSError, ValueError, MemoryError) as e:
            raise typer.Exit(told(e)) from None
        except (Failure, _UsageError, typer.Abort) as e:
            raise typer.Exit(told(e)) from None


def imported(name):
    """Import the command of this name, or the group, and return it."""
    module = importlib.import_module("spwf04_cli.commands." + COMMANDS[name])
    group = typer.main.get_group(module.app)
    group.name = name
    return group.commands.get(name, group)


def told(error):
    """Show an exception to a person, or to a program with --json; return the exit code for it."""
    if isinstance(error, _UsageError):
        steps.begin()  # a line of usage names no port
    failure = _failure(error)
    if failure.what:
        output.failed(failure, a_panel=not isinstance(error, (KeyboardInterrupt, typer.Abort)))
    return failure.code


def _failure(error):
    if isinstance(error, SPWF04Error):
        return advice.failure(error)
    if isinstance(error, Failure):
        return error
    if isinstance(error, _UsageError):
        return _misuse(error)
    if isinstance(error, KeyboardInterrupt):
        return Failure("Interrupted.", code=INTERRUPTED)
    if isinstance(error, typer.Abort):
        return Failure("Given up.")
    if isinstance(error, MemoryError):
        return Failure("out of memory")
    return Failure(str(error), code=USAGE if isinstance(error, ValueError) else FAILED)


def _misuse(error):
    """The Failure for an error in the command line. It says nothing after a page of help."""
    near = getattr(error, "possibilities", None)
    what = error.message + did_you_mean(near) if near else error.format_message()
    if getattr(error, "option_name", "") == "--json" and error.ctx.parent is None:
        what = "--json stands behind the command"
    if error.ctx is None or not what.strip():
        return Failure(what, code=error.exit_code)
    path = error.ctx.command_path
    return Failure(what, f"Usage: {usage(error.ctx)}\n{path} --help tells more", error.exit_code)


def _version(wanted: bool):
    if wanted:
        output.out().print("spwf04 " + __version__)
        raise typer.Exit(DONE)


app = typer.Typer(
    name="spwf04",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(
    epilog="Example: spwf04 devs\nExample: spwf04 info --port sim\nExample: spwf04 doctor --help"
)
def spwf04(
    port: Port = None,
    via_mcu: ViaMcu = None,
    board: Board = None,
    baud: Baud = 115200,
    debug: Debug = False,
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
):
    """Prepare an SPWF04 Wi-Fi module, or a thousand of them.

    A command works on the module at the port that --port names, or, with --via-mcu, on a module
    that is wired to a MicroPython board. --port sim tries a command without a module. The options
    of the connection stand before the command, or after it.
    """


def main(arguments=None):
    """Run the command line and return its exit code. arguments: a list, by default those of the
    process.

    The exit code is that of the result, even if nobody reads what is printed any more.
    """
    words = [*(sys.argv[1:] if arguments is None else arguments), "--"]
    output.begin("--json" in words[: words.index("--")])
    with screen.guarded() as out:
        code = _run(arguments)
        try:
            out.flush()
        except OSError as e:  # a full disk
            out.give_up()
            if code == DONE:
                what = f"what was to be printed could not be written: {e.strerror}"
                output.failed(Failure(what))
                code = FAILED
    return code


def _run(arguments):
    try:
        code = app(arguments, prog_name="spwf04", standalone_mode=False)
    except SystemExit as e:  # of the completion
        code = e.code
    except ModuleNotFoundError as e:
        return told(Failure(missing.explained(e, "cli"), code=USAGE))
    except ImportError as e:  # a package is there, and cannot be used
        return told(Failure(str(e), code=USAGE))
    except (_UsageError, typer.Abort, KeyboardInterrupt, OSError) as e:  # the last: a full disk
        return told(e)
    return code if isinstance(code, int) else DONE
