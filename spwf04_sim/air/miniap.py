"""The network that a module makes itself, and the stations in it. [d, k.15, T8]"""

from dataclasses import dataclass

from ..texts import ip_after
from .addresses import number
from .security import raw, wep_key

_OPEN, _WEP, _WPA = "0", "1", "2"  # of wifi_priv_mode
_SHOWN_COLD = 6  # bytes of its name [T8]
_NO_FILTER = "00:00:00:00:00:00"
_LEAK = 2048  # bytes, GUESS [k.15]


@dataclass
class Station:
    """A station of a MiniAP. ip: None if it has no address. rssi in dBm. quiet: it sends nothing,
    so that it is sent away after wifi_ap_idle_timeout seconds."""

    mac: str
    ip: "str | None" = None
    rssi: int = -50
    quiet: bool = False


class MiniAp:
    """The MiniAP of a SimulatedModule. running: it has started. beacon: the name that it tells.
    key: what a station must know, None if it is open. stations: those in it. leaked: bytes of the
    module's memory that are lost until a restart."""

    def __init__(self, module):
        self._module = module
        self.restart()

    def restart(self):
        """Forget everything: the module restarts."""
        self.running = False
        self.stations = []
        self.beacon = b""
        self.key = None
        self.leaked = 0

    def closed(self, cold):
        """True if it will ask for a key of WPA. cold: it starts before the radio had started in
        this boot; firmware 1.1.0 then opens it. [k.15]"""
        module = self._module
        if not module.is_since("1.1.0") or module.variables["wifi_priv_mode"] != _WPA:
            return False  # [k.15]
        if cold and module.quirks.miniap_cold == "open":
            return False
        return module.variables["wifi_wpa_psk_text"] != ""

    def start(self, cold):
        """Start it; True if it has started, with WIND 26, else WIND 27."""
        module = self._module
        ssid = raw(module.variables["wifi_ssid"])
        self.key = None
        if self.closed(cold):
            self.key = raw(module.variables["wifi_wpa_psk_text"])
            if not 8 <= len(self.key) <= 64:
                module.wind(50, "WPA Start Failed")
                module.wind(27, "AP Start Failed")
                return False
        elif module.variables["wifi_priv_mode"] == _WEP and module.is_since("1.1.0"):
            self.key = wep_key(module.variables)[1]
            if self.key is None:
                module.wind(18, "Keytype Not Implemented")
                module.wind(27, "AP Start Failed")
                return False
        broken = self.closed(False) and not self.closed(cold)
        self.beacon = ssid[:_SHOWN_COLD] if broken else ssid
        self.running = True
        module.wind(26, b"Started AP:" + ssid)
        for guest in module.world.guests:
            if guest.ssid == self.beacon:
                module.after(module.timing.join, self._comes, guest)
        return True

    def _comes(self, guest):
        if self.running and guest.ssid == self.beacon:
            self.joins(guest.mac, guest.ip, guest.password, None, guest.quiet, guest.rssi)

    def stop(self):
        """Switch it off."""
        if self.running and self._module.is_since("1.1.0"):
            self.leaked += _LEAK
        self.running = False
        self.stations = []

    # stations --------------------------------------------------------------------------------
    def joins(self, mac, ip, password, ssid, quiet, rssi):
        """A station wants to join; return the Station, or None if it does not get in.

        ConnectionRefusedError if no network of that name runs.
        """
        module = self._module
        mac = mac.upper()
        if not self.running or (ssid is not None and ssid != self.beacon):
            raise ConnectionRefusedError("the module has no such MiniAP")
        if not self._admits(mac):
            return None
        if self.key is not None and password != self.key:
            if module.quirks.miniap_wrong_key == "28,72":
                module.wind(28, f"Station Associated:{mac}:0")
                module.after(module.timing.join, module.wind, 72, _gone(mac))
            return None
        self.stations = [s for s in self.stations if s.mac != mac]
        station = Station(mac, ip, rssi, quiet)
        self.stations.append(station)
        module.wind(28, f"Station Associated:{mac}:0")
        if module.variables["ip_use_dhcpd"] == "1":
            module.after(module.timing.dhcp, self._lease, station)
        idle = number(module.variables["wifi_ap_idle_timeout"], 0)
        if quiet and idle > 0:
            module.after(idle * 1000, self._sent_away, station)
        return station

    def leaves(self, mac):
        """A station leaves. ValueError if it is not there."""
        for station in self.stations:
            if station.mac == mac.upper():
                self._sent_away(station)
                return
        raise ValueError(f"no station {mac}")

    def _sent_away(self, station):
        if any(s is station for s in self.stations):
            self.stations = [s for s in self.stations if s is not station]
            self._module.wind(72, _gone(station.mac))

    def _admits(self, mac):
        module = self._module
        listed = module.variables["ip_macfilter"].upper()
        if listed in ("", _NO_FILTER):
            return True
        return (mac == listed) == (module.quirks.macfilter == "admits")

    def _lease(self, station):
        """Its DHCP server gives an address: WIND 29."""
        module = self._module
        if not any(s is station for s in self.stations):
            return
        others = {s.ip for s in self.stations if s is not station and s.ip is not None}
        # GUESS: that ip_num_clients is the number of addresses
        if len(others) >= number(module.variables["ip_num_clients"], 5):
            return
        if station.ip is None:
            taken = {*others, module.wifi.ip}
            first = ".".join([*module.variables["ip_ipaddr"].split(".")[:3], "2"])  # [T6]
            free = (a for n in range(254) if (a := ip_after(first, n)) not in taken)
            station.ip = next(free, None)
            if station.ip is None:
                return
        mac = ":" + station.mac if module.is_since("1.1.0") else ""  # [d]
        module.wind(29, f"DHCP Reply:{station.ip}{mac}")


def _gone(mac):
    return "Station Disassociated:" + mac
