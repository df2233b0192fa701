"""The options of pytest with which the scenarios run on a real module."""

import json
import os
import pathlib

import pytest

RUN = "tests/hardware/test_module.py"


def add(parser):
    """Add them. parser: pytest's."""
    group = parser.getgroup("spwf04", "the behaviour suite on a real module")
    add_one = group.addoption
    add_one("--port", metavar="PORT", help="the module's port: /dev/ttyUSB0, rfc2217://host:4000")
    add_one("--via-mcu", metavar="PORT", help="the port of a MicroPython board with the module")
    add_one("--board", metavar="NAME|FILE.py", help="with --via-mcu: how the module is wired")
    add_one("--baud", type=int, default=115200, help="baud rate of the module's UART")
    add_one("--ssid", help="a network for the module; its password: SPWF04_PASSWORD, or asked")
    add_one("--address", help="this computer's IPv4 address, as the module sees it")
    add_one(
        "--reading",
        action="append",
        default=[],
        metavar="NAME=VALUE|REPORT|likeliest",
        help="how this module settles an open point; a report of spwf04 probe: those that it has "
        "found; likeliest: all by their likeliest reading",
    )
    add_one(
        "--write-flash",
        action="store_true",
        help="also what writes files and certificates; they are removed at the end",
    )


def wanted(config):
    """True if the run is on a module."""
    return config.getoption("--port") is not None or config.getoption("--via-mcu") is not None


def prepare(config):
    """Have pytest run the scenarios on the module and nothing else; pytest.UsageError."""
    if config.getoption("--port") is not None and config.getoption("--via-mcu") is not None:
        raise pytest.UsageError("either --port or --via-mcu")
    if not config.getoption("--ssid"):
        raise pytest.UsageError("--ssid is missing: name a network that the module may join")
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("a module takes one test at a time: leave -n out")
    config.module_readings = readings(config.getoption("--reading"))
    config.module_password = _password(config)
    if not all(RUN in arg.replace(os.sep, "/") for arg in config.args):
        config.args = [str(pathlib.Path(config.rootpath) / RUN)]
    config.option.reportchars += "s"  # what is not for hardware is told with what it needs


def readings(given):
    """{switch: reading} of --reading; pytest.UsageError."""
    found = {}
    for text in given:
        try:
            found.update(_told(text))
        except ValueError as e:
            raise pytest.UsageError(f"--reading {text}: {e}") from None
    return found


def _told(text):
    """{switch: reading} of one --reading; ValueError."""
    from spwf04_sim import Quirks
    from spwf04_sim.desk.options import like, quirk

    if text == "likeliest":
        return {name: known[0] for name, known in Quirks.choices().items()}
    if "=" in text and not pathlib.Path(text).is_file():
        return dict([quirk(text)])
    played = like(text)
    found = json.loads(pathlib.Path(text).read_text(encoding="utf-8"))["points"]
    return {name: getattr(played, name) for name in found}


def _password(config):
    from spwf04_cli.output import Failure
    from spwf04_cli.password import password

    try:
        return password(None, config.getoption("--ssid"))
    except (Failure, OSError) as e:  # pytest lets nobody read from stdin
        todo = "set SPWF04_PASSWORD, or run it in a terminal"
        raise pytest.UsageError(f"{e}: {todo}") from None
