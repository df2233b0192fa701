"""Passwords: typed at a prompt, from the environment, from stdin, or on the command line."""

import getpass
import os
import sys
import warnings
from typing import Annotated, Optional

import typer

from . import output

Password = Annotated[
    Optional[str],
    typer.Option(
        "--password",
        metavar="TEXT",
        help="The password, or - to read a line from stdin. Others can see a command line, so it "
        "is better to be asked, or to set SPWF04_PASSWORD.",
        show_envvar=False,
    ),
]


def network_name(name):
    """A network's name as it was typed: str, or bytes if it is not UTF-8."""
    try:
        (name or "").encode()
        return name
    except UnicodeEncodeError:
        return os.fsencode(name)


def password(given, what):
    """Return the password for `what`; None if there is none.

    given: what --password says. Without it, SPWF04_PASSWORD counts; without that, the person is
    asked.
    """
    if given is None:
        given = os.environ.get("SPWF04_PASSWORD")
    if given == "-":
        given = _piped()
    if given is None:
        given = _typed(f"Password of {output.clean(what)}")
    return given.rstrip("\r\n") or None


def network_password(given, ssid, is_open):
    """The password of a network; None for an open one. given: as for password()."""
    if not is_open:
        return password(given, ssid)
    if given is not None:
        words = "--open is for a network without a password, and --password gives one"
        raise output.Failure(words, "Leave one of them out", output.USAGE)
    return None


def _typed(what):
    """What a person types, unseen. Without a terminal: a line from stdin."""
    try:
        with output.still(), warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            words = f"{what} (empty for none)"
            return typer.prompt(words, default="", hide_input=True, show_default=False, err=True)
    except getpass.GetPassWarning:
        output.note("")  # the end of the line that asked
        given = _piped()
    if not given:
        todo = "Without a terminal, pipe it, an empty line for none; or set SPWF04_PASSWORD"
        raise output.Failure(f"{what} is missing", todo)
    return given


def _piped():
    """A line from stdin; "" if there is none. PowerShell may pipe a byte order mark first."""
    return sys.stdin.readline().lstrip("\ufeff")
