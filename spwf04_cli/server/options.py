"""The options that say which servers are asked, and whom is trusted; and what they mean."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import output
from .ask import ask_all, target
from .roots import Roots

RootsOption = Annotated[
    Optional[list[Path]],
    typer.Option(
        "--roots",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Trust the CAs of this file (PEM or DER) too. May be repeated.",
    ),
]
NoCertifi = Annotated[
    bool, typer.Option("--no-certifi", help="Do not trust certifi's roots, only those of --roots.")
]
NameOption = Annotated[
    Optional[str],
    typer.Option("--name", help="Ask for this server name, and check it, in place of HOST."),
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0.1,
        max=600,
        help="Seconds for each server, all connections to it together. 32 are asked at a time.",
    ),
]


def targets(hosts, name):
    """([(host, port)], name or None) of the arguments HOST[:PORT] and the option --name."""
    found = [target(text) for text in hosts]
    if name is not None:
        if len(found) > 1:
            raise typer.BadParameter("it goes with one HOST", param_hint="--name")
        name = target(name)[0]
    return found, name


def trusted_roots(files, no_certifi, option="--roots"):
    """The roots.Roots of the options --roots (or another name) and --no-certifi."""
    try:
        trusted = Roots([str(file) for file in files or ()], certifi=not no_certifi)
    except ValueError as e:
        raise typer.BadParameter(str(e), param_hint=option) from None
    for words in trusted.left_out:
        output.warn(f"left out: {words}")
    if not trusted.ders:
        raise typer.BadParameter(f"nothing is trusted: add {option}", param_hint="--no-certifi")
    return trusted


def answers(asked, name, trusted, timeout):
    """The Answers of all servers, in order: ask.ask_all(), with people shown that it runs."""
    with output.doing("asking…", not asked):
        yield from ask_all(asked, name, trusted, timeout)
