"""doctor: examines the line, the module and what is on it, and gives a verdict."""

import time
from pathlib import Path
from typing import Annotated, Optional

import typer

from spwf04 import Bundle
from spwf04.errors import LinkLost, SPWF04Error

from .. import advice, output
from ..checklist import FAILED, NOTE, OK, WARNING, Checklist
from ..frame import App
from ..line.search import look_for
from ..reference.firmware import meaning
from ..server.bundles import bundle_age, contents
from ..session import Json, with_module
from ..times import SOON, apart, date, days_left, end, plural

app = App()

_TIMES = 5  # the whole configuration, about 2 KB, is asked for so many times
# What the driver or its user relies on: variable, value, and what another value does
_EXPECTED = (
    ("console_wind_off_low", "0x00000000", "this hides indications that the driver needs"),
    ("console_wind_off_medium", "0x00000000", "this hides indications that the driver needs"),
    ("console_wind_off_high", "0x00000000", "this hides indications that the driver needs"),
    ("console_delimiter", "0x2C", "the driver puts this right at each start"),
    ("wifi_mode", "1", "the module is not a station; spwf04 join makes it one"),
    ("sleep_enabled", "0", "the module may sleep, and lose bytes on the UART"),
    ("standby_enabled", "0", "the module may go to standby, and lose bytes on the UART"),
)


@app.command(epilog="Example: spwf04 doctor --port /dev/ttyUSB0")
@with_module
def doctor(
    module,
    restart: Annotated[
        bool, typer.Option("--restart", help="Restart the module too, as a test.")
    ] = False,
    bundle: Annotated[
        Optional[Path],
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Examine this root bundle.",
        ),
    ] = None,
    as_json: Json = False,
):
    """Examine wiring, rate, echo, firmware, memory, files, clock, network, settings and CAs.

    Two things change on the module: the driver switches its echo off until the next restart, and
    clears what an interrupted upload of a certificate has left. The exit code is 0 if the module
    works, 1 if something does not, and 3 if no module answers. In that case doctor says what came
    over the line instead, and what that means.
    """
    found = Checklist(as_json)
    try:
        reached = look(module, found, restart)
    except LinkLost as e:
        found.add("line", FAILED, *advice.told(e))
        reached = False
    if bundle is not None:
        _bundle(bundle, found)
    verdict = found.verdict()
    code = output.FAILED if found.count(FAILED) else output.DONE
    if not reached:
        code = output.NO_MODULE
    fine = code == output.DONE
    if as_json:
        output.show({"ok": fine, "verdict": verdict, "checks": found.checks}, True, None)
    else:
        output.say("")
        output.say(f"Verdict: {verdict}.", "green" if fine else "bold red")
    raise typer.Exit(code)


def look(module, found, restart=False):
    """Make all checks in their order; False if no module answers. LinkLost if it is lost then."""
    if not _wiring(module, found):
        return False
    _line(module, found)
    if restart:
        _restart(module, found)
    facts = module.call("info")
    _identity(module, facts, found)
    for check in (_room, _clock, _network, _settings, _certificates):
        try:
            check(module, facts, found)
        except LinkLost:
            raise
        except SPWF04Error as e:
            name = check.__name__.strip("_")
            found.add(name, FAILED, *advice.told(e))
    return True


# the line ------------------------------------------------------------------------------------
def _wiring(module, found):
    """See whether the module answers, and at which rate; note what comes instead."""
    here = module.call("rate")
    there = look_for(module, module.where)
    if there.rate is None:
        found.add("wiring", FAILED, there.instead.what, there.instead.todo)
        return False
    if there.rate != here:
        found.add(
            "rate",
            FAILED,
            f"the module answers at {there.rate} bit/s, not at {here}",
            f"--baud {there.rate}",
        )
        return True
    found.add("wiring", OK, "the module answers")
    if there.echo:
        found.add("echo", OK, "it was on, as after a restart; the driver has switched it off")
    else:
        found.add("echo", OK, "it is off, as the driver leaves it")
    return True


def _line(module, found):
    with output.doing("testing the line…"):
        count, other, resyncs = module.call("steadiness", _TIMES, limit=120)
    if other or resyncs:
        found.add(
            "line",
            FAILED,
            f"bytes get lost: {other} of {_TIMES} answers differed, and the module had to be "
            f"found again {plural(resyncs, 'time')}",
            advice.sentence("check_line"),
        )
    else:
        found.add("line", OK, f"{plural(count, 'byte')} came, none was lost")


def _restart(module, found):
    with output.doing("restarting the module…"):
        try:
            ms, by_line = module.call("restart", limit=60)
        except LinkLost as e:
            found.add("restart", FAILED, *advice.told(e))
            raise
    how = "by its RESET line" if by_line else "by command"
    found.add("restart", OK, f"took {ms} ms, {how}")


