"""MicroPython's network.WLAN(AP_IF): the module's own network under those names."""

from ..commands.status import STAT_GOT_IP, STAT_IDLE


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
