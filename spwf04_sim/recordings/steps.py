"""Puts a command, what the host sent behind it, and what the module said together."""

from dataclasses import dataclass, field
from typing import Optional

from ..logs import events
from ..logs.forms import Form, parse
from ..logs.signs import FINAL, delimiter

LINE, WIND, DATA = "line", "wind", "data"


@dataclass
class Said:
    """What the module said. kind: LINE, WIND or DATA. data: bytes without a line end; None: data
    that are not in the log. n: how many data there were. ms: when, None if not known. place: line
    number in the log."""

    kind: str
    data: Optional[bytes]
    n: int = 0
    ms: Optional[float] = None
    place: int = 0

    @property
    def text(self):
        """It as a str, for looking into; never for showing."""
        return (self.data or b"").decode("utf-8", "surrogateescape")

    @property
    def number(self):
        """Of an indication: its number; else -1."""
        parts = self.text.split(":", 2)
        known = self.kind == WIND and len(parts) > 1 and parts[1].isdecimal()
        return int(parts[1]) if known else -1

    @property
    def fields(self):
        """What stands behind an indication's text, a list of str."""
        return self.text.split(":")[3:]

    @property
    def final(self):
        """True if it ends a reply."""
        return self.kind == LINE and FINAL.match(self.data or b"") is not None


@dataclass
class Step:
    """A command and what the module said until the next one. command: its line as bytes, None for
    what came before the first. fill: it is no command, but line ends that fill an open payload.
    sent: the data behind it, None if they are not in the log; announced: how many there were.
    echoed: whether the module echoed it, None if the log cannot tell."""

    command: Optional[bytes] = None
    form: Optional[Form] = None
    ms: Optional[float] = None
    place: int = 0
    sent: Optional[bytes] = None
    announced: int = 0
    fill: bool = False
    echoed: Optional[bool] = None
    said: list = field(default_factory=list)

    @property
    def name(self):
        """The command's name; "" if there is none."""
        return self.form.name if self.form is not None else ""

    def argument(self, n):
        """The command's nth argument; "" if it is missing."""
        return self.form.argument(n) if self.form is not None else ""

    @property
    def lines(self):
        """The lines of the reply, a list of str."""
        return [s.text for s in self.said if s.kind == LINE]

    @property
    def ended(self):
        """True if the log has the end of the reply."""
        return any(s.final for s in self.said)

    @property
    def ok(self):
        """True if the reply ended with OK."""
        return any(line.startswith("AT-S.OK") for line in self.lines)

    @property
    def error(self):
        """The number of the error that ended the reply; 0 if none did."""
        for line in self.lines:
            if line.startswith("AT-S.ERROR:"):
                number = line.split(":")[1]
                return int(number) if number.isdecimal() else 0
        return 0

    def reply(self, word):
        """The rest of the reply's first line AT-S.<word>:, None if there is none."""
        start = f"AT-S.{word}:"
        return next((line[len(start) :] for line in self.lines if line.startswith(start)), None)

    def winds(self, *numbers):
        """The indications with these numbers, a list of Said."""
        return [s for s in self.said if s.number in numbers]


class Grouper:
    """Is fed with events; steps has a Step for each command so far."""

    def __init__(self):
        self.steps = [Step()]
        self._delimiter = ","

    def feed(self, event):
        """Take in an event."""
        step = self.steps[-1]
        if event.kind == events.COMMAND:
            self._command(event, step)
        elif event.kind == events.FILL:
            self.steps.append(Step(event.data, None, event.ms, event.place, fill=True))
        elif event.kind == events.OUT and step.command is not None:
            step.announced += event.n if event.n is not None else len(event.data or b"")
            if event.data is not None:
                step.sent = (step.sent or b"") + event.data
        elif event.kind in (events.LINE, events.IN):
            said = said_of(event)
            if said is not None:
                step.said.append(said)

    def _command(self, event, step):
        if event.echo:
            step.echoed = True
            return
        text = event.data.decode("utf-8", "surrogateescape")
        form = parse(text, self._delimiter)
        if form is not None and form.name == "SCFG" and form.argument(0) == "console_delimiter":
            self._delimiter = delimiter(form.argument(1)) or self._delimiter
        self.steps.append(Step(event.data, form, event.ms, event.place, echoed=event.heard))


def said_of(event):
    """The Said of an event of the module, or None if it says nothing."""
    if event.kind == events.IN:
        n = event.n if event.n is not None else len(event.data or b"")
        return Said(DATA, event.data, n, event.ms, event.place)
    data = event.data.lstrip(b"\0")
    if not data.strip():
        return None
    kind = WIND if data.startswith(b"+WIND:") else LINE
    return Said(kind, data, 0, event.ms, event.place)


def steps_of(recording):
    """The Steps of a reader.Recording, a list; the first has no command."""
    grouper = Grouper()
    for event in recording.events:
        grouper.feed(event)
    for step in grouper.steps:
        step.echoed = bool(step.echoed) if recording.told and step.command is not None else None
    return grouper.steps
