"""A recording as events in time: what spwf04.at.trace.record() has written, or any other log.

An event is (ms, way, bytes). way: ">" to the module, "<" from it, doubled for a payload. A payload
whose content was not recorded is dots. A masked secret stays masked: *
"""

import re

from spwf04.at import secret

from .events import COMMAND, FILL, IN, LINE, OUT

_LINE = re.compile(r"([0-9]{1,15}) (>>|<<|>|<) ?(.*)")
_PAYLOAD = re.compile(r"([0-9]{1,7})(?: ((?:[0-9a-f]{2})*))?")
_FILL = re.compile(r"\(([0-9]{1,5}) LF to end an open payload\)")
_CODE = re.compile(rb"\\x([0-9a-f]{2})")
HEAD = "# spwf04 trace 1\n"


def events(text):
    """Read a recorded text as [(ms, way, bytes)], see event(). ValueError if a line is no event,
    and neither empty nor a remark that begins with #."""
    found = []
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        one = event(line)
        if one is not None:
            found.append(one)
        elif line.strip() and not line.startswith("#"):
            words = secret.masked(line.encode("utf-8", "replace"))
            raise ValueError(f"not a line of a trace: {words!r}")
    return found


def event(line):
    """Read a recorded line as (ms, way, bytes); None if it is none.

    way: ">" to the module, "<" from it, doubled for a payload. A payload whose content was not
    recorded is dots. A masked secret stays masked: *
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    ms, way, rest = int(match[1]), match[2], match[3]
    fill = _FILL.fullmatch(rest) if way == ">" else None
    if fill is not None:
        return ms, ">>", b"\n" * int(fill[1])
    if way in (">>", "<<"):
        payload = _PAYLOAD.fullmatch(rest)
        if payload is None:
            return None
        return ms, way, bytes.fromhex(payload[2]) if payload[2] else b"." * int(payload[1])
    # A recording is ASCII; what somebody wrote into it is kept as it stands in the file
    text = rest.encode("utf-8", "surrogateescape")
    data = _CODE.sub(lambda m: bytes.fromhex(m[1].decode()), text)
    return ms, way, data + (b"\r" if way == ">" else b"\r\n")


def events_of(recording):
    """The events of a reader.Recording, whatever wrote the log. Without times all is at once."""
    found = []
    ms = 0
    for event in recording.events:
        ms = ms if event.ms is None else round(event.ms)
        for way, data in _told(event):
            found.append((ms, way, data))
    return found


def _told(event):
    """What an event of a log was on the wire: [(way, bytes)]."""
    data = event.data or b""
    if event.kind == COMMAND:
        line = data.strip(b"\r\n")
        there = [] if event.echo else [(">", line + b"\r")]
        return there + ([("<", line + b"\r\n")] if event.echo or event.heard else [])
    if event.kind == LINE:
        return [("<", data + b"\r\n")]
    if event.kind in (OUT, IN, FILL):
        size = len(data) if event.n is None else event.n
        whole = data.ljust(size, b".")[:size]  # a text may have lost line ends
        return [("<<" if event.kind == IN else ">>", whole)] if size else []
    return []  # noise, or somebody's words


def written(found, payload=False):
    """Events as record() writes them, a str: secrets are masked. payload: with what sockets sent
    and received, but never with certificates and files."""
    text = HEAD
    kept = False  # the last command's payload is secret
    for ms, way, data in found:
        if way in (">>", "<<"):
            digits = " " + data.hex() if payload and not kept and data.strip(b".") else ""
            text += f"{ms} {way} {len(data)}{digits}\n"
            continue
        line = data.strip(b"\r\n")
        if way == ">":
            kept = secret.payload(line) or secret.shown(line) < len(line)
        text += f"{ms} {way} {secret.masked(line)}\n"
    return text
