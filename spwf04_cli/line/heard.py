"""What it means that these bytes came where an SPWF04 should have answered AT."""

import re
from typing import NamedTuple

from ..advice import sentence
from ..output import clean

SILENCE, LOW, ECHO, ANSWERS = "silence", "low", "echo", "answers"
DEAF, RESTARTS = "deaf", "restarts"
OLDER, GPS, REPL, MODEM, CONSOLE = "spwf01", "gps", "repl", "modem", "console"
TEXT, GARBAGE = "text", "garbage"

# They come at any rate, or at a wrong one
UNDECIDED = (SILENCE, LOW, GARBAGE)

_NMEA = re.compile(rb"\$(?:G[A-Z]|BD|QZ|P)[A-Z]{3}[A-Z\d]{0,3},[^\r\n]*|!AIVD[MO],[^\r\n]*")
_UBX = b"\xb5\x62"  # how a message of u-blox begins
_REPL = re.compile(
    rb">>> |NameError: |raw REPL; CTRL-B|MicroPython v\d|Adafruit CircuitPython|MPY: soft reboot"
    rb"|Press any key to enter the REPL|Code done running|\.py output:"
)
_MODEM = re.compile(
    rb"(?:^|[\r\n>])\s*(?:OK|ERROR|ready|(?:APP )?RDY|RING|NO CARRIER|SMS Ready|Call Ready"
    rb"|\+CM[ES] ERROR.*|ERROR:\(\w+\)|\+CPIN:.*|\+AT: OK|busy p\.\.\."
    rb"|WIFI (?:CONNECTED|GOT IP))\s*[\r\n]"
)
_CONSOLE = re.compile(
    rb"ets [A-Z][a-z]{2} +\d+ \d{4}|ESP-ROM:|rst:0x|boot mode:\(|U-Boot|autoboot|Booting Linux"
    rb"|\[ +\d+\.\d{6}\]|login: |[Pp]assword: |[#$] $"
)
_SHORTEST = 8  # bytes: fewer may be legible by chance
_LEGIBLE = 0.85  # of the bytes


class Heard(NamedTuple):
    """kind: one of the words above. what: what comes, in words. todo: what to do about it."""

    kind: str
    what: str
    todo: str


def explained(heard, port="PORT", rate=None):
    """The Heard of bytes that came in answer to AT. port: where, for advice. rate: the bit/s at
    which they were received; None: the usual ones have all been tried."""
    kind = _kind(heard)
    at = f"at {rate} bit/s" if rate else "at any usual rate"
    shown = _excerpt(heard, kind)
    what = {
        SILENCE: f"nothing comes {at}",
        LOW: "the line is held low: only zeros come",
        ECHO: "what is sent comes back, and nothing else",
        ANSWERS: "AT is answered, and what else was asked is not",
        DEAF: "the module sends, but does not hear",
        RESTARTS: "the module restarts again and again",
        OLDER: f"an SPWF01, the older module, answers: {shown}",
        GPS: f"a GPS receiver sends: {shown}",
        REPL: f"the prompt of MicroPython or CircuitPython answers: {shown}",
        MODEM: f"another modem answers: {shown}",
        CONSOLE: f"a board or a computer starts, or waits for a login: {shown}",
        TEXT: f"something else sends: {shown}",
        GARBAGE: f"bytes come that make no sense {at}",
    }[kind]
    return Heard(kind, what, _todo(kind, port, rate))


def _kind(heard):
    stripped = re.sub(rb"[\r\n\0]", b"", heard)
    if not heard:
        return SILENCE
    if not heard.strip(b"\0"):
        return LOW
    if stripped and not stripped.replace(b"AT", b""):
        return ECHO
    if b"AT-S." in heard:
        return ANSWERS
    if b"+WIND:" in heard:
        if re.search(rb"\nOK\r", heard):
            return OLDER
        return RESTARTS if heard.count(b"+WIND:1:") > 1 else DEAF
    if _NMEA.search(heard) or heard.startswith(_UBX) or heard.count(_UBX) > 1:
        return GPS
    for kind, pattern in ((REPL, _REPL), (MODEM, _MODEM), (CONSOLE, _CONSOLE)):
        if pattern.search(heard):
            return kind
    return TEXT if _is_legible(heard) else GARBAGE


def _is_legible(heard):
    """True if bytes are text, such as no wrong rate and no noise would make. UTF-8 counts."""
    text = heard.decode("utf-8", "replace")
    good = sum(1 for c in text if (c.isprintable() and c != "\ufffd") or c in "\r\n\t\0\x1b\b\x04")
    return len(text.strip("\r\n\0")) >= _SHORTEST and good >= _LEGIBLE * len(text)


def _excerpt(heard, kind):
    """The piece of it that says most, safe for a terminal."""
    if kind == GPS:
        sentences = _NMEA.search(heard)
        return clean(sentences[0][:40]) if sentences else "messages of u-blox"
    lines = [line for line in re.split(rb"[\r\n\0]+", heard) if line.strip(b" \t")]
    if kind == REPL:  # the banner or the error; else the prompt
        lines = sorted(lines, key=lambda line: not _REPL.search(line.replace(b">>> ", b"")))[:1]
    return clean(b" ".join(lines).strip()[:60].decode("utf-8", "replace"))


def _todo(kind, port, rate):
    if kind == SILENCE:
        return (
            "Check the power (3.3 V, 500 mA) and the wiring: TX goes to the module's RX, RX to "
            "its TX, ground to ground. Nothing may hold its reset pin low. If its configuration "
            "uses RTS and CTS (console_hwfc), they must be wired. With GPIO9 high at power-on, "
            "the module talks over SPI"
        )
    if kind == LOW:
        return (
            "Check that the module has power, and that its TX is wired to this side's RX. A port "
            "with the levels of RS-232 is the wrong one"
        )
    if kind == ECHO:
        return "Check whether TX and RX are connected with each other, or the adapter echoes"
    if kind == ANSWERS:
        return f"Try again. If it stays so: {sentence('check_line')}"
    if kind == DEAF:
        return "Check the wire to the module's RX: it comes from this side's TX, at 3.3 V"
    if kind == RESTARTS:
        return (
            "Check the power: 3.3 V, and 500 mA when it sends. Nothing may pull its reset pin low"
        )
    if kind == OLDER:
        return "This program and its driver are for the SPWF04, whose commands are others"
    if kind == REPL:
        return (
            f"That is the board itself. If the module is wired to it, use --via-mcu {port} in "
            "place of --port"
        )
    if kind == MODEM:
        return "Check the port: other modems answer AT too, an SPWF04 answers AT-S.OK"
    if kind == GARBAGE:
        other = "The module may have another rate (--baud). Else check" if rate else "Check"
        return (
            f"{other} that the ground is connected, and that the level is 3.3 V. An open wire "
            "picks up noise"
        )
    return "Check the port: an SPWF04 answers AT-S.OK"
