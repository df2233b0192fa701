"""ca list, remove, export: the CA certificates on a module."""

import ssl
from pathlib import Path
from typing import Annotated, Optional

import typer

from .. import output
from ..frame import App
from ..local import Force, free, write
from ..server.roots import Roots, info
from ..session import Json, with_module
from ..times import days_left, end

app = App(no_args_is_help=True)

Identifiers = Annotated[
    Optional[list[str]],
    typer.Argument(metavar="IDENTIFIER", help="Identifiers of CAs, as ca list shows them."),
]


@app.callback(
    epilog="Example: spwf04 ca list\nExample: spwf04 ca export IDENTIFIER --output ca.pem\n"
    "Example: spwf04 ca remove IDENTIFIER"
)
def ca():
    """List, remove and export the CA certificates on the module.

    A CA is in the module's flash slot, which holds one, or in a file. The module trusts a server
    whose chain ends at one of them. spwf04 trust HOST puts the right one on it.
    """


@app.command("list", epilog="Example: spwf04 ca list --port /dev/ttyUSB0")
@with_module
def list_(module, as_json: Json = False):
    """List the CAs on the module: identifier, place, size, subject, and end of validity.

    The module's own certificate is listed too, as far as it is known. Those that
    end within 30 days are marked.
    """
    found = module.call("ca_list")
    known = Roots().bundle
    for entry in found:
        for root in known.by_key(entry["ski"]) if not entry["subject"] else ():
            certificate = info(root.der())  # the slot names a CA, but does not give it back
            if certificate.ski == entry["ski"]:
                entry["subject"] = certificate.subject
                entry["not_after"] = certificate.not_after
    for entry in found:
        entry["kind"] = "CA"
    own = module.call("own_certificate")
    if own is not None:
        found.append({"kind": "client certificate", "ski": "", "size": 0, **own})
    for entry in found:
        entry["days_left"] = days_left(entry["not_after"])
    output.show(found, as_json, _show)


def _show(found):
    for entry in found:
        output.say(f"{entry['ski'] or 'the client certificate'}  {_place(entry)}")
        until = end(entry["not_after"])
        output.say(
            f"  {entry['subject'] or 'cannot be read'}"
            + (f", {entry['size']} bytes" if entry["size"] else "")
            + (f", {until}" if until else "")
        )
    if not any(entry["kind"] == "CA" for entry in found):
        output.say("The module shows no CA.")
    if not any(entry["where"] == "slot" and entry["kind"] == "CA" for entry in found):
        output.note(
            "The flash slot may hold a CA all the same, because the module does not always name "
            "it. While the slot holds one, the module does not look at files."
        )


def _place(entry):
    place = "in a file on the RAM disk" if entry["volatile"] else "in a file"
    if entry["where"] == "slot":
        place = "in the flash slot"
    if entry.get("owner") == "context":
        place += ", from the context of a program, and trusted for that context only"
    return place


@app.command(epilog="Example: spwf04 ca remove 607b661a450d97ca89502f7d04cd34a8fffcfd4b")
@with_module
def remove(
    module,
    identifiers: Identifiers = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Remove all CAs, and the module's own certificate and key."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: Json = False,
):
    """Remove CAs from the module.

    The flash slot can only be emptied as a whole. With its CA, the module's own certificate and
    key are removed.
    """
    wanted = [_identifier(text) for text in identifiers or ()]
    if everything == bool(wanted):
        raise typer.BadParameter("name CAs, or take --all", param_hint="IDENTIFIER")
    if everything:
        if not yes:
            output.confirm("Remove all CAs, and the module's own certificate and key?")
        module.call("ca_clear")
        output.show({"removed": "all"}, as_json, lambda _: output.say("All removed."))
        return
    missing = [ski for ski in wanted if not module.call("ca_remove", ski)]
    removed = [ski for ski in wanted if ski not in missing]
    result = {"removed": removed, "missing": missing}
    output.show(result, as_json, lambda _: [output.say(f"Removed {ski}.") for ski in removed])
    if missing:
        raise output.Failure(
            "not found on the module: " + ", ".join(missing),
            "spwf04 ca list shows the CAs. One in the flash slot that the module does not name "
            "can only be removed with --all.",
        )


@app.command(epilog="Example: spwf04 ca export 607b661a450d97ca89502f7d04cd34a8fffcfd4b -o ca.pem")
@with_module
def export(
    module,
    identifier: Annotated[
        str,
        typer.Argument(metavar="IDENTIFIER", help="Identifier of the CA, as ca list shows it."),
    ],
    file: Annotated[
        Optional[Path],
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this file. Default: print it."
        ),
    ] = None,
    force: Force = False,
):
    """Read a CA from the module, and print or write it as PEM.

    Only a CA in a file can be read: the module does not give back what is in its flash slot.
    """
    ski = _identifier(identifier)
    if file is not None:
        free(file, force)
    der = module.call("ca_export", ski)
    if der is None:
        raise output.Failure(
            f"the module does not give back {ski}",
            "spwf04 ca list shows the CAs. What is in the flash slot cannot be read.",
        )
    pem = ssl.DER_cert_to_PEM_cert(der)
    if file is None:
        typer.echo(pem, nl=False)
        return
    write(file, pem.encode())
    output.say(f"{file}: {info(der).subject}, {len(der)} bytes as DER.")


def _identifier(text):
    """A subject key identifier as the driver writes it: hexadecimal digits, lower case."""
    ski = text.lower().replace(":", "").replace(" ", "")
    if ski.endswith(".ca"):
        ski = ski[:-3]
    if not ski or any(c not in "0123456789abcdef" for c in ski):
        raise typer.BadParameter(
            f"{text}: an identifier is written in hexadecimal digits", param_hint="IDENTIFIER"
        )
    return ski