# the module ----------------------------------------------------------------------------------
def _identity(module, facts, found):
    found.add("model", OK, f"{facts['model']}, serial {facts['serial']}, MAC {facts['mac']}")
    what = meaning(facts["build"])
    said = f"{facts['fw_version']} ({facts['build']}), {what.what}"
    todo = "spwf04 update" if what.old else ""
    found.add("firmware", WARNING if what.old else OK, said, todo)
    for remark in what.remarks:
        found.add("", NOTE, remark)


def _room(module, facts, found):
    heap = module.call("status", "free_heap")
    if heap is not None:
        low = heap.isdigit() and int(heap) < 8192
        found.add("memory", WARNING if low else OK, f"{plural(heap, 'byte')} of its heap are free")
    room = module.call("file_space")
    left, used = room["ram_left"], room["used"]
    said = f"{plural(sum(used.values()), 'byte')} in files"
    if left is not None:
        said += f", {left} left on the RAM disk"
    if room["said"]:
        said += f" (the module says {'; '.join(room['said'])})"
    low = left is not None and left < 2048
    found.add("room", WARNING if low else OK, said, "spwf04 ls, spwf04 rm" if low else "")
    names = [f[0] for f in module.call("file_list")]
    halves = [n for n in names if n.endswith((".new", ".ok"))]
    if halves:
        found.add("files", NOTE, "left by an interrupted upload: " + ", ".join(halves))


def _clock(module, facts, found):
    off = facts["clock"] - int(time.time())
    if not facts["clock_set"]:
        found.add(
            "clock",
            WARNING,
            f"not set: {date(facts['clock'])}. TLS needs it",
            "Set it with spwf04 time --set, or join a network with NTP. A restart loses it",
        )
    elif abs(off) > 600:
        found.add("clock", WARNING, f"{apart(off)}: TLS may fail", "spwf04 time --set")
    else:
        found.add("clock", OK, f"{date(facts['clock'])}, {apart(off)}")


def _network(module, facts, found):
    if not facts["joined"]:
        found.add("network", NOTE, "not joined")
        return
    rssi = module.call("rssi")
    weak = rssi < -80
    said = f"joined {output.clean(facts['ssid'])}, address {facts['address']}, {rssi} dBm"
    todo = "Move the module closer to the access point, or check its antenna" if weak else ""
    found.add("network", WARNING if weak else OK, said, todo)


def _settings(module, facts, found):
    there = module.call("settings", limit=60)
    usual_all = True
    for name, usual, what in _EXPECTED:
        value = there.get(name)
        if value not in (None, usual, usual.replace("0x2C", ",")):
            usual_all = False
            found.add(
                "settings",
                WARNING,
                f"{name} is {value}: {what}",
                "GPIO0 high at power-on restores the settings of the factory",
            )
    if usual_all:
        found.add("settings", OK, f"{len(there)} variables, none hinders the driver")


def _bundle(file, found):
    """How old a root bundle is, for roots are withdrawn each year; and whether it is whole."""
    now = int(time.time())
    try:
        bundle = Bundle(str(file))
        found.add("bundle", *bundle_age(bundle, now))
        held = contents(bundle, now)
        for words in held["damaged"]:
            found.add("bundle", FAILED, words, "Make it anew with spwf04 bundle")
        for root in held["expired"]:
            words = f"{root['subject']} expired on {date(root['not_after'])[:10]}"
            found.add("bundle", WARNING, words, "Make the bundle anew, of the CA's new root")
    except (ValueError, OSError) as e:
        found.add("bundle", FAILED, str(e.args[-1]), "Make it anew with spwf04 bundle")


def _certificates(module, facts, found):
    entries = module.call("ca_list", limit=120)
    if not entries:
        found.add(
            "certificates", NOTE, "the module shows no CA; one in the flash slot may be invisible"
        )
    for entry in entries:
        _certificate(entry["subject"] or entry["ski"], entry, "spwf04 trust HOST", found)
    own = module.call("own_certificate", limit=120)
    if own is not None:
        name = "the client certificate" + (f" {own['subject']}" if own["subject"] else "")
        _certificate(name, own, "Give the program a new one: docs/tls.md, Renewal", found)


def _certificate(name, entry, todo, found):
    where = "in the flash slot" if entry["where"] == "slot" else "in a file"
    until, days = end(entry["not_after"]), days_left(entry["not_after"])
    if days is None:
        found.add("certificates", OK, f"{name}, {where}")
    elif days < 0:
        found.add("certificates", WARNING, f"{name}, {where}, {until}", todo)
    elif days < SOON:
        found.add("certificates", NOTE, f"{name}, {where}, {until}", todo)
    else:
        found.add("certificates", OK, f"{name}, {where}, {until}")
    if entry["volatile"]:
        found.add("", NOTE, "it is on the RAM disk: a restart loses it")
