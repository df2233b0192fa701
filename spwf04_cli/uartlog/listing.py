"""Shows a decoded log line by line, with the verdict; or as JSON."""

from rich.table import Table
from rich.text import Text

from .. import output
from ..reference import reply
from ..times import plural
from . import payloads
from .decode import ERROR, NONE, OK, OPEN, RESTARTED, Exchange, Indication, Note, Rubbish, hint
from .finding import ERROR as GRAVE
from .finding import WARNING, beginning, when
from .groups import Group, grouped

_LINES = 4  # of a reply; more with --all
_LONGEST = 600  # characters of a line; more than the module takes as a command
_RUBBISH = 4  # bytes that are shown of what makes no sense: it may be a key
_TIME, _PLACE = 9, 4  # widths of columns
_END, _END_TIMED = 10, 19
ONE_SIDE = "What the module said is not in this log, so it does not tell whether all went well."
_STYLES = {"good": "green", "bad": "yellow", "": ""}
_WEIGHTS = {GRAVE: ("Error", "bold red"), WARNING: ("Warning", "bold yellow")}


def took(item):
    """The duration of an item, in words; "" if it is not known."""
    if item.at is None or item.ended is None:
        return ""
    ms = item.ended - item.at
    return f"{ms:.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"


def result(exchange):
    """(how an exchange ended, in a word or two; style)."""
    if exchange.result == OK:
        return "OK", "green"
    if exchange.result == ERROR:
        return f"ERROR {exchange.code or ''}".strip(), "bold red"
    words = {NONE: "no answer", OPEN: "no end", RESTARTED: "restart"}
    return words[exchange.result], "yellow"


def _cut(words):
    if len(words) <= _LONGEST:
        return words
    return f"{words[:_LONGEST]}… {len(words) - _LONGEST} more characters (see --all)"


class Printer:
    """Prints items: the time or line, what was said, what it means, and how it ended.

    everything: also repetitions, long replies and words in between. payload: the content of
    payloads too.
    """

    def __init__(self, everything=False, payload=False):
        self._everything = everything
        self._payload = payload
        self._start = None
        self._timed = False
        self._console = output.out()

    def items(self, items):
        """Print items."""
        if self._start is None:
            self._start = beginning(items)
        self._timed = self._start is not None
        for item in items if self._everything else grouped(items):
            if isinstance(item, Exchange):
                self._exchange(item)
            elif isinstance(item, Indication):
                said = f"+WIND:{item.number}:{item.text}"
                self._row("<", said, item.says, at=item, style=_STYLES[item.weight])
            elif isinstance(item, Group):
                end = Text(took(item), "dim")
                self._row("…", item.what, item.says, end, item)
            elif isinstance(item, Rubbish):
                means = f"{plural(len(item.data), 'byte')} that make no sense"
                self._row(
                    "?", payloads.escaped(item.data, _RUBBISH), means, at=item, style="yellow"
                )
            elif self._everything:
                self._row("", item.text, at=item, style="italic")

    def _where(self, item):
        if item is None:
            return ""
        if not self._timed:
            return str(item.place or "")
        if item.at is None:
            return ""
        return f"{(item.at - self._start) / 1000:.3f}"

    def _row(self, mark, said, means="", end=None, at=None, style=""):
        """Print what was said, and beside it what it means; below if there is no room."""
        if not self._everything:
            said, means = _cut(said), _cut(means)
        room = self._console.width - (_TIME if self._timed else _PLACE) - 3 - 2
        last = (_END_TIMED if self._timed else _END) if end else 0
        narrow = room * 4 // 9
        wide = room - narrow - 1 - last
        beside = len(said) <= narrow and len(means) <= wide
        said, means = output.plain(said, style), output.plain(means, "dim")
        widths = [narrow, wide] if beside and means else [room - last]
        grid = self._grid([*widths, last - 1] if end else widths)
        cells = [said, means] if beside and means else [said]
        grid.add_row(self._where(at), mark, *cells, *([end] if end else []))
        self._console.print(grid)
        if means and not beside:
            grid = self._grid([2, room - 3])
            grid.add_row("", "", "", means)
            self._console.print(grid)

    def _grid(self, widths):
        grid = Table.grid(padding=(0, 1, 0, 0))
        place = _TIME if self._timed else _PLACE
        grid.add_column(width=place, justify="right", style="dim", no_wrap=True)
        grid.add_column(width=2, justify="right", style="dim")
        for width in widths:
            grid.add_column(width=width, overflow="fold")
        return grid

    def _exchange(self, item):
        words, style = result(item)
        end = Text(words, style)
        if took(item):
            end.append(" " + took(item), "dim")
        if item.command:
            says = item.says or "a command that is not known"
            self._row("<" if item.heard else ">", item.command, says, end, item, "bold")
        else:
            self._row(">", "(not in the log)", "", end, item, "dim")
        self._load(">>", item.sent)
        lines = item.replies
        if len(lines) > _LINES + 1 and not self._everything:
            lines = lines[:_LINES]
        for line in lines:
            self._row("<", line, reply(line, item.name))
        if len(lines) < len(item.replies):
            self._row("<", f"… {plural(len(item.replies) - len(lines), 'more line')}", "see --all")
        self._load("<<", item.received)
        if item.result == ERROR:
            text = f"AT-S.ERROR:{item.code}:{item.text}" if item.code else "AT-S.ERROR"
            self._row("<", text, hint(item) or "", style="red")

    def _load(self, way, load):
        if load is None:
            return
        size = plural(load.size, "byte")
        if load.data is not None and load.announced not in (None, load.size):
            size += f" of {load.announced}"
        kind = load.kind or "not in the log"
        if load.secret and "private" in kind:
            kind = "a private key"
        self._row(way, size, kind)
        if self._payload and load.data and not load.secret:
            self._row("", payloads.escaped(load.data))


