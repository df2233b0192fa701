"""Sends the module what is typed, and shows what it answers, with the meaning.

It knows no terminal: lines.py and prompt.py read the lines. The driver's channel sends and
receives, so an open payload or a restart of the module is handled as in the driver.
"""

import difflib
import re

from spwf04.at.exchange import RESTARTED, RUNNING, Exchange
from spwf04.at.parser import Parser
from spwf04.errors import SPWF04Error
from spwf04_sim.logs.signs import COUNTED

from .. import reference
from ..advice import told
from ..output import MASK, clean
from ..reference.masking import keeps_secret, secret_spans, shown, typed
from ..times import plural
from ..uartlog import payloads

_LIMIT_MS = {
    "SOCKON": 40_000,
    "MQTTCONN": 40_000,
    "WSOCKON": 40_000,
    "HTTPGET": 120_000,
    "HTTPPOST": 120_000,
    "SMTP": 120_000,
    "TFTPGET": 120_000,
    "TFTPPUT": 120_000,
    "FWUPDATE": 600_000,
    "FSUPDATE": 600_000,
    "PYTHON": 600_000,
    "SCAN": 15_000,
    "PING": 30_000,
    "RESET": 20_000,
    "WPS": 130_000,
}
_USUAL_MS = 10_000
_LONGEST = 1 << 16  # bytes that are kept of a line of the module
_SCANNING, _SCANNED = 21, 35
_KEEP = 1024  # bytes of a payload that are shown

# Variables that the driver under the shell relies on
_FIXED = {
    "console_echo": "the shell needs the echo off",
    "console_delimiter": "the shell separates arguments by commas",
    "console_hwfc": "it changes the line that the shell uses; a program can set it, "
    "radio.set_flow_control()",
    "console_speed": "the shell would lose the module; a program can set it, radio.set_baudrate()",
}


class Refused(Exception):
    """A line that is not sent; its text says why."""


