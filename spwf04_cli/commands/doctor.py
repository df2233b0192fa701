"""doctor: looks at the line, the module and what is on it, and ends with a verdict."""

import time
from typing import Annotated

import typer

from spwf04.commands.baudrate import RATES
from spwf04.errors import LinkLost, SPWF04Error

from .. import output
from ..checklist import FAILED, NOTE, OK, WARNING, Checklist
from ..reference.firmware import meaning
from ..session import Json, with_module
from ..times import apart, date
from ..words import told_by_driver

app = typer.Typer()

_TIMES = 5  # the whole configuration, about 2 KB, is asked for so often
_SOON = 30 * 86400
# What the driver, or its user, relies on: variable, value, and what another one does
_EXPECTED = (
    ("console_wind_off_low", "0x00000000", "hides indications that the driver needs"),
    ("console_wind_off_medium", "0x00000000", "hides indications that the driver needs"),
    ("console_wind_off_high", "0x00000000", "hides indications that the driver needs"),
    ("console_delimiter", "0x2C", "is put right by the driver at each start"),
    ("wifi_mode", "1", "makes it something else than a station: spwf04 join sets it"),
    ("sleep_enabled", "0", "lets it sleep: bytes on the UART can get lost"),
    ("standby_enabled", "0", "lets it go to standby: bytes on the UART can get lost"),
)


@app.command(epilog="Example: spwf04 doctor --port /dev/ttyUSB0")
@with_module
def doctor(
    module,
    restart: Annotated[
        bool, typer.Option("--restart", help="Restart the module too, to see that it can.")
    ] = False,
    as_json: Json = False,
):
    """Look at wiring, rate, echo, firmware, room, clock, network, settings and certificates.

    Changes nothing on the module, but its echo, which the driver switches off until the next
    restart, and what an interrupted upload of a certificate left, which is cleared. Exit code 0:
    it works, perhaps with remarks. 1: something does not. 3: no module was reached; then it says
    what came over the line instead, and what that means.
    """
    found = Checklist(as_json)
    try:
        reached = look(module, found, restart)
    except LinkLost as e:
        found.add("line", FAILED, *told_by_driver(e))
        reached = False
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
    """All checks, in their order; False if the module is not reached, LinkLost if it was lost."""
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
            found.add(name, FAILED, *told_by_driver(e))
    return True


# the line ------------------------------------------------------------------------------------
def _wiring(module, found):
    """Whether the module answers, and at which rate; what came instead."""
    heard = b""
    with output.doing("listening…"):
        for _ in range(3):  # it may be in the midst of a boot
            heard = module.call("hear", 700)
            if b"AT-S." in heard:
                break
    text = heard.decode("latin-1")
    try:
        module.call("status", "build")
    except LinkLost:
        return _no_answer(module, found, heard)
    found.add("wiring", OK, "the module answers")
    # What a driver has switched off, a restart of the module switches on again
    if "AT\r\n" in text.partition("AT-S.OK")[0]:
        found.add("echo", OK, "was on, as after a restart; the driver has switched it off")
    else:
        found.add("echo", OK, "off, as a driver leaves it")
    return True


def _no_answer(module, found, heard):
    """Whether it answers at another rate."""
    here = module.call("rate")
    for rate in [rate for rate in RATES if rate != here]:
        with output.doing(f"trying {rate} bit/s…"):
            answers = module.call("find_rate", rate, limit=30)
        if answers:
            found.add("rate", FAILED, f"it answers at {rate} bit/s, not {here}", f"--baud {rate}")
            return True
    module.call("find_rate", here, limit=30)
    found.add("wiring", FAILED, *heard_instead(heard))
    return False


