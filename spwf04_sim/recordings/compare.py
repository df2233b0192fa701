"""Compares what a real module said with what a simulated one says.

Lines are compared by their shape: what differs from module to module, or from one moment to the
next, does not count.
"""

import difflib
import re
from dataclasses import dataclass, field
from typing import Optional

from spwf04.at import secret

from ..logs.forms import BODIES
from .play import playable
from .steps import DATA, LINE, WIND

REPLY, INDICATION, ECHO = "reply", "indication", "echo"

# Variables whose values differ from module to module, or from moment to moment
_OWN = frozenset(
    "nv_serial nv_manuf free_heap min_heap system_time system_uptime system_sleeptime"
    " random_number reset_reason startup nv_power_cycles nv_wdog_resets nv_reset_cycles"
    " wifi_state wifi_aid wifi_chan_activity boot_version var_version".split()
)
_OWN_PEERS = re.compile(r"\d+\.(?:last|rx|tx|cur|rate)_\w+$")
# What is compared by its shape alone; the order counts
_SHAPES = (
    (re.compile(r"(?:[0-9A-F]{2}:){15,}[0-9A-F]{2}"), "<BYTES>"),
    (re.compile(r"(?:[0-9a-f]{2}:){15,}[0-9a-f]{2}"), "<bytes>"),
    (re.compile(r"\b[0-9A-F]{32,}\b"), "<HEX>"),
    (re.compile(r"\b[0-9a-f]{32,}\b"), "<hex>"),
    (re.compile(r"\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b"), "<MAC>"),
    (re.compile(r"\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b"), "<IPv6>"),
    (re.compile(r"\b\d+\.\d+\.\d+\.\d+\b"), "<IP>"),
)
# Lines whose numbers are heap, time, random, or free space
_NUMBERS = re.compile(
    r"AT-S\.(?:OK:|Date:|Time:|Ping:|Random:|Free:|Disk:)|\+WIND:(?:8|31|84):", re.I
)
_SCANNING = (21, 35)


@dataclass
class Difference:
    """Where the simulated module answers otherwise. place: line number in the log. command: as it
    may be shown, "" before the first. kind: REPLY, INDICATION or ECHO. recorded, simulated: what
    they said, as it may be shown; None: nothing. agrees: [(switch, reading)] with which the
    simulated module agrees. step: number of the Step."""

    place: int
    command: str
    kind: str
    recorded: Optional[str]
    simulated: Optional[str]
    step: int = 0
    agrees: list = field(default_factory=list)

    @property
    def key(self):
        """What makes it the same difference in another playing."""
        return self.step, self.kind, self.recorded, self.simulated


def differences(steps, player, altered=False):
    """The Differences between Steps and what a Player has heard, in the order of the log.

    altered: payloads in the log may be longer or shorter than they were.
    """
    found = []
    for index, step in enumerate(steps):
        if step.command is not None and not playable(step):
            continue
        ends = index == len(steps) - 1 or altered  # people leave parts of a log out
        if step.command is not None:  # else it is the end of a reply whose command is not here
            found += _replies(index, step, player.heard[index], altered, ends)
        if step.echoed is not None and step.echoed != player.echoed[index]:
            words = {True: "(the echo)", False: None}
            pair = words[step.echoed], words[player.echoed[index]]
            found.append(Difference(step.place, shown(step), ECHO, *pair, index))
    found += _indications(steps, player.heard)
    return sorted(found, key=lambda d: (d.step, d.place))


def shown(step):
    """The command of a Step as it may be shown."""
    if step.fill:
        return "(line ends)"
    return secret.masked(step.command) if step.command is not None else ""


