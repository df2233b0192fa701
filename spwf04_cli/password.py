"""Passwords: typed at a prompt, from the environment, from stdin, or on the command line."""

import os
import sys
from typing import Annotated, Optional

import typer

from . import output

Password = Annotated[
    Optional[str],
    typer.Option(
        "--password",
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
        given = sys.stdin.readline().rstrip("\r\n")
    if given is None:
        words = f"Password of {output.clean(what)} (empty for none)"
        given = typer.prompt(words, default="", hide_input=True, show_default=False, err=True)
    return given or None
