"""Radio commands. [c.3]"""

from .registry import command


@command("WIFI", 1, 1)
def wifi(module, on):
    if on == "0":
        if not module.wifi.started:
            return 18
        module.wifi.power_off()
        return None
    if on != "1":
        return 7
    if module.wifi.started:
        return 17
    module.wifi.power_on()
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


_CAPS = {"open": "0421", "WEP": "0431"}
_WORDS = {"open": "", "WEP": "WEP ", "WPA": "WPA ", "WPA2": "WPA2 ", "WPA WPA2": "WPA WPA2 "}


@command("SCAN", 0, 2)
def scan(module, kind, file):
    if not module.wifi.started:
        return 18
    yield module.timing.scan
    points = list(module.world.access_points)
    if kind == "s":  # each name once, with its strongest access point [c.3]
        best = {}
        for point in sorted(points, key=lambda p: -p.rssi):
            best.setdefault(point.ssid, point)
        points = list(best.values())
    module.reply(f"AT-S.Parsing Networks:{len(points)}")
    for n, point in enumerate(points, module.quirks.scan_first_index):
        module.reply(
            f"{n}:\t BSS {point.bssid} CHAN: {point.channel:02} RSSI: {point.rssi} ".encode()
            + b"SSID: '"
            + point.ssid
            + f"' CAPS: {_CAPS.get(point.security, '0431')} {_WORDS[point.security]}".encode()
        )
    return None


@command("PEERS", 0, 2)
def peers(module, number, variable):
    point = module.wifi.point
    if point is None:
        return 44
    values = {"link_id": "0", "addr": point.bssid, "rx_rssi": str(point.rssi)}
    if variable and variable not in values:
        return 4
    for name, value in values.items():
        if variable in ("", name):
            module.reply(f"AT-S.Var:{number or 0}.{name}={value}")
    return None


@command("RENEW")
def renew(module):
    yield module.timing.dhcp
    return None if module.wifi.ip else 61


@command("PING", 3, 4)
def ping(module, count, size, host, version):
    if module.wifi.ip is None:
        return 44
    if not count.isdecimal() or not size.isdecimal():
        return 7
    yield module.timing.dns
    ip = module.world.resolve(host)
    if ip is None:
        return 65
    quirks, time = module.quirks, module.timing.ping
    answered = ip not in module.world.deaf
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
