"""check: whether the module's TLS can connect to servers. Needs no module."""

from typing import Annotated

import typer
from rich.tree import Tree

from spwf04.pki.words import key, signature

from .. import output, steps, times
from ..frame import App
from ..output import line
from ..server.ask import where
from ..server.options import (
    NameOption,
    NoCertifi,
    RootsOption,
    TimeoutOption,
    answers,
    targets,
    trusted_roots,
)
from ..server.predict import predict
from ..session import Json
from ..times import date

app = App()


@app.command(epilog="Example: spwf04 check www.example.com mqtt.example.org:8883")
def check(
    hosts: Annotated[
        list[str], typer.Argument(metavar="HOST[:PORT]", help="Servers. Default of PORT: 443.")
    ],
    roots: RootsOption = None,
    no_certifi: NoCertifi = False,
    name: NameOption = None,
    warn_days: Annotated[
        int,
        typer.Option(
            metavar="DAYS", min=0, help="Warn of certificates that expire within this many days."
        ),
    ] = 14,
    timeout: TimeoutOption = 10,
    as_json: Json = False,
):
    """Say whether the module's TLS can connect to these servers, and which root each needs.

    If it cannot, say why. This computer asks the servers; no module is needed. The exit code is 0
    if the module can connect to all of them, else 1.
    """
    asked, name = targets(hosts, name)
    trusted = trusted_roots(roots, no_certifi, self_signed=True)
    found = []
    for answer in answers(asked, name, trusted, timeout):
        prediction = predict(answer, trusted, times.now(), warn_days)
        found.append(prediction)
        if not as_json:
            output.out().print(tree(prediction))
    fine = all(p.ok for p in found)
    step = next_step(found, roots, no_certifi)
    if as_json:
        servers = [plain(p) for p in found]
        output.show({"ok": fine, "servers": servers, "next": step}, True, None)
    elif step:
        output.say("")
        output.say("To put what it needs on the module:")
        output.say(f"  {step}")
    raise typer.Exit(output.DONE if fine else output.FAILED)


# for people ----------------------------------------------------------------------------------
def next_step(found, roots, no_certifi):
    """The `trust` that does as this `check` did, for the servers that the module can connect to,
    or may connect to; None if there is none. One command has them all, because a later one
    replaces what is in the module's flash slot."""
    good = [p for p in found if p.ok]
    lower = [] if good else [p for p in found if p.may_try]
    if not good and not lower:
        return None
    p = (good or lower)[0]
    return steps.command(
        "trust",
        [where(p.answer.host, p.answer.port) for p in good or lower],
        name=p.answer.name if p.answer.name != p.answer.host else None,
        roots=roots,
        no_certifi=no_certifi,
        self_signed=any(p.root is not None and not p.root_info.is_ca for p in good or lower),
        anyway=bool(lower),
    )


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
        made.add(line(("The module's TLS should connect.", "green")))
    return made


def _add_reason(made, reason, answer):
    words = "The module's TLS cannot connect"
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
        made.add(line(f'sent too: "{c.subject}"'))


def _facts(c):
    if c.damaged:
        return [f"{c.size} bytes: {c.damaged}"]
    lines = [
        f"{key(c)}, signed with {signature(c)} by "
        + ("itself" if c.self_issued else f'"{c.issuer}"' if c.issuer else "no name"),
        f"{c.size} bytes, valid {date(c.not_before)[:10]} to {date(c.not_after)[:10]}",
    ]
    own = "none" if c.ski_computed else c.ski
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


def _lines(head, *lines):
    for more in lines:
        if more:
            head.append("\n" + output.clean(more), "not bold")
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
        "reasons": [_plain_reason(r) for r in p.reasons],
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


def _plain_reason(reason):
    return {"what": reason.what, "error": reason.error, "remedy": reason.remedy}


def _plain_certificate(c):
    keys = (
        "subject issuer size version key bits signature hash not_before not_after ski "
        "ski_computed aki is_ca path_length names name_count self_issued sha256 damaged"
    )
    return {key: getattr(c, key) for key in keys.split()}
