"""Sockets: those that stay open, those that do not close, and data in clear. [g]"""

from ...reference import meaning
from ..decode import ERROR as FAILED
from ..decode import NONE, OK
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_SOCKETS = 8
_GONE = 76  # there is no such socket
_TLS_PORTS = ("443", "8443", "8883")


class Sockets(Rule):
    """Follows the sockets that are open."""

    def __init__(self, recording):
        super().__init__(recording)
        self._open = {}  # id -> port, kind
        self._closed_by_peer = {}
        self._pending = {}  # id -> finding: it was not closed, because data waited

    def exchange(self, item):
        if item.name == "SOCKON":
            self._opened(item)
        elif item.name == "SOCKC" and (item.result == OK or item.code == _GONE):
            self._closed(item.argument(0))
        elif item.name == "SOCKW":
            self._plain(item)
        if item.result == FAILED and item.code == 77:
            item.explained = True
            self._pending[item.argument(0)] = self.tell(
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
            self._open, self._closed_by_peer, self._pending = {}, {}, {}
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

    def _closed(self, number):
        self._open.pop(number, None)
        self._closed_by_peer.pop(number, None)
        finding = self._pending.pop(number, None)
        if finding is not None:
            self.settle(finding, NOTE, ", and closed later")
            finding.do = "It is not refused if SOCKR has read before what SOCKQ tells"

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
        n = len(self._open)
        held = f"; {n} {'was' if n == 1 else 'were'} opened and not closed" if n else ""
        self.tell(
            "too-many-sockets",
            ERROR,
            f"no socket was free{held}",
            "The module has eight. Close each with SOCKC, after errors too",
            item,
        )

    def _plain(self, item):
        """Look at the first that is sent: what follows may be the middle of a TLS record."""
        port, kind = self._open.get(item.argument(0), ("", ""))
        if kind:
            self._open[item.argument(0)] = (port, "")
        sent = item.sent.kind if item.sent is not None else ""
        if port in _TLS_PORTS and kind == "t" and sent and "TLS" not in sent:
            self.tell(
                "plain",
                WARNING,
                f"data went in clear to port {port}, where servers expect TLS",
                "Give the server's name as the fourth argument of SOCKON; t means plain TCP",
                item,
            )
