"""Passwords: prompted for, from the environment or from stdin; on the command line if need be."""

import os
import sys
from typing import Annotated, Optional

import typer

from . import output

Password = Annotated[
    Optional[str],
    typer.Option(
        "--password",
        help="Its password, - for one line of stdin. Others can see a command line: better leave "
        "it out, and be asked; or set SPWF04_PASSWORD.",
        show_envvar=False,
    ),
]


def network_name(name):
    """A network's name as it was typed: str, or bytes if it is none in UTF-8."""
    try:
        (name or "").encode()
        return name
    except UnicodeEncodeError:
        return os.fsencode(name)


def password(given, what):
    """The password for `what`, None for none.

    given: what --password said. Else SPWF04_PASSWORD, else the person is asked.
    """
    if given is None:
        given = os.environ.get("SPWF04_PASSWORD")
    if given == "-":
        given = sys.stdin.readline().rstrip("\r\n")
    if given is None:
        words = f"Password of {output.clean(what)} (empty for none)"
        given = typer.prompt(words, default="", hide_input=True, show_default=False, err=True)
    return given or None