def heard_instead(heard):
    """(what it means that these bytes came as the answer to AT, what to do)."""
    stripped = heard.replace(b"\r", b"").replace(b"\n", b"")
    if not heard:
        return (
            "nothing comes, at no usual rate",
            "Is it powered (3.3 V, 500 mA)? TX goes to the module's RX, RX to its TX, ground to "
            "ground. Is its reset pin held low? If RTS/CTS are set in its configuration "
            "(console_hwfc), they must be wired. GPIO9 high at power-on selects SPI",
        )
    if stripped and not stripped.replace(b"AT", b""):
        return (
            "what is sent comes back, and no answer",
            "TX and RX are connected with each other, or the adapter echoes",
        )
    if b"WIND:" in heard or b"AT-S." in heard:
        return (
            "the module speaks, but does not hear",
            "Look at the wire to the module's RX: it must be this side's TX, at 3.3 V",
        )
    if all(32 <= c < 127 or c in (9, 10, 13) for c in heard):
        shown = output.clean(heard.strip()[:60])
        return (
            f"something else answers: {shown}",
            "Is this the right port? Other modems answer AT as well; an SPWF04 says AT-S.OK",
        )
    return (
        "bytes come that make no sense, at no usual rate",
        "Is the ground connected, and the level 3.3 V? A wire that is open picks up noise",
    )


def _line(module, found):
    with output.doing("testing the line…"):
        count, other, resyncs = module.call("steadiness", _TIMES, limit=120)
    if other or resyncs:
        found.add(
            "line",
            FAILED,
            f"bytes get lost: {other} of {_TIMES} answers differed, found again {resyncs} times",
            "Shorter wires, a common ground; behind an MCU a larger receive buffer (rxbuf), or "
            "RTS/CTS, or SocketPool(radio).fit()",
        )
    else:
        found.add("line", OK, f"{count} bytes came without a loss")


def _restart(module, found):
    with output.doing("restarting the module…"):
        try:
            ms, by_line = module.call("restart", limit=60)
        except LinkLost as e:
            found.add("restart", FAILED, *told_by_driver(e))
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
        found.add("memory", WARNING if low else OK, f"{heap} bytes of heap are free")
    room = module.call("file_space")
    left, used = room["ram_left"], room["used"]
    said = f"{sum(used.values())} bytes in files"
    if left is not None:
        said += f", {left} left on the RAM disk"
    if room["said"]:
        said += f" (the module says {'; '.join(room['said'])})"
    low = left is not None and left < 2048
    found.add("room", WARNING if low else OK, said, "spwf04 ls, spwf04 rm" if low else "")
    names = [f[0] for f in module.call("file_list")]
    halves = [n for n in names if n.endswith((".new", ".ok"))]
    if halves:
        found.add("files", NOTE, "of an upload that was interrupted: " + ", ".join(halves))


def _clock(module, facts, found):
    off = facts["clock"] - int(time.time())
    if not facts["clock_set"]:
        found.add(
            "clock",
            WARNING,
            f"not set: {date(facts['clock'])}. TLS cannot work",
            "spwf04 time --set, or a network with NTP; after each restart anew",
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
    todo = "Move it closer to the access point, or look at its antenna" if weak else ""
    found.add("network", WARNING if weak else OK, said, todo)


def _settings(module, facts, found):
    there = module.call("settings", limit=60)
    odd = False
    for name, usual, what in _EXPECTED:
        value = there.get(name)
        if value not in (None, usual, usual.replace("0x2C", ",")):
            odd = True
            found.add(
                "settings",
                WARNING,
                f"{name} is {value}, which {what}",
                "The factory's settings: GPIO0 high at power-on",
            )
    if not odd:
        found.add("settings", OK, f"{len(there)} variables, none that hinders the driver")


def _certificates(module, facts, found):
    entries = module.call("ca_list", limit=120)
    now = int(time.time())
    if not entries:
        found.add("certificates", NOTE, "no CA is shown; one in the flash slot may be invisible")
    for entry in entries:
        name = entry["subject"] or entry["ski"]
        where = "in the flash slot" if entry["where"] == "slot" else "in a file"
        until = entry["not_after"]
        if until is None:
            found.add("certificates", OK, f"{name}, {where}")
        elif until < now:
            found.add("certificates", WARNING, f"{name} ended {date(until)}", "spwf04 trust HOST")
        else:
            state = NOTE if until < now + _SOON else OK
            found.add("certificates", state, f"{name}, {where}, until {date(until)}")
        if entry["volatile"]:
            found.add("", NOTE, "on the RAM disk: gone after a restart of the module")
