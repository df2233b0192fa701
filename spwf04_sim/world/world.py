"""What is around a module: access points, names, and where connections lead."""

from dataclasses import dataclass


@dataclass
class AccessPoint:
    """A Wi-Fi network.

    security: "open", "WEP", "WPA", "WPA2" or "WPA WPA2". lease: the address that its DHCP server
    gives, None for no DHCP server. rssi in dBm.
    """

    ssid: bytes
    password: "bytes | None" = None
    bssid: str = "98:DE:D0:EA:4C:62"
    channel: int = 6
    rssi: int = -47
    security: str = "WPA2"
    lease: "str | None" = "192.168.1.23"
    gateway: str = "192.168.1.1"
    netmask: str = "255.255.255.0"
    dns: str = "192.168.1.1"


class World:
    """Access points, names with their addresses, and where connections really lead.

    ntp: what an NTP server answers, in seconds since 1970; None if no NTP server can be reached.
    listening: {port of a server socket of the module: address on loopback where it really is}.
    deaf: addresses that do not answer a ping.
    """

    def __init__(self):
        self.access_points = []
        self.hosts = {}
        self.routes = {}
        self.ntp: "int | None" = None
        self.listening = {}
        self.deaf = set()

    def add_access_point(self, ssid, password=None, *, bssid=None, security=None, **more):
        """Add a network and return it. `more`: other fields of AccessPoint."""
        ssid = ssid.encode() if isinstance(ssid, str) else bytes(ssid)
        if isinstance(password, str):
            password = password.encode()
        if bssid is None:
            bssid = f"98:DE:D0:EA:4C:{0x62 + len(self.access_points):02X}"
        security = security or ("WPA2" if password else "open")
        point = AccessPoint(ssid, password, bssid, security=security, **more)
        self.access_points.append(point)
        return point

    def remove_access_point(self, ssid):
        """Switch a network off."""
        ssid = ssid.encode() if isinstance(ssid, str) else bytes(ssid)
        self.access_points = [p for p in self.access_points if p.ssid != ssid]

    def add_host(self, name, ip=None):
        """Make a name resolve, to `ip` or to an address that is chosen. Returns the address."""
        name = name.lower()
        if name not in self.hosts:
            self.hosts[name] = ip or f"93.184.216.{34 + len(self.hosts)}"
        return self.hosts[name]

    def route(self, host, port, target):
        """Lead connections to host (name or IPv4 address) and port to target.

        target: ("127.0.0.1", port) of a real server, or a function that returns a Peer.
        """
        ip = host if is_ipv4(host) else self.add_host(host)
        self.routes[ip, port] = target

    def resolve(self, host):
        """Return the address of a name, None if the name is unknown."""
        return host if is_ipv4(host) else self.hosts.get(host.lower())

    def target(self, ip, port):
        """Return where a connection leads, None if it is refused."""
        return self.routes.get((ip, port))


def is_ipv4(host):
    """True if host is an IPv4 address as text."""
    parts = host.split(".")
    return len(parts) == 4 and all(p.isascii() and p.isdecimal() and int(p) < 256 for p in parts)
