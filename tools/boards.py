"""The facts of boards.toml: looked up in the firmware's own sources, and written into the pages.

    python -m tools.boards FOLDER …     looks up each quotation in checkouts of MicroPython and
                                        CircuitPython, at the revisions of the table
    python -m tools.boards --at REV …   the same at another revision: does it still hold?
    python -m tools.boards --pages      writes the tables into README and docs/boards.md

A quotation is `path: text`. The text stands in one line of that file; comments and the number of
blanks do not count. Parts with … between them stand in this order.

Firmware for many boards was built of the sources of the table's revision, with
arm-none-eabi-gcc 12.2; that for the Picos of revision af47daf3b02b, the last with pico-sdk 2.2.0.
`heap` is `_heap_end - _heap_start`, or `__GcHeapEnd - __GcHeapStart`: what the firmware's own data
leave. `room` is what .text, .data and .isr_vector leave of the linker script's region for them, or
of the part of it before the files. `[frozen]` is what a manifest of `make mpy` adds to them, and
`[without]` what they lose with each step.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
FACTS = tomllib.loads(pathlib.Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
BOARDS = FACTS["board"]
PROJECTS = ("micropython", "circuitpython")
_FAT = 17  # KB that the file system takes of a flash for files in an STM32: docs/boards.md
_SPARE = 4  # KB for main.py and the board's file
SOURCE = 1020  # KB of the driver as source
_ROOTS = 131  # KB of a bundle of all roots
_AMPLE = 192  # KB; with so much nothing that the driver does lacks heap
_ORDER = [None, *(f"`{name}`" for name in FACTS["frozen"])]  # None: no profile
_WITH_ROOTS = _ORDER[-2:]  # they have `roots=`


def project(board):
    """Whose sources are quoted: "micropython" or "circuitpython"."""
    return "circuitpython" if board["port"] == "circuitpython" else "micropython"


def split(lines):
    """[(path, text)] of some quotations."""
    return [tuple(line.split(": ", 1)) for line in lines.strip().splitlines()]


def quotes(board):
    """[(path, text)] of a board."""
    return split(board["quotes"])


def quoted(whose):
    """[(name of a board or port, path, text)] of all that is quoted of a project."""
    found = [(b["name"], *one) for b in BOARDS if project(b) == whose for one in quotes(b)]
    if whose == "micropython":
        found += [(port, *one) for port, text in FACTS["ports"].items() for one in split(text)]
    return found


# Looking up --------------------------------------------------------------------------------------
def plain(text):
    """A file's text with one blank where it has many, and without comments that end a line."""
    lines = [re.sub(r"\s*(//|/\*|\s#\s).*", "", line) for line in text.splitlines()]
    return "\n".join(" ".join(line.split()) for line in lines) + "\n"


def stands(text, quoted):
    """True if the parts of a quotation stand in a file's text, each a line, in this order."""
    place = 0
    for part in quoted.split(" … "):
        found = re.compile(rf"^{re.escape(part)}( ?\\)?$", re.M).search(text, place)
        if found is None:
            return False
        place = found.end()
    return True


class Checkout:
    """A clone of a project of PROJECTS; with or without a work tree."""

    def __init__(self, folder, revision=None):
        self.folder = str(folder)
        here = self._git("ls-tree", "--name-only", "HEAD", "ports/").split()
        self.project = "circuitpython" if "ports/atmel-samd" in here else "micropython"
        self.revision = revision or FACTS[self.project]
        self._texts = {}

    def _git(self, *words):
        done = subprocess.run(
            ["git", "-C", self.folder, *words], capture_output=True, check=False, text=True
        )
        if done.returncode != 0:
            raise OSError(f"{self.folder}: {done.stderr.strip()}")
        return done.stdout

    def text(self, path):
        """A file's plain text; empty if the revision has no such file."""
        if path not in self._texts:
            there = self._git("ls-tree", "--name-only", self.revision, path).strip()
            source = self._git("show", f"{self.revision}:{path}") if there else ""
            self._texts[path] = plain(source)
        return self._texts[path]

    def missing(self):
        """[(name, path, text)] of the quotations that do not stand there."""
        return [one for one in quoted(self.project) if not stands(self.text(one[1]), one[2])]


