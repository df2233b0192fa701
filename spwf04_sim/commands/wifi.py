"""Radio commands. [c.3]"""

from ..air import peers, scanning
from ..air.addresses import DHCP
from ..texts import is_nobodys, is_number
from .files import write
from .net import resolve
from .registry import command

_MOST_LEAKED = 18000  # bytes. If more are lost, the radio has no room to start. GUESS


@command("WIFI", 1, 1)
def wifi(module, on):
    radio = module.wifi
    if on == "0":
        if radio.starting and module.quirks.wifi0_starting == "stalls":
            yield lambda: False  # until a reset [k.14]
        if not radio.started:
            return 18
        radio.power_off()
        return None
    if on != "1":
        return 7
    if radio.started or radio.starting:
        return 17
    if radio.miniap.leaked > _MOST_LEAKED:
        return 91  # [k.15]
    radio.power_on()
    return None


@command("SSIDTXT", 0, 1)
def ssidtxt(module, ssid):
    if not ssid:
        module.reply("AT-S.Var:wifi_ssid=" + module.variables["wifi_ssid"])
        return None
    raw = ssid.encode("utf-8", "surrogateescape")
    if len(raw) > 32:
        return 32
    module.variables["wifi_ssid"] = ssid
    module.variables["wifi_ssid_len"] = str(len(raw))
    return None


@command("SCAN", 0, 2)
def scan(module, kind, file):
    """List the networks around, or write the list to a file. [c.3.1]"""
    if kind.lower() not in ("", "d", "s", "m"):
        return 7
    error = _busy(module)
    if error:
        return error
    radio = module.wifi
    radio.scanning = True
    yield module.timing.scan
    radio.scanning = False
    found = scanning.listed(module, kind.lower())
    first = module.quirks.scan_first_index
    lines = [scanning.line(n, name, p) for n, (name, p) in enumerate(found, first)]
    module.reply(f"AT-S.Parsing Networks:{len(lines)}")
    if file:
        return (yield from write(module, file, b"".join(line + b"\r\n" for line in lines)))
    for line in lines:
        module.reply(line)
    return None


def _busy(module):
    """The error of a scan that cannot begin yet, or None."""
    radio = module.wifi
    if radio.starting:
        return module.quirks.scan_starting
    if not radio.started:
        return 18
    if radio.joining or radio.wps.running:
        return 42
    return 40 if radio.looking and module.quirks.scan_busy == "error" else None


@command("PEERS", 0, 2)
def show_peers(module, number, variable):
    table = peers.table(module)
    if not table:
        return 44
    if number and (not is_number(number) or int(number) >= len(table)):
        return module.quirks.peers_beyond or None
    if variable and variable not in peers.VARIABLES:
        return 4
    for n in [int(number)] if number else range(len(table)):
        for name in [variable] if variable else peers.VARIABLES:
            module.reply(f"AT-S.Var:{n}.{name}={table[n][name]}")
    return None


@command("WPS", 0, 1)
def wps(module, pin):
    if pin and (len(pin) != 8 or not is_number(pin)):
        return 39
    if not module.wifi.started:
        return 18
    module.after(1, module.wifi.leave_for_wps, pin)
    return None


@command("RENEW")
def renew(module):
    radio = module.wifi
    if radio.point is None or module.variables["ip_use_dhcpc"] != DHCP:
        return 61
    if radio.point.lease is None or not radio.reaches(radio.point):
        yield radio.dhcp_timeout
        return 62
    yield module.timing.dhcp
    return None if radio.point is not None and radio.renew() else 62


@command("PING", 3, 4)
def ping(module, count, size, host, version):
    if module.wifi.ip is None:
        return 44
    if not is_number(count) or not is_number(size):
        return 7
    ip, error = yield from resolve(module, host)
    if error:
        return error
    quirks, time = module.quirks, module.timing.ping
    answered = ip not in module.world.deaf and not is_nobodys(ip)
    for _ in range(int(count)):
        yield time if answered else module.timing.retry
        if answered:
            words = {"OK": "OK", "time": f"{time:.0f}", "words": f"{size} bytes from {ip}"}
            module.reply("AT-S.Ping:" + words[quirks.ping_result])
        elif quirks.ping_failure == "error":
            return 111
        else:
            module.reply("AT-S.Ping:Timeout")
    # GUESS: two more lines, of which nothing is known
    module.reply(f"AT-S.Sent:{count}")
    module.reply(f"AT-S.Received:{count if answered else 0}")
    return None
