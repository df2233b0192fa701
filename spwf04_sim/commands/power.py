"""PMS: power modes. [c.7]"""

from .registry import command

_WIND_MS = 2  # from OK to the WIND

# {mode: the variable that allows it}
_ALLOWED = {"2": "sleep_enabled", "3": "standby_enabled"}


@command("PMS", 1, 1)
def pms(module, mode):
    """0 active, 1 power save, 2 sleep, 3 standby. Each is told by an indication."""
    quirks = module.quirks
    if mode not in ("0", "1", "2", "3"):
        return 7
    if mode in _ALLOWED and module.variables[_ALLOWED[mode]] == "0":
        if quirks.pms_disabled == "refused":
            return 7
        if quirks.pms_disabled == "ignored":
            return None
    power = module.power
    change = (power.activate, power.save, power.sleep, power.standby)[int(mode)]
    if quirks.pms_ok == "after":
        change()
        if mode == "0" and module.wifi.wanted:
            yield lambda: module.wifi.started
        return None
    module.after(_WIND_MS, change)
    return None if quirks.pms_ok == "before" else "silence"
