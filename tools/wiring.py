"""python -m tools.wiring: draws docs/wiring-*.svg, a picture for each way to wire the module.

They are as wide as a phone. Their colours follow the reader's light or dark scheme.

The names of the module's pins are those of docs/protocol.md. The pins of the Pico are those of
boards/pico.py; the numbers beside them are of its 40 pins, as Raspberry Pi's pinout of it shows
them. tests/test_wiring.py compares.
"""

import drawsvg

from tools.mpy import ROOT

_WIDTH, _LEFT, _RIGHT = 340, 120, 200  # of the sheet; the edges of the two boxes
_TOP, _ROW = 62, 38

_STYLE = """
text { font: 15px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328; }
.paper { fill: #ffffff; }
.box { fill: #f6f8fa; stroke: #818b98; stroke-width: 1.5; }
.title { font-weight: 600; }
.number { font-size: 12px; fill: #59636e; }
.note { font-size: 13px; fill: #59636e; }
.wire { stroke-width: 3.5; fill: none; }
.tip { stroke: none; }
.data { stroke: #0969da; } .data-tip { fill: #0969da; }
.back { stroke: #1a7f37; } .back-tip { fill: #1a7f37; }
.reset { stroke: #9a6700; }
.ground { stroke: #59636e; }
.power { stroke: #cf222e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.paper { fill: #0d1117; }
.box { fill: #151b23; stroke: #656c76; }
.number, .note { fill: #9198a1; }
.data { stroke: #4493f8; } .data-tip { fill: #4493f8; }
.back { stroke: #3fb950; } .back-tip { fill: #3fb950; }
.reset { stroke: #d29922; }
.ground { stroke: #9198a1; }
.power { stroke: #f85149; }
}
"""

# The wires: the module's pin, the host's pin, what stands beside it, and the kind of the wire
PICO = (
    ("RESET", "GP3", "pin 5", "reset"),
    ("RXD", "GP4", "pin 6", "data"),
    ("TXD", "GP5", "pin 7", "back"),
    ("GND", "GND", "pin 8", "ground"),
)
CIRCUITPYTHON = (
    ("RESET", "D5", "", "reset"),
    ("RXD", "TX", "", "data"),
    ("TXD", "RX", "", "back"),
    ("GND", "GND", "", "ground"),
)
ADAPTER = (
    ("RXD", "TXD", "", "data"),
    ("TXD", "RXD", "", "back"),
    ("GND", "GND", "", "ground"),
)
_RESET = "RESET is open drain. It may be left out."
_SUPPLY = "The supply is the module's own."
PICTURES = {
    "pico": (
        ("Raspberry Pi", "Pico"),
        PICO,
        (_RESET, "The Pico's 3V3 pin gives 300 mA, too little."),
    ),
    "circuitpython": (("board with", "CircuitPython"), CIRCUITPYTHON, (_RESET, _SUPPLY)),
    "adapter": (
        ("USB serial", "adapter"),
        ADAPTER,
        ("An adapter for 3.3 V, not for 5 V.", _SUPPLY),
    ),
}


class _Sheet:
    """The sheet, which is filled from top to bottom."""

    def __init__(self):
        self.shapes = []

    def text(self, x, y, words, style="", anchor="start"):
        """Words; the style sheet has their size."""
        found = drawsvg.Text(words, 15, x, y, class_=style, text_anchor=anchor)
        found.args.pop("font-size", None)
        self.shapes.append(found)

    def box(self, x, y, width, height):
        """A box with round corners."""
        self.shapes.append(drawsvg.Rectangle(x, y, width, height, rx=8, class_="box"))

    def wire(self, y, kind):
        """A level wire between the boxes. Data have an arrow, where they go."""
        a, b = _LEFT + 1, _RIGHT - 1
        if kind == "data":
            a += 8
            self._tip(a, -9, y, kind)
        if kind == "back":
            b -= 8
            self._tip(b, 9, y, kind)
        self.shapes.append(drawsvg.Line(a, y, b, y, class_=f"wire {kind}"))

    def _tip(self, x, length, y, kind):
        shape = drawsvg.Lines(x, y - 7, x + length, y, x, y + 7, close=True)
        shape.args["class"] = f"tip {kind}-tip"
        self.shapes.append(shape)


def drawing(host, wires, notes):
    """The SVG of one picture, a str."""
    sheet = _Sheet()
    bottom = _TOP + len(wires) * _ROW
    supply = bottom + 34
    sheet.box(12, 12, _LEFT - 12, bottom + _ROW - 12)
    sheet.box(_RIGHT, 12, _WIDTH - 12 - _RIGHT, bottom - 12)
    sheet.text(24, 34, "SPWF04SA", "title")
    sheet.text(24, 52, "SPWF04SC", "title")
    for n, words in enumerate(host):
        sheet.text(_RIGHT + 10, 34 + 18 * n, words, "title")
    for n, (pin, there, number, kind) in enumerate(wires):
        y = _TOP + 22 + n * _ROW
        sheet.wire(y, kind)
        sheet.text(_LEFT - 10, y + 5, pin, anchor="end")
        sheet.text(_RIGHT + 10, y + 5, there)
        sheet.text(_WIDTH - 22, y + 5, number, "number", "end")
    _power(sheet, bottom, supply)
    for n, note in enumerate(notes):
        sheet.text(12, supply + 78 + 18 * n, note, "note")
    return _finished(sheet, supply + 110, " ".join(host), wires)


def _power(sheet, bottom, supply):
    """The supply below the host, and its two wires: to 3.3 V, and to the wire of the ground."""
    y, middle = bottom + 16, (_LEFT + _RIGHT) // 2
    sheet.box(_RIGHT, supply - 8, _WIDTH - 12 - _RIGHT, 62)
    sheet.text(_RIGHT + 10, supply + 16, "3.3 V")
    sheet.text(_RIGHT + 10, supply + 42, "GND")
    sheet.text(_WIDTH - 22, supply + 16, "500 mA", "number", "end")
    sheet.text(_LEFT - 10, y + 5, "3.3 V", anchor="end")
    red, grey = middle - 14, middle + 14
    _path(sheet, "power", (_LEFT + 1, y), (red, y), (red, supply + 11), (_RIGHT - 1, supply + 11))
    ground = bottom - _ROW + 22
    _path(sheet, "ground", (grey, ground), (grey, supply + 37), (_RIGHT - 1, supply + 37))
    sheet.shapes.append(drawsvg.Circle(grey, ground, 5, class_="dot"))


def _path(sheet, kind, *points):
    shape = drawsvg.Lines(*[n for point in points for n in point], close=False)
    shape.args["class"] = f"wire {kind}"
    sheet.shapes.append(shape)


def _finished(sheet, height, host, wires):
    made = drawsvg.Drawing(_WIDTH, height)
    made.append_title(
        f"The SPWF04 on a {host}: " + ", ".join(f"{a} to {b} {n}".strip() for a, b, n, _ in wires)
    )
    made.append_css(_STYLE + ".dot { fill: #818b98; }\n")
    made.append(drawsvg.Rectangle(0, 0, _WIDTH, height, class_="paper"))
    made.extend(sheet.shapes)
    return f"{made.as_svg()}\n"


def file(name):
    """The path of a picture."""
    return ROOT / "docs" / f"wiring-{name}.svg"


if __name__ == "__main__":
    for name, parts in PICTURES.items():
        file(name).write_text(drawing(*parts))
