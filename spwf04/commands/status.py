"""What the radio tells of itself: status, signal, addresses, names."""

from ..arguments import argument
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno
from .config import get, set_

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
            return rssi(radio)
        raise ValueError("status() knows 'rssi'")
    if radio.isconnected():
        return STAT_GOT_IP
    counts = radio.indications  # since join() set them to 0
    if counts[40] + counts[41] >= 3:
        return STAT_WRONG_PASSWORD
    if counts[85]:
        return STAT_CONNECT_FAIL
    if counts[35] >= 3:
        return STAT_NO_AP_FOUND
    return STAT_CONNECTING if radio.stage else STAT_IDLE


def ifconfig(radio, addresses=None):
    """SPWF04.ifconfig()"""
    if addresses is None:
        address, netmask, gateway, dns = [_told(radio, name) for name in _ADDRESSES]
        return address, netmask, gateway, dns
    if isinstance(addresses, str) and addresses == "dhcp":
        set_(radio, "ip_use_dhcpc", 1)
        return None
    if not isinstance(addresses, (tuple, list)) or len(addresses) != 4:
        raise ValueError("ifconfig() takes address, netmask, gateway, DNS server")
    addresses = [four_numbers(address) for address in addresses]
    set_(radio, "ip_use_dhcpc", 0)
    for name, address in zip(_ADDRESSES, addresses):
        set_(radio, name, address)
    return None


def four_numbers(value):
    """Return an IPv4 address as bytes; ValueError, TypeError."""
    value = argument(value, "address", 15)
    parts = value.split(b".")
    if len(parts) != 4 or not all([p.isdigit() and int(p) < 256 for p in parts]):
        raise ValueError("address must be an IPv4 address: four numbers of 0 to 255")
    return value


def _told(radio, name):
    for command in ("STS", "GCFG"):
        try:
            return get(radio, name, command)
        except ModuleError as e:
            if e.code != 4:
                raise
    return "0.0.0.0"


def rssi(radio):
    """SPWF04.rssi"""
    values = []

    def on_line(parser):  # AT-S.Var:0.rx_rssi=-47 [c.3]
        values.append(parser.text().split("=")[-1])

    radio.channel.command(b"AT+S.PEERS=0,rx_rssi\r", None, 3000, on_line)
    try:
        return int(values[0])
    except (IndexError, ValueError):
        pass
    raise _not_told("signal strength")


def mac_address(radio):
    """SPWF04.mac_address"""
    try:
        return bytes([int(part, 16) for part in get(radio, "nv_wifi_macaddr").split(":")])
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
        if name not in ("hostname", "pm", "txpower"):
            raise ValueError("config() does not know that name")
    if names and values:
        raise TypeError("config() asks for one value, or sets some")
    if values:
        if "hostname" in values:
            set_(radio, "ip_hostname", values["hostname"])
        return None
    name = argument(names[0], "name") if len(names) == 1 else b""
    if name == b"mac":
        return mac_address(radio)
    if name in (b"ssid", b"essid"):
        return text(radio.ssid or b"")
    if name == b"hostname":
        return radio.hostname
    raise ValueError("config() knows mac, ssid, hostname")


def text(ssid):
    """Return a network's name as str. If it is not UTF-8, each of its bytes is a character."""
    try:
        return ssid.decode()
    except UnicodeError:
        return "".join([chr(c) for c in ssid])
