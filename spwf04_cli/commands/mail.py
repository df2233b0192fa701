"""mail: a mail that the module sends."""

import pathlib
import re
import sys
from typing import Annotated, Optional

import typer

from .. import output
from ..frame import App
from ..local import content
from ..password import Password, password
from ..session import Json, with_module

app = App()

_SECONDS = 120
_ON_MODULE = re.compile("[0-3]:/")


@app.command(
    epilog="Example: spwf04 mail relay.example --from door@example.com --to me@example.com "
    "--subject Alarm --text 'The door is open.'\n"
    "Example: spwf04 mail mail.example.com --tls --user door --from door@example.com "
    "--to me@example.com --subject Log --attach 1:/log.txt < text.txt"
)
@with_module
def mail(
    module,
    server: Annotated[
        str,
        typer.Argument(
            metavar="HOST[:PORT]", help="The mail server. Default of PORT: 25, with --tls 465."
        ),
    ],
    sender: Annotated[
        str, typer.Option("--from", metavar="NAME@HOST", help="The sender's address.")
    ],
    to: Annotated[
        list[str], typer.Option(metavar="NAME@HOST", help="Who gets it. May be given again.")
    ],
    subject: Annotated[str, typer.Option(metavar="TEXT", help="The subject.")],
    text: Annotated[
        Optional[str],
        typer.Option(metavar="TEXT", help="The text. Default: what stdin has, to its end."),
    ] = None,
    cc: Annotated[
        Optional[list[str]], typer.Option(metavar="NAME@HOST", help="Who gets a copy.")
    ] = None,
    bcc: Annotated[
        Optional[list[str]],
        typer.Option(metavar="NAME@HOST", help="Who gets a copy that the others do not see."),
    ] = None,
    attach: Annotated[
        Optional[str],
        typer.Option(
            metavar="FILE", help="A file to attach; VOLUME:/NAME is one that is on the module."
        ),
    ] = None,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls",
            help="By TLS, with the CAs on the module: spwf04 trust HOST:465 puts one there.",
        ),
    ] = False,
    user: Annotated[
        Optional[str], typer.Option(metavar="NAME", help="Log in as this user.")
    ] = None,
    secret: Password = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=600, help="Wait this many seconds.")
    ] = _SECONDS,
    as_json: Json = False,
):
    """Have the module send a mail. It must have joined a network.

    Without --tls all goes out in clear, user and password too. The text has at most 2048 bytes.
    """
    host, port = _target(server, 465 if tls else 25)
    if secret is not None and user is None:
        raise output.Failure("--password goes with --user", "Name the user", output.USAGE)
    word = password(secret, user) if secret == "-" else None  # the first line of stdin
    body = _body() if text is None else text
    if user is not None and word is None:
        word = password(secret, user)
    how = {"cc": cc or [], "bcc": bcc or [], "user": user, "password": word, "timeout": timeout}
    if attach is not None:
        how["attachment"] = _attachment(attach)
    with output.doing(f"sending to {output.clean(host)}…", as_json):
        module.call("mail", host, port, tls, sender, to, subject, body, how, limit=timeout + 60)
    sent = {"server": host, "port": port, "to": [*to, *how["cc"], *how["bcc"]]}
    output.show(sent, as_json, lambda sent: output.say(f"{host} has taken it.", "green"))


def _target(server, usual):
    """(host, port) of HOST or HOST:PORT."""
    from ..server.ask import target  # here, so that --help need not load it

    try:
        return target(server if ":" in server else f"{server}:{usual}")
    except ValueError as e:
        raise typer.BadParameter(str(e), param_hint="HOST") from None


def _body():
    """The text from stdin."""
    if sys.stdin.isatty():
        output.note("The text, up to a line with Ctrl-D (on Windows Ctrl-Z and Enter):")
    return sys.stdin.read()


def _attachment(name):
    """The name of a file on the module; or [name, content] of one of this computer."""
    if _ON_MODULE.match(name):
        return name
    return [pathlib.Path(name).name, content(name)]
