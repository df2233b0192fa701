"""Reads a log, whatever wrote it."""

import codecs
import re
from dataclasses import dataclass, field

from . import pasted
from .events import COMMAND, FILL, IN, LINE, NOTE, OUT, Event
from .forms import parse
from .recorded import event as recorded
from .sorter import Sorter

_OWN = re.compile(r"\d+ (?:>>|<<|>|<)(?: .*)?")
# The same behind the prefix of another logger
_BEHIND = re.compile(r".*?[\s\]:|](\d+ (?:[<>] (?:AT|\+WIND:).*|(?:>>|<<) \d+(?: [0-9a-f]+)?))")
_COLOURS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_HALF_A_TURN = 1 << 28  # of an interpreter's ticks_ms()
_TEXT = {*b"\t\n\r", *range(32, 127), *range(128, 256)}


@dataclass
class Recording:
    """A log that was read. form: its kind, in words. events: list of Event. both: the module's
    side is in it. altered: payloads may be longer or shorter than they were. told: each
    line says whose it is. spi: it is a log of the SPI interface."""

    form: str
    events: list = field(default_factory=list)
    both: bool = True
    altered: bool = False
    told: bool = False
    spi: bool = False


def read(data):
    """The Recording of the bytes of a file."""
    data = _once(data)
    if data.startswith(codecs.BOM_UTF8):  # no module sends it; an editor puts it there
        data = data[len(codecs.BOM_UTF8) :]
    text = _text(data)
    if text is None and b"\x1b" in data:
        data = _COLOURS.sub(b"", data)
        text = _text(data)
    if text is None:
        # Stray bytes make no capture of bytes of a log whose lines say when they came, or whose
        # they are
        text = data.decode("utf-8", "surrogateescape")
        if not pasted.decorated(text):
            return _raw(data)
    elif _untouched(data, text):
        return _raw(data)
    lines = [line for _, line in pasted.rows(pasted.unhtml(text))]
    behind = [_BEHIND.fullmatch(line) for line in lines]
    if any(m is not None and m[1].split()[1] in (">>", "<<") for m in behind):
        lines = [line if m is None else m[1] for line, m in zip(lines, behind)]
    own = [line for line in lines if _OWN.fullmatch(line.strip())]
    rest = sum(pasted.START.match(line.strip()) is not None for line in lines)
    if own and len(own) > rest:
        return _own(lines)
    return _pasted(text)


def _once(data):
    """The bytes; if a program has put a CR before each line end once too often, without it."""
    if data.count(b"\r\r\n") == data.count(b"\n"):
        return data.replace(b"\r\r\n", b"\r\n")
    return data


def _text(data):
    """The file as text; None if it is a capture of bytes."""
    wide = _utf16(data)
    if wide:
        return data.decode(wide, "replace")
    if set(data) - _TEXT or re.search(rb"\r(?![\r\n])", data):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _utf16(data):
    """The name of the UTF-16 that a file is in, as PowerShell writes it; "" if it is none."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    even, odd = data[0:400:2], data[1:400:2]
    for zero, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(zero) > 3 and zero.count(0) * 10 > len(zero) * 9 and other.count(0) == 0:
            return name
    return ""


def _untouched(data, text):
    """True if a text is a capture of bytes that are all text: it still has the module's line ends,
    and little else."""
    if b"\n" in data.replace(b"\r\n", b""):
        return False
    lines = [line for line in text.splitlines() if line.strip()]
    known = sum(pasted.START.match(line) is not None for line in lines)
    return b"\r\n" in data and known * 2 >= len(lines)


def _raw(data):
    found = Recording("a capture of bytes")
    found.both = b"AT-S." in data or b"+WIND:" in data
    sorter = Sorter(found.events.append, both=found.both)
    for place, line in enumerate(_lines(data), 1):
        sorter.feed(line, place=place)
    sorter.pause()
    return found


def _lines(data):
    """The lines of a capture with their ends, as an editor counts them: payloads too."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _pasted(text):
    found = Recording("a log as text", altered=True)
    lines = pasted.lines(text)
    ways = pasted.directions(lines)
    found.both = any(b"AT-S." in line.data or b"WIND:" in line.data for line in lines)
    sorter = Sorter(found.events.append, altered=True, both=found.both)
    for line in lines:
        sorter.feed(line.data, line.ms, ways.get(line.marker, ""), line.place)
    sorter.pause()
    found.spi = sorter.spi
    found.told = set(ways.values()) >= {">", "<"}
    return found


def _own(lines):
    """The Recording of what spwf04.at.trace wrote; lines of another program may be in between."""
    found = Recording("a recording of spwf04.at.trace", told=True)
    asked = None
    turns = last = 0
    for place, raw in enumerate(lines, 1):
        line = raw.lstrip()  # the module's own blanks may end it: a line of a scan has one
        one = recorded(line) if _OWN.fullmatch(line) else None
        if one is None:
            if line and not line.startswith("#"):
                note = line.encode("utf-8", "surrogateescape")
                found.events.append(Event(NOTE, note, place=place))
            continue
        ms, way, data = one
        if last - ms > _HALF_A_TURN:  # the clock has wrapped around
            turns += 1 << last.bit_length()
        last = ms
        ms += turns
        text = data.strip(b"\r\n")  # the driver's question begins with a CR, to end a line
        if way == ">":
            asked = text
            found.events.append(Event(COMMAND, text, ms, place=place))
        elif way == "<":
            command = parse(text.decode("latin-1")) is not None
            event = Event(
                COMMAND if command else LINE, text, ms, echo=command and text == asked, place=place
            )
            if text:
                found.events.append(event)
        elif way == ">>" and data.strip(b"\n") == b"" and "LF to end" in line:
            found.events.append(Event(FILL, data, ms, n=len(data), place=place))
        else:
            # Dots stand for bytes that were not recorded
            known = data if data.strip(b".") else None
            found.events.append(
                Event(OUT if way == ">>" else IN, known, ms, n=len(data), place=place)
            )
    return found
