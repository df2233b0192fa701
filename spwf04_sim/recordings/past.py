"""Derives from a log what the module was when the log begins, and what was around it.

A log does not say everything. Where it is silent the module is the usual one: firmware 1.1.0, SA,
in no network, echo as the first command shows it.
"""

import re
from dataclasses import dataclass, field

from spwf04.at import secret

from ..parts.flash import LETTERS
from ..parts.variables import DEFAULTS
from ..texts import is_ipv4
from ..world.world import AccessPoint
from .steps import LINE, WIND

_BUILD = re.compile(r"(\d{6}-[0-9a-f]{7})-SPWF04S")
_MODEL = re.compile(r"SPWF04(S[AC])")
_SCANNED = re.compile(
    r"\d+:\s+BSS (?P<mac>\S+) CHAN: (?P<channel>\d+) RSSI: (?P<rssi>-?\d+) SSID: '(?P<ssid>.*)'"
    r" CAPS: [0-9A-Fa-f]{4} ?(?P<words>.*)"
)
_JOINING = (19, 21, 25, 32, 35, 46, 51)
_BOOTING = ("RESET", "PMS", "FCFG", "FWUPDATE", "FSUPDATE")  # a boot may follow these
_FAILED = (40, 41, 75, 76, 77, 78)
_OWN_55 = "+WIND:55:Pending Data::"  # how WIND 55 of a client socket begins
_PRIV = "wifi_priv_mode"
SSID = "recorded"
KEY = "recorded key"


@dataclass
class Past:
    """What a module was when a log began.

    powered: the log begins with its boot. factory: that boot found a broken configuration. state:
    "quiet", "joining", "joined" or "off". sockets: how many are open. trusted: a CA is in the
    flash slot. own: a certificate of its own is there. loaded: it has read its certificates
    already. variables: what the factory gave to it. saved: what differs from that. files:
    {(volume, name): size in bytes}. points: the networks around it, a list of AccessPoint.
    """

    firmware: str = "171117-0328fe3"
    variant: str = "SA"
    variables: dict = field(default_factory=dict)
    saved: dict = field(default_factory=dict)
    powered: bool = False
    factory: bool = False
    state: str = "quiet"
    sockets: int = 0
    trusted: bool = False
    own: bool = False
    loaded: bool = False
    files: dict = field(default_factory=dict)
    points: list = field(default_factory=list)


def past_of(steps):
    """The Past that Steps tell of."""
    made = Past()
    winds = [s for step in steps for s in step.said if s.kind == WIND]
    _identity(made, steps, winds)
    made.powered = bool(steps[0].winds(0, 1, 13)) or _asked_at_boot(steps)
    first = steps[0].winds(1)
    made.factory = bool(first) and any(s.fields == ["1"] for s in steps[0].winds(65))
    _shown_variables(made, steps)
    _radio(made, steps)
    made.sockets = _open_sockets(steps)
    _certificates(made, steps)
    _files(made, steps)
    made.points = _points(made, steps, winds)
    if _echo_is_off(steps):
        made.saved["console_echo"] = "0"
    return made


def is_v4(said):
    """True if an indication tells an IPv4 address of the module."""
    return said.number == 24 and bool(said.fields) and is_ipv4(said.fields[-1])


def _identity(made, steps, winds):
    lines = [line for step in steps for line in step.lines if line.startswith("AT-S.Var:")]
    texts = [s.text for s in winds if s.number == 1] + lines
    build = next((m for m in map(_BUILD.search, texts) if m is not None), None)
    if build is not None:
        made.firmware = build[1]
    elif "AT-S.Var:fw_version=1.0.0" in lines:
        made.firmware = "170216-fd39c59"
    texts = [s.text for s in winds if s.number == 13] + [x for x in lines if ":nv_model=" in x]
    model = next((m for m in map(_MODEL.search, texts) if m is not None), None)
    made.variant = model[1] if model is not None else "SA"
    for said in winds:
        address = re.search(r"fe80(?::0){3}:([0-9a-f:]+)$", said.text)
        if said.number == 24 and address is not None:
            made.variables["nv_wifi_macaddr"] = _mac(address[1])
    if any(map(is_v4, winds)) and not any(":fe80:" in s.text for s in winds if s.number == 24):
        made.saved["ip_use_v6"] = "0"


