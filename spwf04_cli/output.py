"""What is printed: for people by rich, for machines as one JSON document.

Results go to stdout, all else to stderr. What moves on a terminal is taken away before a line is
printed, on either of them, and is shown again below it.

Everything that comes from the module or the air is cleaned before it reaches a terminal, because
a network's name may hold escape sequences.
"""

import contextlib
import json
import sys

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from . import steps

MASK = "********"

# Exit codes: yes, done; no, or failed; the command line is wrong, or a package is missing; no
# module was reached, or the line was lost; Ctrl-C
DONE, FAILED, USAGE, NO_MODULE, INTERRUPTED = 0, 1, 2, 3, 130


class Failure(Exception):
    """A command cannot go on. what: what failed. todo: what to do about it. code: the exit
    code. number: that of the module's error, if it is one."""

    def __init__(self, what, todo="", code=FAILED, number=None):
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.code = code
        self.number = number


class _Json:
    """wanted: --json is on the command line. printed: its document is."""

    wanted = False
    printed = False


class _Console(Console):
    """A console that prints above what moves."""

    def print(self, *objects, **how):
        """As rich's."""
        with still():
            super().print(*objects, **how)


_moving = []  # what moves now: a bar or a spinner


def begin(as_json):
    """Begin a command. as_json: its command line has --json."""
    _Json.wanted, _Json.printed = as_json, False
    steps.begin()


def out():
    """Return the console for results: stdout."""
    return _Console(file=sys.stdout, highlight=False, emoji=False)


def err():
    """Return the console for everything else: stderr."""
    return _Console(file=sys.stderr, highlight=False, emoji=False)


@contextlib.contextmanager
def still():
    """A context in which nothing moves on the terminal, so that others may write there."""
    there = _moving.pop() if _moving else None
    if there is None:
        yield
        return
    there.stop()
    try:
        yield
    finally:
        there.start()
        _moving.append(there)


@contextlib.contextmanager
def moving(what):
    """A context in which a display of rich moves: what start() shows and stop() takes away."""
    what.start()
    _moving.append(what)
    try:
        yield
    finally:
        _moving.remove(what)
        what.stop()


def stage():
    """Return the console for what moves; None if there is no terminal that can show it."""
    console = Console(file=sys.stderr, highlight=False, emoji=False)
    try:
        seen = sys.stderr.isatty() and console.is_interactive
    except ValueError:  # it was closed
        seen = False
    return console if seen else None


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
    if not as_json:
        render(value)
        return
    _Json.printed = True
    with still():
        print(json.dumps(value, indent=2, default=_jsonable))


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
    console = None if quiet else stage()
    if console is None:
        return contextlib.nullcontext()
    from rich.live import Live
    from rich.spinner import Spinner

    return moving(_display(Live, Spinner("dots", plain(what)), console=console))


@contextlib.contextmanager
def progress(what, total, quiet=False):
    """A context that gives a function advance(n); a terminal shows a bar, on stderr."""
    console = None if quiet else stage()
    if console is None:
        yield lambda n: None
        return
    from rich.progress import Progress

    bar = _display(Progress, console=console)
    task = bar.add_task(clean(what), total=total)
    with moving(bar):
        yield lambda n: bar.advance(task, n)


def _display(kind, *what, **how):
    """A display that leaves nothing behind, and does not take stdout and stderr for itself."""
    return kind(*what, **how, transient=True, redirect_stdout=False, redirect_stderr=False)


def confirm(question):
    """Ask a person; typer.Abort unless the answer is yes."""
    import typer

    with still():
        typer.confirm(question, abort=True, err=True)


def note(text):
    """Print a remark on stderr."""
    err().print(plain(text, "dim"))


def warn(text):
    """Print a warning on stderr; paragraphs are separated by an empty line."""
    parts = Text("\n\n").join([plain(part) for part in text.split("\n\n")])
    err().print(Text("Warning: ", "bold yellow") + parts)


def failed(failure, a_panel=True):
    """Tell what failed, and what to do: on stderr, or as the document that --json asks for.
    a_panel: with a frame around it."""
    todo = steps.pasted(failure.todo)
    if _Json.wanted and not _Json.printed:
        error = {"what": failure.what, "todo": todo, "code": failure.number}
        show({"ok": False, "error": {**error, "exit": failure.code}}, True, None)
        return
    if not a_panel:
        note(failure.what)
        return
    body = Text(_lines(failure.what), "bold")
    if todo:
        body.append("\n\n" + _lines(todo), "not bold")
    err().print(Panel(body, title="Error", title_align="left", border_style="red"))


def _lines(text):
    """Return clean text of several lines, which only our own texts may have."""
    return "\n".join(clean(line) for line in str(text).split("\n"))
