"""Prints a line and its meaning."""

from .. import output

_MEANING = 40  # column where meanings begin, if there is room


def show(text, means="", style="", column=_MEANING):
    """Print a line, and what it means: beside it in a column, or below if there is no room."""
    width = output.out().width
    line = output.plain(text, style)
    if not means:
        output.out().print(line)
    elif len(text) < column - 1 and column + len(means) <= width:
        output.out().print(line + " " * (column - len(text)) + output.plain(means, "dim"))
    else:
        output.out().print(line)
        output.out().print(output.indented(means, 4, "dim"))
