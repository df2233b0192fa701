"""Draws a decoded log as a timeline: host on the left, module on the right, time downwards.

drawsvg makes the SVG. Its text stays text, and its colours follow the reader's light or dark
scheme.
"""

import math
import textwrap

import drawsvg

from ..times import plural
from . import payloads
from .decode import ERROR, NONE, OK, OPEN, Exchange, Indication, Note, hint
from .finding import ERROR as GRAVE
from .finding import WARNING, beginning, when
from .groups import Group, grouped
from .listing import ONE_SIDE, result, took

_WIDTH = 1040
_TIME, _HOST, _MODULE = 66, 440, 560  # right end of the times, and the lanes
_ROW, _LINE, _GAP = 24, 15, 12
_CHAR = 7.0  # width of a character of 12 px, monospaced
_LEFT = int((_HOST - _TIME - 34) / _CHAR)  # characters
_RIGHT = int((_WIDTH - _MODULE - 44) / _CHAR)
_PAUSE_MS = 1000  # a longer silence is shown as a gap
_REPLIES = 3  # lines
_TIP = 600  # characters of a tool tip
_MOST = 2000  # items

_STYLE = """
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328; }
.paper { fill: #ffffff; }
.title { font: 600 16px system-ui, "DejaVu Sans", sans-serif; }
.head { font: 600 13px system-ui, "DejaVu Sans", sans-serif; }
.says, .time { fill: #59636e; }
.says { font-size: 11px; }
.lane { stroke: #818b98; stroke-width: 2; }
.gap { stroke: #818b98; stroke-width: 2; stroke-dasharray: 2 5; }
.bar { stroke-width: 1; }
.ok { fill: #dafbe1; stroke: #1a7f37; } .arrow-ok { stroke: #1a7f37; }
.error { fill: #ffebe9; stroke: #cf222e; } .arrow-error { stroke: #cf222e; }
.none { fill: #fff8c5; stroke: #9a6700; stroke-dasharray: 4 3; } .arrow-none { stroke: #9a6700; }
.many { fill: #ddf4ff; stroke: #0969da; } .arrow-many { stroke: #0969da; }
.arrow { stroke-width: 1.5; fill: none; }
.tick { stroke: #818b98; stroke-width: 2; } .tick-good { stroke: #1a7f37; }
.tick-bad { stroke: #9a6700; } .tick-odd { stroke: #8250df; }
.red { fill: #cf222e; } .amber { fill: #9a6700; } .purple { fill: #8250df; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.paper { fill: #0d1117; }
.says, .time { fill: #9198a1; }
.ok { fill: #12261e; stroke: #3fb950; } .arrow-ok { stroke: #3fb950; }
.error { fill: #301b1e; stroke: #f85149; } .arrow-error { stroke: #f85149; }
.none { fill: #2a2211; stroke: #d29922; } .arrow-none { stroke: #d29922; }
.many { fill: #111d2e; stroke: #4493f8; } .arrow-many { stroke: #4493f8; }
.tick-good { stroke: #3fb950; } .tick-bad { stroke: #d29922; } .tick-odd { stroke: #ab7df8; }
.red { fill: #f85149; } .amber { fill: #d29922; } .purple { fill: #ab7df8; }
}
"""
_MARKS = {OK: "ok", ERROR: "error"}


def drawing(items, findings, name, both=True):
    """The SVG, a str, of items and findings. name: of the log. both: the module's side is in
    it."""
    shown = [item for item in grouped(items) if not isinstance(item, Note)]
    sheet = _Sheet(beginning(items))
    for item in shown[:_MOST]:
        sheet.item(item)
    if len(shown) > _MOST:
        sheet.label(f"… {plural(len(shown) - _MOST, 'more item')}: spwf04 trace --all lists them")
    return sheet.finished(name, findings, "Nothing." if both else ONE_SIDE)


