"""The AT commands. One function each, registered under its name by @command.

A function gets (module, *arguments) and, for a data command, `data`; it returns None for OK or an
error number. A generator may yield waiting times in ms, or a function that says when to go on.
"""

import inspect
from dataclasses import dataclass

_TABLE = {}


@dataclass
class Call:
    """A command line that was understood."""

    function: object
    arguments: list
    wants: "int | None" = None  # bytes of data that follow the CR; None: no data command
    refusal: "int | None" = None  # error of a data command that is known before its data
    name: str = ""


def command(name, least=0, most=0, data=None, check=None):
    """Register a function. least, most: how many arguments. data: index of the argument that
    counts the data. check(module, *arguments) -> error number or None, before the data."""

    def register(function):
        _TABLE[name.upper()] = (function, least, most, data, check)
        return function

    return register


def parse(module, line, delimiter):
    """(Call, None), or (None, error number). Data of a line that fails here are console input."""
    name, has, rest = line.partition(b"=")
    word = name.decode("latin-1").upper()
    if word.startswith("AT+S."):
        word = word[5:]
    elif word in ("AT&V", "AT&W", "AT&F"):
        word = {"V": "GCFG", "W": "WCFG", "F": "FCFG"}[word[3]]
    elif word != "AT":
        return None, 1
    if word not in _TABLE:
        return None, 1
    if word == "TLSCERT" and rest[:7].lower() == b"content":
        option = rest[8:].decode("latin-1")  # no data follow this one
        return (Call(tls.content, [option], name=word), None) if option else (None, 2)
    function, least, most, data, check = _TABLE[word]
    arguments = rest.split(delimiter) if has else []
    arguments = [b"" if a == b"NULL" else a for a in arguments]
    filled = len(arguments)
    while filled and not arguments[filled - 1]:
        filled -= 1
    if len(arguments) < least or any(not a for a in arguments[:least]):
        return None, 2
    if filled > most:
        return None, 6
    arguments = [a.decode("utf-8", "surrogateescape") for a in arguments]
    arguments += [""] * (most - len(arguments))
    if data is None:
        return Call(function, arguments[:most], name=word), None
    text = arguments[data]
    wants = int(text) if text.isdecimal() else 0
    refusal = check(module, *arguments[:most]) if check is not None else None
    if refusal is None and wants == 0:
        refusal = 33
    return Call(function, arguments[:most], wants, refusal, word), None


def run(module, call, data):
    """A generator that carries the call out and returns its error number or None."""
    arguments = list(call.arguments)
    if call.wants is not None:
        arguments.append(data)
    result = call.function(module, *arguments)
    if inspect.isgenerator(result):
        result = yield from result
    return result


from . import apps, config, files, net, server, tls, update, wifi  # noqa: E402, F401  (they register themselves)
