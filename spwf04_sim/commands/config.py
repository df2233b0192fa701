"""Utility commands, and the configuration. [c.1, f]"""

import datetime

from ..parts.variables import READ_ONLY, SECRET, checked
from ..texts import is_number
from .registry import command

_LATEST = (1 << 32) - 1  # of TIME, s since 1970. GUESS


@command("AT")
def at(module):
    return None


@command("RESET")
def reset(module):
    return "reset"


def _show(module, name, value):
    if name == "console_delimiter" and module.quirks.delimiter_format == ",":
        value = chr(int(value, 16))
    if name in SECRET and name != "aes128_key" and module.quirks.gcfg_psk == "masked":
        value = "*" * len(value)
    module.reply(f"AT-S.Var:{name}={value}")


@command("GCFG", 0, 1)
def gcfg(module, name):
    if name:
        if name not in module.variables:
            return 4
        _show(module, name, module.variables[name])
        return None
    for known, value in module.variables.items():
        _show(module, known, value)
    return None


@command("SCFG", 1, 2)
def scfg(module, name, value):
    if name not in module.factory:
        return 4
    if name in READ_ONLY:
        return 7
    value, error = checked(name, value, module.quirks.scfg_no_number)
    if value is None:
        return error
    if name == "console_speed" and module.quirks.speed_applies == "at once":
        module.after(1, module.line.set_speed, int(value))
    module.variables[name] = value
    return None


@command("WCFG")
def wcfg(module):
    yield module.timing.flash
    factory = module.factory
    if module.quirks.wifi_state_saved:
        module.flash.radio_off = not module.wifi.wanted
    module.flash.saved = {k: v for k, v in module.variables.items() if factory[k] != v}
    return None


@command("FCFG")
def fcfg(module):
    module.variables = dict(module.factory)
    if module.quirks.speed_applies == "at once":
        module.after(1, module.line.set_speed, int(module.variables["console_speed"]))
    module.wifi.wanted = True  # on again after FCFG, WCFG and RESET [T8]
    return None


@command("TIME", 0, 1)
def time(module, seconds):
    if seconds:
        if not is_number(seconds) or int(seconds) > _LATEST:
            return 7
        module.set_clock(int(seconds))
        return None
    quirks = module.quirks
    now = datetime.datetime.fromtimestamp(module.time, datetime.timezone.utc)
    s = quirks.date_separator
    day = f":{now.isoweekday()}" if quirks.date_weekday else ""
    module.reply(f"AT-S.Date:{now.year % 100:02}{s}{now.month:02}{s}{now.day:02}{day}")
    module.reply(f"AT-S.Time:{now.hour:02}{s}{now.minute:02}{s}{now.second:02}")
    return None


@command("NTP")
def ntp(module):
    if not module.quirks.ntp_command:
        return 1
    if module.wifi.ip is None:
        return 44
    if module.world.ntp is None:
        return 66
    module.after(module.timing.dns, module.wifi.ntp)
    return None
