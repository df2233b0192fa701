"""info, scan, ap, time, ping."""

import time as clock
from typing import Annotated, Optional

import typer

from .. import output
from ..frame import App
from ..password import Password, network_name, network_password
from ..session import Json, with_module
from ..times import apart, date

app = App()

_PAUSE = 0.5  # s between two questions for the stations
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
    epilog="Example: spwf04 ap door\nExample: echo 'correct horse' | spwf04 ap door --password -"
)
@with_module
def ap(
    module,
    ssid: Annotated[
        str, typer.Argument(metavar="SSID", callback=network_name, help="The network's name.")
    ],
    secret: Password = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Without a password: everybody in reach can join.")
    ] = False,
    channel: Annotated[int, typer.Option(metavar="N", min=1, max=13, help="Channel.")] = 6,
    seconds: Annotated[
        Optional[float],
        typer.Option(
            "--time", metavar="SECONDS", min=0, help="End after this many seconds, not at Ctrl-C."
        ),
    ] = None,
    as_json: Json = False,
):
    """Make a network of the module's own, and show the stations as they come, until Ctrl-C.

    Nothing is written to the module's flash. The module leaves the network that it had joined.
    """
    word = network_password(secret, ssid, is_open)
    if word is None and not is_open:
        raise output.Failure("an open network has to be asked for", "Say --open", output.USAGE)
    try:
        with output.doing(f"starting {output.clean(ssid)}…", as_json):
            address = module.call("ap_start", ssid, word, channel, 20, limit=60)
    except KeyboardInterrupt:
        module.call("ap_stop")
        raise
    if not as_json:
        output.say(f"{output.clean(ssid)} is on, the module's address is {address}.", "green")
        if seconds is None:
            output.note("Ctrl-C ends it.")
    came: dict[str, Optional[str]] = {}
    try:
        _watch(module, came, seconds, output.say if not as_json else lambda line: None)
    except KeyboardInterrupt:
        module.call("settle")
    finally:
        module.call("ap_stop")
    if not as_json:
        output.note("It is off.")
        return
    stations = [{"mac": mac, "address": known} for mac, known in came.items()]
    output.show({"ssid": ssid, "address": address, "stations": stations}, True, None)


def _watch(module, came, seconds, say):
    """Tell who comes, gets an address and leaves. came: {MAC address: IPv4 address or None} of all
    that have been there."""
    end = None if seconds is None else clock.monotonic() + seconds
    there: dict[str, Optional[str]] = {}
    while True:
        stations = module.call("ap_stations")
        if stations is None:
            raise output.Failure(
                "the module has ended its network, as it does when it restarts",
                "Check the module's power supply",
            )
        found = dict(stations)
        for mac, address in found.items():
            if mac not in there:
                say(f"{mac} came" + (f", {address}" if address else ""))
            elif address and address != there[mac]:
                say(f"{mac} has {address}")
        for mac in there:
            if mac not in found:
                say(f"{mac} left")
        there = found
        came.update(found)
        if end is not None and clock.monotonic() >= end:
            return
        clock.sleep(_PAUSE)


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
