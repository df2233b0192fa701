"""trust: the module verifies servers, with roots that were verified on this computer."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.tree import Tree

from spwf04.errors import LinkLost, SPWF04Error
from spwf04.pki.causes import told
from spwf04.pki.rules import judge_ca

from .. import advice, output, steps, times
from ..frame import App
from ..output import line
from ..password import Password, network_name, password
from ..server.ask import where
from ..server.options import (
    NameOption,
    NoCertifi,
    RootsOption,
    SelfSigned,
    TimeoutOption,
    answers,
    targets,
    trusted_roots,
)
from ..server.predict import predict
from ..server.roots import file_certificates, info
from ..session import Json, with_module
from ..times import plural

app = App()

_PLACES = {
    "slot": "in the flash slot: it stays without power",
    "volatile": "in a file on the RAM disk: a restart loses it, and the driver puts it back if "
    "the program on the MCU has it too, in a bundle",
    "file": "in a file in flash: it stays without power",
}


@app.command(
    epilog="Example: spwf04 trust www.example.com --join home\n"
    "Example: spwf04 trust --pem private-ca.pem"
)
@with_module
def trust(
    module,
    hosts: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="HOST[:PORT]", help="Servers. Default of PORT: 443."),
    ] = None,
    pem: Annotated[
        Optional[list[Path]],
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Put the CAs of this file (PEM, DER or PKCS#7) on the module, and trust them "
            "here too. May be repeated.",
        ),
    ] = None,
    roots: RootsOption = None,
    no_certifi: NoCertifi = False,
    self_signed: SelfSigned = False,
    name: NameOption = None,
    join: Annotated[
        Optional[str],
        typer.Option(metavar="SSID", callback=network_name, help="Join this network first."),
    ] = None,
    secret: Password = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Let the module try servers that it probably cannot take."),
    ] = False,
    timeout: TimeoutOption = 10,
    as_json: Json = False,
):
    """Put the roots of these servers on the module, and prove that it verifies them.

    First OpenSSL verifies each server's chain on this computer, with certifi's roots. Then the
    root of the chain is put on the module, the module's clock is set, and the module connects.
    Name all servers in one command: the flash slot holds one CA, several go to files. A later
    command replaces what is in the slot, and with it the module's own certificate and key.
    """
    asked, name = targets(hosts or (), name)
    cas = _authorities(pem or (), self_signed)
    if not asked and not cas:
        raise typer.BadParameter("name servers, or a file with --pem", param_hint="HOST")
    files = [*(roots or ()), *(pem or ())]
    trusted = trusted_roots(files, no_certifi, self_signed=self_signed)
    asking = answers(asked, name, trusted, timeout)
    plans = [predict(answer, trusted, times.now()) for answer in asking]

    def again(hosts, try_all):
        """The command line that does the same for these hosts. try_all: with --anyway."""
        line = steps.command(
            "trust",
            hosts,
            **{"name": name, "pem": pem, "roots": roots, "no_certifi": no_certifi},
            **{"self_signed": self_signed, "anyway": try_all},
        )
        return steps.pasted(line)

    work = Work(module, as_json, self_signed, again)
    work.begin(join, password(secret, join) if join else None, bool(plans))
    tries = [plan for plan in plans if _worth(plan, anyway)]
    work.make_room(cas + [plan.cas[0] for plan in tries])
    for der in cas:
        work.install(der)
    for plan in plans:
        work.trust(plan, plan in tries, trusted)
    work.end(bool(plans))
    raise typer.Exit(output.DONE if work.done["ok"] else output.FAILED)


def _worth(plan, anyway):
    """True if the module shall try a server: OpenSSL trusts it, and the module can connect
    to it or shall try anyway."""
    answer = plan.answer
    genuine = plan.cas and (answer.verified or (answer.asks_certificate and answer.code < 0))
    return genuine and (plan.ok or anyway)


def _authorities(files, self_signed):
    """DER of the CAs in these files; a usage error if a file holds none."""
    found = []
    for file in files:
        try:
            found += file_certificates(str(file), self_signed)
        except ValueError as e:
            raise typer.BadParameter(str(e), param_hint="--pem") from None
    return list(dict.fromkeys(found))


class Work:
    """What is done on one module, and the result. done: what --json prints. self_signed: take
    CAs that sign themselves, though they do not say that they are CAs'. again(hosts, anyway): the
    command line for these hosts."""

    def __init__(self, module, as_json, self_signed, again):
        self._again_line = again
        self._module = module
        self._json = as_json
        self._self_signed = self_signed
        self._start = module.call("cost")
        self.done = {"ok": True, "address": None, "clock": None, "cas": [], "servers": []}

    def _costs(self, since):
        names = ("commands", "bytes_to_module", "bytes_from_module", "ms")
        spent = [b - a for a, b in zip(since, self._module.call("cost"))]
        spent[3] %= 1 << 29  # ticks wrap around
        return dict(zip(names, spent))

    def begin(self, ssid, secret, needs_network):
        """Network and clock."""
        call = self._module.call
        if ssid:
            with output.doing(f"joining {output.clean(ssid)}…", self._json):
                call("join", ssid, secret, 30, False, {}, limit=60)
        address = call("address")
        if needs_network and address is None:
            raise output.Failure(
                "the module is not joined to a network",
                "Add --join SSID, or join one first: spwf04 join SSID",
            )
        self.done["address"] = address
        self.done["clock"] = clock = times.now()
        call("set_time", clock)
        if not self._json:
            if ssid:
                output.say(f"Joined {output.clean(ssid)}, address {address}.")
            output.say("Clock set from this computer.")

    def make_room(self, ders):
        """Remove a single CA from the RAM disk, so that it goes to the flash slot."""
        alone = {info(der).ski for der in ders}
        if len(alone) == 1:
            self._module.call("ca_leave_ram", alone.pop())

    def install(self, der):
        """Put a CA on the module."""
        what = info(der)
        found = {"subject": what.subject, "size": what.size, "ok": True, "error": None}
        found["expected"] = [cause.what for cause in told(judge_ca(what))]
        since = self._module.call("cost")
        with output.doing(f"installing {what.subject}…", self._json):
            try:
                found["sha256"], found["written"] = self._module.call(
                    "ca_install", der, self._self_signed
                )
            except LinkLost:
                raise
            except OSError as e:
                self._failed(found, e)
        found["cost"] = self._costs(since)
        self.done["cas"].append(found)

    def trust(self, plan, worth, trusted):
        """Have a server verified by the module, if it is worth trying."""
        answer = plan.answer
        found = {"host": answer.host, "port": answer.port, "ok": True, "error": None}
        found["sha256"] = None
        found["name"] = answer.name
        found["expected"] = [reason.what for reason in plan.reasons]
        self.done["servers"].append(found)
        since = self._module.call("cost")
        if worth:
            if answer.asks_certificate:
                found["sha256"] = info(plan.cas[0]).sha256  # it stays, whatever the result
            given = answer.host, answer.port, answer.name, plan.cas, answer.asks_certificate
            given += (self._self_signed,)
            with output.doing(f"{answer.host}: the module connects…", self._json):
                try:
                    found["sha256"] = self._module.call("trust", *given, limit=180)
                except LinkLost:
                    raise
                except OSError as e:
                    self._failed(found, e)
        else:
            self.done["ok"] = found["ok"] = False
            todo = plan.reasons[0].remedy or ""
            if plan.may_try:
                line = self._again_line([where(answer.host, answer.port)], True)
                todo = f"To have the module try the one that is trusted: {line}"
            found["error"] = {"what": "; ".join(found["expected"]), "todo": todo, "code": None}
        found["cost"] = self._costs(since)
        for der in plan.cas:
            if info(der).sha256 == found["sha256"]:
                found["from"] = trusted.origin(der)

    def _failed(self, found, error):
        self.done["ok"] = found["ok"] = False
        what, todo = str(error.args[-1]), ""
        if isinstance(error, SPWF04Error):
            names = {"host": where(found["host"], found["port"])} if "host" in found else {}
            what, todo = advice.told(error, **names)
            todo = steps.pasted(todo)
        found["error"] = {"what": what, "todo": todo, "code": getattr(error, "code", None)}

    def end(self, connected):
        """Connect once more to what a later step may have undone, and report."""
        entries = {e["sha256"]: e for e in self._module.call("ca_entries")}
        if connected and len(entries) > 1:
            for found in self.done["servers"]:
                if found["ok"]:
                    self._again(found)
            entries = {e["sha256"]: e for e in self._module.call("ca_entries")}
        for found in self.done["servers"] + self.done["cas"]:
            found["ca"] = entries.get(found.get("sha256"))
        self.done["cost"] = self._costs(self._start)
        if self._json:
            output.show(self.done, True, None)
            return
        for found in self.done["cas"]:
            output.out().print(_shown(found, f"CA {found['subject']}", _done(found)))
        for found in self.done["servers"]:
            title = f"{found['host']}:{found['port']}"
            output.out().print(_shown(found, title, "verified by the module's TLS"))
        output.say("In total " + _spent(self.done["cost"]) + ".")
        if len(entries) == 1 and any(e["volatile"] for e in entries.values()):
            good = [where(f["host"], f["port"]) for f in self.done["servers"] if f["ok"]]
            note = "To have the CA in the flash slot, repeat the command without what failed"
            if good:
                note += f": {self._again_line(good, False)}"
            output.note(note)

    def _again(self, found):
        host, name = found["host"], found["name"]
        with output.doing(f"{host}: once more, with all CAs in place…", self._json):
            try:
                self._module.call("verify", host, found["port"], name, limit=90)
            except LinkLost:
                raise
            except OSError as e:
                self._failed(found, e)


def _done(found):
    """What was done with a CA, in words."""
    if found["ok"] and found["ca"] is None:
        return "replaced by another with the same key"
    return "installed" if found.get("written") else "already in place"


def _spent(cost):
    return (
        f"{plural(cost['commands'], 'command')}, {cost['bytes_to_module']} bytes to the module, "
        f"{cost['bytes_from_module']} from it, {cost['ms'] / 1000:.1f} s"
    )


def _shown(found, title, good):
    word = (good, "bold green") if found["ok"] else ("failed", "bold red")
    tree = Tree(line((title, "bold"), "  ", word))
    error, ca = found["error"], found["ca"]
    if error:
        branch = tree.add(line(error["what"]))
        if error["todo"]:
            branch.add(line(error["todo"]))
    if ca:
        origin = f", from {found['from']}" if found.get("from") else ""
        if found.get("host"):
            tree.add(line(f"CA {ca['subject'] or 'of no name'}{origin}"))
        tree.add(line(f"{ca['size']} bytes, identifier {ca['ski']}"))
        place = "volatile" if ca["volatile"] else ca["where"]
        tree.add(line(_PLACES.get(place, "not in place now")))
        for words in ca["warnings"]:
            tree.add(line(("warning: " + words, "yellow")))
        if found["ok"] and found["expected"]:
            tree.add(
                line("it works, though it was expected to fail: ", "; ".join(found["expected"]))
            )
    if found["cost"]["commands"]:
        tree.add(line("cost: " + _spent(found["cost"])))
    return tree