def _mac(groups):
    """The MAC address in the last four groups of a link-local address."""
    b = [byte for g in groups.split(":") for byte in divmod(int(g, 16), 256)]
    return ":".join(f"{c:02X}" for c in (b[0] ^ 2, b[1], b[2], b[5], b[6], b[7]))


def _shown_variables(made, steps):
    """Take over what the module showed of its configuration before anybody changed it."""
    changed = set()
    for step in steps:
        if step.name == "FCFG":
            return
        if step.name == "SCFG":
            changed.add(step.argument(0))
        elif step.name == "SSIDTXT" and step.argument(0):
            changed |= {"wifi_ssid", "wifi_ssid_len"}
        for line in step.lines if step.name == "GCFG" else ():
            name, equals, value = line.partition(":")[2].partition("=")
            if not equals or name in changed or "*" in value or name not in DEFAULTS:
                continue
            if name == "nv_model":
                continue  # it is the variant
            if name.startswith("nv_"):
                made.variables[name] = value
            elif name == "console_delimiter" and len(value) == 1:
                continue
            elif value != DEFAULTS[name] and not secret.secret_variable(name.encode()):
                made.saved[name] = value


def _before_change(steps):
    """The indications and steps until the radio is switched, or the module restarts."""
    found, winds = [], []
    begun = 1 if _asked_at_boot(steps) else 0  # the step in which its boot shows
    for n, step in enumerate(steps):
        found.append(step)
        if step.name in ("RESET", "WIFI", "FWUPDATE", "SSIDTXT", "FCFG"):
            break
        winds += [s for s in step.said if s.kind == WIND]
        if n > begun and step.winds(0, 1):
            break
    return found, winds


def _radio(made, steps):
    first, winds = _before_change(steps)
    numbers = [s.number for s in winds]
    switch = first[-1] if first[-1].name == "WIFI" else None
    mode = "0"
    name = _name_in(s for step in steps for s in step.said)
    if 26 in numbers or 28 in numbers or 29 in numbers:
        mode = "3"
        name = next((_after(s) for s in winds if s.number == 26), SSID)
        made.saved.setdefault(_PRIV, "0")  # any station gets in
        made.state = "joined"
    elif not made.powered and _used_network(first, switch):
        mode = "1"
        made.state = "joined"
    elif 24 in numbers or set(numbers) & set(_JOINING[:3]):
        mode = "1"
        made.state = "joining"
    if switch is not None and 32 not in numbers:
        early = _started_later(steps[len(first) - 1 :])
        off = {"0": switch.error == 18 and not early, "1": switch.ok}
        if off.get(switch.argument(0)) and mode == "0":
            made.state = "off"
    elif mode == "0" and not made.powered and name and _joins_by_itself(steps):
        mode = "1"
        made.state = "joined"
    elif mode == "0" and _asked_at_boot(steps) and _joins_by_itself(steps[2:]):
        mode = "1"
        if not any(step.winds(25) for step in steps[2:] if step.name == "RESET"):
            made.saved.setdefault("wifi_ssid", "")  # it only looks around
    made.saved.setdefault("wifi_mode", mode)
    if mode != "0" or (name and not any(s.name == "SSIDTXT" for s in steps)):
        made.saved.setdefault("wifi_ssid", name or SSID)
        made.saved.setdefault("wifi_wpa_psk_text", KEY)


def _started_later(steps):
    """True if the radio starts by itself after the first of these steps, an AT+S.WIFI=0."""
    for n, step in enumerate(steps):
        if n and (step.name == "RESET" or (step.name == "WIFI" and step.argument(0) == "1")):
            return False
        if step.winds(32):
            return True
    return False


def _joins_by_itself(steps):
    """True if the module joins after the first reset, though the log does not set it to."""
    for step in steps:
        if step.name == "SCFG" and step.argument(0) == "wifi_mode":
            return False
        if step.name == "RESET" or step.winds(0, 1):
            return bool(step.winds(19, 21, 25))
    return False


