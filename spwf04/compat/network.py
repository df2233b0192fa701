"""MicroPython's network.WLAN over the radio, for libraries that import it, see install()."""

from ..commands.status import (
    STAT_CONNECT_FAIL,
    STAT_CONNECTING,
    STAT_GOT_IP,
    STAT_IDLE,
    STAT_NO_AP_FOUND,
    STAT_WRONG_PASSWORD,
)


class NetworkModule:
    """`import network` imports it."""

    STA_IF = 0
    AP_IF = 1
    STAT_IDLE = STAT_IDLE
    STAT_CONNECTING = STAT_CONNECTING
    STAT_GOT_IP = STAT_GOT_IP
    STAT_CONNECT_FAIL = STAT_CONNECT_FAIL
    STAT_NO_AP_FOUND = STAT_NO_AP_FOUND
    STAT_WRONG_PASSWORD = STAT_WRONG_PASSWORD
    AUTH_OPEN = 0
    AUTH_WPA_PSK = 2
    AUTH_WPA2_PSK = 3
    AUTH_WPA_WPA2_PSK = 4

    def __init__(self, radio):
        self._wlan = WLAN(radio)
        self._ap = APWLAN(radio)

    def WLAN(self, interface=0) -> "WLAN | APWLAN":
        """Return the WLAN, that of the access point for AP_IF. ValueError."""
        if not isinstance(interface, int) or interface not in (0, 1):
            raise ValueError("interface must be STA_IF or AP_IF")
        return self._ap if interface else self._wlan

    def hostname(self, name=None) -> "str | None":
        """Return the name that the DHCP server is told, or set it, before connect()."""
        if name is None:
            return self._wlan.config("hostname")
        self._wlan.config(hostname=name)
        return None

    def country(self, code=None) -> "str | None":
        """Return what the module tells of its country. ValueError for a code: see
        SPWF04.config()."""
        if code is None:
            return self._wlan.config("country")
        self._wlan.config(country=code)
        return None

    def ipconfig(self, *names, **values) -> "str | None":
        """As network.ipconfig(): "dns" is the address of the DNS server, to be asked, or to be set
        before connect() beside an address of one's own; with DHCP it is the one that DHCP gives.
        The module looks names up in IPv4 alone: prefer=4."""
        from .ipconfig import shared

        return shared(self._wlan._radio, *names, **values)


class WLAN:
    """The radio with active(), and with a connect() that returns at once, as network.WLAN's.

    The other methods are the radio's.
    """

    def __init__(self, radio):
        self._radio = radio
        self._active = False

    def active(self, on=None) -> bool:
        """Switch the interface on or off. Without argument, return whether it is on."""
        if on is None:
            return self._active or self.isconnected()
        if on is not True and on is not False:
            from ..checks import flag

            on = flag(on, "on")
        if self._active and not on:
            self._radio.disconnect()
        self._active = on
        return self._active

    def connect(self, ssid=None, key=None, *, password=None, bssid=None, **how) -> None:
        """Begin to join a network; isconnected() and status() tell how it goes.

        Arguments as SPWF04.connect()'s. bssid has no effect: the module chooses the access point.
        SPWF04Error while AP_IF is active: the module cannot be both.
        """
        if self._radio.ap is not None:
            from ..commands.accesspoint import one_at_a_time

            raise one_at_a_time()
        self._active = True
        self._radio.connect(ssid, password, key=key, timeout=0, **how)

    def disconnect(self) -> None:
        """As SPWF04.disconnect()."""
        self._radio.disconnect()

    def isconnected(self) -> bool:
        """As SPWF04.isconnected(); False while AP_IF is active."""
        return self._radio.ap is None and self._radio.isconnected()

    def status(self, param=None) -> int:
        """As SPWF04.status()."""
        return self._radio.status(param)

    def scan(self, timeout=8) -> list:
        """As SPWF04.scan()."""
        return self._radio.scan(timeout)

    def ifconfig(self, addresses=None) -> "tuple[str, str, str, str] | None":
        """As SPWF04.ifconfig()."""
        return self._radio.ifconfig(addresses)

    def ipconfig(self, *names, **values):
        """As network.WLAN.ipconfig().

        ipconfig("addr4"): (address, netmask), str each. "gw4": str. "dhcp4": whether DHCP is, or
        will be, asked. "has_dhcp4": whether its address is there; False for one of 169.254.0.0/16,
        which the module chose itself. "addr6": a list of (address, state, preferred, valid), of
        which the module tells the address alone. To be set before connect(): addr4, "10.0.0.7/8"
        or (address, netmask); gw4; dhcp4=True. ValueError, TypeError.
        """
        from .ipconfig import ipconfig

        return ipconfig(self._radio, *names, **values)

    def config(self, *names, **values) -> "str | bytes | int | None":
        """As SPWF04.config()."""
        return self._radio.config(*names, **values)


