"""CircuitPython's wifi.Radio: the radio with that class's other names."""

from ..const import const
from ..radio import SPWF04

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Iterator


class WifiModule:
    """`import wifi` imports it. See compat.install()."""

    def __init__(self, radio):
        if not isinstance(radio, Radio):
            raise ValueError('install() with "wifi" needs a radio made by spwf04.Radio(uart)')
        self.radio = radio
        self.Radio = Radio
        self.Network = Network


class Network:
    """A network in reach: ssid (str), bssid (bytes), rssi (dBm), channel, authmode.

    An ssid that is not UTF-8 has a character for each byte. Join such a network by the bytes that
    scan() returns.
    """

    def __init__(self, found):
        from ..commands.status import text

        self.ssid = text(found[0])
        self.bssid, self.channel, self.rssi, self.authmode = found[1:5]


class Station:
    """A station in the module's own network: mac_address (bytes), rssi (dBm or None) and
    ipv4_address (str or None)."""

    def __init__(self, mac, rssi, address):
        self.mac_address = mac
        self.rssi = rssi
        self.ipv4_address = address


class Radio(SPWF04):
    """An SPWF04 that also has the names of wifi.Radio.

    adafruit_connection_manager.get_radio_socketpool() looks at the name of its class, and works
    after compat.install(radio, ("socketpool", "ssl")).
    """

    _enabled = True

    @property
    def connected(self) -> bool:
        """True while joined to a network of others."""
        return self.ap is None and self.isconnected()

    @property
    def enabled(self) -> bool:
        """Whether the radio is in use. Setting it to False leaves the network."""
        return self._enabled

    @enabled.setter
    def enabled(self, value):
        from ..checks import flag

        value = flag(value, "enabled")
        if self._enabled and not value:
            self.disconnect()
        self._enabled = value

    def connect(
        self, ssid=None, password=None, *, key=None, channel=0, bssid=None, timeout=None, **how
    ) -> None:
        """As SPWF04.connect(). timeout: seconds; None or 0: 30, by WPS 130. channel, bssid: no
        effect, the module chooses the access point. SPWF04Error while ap_active is True."""
        if self.ap is not None:
            raise _one_at_a_time()
        if isinstance(timeout, (int, float)):
            timeout = timeout or None
        SPWF04.connect(self, ssid, password, key=key, timeout=timeout, **how)  # pyright: ignore

    def ping(self, ip, *, timeout=0.5) -> "float | None":  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the seconds until a host answered, None if it did not. ip: name or address, a str
        or an object whose str() is that. timeout: seconds."""
        from ..checks import shown

        reply = SPWF04.ping(self, shown(ip, "ip"), timeout=timeout)
        return None if reply.answered is False else reply.ms / 1000

    def start_scanning_networks(self, *, start_channel=1, stop_channel=11) -> "Iterator[Network]":
        """Return an iterator over the networks in reach, Network objects. It waits for a whole
        scan. start_channel and stop_channel have no effect."""
        return iter([Network(found) for found in self.scan()])

    def stop_scanning_networks(self) -> None:
        """Nothing to do: a scan is over when start_scanning_networks() returns."""

    @property
    def ap_info(self) -> "Network | None":
        """The network that is joined as a Network, or None. It scans, which takes seconds."""
        if not self.connected:
            return None
        ssid = self.config("ssid")
        for network in self.start_scanning_networks():
            if network.ssid == ssid:
                return network
        return None

    @property
    def hostname(self) -> str:
        """The name that the DHCP server is told. Set it before connect()."""
        return self.get("ip_hostname")

    @hostname.setter
    def hostname(self, name):
        self.config(hostname=name)

    @property
    def addresses(self) -> "tuple[str, ...]":
        """The IPv4 address and the IPv6 addresses as str; () while not joined."""
        ip = self.ipv4_address
        return (ip,) + tuple(self.ipv6_addresses()) if ip is not None else ()

    @property
    def ipv4_address(self) -> "str | None":
        """The module's address as str, None while it is not joined to a network of others."""
        return self.ip if self.connected else None

    @property
    def ipv4_gateway(self) -> "str | None":
        """The gateway's address as str, None while not joined."""
        return self.ifconfig()[2] if self.connected else None

    @property
    def ipv4_subnet(self) -> "str | None":
        """The netmask as str, None while not joined."""
        return self.ifconfig()[1] if self.connected else None

    @property
    def ipv4_dns(self) -> "str | None":
        """The DNS server's address as str, None while not joined."""
        return self.ifconfig()[3] if self.connected else None

    def set_ipv4_address(self, *, ipv4, netmask, gateway, ipv4_dns=None) -> None:
        """Set a fixed address, before connect().

        ipv4, netmask, gateway, ipv4_dns: each a str, or an object whose str() is that; ipv4_dns
        None: the gateway.
        """
        from ..checks import shown

        gateway = shown(gateway, "gateway")
        dns = gateway if ipv4_dns is None else shown(ipv4_dns, "ipv4_dns")
        self.ifconfig((shown(ipv4, "ipv4"), shown(netmask, "netmask"), gateway, dns))

    def start_dhcp(self, *, ipv4=True, ipv6=False) -> None:
        """Get the address by DHCP again, from the next connect() on. ipv4 and ipv6 have no
        effect."""
        self.ifconfig("dhcp")

    # a network of its own --------------------------------------------------------------------
    def start_ap(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, ssid, password=b"", *, channel=1, authmode=(), max_connections=4
    ) -> None:
        """As SPWF04.start_ap(). max_connections: how many addresses the module gives; None: as
        before. authmode has no effect: a network with a password is closed, and one without is
        open. SPWF04Error while connected is True. ValueError, TypeError."""
        from ..commands.accesspoint import checked, start

        checked(ssid, password, channel, max_connections)
        if authmode and not password:
            raise ValueError("password must be given beside authmode")
        if self.connected:
            raise _one_at_a_time()
        self.channel.take(start(self, ssid, password, channel, 20, max_connections))

    @property
    def ap_active(self) -> bool:
        """True while the module makes a network of its own."""
        return self.ap is not None

    @property
    def stations_ap(self) -> "list[Station]":
        """The stations in the module's own network: Station objects. It asks the module."""
        from ..commands.accesspoint import with_signal

        return [Station(*found) for found in self.channel.take(with_signal(self))]

    @property
    def ipv4_address_ap(self) -> "str | None":
        """The module's address in its own network as str; None while there is none."""
        return self.ip if self.ap is not None else None

    @property
    def ipv4_gateway_ap(self) -> "str | None":
        """The gateway of its own network as str; None while there is none."""
        return self.ifconfig()[2] if self.ap is not None else None

    @property
    def ipv4_subnet_ap(self) -> "str | None":
        """The netmask of its own network as str; None while there is none."""
        return self.ifconfig()[1] if self.ap is not None else None

    @property
    def mac_address_ap(self) -> bytes:
        """The module's MAC address, 6 bytes: it has one."""
        return self.mac_address

    def set_ipv4_address_ap(self, *, ipv4, netmask, gateway) -> None:
        """Set the module's address in its own network, before start_ap(). ipv4, netmask, gateway:
        each a str, or an object whose str() is that."""
        from ..checks import shown
        from ..commands.accesspoint import address

        address(self, shown(ipv4, "ipv4"), shown(netmask, "netmask"), shown(gateway, "gateway"))

    def start_dhcp_ap(self) -> None:
        """Have the module give addresses in its own network, as it does from the factory. Call it
        before start_ap()."""
        self.set("ip_use_dhcpd", 1)

    def stop_dhcp_ap(self) -> None:
        """Have the module give no addresses in its own network. Call it before start_ap()."""
        self.set("ip_use_dhcpd", 0)


def _one_at_a_time():
    from ..commands.accesspoint import one_at_a_time

    return one_at_a_time()