def _replies(index, step, heard, altered, ends):
    # Data that were refused are echoed: no log tells such a line from what the host sent
    refused = bool(step.announced and step.error)
    real = [s for s in step.said if _counts(s, refused)]
    here = [s for s in heard if _counts(s, refused)]
    loose = step.name in BODIES  # of what a server or a person has written, only the kind counts
    pairs = _aligned(real, here, loose, altered)
    if ends and not step.ended:  # the log ends before the reply does
        last = max((n for n, (there, _) in enumerate(pairs) if there is not None), default=-1)
        pairs = pairs[: last + 1]
    place = step.place
    found = []
    for there, mine in pairs:
        place = there.place if there is not None else place
        if (
            there is not None
            and mine is not None
            and _key(there, loose, altered) == _key(mine, loose, altered)
        ):
            continue
        found.append(Difference(place, shown(step), REPLY, _words(there), _words(mine), index))
    return found


def _counts(said, refused):
    """True if something is part of a reply."""
    return said.kind in (LINE, DATA) and not (refused and said.text[:5] != "AT-S.")


def _aligned(real, here, loose=False, altered=False):
    """Pairs of Said, None where one has nothing: [(recorded, simulated)]."""
    a = [_key(s, loose, altered) for s in real]
    b = [_key(s, loose, altered) for s in here]
    pairs = []
    for what, i, j, m, n in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            pairs += zip(real[i:j], here[m:n])
            continue
        for k in range(max(j - i, n - m)):
            pairs.append((real[i + k] if i + k < j else None, here[m + k] if m + k < n else None))
    return pairs


def _indications(steps, heard):
    """The Differences of all indications: a moment does not count, the order does."""
    real = [(n, s) for n, step in enumerate(steps) for s in step.said if s.kind == WIND]
    here = [(n, s) for n, said in enumerate(heard) for s in said if s.kind == WIND]
    real, here = _scans_once(real), _scans_once(here)
    a, b = [_key(s) for _, s in real], [_key(s) for _, s in here]
    found = []
    codes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    for what, i, j, m, n in codes:
        if what == "equal":
            continue
        for k in range(max(j - i, n - m)):
            there = real[i + k] if i + k < j else None
            mine = here[m + k] if m + k < n else None
            if there is None and _at_an_end(steps, real, i + k, mine[0]):
                continue
            index = there[0] if there is not None else mine[0]
            step = steps[index]
            found.append(
                Difference(
                    (there or real[max(0, i - 1)])[1].place if real else step.place,
                    shown(step),
                    INDICATION,
                    _words(there and there[1]),
                    _words(mine and mine[1]),
                    index,
                )
            )
    return found


def _at_an_end(steps, real, at, index):
    """True if an indication that the log does not have may stand before its beginning or behind
    its end."""
    return (at == 0 and not steps[0].winds(0, 1)) or (at >= len(real) and index >= len(steps) - 1)


def _scans_once(pairs):
    """Leave out repetitions: a module that finds no network scans over and over."""
    found = []
    for index, said in pairs:
        run = [s.number for _, s in found[-2:]] + [said.number]
        if said.number in _SCANNING and len(run) == 3 and all(n in _SCANNING for n in run):
            continue
        found.append((index, said))
    return found


def _words(said):
    if said is None:
        return None
    if said.kind == DATA:
        return f"({said.n} bytes)"
    return secret.masked(said.data)


def _key(said, loose=False, altered=False):
    """What is compared of a Said: its shape."""
    if said.kind == DATA:
        return "data" if loose or altered else f"{said.n} bytes"
    return shape(secret.masked(said.data))


def shape(text):
    """A line with what does not count replaced."""
    if text.startswith("AT-S.Var:"):
        name, equals, _ = text[9:].partition("=")
        if secret.secret_variable(name.encode()) or name in _OWN or _OWN_PEERS.match(name):
            return f"AT-S.Var:{name}{equals}…"
    if _NUMBERS.match(text):
        begin = text.index(":", 6) if text.startswith("+") else 0
        text = text[:begin] + re.sub(r"\d+", "0", text[begin:])
    for pattern, word in _SHAPES:
        text = pattern.sub(word, text)
    return text
