"""Undoes what terminals, people and forums do to a log: time stamps, markers of direction,
prompts, visible line ends, HTML. The bytes remain, and the marker of each line.
"""

import html
import re
from collections import Counter
from typing import NamedTuple, Optional

# How a piece of the protocol begins
START = re.compile(r"AT-S\.|\+WIND:\d|AT\+S\.|AT&[VWF]\b|AT$", re.I)

# The same inside a line, where a lone AT may be any word
_BEHIND = re.compile(
    r"AT-S\.[A-Z]|\+WIND:\d|AT\+S\.[A-Z]|(?<![A-Z0-9])AT(?:&[VWF])?(?:\\r|\s*$)", re.I
)

_TAGS = re.compile(
    r"</?(?:p|div|span|pre|code|b|i|u|em|strong|li|ul|ol|a|font|td|tr|th|table|tbody|blockquote"
    r"|hr|h\d|img|html|body)\b[^>]*>",
    re.I,
)
_BREAK = re.compile(r"<br\s*/?>(?:\r?\n)?", re.I)
_ENDS = re.compile(
    r"(?P<crlf><cr/?lf>|\[crlf\]|↵|⏎)"
    r"|(?P<cr><(?:cr|0x0d|0d)>|\[(?:cr|0x0d)\]|\{cr\}|␍|\\r|\\x0d|\^M)"
    r"|(?P<lf><(?:lf|nl|0x0a|0a)>|\[(?:lf|0x0a)\]|\{lf\}|␊|\\n|\\x0a)",
    re.I,
)
_PLACEHOLDER = re.compile(r"<(?:\d+|n|len)?\s*(?:raw )?(?:data|bytes)[^>]*>|\[data\]", re.I)
_CLOCK = re.compile(
    r"\[?(?:\d{4}[-/]\d\d[-/]\d\d[ T])?(?P<h>[0-2]?\d):(?P<m>[0-5]\d):(?P<s>[0-5]\d)"
    r"(?P<part>[.,:]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?(?=[\s\]>])\]?\s*"
)
_CLOCK_WITHIN = re.compile(r"(?<![\d:])[0-2]?\d:[0-5]\d:[0-5]\d(?:[.,]\d{1,6})?(?![\d:])")
_SECONDS = re.compile(
    r"\[\s*(?P<seconds>\d+\.\d+)\]\s*|(?P<plain>\d+\.\d+)(?: ?s)?\s+(?=[<>\[+A])"
)
_MILLIS = re.compile(r"\[?(?P<ms>\d+)(?: ?ms)?\]?\s+(?=[<>]{1,2} )")
_SYMBOL = re.compile(
    r"(?P<symbol>-->|<--|->|<-|=>|<=|>>|<<|>|<|→|←|»|«)(?:\s+|$|(?=AT[+\-&]|AT$|\+WIND:))", re.I
)
_WORD = re.compile(
    r"\[?(?P<word>TXD?|RXD?|HOST|MODULE|MCU|PC|OUT|IN|SEND|SENT|SND|RECV|RCV|RECEIVED?|WIFI"
    r"|SPWF04\w*)\]?\s*(?:\([^)]*\))?\s*(?:[:|]|[-=]*>|\])\s*",
    re.I,
)
_PROMPT = re.compile(r"\S{0,24}?[>$#]\s*(?=AT\+S\.|AT&|AT$)", re.I)
# SPI logs have the bytes of the packet before the text, and // before the text [T11]
_PACKET = re.compile(r"(?:[0-9A-F]{2} ){2,}(?://)?(?=AT)")
_HEX = re.compile(
    r"(?:[0-9a-f]{6,8}:?\s+)?((?:[0-9a-f]{2}\s+){3,}[0-9a-f]{2})\s*(?:\|.*\|)?", re.I
)

_FEW_HEX = re.compile(r"((?:[0-9a-f]{2}\s+){0,2}[0-9a-f]{2})", re.I)  # in a file of them

