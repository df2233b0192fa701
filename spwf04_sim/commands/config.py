"""Utility, configuration and status commands. [c.1, f]"""

import datetime

from ..parts.variables import DEFAULTS, READ_ONLY, SECRET
from .registry import COMMANDS, command


@command("AT")
def at(module):
    return None


@command("RESET")
def reset(module):
    return "reset"


@command("HELP", 0, 1)
def help_(module, name):
    for known in sorted(COMMANDS):
        if not name or name.upper() == known:
            module.reply("AT-S.Command:AT+S." + known)


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
    if name not in DEFAULTS:
        return 4
    if name in READ_ONLY:
        return 7
    if name == "console_delimiter":
        try:
            code = int(value, 16) if len(value) > 1 else ord(value)
        except (ValueError, TypeError):
            return 7
        if not 0 < code < 256:
            return 7
        value = f"0x{code:02X}"
    if name == "wifi_ssid":
        value = value[:32]
    if name == "console_speed":
        if not value.isdecimal() or not 9600 <= int(value) <= 921600:
            return 7
        if module.quirks.speed_applies == "at once":
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
    module.wifi.wanted = True  # T8: it is on again after FCFG, WCFG and RESET
    return None


@command("STS", 0, 1)
def sts(module, name):
    values = _status(module)
    if name:
        if name not in values:
            return 4
        module.reply(f"AT-S.Var:{name}={values[name]}")
        return None
    for known, value in values.items():
        module.reply(f"AT-S.Var:{known}={value}")
    return None


def _status(module):
    up = module.wifi.ip is not None
    down = module.quirks.sts_down_ip
    return {
        "build": module.firmware + "-SPWF04S",
        "fw_version": module.version,
        "boot_version": "1.0",
        "free_heap": str(20123 - module.wifi.miniap.leaked),
        "wifi_state": str(module.wifi.state),
        "ip_from_AutoIP": str(int(module.wifi.from_auto_ip)),
        "ip_ipaddr": module.wifi.ip if up else down,
        "ip_netmask": module.wifi.netmask,
        "ip_gw": module.wifi.gateway,
        "ip_dns1": module.wifi.dns1,
        "ip_dns2": module.wifi.dns2,
    }


@command("TIME", 0, 1)
def time(module, seconds):
    if seconds:
        if not seconds.isdecimal():
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


@command("PMS", 1, 1)
def pms(module, mode):
    return None if mode in ("0", "1", "2", "3") else 7
