"""What the radio tells of itself: status, signal, addresses, names; as steps, see at/task.py."""

from ..arguments import argument
from ..at.exchange import Exchange
from ..checks import integer
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno
from .config import asked, get, joined, set_

# status(), as in network.WLAN of MicroPython's rp2 port
STAT_IDLE = const(0)
STAT_CONNECTING = const(1)
STAT_GOT_IP = const(3)
STAT_CONNECT_FAIL = const(-1)
STAT_NO_AP_FOUND = const(-2)
STAT_WRONG_PASSWORD = const(-3)

_ADDRESSES = ("ip_ipaddr", "ip_netmask", "ip_gw", "ip_dns1")


def status(radio, param=None):
    """SPWF04.status()"""
    if param is not None:
        if argument(param, "param") == b"rssi":
            return (yield from rssi(radio))
        raise ValueError("status() knows 'rssi'")
    if (yield from joined(radio)):
        return STAT_GOT_IP
    counts = radio.indications  # since join() set them to 0
    if counts[40] + counts[41] >= 3:
        return STAT_WRONG_PASSWORD
    if counts[85] or counts[82]:  # no address from DHCP, nobody answered by WPS
        return STAT_CONNECT_FAIL
    if counts[35] >= 3 and not counts[81]:  # WPS scans until its time is over
        return STAT_NO_AP_FOUND
    return STAT_CONNECTING if radio.stage else STAT_IDLE


def ifconfig(radio, addresses=None):
    """SPWF04.ifconfig()"""
    if addresses is None:
        found = []
        for name in _ADDRESSES:
            found.append((yield from _told(radio, name)))
        return tuple(found)
    if isinstance(addresses, str) and addresses in ("dhcp", "auto"):
        yield from set_(radio, "ip_use_dhcpc", 1 if addresses == "dhcp" else 2)  # [f.1]
        return None
    if isinstance(addresses, (tuple, list)):
        addresses = [ipv4(address) for address in addresses]
    if not isinstance(addresses, list) or len(addresses) != 4:
        raise ValueError(
            'ifconfig() takes address, netmask, gateway, DNS server; or "dhcp", or "auto"'
        )
    yield from set_(radio, "ip_use_dhcpc", 0)
    for name, address in zip(_ADDRESSES, addresses):
        yield from set_(radio, name, address)
    return None


def _method(radio):
    try:
        from .addresses import method
    except ImportError:  # a small profile lacks it
        return (yield from asked(radio, b"ip_use_dhcpc"))
    return (yield from method(radio))


def ipv4(value, name="address"):
    """Return an IPv4 address as bytes; ValueError, TypeError."""
    data = argument(value, name, 15)
    parts = data.split(b".")
    if len(parts) != 4 or not all([p.isdigit() and int(p) < 256 for p in parts]):
        raise ValueError("%s must be an IPv4 address: four numbers of 0 to 255" % name)
    return data


def _told(radio, name):
    for command in ("STS", "GCFG"):
        try:
            return (yield from get(radio, name, command))
        except ModuleError as e:
            if e.code != 4:
                raise
    return "0.0.0.0"


def rssi(radio):
    """SPWF04.rssi"""
    values = []

    def on_line(parser):  # AT-S.Var:0.rx_rssi=-47 [c.3]
        values.append(parser.text().split("=")[-1])

    exchange = Exchange(on_line)
    yield exchange.prepare(b"AT+S.PEERS=0,rx_rssi\r", None, 3000)
    radio.channel.check(exchange)
    try:
        return int(values[0])
    except (IndexError, ValueError):
        pass
    raise _not_told("signal strength")


def mac_address(radio):
    """SPWF04.mac_address"""
    told = yield from asked(radio, b"nv_wifi_macaddr")
    try:
        return bytes([int(part, 16) for part in told.split(":")])
    except ValueError:
        pass
    raise _not_told("MAC address")


def _not_told(what):
    """Return the exception for a reply that does not tell what was asked for."""
    return SPWF04Error(
        errno.EIO,
        "the module's reply does not tell its " + what,
        hint="Try again: bytes of it may have been lost on the UART",
        remedy="retry",
    )


def config(radio, *names, **values):
    """SPWF04.config()"""
    for name in values:
        if name == "country":
            raise ValueError(
                "country cannot be set by its code: ST has not published which number of region= "
                "stands for which"
            )
        if name not in ("hostname", "region", "pm", "txpower"):
            raise ValueError("config() does not know that name")
    if names and values:
        raise TypeError("config() asks for one value, or sets some")
    if values:
        hostname = values.get("hostname")
        if "hostname" in values:
            hostname = label(hostname)
        region = None
        if "region" in values:
            region = integer(values["region"], "region", 0, 255)
        if hostname is not None:
            yield from set_(radio, "ip_hostname", hostname)
        if region is not None:
            yield from set_(radio, "wifi_region", region)
        return None
    name = argument(names[0], "name") if len(names) == 1 else b""
    if name == b"mac":
        return (yield from mac_address(radio))
    if name in (b"ssid", b"essid"):
        return text(radio.ssid or b"")
    if name == b"hostname":
        return (yield from asked(radio, b"ip_hostname"))
    if name == b"country":
        return (yield from asked(radio, b"wifi_reg_country", b"STS"))
    if name == b"region":
        told = yield from asked(radio, b"wifi_region")
        return int(told) if told.isdigit() else told
    if name == b"dhcp":
        return (yield from _method(radio))
    raise ValueError("config() knows mac, ssid, hostname, dhcp, country, region")


def label(name):
    """Return a host's name as bytes: 1 to 63 letters, digits and hyphens, as DHCP takes it."""
    data = argument(name, "hostname", 63)
    good = [c for c in data if c in b"-0123456789" or 97 <= c | 32 <= 122]
    if not data or len(good) < len(data) or data.strip(b"-") != data:
        raise ValueError("hostname must be letters, digits and -, and not begin or end with -")
    return data


def text(ssid):
    """Return a network's name as str. If it is not UTF-8, each of its bytes is a character."""
    try:
        return ssid.decode()
    except UnicodeError:
        return "".join([chr(c) for c in ssid])