# The prefix of a logger ends with one of these, or with a word
_END_OF_PREFIX = re.compile(r"[:>|\])}=~\"'\-»→←-]\s*[\"']?$|\t$")
_MOST_PREFIX = 120


class Pasted(NamedTuple):
    """A line. data: its bytes with the line end. ms: its time. marker: of its direction, "" if it
    has none. place: its number in the file."""

    data: bytes
    ms: Optional[float]
    marker: str
    place: int


def lines(text):
    """The lines of a text, a list of Pasted."""
    text = unhtml(text)
    raw = rows(text)
    dumped = _dumped(line for _, line in raw)
    parts = [(place, *_undecorated(part)) for place, line in raw for part in _records(line)]
    prefixes = set() if dumped else _prefixes(rest for _, _, _, rest in parts)
    found = []
    day = last = 0.0
    for place, ms, marker, rest in parts:
        prefix, rest = _without_prefix(rest, prefixes)
        if prefix:
            clock = _CLOCK_WITHIN.search(prefix)
            if ms is None and clock is not None:
                ms = _time(clock[0] + " ")[0]
            marker += _shape(prefix)
        if ms is not None:
            if ms + day < last - 43_200_000:  # past midnight
                day += 86_400_000
            ms = last = ms + day
        found.append(Pasted(_bytes(rest, dumped), ms, marker, place))
    return found


def rows(text):
    """[(number, line)] of a text. Lines are numbered as editors number them, by their LF, if it
    has any; a CR ends a line too."""
    ends = "\n" if "\n" in text else "\r"
    return [
        (place, part)
        for place, line in enumerate(text.removesuffix(ends).split(ends), 1)
        for part in line.rstrip("\r").split("\r")
    ]


def decorated(text):
    """True if the lines of a text say when they came, or whose they are; or if they are bytes in
    hexadecimal."""
    lines = [line for _, line in rows(text)]
    bare = marked = 0
    for line in lines:
        match = _BEHIND.search(line)
        if match is None:
            continue
        ms, marker, rest = _undecorated(line)
        certain = 0 < match.start() <= _MOST_PREFIX and _END_OF_PREFIX.search(
            line[: match.start()]
        )
        if (START.match(rest) and (ms is not None or marker)) or certain:
            marked += 1
        else:
            bare += 1
    return marked > bare or _dumped(lines)


def _dumped(lines):
    """True if most lines are bytes in hexadecimal; then all are."""
    filled = [line for line in lines if line.strip()]
    return sum(_HEX.fullmatch(_bare(line)) is not None for line in filled) * 2 > len(filled)


def _prefixes(texts):
    """The shapes of a logger's prefixes before commands and lines of the module: they end in a
    mark, or come more than once. Other text before a line may be a person's words."""
    seen = Counter()
    certain = set()
    for text in texts:
        match = _BEHIND.search(text)
        if match is None or not 0 < match.start() <= _MOST_PREFIX:
            continue
        prefix = text[: match.start()]
        if _shape(prefix).strip():
            seen[_shape(prefix)] += 1
            if _END_OF_PREFIX.search(prefix):
                certain.add(_shape(prefix))
    return certain | {shape for shape, n in seen.items() if n > 1}


def _shape(prefix):
    """A prefix without its numbers, which change from line to line."""
    return re.sub(r"[0-9]+", "0", prefix)


def _without_prefix(text, prefixes):
    """(prefix, rest) of a line; the prefix is "" if none is known."""
    match = _BEHIND.search(text)
    if match is not None:
        at = match.start()
        if _shape(text[:at]) not in prefixes:
            return "", text
    else:
        for shape in sorted(prefixes, key=len, reverse=True):
            known = re.match(re.escape(shape).replace("0", "[0-9]+"), text)
            if known is not None:
                at = known.end()
                break
        else:
            return "", text
    rest = text[at:]
    quote = text[:at].rstrip()[-1:]
    if quote in ("'", '"'):
        rest = re.sub(quote + r"[)\],;]*\s*$", "", rest)
    return text[:at], rest


