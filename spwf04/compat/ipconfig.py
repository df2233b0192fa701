"""ipconfig() of MicroPython's network, over SPWF04.ifconfig()."""

from ..commands.status import ipv4

_VARIABLES = ("ip_ipaddr", "ip_netmask", "ip_gw", "ip_dns1")


def ipconfig(radio, *names, **values):
    """WLAN.ipconfig()"""
    if (names and values) or len(names) + len(values) == 0:
        raise TypeError("ipconfig() asks for one value, or sets some")
    if names:
        if len(names) > 1 or not isinstance(names[0], str):
            raise TypeError("ipconfig() takes one name, a str")
        return _asked(radio, names[0])
    for name in values:
        if name not in ("addr4", "gw4", "dhcp4"):
            raise ValueError("ipconfig() sets addr4, gw4, dhcp4")
    dhcp = values.get("dhcp4")
    if dhcp is not None:
        from ..checks import flag

        if flag(dhcp, "dhcp4"):
            if len(values) > 1:
                raise ValueError("dhcp4=True leaves no address to be set")
            return radio.ifconfig("dhcp")
    # What was set, not what DHCP gave
    address, netmask, gateway, dns = [radio.get(name) for name in _VARIABLES]
    if "addr4" in values:
        address, netmask = _pair(values["addr4"])
    radio.ifconfig((address, netmask, values.get("gw4", gateway), dns))
    return None


def shared(radio, *names, **values):
    """network.ipconfig()"""
    if names == ("dns",) and not values:
        return radio.ifconfig()[3]
    if names or [name for name in values if name not in ("dns", "prefer")]:
        raise ValueError("ipconfig() knows dns and prefer")
    if values.get("prefer", 4) != 4:
        raise ValueError("prefer must be 4: the module looks names up in IPv4 alone")
    if "dns" in values:
        radio.set("ip_dns1", ipv4(values["dns"], "dns"))
    return None


def _asked(radio, name):
    if name == "addr4":
        return radio.ifconfig()[:2]
    if name == "gw4":
        return radio.ifconfig()[2]
    if name == "dhcp4":
        return radio.get("ip_use_dhcpc") == "1"
    if name == "has_dhcp4":
        return radio.isconnected() and radio.config("dhcp") == "dhcp"
    if name == "addr6":
        return [(address, 1, 0, 0) for address in radio.ipv6_addresses()]
    raise ValueError("ipconfig() tells addr4, gw4, dhcp4, has_dhcp4, addr6")


def _pair(value):
    """(address, netmask) of "address/bits" or of a pair."""
    if not isinstance(value, str):
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise TypeError('addr4 must be "address/bits", or (address, netmask)')
        return value[0], value[1]
    address, _, bits = value.partition("/")
    if not bits.isdigit() or not 0 < len(bits) < 3 or int(bits) > 32:
        raise ValueError('addr4 must be "address/bits" with 0 to 32 bits')
    mask = 0xFFFFFFFF << 32 - int(bits) & 0xFFFFFFFF
    parts = [mask >> shift & 255 for shift in (24, 16, 8, 0)]
    return address, ".".join(["%d" % part for part in parts])
