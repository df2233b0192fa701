"""ap: a network of the module's own."""

import time
from typing import Annotated, Optional

import typer

from .. import output
from ..frame import App
from ..password import Password, network_name, password
from ..session import Json, with_module

app = App()

_PAUSE = 0.5  # s between two questions for the stations


@app.command(
    epilog="Example: spwf04 ap door\nExample: echo 'correct horse' | spwf04 ap door --password -"
)
@with_module
def ap(
    module,
    ssid: Annotated[
        str, typer.Argument(metavar="SSID", callback=network_name, help="The network's name.")
    ],
    secret: Password = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Without a password: everybody in reach can join.")
    ] = False,
    channel: Annotated[int, typer.Option(metavar="N", min=1, max=13, help="Channel.")] = 6,
    seconds: Annotated[
        Optional[float],
        typer.Option(
            "--time", metavar="SECONDS", min=0, help="End after this many seconds, not at Ctrl-C."
        ),
    ] = None,
    as_json: Json = False,
):
    """Make a network of the module's own, and show the stations as they come, until Ctrl-C.

    Nothing is written to the module's flash. The module leaves the network that it had joined.
    """
    word = None if is_open else password(secret, ssid)
    if word is None and not is_open:
        raise output.Failure("an open network has to be asked for", "Say --open", output.USAGE)
    try:
        with output.doing(f"starting {output.clean(ssid)}…", as_json):
            address = module.call("ap_start", ssid, word, channel, 20, limit=60)
    except KeyboardInterrupt:
        module.call("ap_stop")
        raise
    if not as_json:
        output.say(f"{output.clean(ssid)} is on, the module's address is {address}.", "green")
        if seconds is None:
            output.note("Ctrl-C ends it.")
    came: dict[str, Optional[str]] = {}
    try:
        _watch(module, came, seconds, output.say if not as_json else lambda line: None)
    except KeyboardInterrupt:
        module.call("settle")
    finally:
        module.call("ap_stop")
    if not as_json:
        output.note("It is off.")
        return
    stations = [{"mac": mac, "address": known} for mac, known in came.items()]
    output.show({"ssid": ssid, "address": address, "stations": stations}, True, None)


def _watch(module, came, seconds, say):
    """Tell who comes, gets an address and leaves. came: {MAC address: IPv4 address or None} of all
    that have been there."""
    end = None if seconds is None else time.monotonic() + seconds
    there: dict[str, Optional[str]] = {}
    while True:
        stations = module.call("ap_stations")
        if stations is None:
            raise output.Failure(
                "the module has ended its network, as it does when it restarts",
                "Check the module's power supply",
            )
        found = dict(stations)
        for mac, address in found.items():
            if mac not in there:
                say(f"{mac} came" + (f", {address}" if address else ""))
            elif address and address != there[mac]:
                say(f"{mac} has {address}")
        for mac in there:
            if mac not in found:
                say(f"{mac} left")
        there = found
        came.update(found)
        if end is not None and time.monotonic() >= end:
            return
        time.sleep(_PAUSE)