def _name_in(winds):
    """The name of the first network that was joined, or None."""
    return next((_after(s) for s in winds if s.number == 25), None)


def _after(said):
    """What stands behind the words of an indication: a network's name."""
    return said.text.split(":", 3)[3] if said.text.count(":") > 2 else SSID


def _used_network(steps, switch):
    """True if the first steps show that the module is in a network."""
    for step in steps:
        numbers = [s.number for s in step.said]
        joins = next((n for n, number in enumerate(numbers) if number in _JOINING), len(numbers))
        if set(numbers[:joins]) & {33, 55, 58, 86, 88}:
            return True
        if joins < len(numbers):
            return False
        if step.reply("On") or step.reply("Reading") or step.reply("Query"):
            return True
        if step.error in (72, 74, 75, 77, 78) or step.reply("Certificate Error"):
            return True
        if step.reply("Http Client Error") or step.reply("Http Server Status Code"):
            return True
        if (step.name == "PEERS" and step.ok) or (step.name == "PING" and step.ok):
            return True
        for line in step.lines if step.name == "STS" else ():
            if line.startswith("AT-S.Var:ip_ipaddr=") and not line.endswith(("=", "=0.0.0.0")):
                return True
        if step.name == "NTP" and step.error == 66:
            return True
    return switch is not None and switch.argument(0) == "0" and bool(switch.winds(49))


def _open_sockets(steps):
    """How many sockets are open when the log begins."""
    opened, most = set(), -1
    for step in steps:
        if step.name == "RESET" or step.winds(0, 1):
            break
        used = [s.text.split(":")[4] for s in step.winds(55) if s.text.startswith(_OWN_55)]
        if step.name in ("SOCKQ", "SOCKR", "SOCKW", "SOCKC") and (
            step.ok or step.error in (33, 77, 78, 79)
        ):
            used.append(step.argument(0))
        used += [s.fields[0] for s in step.winds(58) if s.fields]
        most = max([most, *(int(n) for n in used if n.isdecimal() and n not in opened)])
        on = step.reply("On") if step.name == "SOCKON" else None
        if on is not None:
            opened.add(on.rpartition(":")[2])
    return min(most + 1, 8)


def _certificates(made, steps):
    """Take note of what must be in the flash slot, because it was used."""
    put = set()
    for step in steps:
        if step.name == "TLSCERT" and step.ok:
            put.add(step.argument(0).lower())
        if step.name == "FSC" and step.argument(0).lower().endswith(".ca"):
            put.add("ca")
        loads = [line for line in step.lines if line.startswith("AT-S.Loading:")]
        worked = secure(step) is not None and (step.ok or step.reply("Http Server Status Code"))
        known = worked or step.reply("Certificate Error") == "5"  # its name alone did not fit
        if known and not put & {"ca", "content"}:
            made.trusted = True
        if any(line.startswith("AT-S.Loading:2") for line in loads) and "cert" not in put:
            made.own = True
        if worked:
            made.loaded = not loads and not put and not made.powered
            return


def secure(step):
    """The name that a command wants to see in the server's certificate, "" for any; None if it
    opens no TLS connection."""
    host, port = step.argument(0), step.argument(1)
    if step.name == "SOCKON" and step.argument(3) not in ("", "t", "u"):
        return "" if step.argument(3) == "s" else step.argument(3)
    if step.name in ("HTTPGET", "HTTPPOST", "MQTTCONN", "WSOCKON"):
        return host if step.argument(3) not in ("", "0") else None
    if step.name == "SMTP" and step.argument(2) not in ("", "0"):
        return host if port else None
    return None


def _files(made, steps):
    written = set()
    for step in steps:
        name = step.argument(0).rpartition("/")[2]
        if step.name in ("FSC", "FSR"):
            written.update((name, step.argument(1).rpartition("/")[2]))
        for line in step.lines if step.name == "FSL" else ():
            letter, _, rest = line.removeprefix("AT-S.File:").partition("\t")
            size, _, name = rest.partition("\t")
            if letter in LETTERS and size.isdecimal() and name not in written:
                made.files[LETTERS[letter], name] = int(size)


