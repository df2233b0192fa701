"""The radio: it scans, joins, loses the network, with the indications of the hardware. [b.2, d]"""

import datetime

# Wi-Fi states, as the suffix of OK shows them [d]
_HW_UP, _OFF, _IDLE, _SCAN, _JOIN, _READY = 0, 2, 3, 4, 6, 10


class Wifi:
    """The radio of a SimulatedModule.

    started: it is on. wanted: it is to be on, though it may not have started yet. point: the
    AccessPoint that it has joined, or None. ip: its address, or None. state: a number, see above.
    """

    def __init__(self, module):
        self._module = module
        self._attempt = 0  # what a timer of an earlier attempt to join would do is void
        self.wanted = True
        self.stop()

    def stop(self):
        """Forget everything: the radio has not started."""
        self.started = False
        self.point = None
        self.ip = None
        self.state = _HW_UP
        self._attempt += 1

    def hardware_up(self):
        """Start the radio; join, or be an access point, if the configuration says so."""
        module = self._module
        self.started = True
        self.state = _IDLE
        module.wind(32, "WiFi Hardware Started")
        if module.variables["wifi_mode"] == "1":
            self._attempt += 1
            self._scan(self._attempt)
        elif module.variables["wifi_mode"] == "3":
            module.wind(26, b"Started AP:" + self._ssid())
            self._tell_address(module.variables["ip_ipaddr"])

    def power_on(self):
        """Start the radio as AT+S.WIFI=1 does."""
        module = self._module
        self.wanted = True
        if module.variables["wifi_priv_mode"] == "2" and module.variables["wifi_mode"] == "1":
            colon = ":" if module.quirks.wind46_colon else ""
            module.after(1, module.wind, 46, "WPA Crunching PSK" + colon)
        module.after(module.timing.console_to_radio, self.hardware_up)

    def power_off(self):
        """Stop the radio as AT+S.WIFI=0 does."""
        module = self._module
        joined = self.point is not None
        self.lose()
        self.started = self.wanted = False
        self.state = _OFF
        self._attempt += 1
        if joined and module.variables["wifi_priv_mode"] == "2":
            module.after(1, module.wind, 49, "WPA terminated:0")
        module.after(2, module.wind, 38, "WiFi Powered Down")

    def lose(self):
        """Leave the network; its connections are dead."""
        self.point = self.ip = None
        self._module.network_gone()

    def drop(self, back_ms):
        """Lose the access point, and join again after so many ms."""
        if self.point is None:
            return
        self.lose()
        self.state = _IDLE
        self._attempt += 1
        self._module.wind(33, "WiFi Network Lost")
        self._module.after(back_ms, self._scan, self._attempt)

    def _ssid(self):
        return self._module.variables["wifi_ssid"].encode("utf-8", "surrogateescape")

    def _scan(self, attempt):
        if attempt != self._attempt:
            return
        module = self._module
        self.state = _SCAN
        module.wind(21, "WiFi Scanning")
        module.after(module.timing.scan, self._scanned, attempt)

    def _scanned(self, attempt):
        if attempt != self._attempt:
            return
        module = self._module
        module.wind(35, "WiFi Scan Complete:00")
        self.state = _IDLE
        found = [p for p in module.world.access_points if p.ssid == self._ssid()]
        if not found or not self._ssid():
            module.after(module.timing.retry, self._scan, attempt)
            return
        point = max(found, key=lambda p: p.rssi)
        self.state = _JOIN
        module.wind(19, "WiFi Join:" + point.bssid)
        module.after(module.timing.join, self._associated, attempt, point)

    def _associated(self, attempt, point):
        if attempt != self._attempt:
            return
        module = self._module
        module.wind(25, b"WiFi Association successful:" + point.ssid)
        if not self._key_fits(point):
            module.wind(41, "WiFi Disassociation:2")
            module.after(module.timing.retry, self._scan, attempt)
            return
        if point.security not in ("open", "WEP"):
            module.wind(51, "WPA Handshake Complete")
        self.point = point
        module.after(module.timing.dhcp, self._up, attempt, point)

    def _key_fits(self, point):
        variables = self._module.variables
        mode = variables["wifi_priv_mode"]
        if point.security == "open":
            return mode == "0"
        if point.security == "WEP":
            return mode == "1"
        key = variables["wifi_wpa_psk_text"].encode("utf-8", "surrogateescape")
        return mode == "2" and key == point.password

    def _up(self, attempt, point):
        if attempt != self._attempt:
            return
        module = self._module
        if module.variables["ip_use_dhcpc"] == "0":
            self.ip = module.variables["ip_ipaddr"]
        elif point.lease is None:
            module.wind(85, "DHCP Timeout")
            return
        else:
            self.ip = point.lease
        self._tell_address(self.ip)
        if module.world.ntp is not None and module.variables["ip_ntp_startup"] == "1":
            module.after(module.timing.dns, self.ntp)

    def _tell_address(self, ip):
        module = self._module
        self.ip = ip
        self.state = _READY
        module.wind(24, f"WiFi Up:0:{ip}")
        if module.quirks.wind24_v6 and module.variables["ip_use_v6"] == "1":
            module.wind(24, "WiFi Up::" + _link_local(module.variables["nv_wifi_macaddr"]))
        module.network_up()

    def ntp(self):
        """Take the NTP server's answer. [d]"""
        module = self._module
        module.set_clock(module.world.ntp)
        t = datetime.datetime.fromtimestamp(module.world.ntp, datetime.timezone.utc)
        module.wind(
            84,
            f"NTP Server delivery:{t.year}.{t.month}.{t.day}:{t.isoweekday()}:"
            f"{t.hour}.{t.minute}.{t.second}",
        )


def _link_local(mac):
    """Return the IPv6 address as the module prints it: eight groups, not shortened. [d]"""
    b = [int(part, 16) for part in mac.split(":")]
    groups = [0xFE80, 0, 0, 0, (b[0] ^ 2) << 8 | b[1], b[2] << 8 | 0xFF, 0xFE00 | b[3]]
    return ":".join(f"{g:x}" for g in [*groups, b[4] << 8 | b[5]])
