"""Shows the results on the terminal, and writes them into docs/performance.json and .md."""

import datetime
import json
import re
import sys

from rich.console import Console
from rich.table import Table

from bench import board, line, measure, targets

DOCS = board.HERE.parent / "docs"
PAGE = DOCS / "performance.md"
DATA = DOCS / "performance.json"

NAMES = {
    "spwf04": "spwf04",
    "mbed": "mbed SPWFSA04",
    "tinyclr": "TinyCLR",
    "espat": "ESP_ATcontrol",
}


_COLOURS = {"met": "green", "raised": "yellow", "above": "red", "missed": "red", "fault": "red"}


def target_table(result):
    """Return the rows of the targets, texts, the heads first. So do the other *_table()."""
    heads = ["what", "target", "measured", "", "nearest peers, same run"]
    return [heads] + [
        [row.what, row.target, row.measured, row.verdict, row.peer] for row in targets.rows(result)
    ]


def bulk_table(result, way):
    """Bytes in a second and shares, by rate, turnaround and chunk."""
    heads = [
        "baud",
        "turnaround",
        "chunk",
        "commands",
        "bytes on the line",
        "KB/s",
        "of the bound",
    ]
    heads += ["of the line", *[NAMES[d] + ", of the line" for d in ("mbed", "tinyclr", "espat")]]
    rows = [heads]
    by = {
        (r["driver"], r["baud"], r["turnaround_ms"], r["chunk"]): r
        for r in result["line"]
        if r["way"] == way
    }
    for baud in line.BAUDS:
        for turnaround in line.TURNAROUNDS:
            for chunk in line.CHUNKS:
                ours = by["spwf04", baud, turnaround, chunk]
                others = [
                    targets.percent(by[d, baud, turnaround, chunk]["share_of_line"])
                    for d in ("mbed", "tinyclr", "espat")
                ]
                rows.append(
                    [
                        f"{baud}",
                        f"{turnaround} ms",
                        f"{chunk}",
                        f"{ours['commands']}",
                        f"{ours['to_module'] + ours['from_module']:,}",
                        f"{ours['bytes_per_second'] / 1000:.1f}",
                        targets.percent(ours["share_of_bound"]),
                        targets.percent(ours["share_of_line"]),
                        *others,
                    ]
                )
    return rows


def page_table(result):
    """What each way to get a page costs."""
    rows = [["page by", "AT commands", "round trips", "bytes to the module", "from it", "seconds"]]
    rows[0].append("of it waited")
    for name, cost in result["page"]["pages"].items():
        driver, how = name.split(" ")
        counts = [cost[n] for n in ("commands", "round_trips", "to_module", "from_module")]
        times = [f"{cost['seconds']:.2f}", f"{cost['waited']:.1f}"]
        if how == "https":  # its server is real, and takes real time
            times = ["–", "–"]
        rows.append([f"{NAMES[driver]}, {how}", *map(str, counts), *times])
    return rows


def size_table(result):
    """Files that the client loads."""
    client = result["size"]["programs"]["client"]
    rows = [["file", "bytes of .mpy"]]
    for name, size in sorted(client["files"].items(), key=lambda x: -x[1]):
        rows.append([name, f"{size:,}"])
    return [*rows, ["all", f"{client['total']:,}"]]


def group_table(result):
    """Folders of the driver, and all of it."""
    rows = [["part", "bytes of .mpy"]]
    return rows + [[name, f"{size:,}"] for name, size in result["size"]["groups"].items()]


def heap_table(result):
    """Heap in use."""
    rows = [["bytes of heap (32 bit)", "spwf04", "ESP_ATcontrol"]]
    texts = {
        "imported": "in use after import of radio and sockets",
        "made": "… and construction of radio, pool and a socket",
        "downloading": "… joined, while a download runs",
        "with_tls": "… and SSLContext and certificate store made",
    }
    in_use = result["heap"]["in_use"]
    for stage, text in texts.items():
        peer = in_use["espat"].get(stage)
        rows.append([text, f"{in_use['spwf04'][stage]:,}", "–" if peer is None else f"{peer:,}"])
    return rows


def allocated_table(result):
    """Heap allocated by calls."""
    rows = [["a call that moves 730 bytes", "leaves behind", "takes in all", "with locked heap"]]
    for call in result["heap"]["allocated"]:
        rows.append(
            [
                f"{NAMES[call['driver']]}, {call['way']}, {call['face']}.UART",
                f"{call['garbage']:,.0f}",
                f"{call['taken']:,.0f}",
                "works" if call["locked"] else "fails",
            ]
        )
    return rows


def cpu_table(result):
    """CPU time by way and burst."""
    rows = [["us of CPU per KB", "spwf04", "of it UART", "ESP_ATcontrol", "of it UART", "ratio"]]
    rows[0].append("ratio without UART")
    for row in result["cpu"]:
        times = [
            f"{row[driver][what]:.0f}"
            for driver in ("spwf04", "espat")
            for what in ("us_per_kb", "uart_us_per_kb")
        ]
        ratios = [f"{row['ratio']:.2f}", f"{row['ratio_without_uart']:.2f}"]
        rows.append([f"{row['way']}, {row['burst']} bytes at a time", *times, *ratios])
    return rows


