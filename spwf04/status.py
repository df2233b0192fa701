"""What the radio can tell of itself: status, signal, addresses, names. Imported when asked."""

from .at import argument
from .errors import ModuleError
from .parser import const

# status(), as in network.WLAN of MicroPython's rp2 port
STAT_IDLE = const(0)
STAT_CONNECTING = const(1)
STAT_GOT_IP = const(3)
STAT_CONNECT_FAIL = const(-1)
STAT_NO_AP_FOUND = const(-2)
STAT_WRONG_PASSWORD = const(-3)

_ADDRESSES = ("ip_ipaddr", "ip_netmask", "ip_gw", "ip_dns1")


def status(radio, param=None):
    """SPWF04.status()."""
    if param == "rssi":
        return radio.rssi
    if param is not None:
        raise ValueError("status() knows 'rssi'")
    if radio.isconnected():
        return STAT_GOT_IP
    if radio._refusals >= 3:
        return STAT_WRONG_PASSWORD
    if radio._no_lease:
        return STAT_CONNECT_FAIL
    if radio._scans >= 3:
        return STAT_NO_AP_FOUND
    return STAT_CONNECTING if radio._stage else STAT_IDLE


def attribute(radio, name):
    """What SPWF04.__getattr__() gives.

    rssi: dBm, negative. mac_address: 6 bytes. firmware: version and build. hostname: str.
    """
    if name == "TLS_MODE":
        return 2  # for adafruit_connection_manager.create_fake_ssl_context()
    if name == "ntp":
        from .epoch import ntp

        return lambda timeout=10: ntp(radio, int(timeout * 1000))
    if name == "rssi":
        return _rssi(radio)
    if name == "mac_address":
        text = radio.get("nv_wifi_macaddr")
        return bytes([int(part, 16) for part in text.split(":")])
    if name == "firmware":
        return radio.get("fw_version", "STS") + " " + radio.get("build", "STS")
    if name == "hostname":
        return radio.get("ip_hostname")
    raise AttributeError(name)


def _rssi(radio):
    values = []

    def on_line(parser):  # AT-S.Var:0.rx_rssi=-47 [c.3]
        values.append(parser.text().split("=")[-1])

    radio.channel.command(b"AT+S.PEERS=0,rx_rssi\r", None, 3000, on_line)
    return int(values[0])


def ifconfig(radio, addresses):
    """SPWF04.ifconfig()."""
    if addresses is None:
        return tuple([_known(radio, name) for name in _ADDRESSES])
    if addresses == "dhcp":
        radio.set("ip_use_dhcpc", 1)
        return None
    if len(addresses) != 4:
        raise ValueError("ifconfig() takes address, netmask, gateway, DNS server")
    for address in addresses:
        parts = argument(address, "address").decode().split(".")
        if len(parts) != 4 or not all([p.isdigit() and int(p) < 256 for p in parts]):
            raise ValueError("not an IPv4 address")
    radio.set("ip_use_dhcpc", 0)
    for name, address in zip(_ADDRESSES, addresses):
        radio.set(name, address)
    return None


def _known(radio, name):
    for command in ("STS", "GCFG"):
        try:
            return radio.get(name, command)
        except ModuleError as e:
            if e.code != 4:
                raise
    return "0.0.0.0"


def config(radio, names, values):
    """SPWF04.config()."""
    for name in values:
        if name == "hostname":
            radio.set("ip_hostname", values[name])
        elif name not in ("pm", "txpower"):
            raise ValueError("config() does not know " + name)
    if values:
        return None
    if names == ("mac",):
        return radio.mac_address
    if names in (("ssid",), ("essid",)):
        return (radio._ssid or b"").decode()
    if names == ("hostname",):
        return radio.hostname
    raise ValueError("config() knows mac, ssid, hostname")
