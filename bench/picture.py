"""Draws the results as small bar charts, readable on light and dark pages."""

from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt

from bench import line, targets

_TEXT = "#010203"  # becomes currentColor, which follows the reader's colour scheme
_STYLE = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
_FONT = "DejaVu Sans"  # comes with matplotlib; a font as wide replaces it
_OURS, _PEER, _LIMIT = "#1f7a55", "#6b7688", "#d9822b"
_LABELS = {"spwf04": "spwf04", "mbed": "mbed", "tinyclr": "TinyCLR", "espat": "ESP_ATcontrol"}


def _bars(axes, title, unit, bars, limit=None, limit_text="target", each=()):
    """Draw bars: [(label, value, text)], ours in green. limit: the target of all bars. each: a
    limit for each bar."""
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", color=_TEXT)
    values = [value for _, value, _ in bars]
    colours = [_OURS if label.startswith("spwf04") else _PEER for label, _, _ in bars]
    places = range(len(bars) - 1, -1, -1)
    axes.barh(places, values, color=colours, height=0.62)
    axes.set_yticks(list(places), [label for label, _, _ in bars], fontsize=8.5, color=_TEXT)
    top = max([*values, limit or 0, *each])
    for place, (_, value, text) in zip(places, bars):
        inside = value > top / 8
        x, side = (value - top / 80, "right") if inside else (value + top / 80, "left")
        colour = "white" if inside else _TEXT
        axes.text(x, place, text, ha=side, va="center", fontsize=8.5, color=colour)
    line = {"color": _LIMIT, "linewidth": 1.4, "linestyle": (0, (4, 2))}
    end = len(bars) - 0.5
    for place, value in zip(places, each):
        axes.plot([value, value], [place - 0.42, place + 0.42], **line)
    if limit is not None:
        axes.plot([limit, limit], [-0.5, end], **line)
    if limit is not None or each:
        where = {"ha": "center", "va": "bottom"}
        axes.text(each[0] if each else limit, end, limit_text, color=_LIMIT, fontsize=8, **where)
    axes.set_xlim(0, top * 1.08)
    axes.set_ylim(-0.6, len(bars) - 0.05)
    axes.set_xlabel(unit, fontsize=8, color=_TEXT, loc="left")
    axes.tick_params(length=0, labelsize=8.5)
    axes.set_xticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _bulk(axes, result, way):
    bars = []
    for driver in _LABELS:
        for chunk in (line.CHUNKS[0], line.CHUNKS[-1]):
            for row in targets.bulk_rows(result, driver, way, baud=115200, turnaround_ms=3):
                if row["chunk"] == chunk:
                    value = row["bytes_per_second"] / 1000
                    bars.append((f"{_LABELS[driver]}, {chunk}", value, f"{value:.1f}"))
    title = f"Bulk {way}, 115200 baud, 3 ms turnaround"
    unit = "KB/s, by chunk"
    if way == "receive":
        unit += "; ESP_ATcontrol pushes: a host that is late loses data"
    _bars(axes, title, unit, bars, 11.52, "the line: 11.5")


def _pages(axes, result):
    pages = result["page"]["pages"]
    names = {
        "spwf04 https": "spwf04, HTTPS",
        "spwf04 requests": "spwf04, requests",
        "mbed http": "mbed",
        "tinyclr http": "TinyCLR",
        "espat http": "ESP_ATcontrol",
        "espat requests": "ESP_ATcontrol, requests",
    }
    bars = [
        (text, pages[name]["commands"], pages[name]["commands"]) for name, text in names.items()
    ]
    _bars(axes, "A page of 500 bytes", "AT commands", bars, targets.COMMANDS)


def _memory(axes, result):
    in_use = result["heap"]["in_use"]
    bars = [
        (_LABELS[driver], in_use[driver]["made"] / 1024, f"{in_use[driver]['made'] / 1024:.1f}")
        for driver in ("spwf04", "espat")
    ]
    title = "Heap after import and construction"
    _bars(axes, title, "KB (32-bit MicroPython)", bars)


def _sizes(axes, result):
    size = result["size"]
    bars = [
        (
            "spwf04: sockets, TLS, CAs",
            size["programs"]["client"]["total"] / 1000,
            f"{size['programs']['client']['total'] / 1000:.1f}",
        ),
        ("ESP_ATcontrol: a socket", size["espat"] / 1000, f"{size['espat'] / 1000:.1f}"),
    ]
    _bars(axes, "Code: .mpy files", "KB (mpy-cross -O3)", bars)


def _cpu(axes, result):
    row = next(r for r in result["cpu"] if (r["way"], r["burst"]) == ("receive", 256))
    bars = [
        (_LABELS[driver], row[driver]["us_per_kb"], f"{row[driver]['us_per_kb']:.0f}")
        for driver in ("spwf04", "espat")
    ]
    title = "CPU time for a received KB"
    _bars(axes, title, "µs (MicroPython on the PC that measured)", bars)


def _smallest(axes, result):
    texts = {"client": "spwf04, CA from a file", "example": "spwf04, bundle of roots"}
    kb = result["heap"]["smallest_kb"]
    bars = [(text, kb[program], kb[program]) for program, text in texts.items()]
    bars.append(("ESP_ATcontrol", 0, "cannot do one"))
    ceilings = [targets.SMALLEST[program][0] for program in texts]
    title = "Smallest heap for an HTTPS GET"
    _bars(axes, title, "KB (32-bit MicroPython)", bars, limit_text="ceilings", each=ceilings)


_PLACES: Any = [["receive", "send"], ["page", "cpu"], ["page", "smallest"], ["sizes", "memory"]]


def draw(result, file):
    """Write the results as an SVG."""
    settings: Any = {"svg.hashsalt": "spwf04", "svg.fonttype": "none", "font.family": _FONT}
    with plt.rc_context(settings):
        figure, place = plt.subplot_mosaic(
            _PLACES, figsize=(10.5, 8.6), height_ratios=(8, 2.6, 2.6, 2.6), layout="constrained"
        )
        figure.get_layout_engine().set(hspace=0.06, wspace=0.04)
        _bulk(place["receive"], result, "receive")
        _bulk(place["send"], result, "send")
        _pages(place["page"], result)
        _cpu(place["cpu"], result)
        _smallest(place["smallest"], result)
        _sizes(place["sizes"], result)
        _memory(place["memory"], result)
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        plt.close(figure)
    text = file.read_text().replace(_TEXT, "currentColor")
    text = text.replace(f"'{_FONT}'", f"'{_FONT}', Verdana, sans-serif")
    head, tag, rest = text.partition("<defs>")
    lines = (head + _STYLE + "\n " + tag + rest).splitlines()
    file.write_text("\n".join(text.rstrip() for text in lines) + "\n")
