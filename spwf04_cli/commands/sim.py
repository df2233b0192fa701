"""sim: a bench of simulated modules on pseudo-terminals."""

import dataclasses
from typing import Annotated, Optional

import typer

from .. import output
from ..frame import App
from ..simulated import PASSWORD, SSID

app = App()


@app.command(epilog="Example: spwf04 sim\nExample: spwf04 sim examples/bench.toml")
def sim(
    world: Annotated[
        Optional[str],
        typer.Argument(
            metavar="WORLD",
            help="A world file; examples/bench.toml shows every key. Default: one module, a "
            "network and an HTTPS server.",
        ),
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Answer within milliseconds, unless the file has timing."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Do not show the commands that come.")
    ] = False,
    recording: Annotated[
        Optional[str],
        typer.Option(
            "--recording",
            metavar="FILE",
            help="Play what a real module said against a simulated one, and tell where that "
            "answers otherwise.",
        ),
    ] = None,
    like: Annotated[
        Optional[str],
        typer.Option(
            "--like",
            metavar="FILE",
            help="Play the module that this report of spwf04 probe is of.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the paths, or the differences, as one JSON document."),
    ] = False,
):
    """Run a simulated module that keeps its state, until Ctrl-C: a bench to try things on.

    While it runs, other commands reach the module with --port sim. It keeps its files, CAs,
    settings, clock and network from one command to the next. At the start the bench shows its
    network with the password, an HTTPS server of its own with the file of its CA, and the commands
    to type in another terminal. Without a bench, --port sim is a new module for each command.

    The module is on a pseudo-terminal. Its path is shown too, and your programs open it as a
    serial port. With a WORLD there are the modules of that file, and --port sim is the first of
    them. Each command is shown as it comes, with secrets masked. If the module begins to listen on
    a port, the bench shows which port of this computer that is.

    Windows has no pseudo-terminals, and no bench. There, spwf04 shell --port sim keeps a module
    until you leave, --port sim:WORLD.toml#NAME begins with what a file says, and spwf04_sim gives
    your program a module.

    With --recording no module runs. The recording of the driver, or any log of a UART, is played
    against a simulated module. A difference comes with the reading that would explain it. The exit
    code is 1 if there is a difference that no reading explains.

    With --like the modules have the readings that spwf04 probe has found on a real one.
    """
    if recording is not None and world is not None:
        what = "WORLD and --recording do not go together"
        raise output.Failure(what, "A recording tells by itself what was there.", output.USAGE)
    quirks = None if like is None else _like(like)
    if recording is not None:
        raise typer.Exit(_played(recording, as_json, quirks))
    from spwf04_sim import Timing

    from ..simulated import bench

    alone = True

    def on_ready(ready):
        nonlocal alone
        alone = len(ready.modules) == 1
        output.show(_plain(ready), as_json, lambda found: _show(ready, found))

    def on_command(name, line):
        output.say(f"> {line}" if alone else f"{name} > {line}")

    told = not (quiet or as_json)
    bench.run(
        on_ready,
        world,
        on_command if told else None,
        Timing.fast() if fast else None,
        _ended,
        on_server=_tell_server if told else None,
        like=quirks,
    )


def _tell_server(port, address):
    output.say(f"The module's port {port} is {address[0]}:{address[1]} of this computer.")


def _like(path):
    """The Quirks of a report; output.Failure if it cannot be used."""
    from spwf04_sim.desk import options

    try:
        return options.like(path)
    except ValueError as e:
        todo = "spwf04 probe writes such a report."
        raise output.Failure(str(e), todo, output.USAGE) from None


def _played(path, as_json, quirks):
    """Compare a recording with a simulated module; return the exit code."""
    from spwf04_sim.recordings.check import check, report

    try:
        with output.doing("Playing the recording", as_json):
            result = check(path, {} if quirks is None else dataclasses.asdict(quirks))
    except (OSError, ValueError) as e:
        what = f"{path}: {getattr(e, 'strerror', None) or e}"
        todo = "Name a file that holds the log of an SPWF04's UART."
        if ".known:" in what:
            todo = "Correct that line; docs/simulator.md says what may stand there."
        raise output.Failure(what, todo, output.USAGE) from None

    def show(_):
        for line in report(result, path):
            output.say(line)

    output.show(dataclasses.asdict(result), as_json, show)
    return output.DONE if result.good else output.FAILED


def _plain(bench):
    """What --json prints: a dict for each module, the first with the server of the bench."""
    found = []
    for m in bench.modules:
        found.append(
            {
                "name": m.name,
                "port": bench.ports[m.name],
                "serial": m.variables["nv_serial"],
                "mac": m.variables["nv_wifi_macaddr"],
                "build": m.firmware,
                "powered": m.powered,
            }
        )
    if bench.server:
        found[0].update(ssid=SSID, password=PASSWORD, server=bench.server, roots=bench.roots)
    return found


def _show(bench, found):
    rows = []
    for p in found:
        name = p["name"] + ("" if p["powered"] else " (off)")
        rows.append((name, p["serial"], p["mac"], p["build"], p["port"]))
    output.table(["Name", "Serial number", "MAC address", "Firmware", "Port"], rows)
    if bench.server:
        _show_tour(bench)
    if bench.why_not:
        output.warn(bench.why_not)
    output.note("Ctrl-C ends it.")


def _show_tour(bench):
    from ..simulated.bench import tour

    output.say(f"Network  {SSID}, its password is {PASSWORD}")
    output.say(f"Server   https://{bench.server}/, for the module and for this computer")
    output.say(f"Its CA   {bench.roots}")
    output.say("")
    output.say("Type in another terminal, for example:")
    output.say("")
    for command in tour(bench):
        output.say("  " + command)
    output.say("")


def _ended():
    return False
