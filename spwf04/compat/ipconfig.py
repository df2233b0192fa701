"""ipconfig() of MicroPython's network, over SPWF04.ifconfig()."""

from ..arguments import argument
from ..checks import flag, integer
from ..commands.status import ipv4

_VARIABLES = ("ip_ipaddr", "ip_netmask", "ip_gw", "ip_dns1")


def _one(names, values):
    """The name that is asked for, as bytes; None if some are set. TypeError."""
    if (names and values) or len(names) > 1 or not (names or values):
        raise TypeError("ipconfig() asks for one value, or sets some")
    return argument(names[0], "name") if names else None


def ipconfig(radio, *names, **values):
    """WLAN.ipconfig()"""
    asked = _one(names, values)
    if asked is not None:
        return _asked(radio, asked)
    for name in values:
        if name not in ("addr4", "gw4", "dhcp4"):
            raise ValueError("ipconfig() sets addr4, gw4, dhcp4")
    dhcp = values.get("dhcp4")
    if dhcp is not None:
        if flag(dhcp, "dhcp4"):
            if len(values) > 1:
                raise ValueError("dhcp4=True leaves no address to be set")
            return radio.ifconfig("dhcp")
    own = _pair(values["addr4"]) if "addr4" in values else ()
    if "gw4" in values:
        ipv4(values["gw4"], "gw4")
    # What was set, not what DHCP gave
    address, netmask, gateway, dns = [radio.get(name) for name in _VARIABLES]
    if own:
        address, netmask = own
    radio.ifconfig((address, netmask, values.get("gw4", gateway), dns))
    return None


def shared(radio, *names, **values):
    """network.ipconfig()"""
    asked = _one(names, values)
    if asked == b"dns":
        return radio.ifconfig()[3]
    if asked is not None or [name for name in values if name not in ("dns", "prefer")]:
        raise ValueError("ipconfig() knows dns and prefer")
    integer(values.get("prefer", 4), "prefer", 4, 4)  # the module looks names up in IPv4 alone
    if "dns" in values:
        radio.set("ip_dns1", ipv4(values["dns"], "dns"))
    return None


def _asked(radio, name):
    if name == b"addr4":
        return radio.ifconfig()[:2]
    if name == b"gw4":
        return radio.ifconfig()[2]
    if name == b"dhcp4":
        return radio.get("ip_use_dhcpc") == "1"
    if name == b"has_dhcp4":
        return radio.isconnected() and radio.config("dhcp") == "dhcp"
    if name == b"addr6":
        return [(address, 1, 0, 0) for address in radio.ipv6_addresses()]
    raise ValueError("ipconfig() tells addr4, gw4, dhcp4, has_dhcp4, addr6")


def _pair(value):
    """(address, netmask) of "address/bits" or of a pair, as bytes."""
    if not isinstance(value, str):
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise TypeError('addr4 must be "address/bits", or (address, netmask)')
        return [ipv4(part, "addr4") for part in value]
    address, _, bits = argument(value, "addr4", 18).partition(b"/")
    if not bits.isdigit() or not 0 < len(bits) < 3 or int(bits) > 32:
        raise ValueError('addr4 must be "address/bits" with 0 to 32 bits')
    mask = 0xFFFFFFFF << (32 - int(bits)) & 0xFFFFFFFF
    parts = [mask >> shift & 255 for shift in (24, 16, 8, 0)]
    return ipv4(address, "addr4"), "%d.%d.%d.%d" % tuple(parts)
