"""Variables, time."""

import re

from ..experiment import HAND, Untried, experiment

_PASSPHRASE = "probe-passphrase"  # set for a moment, and never saved
_DATE = re.compile(r"Date:(\d\d)(\D)(\d\d)\D(\d\d)(:\d+)?")
_YEARS = {"00": 946684800, "70": 0, "17": 1510876800}  # of TIME: the clock that begins there
_BUSY = (40, 42, 43)  # errors of SCAN that pass by themselves


@experiment("delimiter_format")
def delimiter(bench):
    """Ask for the delimiter."""
    shown = bench.get("console_delimiter")
    return {"delimiter_format": shown} if shown in ("0x2C", ",") else {}


@experiment("gcfg_psk")
def passphrase(bench):
    """Set a passphrase, and ask for it."""
    bench.set("wifi_wpa_psk_text", _PASSPHRASE)
    shown = bench.get("wifi_wpa_psk_text")
    if shown == _PASSPHRASE:
        return {"gcfg_psk": "shown"}
    return {"gcfg_psk": "masked"} if not re.search(r"\w", shown) else {}


@experiment("sts_down_ip")
def address(bench):
    """Ask for the address while the radio is off."""
    bench.leave()
    bench.line.listen(0.5)
    shown = bench.status("ip_ipaddr")
    if shown not in ("0.0.0.0", ""):
        bench.note("STS=ip_ipaddr shows another address while the radio is off")
        return {}
    return {"sts_down_ip": shown}


@experiment("date_separator", "date_weekday", "boot_clock")
def clock(bench):
    """Ask for the time: its form, and whether the clock has been set since power came."""
    year, separator, _, _, day = _asked(bench)
    return {
        "date_weekday": day is not None,
        "date_separator": separator if separator in (".", "-", "/") else None,
        "boot_clock": _YEARS.get(year),
    }


@experiment("boot_clock", needs=(HAND,))
def power_on(bench):
    """Switch the module off and on, and ask for the time."""
    bench.around.switch(False)
    bench.line.drain()
    bench.around.switch(True)
    bench.started()
    year = _asked(bench)[0]
    return {"boot_clock": _YEARS[year]} if year in _YEARS else {}


def _asked(bench):
    """The groups of _DATE in what TIME says."""
    said = bench.done("TIME")
    found = _DATE.search(said.text)
    if not found:
        raise Untried("AT+S.TIME shows no date")
    return found.groups()


@experiment("ntp_command")
def ntp(bench):
    """Ask for the time of the network, whether there is one or not."""
    said = bench.line.say("NTP")
    if not said.end:
        return {}
    return {"ntp_command": said.error != 1}


@experiment("scan_first_index")
def scan(bench):
    """Scan, and look at the number of the first network."""
    for _ in range(8):
        said = bench.line.say("SCAN=s,", limit_s=20)
        if said.error not in _BUSY:
            break
        bench.line.listen(2)
    first = said.value(r"(?m)^[\0 ]*(\d+):\s*BSS ")
    if first is None:
        raise Untried(f"the scan shows no network: {said.end or 'no answer'}")
    return {"scan_first_index": int(first)} if first in ("0", "1") else {}
