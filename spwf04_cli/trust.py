"""trust: have the module at hand verify servers, with roots that were verified on the desk."""

import contextlib
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.tree import Tree

from spwf04.errors import LinkLost
from spwf04.x509 import Certificate

from . import check, output
from .ask import target
from .check import NoCertifi, RootsOption
from .predict import predict
from .roots import file_certificates, info
from .secret import Password, password
from .session import Json, with_module

app = typer.Typer(rich_markup_mode="markdown")

_PLACES = {
    "slot": "in the flash slot: it stays there when the power goes",
    "volatile": "in a file on the RAM disk: gone after a restart, unless the program on the MCU "
    "has it too (a bundle): then the driver puts it back",
    "file": "in a file: it stays there when the power goes",
}


@app.command(
    epilog="Example: spwf04 trust www.example.com --join home   "
    "Example: spwf04 trust --pem private-ca.pem"
)
@with_module
def trust(
    module,
    hosts: Annotated[
        Optional[list[str]], typer.Argument(metavar="HOST[:PORT]", help="Port: 443.")
    ] = None,
    pem: Annotated[
        Optional[list[Path]],
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="Install the CAs of this file (PEM or DER), and trust them here too. May be "
            "repeated.",
        ),
    ] = None,
    roots: RootsOption = None,
    no_certifi: NoCertifi = False,
    join: Annotated[
        Optional[str], typer.Option(metavar="SSID", help="Join this network first.")
    ] = None,
    secret: Password = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds for each connection of this PC.")
    ] = 10,
    as_json: Json = False,
):
    """Have the module trust these servers: root, clock, and a verified connection as the proof.

    Each server's chain is verified here first, by OpenSSL with certifi's roots; the root above
    it is put on the module, its clock is set, and the module connects. Name all servers in one
    command: the flash slot holds one CA, several go to files, and a later command replaces what
    is in the slot (with the module's own certificate and key, if they are there).
    """
    targets = [target(text) for text in hosts or ()]
    cas = _authorities(pem or ())
    if not targets and not cas:
        raise typer.BadParameter("name servers, or --pem FILE", param_hint="HOST")
    trusted = check.trusted_roots([*(roots or ()), *(pem or ())], no_certifi)
    answers = check.answers(targets, None, trusted, timeout)
    plans = [predict(answer, trusted, check.now()) for answer in answers]
    work = Work(module, as_json)
    work.begin(join, password(secret, join) if join else None, bool(plans))
    for der in cas:
        work.install(der)
    for plan in plans:
        work.trust(plan, trusted)
    work.end(bool(plans))
    raise typer.Exit(0 if work.done["ok"] else 1)


def _authorities(files):
    """DER of the CAs in these files. Typer's usage error for what is none."""
    found = []
    for file in files:
        try:
            for der in file_certificates(str(file)):
                known = Certificate(der)
                if known.is_ca is False and not known.self_issued:
                    raise ValueError(
                        f"{file}: a server's certificate, not a CA's: name the root that signed it"
                    )
                found.append(der)
        except ValueError as e:
            raise typer.BadParameter(str(e), param_hint="--pem") from None
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def _doing(what, quiet):
    with contextlib.nullcontext() if quiet else output.err().status(what):
        yield


