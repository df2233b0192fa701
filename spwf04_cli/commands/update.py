"""update: new firmware over the air, with checks before and after."""

import contextlib
import pathlib
import re
import urllib.parse
from dataclasses import dataclass
from typing import Annotated, Optional

import typer

from spwf04.arguments import argument

from .. import output
from ..checklist import FAILED, NOTE, OK, WARNING, Checklist
from ..file_server import own_address, serving
from ..password import Password, password
from ..reference.firmware import meaning
from ..session import Json, with_module
from ..words import told_by_driver

app = typer.Typer()

_SMALL, _LARGE = 65536, 2 << 20  # of images: a firmware is somewhere between
_HEX = re.compile(rb":[0-9A-Fa-f]{10,}\s")
_WEAK, _TOO_WEAK = -75, -85  # dBm
_WARNING = """This replaces the module's firmware.

Do not switch it off, and do not reset it, until this command has ended. Its RESET line must not \
be held high by a push-pull output: the module resets itself. An image that is damaged or not for \
this module is not taken: the old firmware starts again. Without power at the wrong moment it may \
start none; then only ST's boot loader helps (BOOT0 high at power-up)."""


@dataclass
class Source:
    """Where the image is: what the module is told."""

    host: str
    port: int
    path: str
    user: str = ""
    secret: str = ""


