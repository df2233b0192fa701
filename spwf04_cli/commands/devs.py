"""devs: the serial ports of this computer."""

from .. import output, ports
from ..frame import App
from ..session import Json

app = App()

_KINDS = {
    "adapter": "USB adapter",
    "board": "board with MicroPython",
    "circuitpython": "board with CircuitPython",
    "other": "port without USB",
}
_STATES = {
    "free": "",
    "busy": ", another program has it open",
    "denied": ", you may not open it",
}


@app.command(epilog="Example: spwf04 devs")
def devs(as_json: Json = False):
    """List the serial ports of this computer, what is at each, and what to type for it.

    No port is opened, so no board restarts. On Linux a port that another of your programs has open
    is shown as busy. spwf04 info --port sim needs no port at all.
    """
    output.show(ports.every(), as_json, _show)


def _show(found):
    for port in found:
        kind, state = _KINDS[port["kind"]], _STATES[port["state"]]
        output.out().print(output.line((port["port"], "bold"), f": {kind}{state}"))
        usb = port["usb"] and f"USB id {port['usb']}"
        known = [word for word in (port["description"], usb) if word]
        if known:
            output.say("  " + ", ".join(known))
        output.out().print(output.line("  → ", (port["next"], "cyan")), soft_wrap=True)
    if not found:
        output.say("No serial port was found.")
        output.say("Connect the USB adapter, with a cable that carries data.")
    output.note("Without a module: spwf04 info --port sim")
