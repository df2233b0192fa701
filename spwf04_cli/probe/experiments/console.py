"""Console, pins, power."""

import re

from ..experiment import HAND, PINS, SERVER, Untried, experiment
from .lines import meanwhile

_STANDBY_S = 3
_SHORT = re.compile(rb"\+WIND:(\d+)(:?)")


@experiment("verbose_0")
def verbose(bench):
    """Ask for a variable at console_verbose 0."""
    bench.line.say("SCFG=console_verbose,0")
    said = bench.line.say("GCFG=console_echo")
    bench.line.say("SCFG=console_verbose,1")
    shown = [line.strip("\0") for line in said.lines if "console_echo=" in line]
    if not shown and said.ok:
        return {"verbose_0": "line"}
    words = {"AT-S.console_echo=0": "keyword", "console_echo=0": "prefix"}
    return {"verbose_0": words[shown[0]]} if shown and shown[0] in words else {}


@experiment("errs_1")
def errors(bench):
    """Get an error at console_errs 1."""
    bench.line.say("SCFG=console_errs,1")
    end = bench.line.say("SOCKQ=0").end
    bench.line.say("SCFG=console_errs,2")
    if re.fullmatch(r"AT-S\.ERROR:\d+:?", end):
        return {"errs_1": "number"}
    return {"errs_1": "text"} if re.fullmatch(r"AT-S\.ERROR:[^\d:]+", end) else {}


@experiment("winds_levels")
def winds(bench):
    """Switch the radio off at console_winds 1 and 0, and look at WIND 38."""
    shown = []
    for level in (1, 0):
        bench.line.say("WIFI=1")
        bench.line.listen(4)
        bench.line.say(f"SCFG=console_winds,{level}")
        bench.line.drain()
        bench.line.send(b"AT+S.WIFI=0\r")
        raw = bench.line.listen(2).raw
        bench.line.say("SCFG=console_winds,2")
        colons = {colon for number, colon in _SHORT.findall(raw) if number in (b"38", b"49")}
        shown.append("none" if not colons else "text" if b":" in colons else "number")
    value = "/".join(shown)
    return {"winds_levels": value} if value in ("number/none", "text/number") else {}


@experiment("repeater")
def repeater(bench):
    """Send the character that repeats a command."""
    character = bench.get("console_repeater")
    code = int(character, 16) if len(character) > 1 else ord(character or "!")
    bench.done("STS=build")
    bench.line.drain()
    bench.line.send(bytes([code]))
    if "build" in bench.line.listen(0.5).text:
        return {"repeater": "at once"}
    bench.line.send(b"\r")
    again = bench.line.listen(0.5)
    return {"repeater": "line" if "build" in again.text else "never"}


@experiment("scfg_no_number")
def no_number(bench):
    """Give a variable a text in place of a number."""
    error = bench.line.say("SCFG=wifi_mode,x").error
    return {"scfg_no_number": error} if error in (7, 33) else {}


@experiment("pms_ok")
def power_save(bench):
    """Save power: does OK come, and when?"""
    found = _power_save(bench)
    if found == "before":
        bench.note("OK comes first; a module that holds indications shows that anyway")
        return {}
    return {"pms_ok": found}


@experiment("pms_ok", needs=(SERVER,))
def power_save_first(bench):
    """The same on a module that holds no indications until a command has ended."""
    if meanwhile(bench) == {"winds": "held"}:
        raise Untried("the module holds indications until a command has ended")
    bench.restart()
    return {"pms_ok": _power_save(bench)}


def _power_save(bench):
    bench.line.drain()
    bench.line.send(b"AT+S.PMS=1\r")
    said = bench.line.listen(2)
    bench.line.send(b"AT+S.PMS=0\r")
    bench.line.wait_wind(32, 10)
    wind = said.text.find("+WIND:66")
    if wind < 0 or "AT-S.ERROR" in said.text:
        raise Untried("AT+S.PMS=1 has no indication")
    ok = said.text.find("AT-S.OK")
    return "none" if ok < 0 else "before" if ok < wind else "after"


@experiment("pms_disabled")
def not_allowed(bench):
    """Ask for standby that is not allowed."""
    bench.set("standby_enabled", 0)
    bench.set("standby_time", _STANDBY_S)
    bench.line.drain()
    bench.line.send(b"AT+S.PMS=3\r")
    said = bench.line.listen(2)
    if said.wind(67) is not None:
        bench.started()
        return {"pms_disabled": "obeyed"}
    if said.error is not None:
        return {"pms_disabled": "refused"}
    return {"pms_disabled": "ignored"} if said.ok else {}


@experiment("wake_nuls")
def standby(bench):
    """Enter standby for some seconds, and look for NULs behind the indication."""
    if not _nuls_after_standby(bench):
        return {"wake_nuls": "never"}
    return {}


@experiment("wake_nuls", "wake_wind", needs=(HAND,))
def sleep(bench):
    """Have the module sleep, and wake it by GPIO6."""
    around = bench.around
    raw = bench.line.say("GCFG", limit_s=10).raw
    bench.set("sleep_enabled", 1)
    around.press(6, 1)
    bench.line.say("PMS=2", limit_s=1)
    around.press(6, 0)
    try:
        asleep = bench.line.wait_wind(69, 30)
        bench.line.listen(0.5)
    finally:
        around.press(6, 1)
    said = bench.line.wait_wind(70, 30)
    bench.line.say("PMS=0", limit_s=2)
    bench.set("sleep_enabled", 0)
    bench.line.wait_wind(32, 10)
    if asleep.wind(69) is None or said.wind(70) is None:
        raise Untried("it did not sleep and wake up")
    numbers = [number for number, _ in said.winds]
    found = {}
    before = numbers[: numbers.index(70)][-1:]
    if before and before[0] in (53, 66):
        found["wake_wind"] = before[0]
    if b"\0" in raw:
        return found  # they stand at all line starts, and tell nothing
    woken = b"\0" in said.raw.partition(b"+WIND:70")[0]
    found["wake_nuls"] = "always" if woken else _without_sleep(bench)
    return found


def _without_sleep(bench):
    return "standby" if _nuls_after_standby(bench) else "never"


def _nuls_after_standby(bench):
    everywhere = b"\0" in bench.line.say("GCFG", limit_s=10).raw
    bench.set("sleep_enabled", 0)
    bench.set("standby_enabled", 1)
    bench.set("standby_time", _STANDBY_S)
    bench.line.drain()
    bench.line.send(b"AT+S.PMS=3\r")
    said = bench.line.wait_wind(67, 10)
    if said.wind(67) is None:
        raise Untried("it did not enter standby")
    bench.started()
    # An indication that was held back comes behind them
    return b"\0" in (said.raw.partition(b"+WIND:67")[2] if everywhere else said.raw)


@experiment("pwm_ids", needs=(PINS,))
def pwm(bench):
    """Ask for signals under the ids 0 to 4: which are taken?"""
    taken = []
    for number in range(5):
        if bench.line.say(f"PWM={number},1000,50").ok:
            taken.append(str(number))
            bench.line.say(f"PWM={number},0,50")
    value = ",".join(taken)
    return {"pwm_ids": value} if value in ("2,4", "1,2", "0,1") else {}
