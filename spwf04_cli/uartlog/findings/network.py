"""Joins and sockets that fail. [c.3, g, k]"""

from ...reference import meaning
from ..decode import ERROR as FAILED
from ..decode import NONE, OK
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_SOCKETS = 8
_REFUSALS = (20, 40, 41, 75, 76, 77)


class Joining(Rule):
    """Follows the module from WIFI=1 to an address."""

    def __init__(self, recording):
        super().__init__(recording)
        self._radio = None  # True if WIND 32 came since the start; None: no start was seen
        self._scans = self._refusals = 0
        self._first = None
        self._waiting = []  # refusals whose outcome is not known yet
        self._tried = False  # a network was found and joined
        self._crunched = self._asked = False
        self._settings = {}

    def exchange(self, item):
        if item.name == "SCFG":
            self._settings[item.argument(0)] = item.argument(1)
        elif item.name == "WIFI" and item.argument(0) == "1":
            self._crunched, self._asked = False, True
        if item.result != FAILED:
            return
        if item.code == 18 and item.name == "WIFI":
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
        elif item.code == 44:
            item.explained = True
            what = f"{item.name or 'a command'} before the module had joined a network (44)"
            self.tell("not-joined", ERROR, what, "Wait for WIND 24 with an IPv4 address", item)

    def indication(self, item):
        number = item.number
        if number == 1:
            self._radio, self._crunched = False, False
        elif number == 32:
            self._radio = True
        elif number == 46:
            self._crunched = True
        elif number == 19:
            self._tried, self._scans = True, 0
        elif number == 21:
            self._scans += 1
            if self._scans == 3 and not self._tried:
                self._not_found(item)
        elif number in _REFUSALS:
            self._refused(item)
        elif number in (24, 51):
            self._refusals = self._scans = 0
            for before in self._waiting:
                before.recovered = True
            self._waiting = []
        elif number == 85:
            item.explained = True
            what = "joined, but DHCP gave no address (WIND 85)"
            do = "Check the access point's DHCP server, or set a fixed address (ip_use_dhcpc,0)"
            self.tell("no-lease", ERROR, what, do, item)
        elif number in (30, 33):
            item.explained = True
            self.tell(
                "network-lost",
                WARNING,
                f"the network was lost (WIND {number})",
                "The module joins again by itself: wait for WIND 24. All its sockets are closed",
                item,
            )
        elif number == 26:
            self._access_point(item)

    def end(self):
        if self._refusals and self._first is not None:
            for item in self._waiting:
                item.explained = True
            self.tell(
                "refused",
                ERROR,
                f"the access point refused the module {self._refusals} times",
                "Check the password. If it is right, the access point may filter stations",
                self._first,
            )

    def _refused(self, item):
        if item.number == 41 and not self._tried:
            return
        self._refusals += 1
        self._waiting.append(item)
        self._first = self._first or item

    def _not_found(self, item):
        self.tell(
            "not-found",
            WARNING,
            "the module goes on scanning, and finds no network to join",
            "With the factory's settings that is usual: set wifi_mode,0, or a network. Else check "
            "the name (upper and lower case differ), the distance, and that the network is on 2.4 "
            "GHz",
            item,
        )

    def _access_point(self, item):
        secured = self._settings.get("wifi_priv_mode") == "2"
        if secured and self._asked and not self._crunched:
            self.tell(
                "open-access-point",
                ERROR,
                "its access point started without WPA Crunching PSK (WIND 46): it is open, though "
                "WPA is set",
                "Send AT+S.FCFG, AT+S.WCFG and AT+S.RESET, and wait for WIND 32. Then configure "
                "it, beginning with AT+S.WIFI=0. Settings of firmware 1.0.0 cause this",
                item,
            )


class Sockets(Rule):
    """Follows the sockets that are open."""

    def __init__(self, recording):
        super().__init__(recording)
        self._open = {}  # id -> port, kind
        self._closed_by_peer = {}

    def exchange(self, item):
        if item.name == "SOCKON":
            self._opened(item)
        elif item.name == "SOCKC" and item.result == OK:
            self._open.pop(item.argument(0), None)
            self._closed_by_peer.pop(item.argument(0), None)
        elif item.name == "SOCKW":
            self._plain(item)
        if item.result == FAILED and item.code == 77:
            item.explained = True
            self.tell(
                "pending-data",
                ERROR,
                f"{item.command or 'closing'}: refused, {meaning(77)}",
                "The socket stays open. Ask with SOCKQ and read with SOCKR until nothing waits, "
                "then repeat SOCKC. A peer that never stops sending may keep it open for ever",
                item,
            )
        elif item.result == FAILED and item.code == 75:
            item.explained = True
            self._too_many(item)

    def indication(self, item):
        if item.number in (0, 1):
            self._open, self._closed_by_peer = {}, {}
        elif item.number == 58 and item.fields:
            self._closed_by_peer[item.fields[0]] = item

    def end(self):
        for number, item in self._closed_by_peer.items():
            self.tell(
                "not-closed",
                NOTE,
                f"socket {number} was closed by its peer, but not by the host",
                f"It stays in use until AT+S.SOCKC={number}",
                item,
            )

    def _opened(self, item):
        on = item.reply("On")
        if on is not None:
            number = on.rpartition(":")[2]
            self._open[number] = (item.argument(1), item.argument(3).lower() or "t")
            if item.argument(3).lower() == "s":
                self.tell(
                    "name-not-checked",
                    NOTE,
                    f"the name of {item.argument(0)} is not checked (fourth argument s)",
                    "Any server with a certificate of that CA is accepted. Give the name instead",
                    item,
                )
        elif item.result == NONE and len(self._open) >= _SOCKETS:
            self._too_many(item)

    def _too_many(self, item):
        self.tell(
            "too-many-sockets",
            ERROR,
            f"no socket was free; {len(self._open)} were opened and not closed",
            "The module has eight. Close each with SOCKC, after errors too",
            item,
        )

    def _plain(self, item):
        port, kind = self._open.get(item.argument(0), ("", ""))
        sent = item.sent.kind if item.sent is not None else ""
        if port in ("443", "8443", "8883") and kind == "t" and sent and "TLS" not in sent:
            self.tell(
                "plain",
                WARNING,
                f"data went in clear to port {port}, where servers expect TLS",
                "Give the server's name as the fourth argument of SOCKON; t means plain TCP",
                item,
            )