class APWLAN:
    """The module's own network with the names of network.WLAN(AP_IF).

    config(ssid=…, key=…) says what active(True) starts. The module is a station or an access
    point, not both at a time.
    """

    def __init__(self, radio):
        self._radio = radio
        self._wanted = False  # active(True) came before a name
        self._settings = {"ssid": None, "key": None, "security": None, "channel": 6}

    def active(self, on=None) -> bool:
        """Start or end the network. Without argument, return whether it runs.

        Before config(ssid=…), active(True) does nothing yet: config() starts it then. Errors as
        SPWF04.start_ap(); SPWF04Error while STA_IF is connected.
        """
        if on is None:
            return self._radio.ap is not None
        from ..checks import flag

        self._wanted = flag(on, "on")
        if not self._wanted:
            self._radio.stop_ap()
        elif self._settings["ssid"] is not None and self._radio.ap is None:
            self._start()
        return self._radio.ap is not None

    def _start(self):
        ours = self._settings
        if ours["security"] and not ours["key"]:
            raise ValueError("key must be given beside security")
        radio = self._radio
        if radio.ap is None and radio.isconnected():
            from ..commands.accesspoint import one_at_a_time

            raise one_at_a_time()
        radio.start_ap(ours["ssid"], ours["key"], ours["channel"])

    def config(self, *names, **values) -> "str | bytes | int | None":
        """Return or set a property. If the network runs, it starts again with the new ones.

        names: one of ssid, essid, channel, mac, hostname. values: ssid or essid; key or password;
        security or authmode, 0 for an open network, 2 to 4 for WPA and WPA2; channel; hostname;
        pm and txpower are accepted and ignored. A network with a key is a closed one if no
        security is named. ValueError, TypeError.
        """
        if not values:
            if names == ("channel",):
                return self._settings["channel"]
            if names in (("ssid",), ("essid",)):
                return _text(self._settings["ssid"] or "")
            return self._radio.config(*names)
        if names:
            raise TypeError("config() asks for one value, or sets some")
        changes = {}
        for name, value in values.items():
            changes[_NAMES.get(name, name)] = value
        ours = {name: changes.pop(name) for name in _OURS if name in changes}
        ours = self._checked(**ours)
        if changes:
            self._radio.config(**changes)
        if ours != self._settings:
            self._settings = ours
            if ours["ssid"] is not None and (self._wanted or self._radio.ap is not None):
                self._start()
        return None

    def _checked(self, **changes):
        """The settings with these changes."""
        from ..arguments import network
        from ..checks import integer

        ours = dict(self._settings)
        ours.update(changes)
        network("-" if ours["ssid"] is None else ours["ssid"], ours["key"])
        integer(ours["channel"], "channel", 1, 13)
        security = ours["security"]
        if security is not None:
            if integer(security, "security", 0, 4) == 1:
                raise ValueError("security must not be 1: WEP protects nothing")
            if security == 0 and ours["key"]:
                raise ValueError("key must not be given beside security 0, an open network")
        return ours

    def isconnected(self) -> bool:
        """True while a station is in the network."""
        return bool(self._radio.stations())

    def status(self, param=None) -> "int | list[tuple[bytes, str | None]]":
        """Return STAT_GOT_IP while the network runs, else STAT_IDLE.

        param: None, or "stations" for what SPWF04.stations() returns instead.
        """
        if param == "stations":
            return self._radio.stations()
        if param is not None:
            raise ValueError("status() knows 'stations'")
        return STAT_IDLE if self._radio.ap is None else STAT_GOT_IP

    def ifconfig(self, addresses=None) -> "tuple[str, str, str, str] | None":
        """Return (address, netmask, gateway, DNS server) as four str, or set them.

        addresses: four str or bytes, for the next active(True); the last has no effect.
        """
        if addresses is None:
            return self._radio.ifconfig()
        from ..commands.accesspoint import address

        if not isinstance(addresses, (tuple, list)) or len(addresses) != 4:
            raise ValueError("ifconfig() takes address, netmask, gateway, DNS server")
        address(self._radio, addresses[0], addresses[1], addresses[2])
        return None


_OURS = ("ssid", "key", "security", "channel")
_NAMES = {"essid": "ssid", "password": "key", "authmode": "security"}


def _text(ssid):
    from ..commands.status import text

    return ssid if isinstance(ssid, str) else text(bytes(ssid))
