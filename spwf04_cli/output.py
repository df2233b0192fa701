"""What is printed: for people by rich, for machines as one JSON document.

Everything that comes from the module or the air is cleaned before it reaches a terminal, because
a network's name may hold escape sequences.
"""

import contextlib
import json
import sys

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

MASK = "********"

# Exit codes: yes, done; no, or failed; the command line is wrong, or a package is missing; no
# module was reached, or the line was lost; Ctrl-C
DONE, FAILED, USAGE, NO_MODULE, INTERRUPTED = 0, 1, 2, 3, 130


class Failure(Exception):
    """A command cannot go on. what: what failed. todo: what to do about it. code: the exit
    code."""

    def __init__(self, what, todo="", code=FAILED):
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.code = code


def out():
    """Return the console for results: stdout."""
    return Console(file=sys.stdout, highlight=False, emoji=False)


def err():
    """Return the console for everything else: stderr."""
    return Console(file=sys.stderr, highlight=False, emoji=False)


def clean(value):
    """Return a value as str that is safe on a terminal: control characters become escapes."""
    if isinstance(value, (bytes, bytearray)):
        value = bytes(value).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))


def plain(value, style=""):
    """Return clean text for rich, which does not take it for markup."""
    return Text(clean(value), style=style)


def line(*parts):
    """Return clean text for rich of parts, each str or (str, style)."""
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(clean(words), style)
    return text


def _jsonable(value):
    return clean(value) if isinstance(value, (bytes, bytearray)) else str(value)


def show(value, as_json, render):
    """Print a result: as JSON, or by calling render(value)."""
    if as_json:
        print(json.dumps(value, indent=2, default=_jsonable))
    else:
        render(value)


def fields(pairs):
    """Print names and values in two columns. pairs: (name, value), or (name, value, style)."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value, *style in pairs:
        table.add_row(name, value if isinstance(value, Text) else plain(value, *style))
    out().print(table)


def table(columns, rows):
    """Print a table. columns: names; a name that begins with ">" makes a right-aligned column."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        justify = "right" if name.startswith(">") else "left"
        grid.add_column(name.lstrip(">"), justify=justify, overflow="fold")
    for row in rows:
        grid.add_row(*[cell if isinstance(cell, Text) else plain(cell) for cell in row])
    out().print(grid)


def finding(mark, style, name, said, todo=""):
    """Print the result of a check, and below it what to do."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style=style)
    grid.add_column(width=12, style="bold")
    grid.add_column(overflow="fold")
    grid.add_row(mark, plain(name), plain(said))
    if todo:
        grid.add_row("", "", plain("→ " + todo))
    out().print(grid)


def say(text, style=""):
    """Print a line of a result."""
    out().print(plain(text, style), soft_wrap=True)


def indented(text, by=2, style="", mark=""):
    """Return text for rich, indented by so many characters, behind a mark."""
    grid = Table.grid()
    grid.add_column(width=by + len(mark), no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(" " * by + mark, plain(text, style))
    return grid


def doing(what, quiet=False):
    """A context in which a terminal shows that something takes its time."""
    screen = err()
    return (
        screen.status(plain(what))
        if screen.is_terminal and not quiet
        else contextlib.nullcontext()
    )


@contextlib.contextmanager
def progress(what, total, quiet=False):
    """A context that gives a function advance(n); a terminal shows a bar, on stderr."""
    screen = err()
    if quiet or not screen.is_terminal:
        yield lambda n: None
        return
    with Progress(console=screen, transient=True) as bar:
        task = bar.add_task(clean(what), total=total)
        yield lambda n: bar.advance(task, n)


def note(text):
    """Print a remark on stderr."""
    err().print(plain(text, "dim"))


def warn(text):
    """Print a warning on stderr; paragraphs are separated by an empty line."""
    parts = Text("\n\n").join([plain(part) for part in text.split("\n\n")])
    err().print(Text("Warning: ", "bold yellow") + parts)


def failed(what, todo=""):
    """Print on stderr what failed, and what to do."""
    body = Text(_lines(what), "bold")
    if todo:
        body.append("\n\n" + _lines(todo), "not bold")
    panel = Panel(body, title="Error", title_align="left", border_style="red")
    err().print(Padding(panel, 0))


def _lines(text):
    """Return clean text of several lines, which only our own texts may have."""
    return "\n".join(clean(line) for line in str(text).split("\n"))
