"""A finding: what went wrong in a recording."""

from dataclasses import dataclass, field
from typing import Optional

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass
class Finding:
    """What went wrong. name: of its kind. weight: "error", "warning" or "note". what: what
    happened. why: likely reasons. do: what to do. at, place: when and where it happened first.
    count: how often."""

    name: str
    weight: str
    what: str
    do: str = ""
    why: list = field(default_factory=list)
    at: Optional[float] = None
    place: int = 0
    count: int = 1


def beginning(items):
    """When a log begins, ms: the time of its first item that has one, else None."""
    return next((item.at for item in items if item.at is not None), None)


def when(finding, start):
    """How often and when it happened, in words: "2 times, at 1.500 s"; "" if that is not known.

    start: as of beginning().
    """
    parts = [f"{finding.count} times"] if finding.count > 1 else []
    if finding.at is not None:
        parts.append(f"at {(finding.at - (start or 0)) / 1000:.3f} s")
    elif finding.place:
        parts.append(f"line {finding.place}")
    return ", ".join(parts)
