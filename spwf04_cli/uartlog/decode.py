"""Puts command, payload and reply together: events come in, items go out.

The driver's own parser reads the lines of the module, so that a log is understood as the driver
understands it.
"""

from dataclasses import dataclass, field
from typing import Optional

from spwf04.at import parser as lines
from spwf04_sim.logs import events
from spwf04_sim.logs.signs import delimiter

from ..output import MASK
from ..reference import Line, advice, explain, indication, parse
from ..reference.masking import Keys, keeps_secret, prose, shown
from . import payloads

# How an exchange ended
OK, ERROR, RESTARTED, NONE, OPEN = "ok", "error", "restarted", "none", "open"


@dataclass
class Payload:
    """A payload. announced: its length as announced, None if it was not. data: bytes, None if they
    are not in the recording. secret: it is never shown."""

    announced: Optional[int]
    data: Optional[bytes] = None
    secret: bool = False
    lf: bool = False

    @property
    def size(self):
        """Its length, as far as it is known."""
        return len(self.data) if self.data is not None else self.announced or 0

    @property
    def kind(self):
        """What it looks like; "" if it is not in the recording."""
        return payloads.kind(self.data) if self.data is not None else ""


@dataclass
class Exchange:
    """A command and its reply. command: as it may be shown; "" if only the reply was recorded.
    says: what it does. at, ended: ms, None if not known. result: OK, ERROR, RESTARTED, NONE or
    OPEN. code: number of an error."""

    command: str
    line: Optional[Line]
    says: str = ""
    at: Optional[float] = None
    ended: Optional[float] = None
    place: int = 0
    heard: bool = False
    sent: Optional[Payload] = None
    received: Optional[Payload] = None
    replies: list = field(default_factory=list)
    result: str = OPEN
    code: int = 0
    text: str = ""
    explained: bool = False  # a rule of findings/ has explained its error

    @property
    def name(self):
        """The command's name; "" if it is not known."""
        return self.line.name if self.line is not None else ""

    def argument(self, n):
        """Its nth argument; "" if there is none."""
        return self.line.argument(n) if self.line is not None else ""

    def reply(self, word):
        """The rest of the reply's first line AT-S.<word>:, None if there is none."""
        start = f"AT-S.{word}:"
        return next((r[len(start) :] for r in self.replies if r.startswith(start)), None)


@dataclass
class Indication:
    """+WIND:<number>:<text>. fields: those behind the text."""

    number: int
    text: str
    fields: list
    says: str
    weight: str
    at: Optional[float] = None
    place: int = 0
    during: bool = False  # a command was running
    explained: bool = False  # a rule of findings/ has explained it
    recovered: bool = False  # what it tells was over soon after


@dataclass
class Rubbish:
    """Bytes that are neither of the host nor of the module."""

    data: bytes
    at: Optional[float] = None
    place: int = 0


@dataclass
class Note:
    """A line of a program, or of a person. recovery: the driver has ended a payload that was left
    open."""

    text: str
    at: Optional[float] = None
    place: int = 0
    recovery: bool = False