# Pages -------------------------------------------------------------------------------------------
def profiles():
    """[(name, KB on the board)] of README's table, which `make mpy` writes."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| (`\w+`) \|[^|]*\|[^|]*\|[^|]*\| (\d+) \|$", readme, re.M)
    return [(name, int(kb)) for name, kb in found]


def heaps():
    """KB of heap from .mpy files: (TLS with a CA of one's own, README's example)."""
    needed = _json("bench/budget.json")["smallest heap, KB"]
    return needed["client"], needed["example"]


def heaps_frozen():
    """The same where the driver is frozen into the firmware."""
    needed = _json("docs/performance.json")["frozen"]["smallest_kb"]
    return needed["client"], needed["example"]


def _json(name):
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def fits(board):
    """What of the driver fits a board, in words."""
    if board["port"] == "circuitpython":
        free = board["chip"] - board["firmware"]
        return "source or `.mpy`" if free >= SOURCE + _ROOTS else "`.mpy`"
    free = board["files"] - _SPARE - (_FAT if board["port"] == "stm32" else 0)
    names = [name for name, kb in profiles() if kb <= free]
    client, example = heaps()
    within, words = frozen(board)
    if not names or heap(board) < client:
        return words
    name = names[-1]
    if name in _WITH_ROOTS and heap(board) < example:
        return f"{name}; for `roots=` {words}" if within in _WITH_ROOTS else f"{name}, no `roots=`"
    if "room" in board and _ORDER.index(within) > _ORDER.index(name):
        return f"{name}, or {words}"
    return name


def frozen(board):
    """What of the driver has room in a board's firmware: (the profile, the same in words).

    Where the room is not known, the profile is the largest. It is None if there is no room.
    """
    if "room" not in board:
        return _ORDER[-1], "freeze it"
    sizes = {f"`{name}`": kb for name, kb in FACTS["frozen"].items()}
    client, example = heaps_frozen()
    fit = [name for name in sizes if heap(board) >= (example if name in _WITH_ROOTS else client)]
    found = None, "nothing, unless the firmware becomes smaller"
    lost = list(FACTS["without"].items())
    for n in range(len(lost) + 1):
        room = board["room"] + sum(kb for _, kb in lost[:n])
        names = [name for name in fit if sizes[name] <= room]
        if names and names[-1] != found[0]:
            words = ", ".join(f"`{what}`" for what, _ in lost[:n])
            found = names[-1], f"freeze {names[-1]}" + (f" without {words}" if words else "")
    return found


def heap(board):
    """KB of heap, or what it is less than."""
    return board.get("heap", board.get("ram", _AMPLE))


def memory(board):
    """KB of heap, or what else is known."""
    if "heap" in board:
        return str(board["heap"])
    return f"of {board['ram']}" if "ram" in board else "–"


def flash(board):
    """KB for files."""
    if "files" in board:
        return str(board["files"])
    return str(board["chip"] - board["firmware"])


def pin(board, name):
    """A pin as a board's documents have it."""
    letter = {"stm32": "P", "rp2": "GP", "esp32": "GPIO"}.get(board["port"], "")
    return letter + board[name]


def named(some):
    """The names of boards, as a list in words."""
    short = ", ".join(board["name"].removeprefix("NUCLEO_") for board in some)
    return f"NUCLEO_{short}" if some[0]["port"] == "stm32" else short


def grouped(key):
    """{key: boards} of those boards for which key(board) is the same, in the table's order."""
    found = {}
    for board in BOARDS:
        found.setdefault(key(board), []).append(board)
    return found


def table(head, rows):
    """The lines of a table. head, and each of rows: the cells."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def span(cells):
    """What the cells of several boards say: one thing, or from the least to the most."""
    some = sorted(set(cells), key=lambda cell: int(re.sub(r"\D", "", cell) or 0))
    return some[0] if len(some) == 1 else f"{some[0]} to {some[-1].removeprefix('of ')}"


def in_short():
    """README's table: a row for what fits on the boards of one file."""
    found = grouped(lambda board: (board["file"], fits(board)))
    return table(
        ["board", "in `boards/`", "KB for files", "KB of heap", "what fits"],
        [
            [named(some), f"`{file}.py`", span(map(flash, some)), span(map(memory, some)), words]
            for (file, words), some in found.items()
        ],
    )


def in_full():
    """The table of docs/boards.md: a row for boards that differ in nothing but the name."""

    def cells(board):
        pins = [pin(board, name) for name in ("tx", "rx", "reset")]
        sizes = flash(board), memory(board)
        return (f"`{board['file']}.py`", str(board.get("uart", "")), *pins, *sizes, fits(board))

    head = "board, in `boards/`, UART, TX, RX, RESET, KB for files, KB of heap, what fits"
    rows = [[named(some), *found] for found, some in grouped(cells).items()]
    (least, most), frozen_heap = heaps(), heaps_frozen()
    return [
        *table(head.split(", "), rows),
        "",
        f"From files a program needs {least} KB of heap for a TLS connection, and {most} KB for",
        "`roots=`. Where the driver is frozen, {} KB and {} KB are enough.".format(*frozen_heap),
        "Frozen into the firmware of a Cortex-M4, the profiles take",
        ", ".join(f"{kb} KB (`{name}`)" for name, kb in FACTS["frozen"].items()) + ".",
    ]


TABLES = {"README.md": in_short, "docs/boards.md": in_full}
_BEGIN, _END = "<!-- boards -->\n", "<!-- end of boards -->"


def page(name):
    """A page's text with its table as it should be."""
    text = (ROOT / name).read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return "".join((before, _BEGIN, "\n", "\n".join(TABLES[name]()), "\n\n", _END, after))


def write_pages():
    """Put the tables into README and docs/boards.md."""
    for name in TABLES:
        (ROOT / name).write_text(page(name), encoding="utf-8")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.boards", description="See the source.")
    parser.add_argument("checkout", nargs="*", help="a clone of MicroPython or CircuitPython")
    parser.add_argument("--at", metavar="REV", help="another revision than the table's")
    parser.add_argument("--pages", action="store_true", help="write the tables into the pages")
    arguments = parser.parse_args()
    if arguments.pages:
        write_pages()
    wrong = 0
    for folder in arguments.checkout:
        there = Checkout(folder, arguments.at)
        missing = there.missing()
        ours = [board for board in BOARDS if project(board) == there.project]
        count = len(quoted(there.project))
        for name, path, text in missing:
            print(f"{name}: {path} has not: {text}")
        print(
            f"{there.project} {there.revision[:12]}: {count - len(missing)} of {count} quotations"
            f" stand there, of {len(ours)} boards"
        )
        wrong += len(missing)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