class Console:
    """A console to a module. show(text, means="", style="") prints a line and what it means."""

    def __init__(self, radio, show):
        self.channel = radio.channel
        self.channel.parser = Parser(_LONGEST)
        self.show = show
        self.sockets = []  # ids of sockets that were opened here
        self.failed = False  # a command did not end with OK
        self.seen = set()  # numbers of indications since the last command
        self.line = None  # reference.Line of the command in flight
        self._scans = 0  # scans in a row
        self._sinks = []
        self._ended = False  # AT-S.OK followed a body without a line end
        handlers = self.channel.on_indication
        for number in range(96):
            handlers[number] = _Chained(handlers.get(number), self._on_wind)
        self._on_late_line = self.channel.on_late_line  # the driver's own
        self.channel.on_late_line = self._late_line

    # before a command ------------------------------------------------------------------------
    @staticmethod
    def understood(text):
        """(command line, its reference.Line) of what was typed, where AT+S. may be left out.
        Refused if it cannot be sent."""
        text = text.strip()
        line = reference.parse(text)
        if line is None:
            word = re.match(r"\w*", text)[0].upper()  # pyright: ignore[reportOptionalSubscript]
            line = reference.parse("AT+S." + text)
            if word not in reference.COMMANDS or line is None:
                near = difflib.get_close_matches(word, reference.COMMANDS, 3)
                hint = f"Did you mean {' or '.join(near)}?" if near else "help lists the commands."
                raise Refused(f"{typed(text)}: not a command. {hint}")
            text = "AT+S." + text
        if (
            line.name == "SCFG"
            and line.argument(0) in _FIXED
            and line.argument(1) not in ("", "0")
        ):
            raise Refused(f"Not sent: {_FIXED[line.argument(0)]}.")
        return text, line

    @staticmethod
    def missing(line):
        """The variable whose secret value was left out and is to be asked for, or None."""
        name = line.argument(0)
        if line.name == "SCFG" and len(line.arguments) == 1 and secret_spans(f"SCFG={name},x"):
            return name
        return None

    # a command -------------------------------------------------------------------------------
    def run(self, text, line, payload=None):
        """Send a command line and wait for its end. True if it ended with OK.

        payload: bytes that follow the line. ValueError if it cannot be sent. KeyboardInterrupt
        gives the command up.
        """
        exchange = Exchange(self._on_line)
        limit = _LIMIT_MS.get(line.name, _USUAL_MS)
        exchange.prepare(text.encode("utf-8", "surrogateescape") + b"\r", payload, limit)
        exchange.restarts = line.name == "RESET"
        channel = self.channel
        self.line, self._ended, self._sinks, self._scans = line, False, [], 0
        self.seen.clear()
        begin = channel.clock.ticks_ms()
        try:
            while not channel.start(exchange):
                channel.step()
            while exchange.code == RUNNING and not self._ended:
                channel.step()
        except KeyboardInterrupt:
            channel.lose()
            raise
        finally:
            self.line = None
        took = (channel.clock.ticks_ms() - begin) & 0x1FFFFFFF
        if self._ended:
            channel.lose()  # its OK was no line of its own: the next command finds the module
            exchange.code = 0
        for sink in self._sinks:
            self._payload(line, bytes(sink))
        self._after(line, exchange)
        self._result(exchange, took)
        return exchange.code == 0

    def _result(self, exchange, took):
        if exchange.code == 0:
            self.show("OK", f"{took} ms", "green")
            return
        self.failed = True
        if exchange.code > 0:
            text = f"ERROR {exchange.code} {exchange.text}".strip()
            self.show(text, reference.advice(exchange.code) or "", "bold red")
            return
        try:
            self.channel.check(exchange)
        except SPWF04Error as e:
            self.show(*told(e), "bold red")

    def _after(self, line, exchange):
        """Note what a command has changed."""
        if exchange.code == 0 and line.name == "SOCKC" and line.argument(0) in self.sockets:
            self.sockets.remove(line.argument(0))
        if exchange.code == 0 and line.name == "FCFG":
            self.channel.lose()  # the echo is on again
        if exchange.code == RESTARTED or (exchange.code == 0 and line.name == "RESET"):
            self.sockets.clear()

    # what arrives ----------------------------------------------------------------------------
    def poll(self):
        """Take in indications."""
        self.channel.poll()

    def wait(self, number, seconds):
        """Wait until an indication has come since the last command; False if it does not come in
        time. number None: wait for `seconds`."""
        return self.channel.wait(lambda: number in self.seen, round(seconds * 1000))

    def _on_line(self, parser):
        raw = parser.raw()
        name = self.line.name if self.line is not None else ""
        counted = COUNTED.match(raw)
        if counted is not None:
            n = int(counted[1])
            if n:
                sink = bytearray(n)
                self._sinks.append(sink)
                parser.expect_data(n, sink, n)
        elif self.line is not None and self.line.command and self.line.command.body:
            body = re.match(rb"(.*[^\r\n])AT-S\.OK(?::[\d:]*)?$", raw, re.S)
            if body is not None:
                self._ended = True
                raw = body[1]
        text = self._said(raw)
        if name == "SOCKON" and text.startswith("AT-S.On:"):
            self.sockets.append(text.rpartition(":")[2])
        self.show(text, reference.reply(text, name))

    def _said(self, raw):
        """A line of a reply as it may be shown, without secrets."""
        line = self.line
        if line is None or not line.command or not line.command.body:
            return shown(raw)
        if raw.lstrip(b"\0").startswith((b"AT-S.", b"AT+S.")):
            return shown(raw)
        return MASK if keeps_secret(line) else clean(raw.decode("utf-8", "replace"))

    def _on_wind(self, parser):
        number = parser.number(1)
        self.seen.add(number)
        if number in (0, 1):
            self.sockets.clear()
        if number == _SCANNING:
            self._scans += 1
            if self._scans == 3:
                self.show("(it goes on scanning; further scans are not shown)", "", "dim")
        elif number != _SCANNED:
            self._scans = 0
        if self._scans > 2:
            return
        text = shown(parser.raw())
        says, weight = reference.indication(number, text.split(":")[3:])
        self.show(text, says, {"bad": "yellow", "good": "green"}.get(weight, "cyan"))

    def _late_line(self, parser):
        if self._on_late_line is not None:
            self._on_late_line(parser)
        if parser is None:  # no line: the driver has noticed that one is damaged
            return
        text = shown(parser.raw())
        if not text.startswith("AT-S.Var:console_"):  # the answer to a question of the driver
            self.show(text, "a line that belongs to no command", "dim")

    def _payload(self, line, data):
        if keeps_secret(line):
            self.show(f"({plural(len(data), 'byte')}, not shown)")
            return
        for row in rows(data[:_KEEP]):
            self.show(row)
        if len(data) > _KEEP:
            self.show(f"… {len(data) - _KEEP} more bytes")

    # the end ---------------------------------------------------------------------------------
    def close(self):
        """Close the sockets that were opened here, and return their ids."""
        closed = []
        for number in list(self.sockets):
            for _ in range(3):
                code = self._quietly(f"AT+S.SOCKC={number}")
                if code != 77:
                    break
                self._quietly(f"AT+S.SOCKR={number},")  # data that wait keep it open [k.4]
            if code == 0:
                closed.append(number)
        return closed

    def _quietly(self, text):
        exchange = Exchange(self._drop).prepare(text.encode() + b"\r", None, 3000)
        self.channel.run(exchange)
        return exchange.code

    @staticmethod
    def _drop(parser):
        if parser.starts(b"AT-S.Reading:"):
            parser.expect_data(max(0, parser.number(1)), None, 0)


class _Chained:
    """Calls two handlers of one indication."""

    def __init__(self, first, second):
        self._first = first
        self._second = second

    def __call__(self, parser):
        if self._first is not None:
            self._first(parser)
        self._second(parser)


def rows(data):
    """Bytes as lines for a screen: text as it is, other bytes as hexadecimal digits."""
    if payloads.kind(data) == "binary" or b"\0" in data:
        for start in range(0, len(data), 16):
            part = data[start : start + 16]
            text = "".join(chr(c) if 32 <= c < 127 else "." for c in part)
            yield f"{start:04x}  {part.hex(' '):<47}  {text}"
        return
    yield from data.decode("utf-8", "replace").splitlines()


def unescaped(text):
    r"""The bytes of a payload as it is typed: text with \r \n \t \\ \xNN, or @FILE.

    ValueError if it is neither, or if the file cannot be read.
    """
    if text.startswith("@"):
        try:
            with open(text[1:], "rb") as file:
                return file.read()
        except OSError as e:
            raise ValueError(f"{text[1:]}: {e.strerror}") from None
    data = text.encode("utf-8", "surrogateescape")
    if re.search(rb"\\(?![rnt\\]|x[0-9a-fA-F]{2})", data):
        raise ValueError(r"a backslash stands before r, n, t, x and two digits, or another one")
    known = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}
    return re.sub(
        rb"\\(?:x([0-9a-fA-F]{2})|(.))",
        lambda m: bytes.fromhex(m[1].decode()) if m[1] else known[m[2]],
        data,
    )
