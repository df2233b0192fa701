"""update: new firmware over the air, with checks before and after."""

import contextlib
import pathlib
import re
import urllib.parse
from dataclasses import dataclass
from typing import Annotated, Optional

import typer

from spwf04.arguments import argument, host
from spwf04.errors import SPWF04Error

from .. import advice, images, output
from ..checklist import FAILED, NOTE, OK, WARNING, Checklist
from ..file_server import own_address, serving
from ..frame import App
from ..password import Password, password
from ..reference.firmware import meaning
from ..session import Json, with_module
from ..times import plural

app = App()

_SMALL, _LARGE = 65536, 2 << 20  # bytes: an image of a firmware is between
_HEX = re.compile(rb":[0-9A-Fa-f]{10,}\s")
_WEAK, _TOO_WEAK = -75, -85  # dBm
_WARNING = """This replaces the module's firmware.

Do not switch the module off, and do not reset it, until this command has ended. The module \
resets itself, so no push-pull output may hold its RESET line high. It refuses an image that is \
damaged or not for it, and starts the old firmware again. If the power fails at the wrong moment, \
it may start no firmware at all: then only ST's boot loader helps (BOOT0 high at power-up).

A plain image has no signature, and the module fetches it by plain HTTP: take it from ST, and \
update in a network that you trust."""


@dataclass
class Source:
    """Where the image is, as the module is told."""

    host: str
    port: int
    path: str
    image: "images.Image | None" = None
    user: str = ""
    secret: str = ""


@app.command(
    epilog="Example: spwf04 update SPWF04S.ota\nExample: spwf04 update "
    "http://192.168.1.5:8000/SPWF04S.ota"
)
@with_module
def update(
    module,
    image: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL",
            help="An image in a file, which this computer gives to the module by HTTP; or the "
            "address of an image: http://HOST[:PORT]/PATH.",
        ),
    ],
    address: Annotated[
        Optional[str],
        typer.Option(
            metavar="ADDRESS", help="With a file: this computer's address in the module's network."
        ),
    ] = None,
    user: Annotated[
        str, typer.Option(metavar="NAME", help="User name, for a server that asks for a login.")
    ] = "",
    secret: Password = None,
    expect: Annotated[
        Optional[str],
        typer.Option(
            metavar="BUILD", help="The build that must run afterwards, such as 171117-0328fe3."
        ),
    ] = None,
    encrypted: Annotated[
        bool,
        typer.Option(
            "--encrypted",
            help="The image is encrypted, with the key that the module has: only the module can "
            "check it.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=30, max=1800, help="Seconds that fetching the image may take."
        ),
    ] = 300,
    as_json: Json = False,
):
    """Update the module's firmware over the air.

    The module fetches the image by plain HTTP, and puts it in place when it restarts. It accepts
    only images that are made for it. First this command checks an image in a file: its header,
    length, SHA-256 and end. They tell damage; a plain image has no signature. Then it checks
    firmware, network and signal, and whether the module itself reaches the image. Afterwards it
    checks which firmware runs, and whether settings and CAs are still there.
    """
    login = password(secret, user) if user else None
    source, data = _source(image, user, login or "", encrypted)
    found = Checklist(as_json)
    before = _before(module, found)
    older = _told(source.image, before["info"]["build"], found)
    with contextlib.ExitStack() as stack:
        if data is not None:
            address = address or own_address(before["info"]["address"])
            bar = stack.enter_context(output.progress("to the module", len(data), as_json))
            source.port, source.path = stack.enter_context(serving(data, address, bar))
            source.host = address
        _reachable(module, source, found)
        if found.count(FAILED):
            _refuse(before, found, as_json)
        if not yes:
            output.warn(_WARNING)
            output.confirm("Update the firmware?")
            if older:
                output.confirm("The image is older than the firmware. Go back to it?")
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


def _refuse(before, found, as_json):
    """End, because a check has failed before anything was changed."""
    if as_json:
        build = before["info"]["build"]
        result = {"ok": False, "before": build, "after": build, "checks": found.checks}
        output.show(result, True, None)
        raise typer.Exit(output.FAILED)
    raise output.Failure("nothing was changed", "The checks above say what failed.")


