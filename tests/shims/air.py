"""What a scenario can do to the networks around the module."""

# What is so in the simulated world alone
_USUAL = {
    "address": "192.168.1.23",
    "gateway": "192.168.1.1",
    "signal": -47,
    "firmware": "1.1.0 171117-0328fe3-SPWF04S",
    "ipv6": "fe80::280:e1ff:febd:39",
    "region": 1,
    "stored": "the network that the factory has stored",
    "mac": b"\x00\x80\xe1\xbd\x00\x39",
}


class Air:
    """Part of the Controller; its world and its module are those."""

    def usual(self, name):
        """What a scenario may expect of the simulated world and of no other."""
        return _USUAL[name]

    def add_network(self, ssid, password, security, rssi):
        """Add a network; password b"": none."""
        self.world.add_access_point(ssid, password or None, security=security, rssi=rssi)

    def set_network(self, ssid, name, value):
        """Set a field of the networks of a name."""
        for point in self.world.access_points:
            if point.ssid == ssid:
                setattr(point, name, value)

    def switch_off(self, bssid):
        """Switch one access point off."""
        for point in self.world.access_points:
            if point.bssid == bssid:
                self.world.remove_access_point(point)

    def joined_point(self):
        """Return the BSSID of the access point that the module has joined, "" for none."""
        point = self.module.wifi.point
        return point.bssid if point is not None else ""

    def admit_nobody(self, ssid):
        """Have a network refuse all stations."""
        self.set_network(ssid, "admits", set())

    def slow_radio(self, ms):
        """Have the radio start so many ms after the console from now on."""
        self.module.timing.console_to_radio = ms
