"""Joining a network, losing it, and addresses. [c.3, d, g, k]"""

from ...times import plural
from ..decode import ERROR as FAILED
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_SENT_AWAY = (40, 41)
_NO_ANSWER = (76, 77)
_REFUSALS = (20, 75, *_NO_ANSWER)
_SCANS = 3  # so many scans without the network mean that it is not there
_OUT, _JOINING, _RIGHT, _IN, _LOST, _OFF = "out joining right in lost off".split()


class Joining(Rule):
    """Follows the module into a network, and out of it. An indication means what it means where
    the module is then: sent away while it joins is a refusal, later it is a lost network."""

    def __init__(self, recording):
        super().__init__(recording)
        self._stage = None  # None: not known, because the log does not show the start
        self._radio = None  # True if WIND 32 came since the start; None: no start was seen
        self._scans = []  # those since the network was last found
        self._refused = []  # refusals since the last address
        self._waiting = []  # indications that an address makes good
        self._lost = []  # findings that an address makes good
        self._right = False  # the password was right
        self._named = False  # the log shows which network is to be joined
        self._settings = {}

    def exchange(self, item):
        if item.name == "SCFG":
            self._settings[item.argument(0)] = item.argument(1)
        if item.name == "SSIDTXT" or (item.name, item.argument(0)) == ("SCFG", "wifi_ssid"):
            self._named = True
        elif item.name == "WIFI" and item.result != FAILED:
            self._switched(item.argument(0))
        elif item.name == "RESET" and item.result != FAILED:
            self._stage = _OFF
        if item.result != FAILED:
            return
        if item.code == 18 and item.name == "WIFI":
            self._radio_off(item)
        elif item.code == 44:
            item.explained = True
            what = f"{item.name or 'a command'} while the module was in no network (44)"
            self.tell("not-joined", ERROR, what, "Wait for WIND 24 with an IPv4 address", item)

    def indication(self, item):
        number = item.number
        if number == 1:
            self._end_of_search()
            self._radio, self._stage = False, _OUT
        elif number == 32:
            self._radio, self._stage = True, _OUT
        elif number == 21:
            self._scans.append(item)
            if self._stage in (_JOINING, _RIGHT):
                self._stage = _OUT
        elif number in (19, 25):
            self._stage, self._scans = _JOINING, []
        elif number == 51:
            self._stage = _RIGHT
            self._right = True
        elif number == 24:
            self._address(item)
        elif number in (30, 33):
            self._gone(item)
        elif number == 14 and self._stage == _LOST:
            self._back("the access point was heard again")
        elif number in _SENT_AWAY:
            self._sent_away(item)
        elif number in _REFUSALS:
            self._count(item)
        elif number in (18, 74):
            self._waiting.append(item)
        elif number == 85:
            item.explained = True
            self._no_lease("joined, but DHCP gave no address (WIND 85)", item)
        elif number == 38:
            self._stage = _OFF
        elif number == 81:
            self._scans = []  # WPS looks for an access point that has its button pressed

    def end(self):
        self._end_of_search()
        if self._refused and not self._right:
            for item in self._refused:
                item.explained = True
            self._tell_refused()

    # into a network --------------------------------------------------------------------------
    def _switched(self, on):
        self._end_of_search()
        self._stage = _OUT if on == "1" else _OFF

    def _count(self, item):
        """Note a refusal, of which it is not known yet what it leads to."""
        self._refused.append(item)
        self._waiting.append(item)
        self._right = False

    def _tell_refused(self):
        numbers = [item.number for item in self._refused]
        # One refusal may be told as WIND 40, as 41, or as both
        n = max(numbers.count(40), numbers.count(41))
        n += sum(number in _REFUSALS for number in numbers)
        do = "Check the password. If it is right, the access point may filter stations"
        if self._settings.get("wifi_priv_mode") == "0":
            do = "wifi_priv_mode is 0, so no password is used: the network may ask for one"
        what = f"the access point refused the module {plural(n, 'time')}"
        if set(numbers) <= set(_NO_ANSWER):
            what = f"the access point did not answer the module {plural(n, 'time')}"
            do = "Go closer to it, or turn the antenna. If it is near, it may filter stations"
        self.tell("refused", ERROR, what, do, self._refused[0])

    def _address(self, item):
        ip = item.fields[1] if item.fields[:1] == ["0"] and len(item.fields) > 1 else ""
        own = ip.startswith("169.254.") and self._settings.get("ip_use_dhcpc") != "2"
        if own and self._settings.get("wifi_mode") != "2":
            if not any(finding.name == "no-lease" for finding in self._lost):
                what = f"joined, but DHCP gave no address: the module chose {ip} itself"
                self._no_lease(what, item)
        elif ip:
            self._back()
        self._stage, self._scans = _IN, []

    def _back(self, how="the module got an address"):
        """The module is in its network, which makes good what was before."""
        for finding in self._lost:
            self.settle(finding, WARNING, f", and then {how}")
        for item in self._waiting:
            item.recovered = True
        self._lost, self._waiting, self._refused = [], [], []
        self._stage, self._right = _IN, False

    def _no_lease(self, what, item):
        do = "Check the access point's DHCP server, or set a fixed address (ip_use_dhcpc,0)"
        self._lose("no-lease", what, do, item)

    def _end_of_search(self):
        """The module searches no more; or the log ends."""
        scans, self._scans = self._scans, []
        if scans[_SCANS - 1 :] and self._stage != _IN:
            self._not_found(scans)

    def _not_found(self, scans):
        n = len(scans)
        lost = next((f for f in self._lost if f.name == "network-lost"), None)
        if lost is not None:
            lost.what += f", and {n} scans did not find it again"
            return
        do = (
            "Check the name (upper and lower case differ), the distance, and that the network is "
            "on 2.4 GHz"
        )
        if not self._named:
            do = (
                "With the factory's settings that is usual: set wifi_mode,0, or a network. Else "
                + do[0].lower()
                + do[1:]
            )
        weight = ERROR if self._named else WARNING
        what = "the module goes on scanning, and finds no network to join"
        self._lose("not-found", what, do, scans[0], weight)

    # out of it -------------------------------------------------------------------------------
    def _sent_away(self, item):
        if self._stage == _JOINING:
            self._count(item)
        elif self._stage == _RIGHT:
            item.explained = True
            what = (
                "the access point sent the module away, though the password was right "
                f"(WIND {item.number})"
            )
            do = "It may filter stations, or be full. Check the signal and the power supply too"
            self._lose("sent-away", what, do, item)
            self._stage = _OUT
        elif self._stage in (_IN, _LOST, _OFF):
            self._gone(item)
        else:
            self._waiting.append(item)

    def _gone(self, item):
        """Take that a network is lost."""
        item.explained = True
        before, self._stage = self._stage, _LOST
        if before == _OFF:  # the host left it
            self._stage = _OFF
        elif before != _LOST:
            what = f"the network was lost (WIND {item.number})"
            do = "The module joins again by itself: wait for WIND 24. All its sockets are closed"
            self._lose("network-lost", what, do, item)

    def _lose(self, name, what, do, item, weight=ERROR):
        """Tell of what an address would make good."""
        finding = self.tell(name, weight, what, do, item)
        if not any(before is finding for before in self._lost):
            self._lost.append(finding)

    def _radio_off(self, item):
        item.explained = True
        early = self._radio is False
        self.tell(
            "radio-off",
            WARNING if early else NOTE,
            "AT+S.WIFI=0 while the radio was not on (18)",
            "It was off already, or still starting. After a start, wait for WIND 32 before "
            "you configure the module; earlier settings may be lost"
            if early
            else "It was off already",
            item,
        )


class AccessPoint(Rule):
    """Follows the access point that the module itself is."""

    def __init__(self, recording):
        super().__init__(recording)
        self._crunched = self._asked = self._secured = False

    def exchange(self, item):
        if item.name == "SCFG" and item.argument(0) == "wifi_priv_mode":
            self._secured = item.argument(1) == "2"
        elif item.name == "WIFI" and item.argument(0) == "1":
            self._crunched, self._asked = False, True

    def indication(self, item):
        if item.number == 1:
            self._crunched = False
        elif item.number == 46:
            self._crunched = True
        elif item.number == 26 and self._secured and self._asked and not self._crunched:
            self.tell(
                "open-access-point",
                ERROR,
                "its access point started without WPA Crunching PSK (WIND 46): it is open, though "
                "WPA is set",
                "Send AT+S.FCFG, AT+S.WCFG and AT+S.RESET, and wait for WIND 32. Then configure "
                "it, beginning with AT+S.WIFI=0. Settings of firmware 1.0.0 cause this",
                item,
            )