def directions(found):
    """{marker: ">" from the host, "<" from the module, "" not known}, by what stands behind each
    marker. A marker that both sides have says nothing. (An echo is the module's.)"""
    behind = {}
    for line in found:
        match = START.match(line.data.decode("utf-8", "replace").strip())
        if line.marker and match is not None:
            module = match[0][0] == "+" or match[0][:3].upper() == "AT-"
            behind.setdefault(line.marker, set()).add("<" if module else ">")
    learned = {m: "".join(ways) if len(ways) == 1 else "" for m, ways in behind.items()}
    # With "> AT+S.X", "< AT+S.X" and "< AT-S.OK", the marker "<" is the module's, with its echo
    if ">" in learned.values():
        for marker, ways in behind.items():
            if len(ways) == 2:
                learned[marker] = "<"
    return learned


def unhtml(text):
    """A text without its HTML, if it is a web page."""
    if _BREAK.search(text) or _TAGS.search(text) or re.search(r"&(?:lt|gt|amp|nbsp|#\d+);", text):
        text = _TAGS.sub("", _BREAK.sub("\n", text))
        text = html.unescape(text)
    return text.replace("\xa0", " ")


def _bare(line):
    return _undecorated(line)[2].strip()


def _records(line):
    """The line; or several, if a gap follows a visible line end: then the next record follows, or
    a remark."""
    parts = []
    while True:
        gap = next(
            (m for m in _ENDS.finditer(line) if re.match(r"\s{2,}\S", line[m.end() :])), None
        )
        if gap is None:
            break
        parts.append(line[: gap.end()])
        line = line[gap.end() :].strip()
        if not (_SYMBOL.match(line) or START.match(line)):
            return parts
    return [*parts, line]


def _undecorated(line):
    """(ms, marker, rest) of a line."""
    ms, marker = None, ""
    rest = line.strip("\r")
    if len(rest) > 1 and rest.strip()[:1] == "`" == rest.strip()[-1:]:
        rest = rest.strip().strip("`")
    while True:
        stripped = rest.lstrip()
        time = _time(stripped) if ms is None else None
        mark = (_SYMBOL.match(stripped) or _WORD.match(stripped)) if not marker else None
        if time is not None:
            ms, rest = time
        elif mark is not None:
            marker = mark[0].strip().upper()
            rest = stripped[mark.end() :]
        else:
            break
    stripped = rest.lstrip()
    for form in (_PACKET, _PROMPT):
        match = form.match(stripped)
        if match is not None:
            return ms, marker, stripped[match.end() :]
    return ms, marker, stripped if START.match(stripped) else rest


def _time(text):
    """(ms, rest) if the text begins with a time, else None."""
    match = _CLOCK.match(text)
    if match is not None:
        part = (match["part"] or "")[1:]
        seconds = int(match["h"]) * 3600 + int(match["m"]) * 60 + int(match["s"])
        return seconds * 1000 + float(f"0.{part or 0}") * 1000, text[match.end() :]
    match = _SECONDS.match(text)
    if match is not None:
        return float(match["seconds"] or match["plain"]) * 1000, text[match.end() :]
    match = _MILLIS.match(text)
    if match is not None:
        return float(match["ms"]), text[match.end() :]
    return None


def _bytes(text, dumped):
    if dumped:
        match = _HEX.fullmatch(text.strip()) or _FEW_HEX.fullmatch(text.strip())
        return bytes.fromhex(match[1]) if match is not None else b""
    text = _PLACEHOLDER.sub("", text)
    ends = "\n"
    if _ENDS.search(text):
        last = list(_ENDS.finditer(text))[-1]
        if not text[last.end() :].strip():
            text, ends = text[: last.end()], ""
        text = _ENDS.sub(lambda m: "\r\n" if m["crlf"] else "\r" if m["cr"] else "\n", text)
    return (text + ends).encode("utf-8", "surrogateescape")
