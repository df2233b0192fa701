"""spwf04 trace: what a recorded UART log says, and what went wrong in it."""

import pathlib
import stat
import sys
import time
from typing import Annotated, Optional

import typer

from spwf04_sim.logs import reader
from spwf04_sim.logs.recorded import events_of, written
from spwf04_sim.logs.sorter import Sorter

from .. import output, ports
from ..frame import App
from ..local import Force, free, write
from ..session import Baud, Json
from ..uartlog import decode, listing
from ..uartlog.finding import ERROR
from ..uartlog.findings import examine

app = App()

Source = Annotated[
    str,
    typer.Argument(
        metavar="FILE|PORT", help="A file with a log, - for standard input, or a serial port."
    ),
]
Svg = Annotated[
    Optional[pathlib.Path],
    typer.Option("--svg", metavar="FILE", help="Draw a timeline into this file."),
]
Record = Annotated[
    Optional[pathlib.Path],
    typer.Option(
        "--record",
        metavar="FILE",
        help="Write the log into this file as the driver would have recorded it, secrets masked. "
        "With --payload the payloads too.",
    ),
]
Everything = Annotated[
    bool,
    typer.Option(
        "--all", help="Show every line, also repetitions, long replies and words in between."
    ),
]
Payload = Annotated[
    bool,
    typer.Option("--payload", help="Show the content of payloads, except keys and certificates."),
]
Seconds = Annotated[
    Optional[float],
    typer.Option(
        "--seconds",
        metavar="N",
        min=0.1,
        help="Listen on a port for this many seconds. Default: until Ctrl-C.",
    ),
]

_SILENCE_S = 0.3  # after this silence, what has come is all of it


@app.command(epilog="Example: spwf04 trace bug.txt --svg bug.svg")
def trace(
    source: Source,
    as_json: Json = False,
    svg: Svg = None,
    record: Record = None,
    force: Force = False,
    everything: Everything = False,
    payload: Payload = False,
    seconds: Seconds = None,
    baud: Baud = 115200,
):
    """Read a log of the UART: what was said, what it means, what went wrong and what to do.

    The log may come from the driver (debug=, spwf04.at.trace) or a terminal program; it may hold
    the bytes as they came, or be pasted from a forum. Passwords and keys are never shown. With a
    serial port, the command listens to a module: connect a second adapter's RX to the module's TX.
    --record makes a file of any log that can be shown to others, and that becomes a test.
    The exit code is 1 if something went wrong in the log, or if it shows nothing of a module.
    """
    for file in (svg, record):
        if file is not None:
            free(file, force)
    printer = listing.Printer(everything, payload)
    if _is_port(source):
        heard, items = _listen(source, baud, seconds, None if as_json else printer)
    else:
        heard = reader.read(_bytes(source))
        items = decode.decoded(heard)
        if not as_json:
            printer.items(items)
    findings = examine(items, heard)
    if not listing.recognised(items, findings) and not as_json:
        what = f"{source}: nothing in it" + " looks like an SPWF04" * bool(items)
        raise output.Failure(what, "It should be the log of an SPWF04's UART.")
    if svg is not None:
        from ..uartlog.timeline import drawing

        write(svg, drawing(items, findings, _name(source), heard.both).encode())
        if not as_json:
            output.note(f"{svg} is the timeline.")
    if record is not None:
        write(record, written(events_of(heard), payload).encode())
        if not as_json:
            output.note(f"{record} plays again, see spwf04 sim --recording.")
    output.show(
        listing.document(_name(source), heard, items, findings, payload),
        as_json,
        lambda _: listing.verdict(heard, items, findings),
    )
    bad = any(f.weight == ERROR for f in findings)
    bad = bad or not (heard.both and listing.recognised(items, findings))
    raise typer.Exit(output.FAILED if bad else output.DONE)


def _name(source):
    return "standard input" if source == "-" else pathlib.Path(source).name


def _is_port(source):
    """Whether the argument names a serial port rather than a file."""
    if source in ports.STAND_INS or ports.of_windows(source):
        return True
    path = pathlib.Path(source)
    return source != "-" and path.exists() and stat.S_ISCHR(path.stat().st_mode)


def _bytes(source):
    if source == "-":
        stream = getattr(sys.stdin, "buffer", None)
        return stream.read() if stream is not None else sys.stdin.read().encode()
    try:
        return pathlib.Path(source).read_bytes()
    except OSError as e:
        what = f"{source}: {e.strerror or e}"
        todo = "Name a file that holds the log, or a port."
        raise output.Failure(what, todo, output.USAGE) from None


def _listen(port, baud, seconds, printer):
    """(Recording, items) of what is heard on a port, until Ctrl-C or for some seconds."""
    heard = reader.Recording("what was heard on a port")
    items = []

    def emit(item):
        items.append(item)
        if printer is not None:
            printer.items([item])

    decoder = decode.Decoder(emit)

    def take(event):
        heard.events.append(event)
        decoder.feed(event)

    sorter = Sorter(take)
    with ports.wired(port, baud, True) as (uart, _):
        output.note(f"Listening on {port}. Ctrl-C ends it.")
        begin = silent = time.monotonic()
        try:
            while seconds is None or time.monotonic() - begin < seconds:
                now = time.monotonic()
                waiting = uart.in_waiting
                if waiting:
                    sorter.feed(uart.read(waiting), round((now - begin) * 1000))
                    sorter.advance()
                    silent = now
                elif now - silent > _SILENCE_S:
                    sorter.pause()
                    time.sleep(0.02)
                else:
                    time.sleep(0.005)
        except KeyboardInterrupt:
            pass
    sorter.pause()
    decoder.finish()
    heard.both = bool(sorter.both)
    return heard, items
