"""What all commands share: the page of help, and the options that may stand before a command.

    app = App()

    @app.command(epilog="Example: spwf04 info --port sim")
    def info(): ...

An epilog has an example on each of its lines.
"""

import difflib
import inspect

import typer
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from . import output

_FIRST = ("Arguments", "Options")
_HIGHLIGHT = (r"(?<![\w-])--?[a-zA-Z][\w-]*", "cyan"), (r"\bspwf04( [a-z]+)?\b", "bold")
_INDENT = 4


class Command(TyperCommand):
    """A command with such a page. It takes the options that stand before it."""

    def format_help(self, ctx, formatter):
        """Print the page."""
        _page(self, ctx)

    def invoke(self, ctx):
        """Run the command."""
        _take_before(ctx)
        return super().invoke(ctx)


class Group(TyperGroup):
    """A group of commands with such a page. A mistyped command is told what it may have been."""

    def format_help(self, ctx, formatter):
        """Print the page."""
        _page(self, ctx, self.panels(ctx))

    def panels(self, ctx):
        """{title of a panel: [(command, what it does)]}"""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return {"Commands": [(name, _paragraphs(c.help)[0]) for name, c in commands]}

    def resolve_command(self, ctx, args):
        """(name, command, arguments) of the command that the arguments begin with."""
        there = self.list_commands(ctx)
        if args[0] not in there and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0].lower(), there, 2)
            near = near or [name for name in there if _shortens(args[0].lower(), name)]
            ctx.fail(f"No such command: {output.clean(args[0])}{did_you_mean(near)}")
        return super().resolve_command(ctx, args)


class App(typer.Typer):
    """A typer.Typer whose commands are of these classes."""

    def __init__(self, **more):
        super().__init__(**{"cls": Group, "add_completion": False, **more})

    def command(self, name=None, **more):
        """As typer.Typer.command()."""
        return super().command(name, **{"cls": Command, **more})


def _shortens(word, name):
    """True if a word has letters of a name, in their order: "rm" of "remove"."""
    rest = iter(name)
    return len(word) > 1 and word[0] == name[0] and all(letter in rest for letter in word)


def did_you_mean(near):
    """The question for names that are like what was typed; "" without any."""
    return f". Did you mean {' or '.join(near)}?" if near else ""


# Options before the command ------------------------------------------------------------------
def _take_before(ctx):
    """Give a command the options that stand before it; what stands after it is the later word."""
    root = ctx.find_root()
    before = {name: value for name, value in root.params.items() if _typed(root, name)}
    if _typed(ctx, "port") or _typed(ctx, "via_mcu"):  # either excludes the other
        before.pop("port", None)
        before.pop("via_mcu", None)
    for option in ctx.command.params:
        if option.name in before and not _typed(ctx, option.name):
            value = before[option.name]
            ctx.params[option.name] = [value] if option.multiple else value


def _typed(ctx, name):
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


# The page ------------------------------------------------------------------------------------
def _page(command, ctx, commands=None):
    """Print a page of help, as wide as the terminal. commands: as Group.panels()."""
    console = output.out()
    console.print(Text.assemble(("\nUsage: ", "yellow"), (usage(ctx), "bold"), "\n"))
    for paragraph in _paragraphs(command.help):
        console.print(_shown(paragraph), "", sep="\n")
    panels = {title: [] for title in _FIRST}
    for option in command.get_params(ctx):
        if not getattr(option, "hidden", False):
            kind = _FIRST[option.param_type_name == "option"]
            title = getattr(option, "rich_help_panel", None) or kind
            panels.setdefault(title, []).append((_label(option), _told(option)))
    for group in (commands or {}), panels:
        wide = max((len(label) for rows in group.values() for label, _ in rows), default=0)
        for title, rows in group.items():
            if rows:
                body = _rows(rows, wide, console.width)
                console.print(Panel(body, title=title, title_align="left", border_style="dim"))
    for example in (command.epilog or "").split("\n"):
        console.print(_shown(example))


def usage(ctx):
    """How a command is called, in one line."""
    words = [ctx.command_path, "[OPTIONS]"]
    for argument in ctx.command.params:
        if argument.param_type_name == "argument":
            name = argument.metavar or argument.name.upper()
            name += "..." if argument.nargs == -1 and not name.endswith("...") else ""
            words.append(name if argument.required else f"[{name}]")
    if isinstance(ctx.command, TyperGroup):
        words.append("COMMAND [ARGS]...")
    return " ".join(words)


def _paragraphs(text):
    """The paragraphs of a docstring, each in one line."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n")]


def _shown(words):
    text = Text(words)
    for pattern, style in _HIGHLIGHT:
        text.highlight_regex(pattern, style)
    return text


def _label(option):
    """What is typed: "-p, --port PORT"."""
    if option.param_type_name == "argument":
        return option.metavar or option.name.upper()
    names = sorted(option.opts, key=len)
    label = ", ".join(names) if len(names[0]) == 2 else " " * _INDENT + ", ".join(names)
    if option.secondary_opts:
        return f"{label}, {', '.join(option.secondary_opts)}"
    return label if option.is_flag else f"{label} {option.metavar or option.name.upper()}"


def _told(option):
    """What an option is for, with its limits, its default, and the variable that stands for it."""
    has = option if hasattr(option, "min") else option.type  # older versions of typer
    limits = [getattr(has, name, None) for name in ("min", "max")]
    more = []
    if None not in limits:
        more.append("{} to {}".format(*limits))
    elif limits[0] is not None:
        more.append(f"at least {limits[0]}")
    default = option.default
    if (
        default not in (None, "")
        and not isinstance(default, bool)
        and getattr(option, "show_default", True)
    ):
        more.append(f"default: {default}")
    if getattr(option, "envvar", None) and getattr(option, "show_envvar", True):
        more.append(f"or set {option.envvar}")
    return f"{option.help or ''}{' [' + '; '.join(more) + ']' if more else ''}".strip()


def _rows(rows, wide, width):
    """Labels with what they mean: beside each other; below each other on a narrow terminal."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    if wide > width // 2 - 4:
        for label, words in rows:
            grid.add_row(Text(label.strip(), "bold cyan"))
            grid.add_row(Padding(_shown(words), (0, 0, 0, _INDENT)))
        return grid
    grid.add_column(min_width=wide)
    grid.add_column(overflow="fold")
    for label, words in rows:
        grid.add_row(Text(label, "bold cyan"), _shown(words))
    return grid
