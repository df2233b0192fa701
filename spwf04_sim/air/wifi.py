"""The radio: it scans, joins, loses the network, with the indications of the hardware. [b.2, d]"""

import datetime

from ..texts import is_ipv4
from . import scanning, security
from .addresses import AUTO_IP, STATIC, Addresses, link_local, number
from .miniap import MiniAp
from .wps import Wps

# Wi-Fi states, as the suffix of OK shows them [d]
_HW_UP, _OFF, _IDLE, _SCAN, _JOIN, _JOINED, _AP, _SHAKEN, _READY = 0, 2, 3, 4, 6, 7, 8, 9, 10
_STATION, _IBSS, _MINIAP = "1", "2", "3"  # of wifi_mode


class Wifi:
    """The radio of a SimulatedModule.

    started: it is on. wanted: it is to be on, though it may not have started yet. point: the
    AccessPoint that it has joined, or None. state: a number, see above. addresses, miniap, wps:
    its parts. starting: it will be on in a moment. scanning: a scan of the host runs. low: WIND 15
    has told of a weak signal.
    """

    def __init__(self, module):
        self._module = module
        self._attempt = 0  # what a timer of an earlier attempt to join would do is void
        self.wanted = True
        self.addresses = Addresses(module)
        self.miniap = MiniAp(module)
        self.wps = Wps(module)
        self.stop()

    def stop(self):
        """Forget everything: the radio has not started."""
        self.started = self.starting = False
        self.point = None
        self.state = _HW_UP
        self.scanning = False
        self.low = False
        self._ran = False  # it has started since the boot
        self._missing = False  # no beacons come
        self._attempt += 1
        self.addresses.clear()
        self.miniap.restart()
        self.wps.stop()

    # what others ask -------------------------------------------------------------------------
    @property
    def looking(self):
        """True while it scans for its own network."""
        return self.state == _SCAN

    @property
    def joining(self):
        """True between the scan and the association."""
        return self.state == _JOIN

    @property
    def ip(self):
        """Its IPv4 address as text, None while it has none."""
        return self.addresses.ip

    @property
    def netmask(self):
        """The netmask; while there is no address, that of the configuration."""
        return self.addresses.rest[0]

    @property
    def gateway(self):
        """The gateway, likewise."""
        return self.addresses.rest[1]

    @property
    def dns1(self):
        """The first DNS server, likewise."""
        return self.addresses.rest[2]

    @property
    def dns2(self):
        """The second DNS server, likewise."""
        return self.addresses.rest[3]

    @property
    def from_auto_ip(self):
        """True if the address is one that it chose itself."""
        return self.addresses.from_auto_ip

    @property
    def stations(self):
        """The Stations of its MiniAP, a list."""
        return self.miniap.stations

    def resolve(self, host):
        """Return the address of a host, None if it has none or no DNS server is known."""
        if not is_ipv4(host) and not self.addresses.has_dns:
            return None
        return self._module.world.resolve(host)

    # on and off ------------------------------------------------------------------------------
    def start_in(self, ms, by_command=False):
        """Have the radio on in so many ms. by_command: not as part of a boot."""
        self.starting = True
        self._module.after(ms, self._hardware_up, by_command)

    def _hardware_up(self, by_command):
        """The radio is on: join, or be an access point, if the configuration says so."""
        module = self._module
        cold = by_command and not self._ran
        self.started = self._ran = True
        self.starting = False
        self.state = _IDLE
        module.wind(32, "WiFi Hardware Started")
        if module.variables["wifi_mode"] == _MINIAP:
            if not by_command and self.miniap.closed(cold):
                self._tell_crunching()
            if self.miniap.start(cold):
                self.state = _AP
                self.addresses.take_own()
                self._tell_address()
        else:
            self.search()

    def power_on(self):
        """Start the radio as AT+S.WIFI=1 does."""
        module = self._module
        self.wanted = True
        mode = module.variables["wifi_mode"]
        station = mode == _STATION and module.variables["wifi_priv_mode"] == "2"
        if station or (mode == _MINIAP and self.miniap.closed(not self._ran)):
            module.after(1, self._tell_crunching)
        self.start_in(module.timing.console_to_radio, True)

    def _tell_crunching(self):
        colon = ":" if self._module.quirks.wind46_colon else ""
        self._module.wind(46, "WPA Crunching PSK" + colon)

    def power_off(self):
        """Stop the radio as AT+S.WIFI=0 does."""
        module = self._module
        joined = self.point is not None
        self.lose()
        self.wps.stop()
        self.miniap.stop()
        self.started = self.wanted = False
        self.state = _OFF
        self._attempt += 1
        if joined and module.variables["wifi_priv_mode"] in ("2", "3"):
            module.after(1, module.wind, 49, "WPA terminated:0")
        module.after(2, module.wind, 38, "WiFi Powered Down")

    # losing the network ----------------------------------------------------------------------
    def lose(self):
        """Leave the network; its connections are dead."""
        self.point = None
        self.low = self._missing = False
        self.addresses.clear()
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

    def poll(self):
        """Notice that the access point has gone, or how strong its signal is."""
        point, module = self.point, self._module
        if point is None:
            return
        if module.world.hears(point):
            self._missing = False
            self._judge_signal(point)
        elif not self._missing:
            self._missing = True
            beacons = number(module.variables["wifi_beacon_loss_thresh"], 10)
            interval = number(module.variables["wifi_beacon_interval"], 100)
            module.after(beacons * interval, self._beacons_lost, self._attempt)

    def _beacons_lost(self, attempt):
        if attempt != self._attempt or self.point is None or self._module.world.hears(self.point):
            return
        if self._module.quirks.beacon_loss == "30,33":
            self._module.wind(30, "WiFi BSS Lost")
        self.drop(0)

    def _judge_signal(self, point):
        """Tell of a signal below the threshold, and of one that is above it by the hysteresis."""
        variables = self._module.variables
        threshold = number(variables["wifi_rssi_thresh"], -50)
        hysteresis = number(variables["wifi_rssi_hyst"], 10)
        if not self.low and point.rssi < threshold:
            self.low = True
            self._module.wind(15, f"WiFi Signal LOW:{point.rssi}")
        elif self.low and point.rssi >= threshold + hysteresis:
            self.low = False
            self._module.wind(16, f"WiFi Signal OK:{point.rssi}")
        if self.low and self._module.quirks.roaming == "weak":
            best = scanning.named(self._module.world, point.ssid)[0]
            if best.rssi >= point.rssi + hysteresis:
                self.drop(0)

    # joining ---------------------------------------------------------------------------------
    def search(self):
        """Look for the network of the configuration, if it is to be joined."""
        self._attempt += 1
        self.state = _IDLE
        if self._module.variables["wifi_mode"] in (_STATION, _IBSS):
            self._scan(self._attempt)

    def leave_for_wps(self, pin):
        """Leave the network, and get another by WPS."""
        self.lose()
        self.state = _IDLE
        self._attempt += 1
        self.wps.start(pin)

    def _scan(self, attempt):
        if attempt != self._attempt:
            return
        module = self._module
        if self.scanning:  # for the host; the radio has one receiver
            module.after(module.timing.scan, self._scan, attempt)
            return
        self.state = _SCAN
        module.wind(21, "WiFi Scanning")
        module.after(module.timing.scan, self._scanned, attempt)

    def _again(self, attempt):
        self.state = _IDLE
        self._module.after(self._module.timing.retry, self._scan, attempt)

    def _scanned(self, attempt):
        if attempt != self._attempt:
            return
        module, quirks = self._module, self._module.quirks
        module.wind(35, "WiFi Scan Complete:00")
        ssid = security.raw(module.variables["wifi_ssid"])
        found = scanning.named(module.world, ssid) if ssid else []
        ibss = module.variables["wifi_mode"] == _IBSS
        found = [p for p in found if p.ibss == ibss]
        fitting = [p for p in found if security.fits(p, module.variables)]
        if found and not fitting and quirks.mismatch == "refused":
            fitting = found
        if fitting:
            self.state = _JOIN
            module.wind(19, "WiFi Join:" + fitting[0].bssid)
            module.after(module.timing.join, self._associate, attempt, fitting[0])
        elif ibss and ssid and not found:
            self._make_cell(attempt)
        else:
            if found and quirks.mismatch == "rejected":
                module.wind(74, "Rejected Found Network")
            self._again(attempt)

    def _make_cell(self, attempt):
        """Be the first station of an ad-hoc network. It has no DHCP server."""
        module = self._module
        self.state = _JOINED
        if module.variables["ip_use_dhcpc"] == STATIC:
            self.addresses.take_own()
        else:
            self.addresses.choose()
        module.after(module.timing.dhcp, self._up, attempt)

    def _associate(self, attempt, point):
        if attempt != self._attempt:
            return
        failure = self._hindrance(point)
        if failure is not None:
            self._module.wind(*failure)
            self._again(attempt)
            return
        self._module.wind(25, b"WiFi Association successful:" + point.ssid)
        reason = security.refusal(self._module, point)
        if not security.fits(point, self._module.variables):
            reason = 2
        if reason is not None:
            self._sent_away(reason)
            self._again(attempt)
            return
        self.state = _JOINED
        if point.security not in ("open", "WEP"):
            self.state = _SHAKEN
            self._module.wind(51, "WPA Handshake Complete")
        self.point = point
        self._module.after(self._module.timing.dhcp, self._address, attempt, point)

    def _hindrance(self, point):
        """Return the WIND (number, text) of what prevents the association; None if nothing."""
        module = self._module
        if point.mute or not module.world.hears(point):
            return 76, "WiFi Authentication Timed Out"
        if not security.authenticates(point, module.variables):
            return 20, "WiFi Join Failed:13"  # 802.11: no such authentication
        wep = point.security == "WEP" and security.fits(point, module.variables)
        if wep and security.wep_key(module.variables)[1] is None:
            return 18, "Keytype Not Implemented"
        mac = module.variables["nv_wifi_macaddr"]
        if point.admits is not None and mac not in point.admits:
            return 75, "Rejected Association:1"  # 802.11: no reason given
        return None

    def _sent_away(self, reason):
        """Tell of a key that does not fit."""
        kind = self._module.quirks.wrong_key
        if kind in ("40", "both"):
            # An access point ends a handshake that did not succeed with reason 15
            self._module.wind(40, f"WiFi Deauthentication:{15 if reason == 2 else reason}")
        if kind in ("41", "both"):
            self._module.wind(41, f"WiFi Disassociation:{reason}")

    # addresses -------------------------------------------------------------------------------
    def _address(self, attempt, point):
        if attempt != self._attempt:
            return
        module = self._module
        how = module.variables["ip_use_dhcpc"]
        if how == STATIC:
            self.addresses.take_own()
        elif how == AUTO_IP:
            self.addresses.choose()
        elif not self.reaches(point) or not self.addresses.take_lease(point):
            module.after(self.dhcp_timeout, self._no_lease, attempt, point)
            return
        self._up(attempt)

    def reaches(self, point):
        """True unless a wrong key of WEP keeps what is sent from being read."""
        return point.security != "WEP" or security.same_wep_key(point, self._module.variables)

    @property
    def dhcp_timeout(self):
        """How long it asks for a lease, in ms."""
        shorter = self._module.timing.dhcp_timeout
        seconds = number(self._module.variables["ip_dhcp_timeout"], 20)
        return max(1000, seconds * 1000) if shorter is None else shorter

    def _no_lease(self, attempt, point):
        if attempt != self._attempt:
            return
        then = self._module.quirks.no_lease
        if then != "auto ip, no WIND 85":
            self._module.wind(85, "DHCP Timeout")
        if then == "asks again":
            self._address(attempt, point)
        elif then.startswith("auto ip"):
            self.addresses.choose()
            self._up(attempt)

    def _up(self, attempt):
        if attempt != self._attempt:
            return
        module = self._module
        self._tell_address()
        if self.from_auto_ip or module.world.ntp is None:
            return
        if module.variables["ip_ntp_startup"] == "1":
            module.after(module.timing.dns, self.ntp)

    def renew(self):
        """Take the lease of now, as AT+S.RENEW does; True if the DHCP server has one."""
        before = self.ip
        if not self.reaches(self.point) or not self.addresses.take_lease(self.point):
            return False
        if self.ip != before or self._module.quirks.renew_wind24:
            self._tell_address()
        return True

    def _tell_address(self):
        module = self._module
        self.state = _READY
        module.wind(24, f"WiFi Up:0:{self.ip}")
        if module.quirks.wind24_v6 and module.variables["ip_use_v6"] == "1":
            module.wind(24, "WiFi Up::" + link_local(module.variables["nv_wifi_macaddr"]))
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
