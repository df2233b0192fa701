"""info, scan, join, time, ping."""

import datetime

import typer

from . import output
from .session import Json, with_module

app = typer.Typer()


@app.command(epilog="Example: spwf04 info --port /dev/ttyUSB0")
@with_module
def info(module, as_json: Json = False):
    """Show what the module is: model, serial number, MAC, firmware, network, clock."""
    output.show(module.call("info"), as_json, _show_info)


def date(seconds):
    """Seconds since 1970 as text."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _show_info(found):
    network = "not joined"
    if found["joined"]:
        network = f"{found['ssid']}, address {found['address']}"
    clock = date(found["clock"])
    output.fields(
        [
            ("Model", found["model"]),
            ("Serial number", found["serial"]),
            ("MAC address", found["mac"]),
            ("Firmware", f"{found['fw_version']} ({found['build']})"),
            ("Hostname", found["hostname"]),
            ("Network", network),
            ("Clock", clock if found["clock_set"] else clock + ", not set"),
        ]
    )
