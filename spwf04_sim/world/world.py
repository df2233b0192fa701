"""What is around a module: access points, names, and where connections lead."""

from dataclasses import dataclass, field

from ..texts import ip_after, is_ipv4

# What `security` of an AccessPoint may be
SECURITY = ("open", "WEP", "WPA", "WPA2", "WPA WPA2", "WPA2-Enterprise")

_FAINTEST = -96  # dBm; the module hears nothing weaker [T26]


@dataclass
class AccessPoint:
    """A Wi-Fi network.

    ssid: up to 32 bytes, any. security: one of SECURITY. password: of WEP the key, 5 or 13 bytes,
    or as hexadecimal digits. rssi: in dBm. lease: the address that its DHCP server gives to the
    first station, the next station gets the next; None for no DHCP server. hidden: it does not
    tell its name. ibss: it is no access point, but a station of an ad-hoc network. admits: the
    MAC addresses that it takes (as "00:80:E1:BD:00:39"), None for all. mute: it does not answer
    stations, as if they were too far. wep_index: the number of its key, 0 to 3. shared_auth:
    whether WEP stations prove the key first (True), do not (False), or may (None).

    WPA2-Enterprise: users is {identity: password}, both bytes. eap_types: the values of
    wifi_eap_type that it takes. ca: the CA of its server (DER or PEM), None if it does not matter.
    client_ca: who issues certificates for stations, None if any will do.

    WPS: wps_pin is the PIN of a station that it lets in, None for none. press_button() lets one
    station in without.
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
    dns2: str = "0.0.0.0"
    hidden: bool = False
    ibss: bool = False
    admits: "set | None" = None
    mute: bool = False
    wep_index: int = 0
    shared_auth: "bool | None" = None
    users: dict = field(default_factory=dict)
    eap_types: tuple = (0, 1, 2, 3, 4)
    ca: "bytes | None" = None
    client_ca: "bytes | None" = None
    wps: bool = False
    wps_pin: "str | None" = None
    button: bool = False  # it is pressed, and no station has used it
    leases: dict = field(default_factory=dict)  # {MAC address: how many had one before}

    def press_button(self):
        """Press its WPS button."""
        self.wps = self.button = True

    def lease_for(self, mac):
        """Return the address that its DHCP server gives to a station, None without a server."""
        if self.lease is None:
            return None
        return ip_after(self.lease, self.leases.setdefault(mac, len(self.leases)))

    @property
    def heard(self):
        """True if its signal is strong enough for a module."""
        return self.rssi >= _FAINTEST


@dataclass
class Guest:
    """A station that joins a MiniAP of its name as soon as there is one.

    password: the key that it knows. ip: the address that it wants, None for any. quiet: it sends
    nothing then. rssi in dBm.
    """

    mac: str
    ssid: bytes
    password: "bytes | None" = None
    ip: "str | None" = None
    quiet: bool = False
    rssi: int = -50


def _bytes(text):
    return text.encode() if isinstance(text, str) else bytes(text)


class World:
    """Access points, names with their addresses, and where connections really lead.

    guests: the Guests of a module's MiniAP.
    ntp: what an NTP server answers, in seconds since 1970; None if no NTP server can be reached.
    listening: {port of a server socket of the module: address on loopback where it really is}.
    deaf: addresses that do not answer a ping. silent_dns: no DNS server answers. Nobody has the
    addresses of 192.0.2.0/24: no ping to them is answered, and no question to a DNS server there.
    """

    def __init__(self):
        self.access_points = []
        self.guests = []
        self.hosts = {}
        self.routes = {}
        self.computers = set()
        self.ntp: "int | None" = None
        self.listening = {}
        self.deaf = set()
        self.silent_dns = False

    def add_access_point(self, ssid, password=None, *, bssid=None, security=None, **more):
        """Add a network and return it. `more`: other fields of AccessPoint.

        ssid, password, bssid, security: as AccessPoint has them. Names, passwords and `users` may
        be str. Without `security` a network with users is WPA2-Enterprise, one with a password
        WPA2, all else open. ValueError for a name of more than 32 bytes.
        """
        ssid = ssid.encode() if isinstance(ssid, str) else bytes(ssid)
        if len(ssid) > 32:
            raise ValueError("the name of a network has 32 bytes at most")
        if isinstance(password, str):
            password = password.encode()
        if "users" in more:
            more["users"] = {_bytes(user): _bytes(key) for user, key in more["users"].items()}
        if bssid is None:
            bssid = f"98:DE:D0:EA:4C:{0x62 + len(self.access_points) & 0xFF:02X}"
        if security is None:
            closed = "WPA2" if password else "open"
            security = "WPA2-Enterprise" if more.get("users") else closed
        point = AccessPoint(ssid, password, bssid, security=security, **more)
        self.access_points.append(point)
        return point

    def remove_access_point(self, ssid):
        """Switch a network off. ssid: an AccessPoint, or the name of all that are meant."""
        if isinstance(ssid, AccessPoint):
            self.access_points = [p for p in self.access_points if p is not ssid]
            return
        ssid = ssid.encode() if isinstance(ssid, str) else bytes(ssid)
        self.access_points = [p for p in self.access_points if p.ssid != ssid]

    def add_guest(self, mac, ssid, password=None, **more):
        """Add a station that joins MiniAPs, and return it. `more`: other fields of Guest.

        mac: its address, "00:80:E1:BD:00:39". ssid, password: of the MiniAP that it joins.
        """
        ssid = ssid.encode() if isinstance(ssid, str) else bytes(ssid)
        if isinstance(password, str):
            password = password.encode()
        self.guests.append(Guest(mac, ssid, password, **more))
        return self.guests[-1]

    def hears(self, point):
        """True if a module is in reach of this AccessPoint."""
        return point.heard and any(p is point for p in self.access_points)

    def add_host(self, name, ip=None):
        """Make a name resolve, to `ip` or to an address that is chosen. Returns the address."""
        name = name.lower()
        if name not in self.hosts:
            self.hosts[name] = ip or f"93.184.216.{34 + len(self.hosts)}"
        return self.hosts[name]

    def route(self, host, port, target):
        """Lead connections to host (name or IPv4 address) and port to target.

        target: ("127.0.0.1", port) of a real server, or a function that returns a Peer.
        TypeError if it is neither.
        """
        if not (callable(target) or (isinstance(target, (tuple, list)) and len(target) == 2)):
            raise TypeError('target is (host, port), such as ("127.0.0.1", 8443), or makes a Peer')
        ip = host if is_ipv4(host) else self.add_host(host)
        self.routes[ip, port] = target

    def resolve(self, host):
        """Return the address of a name, None if the name is unknown."""
        return host if is_ipv4(host) else self.hosts.get(host.lower())

    def place(self, port):
        """Return (address, port) of this computer where a server socket of a module listens; port
        0: any that is free. port: the module's."""
        return "127.0.0.1", 0

    def target(self, ip, port):
        """Return where a connection leads, None if it is refused."""
        if ip in self.computers:
            return self.routes.get((ip, port), (ip, port))
        return self.routes.get((ip, port))