def _asked_at_boot(steps):
    """True if the first command came during a boot, which has lost it."""
    first = steps[1] if len(steps) > 1 and not steps[0].said else None
    boots = first is not None and first.name not in _BOOTING and bool(first.said)
    return boots and first.said[0].number in (0, 1, 13) and not first.ended


def _echo_is_off(steps):
    for step in steps[2:] if _asked_at_boot(steps) else steps:
        if step.command and step.echoed is not None:
            return not step.echoed
    return False


# networks ----------------------------------------------------------------------------------------
def _points(made, steps, winds):
    found = {}
    for step in steps:
        for said in step.said if step.name == "SCAN" else ():
            match = _SCANNED.match(said.text) if said.kind == LINE else None
            if match is not None:
                point = _scanned(match)
                found.setdefault(point.bssid, point)
    bssid = "98:DE:D0:EA:4C:62"
    for said in winds:
        if said.number == 19:
            bssid = said.text.partition("Join:")[2] or bssid
        elif said.number == 25 and not any(p.ssid == _name(said) for p in found.values()):
            found[bssid] = AccessPoint(_name(said), bssid=bssid, security=_security(made, steps))
    _add_unnamed(made, steps, winds, found)
    point = next(iter(found.values()), None)
    if point is not None:
        _addresses(found.values(), steps, winds)
    return list(found.values())


def _name(said):
    return _after(said).encode("utf-8", "surrogateescape")


def _scanned(match):
    words = match["words"].split()
    kinds = " ".join(w for w in ("WPA", "WPA2") if w in words)
    security = kinds or ("WEP" if "WEP" in words else "open")
    ssid = match["ssid"].encode("utf-8", "surrogateescape")
    channel, rssi = int(match["channel"]), int(match["rssi"])
    return AccessPoint(ssid, None, match["mac"], channel, rssi, security)


def _security(made, steps):
    """The security of a network that was joined, by the last wifi_priv_mode."""
    modes = [s.argument(1) for s in steps if s.name == "SCFG" and s.argument(0) == _PRIV]
    saved = made.saved.get(_PRIV, "2")
    return {"0": "open", "1": "WEP"}.get(modes[-1] if modes else saved, "WPA2")


def _add_unnamed(made, steps, winds, found):
    """Add the network that was joined though no indication names it."""
    if made.saved.get("wifi_mode") == "3":
        return
    known = {p.ssid for p in found.values()}
    up = made.state == "joined" or any(map(is_v4, winds))
    if not up or any(s.number in (25, 26) for s in winds):
        return
    names = [s.argument(0) for s in steps if s.name == "SSIDTXT" and s.argument(0)]
    name = (names[-1] if names else made.saved.get("wifi_ssid", SSID)).encode()
    if name not in known:
        point = AccessPoint(name, security=_security(made, steps))
        found[point.bssid] = point


def _addresses(points, steps, winds):
    """Give the networks the addresses and the strength that the log shows."""
    shown = {}
    for step in steps:
        for line in step.lines if step.name in ("STS", "PEERS") else ():
            name, _, value = line.partition(":")[2].partition("=")
            shown.setdefault(name, value)
    lease = next((s.fields[-1] for s in winds if is_v4(s)), shown.get("ip_ipaddr", ""))
    for point in points:
        if is_ipv4(lease) and lease != "0.0.0.0":
            point.lease = lease
        point.gateway = shown.get("ip_gw") or point.gateway
        point.netmask = shown.get("ip_netmask") or point.netmask
        point.dns = shown.get("ip_dns1") or point.dns
        strength = shown.get("0.rx_rssi", "")
        if strength.lstrip("-").isdecimal():
            point.rssi = int(strength)
        if any(s.number == 85 for s in winds) and not any(map(is_v4, winds)):
            point.lease = None


def key_fits(winds):
    """What the next attempt to join comes to, by the indications that follow: True, False, or
    None if they do not say."""
    for said in winds:
        if said.number in _FAILED:
            return False
        if is_v4(said) or said.number == 51:
            return True
    return None
