"""bundle: makes a root bundle, the file for spwf04.pki.bundle.Bundle, which describes it."""

import struct
from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import output
from ..server.ask import target
from ..server.options import TimeoutOption, answers, trusted_roots
from ..server.roots import build, info, signed
from ..session import Json

app = typer.Typer(rich_markup_mode="markdown")


def roots_for(answer, roots, issuers=False):
    """The roots (DER) above the chain of a server that OpenSSL verified with them.

    answer: ask.Answer, asked with the same roots. roots: roots.Roots. issuers: also the
    intermediates between, as far as their signatures lead to a root. OSError if it was not
    verified, or if the server hides its chain.
    """
    if answer.error is not None:
        raise OSError(answer.error)
    if not answer.verified and (answer.code > 0 or not answer.asks_certificate):
        raise OSError(f"not trusted with these roots: {answer.verdict}")
    chain, sent = answer.chain, answer.ders
    found = [der for der, _ in roots.anchors(chain)]
    if issuers:
        for info in reversed(chain.path()[1:]):
            if any(signed(sent[info.sha256], issuer) for issuer in found):
                found.append(sent[info.sha256])
    return list(dict.fromkeys(found))


@app.command(epilog="Example: spwf04 bundle -o roots.bin api.example.com mqtt.example.org:8883")
def bundle(
    file: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="File to write. A name in *.py makes a module to be frozen."
        ),
    ],
    hosts: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="HOST[:PORT]", help="Servers. Default: none, all roots are taken."),
    ] = None,
    ca: Annotated[
        Optional[list[Path]],
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="Add the CAs of this file (PEM or DER). May be repeated.",
        ),
    ] = None,
    no_certifi: Annotated[
        bool, typer.Option("--no-certifi", help="Take only what --ca names.")
    ] = False,
    issuers: Annotated[
        bool, typer.Option("--issuers", help="With hosts: add their verified intermediates.")
    ] = False,
    timeout: TimeoutOption = 10,
    as_json: Json = False,
):
    """Make a root bundle for the MCU: Bundle("roots.bin").

    Without hosts, it holds all roots of certifi. With hosts, it holds those above the chains that
    these hosts send today, each of which OpenSSL verifies first.
    """
    targets = [target(text) for text in hosts or ()]
    roots = trusted_roots(ca, no_certifi, "--ca")
    data = build(_for_hosts(targets, roots, issuers, timeout, as_json) if targets else roots.ders)
    count = struct.unpack(">H", data[6:8])[0]
    if file.suffix == ".py":
        text = f'"""Trusted roots: Bundle({file.stem}.DATA)."""\n\n'
        file.write_text(f"{text}DATA = {data!r}\n", "utf-8")
    else:
        file.write_bytes(data)
    result = {"file": str(file), "roots": count, "bytes": len(data)}
    output.show(result, as_json, lambda r: output.say(f"{file}: {count} roots, {len(data)} bytes"))


def _for_hosts(targets, roots, issuers, timeout, quiet):
    """DER of the roots that these hosts need. output.Failure if one cannot be verified."""
    found, wrong = [], []
    for answer in answers(targets, None, roots, timeout):
        where = f"{answer.host}:{answer.port}"
        try:
            above = roots_for(answer, roots, issuers)
        except (OSError, ValueError) as e:
            wrong.append(f"{where}: {e}")
            continue
        if not quiet:
            output.say(f"{where}: {', '.join(info(der).subject for der in above)}")
        found += above
    if wrong:
        raise output.Failure(
            "nothing was written. " + "; ".join(wrong), "spwf04 check HOST tells more"
        )
    return found
