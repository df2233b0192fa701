"""Recordings of a real module as tests of the simulated one.

found = check("bug.txt")            # a Result: .differences, .unexplained
files("tests/recordings")           # the recordings of a folder, for pytest.mark.parametrize
verify("tests/recordings/bug.txt")  # AssertionError unless all differences are known ones
"""

import dataclasses
import pathlib

from ..logs import reader
from ..parts.quirks import Quirks
from . import compare
from .known import Known, read_known
from .play import Player, playable
from .steps import steps_of


@dataclasses.dataclass
class Result:
    """What the comparison came to. form: the kind of the log, in words. commands, indications:
    how many were compared. differences: list of compare.Difference. skipped: [(line number,
    command)] that could not be sent, because part of them is masked. known: the Known that stand
    beside the log. unneeded: those of them that do not occur."""

    form: str
    commands: int
    indications: int
    differences: list
    skipped: list
    known: list
    unneeded: list

    @property
    def unexplained(self):
        """The differences that no switch explains and that are not known."""
        return [d for d in self.differences if not d.agrees and not self.is_known(d)]

    @property
    def good(self):
        """True if every difference is explained or known, and every known one occurs."""
        return not self.unexplained and not self.unneeded

    def is_known(self, difference):
        """True if a difference is one of the known ones."""
        return any(known.covers(difference) for known in self.known)


def check(source, switched=(), explain=True):
    """Play a recording against a simulated module, and compare.

    source: the path of a file, or its bytes. switched: {switch: reading}, beside those that stand
    beside the file; all others are the likeliest. explain: look for the switches that explain
    differences; this plays the recording once for each other reading. Returns a Result. Raises
    ValueError if the log shows nothing of a module, or is one of the SPI interface.
    """
    path = None if isinstance(source, bytes) else pathlib.Path(source)
    data = source if path is None else path.read_bytes()
    read = reader.read(data)
    if read.spi:
        raise ValueError("a log of the SPI interface: only logs of the UART can be played")
    steps = steps_of(read)
    if not any(step.said for step in steps):
        raise ValueError("nothing in it is of an SPWF04")
    known, beside = read_known(path, data)
    quirks = dataclasses.replace(Quirks(), **{**beside, **dict(switched)})
    watched = _Watched(quirks)
    found = _differences(steps, watched, read.altered)
    result = Result(
        read.form,
        sum(step.command is not None for step in steps),
        sum(s.kind == "wind" for step in steps for s in step.said),
        found,
        [(s.place, compare.shown(s)) for s in steps if s.command and not playable(s)],
        known,
        [],
    )
    _needed(result, steps, quirks, read.altered, beside)
    if any(not result.is_known(d) for d in found) and explain:
        _explain(found, steps, quirks, read.altered, watched.seen)
    return result


class _Watched:
    """Quirks that note at which of them the module looks: no other can explain anything."""

    def __init__(self, quirks):
        self._quirks = quirks
        self.seen = set()

    def __getattr__(self, name):
        self.seen.add(name)
        return getattr(self._quirks, name)


def _differences(steps, quirks, altered, last=None):
    player = Player(steps, quirks)
    player.play(last)
    return compare.differences(steps, player, altered)


def _needed(result, steps, quirks, altered, switched):
    """Note which Known do not occur, and which switches change nothing."""
    result.unneeded = [k for k in result.known if not any(map(k.covers, result.differences))]
    keys = {d.key for d in result.differences}
    for name in switched:
        default = dataclasses.replace(quirks, **{name: Quirks.choices()[name][0]})
        if {d.key for d in _differences(steps, default, altered)} <= keys:
            result.unneeded.append(Known(0, f"{name}={switched[name]}"))


def _explain(found, steps, quirks, altered, seen):
    """Note for each difference with which other reading alone it vanishes, and brings no other
    to its command. seen: the switches at which the module looks."""
    before = {}
    last = max(d.step for d in found)
    for difference in found:
        before.setdefault(difference.step, set()).add(difference.key)
    for name, choices in Quirks.choices().items():
        for value in choices:
            if name not in seen or value == getattr(quirks, name):
                continue
            other = dataclasses.replace(quirks, **{name: value})
            now = {}
            for difference in _differences(steps, other, altered, last):
                now.setdefault(difference.step, set()).add(difference.key)
            for difference in found:
                rest = now.get(difference.step, set())
                if difference.key not in rest and rest <= before[difference.step]:
                    difference.agrees.append((name, value))


def report(result, name=""):
    """Yield the lines of a report, without secrets."""
    yield f"{name}: {result.form}, {result.commands} commands, {result.indications} indications"
    if not result.commands:
        yield "It has no commands: have the terminal show what it sends, or leave the echo on."
    for place, command in result.skipped:
        yield f"line {place}: {command}: not sent, because part of it is masked"
    for difference in result.differences:
        yield f"line {difference.place}: {difference.command or '(before the first command)'}"
        yield f"    recorded:  {_words(difference.recorded)}"
        yield f"    simulated: {_words(difference.simulated)}"
        if result.is_known(difference):
            yield "    known"
        elif difference.agrees:
            words = " or ".join(f"{switch}={value}" for switch, value in difference.agrees)
            yield f"    agrees with {words}"
        else:
            yield "    no switch explains it"
    for known in result.unneeded:
        yield f"{known.words}: known, but it does not occur"
    yield _verdict(result)


def _words(text):
    return "(nothing)" if text is None else text


def _verdict(result):
    if not result.differences:
        return "The simulated module answers likewise."
    n = len(result.differences)
    explained = sum(bool(d.agrees) or result.is_known(d) for d in result.differences)
    return f"Differences: {n}, explained: {explained}."


def files(folder):
    """The recordings of a folder, a sorted list of paths: all files but those that end in .known
    or .md, or begin with a dot."""
    return sorted(
        path
        for path in pathlib.Path(folder).iterdir()
        if path.is_file() and path.suffix not in (".known", ".md") and path.name[0] != "."
    )


def verify(path):
    """Play a recording. Raises AssertionError with a report if there is a difference that is not
    known, or a known one that does not occur."""
    result = check(path, explain=False)
    if result.unneeded or not all(map(result.is_known, result.differences)):
        result = check(path)
        raise AssertionError("\n".join(report(result, pathlib.Path(path).name)))