def recognised(items, findings):
    """True if the log shows anything of a module."""
    said = any(isinstance(item, (Exchange, Indication)) for item in items)
    return said or any(finding.weight == GRAVE for finding in findings)


def verdict(heard, items, findings):
    """Print a summary of the log, what went wrong, and what to do."""
    out = output.out()
    out.print()
    out.print(output.plain(_summary(heard, items), "dim"))
    if not findings:
        fine = Text("Nothing went wrong here.", "green")
        out.print(fine if heard.both else output.plain(ONE_SIDE, "yellow"))
    start = beginning(items)
    for finding in findings:
        word, style = _WEIGHTS.get(finding.weight, ("Note", "bold"))
        head = Text(word, style) + output.plain(f": {finding.what}")
        moment = when(finding, start)
        head += output.plain(f" ({moment})" if moment else "", "dim")
        out.print()
        out.print(head)
        for why in finding.why:
            out.print(output.indented(why, mark="- "))
        if finding.do:
            out.print(output.indented(finding.do))


def _summary(heard, items):
    commands = sum(isinstance(item, Exchange) for item in items)
    winds = sum(isinstance(item, Indication) for item in items)
    parts = [heard.form, plural(commands, "command"), plural(winds, "indication")]
    times = [item.at for item in items if item.at is not None]
    if times:
        parts.append(f"{(times[-1] - times[0]) / 1000:.1f} s")
    if not heard.both:
        parts.append("the host's side only")
    elif not any(isinstance(item, Exchange) and item.command for item in items):
        parts.append("the module's side only")
    notes = sum(isinstance(item, Note) for item in items)
    if notes:
        parts.append(f"{plural(notes, 'other line')} (see --all)")
    text = ", ".join(parts)
    return text[0].upper() + text[1:] + "."


# JSON --------------------------------------------------------------------------------------------
def document(name, heard, items, findings, payload=False):
    """The decoded log as plain values for JSON. Times are ms, as in the log; seconds count from
    its beginning."""
    start = beginning(items)
    return {
        "source": name,
        "form": heard.form,
        "recognised": recognised(items, findings),
        "module_heard": heard.both,
        "items": [_plain(item, payload) for item in items],
        "findings": [
            {
                "name": f.name,
                "weight": f.weight,
                "what": f.what,
                "why": f.why,
                "do": f.do,
                "at": f.at,
                "seconds": None if f.at is None else round((f.at - (start or 0)) / 1000, 3),
                "line": f.place,
                "count": f.count,
            }
            for f in findings
        ],
    }


def _plain(item, payload):
    found = {"type": type(item).__name__.lower(), "at": item.at, "line": item.place}
    if isinstance(item, Exchange):
        found.update(
            command=item.command,
            says=item.says,
            ended=item.ended,
            sent=_load(item.sent, payload),
            replies=item.replies,
            received=_load(item.received, payload),
            result=item.result,
        )
        if item.result == ERROR:
            found.update(error=item.code, text=item.text, hint=hint(item))
    elif isinstance(item, Indication):
        found.update(number=item.number, text=item.text, says=item.says, weight=item.weight)
    elif isinstance(item, Note):
        found.update(text=item.text)
    else:
        found.update(bytes=len(item.data), data=item.data[:_RUBBISH].hex())
    return found


def _load(load, payload):
    if load is None:
        return None
    found = {"announced": load.announced, "bytes": load.size, "kind": load.kind}
    found["recorded"] = load.data is not None
    if payload and load.data is not None and not load.secret:
        found["data"] = load.data.hex()
    return found