class _Sheet:
    """The sheet, which is filled from top to bottom."""

    def __init__(self, start):
        self.shapes = []
        self.y = 76.0
        self._start = start
        self._last = None  # ms of the last item
        self._lanes = [(52.0, "lane")]  # where a part of the lanes begins, and its style

    # parts -----------------------------------------------------------------------------------
    def text(self, x, y, words, style="", anchor="start", most=None, tip=None):
        """Words, cut to `most` characters; then a tool tip has all of them."""
        if most is not None and len(words) > most:
            tip = (tip or words)[:_TIP]
            words = words[: most - 1] + "…"
        found = drawsvg.Text(words, 12, x, y, class_=style, text_anchor=anchor)
        found.args.pop("font-size", None)  # the style sheet sets it
        if tip:
            found.append_title(tip)
        self.shapes.append(found)

    def line(self, x1, y1, x2, y2, style):
        """A straight line."""
        self.shapes.append(drawsvg.Line(x1, y1, x2, y2, class_=style))

    def arrow(self, x1, x2, y, mark):
        """A level arrow from x1 to x2."""
        tip = -6 if x2 > x1 else 6
        style = f"arrow arrow-{mark}"
        self.line(x1, y, x2, y, style)
        self.shapes.append(
            drawsvg.Lines(x2 + tip, y - 4, x2, y, x2 + tip, y + 4, class_=style, close=False)
        )

    def label(self, words):
        """A line of its own."""
        self.text(_HOST, self.y + 14, words, "says")
        self.y += _ROW

    def _moment(self, item):
        """Draw an item's time in the left margin, and a gap before it after a long silence."""
        if item.at is None:
            return
        if self._last is not None and item.at - self._last > _PAUSE_MS:
            pause = (item.at - self._last) / 1000
            self._lanes += [(self.y - 4, "gap"), (self.y + 24, "lane")]
            self.text(_TIME, self.y + 14, f"{pause:.1f} s", "says", "end")
            self.y += 30
        self._last = getattr(item, "ended", None) or item.at
        seconds = f"{(item.at - self._start) / 1000:.3f}"
        self.text(_TIME, self.y + 13, seconds, "time", "end")

    # items -----------------------------------------------------------------------------------
    def item(self, item):
        """Draw an item below the others."""
        self._moment(item)
        if isinstance(item, Exchange):
            self._exchange(item)
        elif isinstance(item, Group) and isinstance(item.items[0], Indication):
            self._tick(item.what, item.says, "tick", "")
        elif isinstance(item, Group):
            self._group(item)
        elif isinstance(item, Indication):
            style = "amber" if item.weight == "bad" else ""
            tick = f"tick tick-{item.weight}" if item.weight else "tick"
            self._tick(f"WIND {item.number}: {item.text}", item.says, tick, style)
        else:
            words = f"? {payloads.escaped(item.data, 4)}"
            says = f"{plural(len(item.data), 'byte')} that make no sense"
            self._tick(words, says, "tick tick-odd", "purple")

    def _tick(self, words, says, tick, style):
        top = self.y
        self.line(_MODULE - 7, top + 9, _MODULE + 9, top + 9, tick)
        self.text(_MODULE + 18, top + 13, words, style, most=_RIGHT)
        self.text(_MODULE + 18, top + 13 + _LINE, says, "says", most=_RIGHT + 5)
        self.y = top + _ROW + _LINE

    def _exchange(self, item):
        mark = _MARKS.get(item.result, "none")
        left = [(item.command or "(not in the log)", "", item.says)]
        if item.sent is not None:
            kind = f", {item.sent.kind}" if item.sent.kind else ""
            left.append((f"{plural(item.sent.size, 'byte')}{kind}", "says", ""))
        elif item.says:
            left.append((item.says, "says", ""))
        right = self._answers(item)
        height = max(_LINE * max(len(left), len(right)) + 4, self._tall(item))
        self._bar(mark, height, took(item))
        for n, (words, style, tip) in enumerate(left):
            y = self.y + 12 + n * _LINE
            self.text(_HOST - 14, y, words, style, "end", _LEFT, tip)
        for n, (words, style) in enumerate(right):
            y = self.y + height - 4 - (len(right) - 1 - n) * _LINE
            self.text(_MODULE + 14, y, words, style, most=_RIGHT)
        self.arrow(_HOST, _MODULE, self.y, mark)
        if item.result not in (NONE, OPEN):
            self.arrow(_MODULE, _HOST, self.y + height, mark)
        self.y += height + _GAP

    def _answers(self, item):
        """[(words, style)] of the reply's lines."""
        found = [(line, "says") for line in item.replies[:_REPLIES]]
        if len(item.replies) > _REPLIES:
            found.append((f"… {plural(len(item.replies) - _REPLIES, 'more line')}", "says"))
        if item.received is not None:
            kind = f", {item.received.kind}" if item.received.kind else ""
            found.append((f"{plural(item.received.size, 'byte')}{kind}", "says"))
        word, _ = result(item)
        style = {OK: "", ERROR: "red"}.get(item.result, "amber")
        text = f"✗ {word} {item.text}" if item.result == ERROR else word
        if item.result not in (OK, ERROR):
            text = f"✗ {word}"
        found.append((text, style))
        advice = hint(item)
        if advice:
            found += [(part, "says") for part in textwrap.wrap(advice, _RIGHT)]
        return found

    def _group(self, item):
        height = max(_ROW, self._tall(item))
        self._bar("many", height, took(item))
        self.text(_HOST - 14, self.y + 14, item.what, "", "end", _LEFT)
        self.text(_MODULE + 14, self.y + 14, item.says, "says", most=_RIGHT)
        self.y += height + _GAP

    @staticmethod
    def _tall(item):
        """The height of an item's bar: it grows with the logarithm of the duration."""
        if item.at is None or item.ended is None:
            return 18
        return 18 + 12 * math.log10(1 + max(0, item.ended - item.at) / 10)

    def _bar(self, mark, height, words):
        left, width = _HOST, _MODULE - _HOST
        style = f"bar {mark}"
        self.shapes.append(drawsvg.Rectangle(left, self.y, width, height, class_=style))
        if words:
            middle = self.y + height / 2 + 4
            self.text((_HOST + _MODULE) / 2, middle, words, "says", "middle")

    # the whole -------------------------------------------------------------------------------
    def _verdict(self, findings, fine):
        self.y += _GAP
        self.text(24, self.y + 14, "What went wrong", "head")
        self.y += _ROW
        if not findings:
            self.text(24, self.y + 12, fine, "says")
            self.y += _ROW
        styles = {GRAVE: "red", WARNING: "amber"}
        for finding in findings:
            moment = when(finding, self._start)
            head = f"{finding.weight.capitalize()}: {finding.what}"
            head += f" ({moment})" if moment else ""
            lines = [(part, styles.get(finding.weight, "")) for part in _wrapped(head)]
            for why in finding.why:
                lines += [(part, "says") for part in _wrapped(f"- {why}")]
            lines += [(part, "says") for part in _wrapped(finding.do)]
            for words, style in lines:
                self.text(24, self.y + 12, words, style)
                self.y += _LINE
            self.y += 6

    def finished(self, name, findings, fine):
        """The SVG. fine: what it says if there are no findings."""
        end = self.y
        self._verdict(findings, fine)
        height = math.ceil(self.y + 12)
        sheet = drawsvg.Drawing(_WIDTH, height, id_prefix="spwf04-")
        sheet.append_css(_STYLE)
        sheet.append_title(f"{name}: what host and module said")
        sheet.append(drawsvg.Rectangle(0, 0, _WIDTH, height, class_="paper"))
        for (top, style), (bottom, _) in zip(self._lanes, [*self._lanes[1:], (end, "")]):
            for x in (_HOST, _MODULE):
                sheet.append(drawsvg.Line(x, top, x, bottom, class_=style))
        heads, self.shapes = self.shapes, []
        self.text(24, 28, name, "title", most=100)
        self.text(_HOST, 44, "host", "head", "middle")
        self.text(_MODULE, 44, "module", "head", "middle")
        if self._start is not None:
            self.text(_TIME, 44, "s", "says", "end")
        for shape in [*heads, *self.shapes]:
            sheet.append(shape)
        return sheet.as_svg() or ""


def _wrapped(text):
    return textwrap.wrap(text, int((_WIDTH - 48) / _CHAR)) or []
