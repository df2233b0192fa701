"""Items that repeat become one line."""

from collections import Counter
from dataclasses import dataclass, field

from .decode import OK, Exchange, Indication

_DATA = ("SOCKW", "SOCKR", "SOCKQ", "SOCKDW", "SOCKDR", "SOCKDQ", "WSOCKW", "WSOCKR", "WSOCKQ")
_PENDING = (55, 88)
_SCANNING = (21, 35)
_LEAST = 6  # fewer items stay single


@dataclass
class Group:
    """Several items in a row. what: how many of each kind. says: what they did together."""

    items: list = field(default_factory=list)
    what: str = ""
    says: str = ""

    @property
    def at(self):
        """When it began, ms."""
        return self.items[0].at

    @property
    def ended(self):
        """When it ended."""
        last = self.items[-1]
        return last.ended if isinstance(last, Exchange) else last.at

    @property
    def place(self):
        """The line it began on."""
        return self.items[0].place


def grouped(items):
    """The items, with a Group in place of each run of transfers or scans, or of one command."""
    found, run = [], []
    for item in items:
        if run and _kind(item) != _kind(run[0]):
            found += _closed(run)
            run = []
        if _kind(item) is not None:
            run.append(item)
        else:
            found.append(item)
    return found + _closed(run)


def _kind(item):
    if isinstance(item, Indication):
        return {True: "scan"}.get(item.number in _SCANNING) or (
            "data" if item.number in _PENDING else None
        )
    if not isinstance(item, Exchange) or item.result != OK:
        return None
    if item.name in _DATA:
        return "data"
    return item.command if item.sent is item.received is None else None


def _closed(run):
    if len(run) < _LEAST:
        return run
    names = Counter(i.name if isinstance(i, Exchange) else f"WIND {i.number}" for i in run)
    what = ", ".join(f"{n} × {name}" for name, n in names.items())
    if _kind(run[0]) not in ("data", "scan"):
        return [Group(run, f"{len(run)} × {run[0].command}", run[0].says)]
    if _kind(run[0]) == "scan":
        return [Group(run, what, f"it scans for networks, {names['WIND 21']} times")]
    sent = sum(i.sent.size for i in run if isinstance(i, Exchange) and i.sent)
    got = sum(i.received.size for i in run if isinstance(i, Exchange) and i.received)
    return [Group(run, what, f"{sent} bytes sent, {got} received")]
