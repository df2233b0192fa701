"""sim: simulated modules on pseudo-terminals."""

import dataclasses
from typing import Annotated, Optional

import typer

from .. import output
from ..simulated import world_file

app = typer.Typer()


@app.command(epilog="Example: spwf04 sim examples/bench.toml")
def sim(
    world: Annotated[
        Optional[str],
        typer.Argument(
            metavar="WORLD",
            help="A world file; examples/bench.toml shows every key. Default: one module, as with "
            "--port sim.",
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
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the paths, or the differences, as one JSON document."),
    ] = False,
):
    """Run simulated modules, each on a pseudo-terminal, until Ctrl-C.

    First their paths are printed; your programs open them as serial ports. Then each command is
    printed as it comes, with secrets masked. Windows has no pseudo-terminals. There, --port
    sim:WORLD.toml#NAME gives each command a module, and spwf04_sim gives your program one.

    With --recording no module runs. The recording of the driver, or any log of a UART, is played
    against a simulated module. A difference comes with the reading that would explain it. The exit
    code is 1 if there is a difference that no reading explains.
    """
    if recording is not None and world is not None:
        what = "WORLD and --recording do not go together"
        raise output.Failure(what, "A recording tells by itself what was there.", output.USAGE)
    if recording is not None:
        raise typer.Exit(_played(recording, as_json))
    from spwf04_sim import Timing
    from spwf04_sim.desk.serve import serve

    made = world_file(world)
    alone = len(made.modules) == 1
    known = {m.name: m for m in made.modules}
    ports = []

    def on_path(name, path):
        module = known[name]
        ports.append(
            {
                "name": name,
                "port": path,
                "serial": module.variables["nv_serial"],
                "mac": module.variables["nv_wifi_macaddr"],
                "build": module.firmware,
                "powered": module.powered,
            }
        )
        if len(ports) == len(known):
            output.show(ports, as_json, _show_ports)

    def on_command(name, line):
        output.say(f"> {line}" if alone else f"{name} > {line}")

    show = None if quiet or as_json else on_command
    serve(made, on_path, show, Timing.fast() if fast else None, _ended)


def _played(path, as_json):
    """Compare a recording with a simulated module; return the exit code."""
    from spwf04_sim.recordings.check import check, report

    try:
        with output.doing("Playing the recording", as_json):
            result = check(path)
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


def _show_ports(ports):
    rows = []
    for p in ports:
        name = p["name"] + ("" if p["powered"] else " (off)")
        rows.append((name, p["serial"], p["mac"], p["build"], p["port"]))
    output.table(["Name", "Serial number", "MAC address", "Firmware", "Port"], rows)
    output.note("Ctrl-C ends it.")


def _ended():
    return False