class Work:
    """What is done on one module, and what came of it. done: what JSON has."""

    def __init__(self, module, as_json):
        self._module = module
        self._json = as_json
        self._start = module.call("cost")
        self.done = {"ok": True, "address": None, "clock": None, "cas": [], "servers": []}

    def _costs(self, since):
        names = ("commands", "bytes_to_module", "bytes_from_module", "ms")
        return dict(zip(names, (b - a for a, b in zip(since, self._module.call("cost")))))

    def begin(self, ssid, secret, needs_network):
        """Network and clock."""
        call = self._module.call
        with _doing(f"joining {ssid}…", self._json or not ssid):
            address = call("join_if", ssid, secret)
        if needs_network and address is None:
            raise output.Failure(
                "the module is not joined to a network", "Add --join SSID, or spwf04 join first"
            )
        self.done["address"] = address
        self.done["clock"] = clock = check.now()
        call("set_time", clock)
        if not self._json:
            if ssid:
                output.say(f"Joined {ssid}, address {address}.")
            output.say("Clock set from this computer.")

    def install(self, der):
        """Put a CA on the module."""
        what = info(der)
        found = {"subject": what.subject, "size": what.size, "ok": True, "error": None}
        since = self._module.call("cost")
        with _doing(f"installing {what.subject}…", self._json):
            try:
                found["ski"] = self._module.call("ca_install", der)
            except LinkLost:
                raise
            except OSError as e:
                self._failed(found, e)
        found["cost"] = self._costs(since)
        self.done["cas"].append(found)

    def trust(self, plan, trusted):
        """Have a server verified by the module."""
        answer = plan.answer
        found = {"host": answer.host, "port": answer.port, "ok": True, "error": None, "ski": None}
        found["expected"] = [vars(reason) for reason in plan.reasons]
        self.done["servers"].append(found)
        since = self._module.call("cost")
        if plan.cas and (answer.verified or (answer.asks_certificate and answer.code < 0)):
            given = answer.host, answer.port, answer.name, plan.cas, answer.asks_certificate
            with _doing(f"{answer.host}: the module connects…", self._json):
                try:
                    found["ski"] = self._module.call("trust", *given)
                except LinkLost:
                    raise
                except OSError as e:
                    self._failed(found, e)
        else:
            self.done["ok"] = found["ok"] = False
            reason = plan.reasons[0]
            found["error"] = {"what": reason.what, "todo": reason.remedy, "code": None}
        found["cost"] = self._costs(since)
        for der in plan.cas:
            if found["ski"] is not None and info(der).ski == found["ski"]:
                found["from"] = trusted.origin(der)

    def _failed(self, found, error):
        self.done["ok"] = found["ok"] = False
        what, hint = str(error.args[-1]), getattr(error, "hint", None) or ""
        if hint:
            what = what[: -len(hint) - 2]
        found["error"] = {"what": what, "todo": hint, "code": getattr(error, "code", None)}

    def end(self, connected):
        """Prove what a later step may have undone, and report."""
        entries = {e["ski"]: e for e in self._module.call("ca_entries")}
        if connected and len(entries) > 1:
            for found in self.done["servers"]:
                if found["ok"]:
                    self._again(found)
            entries = {e["ski"]: e for e in self._module.call("ca_entries")}
        for found in self.done["servers"] + self.done["cas"]:
            found["ca"] = entries.get(found.pop("ski", None))
        self.done["cost"] = self._costs(self._start)
        if self._json:
            output.show(self.done, True, None)
            return
        for found in self.done["cas"]:
            output.out().print(_shown(found, f"CA {found['subject']}", "installed"))
        for found in self.done["servers"]:
            title = f"{found['host']}:{found['port']}"
            output.out().print(_shown(found, title, "verified by the module's TLS"))
        output.say("Altogether " + _spent(self.done["cost"]) + ".")

    def _again(self, found):
        host = found["host"]
        with _doing(f"{host}: once more, with all CAs in place…", self._json):
            try:
                self._module.call("verify", host, found["port"], host)
            except LinkLost:
                raise
            except OSError as e:
                self._failed(found, e)


def _spent(cost):
    return (
        f"{cost['commands']} commands, {cost['bytes_to_module']} bytes to the module, "
        f"{cost['bytes_from_module']} from it, {cost['ms'] / 1000:.1f} s"
    )


def _shown(found, title, good):
    word = (good, "bold green") if found["ok"] else ("failed", "bold red")
    tree = Tree(check.line((title, "bold"), "  ", word))
    error, ca = found["error"], found["ca"]
    if error:
        branch = tree.add(check.line(error["what"]))
        if error["todo"]:
            branch.add(check.line(error["todo"]))
    if ca:
        origin = f", from {found['from']}" if found.get("from") else ""
        tree.add(check.line(f"CA {ca['subject'] or 'of no name'}{origin}, {ca['size']} bytes"))
        tree.add(check.line(f"identifier {ca['ski']}"))
        place = "volatile" if ca["volatile"] else ca["where"]
        tree.add(check.line(_PLACES.get(place, "not in place now")))
    if found["cost"]["commands"]:
        tree.add(check.line("cost: " + _spent(found["cost"])))
    return tree