def steps_table(result):
    """The steps of a read of 730 bytes, by layer, with the five largest functions of each."""
    found = result["steps"]
    total = sum(row["steps"] for row in found)
    rows = [["a read of 730 bytes", "calls", "steps of the interpreter", "share"]]

    def add(name, some):
        n = sum(row["steps"] for row in some)
        calls = sum(row["calls"] for row in some)
        rows.append([name, f"{calls:g}", f"{n:,.0f}", f"{100 * n / total:.0f} %"])

    for layer in ("uart", "parser", "channel", "sockets"):
        of_layer = [row for row in found if row["layer"] == layer]
        add(f"**{layer}**", of_layer)
        for row in of_layer[:5]:
            add(row["function"], [row])
    add("**all**", found)
    return rows


def start_table(result):
    """How long help takes."""
    rows = [["help of", "seconds", "CPU seconds", "CPU above a bare Typer app"]]
    for row in result["start"]:
        times = [f"{row[name]:.2f}" for name in ("seconds", "cpu")]
        rows.append([row["command"], *times, f"{row['above_bare']:+.2f}"])
    return rows


def services_table(result):
    """What each service adds."""
    rows = [["service", "files that it loads", "bytes of .mpy", "bytes of heap (32 bit)"]]
    for name, cost in result["services"].items():
        rows.append([name, str(cost["files"]), f"{cost['mpy']:,}", f"{cost['heap']:,}"])
    return rows


def frames_table(result):
    """Call frames that do not fit on the C stack."""
    return [["file", "function", "words"], *[list(map(str, e)) for e in result["frames"]]]


TABLES = {
    "bulk receive": ("line", lambda result: bulk_table(result, "receive")),
    "bulk send": ("line", lambda result: bulk_table(result, "send")),
    "page": ("page", page_table),
    "size": ("size", size_table),
    "groups": ("size", group_table),
    "heap": ("heap", heap_table),
    "allocated": ("heap", allocated_table),
    "cpu": ("cpu", cpu_table),
    "steps": ("steps", steps_table),
    "start": ("start", start_table),
    "services": ("services", services_table),
    "frames": ("frames", frames_table),
}


def show(result):
    """Print the results that there are."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    for name, (part, make) in TABLES.items():
        if part in result:
            _print(console, name, make(result))
    if "heap" in result and "smallest_kb" in result["heap"]:
        console.print(f"smallest heap, KB: {result['heap']['smallest_kb']}")
    if "frozen" in result:
        console.print(f"smallest heap, frozen, KB: {result['frozen']['smallest_kb']}")
    if all(part in result for part in measure.PARTS):
        _print(console, "targets", target_table(result))


def _print(console, title, rows):
    table = Table(title=title, title_justify="left")
    for head in rows[0]:
        table.add_column(head)
    for row in rows[1:]:
        table.add_row(*row, style=next(filter(None, map(_COLOURS.get, row)), None))
    console.print(table)


def _markdown(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def recorded():
    """Return the result in docs/performance.json."""
    return json.loads(DATA.read_text())


def made():
    """Return what a result says of its making."""
    return {"date": str(datetime.date.today()), "tools": measure.tools()}


def write(result):
    """Write a whole result into docs/performance.json, and the tables of docs/performance.md."""
    result = json.loads(json.dumps(result), parse_float=lambda text: round(float(text), 6))
    DATA.write_text(_json(result) + "\n")
    PAGE.write_text(fill(PAGE.read_text(), result))


def fill(text, result):
    """The page with the tables of a result between their marks."""
    made = ", ".join(f"{name} {version}" for name, version in result["tools"].items())
    text = _between(text, "made", f"Made by `make bench` on {result['date']}: {made}.")
    text = _between(text, "targets", _markdown(target_table(result)))
    for name, (part, make) in TABLES.items():
        if part in measure.PARTS and part in result:
            text = _between(text, name, _markdown(make(result)))
    return text


def _json(value, depth=0):
    """JSON with a line for each row of a table."""
    if depth == 2 or not value or not isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, dict):
        first, last = "{}"
        parts = [f"{json.dumps(key)}: {_json(part, depth + 1)}" for key, part in value.items()]
    else:
        first, last = "[]"
        parts = [_json(part, depth + 1) for part in value]
    text = ",\n".join(parts)
    return f"{first}\n{text}\n{last}"


def _between(text, name, content):
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
    replaced, n = re.subn(pattern, lambda m: f"{m[1]}\n{content}\n\n{m[2]}", text, flags=re.S)
    if n != 1:
        raise ValueError(f"{PAGE.name} has no place for {name}")
    return replaced
