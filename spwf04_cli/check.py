"""check: can the module's TLS take these servers? Needs no module."""

import time
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.text import Text
from rich.tree import Tree

from . import output
from .ask import ask_all, target
from .predict import predict
from .radio import date
from .roots import Roots
from .session import Json

app = typer.Typer(rich_markup_mode="markdown")

RootsOption = Annotated[
    Optional[list[Path]],
    typer.Option(
        "--roots",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Trust the CAs of this file (PEM or DER) as well. May be repeated.",
    ),
]
NoCertifi = Annotated[
    bool, typer.Option("--no-certifi", help="Trust only what --roots names, not certifi's roots.")
]
NameOption = Annotated[
    Optional[str],
    typer.Option("--name", help="Ask for this server name, and check it, instead of HOST."),
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0.1,
        max=600,
        help="Seconds for each server, all connections to it together; 32 are asked at once.",
    ),
]


@app.command(epilog="Example: spwf04 check www.example.com mqtt.example.org:8883")
def check(
    hosts: Annotated[list[str], typer.Argument(metavar="HOST[:PORT]", help="Port: 443.")],
    roots: RootsOption = None,
    no_certifi: NoCertifi = False,
    name: NameOption = None,
    warn_days: Annotated[
        int, typer.Option(min=0, help="Warn of certificates that expire within so many days.")
    ] = 14,
    timeout: TimeoutOption = 10,
    as_json: Json = False,
):
    """Say whether the module's TLS can take these servers, why not, and which root they need.

    Asks from this PC; needs no module. Exit code 0 if it can take all of them, else 1.
    """
    asked, name = targets(hosts, name)
    trusted = trusted_roots(roots, no_certifi)
    found = []
    for answer in answers(asked, name, trusted, timeout):
        prediction = predict(answer, trusted, now(), warn_days)
        found.append(prediction)
        if not as_json:
            output.out().print(tree(prediction))
    fine = all(p.ok for p in found)
    if as_json:
        output.show({"ok": fine, "servers": [plain(p) for p in found]}, True, None)
    raise typer.Exit(0 if fine else 1)


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


def now():
    """Seconds since 1970."""
    return int(time.time())


def answers(asked, name, trusted, timeout):
    """The Answers of all servers, in order: ask.ask_all(), with people shown that it runs."""
    with output.doing("asking…", not asked):
        yield from ask_all(asked, name, trusted, timeout)


# for people ----------------------------------------------------------------------------------
def tree(p):
    """A Prediction as a rich tree."""
    answer = p.answer
    title = f"{answer.host}:{answer.port}"
    if answer.name != answer.host:
        title += f" as {answer.name}"
    made = Tree(line((title, "bold"), ("  " + ("yes" if p.ok else "no"), _colour(p.ok))))
    if answer.versions:
        made.add(line("offers " + ", ".join(answer.versions)))
    if answer.suite:
        made.add(line("cipher suite for the module: " + answer.suite))
    _add_chain(made, p)
    if answer.verdict:
        made.add(line(("OpenSSL: ", ""), (answer.verdict, _colour(answer.verified))))
    for reason in p.reasons:
        _add_reason(made, reason, p.answer)
    for warning in p.warnings:
        made.add(line(("warning: ", "yellow"), warning))
    if p.ok:
        made.add(line(("The module's TLS should take it.", "green"), _what_next(answer)))
    return made


def _what_next(answer):
    where = answer.host if answer.port == 443 else f"{answer.host}:{answer.port}"
    return f" Put the root on it: spwf04 trust {where}"


def _add_reason(made, reason, answer):
    words = "The module's TLS cannot take it"
    if answer.chain is None and answer.alert is None and not answer.versions:
        words = "It cannot be checked"
    if reason.error is not None:
        words += f", Certificate Error:{reason.error} is expected"
    branch = made.add(line((words + ": ", "red"), reason.what))
    if reason.remedy:
        branch.add(line(reason.remedy))


def _add_chain(made, p):
    if p.answer.chain is None:
        return
    last = p.path[-1].sha256 if p.path else None
    if p.root is None:
        who, file = p.needs
        text = line(("needs the CA ", ""), (f'"{who}"' if who else "of no name", "bold"))
        text.append(", which is not among the roots")
        above = made.add(_lines(text, f"file on the module: {file}" if file else None))
    elif p.root_info.sha256 == last:
        above = made  # the server sends its root, or is its own
    else:
        head = line((p.root_info.subject, "bold"), f", needed on the module; from {p.origin}")
        above = made.add(_lines(head, *_facts(p.root_info), f"file on the module: {p.needs[1]}"))
    for c in reversed(p.path):
        head = line((c.subject or ", ".join(c.names[:1]) or "no name", "bold"))
        more = []
        if p.root is not None and c.sha256 == p.root_info.sha256:
            head.append(f", sent by the server; needed on the module, from {p.origin}")
            more = [f"file on the module: {p.needs[1]}"]
        above = above.add(_lines(head, *_facts(c), *more))
    for c in p.spare:
        made.add(line(f'sent besides: "{c.subject}"'))


def _facts(c):
    if c.damaged:
        return [f"{c.size} bytes: {c.damaged}"]
    lines = [
        f"{c.key} {c.bits}, signed with {c.signature} and {c.hash} by "
        + ("itself" if c.self_issued else f'"{c.issuer}"' if c.issuer else "no name"),
        f"{c.size} bytes, valid {date(c.not_before)[:10]} to {date(c.not_after)[:10]}",
    ]
    own = "none of its own" if c.ski_computed else c.ski
    if c.self_issued:
        lines.append(f"key identifier {own}")
    else:
        lines += [f"key identifier {own}", f"  its issuer's {c.aki or 'not named'}"]
    if c.name_count:
        more = c.name_count - len(c.names)
        lines.append("for " + ", ".join(c.names) + (f" and {more} more" if more else ""))
    return lines


def _colour(good):
    return "bold green" if good else "bold red"


def line(*parts):
    """Clean text of str or (str, style)."""
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(output.clean(words), style)
    return text


def _lines(head, *lines):
    for line in lines:
        if line:
            head.append("\n" + output.clean(line), "not bold")
    return head


# for machines --------------------------------------------------------------------------------
def plain(p):
    """A Prediction as what JSON has."""
    answer = p.answer
    return {
        "host": answer.host,
        "port": answer.port,
        "name": answer.name,
        "ok": p.ok,
        "reasons": [vars(r) for r in p.reasons],
        "warnings": p.warnings,
        "versions": answer.versions,
        "suite": answer.suite,
        "asks_client_certificate": answer.asks_certificate,
        "openssl": {"verified": answer.verified, "code": answer.code, "words": answer.verdict},
        "openssl_by_needed_root": answer.by_root
        and {
            "verified": answer.by_root[0] == 0,
            "code": answer.by_root[0],
            "words": answer.by_root[1],
        },
        "chain": [_plain_certificate(c) for c in p.path],
        "sent_besides": [_plain_certificate(c) for c in p.spare],
        "needs": {"subject": p.needs[0], "file": p.needs[1]},
        "root": p.root_info and {**_plain_certificate(p.root_info), "from": p.origin},
    }


def _plain_certificate(c):
    keys = (
        "subject issuer size version key bits signature hash not_before not_after ski "
        "ski_computed aki is_ca path_length names name_count self_issued sha256 damaged"
    )
    return {key: getattr(c, key) for key in keys.split()}
