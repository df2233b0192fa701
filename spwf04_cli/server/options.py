"""The options that say which servers are asked, and whom is trusted; and what they mean."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import output
from .ask import ask_all, server, target
from .roots import Roots


def _roots(*names):
    return typer.Option(
        *names,
        metavar="FILE",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Trust the CAs of this file (PEM, DER or PKCS#7) too. May be repeated.",
    )


RootsOption = Annotated[Optional[list[Path]], _roots("--roots")]
RootsOrCaOption = Annotated[Optional[list[Path]], _roots("--roots", "--ca")]  # its older name
NoCertifi = Annotated[
    bool, typer.Option("--no-certifi", help="Do not trust certifi's roots, only those of --roots.")
]
SelfSigned = Annotated[
    bool,
    typer.Option(
        "--self-signed",
        help="Also take certificates of your files that sign themselves but do not say that they "
        "are a CA's: old roots, and servers' own.",
    ),
]
NameOption = Annotated[
    Optional[str],
    typer.Option(
        "--name", metavar="NAME", help="Ask for this server name, and check it, in place of HOST."
    ),
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
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
        name = server(name, f"--name {name}")
    return found, name


def trusted_roots(files, no_certifi, self_signed=False, common=False):
    """The roots.Roots of the options --roots, --no-certifi, --self-signed and --common."""
    try:
        names = [str(file) for file in files or ()]
        trusted = Roots(names, not no_certifi, self_signed, common)
    except ValueError as e:
        raise typer.BadParameter(str(e), param_hint="--roots") from None
    for words in trusted.left_out:
        output.warn(f"left out: {words}")
    if not trusted.ders:
        raise typer.BadParameter("nothing is trusted: add --roots", param_hint="--no-certifi")
    return trusted


def answers(asked, name, trusted, timeout):
    """The Answers of all servers, in order: ask.ask_all(), with people shown that it runs."""
    with output.doing("asking…", not asked):
        yield from ask_all(asked, name, trusted, timeout)
