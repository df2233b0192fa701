"""Next steps, as a person pastes them: with what this command line says of port and trust.

steps.pasted("Set the clock: spwf04 time --set")  # "Set the clock: spwf04 time -p COM3 --set"
steps.command("trust", ["a.example"], roots=["our ca.pem"])
"""

import os
import re
import shlex
import subprocess

# Commands that work on a module
_WITH_MODULE = (
    "info|doctor|shell|scan|join|ap|time|ping|mail|trust|ca [a-z]+|ls|get|put|rm|image load|"
    "pin [a-z]+|update|probe"
)
# What may stand behind it in our texts and takes no value of its own
_BEHIND = r"(?: (?:[A-Z]{3,}(?![\w.:])|--(?:set|restart|save|self-signed|pem FILE)\b))*"
_COMMAND = re.compile(rf"\bspwf04 (?:{_WITH_MODULE})\b{_BEHIND}")
_BAUD = 115200

_JOIN = re.compile(r"\bspwf04 join\b")

_given = []  # the options of the connection that are on this command line
_bench = []  # what keeps the simulated module that is gone after this command


def begin():
    """Begin a command: nothing is known of its connection."""
    _given.clear()
    _bench.clear()


def not_kept(bench):
    """Note that this command's module is a simulated one, which is new for each command: what the
    next command needs of it gets lost. bench: the command line that keeps one."""
    _bench[:] = [bench]


def connected(port, via_mcu, baud):
    """Note how this command reaches its module. What stands in the environment is left out,
    because the next command finds it there."""
    begin()
    for option, value, variable in (
        ("-p", port, "SPWF04_PORT"),
        ("--via-mcu", via_mcu, "SPWF04_VIA_MCU"),
    ):
        if value is not None and value != os.environ.get(variable):
            _given.extend([option, value])
    if baud not in (None, _BAUD):
        _given.extend(["--baud", str(baud)])


def pasted(text):
    """A text whose commands reach the same module as this one."""
    lost = _bench and _JOIN.search(text)
    given = ["-p", "sim"] if lost else _given
    if given:
        text = _COMMAND.sub(lambda match: f"{match[0]} {quoted(given)}", text)
    if lost:
        text = f"This simulated module ends with its command: keep one by {_bench[0]}. {text}"
    return text


def quoted(words):
    """Words as one line for the shell of this computer."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def command(program, words, /, **options):
    """The command line `spwf04 PROGRAM WORDS`, with options that have a value, such as
    roots=["ca.pem"], no_certifi=True, name=None."""
    line = [program, *words]
    for option, value in options.items():
        dashed = "--" + option.replace("_", "-")
        if value is True:
            line.append(dashed)
        elif value:
            values = value if isinstance(value, (list, tuple)) else [value]
            for each in values:
                line += [dashed, str(each)]
    return "spwf04 " + quoted(line)
