"""bundle: makes a root bundle, the file for spwf04.roots.bundle.Bundle, which describes it."""

import functools
from pathlib import Path
from typing import Annotated, Optional

import typer

from spwf04.checks import fingerprint as checked
from spwf04.roots.bundle import Bundle

from .. import output, steps, times
from ..frame import App
from ..local import Force, free, write
from ..server import bundles
from ..server.listed import DATE
from ..server.options import (
    NameOption,
    NoCertifi,
    RootsOrCaOption,
    SelfSigned,
    TimeoutOption,
    answers,
    targets,
    trusted_roots,
)
from ..server.pinned import show_fingerprints, take
from ..server.roots import build, info, signed
from ..session import Json

app = App()

OutputOption = Annotated[
    Optional[Path],
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="File to write. A name that ends in .py makes a Python file to freeze.",
    ),
]
HostsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(metavar="HOST[:PORT]", help="Servers. Default: none, all roots are taken."),
]
CommonOption = Annotated[
    bool,
    typer.Option(
        "--common", help="Of certifi, take only the roots that nearly all public servers use."
    ),
]
IssuersOption = Annotated[
    bool, typer.Option("--issuers", help="With hosts: add their verified intermediates.")
]
FromOption = Annotated[
    Optional[str],
    typer.Option(
        "--from",
        metavar="HOST[:PORT]",
        help="Take the CA that this server sends, if it has the fingerprint of --fingerprint. "
        "Without --fingerprint, show the fingerprints and write nothing.",
    ),
]
FingerprintOption = Annotated[
    Optional[str],
    typer.Option(
        "--fingerprint", metavar="SHA256", help="SHA-256 of a certificate that --from sends."
    ),
]
ShowOption = Annotated[
    Optional[Path],
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Make nothing: show what this bundle holds, how old it is, and whether it is whole.",
    ),
]


@app.command(epilog="Example: spwf04 bundle -o roots.bin api.example.com mqtt.example.org:8883")
def bundle(
    file: OutputOption = None,
    hosts: HostsArgument = None,
    roots: RootsOrCaOption = None,
    no_certifi: NoCertifi = False,
    common: CommonOption = False,
    issuers: IssuersOption = False,
    server: FromOption = None,
    fingerprint: FingerprintOption = None,
    self_signed: SelfSigned = False,
    name: NameOption = None,
    show: ShowOption = None,
    force: Force = False,
    timeout: TimeoutOption = 10,
    as_json: Json = False,
):
    """Make a root bundle for the MCU: Bundle("roots.bin").

    Without hosts, it holds all roots of certifi. With hosts, it holds those above the chains that
    these hosts send today, each of which OpenSSL verifies first. With --from, it holds the CA of
    a private server.
    """
    if show is not None:
        _show(show, as_json)
        return
    if file is None:
        raise typer.BadParameter("name the file to write", param_hint="--output")
    if fingerprint is not None and server is None:
        raise typer.BadParameter("it goes with --from", param_hint="--fingerprint")
    free(file, force)
    made = _Making(timeout, self_signed, as_json)
    asked, name = targets(hosts or () if server is None else [*(hosts or ()), server], name)
    if server is not None:
        made.add_sent(asked.pop(), name, checked(fingerprint))
    if server is None or asked or roots or common:
        alone = server is not None and not asked and not common
        made.add_trusted(asked, name, roots, no_certifi or alone, common, issuers)
    made.write(file)


