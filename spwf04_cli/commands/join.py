"""join: a network by its password, by WPS, or by a login of one's own."""

from typing import Annotated, Optional

import typer

from spwf04.errors import NotFound, SPWF04Error

from .. import advice, output
from ..frame import App
from ..local import content
from ..password import Password, network_name, network_password, password
from ..session import Json, with_module

app = App()

_SECONDS, _WPS_SECONDS = 30, 130
_KINDS = "tls, ttls-md5, ttls-mschap, peap-md5, peap-mschap"
_LOGIN = "WPA-Enterprise"  # the title of its panel in help


def _name(context: typer.Context, name):
    """The network's name. It is missing, before the port is opened, unless WPS tells it."""
    given = context.params
    if name is None and not (given.get("wps") or given.get("wps_pin")):
        raise typer.BadParameter(
            "name a network, or say --wps or --wps-pin PIN", param_hint="SSID"
        )
    return network_name(name)


def _pin(digits):
    """Check a PIN before the port is opened: its last digit is a check digit."""
    if digits is None:
        return None
    good = len(digits) == 8 and digits.isascii() and digits.isdigit()
    if not good or sum(int(d) * (3, 1)[n % 2] for n, d in enumerate(digits)) % 10:
        raise typer.BadParameter("a PIN has eight digits, of which the last one is a check digit")
    return digits


@app.command(
    epilog="Example: spwf04 join home --save\nExample: echo 'correct horse' | spwf04 join home "
    "--password -\nExample: spwf04 join --wps\nExample: spwf04 join company --identity alice "
    "--ca ca.pem"
)
@with_module
def join(
    module,
    ssid: Annotated[
        Optional[str],
        typer.Argument(
            metavar="SSID",
            callback=_name,
            help="The network's name; upper and lower case differ. WPS needs none.",
            show_default=False,
        ),
    ] = None,
    secret: Password = None,
    is_open: Annotated[bool, typer.Option("--open", help="The network has no password.")] = False,
    wps: Annotated[
        bool,
        typer.Option("--wps", help="By WPS: within two minutes of the access point's button."),
    ] = False,
    wps_pin: Annotated[
        Optional[str],
        typer.Option(
            metavar="PIN",
            callback=_pin,
            help="By WPS: the eight digits that the access point was told.",
        ),
    ] = None,
    identity: Annotated[
        Optional[str],
        typer.Option(metavar="NAME", rich_help_panel=_LOGIN, help="The user's name."),
    ] = None,
    eap: Annotated[
        Optional[str],
        typer.Option(
            metavar="KIND",
            rich_help_panel=_LOGIN,
            help=f"The kind of login: {_KINDS}. Default: the first with --cert, else the last.",
        ),
    ] = None,
    anonymous: Annotated[
        Optional[str],
        typer.Option(
            metavar="NAME", rich_help_panel=_LOGIN, help="What is told in clear instead of NAME."
        ),
    ] = None,
    ca: Annotated[
        Optional[str],
        typer.Option(
            metavar="FILE", rich_help_panel=_LOGIN, help="The CA of the network's server: needed."
        ),
    ] = None,
    cert: Annotated[
        Optional[str],
        typer.Option(
            metavar="FILE",
            rich_help_panel=_LOGIN,
            help="The module's certificate, instead of a password.",
        ),
    ] = None,
    key: Annotated[
        Optional[str],
        typer.Option(metavar="FILE", rich_help_panel=_LOGIN, help="The private key for --cert."),
    ] = None,
    save: Annotated[
        bool,
        typer.Option(
            "--save",
            help="Save name and password in the module's flash: then it joins by itself after "
            "a restart.",
        ),
    ] = False,
    timeout: Annotated[
        Optional[float],
        typer.Option(
            metavar="SECONDS",
            min=1,
            max=300,
            help=f"Wait this many seconds. Default: {_SECONDS}, with WPS {_WPS_SECONDS}.",
        ),
    ] = None,
    as_json: Json = False,
):
    """Join a network, and show the address that the module has there.

    The files of a login are written to the module's flash.
    """
    login = {"identity": identity, "eap": eap, "anonymous": anonymous}
    login = {name: value for name, value in login.items() if value is not None}
    files = {"ca": ca, "cert": cert, "key": key}
    files = {name: value for name, value in files.items() if value is not None}
    by_wps = wps_pin or wps
    _judge(ssid, by_wps and not (wps and wps_pin), secret is not None or is_open, login, files)
    if by_wps:
        word, how = None, {"wps": by_wps}
    elif login:
        how = {**login, **{name: content(value) for name, value in files.items()}}
        word = None if cert else password(secret, ssid)
    else:
        word, how = network_password(secret, ssid, is_open), {}
    seconds = timeout or (_WPS_SECONDS if by_wps else _SECONDS)
    joined = _joined(module, ssid, word, seconds, save, how, as_json)
    names = ("address", "netmask", "gateway")
    joined = {**dict(zip(names, joined.pop("addresses"))), **joined}
    output.show(joined, as_json, lambda found: _show(found["ssid"] if by_wps else ssid, found))


def _judge(ssid, by_wps, has_word, login, files):
    """output.Failure for options that do not go together. by_wps: False for none, or both."""
    if by_wps:
        if ssid is not None or has_word or login or files:
            raise _misuse("WPS needs no name, password or login", "Leave them out")
        return
    if ssid is None:
        raise _misuse("WPS by the button, or by a PIN", "Say either --wps or --wps-pin")
    if (login or files) and not ("identity" in login and "ca" in files):
        todo = "Say --identity NAME and --ca FILE"
        raise _misuse("a login needs the user's name and the CA of the network's server", todo)
    if ("cert" in files) != ("key" in files):
        raise _misuse("--cert and --key go together", "Say both, or none of them")
    if "cert" in files and has_word:
        todo = "Leave the password out, or --cert and --key"
        raise _misuse("a login has a password, or a certificate", todo)


def _misuse(words, todo):
    return output.Failure(words, todo, output.USAGE)


def _joined(module, ssid, word, seconds, save, how, as_json):
    name = "SSID" if ssid is None else output.clean(ssid)
    doing = "waiting for WPS…" if ssid is None else f"joining {name}…"
    with output.doing(doing, as_json):
        try:
            return module.call("join", ssid, word, seconds, save, how, limit=seconds + 60)
        except NotFound:
            raise  # the session says what came instead
        except SPWF04Error as e:
            raise advice.failure(e, ssid=name) from None


def _show(ssid, found):
    output.say(f"Joined {output.clean(ssid)}.", "green")
    output.fields(
        [
            ("Address", f"{found['address']}, netmask {found['netmask']}"),
            ("Gateway", found["gateway"]),
            ("Signal", f"{found['rssi']} dBm"),
            ("Saved", "yes" if found["saved"] else "no: lost when the module restarts"),
        ]
    )
