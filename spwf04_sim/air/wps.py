"""WPS: a network gives the module its name and its key. [c.3, d]

Only the names of WIND 81 and 82 are known: the module has made its keys, and nobody has answered
in time. Success has no indication of its own: the module joins.
"""

from .addresses import number

_OVERLAP = 2  # access points whose button is pressed: WPS then gives nothing to anybody
_KINDS = {"open": "0", "WEP": "1"}


class Wps:
    """The WPS client of a SimulatedModule. running: it looks for an access point."""

    def __init__(self, module):
        self._module = module
        self._number = 0  # what a timer of an earlier attempt would do is void
        self.running = False

    def stop(self):
        """Give up."""
        self._number += 1
        self.running = False

    def start(self, pin):
        """Look for an access point whose button is pressed, or that has this PIN."""
        module = self._module
        self.stop()
        self.running = True
        seconds = number(module.variables["wifi_wps_walk_time"], 120)
        module.wind(81, "WPS Generated DH Keyset")
        self._look(self._number, pin, module.clock.now() + seconds)

    def _look(self, attempt, pin, end):
        if attempt == self._number:
            self._module.wind(21, "WiFi Scanning")
            self._module.after(self._module.timing.scan, self._looked, attempt, pin, end)

    def _looked(self, attempt, pin, end):
        if attempt != self._number:
            return
        module = self._module
        module.wind(35, "WiFi Scan Complete:00")
        heard = [p for p in module.world.access_points if p.heard]
        found = [p for p in heard if (p.wps_pin == pin if pin else p.button)]
        if found and len(found) < _OVERLAP:
            module.after(module.timing.join, self._taken, attempt, found[0])
        elif module.clock.now() < end:
            module.after(module.timing.retry, self._look, attempt, pin, end)
        else:
            self.stop()
            module.wind(82, "WPS Enrollment Attempt Timed Out")
            module.wifi.search()

    def _taken(self, attempt, point):
        """The access point has told its name and key: they become the configuration."""
        if attempt != self._number:
            return
        self.stop()
        point.button = False
        variables = self._module.variables
        text = point.ssid.decode("utf-8", "surrogateescape")
        variables["wifi_ssid"], variables["wifi_ssid_len"] = text, str(len(point.ssid))
        variables["wifi_mode"], variables["wifi_auth_type"] = "1", "0"
        variables["wifi_priv_mode"] = _KINDS.get(point.security, "2")
        if point.security not in _KINDS:
            key = (point.password or b"").decode("utf-8", "surrogateescape")
            variables["wifi_wpa_psk_text"] = key
        self._module.wifi.search()
