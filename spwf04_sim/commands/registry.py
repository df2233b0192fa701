"""Which commands there are, how a command line is read, and how a command is carried out.

The function of a command gets (module, *arguments) and, for a data command, `data`; it returns
None for OK, an error number, "reset" for a restart, or "silence" for no final line. A generator
may yield waiting times in ms, or a function that says when to go on.
"""

import inspect
from dataclasses import dataclass

from ..texts import is_number

COMMANDS = {}  # name: Command
_WITHOUT_DATA = {}  # (name, first argument in lower case): function


@dataclass
class Command:
    """A command. least, most: how many arguments it takes. data: index of the argument that
    counts the data, None if none follow. check(module, *arguments): error number or None, before
    the data."""

    function: object
    least: int
    most: int
    data: "int | None"
    check: object


@dataclass
class Call:
    """A command line that was understood."""

    function: object
    arguments: list
    wants: "int | None" = None  # bytes of data that follow the CR; None: no data command
    refusal: "int | None" = None  # error of a data command that is known before its data
    name: str = ""


def command(name, least=0, most=0, data=None, check=None):
    """Register a function as a command; see Command."""

    def register(function):
        COMMANDS[name.upper()] = Command(function, least, most, data, check)
        return function

    return register


def without_data(name, keyword):
    """Register a function as a form of a data command that no data follow: AT+S.NAME=keyword,…
    The function gets (module, rest of the line)."""

    def register(function):
        _WITHOUT_DATA[name.upper(), keyword] = function
        return function

    return register


def parse(module, line, delimiter):
    """(Call, None), or (None, error number). Data of a line that fails here are console input."""
    head, has_arguments, rest = line.partition(b"=")
    name = _name(head)
    if name not in COMMANDS or module.lacks(name):
        return None, 1
    keyword = rest.partition(delimiter)[0].decode("latin-1").lower()
    if (name, keyword) in _WITHOUT_DATA:
        option = rest[len(keyword) + 1 :].decode("latin-1")
        function = _WITHOUT_DATA[name, keyword]
        return (Call(function, [option], name=name), None) if option else (None, 2)
    known = COMMANDS[name]
    arguments = rest.split(delimiter) if has_arguments else []
    arguments = [b"" if a == b"NULL" else a for a in arguments]
    filled = len(arguments)
    while filled and not arguments[filled - 1]:
        filled -= 1
    if len(arguments) < known.least or any(not a for a in arguments[: known.least]):
        return None, 2
    if filled > known.most:
        return None, 6
    arguments = [a.decode("utf-8", "surrogateescape") for a in arguments]
    arguments += [""] * (known.most - len(arguments))
    arguments = arguments[: known.most]
    if known.data is None:
        return Call(known.function, arguments, name=name), None
    size = arguments[known.data]
    wants = int(size) if is_number(size) else 0
    refusal = known.check(module, *arguments) if known.check is not None else None
    if refusal is None and wants == 0:
        refusal = 33
    return Call(known.function, arguments, wants, refusal, name), None


def _name(head):
    """The name of a command, from what stands before "=" in its line; "" if it is none."""
    word = head.decode("latin-1").upper()
    if word.startswith("AT+S."):
        return word[5:]
    short = {"AT&V": "GCFG", "AT&W": "WCFG", "AT&F": "FCFG", "AT": "AT"}
    return short.get(word, "")


def run(module, call, data):
    """A generator that carries the call out and returns its error number or None."""
    arguments = list(call.arguments)
    if call.wants is not None:
        arguments.append(data)
    result = call.function(module, *arguments)
    if inspect.isgenerator(result):
        result = yield from result
    return result
