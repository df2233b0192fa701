"""The table of the open points, in the sections of docs/unverified.md."""

import importlib
from typing import NamedTuple

# File of this folder, in the order of the page
FILES = (
    "lines",
    "variables",
    "sockets",
    "servers",
    "tls",
    "files",
    "update",
    "air",
    "network",
    "strictness",
    "console",
    "applications",
    "web",
)


class Point(NamedTuple):
    """An open point. name: the field of Quirks. readings: {value: in words}, the default first.
    how: what a person types, and looks at; Markdown."""

    name: str
    readings: dict
    how: str

    def has(self, value):
        """True if a value is one of its readings: True is not 1."""
        return any(type(value) is type(known) and value == known for known in self.readings)


def sections():
    """List (file, title, its Points) of all sections, in the order of the page."""
    modules = [importlib.import_module("." + name, __name__) for name in FILES]
    return [(name, m.TITLE, m.POINTS) for name, m in zip(FILES, modules)]


def points():
    """Return {name: Point} of all points, in the order of the page."""
    return {point.name: point for _, _, of_it in sections() for point in of_it}


def reading(name, value):
    """{name: value} if a point has this reading, else {}: it is left out."""
    return {name: value} if value in points()[name].readings else {}