class _Making:
    """A bundle in the making: certificates, and what is to be said of them."""

    def __init__(self, timeout, self_signed, as_json):
        self._timeout = timeout
        self._self_signed = self_signed
        self._json = as_json
        self._ders = []
        self._origin = []
        self._missing = []

    def add_sent(self, asked, name, wanted):
        """Add the CA that a server sends. typer.Exit, after the fingerprints are shown, if there
        is none to compare with."""
        if wanted is None:
            show_fingerprints(asked, name, self._timeout, self._json)
            raise typer.Exit(output.FAILED)
        self._ders.append(take(asked, name, wanted, self._self_signed, self._timeout))
        self._origin.append("%s:%d" % asked)

    def add_trusted(self, asked, name, files, no_certifi, common, issuers):
        """Add the roots that this computer trusts, or those of them that the hosts need."""
        trusted = trusted_roots(files, no_certifi, self._self_signed, common)
        self._missing = trusted.missing
        origin = trusted.origins()
        if asked:
            origin += " for " + ", ".join(host for host, _ in asked)
            more = {"name": name, "roots": files, "no_certifi": no_certifi}
            check = functools.partial(steps.command, "check", **more)
            given = trusted, issuers, self._timeout, self._json
            self._ders += _for_hosts(asked, name, *given, check)
        else:
            self._ders += trusted.ders
        self._origin.append(origin)

    def write(self, file):
        """Write the file, and say what it holds."""
        now = times.now()
        origin = " + ".join(self._origin).encode("ascii", "replace")[:255].decode()
        data = build(self._ders, origin, now)
        made = Bundle(data)
        doubts = [words for der in self._ders for words in bundles.doubts(info(der), now)]
        text = data
        if file.suffix == ".py":
            text = f'"""Trusted roots: Bundle({file.stem}.DATA)."""\n\nDATA = {data!r}\n'.encode()
        write(file, text)
        for words in doubts:
            output.warn(words)
        result = {"file": str(file), "roots": len(made), "bytes": len(data), "made": now}
        result.update(origin=origin, warnings=doubts, missing=self._missing)
        output.show(result, self._json, self._say)

    def _say(self, result):
        if self._missing:
            names = ", ".join(self._missing)
            output.note(f"ESP-IDF's list of {DATE} names roots that certifi lacks: {names}")
        output.say(
            f"{result['file']}: {times.plural(result['roots'], 'root')}, {result['bytes']} bytes"
        )


def roots_for(answer, roots, issuers=False):
    """The roots (DER) above the chain of a server that OpenSSL verified with them.

    answer: ask.Answer, asked with the same roots. roots: roots.Roots. issuers: also the
    intermediates between, as far as their signatures lead to a root. OSError if it was not
    verified, or if the server hides its chain.
    """
    if answer.error is not None:
        raise OSError(answer.error)
    if not answer.verified and (answer.code > 0 or not answer.asks_certificate):
        raise OSError(f"not trusted with these roots: {answer.words}")
    chain, sent = answer.chain, answer.ders
    found = [der for der, _ in roots.anchors(chain)]
    if issuers:
        for each in reversed(chain.path()[1:]):
            if any(signed(sent[each.sha256], issuer) for issuer in found):
                found.append(sent[each.sha256])
    return list(dict.fromkeys(found))


def _for_hosts(asked, name, roots, issuers, timeout, quiet, check):
    """DER of the roots that these hosts need. output.Failure if one cannot be verified.
    check(hosts): the command line that tells more of them."""
    found, wrong, which = [], [], []
    for answer in answers(asked, name, roots, timeout):
        where = f"{answer.host}:{answer.port}"
        try:
            above = roots_for(answer, roots, issuers)
        except (OSError, ValueError) as e:
            wrong.append(f"{where}: {e}")
            which.append(where)
            continue
        if not quiet:
            output.say(f"{where}: {', '.join(info(der).subject for der in above)}")
        found += above
    if wrong:
        raise output.Failure(
            "nothing was written. " + "; ".join(wrong), f"{check(which)} tells more"
        )
    return found


# --show ----------------------------------------------------------------------------------------
def _show(file, as_json):
    """Show what a bundle holds. typer.Exit with 1 if it is damaged."""
    data = file.read_bytes()
    result = {"file": str(file), "bytes": len(data)}
    result.update(bundles.contents(Bundle(data), times.now()))
    output.show(result, as_json, _say_contents)
    if result["damaged"]:
        raise typer.Exit(output.FAILED)


def _say_contents(result):
    output.say(
        f"{result['file']}: {times.plural(result['roots'], 'root')}, {result['bytes']} bytes"
    )
    output.say(result["age"] + (f": {result['todo']}" if result["todo"] else ""))
    for words, name in (
        ("expired", "expired"),
        ("ends within a year", "ending"),
        ("not in certifi any more, withdrawn perhaps", "withdrawn"),
    ):
        for root in result[name]:
            output.say(f"{words}: {root['subject']}, {times.date(root['not_after'])}")
    for words in result["damaged"]:
        output.say(f"damaged: {words}", "bold red")