def _source(image, user, secret, encrypted):
    """(Source, content or None) of the argument; a usage error if it cannot be used."""
    if "://" not in image:
        try:
            data = pathlib.Path(image).read_bytes()
        except OSError as e:
            raise _unfit(f"{image}: {e.strerror}") from None
        if not data:
            raise _unfit(f"{image} is empty")
        if _HEX.match(data):
            raise _unfit(
                f"{image} is in Intel HEX, which is for ST's boot loader, by wire. Over the air "
                "the module takes another file"
            )
        return Source("", 0, "", _checked(image, data, encrypted)), data
    url = urllib.parse.urlsplit(image)
    if url.scheme != "http":
        raise _unfit("the module fetches firmware by plain HTTP: http://HOST[:PORT]/PATH")
    if url.username is not None:
        raise _unfit("others can see a login in the URL: give it with --user")
    path = url.path + ("?" + url.query if url.query else "")
    try:
        where = host(url.hostname or "").decode()
        for value, name in ((path, "path"), (user, "user")):
            if b"," in argument(value, name) or " " in value:
                raise ValueError(f"{name} must not contain a comma or a blank")
        if not path.startswith("/"):
            raise ValueError("http://HOST[:PORT]/PATH")
        return Source(where, url.port or 80, path, None, user, secret), None
    except ValueError as e:
        raise _unfit(str(e)) from None


def _checked(name, data, encrypted):
    """The images.Image of a file's bytes. output.Failure if the module must not get it."""
    try:
        image = images.read(data)
    except images.Unfit as e:
        raise output.Failure(f"{name}: {e}", "Get the file anew. Nothing was sent.") from None
    if image.files is not None:
        raise output.Failure(
            f"{name} is an image of files", "Use spwf04 image load.", output.USAGE
        )
    if image.encrypted and not encrypted:
        what = f"{name} is encrypted: nobody but a module with its key can check it"
        raise output.Failure(what, "If this module has the key, say so with --encrypted.")
    if encrypted and not image.encrypted:
        raise output.Failure(f"{name} is not encrypted", "Leave out --encrypted.")
    return image


def _told(image, build, found):
    """Say what is known of an image; True if it is older than the build that runs."""
    if image is None:
        found.add("image", NOTE, "at a URL only the module reads it: it was not checked here")
        return False
    age = images.age(image.version, build)
    words = {-1: "older than", 0: "the same as", 1: "newer than", None: "beside"}[age]
    said = f"{image.version or 'no version'} for {image.model}, {words} {build}; "
    said += "encrypted: not checked" if image.encrypted else "whole, without a signature"
    found.add("image", WARNING if age in (-1, 0) or image.encrypted else OK, said)
    return age == -1


def _unfit(words):
    return typer.BadParameter(words, param_hint="FILE|URL")


# before --------------------------------------------------------------------------------------
def _before(module, found):
    """Check whether the module is fit for an update; return what it has now."""
    info = module.call("info")
    what = meaning(info["build"])
    found.add("module", OK, f"{info['model']}, serial {info['serial']}")
    found.add("firmware", OK, f"{info['fw_version']} ({info['build']}), {what.what}")
    if not info["joined"]:
        raise output.Failure(
            "the module is not joined to a network", "Join one with spwf04 join SSID, then update."
        )
    rssi = module.call("rssi")
    state = FAILED if rssi < _TOO_WEAK else WARNING if rssi < _WEAK else OK
    found.add(
        "signal", state, f"{rssi} dBm", "" if state == OK else "Move the module closer first"
    )
    there = module.call("ca_list", limit=120)
    settings = module.call("settings")
    found.add("settings", OK, f"{len(settings)} variables and {plural(len(there), 'CA')} noted")
    return {"info": info, "settings": settings, "cas": there}


def _reachable(module, source, found):
    """Check whether the module itself can fetch the image."""
    where = f"http://{source.host}:{source.port}{source.path}"
    with output.doing("asking for the image…"):
        try:
            status, length = module.call("image_head", source.host, source.port, source.path)
        except SPWF04Error as e:
            found.add("image", FAILED, *advice.told(e))
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
    """Restart the module; [build, whether its settings were lost]."""
    try:
        with output.doing("restarting into the new firmware: do not switch the module off…"):
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
            "The module did not take the image: it is damaged, not made for this module, or "
            "encrypted for another key. If the image has the same version, say so with --expect "
            "BUILD",
        )
    else:
        found.add("firmware", OK, f"{build} runs, {meaning(build).what}")
    now = module.call("settings")
    changed = [n for n, value in before["settings"].items() if now.get(n) != value]
    if factory:
        found.add(
            "settings",
            WARNING,
            "the module has those of the factory again (WIND 65)",
            "spwf04 join SSID --save",
        )
    for name in changed:
        values = [there.get(name, "(gone)") or "(empty)" for there in (before["settings"], now)]
        found.add("settings", NOTE, f"{name}: {values[0]} → {values[1]}")
    if not changed:
        found.add("settings", OK, "as before")
    elif not factory:
        found.add("", NOTE, "a restart loses what was not saved")
    left = {entry["ski"] for entry in module.call("ca_list", limit=120)}
    for entry in before["cas"]:
        if entry["ski"] not in left and not entry["volatile"]:
            found.add("certificates", WARNING, f"{entry['subject']} is gone", "spwf04 trust HOST")
    if not module.call("clock")["set"]:
        found.add("clock", NOTE, "not set after the restart; spwf04 time --set sets it")
