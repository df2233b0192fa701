"""The application: which command stands in which file, and what becomes of exceptions.

A file of commands has `app = typer.Typer()` and registers its commands there. It is imported when
one of them is asked for. output.py has the exit codes.
"""

import importlib

import typer
from typer.core import TyperGroup

from spwf04 import __version__
from spwf04.errors import SPWF04Error
from spwf04_sim import missing
from spwf04_sim.desk import screen

from . import advice, output
from .output import DONE, FAILED, INTERRUPTED, USAGE

# command: its file in commands/. If the file has no command of this name, its commands are a group
# of this name.
COMMANDS = {
    "info": "radio",
    "scan": "radio",
    "join": "radio",
    "time": "radio",
    "ping": "radio",
    "ls": "files",
    "get": "files",
    "put": "files",
    "rm": "files",
    "doctor": "doctor",
    "update": "update",
    "check": "check",
    "trust": "trust",
    "ca": "ca",
    "bundle": "bundle",
    "provision": "provision",
    "sim": "sim",
    "shell": "shell",
    "trace": "trace",
}


class Commands(TyperGroup):
    """The commands of COMMANDS. Exceptions become messages and exit codes."""

    def list_commands(self, ctx):
        """Return their names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx, cmd_name):
        """Import a command and return it; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module("spwf04_cli.commands." + COMMANDS[cmd_name])
        group = typer.main.get_group(module.app)
        group.name = cmd_name
        return group.commands.get(cmd_name, group)

    def invoke(self, ctx):
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            output.note("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None
        except (output.Failure, OSError, ValueError, MemoryError) as e:
            raise typer.Exit(told(e)) from None


def told(error):
    """Show an exception on stderr, and return the exit code for it."""
    if isinstance(error, SPWF04Error):
        error = advice.failure(error)
    if isinstance(error, output.Failure):
        output.failed(error.what, error.todo)
        return error.code
    if isinstance(error, MemoryError):
        output.failed("out of memory", "")
        return FAILED
    output.failed(str(error), "")
    return USAGE if isinstance(error, ValueError) else FAILED


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


@app.callback(epilog="Example: spwf04 info --port sim")
def spwf04(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
):
    """Prepare an SPWF04 Wi-Fi module, or a thousand of them.

    A command works on the module at the port that --port names, or, with --via-mcu, on a module
    that is wired to a MicroPython board. --port sim tries a command without a module.
    """


def main(arguments=None):
    """Run the command line and return its exit code. arguments: a list, by default those of the
    process.

    The exit code is that of the result, even if nobody reads what is printed any more.
    """
    with screen.guarded() as out:
        code = _run(arguments)
        try:
            out.flush()
        except OSError as e:  # a full disk
            out.give_up()
            if code == DONE:
                output.failed(f"what was to be printed could not be written: {e.strerror}")
                code = FAILED
    return code


def _run(arguments):
    try:
        app(arguments, prog_name="spwf04", standalone_mode=True)
    except SystemExit as e:
        return e.code if isinstance(e.code, int) else DONE
    except ModuleNotFoundError as e:
        output.failed(missing.explained(e, "cli"))
        return USAGE
    except ImportError as e:  # a package is there, and cannot be used
        output.failed(str(e))
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE
