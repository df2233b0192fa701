"""The known differences of a recording: in a file beside it, or at its head.

bug.txt.known has a line for each; so may the first lines of bug.txt itself, behind a "#":

    switch reset_ok=True          the module was one with this reading: it is played with it
    line 12: a firmware between the releases
                                  the simulated module answers otherwise at line 12, and why
"""

import dataclasses
import re

from ..desk.textfile import decoded
from ..desk.tomlfile import among
from ..parts.quirks import Quirks

_LINE = re.compile(r"line (\d+): (.+)")
_SWITCH = re.compile(r"switch (\w+)=(.*)")


@dataclasses.dataclass
class Known:
    """A difference that is known. place: line number in the log; 0: it is a switch. words: how it
    is called in a report."""

    place: int
    words: str

    def covers(self, difference):
        """True if it is this difference."""
        return self.place and difference.place == self.place


def _text(file):
    try:
        return decoded(file.read_bytes())
    except ValueError as e:
        raise ValueError(f"{file.name}:1: {e}") from None


def read_known(path, data):
    """([Known], {switch: reading}) that stand beside a log and at its head.

    path: of the log, or None. data: its bytes. Raises ValueError for a line that is neither.
    """
    found, switched = [], {}
    beside = path.with_name(path.name + ".known") if path is not None else None
    if beside is not None and beside.exists():
        for n, line in enumerate(_text(beside).splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                _take(line, found, switched)
            except ValueError as e:
                raise ValueError(f"{beside.name}:{n}: {e}") from None
    for raw in data[:4000].decode("utf-8", "replace").splitlines():
        if not raw.startswith("#"):
            break
        text = raw.lstrip("# ").strip()
        if _LINE.fullmatch(text) or _SWITCH.fullmatch(text):  # else it is a remark
            _take(text, found, switched)
    return found, switched


def _take(text, found, switched):
    line, switch = _LINE.fullmatch(text.strip()), _SWITCH.fullmatch(text.strip())
    if line is not None:
        found.append(Known(int(line[1]), text.strip()))
    elif switch is not None:
        switched[switch[1]] = _reading(switch[1], switch[2])
    else:
        raise ValueError(f"{text}: neither switch NAME=READING nor line NUMBER: WHY")


def _reading(name, value):
    choices = Quirks.choices()
    if name not in choices:
        raise ValueError(f"no switch {name}; {among(name, choices)}")
    for choice in choices[name]:
        if value == str(choice):
            return choice
    raise ValueError(
        f"{name} has no reading {value}; {among(value, [str(c) for c in choices[name]])}"
    )