class Decoder:
    """Is fed with events, and calls emit(item) for each item that is complete."""

    def __init__(self, emit):
        self._emit = emit
        self._parser = lines.Parser(1024)
        self._exchange = None
        self._later = []  # indications that came during an exchange
        self._delimiter = ","
        self._rubbish = None
        self._odd = bytearray()  # bytes of _rubbish so far
        self._keys = Keys()

    def feed(self, event):
        """Take in an event."""
        if event.kind == events.RUBBISH:
            if self._rubbish is None:
                self._rubbish = Rubbish(b"", event.ms, event.place)
            self._odd += event.data
            return
        self._flush_rubbish()
        _HANDLERS[event.kind](self, event)

    def finish(self):
        """Emit the rest, because nothing more comes."""
        self._flush_rubbish()
        if self._exchange is not None:
            self._end(OPEN, None)

    def _flush_rubbish(self):
        if self._rubbish is not None:
            self._rubbish.data = bytes(self._odd)
            self._odd = bytearray()
            self._put(self._rubbish)
            self._rubbish = None

    def _put(self, item):
        if self._exchange is not None:
            self._later.append(item)
        else:
            self._emit(item)

    # the host's side -------------------------------------------------------------------------
    def _command(self, event):
        if event.echo and self._exchange is not None:
            return
        if self._exchange is not None:
            self._end(NONE, None)
        text = shown(event.data, self._delimiter)
        line = parse(text, self._delimiter)
        self._exchange = Exchange(
            text,
            line,
            explain(line) if line is not None else "",
            event.ms,
            place=event.place,
            heard=event.heard,
        )
        if line is not None and line.name == "SCFG" and line.argument(0) == "console_delimiter":
            self._delimiter = delimiter(line.argument(1)) or self._delimiter

    def _out(self, event):
        exchange = self._exchange
        if exchange is None:
            return
        secret = keeps_secret(exchange.line)
        if exchange.sent is None:
            exchange.sent = Payload(event.n, event.data, secret, event.lf)
        elif exchange.sent.data is not None and event.data is not None:
            exchange.sent.data += event.data
        elif event.n:
            exchange.sent.announced = (exchange.sent.announced or 0) + event.n

    def _fill(self, event):
        if self._exchange is not None:
            self._end(NONE, None)
        text = f"{event.n} line ends, to end a payload that was left open"
        self._put(Note(text, event.ms, event.place, recovery=True))

    # the module's side -----------------------------------------------------------------------
    def _in(self, event):
        exchange = self._reply(event)
        secret = keeps_secret(exchange.line)
        if exchange.received is None:
            exchange.received = Payload(event.n, event.data, secret)
        elif exchange.received.data is not None and event.data is not None:
            exchange.received.data += event.data

    def _line(self, event):
        parser = self._parser
        parser.reset()
        parser.receive_data(event.data + b"\n")
        kind = parser.next_event()
        if kind == lines.INDICATION:
            self._indication(event, parser)
            return
        if not parser.length:
            return
        exchange = self._reply(event)
        if kind == lines.OK:
            self._end(OK, event.ms)
        elif kind == lines.ERROR:
            exchange.code = max(0, parser.number(1))
            exchange.text = shown(event.data).partition(":")[2].partition(":")[2]
            self._end(ERROR, event.ms)
        else:
            exchange.replies.append(self._said(parser.raw(), exchange))

    def _said(self, data, exchange):
        """A line of a reply as it may be shown."""
        if self._keys.holds(data):
            return MASK
        if data.lstrip(b"\0").startswith(b"AT-S."):
            return shown(data, self._delimiter)
        if keeps_secret(exchange.line) or "*" in exchange.command:
            return MASK  # the content of a file, or the rest of an echo
        body = exchange.line is not None and exchange.line.command and exchange.line.command.body
        return prose(data) if body else shown(data, self._delimiter)

    def _reply(self, event):
        """The exchange that an event belongs to; if none is known, one without a command."""
        if self._exchange is None:
            self._exchange = Exchange("", None, at=event.ms, place=event.place)
        return self._exchange

    def _indication(self, event, parser):
        number = parser.number(1)
        text = shown(event.data).split(":", 2)[2] if event.data.count(b":") > 1 else ""
        fields = text.split(":")[1:]
        says, weight = indication(number, fields)
        item = Indication(number, text, fields, says, weight, event.ms, event.place)
        exchange = self._exchange
        if exchange is not None and number in (0, 1, 2):
            asked = exchange.name in ("RESET", "FWUPDATE")
            self._end(OK if asked else RESTARTED, event.ms)
        item.during = self._exchange is not None
        self._put(item)

    def _note(self, event):
        if event.data.strip():
            text = MASK if self._keys.holds(event.data) else prose(event.data).strip()
            self._put(Note(text, event.ms, event.place))

    def _end(self, result, ms):
        exchange, self._exchange = self._exchange, None
        exchange.result = result
        exchange.ended = ms
        self._emit(exchange)
        later, self._later = self._later, []
        for item in later:
            self._emit(item)


_HANDLERS = {
    events.COMMAND: Decoder._command,
    events.OUT: Decoder._out,
    events.IN: Decoder._in,
    events.FILL: Decoder._fill,
    events.LINE: Decoder._line,
    events.NOTE: Decoder._note,
}


def decoded(recording):
    """List the items of a Recording."""
    items = []
    decoder = Decoder(items.append)
    for event in recording.events:
        decoder.feed(event)
    decoder.finish()
    return items


def hint(exchange):
    """What to do about an exchange that ended with an error, or None."""
    if exchange.result != ERROR or exchange.reply("Certificate Error") is not None:
        return None  # the Certificate Error is the cause
    return advice(exchange.code)
