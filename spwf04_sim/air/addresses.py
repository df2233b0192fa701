"""The addresses of a module: its own settings, DHCP, Auto IP. [f.1]"""

STATIC, DHCP, AUTO_IP = "0", "1", "2"  # of ip_use_dhcpc
NONE = "0.0.0.0"


def number(text, default):
    """Return the value of a variable as an int; `default` if it is none."""
    try:
        return int(text)
    except ValueError:
        return default


class Addresses:
    """The addresses of a SimulatedModule. ip is None while it has none. While it has none, the
    others are those of the configuration."""

    def __init__(self, module):
        self._module = module
        self.clear()

    def clear(self):
        """Have no address."""
        self.ip = None
        self._told = None  # (netmask, gateway, dns1, dns2) that somebody else gave
        self.from_auto_ip = False

    def take_own(self):
        """Take the addresses of the configuration: static ones, or those of a MiniAP."""
        self.clear()
        self.ip = self._module.variables["ip_ipaddr"]

    def take_lease(self, point):
        """Take what the DHCP server of an AccessPoint gives; True if it has one."""
        ip = point.lease_for(self._module.variables["nv_wifi_macaddr"])
        if ip is None:
            return False
        self.ip = ip
        self._told = point.netmask, point.gateway, point.dns, point.dns2
        self.from_auto_ip = False
        return True

    def choose(self):
        """Choose an address of the own link: RFC 3927."""
        mac = [int(part, 16) for part in self._module.variables["nv_wifi_macaddr"].split(":")]
        self.ip = f"169.254.{1 + mac[4] % 254}.{mac[5]}"
        self._told = "255.255.0.0", NONE, NONE, NONE
        self.from_auto_ip = True

    @property
    def rest(self):
        """(netmask, gateway, dns1, dns2), each as text."""
        if self._told is not None:
            return self._told
        variables = self._module.variables
        return tuple(variables[n] for n in ("ip_netmask", "ip_gw", "ip_dns1", "ip_dns2"))

    @property
    def has_dns(self):
        """True if there is a DNS server to ask."""
        return any(server not in ("", NONE) for server in self.rest[2:])


def link_local(mac):
    """Return the IPv6 address as the module prints it: eight groups, not shortened. [d]"""
    b = [int(part, 16) for part in mac.split(":")]
    groups = [0xFE80, 0, 0, 0, (b[0] ^ 2) << 8 | b[1], b[2] << 8 | 0xFF, 0xFE00 | b[3]]
    return ":".join(f"{g:x}" for g in [*groups, b[4] << 8 | b[5]])
