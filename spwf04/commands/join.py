"""Joins a network, as steps: see at/task.py. Loaded for that, and dropped then: see once()."""

from ..arguments import milliseconds, network
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from .station import off, ready, refusals

# connect() gives up after so many scans without the network (WIND 35), or refusals
_SCANS = const(3)
_REFUSALS = const(3)  # as mbed's driver [b.4]


def join(radio, ssid, password, timeout):
    """SPWF04.connect(), as steps; same arguments."""
    settings = ()
    ssid, password = network(ssid, password)
    timeout_ms = milliseconds(timeout)
    if ssid is not None:
        if radio.joined_as == (ssid, password) and radio.isconnected():
            return
        settings = (
            (b"SCFG=wifi_mode,", b"1"),
            (b"SSIDTXT=", ssid),
            (b"SCFG=wifi_wpa_psk_text,", password),
            (b"SCFG=wifi_auth_type,", b"0"),
            (b"SCFG=wifi_priv_mode,", b"2" if password else b"0"),
        )
    exchange = Exchange()
    yield from ready(radio)
    yield from off(radio)
    for head, data in settings:
        if b"," in data:
            from .comma import command

            command(radio.channel, head, data)
        elif data:
            yield exchange.prepare(b"AT+S." + head + data + b"\r", None, 3000)
            radio.channel.check(exchange)
    if ssid is not None:
        radio.joined_as = (ssid, password)
        radio.ssid = ssid
    counts = radio.indications
    for n in (18, 20, 35, 40, 41, 74, 75, 76, 77, 85):
        counts[n] = 0
    radio.stage = 0
    yield exchange.prepare(b"AT+S.WIFI=1\r")
    if exchange.code != 17:  # was on
        radio.channel.check(exchange)
    if not timeout_ms:
        return
    generation = radio.channel.generation

    # A lambda, because the name of a function stays in memory for ever
    yield Wait(
        lambda: (
            radio.ip
            or counts[85]  # DHCP gave no address
            or refusals(counts) >= _REFUSALS
            or counts[35] >= _SCANS
            or radio.channel.generation != generation
        ),
        timeout_ms,
    )
    restarted = radio.channel.generation != generation
    if radio.ip and not restarted and not (yield from _alone(radio)):
        return
    seen = ()
    if radio.ssid and not restarted and not radio.ip and not counts[85]:
        seen = yield from _kinds(radio)
    from ..unjoined import failure

    failed = failure(radio, timeout, restarted, seen, refusals(counts))
    yield from off(radio)  # else it scans for ever [k.14]
    raise failed


def _alone(radio):
    """True if the module chose its address itself, because DHCP gave none. [f.1]"""
    if not radio.ip.startswith("169.254."):
        return False
    told = []
    exchange = Exchange(lambda parser: told.append(parser.text().split("=")[-1]))
    yield exchange.prepare(b"AT+S.GCFG=ip_use_dhcpc\r", None, 3000)
    return told != ["2"]  # 2: it was told to


def _kinds(radio):
    """Return the kinds of security of the network's access points, as in scan()."""
    from ..errors import SPWF04Error
    from .scan import scan

    try:
        found = yield from scan(radio, 5, b"d")
    except SPWF04Error:
        return []
    return [entry[4] for entry in found if entry[0] == radio.ssid]
