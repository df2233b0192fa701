"""What a module hears of the networks around it. [c.3.1]"""

# Bits of CAPS, as 802.11 has them: 0x0001 access point, 0x0002 ad hoc, 0x0010 privacy
_WORDS = {"open": "", "WPA2-Enterprise": "WPA2 "}


def named(world, ssid):
    """Return the AccessPoints of a name, the strongest first. A hidden one answers to its name."""
    found = [p for p in world.access_points if p.ssid == ssid and p.heard]
    return sorted(found, key=lambda p: -p.rssi)


def listed(module, kind):
    """Return [(name shown, AccessPoint)] of a scan. kind: "s" lists each name once, with its
    strongest access point, "m" each MAC address once, all else everything. [c.3]"""
    found = []
    for point in module.world.access_points:
        if point.heard and (not point.hidden or module.quirks.scan_hidden != "absent"):
            found.append((_shown(module, point), point))
    if kind not in ("s", "m"):
        return found
    best = {}
    for name, point in sorted(found, key=lambda entry: -entry[1].rssi):
        best.setdefault(name if kind == "s" else point.bssid, (name, point))
    return list(best.values())


def _shown(module, point):
    if not point.hidden:
        return point.ssid
    return bytes(len(point.ssid)) if module.quirks.scan_hidden == "zeros" else b""


def line(n, name, point):
    """Return the line of a network in a scan, bytes without its end. [c.3.1]"""
    words = _WORDS.get(point.security, f"{point.security} ")
    wps = "WPS " if point.wps or point.wps_pin is not None else ""
    head = f"{n}:\t BSS {point.bssid} CHAN: {point.channel:02} RSSI: {point.rssi} SSID: '"
    return head.encode() + name + f"' CAPS: {capabilities(point)} {words}{wps}".encode()


def capabilities(point):
    """Return the capability field of an AccessPoint, four hexadecimal digits."""
    bits = 0x0420 | (2 if point.ibss else 1) | (0 if point.security == "open" else 0x10)
    return f"{bits:04X}"
