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
