"""STS: what the module tells of itself. [f.2]"""

from ..air.addresses import link_local
from ..parts.flash import CARD, RAM, USER
from .registry import command

_NO_BSSID = "00:00:00:00:00:00"  # the address of nobody


@command("STS", 0, 1)
def sts(module, name):
    values = status(module)
    if name:
        if name not in values:
            return 4
        values = {name: values[name]}
    for known, value in values.items():
        module.reply(f"AT-S.Var:{known}={value}")
    return None


def status(module):
    """Return {name: value} of all status variables, in ST's order. [f.2]"""
    return {**_system(module), **_radio(module), **_addresses(module)}


def _system(module):
    flash = module.flash
    values = {
        "build": module.firmware + "-SPWF04S",
        "fw_version": module.version,
        "boot_version": "1.0",
        "var_version": "1",  # GUESS
        "free_heap": module.heap.free(),
        "min_heap": module.heap.least(),
        "system_time": module.time,  # GUESS: seconds since 1970, as TIME takes them
        "system_uptime": module.uptime,  # GUESS: s
        "system_sleeptime": int(module.power.slept),  # GUESS: s
        "reset_reason": module.reset_reason,  # GUESS: see SimulatedModule
        "startup": 1,  # GUESS
        "random_number": module.random_number(),
        "gpio_enable": f"0x{sum(1 << n for n in range(21) if module.pins.is_set_up(n)):08X}",
        "user_fs": int(USER in flash.mounted),
        "extvol_fs": int(CARD in flash.mounted),
        "ram_fs": int(RAM in flash.mounted),  # GUESS: its place in the order
        "nv_power_cycles": flash.counts["power"],
        "nv_wdog_resets": flash.counts["watchdog"],
        "nv_reset_cycles": flash.counts["reset"],
    }
    if not module.is_since("1.1.0"):
        del values["ram_fs"]
    return values


def _radio(module):
    wifi, variables = module.wifi, module.variables
    point = wifi.point
    stations = len(wifi.stations)
    return {
        "wifi_state": wifi.state,
        "wifi_own_macaddr": variables["nv_wifi_macaddr"],
        "wifi_bssid": point.bssid if point else _NO_BSSID,
        "wifi_aid": int(point is not None),  # GUESS
        "wifi_channelnum": point.channel if point else variables["wifi_channelnum"],
        "wifi_sup_rate_mask": "0x003FFFCF" if point else "0x00000000",  # GUESS
        "wifi_bas_rate_mask": variables["wifi_bas_rate_mask"],  # GUESS
        "wifi_chan_activity": "0x00003FFF",  # GUESS
        "wifi_max_tx_power": "18",  # GUESS
        "wifi_gf_mode": "0",  # GUESS
        "wifi_reg_country": "FCC",  # GUESS
        "wifi_dtim_period": int(point is not None),  # GUESS
        "wifi_num_assoc": stations or int(point is not None),  # GUESS
    }


def _addresses(module):
    wifi, variables = module.wifi, module.variables
    return {
        "ip_from_AutoIP": int(wifi.from_auto_ip),
        "ip_ipaddr": module.quirks.sts_down_ip if wifi.ip is None else wifi.ip,
        "ip_netmask": wifi.netmask,
        "ip_gw": wifi.gateway,
        "ip_dns1": wifi.dns1,
        "ip_dns2": wifi.dns2,
        "ip_linklocal": link_local(variables["nv_wifi_macaddr"]),
        "ip_local": variables["ip_local"],
        "ip_dns1v6": variables["ip_dns1v6"],
        "ip_dns2v6": variables["ip_dns2v6"],
    }
