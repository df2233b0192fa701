"""TOML files; every mistake in them is named: where it is, what is wrong, what is allowed.

A File collects the mistakes; check() raises all of them together. A Table gives its values by
name, each through a function that converts it, or raises a ValueError that says what is allowed.
A key that the program never asked for is a mistake too.
"""

import difflib
import pathlib
import sys

from .textfile import decoded

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_REQUIRED = object()


class FileError(ValueError):
    """A file cannot be used. mistakes: list of str, each with file, line and key."""

    def __init__(self, mistakes):
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class File:
    """A TOML file. root: its Table. folder: where relative paths in it begin."""

    def __init__(self, path):
        path = pathlib.Path(path)
        self.name = str(path)
        self.folder = path.parent
        self.mistakes = []
        try:
            self.text = decoded(path.read_bytes())
        except OSError as e:
            raise FileError([f"{path}: {e.strerror or e}"]) from None
        except ValueError as e:
            raise FileError([f"{path}: {e}"]) from None
        try:
            self.root = Table(self, (), tomllib.loads(self.text))
        except (tomllib.TOMLDecodeError, RecursionError) as e:
            raise FileError([f"{path}: not TOML: {e}"]) from None

    def wrong(self, path, message):
        """Note a mistake at path, a tuple of keys and indexes."""
        line = self._line(path)
        where = f"{self.name}:{line}" if line else self.name
        self.mistakes.append((line or 0, f"{where}: {shown(path)}{': ' if path else ''}{message}"))

    def check(self):
        """Raise FileError if there were mistakes, in the order of the file."""
        if self.mistakes:
            raise FileError([words for _, words in sorted(self.mistakes)])

    def _line(self, path):
        """The number of the line that completes what stands at path, or None.

        It is the smallest n for which the first n lines are TOML that has path.
        """
        lines = self.text.split("\n")
        for n in range(1, len(lines) + 1) if path else ():
            try:
                found = tomllib.loads("\n".join(lines[:n]))
                for part in path:
                    found = found[part]
            except (tomllib.TOMLDecodeError, LookupError, TypeError, RecursionError):
                continue
            return n
        return None

    def bytes_of(self, name):
        """Return the content of a file that this one names. Raises ValueError if it cannot be
        read."""
        if not isinstance(name, str) or not name:
            raise ValueError("the name of a file, as text")
        try:
            return (self.folder / name).read_bytes()
        except OSError as e:
            raise ValueError(f"{self.folder / name}: {e.strerror or e}") from None


def shown(path):
    """Return a path as people read it: ("module", 1, "mac") is `module 2, mac`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f" {part + 1}"
        else:
            text += f"{', ' if text else ''}{part}"
    return text


class Table:
    """A table of a File."""

    def __init__(self, file, path, values):
        self.file = file
        self.path = path
        self._values = values
        self._asked = {}

    def __contains__(self, key):
        return key in self._values

    def take(self, key, convert, default=_REQUIRED, secret=False):
        """Return convert(value of key), or default if the value is missing or wrong.

        Without a default a missing value is a mistake. secret: a message does not show the value.
        """
        self._asked[key] = True
        if key not in self._values:
            if default is _REQUIRED:
                self.wrong(None, f"{key} is missing")
                return None
            return default
        try:
            return convert(self._values[key])
        except ValueError as e:
            self.wrong(key, str(e) if secret else f"{as_text(self._values[key])}: {e}")
        return None if default is _REQUIRED else default

    def wrong(self, key, message):
        """Note a mistake at key, or in the table as a whole if that is None."""
        self.file.wrong(self.path if key is None else (*self.path, key), message)

    def table(self, key):
        """Return the table under key, or an empty one if there is no table."""
        self._asked[key] = True
        values = self._values.get(key, {})
        if not isinstance(values, dict):
            self.wrong(key, f"must be a table: [{key}]")
            values = {}
        return Table(self.file, (*self.path, key), values)

    def tables(self, key):
        """Return the tables of an array [[key]] as a list."""
        self._asked[key] = True
        values = self._values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            self.wrong(key, f"must be written as [[{key}]], with two brackets")
            values = []
        return [Table(self.file, (*self.path, key, n), v) for n, v in enumerate(values)]

    def each(self, key, convert):
        """Return convert(value) of each value of the array under key, as a list."""
        self._asked[key] = True
        values = self._values.get(key, [])
        if not isinstance(values, list):
            self.wrong(key, "must be a list: [...]")
            values = []
        found = []
        for n, value in enumerate(values):
            try:
                found.append(convert(value))
            except ValueError as e:
                self.file.wrong((*self.path, key, n), f"{as_text(value)}: {e}")
        return found

    def pairs(self, convert):
        """Return convert(key, value) of all keys and values, as a list."""
        found = []
        for key, value in self._values.items():
            self._asked[key] = True
            try:
                found.append(convert(key, value))
            except ValueError as e:
                self.wrong(key, str(e))
        return found

    def end(self):
        """Note a mistake for each key that was not asked for. Call it last."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(key, "no such key; " + among(key, self._asked))


def as_text(value):
    """Return a value as it may stand in a file."""
    return repr(value) if isinstance(value, (str, int, float)) else str(value)


def among(name, known):
    """Return the advice for an unknown name: names like it, or all that are known."""
    close = difflib.get_close_matches(str(name), known, 3)
    if close and len(known) > 12:
        return f"do you mean {' or '.join(close)}?"
    return (f"do you mean {close[0]}? " if close else "") + "There are: " + ", ".join(known)


# What values may be. Each returns a function for take() and each(), or is one.
def text(least=0, most=None):
    """A str of least to most bytes."""
    limit = f"{least} to {most}" if most is not None else f"at least {least}"

    def convert(value):
        if not isinstance(value, str):
            raise ValueError("must be text in quotation marks")
        if len(value.encode()) < least or (most is not None and len(value.encode()) > most):
            raise ValueError(f"must have {limit} bytes")
        if set(value) & set("\r\n\0"):
            raise ValueError("must not contain CR, LF or NUL")
        return value

    return convert


def number(least, most, kinds=(int,)):
    """A number from least to most, of one of these classes."""

    def convert(value):
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
            raise ValueError(f"must be a number from {least} to {most}")
        return value

    return convert


def yes_or_no(value):
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def one_of(*choices):
    """One of these values."""

    def convert(value):
        for choice in choices:
            if type(choice) is type(value) and choice == value:
                return choice
        raise ValueError("must be one of " + ", ".join(repr(c) for c in choices))

    return convert