@app.command(
    epilog="Example: spwf04 update SPWF04S.ota   Example: spwf04 update "
    "http://192.168.1.5:8000/SPWF04S.ota"
)
@with_module
def update(
    module,
    image: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL",
            help="A file, which this computer then gives to the module by HTTP; or where it is: "
            "http://HOST[:PORT]/PATH.",
        ),
    ],
    address: Annotated[
        Optional[str],
        typer.Option(metavar="ADDRESS", help="With a file: this computer's, for the module."),
    ] = None,
    user: Annotated[str, typer.Option(help="For a server that asks for a login.")] = "",
    secret: Password = None,
    expect: Annotated[
        Optional[str],
        typer.Option(metavar="BUILD", help="Which build must run afterwards, 171117-0328fe3."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Annotated[float, typer.Option(min=30, max=1800, help="Seconds for the fetch.")] = 300,
    as_json: Json = False,
):
    """Update the module's firmware over the air.

    The module fetches the image by plain HTTP and puts it in place at a restart; it accepts only
    what is for it. Before: firmware, network, signal, and whether the module itself reaches the
    image. After: which firmware runs, and whether settings and certificates are still there.
    """
    login = password(secret, user) if user else None
    source, data = _source(image, user, login or "")
    found = Checklist(as_json)
    before = _before(module, found)
    with contextlib.ExitStack() as stack:
        if data is not None:
            address = address or own_address(before["info"]["address"])
            bar = stack.enter_context(output.progress("to the module", len(data), as_json))
            source.port, source.path = stack.enter_context(serving(data, address, bar))
            source.host = address
        _reachable(module, source, found)
        if found.count(FAILED):
            raise output.Failure("nothing was changed", "See what failed above.")
        if not yes:
            output.warn(_WARNING)
            typer.confirm("Update the firmware?", abort=True, err=True)
        _fetch(module, source, timeout, found)
    after = _apply(module, found)
    _after(module, before, after, expect, found)
    code = output.FAILED if found.count(FAILED) else output.DONE
    if as_json:
        result = {"ok": code == output.DONE, "before": before["info"]["build"], "after": after[0]}
        output.show({**result, "checks": found.checks}, True, None)
    else:
        output.say("")
        done = "updated" if code == output.DONE else "not updated"
        output.say(f"Verdict: {done}.", "green" if code == output.DONE else "bold red")
    raise typer.Exit(code)


def _source(image, user, secret):
    """(Source, content or None) of what was named; a usage error if it cannot be used."""
    if "://" not in image:
        try:
            data = pathlib.Path(image).read_bytes()
        except OSError as e:
            raise _unfit(f"{image}: {e.strerror}") from None
        if not data:
            raise _unfit(f"{image} is empty")
        if _HEX.match(data):
            raise _unfit(
                f"{image} is in Intel HEX: for ST's boot loader, by wire. Over the air the module "
                "takes another file"
            )
        return Source("", 0, ""), data
    url = urllib.parse.urlsplit(image)
    if url.scheme != "http":
        raise _unfit("the module fetches firmware by plain HTTP: http://HOST[:PORT]/PATH")
    if url.username is not None:
        raise _unfit("a login in the URL is seen by others: --user")
    path = url.path + ("?" + url.query if url.query else "")
    try:
        for value, name in ((url.hostname or "", "host"), (path, "path"), (user, "user")):
            if b"," in argument(value, name) or " " in value:
                raise ValueError(f"{name} must not contain a comma or a blank")
        if not url.hostname or not path.startswith("/"):
            raise ValueError("http://HOST[:PORT]/PATH")
        return Source(url.hostname, url.port or 80, path, user, secret), None
    except ValueError as e:
        raise _unfit(str(e)) from None


def _unfit(words):
    return typer.BadParameter(words, param_hint="FILE|URL")


# before --------------------------------------------------------------------------------------
def _before(module, found):
    """Whether the module is fit for it; what it has now."""
    info = module.call("info")
    what = meaning(info["build"])
    found.add("module", OK, f"{info['model']}, serial {info['serial']}")
    found.add("firmware", OK, f"{info['fw_version']} ({info['build']}), {what.what}")
    if not info["joined"]:
        raise output.Failure(
            "the module is not joined to a network", "spwf04 join SSID; then update again."
        )
    rssi = module.call("rssi")
    state = FAILED if rssi < _TOO_WEAK else WARNING if rssi < _WEAK else OK
    found.add("signal", state, f"{rssi} dBm", "" if state == OK else "Move it closer first")
    there = module.call("ca_list", limit=120)
    settings = module.call("settings")
    found.add("settings", OK, f"{len(settings)} variables and {len(there)} CAs noted")
    return {"info": info, "settings": settings, "cas": there}


def _reachable(module, source, found):
    """Whether the module itself can fetch the image."""
    where = f"http://{source.host}:{source.port}{source.path}"
    with output.doing("asking for the image…"):
        try:
            status, length = module.call("image_head", source.host, source.port, source.path)
        except OSError as e:
            if getattr(e, "hint", None) is None and not hasattr(e, "code"):
                raise
            found.add("image", FAILED, *told_by_driver(e))
            return
    if status == 401 and source.user:
        found.add("image", NOTE, f"{where} asks for the login")
    elif status != 200:
        found.add("image", FAILED, f"{where}: the server answers {status or 'no HTTP'}")
    elif length is None:
        found.add("image", WARNING, f"{where}: the server does not say how long it is")
    elif not _SMALL <= length <= _LARGE:
        found.add("image", WARNING, f"{where}: {length} bytes, unlikely for a firmware")
    else:
        found.add("image", OK, f"the module reaches it, {length} bytes")


# meanwhile -----------------------------------------------------------------------------------
def _fetch(module, source, timeout, found):
    with output.doing("the module fetches the image…"):
        said = module.call(
            "update_fetch",
            *(source.host, source.port, source.path, source.user, source.secret),
            timeout,
            limit=2 * timeout + 30,
        )
    found.add("fetched", OK, "; ".join(said) or "the module has the image")


def _apply(module, found):
    """[build, whether settings were lost]"""
    try:
        with output.doing("restarting into the new firmware: do not switch it off…"):
            return module.call("update_apply", 180, limit=240)
    except KeyboardInterrupt:
        output.warn("the module may be writing its firmware: leave it on for ten minutes.")
        raise


# after ---------------------------------------------------------------------------------------
def _after(module, before, after, expect, found):
    build, factory = after
    old = before["info"]["build"]
    wanted = expect is not None and build.startswith(expect)
    if expect is not None and not wanted:
        found.add("firmware", FAILED, f"{build} runs, not {expect}")
    elif build == old and not wanted:
        found.add(
            "firmware",
            FAILED,
            f"{build} runs, as before",
            "The module did not take the image: damaged, not for it, or encrypted for another "
            "key. Or it was the same version: then --expect BUILD says so",
        )
    else:
        found.add("firmware", OK, f"{build} runs, {meaning(build).what}")
    now = module.call("settings")
    changed = [n for n, value in before["settings"].items() if now.get(n) != value]
    if factory:
        found.add(
            "settings", WARNING, "back to the factory's (WIND 65)", "spwf04 join SSID --save"
        )
    for name in changed:
        values = [there.get(name, "(gone)") or "(empty)" for there in (before["settings"], now)]
        found.add("settings", NOTE, f"{name}: {values[0]} → {values[1]}")
    if not changed:
        found.add("settings", OK, "as before")
    elif not factory:
        found.add("", NOTE, "what was not saved before is gone with any restart")
    left = {entry["ski"] for entry in module.call("ca_list", limit=120)}
    for entry in before["cas"]:
        if entry["ski"] not in left and not entry["volatile"]:
            found.add("certificates", WARNING, f"{entry['subject']} is gone", "spwf04 trust HOST")
    if not module.call("clock")["set"]:
        found.add("clock", NOTE, "not set after the restart: spwf04 time --set, or NTP")
