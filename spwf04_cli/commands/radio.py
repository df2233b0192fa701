"""info, scan, join, time, ping."""

import time as clock
from typing import Annotated

import typer

from spwf04.errors import NotFound, SPWF04Error

from .. import advice, output
from ..frame import App
from ..password import Password, network_name, password
from ..session import Json, with_module
from ..times import apart, date

app = App()

_SECURITY = ("open", "WEP", "WPA", "WPA2", "WPA/WPA2")


@app.command(epilog="Example: spwf04 info --port /dev/ttyUSB0")
@with_module
def info(module, as_json: Json = False):
    """Show model, serial number, MAC address, firmware, network and clock of the module."""
    output.show(module.call("info"), as_json, _show_info)


def _show_info(found):
    network = "not joined"
    if found["joined"]:
        network = f"{found['ssid']}, address {found['address']}"
    from ..reference.firmware import meaning  # here, so that help need not load the reference

    moment = date(found["clock"])
    firmware = f"{found['fw_version']} ({found['build']}), {meaning(found['build']).what}"
    output.fields(
        [
            ("Model", found["model"]),
            ("Serial number", found["serial"]),
            ("MAC address", found["mac"]),
            ("Firmware", firmware),
            ("Hostname", found["hostname"]),
            ("Network", network),
            ("Clock", moment if found["clock_set"] else moment + ", not set"),
        ]
    )


@app.command(epilog="Example: spwf04 scan --json")
@with_module
def scan(module, as_json: Json = False):
    """List the Wi-Fi networks in reach, the strongest first."""
    found = module.call("scan")
    for network in found:
        network["security"] = _SECURITY[network["security"]]
    output.show(found, as_json, _show_scan)


def bars(rssi):
    """A signal strength in dBm as five steps of 10 dB, from -90."""
    n = max(0, min(5, (rssi + 90) // 10 + 1))
    return "▮" * n + "▯" * (5 - n)


def _show_scan(found):
    if not found:
        output.say("No network in reach.")
        return
    rows = []
    for network in found:
        name = network["ssid"] if not network["hidden"] else output.Text("(hidden)", "dim")
        rssi = f"{bars(network['rssi'])} {network['rssi']}"
        rows.append((name, rssi, network["channel"], network["security"], network["bssid"]))
    output.table(("Network", "Signal, dBm", ">Channel", "Security", "BSSID"), rows)


@app.command(
    epilog="Example: spwf04 join home --save\nExample: echo 'correct horse' | spwf04 join home "
    "--password -"
)
@with_module
def join(
    module,
    ssid: Annotated[
        str,
        typer.Argument(
            metavar="SSID",
            callback=network_name,
            help="The network's name; upper and lower case differ.",
        ),
    ],
    secret: Password = None,
    is_open: Annotated[bool, typer.Option("--open", help="The network has no password.")] = False,
    save: Annotated[
        bool,
        typer.Option(
            "--save",
            help="Save name and password in the module's flash: then it joins by itself after "
            "a restart.",
        ),
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=300, help="Wait this many seconds.")
    ] = 30,
    as_json: Json = False,
):
    """Join a network, and show the address that the module has there."""
    word = None if is_open else password(secret, ssid)
    with output.doing(f"joining {output.clean(ssid)}…", as_json):
        try:
            joined = module.call("join", ssid, word, timeout, save, limit=timeout + 30)
        except NotFound:
            raise  # the session says what came instead
        except SPWF04Error as e:
            raise advice.failure(e, ssid=output.clean(ssid)) from None
    names = ("address", "netmask", "gateway")
    joined = {**dict(zip(names, joined.pop("addresses"))), **joined}
    output.show(joined, as_json, lambda found: _show_joined(ssid, found))


def _show_joined(ssid, found):
    output.say(f"Joined {output.clean(ssid)}.", "green")
    output.fields(
        [
            ("Address", f"{found['address']}, netmask {found['netmask']}"),
            ("Gateway", found["gateway"]),
            ("Signal", f"{found['rssi']} dBm"),
            ("Saved", "yes" if found["saved"] else "no: lost when the module restarts"),
        ]
    )


@app.command(epilog="Example: spwf04 time --set")
@with_module
def time(
    module,
    from_here: Annotated[
        bool, typer.Option("--set", help="Set the module's clock to this computer's time.")
    ] = False,
    from_ntp: Annotated[
        bool, typer.Option("--ntp", help="If the clock is not set, have the module ask NTP.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=1, max=60, help="With --ntp: wait this many seconds."),
    ] = 10,
    as_json: Json = False,
):
    """Show the module's clock and its difference from this computer's, or set it.

    TLS needs the clock, because certificates are valid for a span of time. It is lost when the
    module restarts.
    """
    if from_here and from_ntp:
        raise typer.BadParameter("take either --set or --ntp", param_hint="--ntp")
    if from_here:
        module.call("set_time", int(clock.time()))
    if from_ntp and not module.call("ntp", timeout, limit=timeout + 20):
        raise output.Failure(
            "no NTP server has answered",
            "Check that the module has joined a network with internet access. Or set the clock to "
            "this computer's time: spwf04 time --set",
        )
    before = int(clock.time())
    found = module.call("clock")
    now = int(clock.time())
    same = before - 1 <= found["seconds"] <= now + 1  # the question itself takes its time
    found["off"] = 0 if same else found["seconds"] - now
    output.show(found, as_json, _show_time)


def _show_time(found):
    state = apart(found["off"]) if found["set"] else "not set"
    output.say(f"{date(found['seconds'])}, {state}")


@app.command(epilog="Example: spwf04 ping www.example.com")
@with_module
def ping(
    module,
    host: Annotated[str, typer.Argument(metavar="HOST", help="A name, or an IPv4 address.")],
    count: Annotated[
        int,
        typer.Option("--count", "-c", metavar="N", min=1, max=1000, help="Number of requests."),
    ] = 4,
    size: Annotated[
        int, typer.Option(metavar="BYTES", min=1, max=1472, help="Bytes of payload.")
    ] = 56,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=1, max=60, help="Wait this many seconds for each answer."
        ),
    ] = 10,
    as_json: Json = False,
):
    """Have the module ping a host.

    No document says how the module words its answer. So the answer is shown as it comes, and
    judged if it is plain. The time is that of the whole command. The exit code is 1 if no request
    was answered.
    """
    replies = []
    for n in range(count):
        reply = module.call("ping", host, size, timeout, limit=timeout + 20)
        replies.append(reply)
        if not as_json:
            verdict = {True: "answered", False: "no answer", None: "answer not understood"}
            said = "; ".join(reply["said"])
            output.say(f"{n + 1}: {verdict[reply['answered']]}, {reply['ms']} ms ({said})")
    silent = sum(1 for reply in replies if reply["answered"] is False)
    if as_json:
        output.show({"host": host, "replies": replies, "unanswered": silent}, True, None)
    elif silent:
        output.say(f"{silent} of {count} were not answered.", "red")
    raise typer.Exit(output.FAILED if silent == count else output.DONE)
