"""Joining a network, step by step: see ATChannel.follow(). Imported to join, forgotten then."""

from ..arguments import milliseconds, network
from ..at.channel import Exchange
from ..const import const

_READY = const(1)  # of at.py
_RADIO_MS = const(8000)  # WIND 0 to WIND 32 [b.3]
_OFF_MS = const(3000)  # WIFI=0 to WIND 38

# Scans without our network, refusals, before connect() gives up
_SCANS = const(3)
_REFUSALS = const(3)  # as mbed's driver [b.4]


def join(radio, ssid, password, timeout):
    """SPWF04.connect(): same arguments."""
    settings = ()
    ssid, password = network(ssid, password)
    timeout_ms = milliseconds(timeout)
    if ssid is not None:
        if radio._key == (ssid, password) and radio.isconnected():
            return
        settings = (
            (b"SCFG=wifi_mode,", b"1"),
            (b"SSIDTXT=", ssid),
            (b"SCFG=wifi_wpa_psk_text,", password),
            (b"SCFG=wifi_auth_type,", b"0"),
            (b"SCFG=wifi_priv_mode,", b"2" if password else b"0"),
        )
    exchange = Exchange()
    if radio.channel._state != _READY:
        yield exchange.prepare(b"AT\r", None, 2000)
        radio.channel.check(exchange)
    if not radio.radio_up:
        yield lambda: radio.radio_up, _RADIO_MS
        radio.radio_up = True
    for step in disconnect(radio):
        yield step
    for head, data in settings:
        if b"," in data:
            from ..at.comma import command

            command(radio.channel, head, data)
        elif data:
            yield exchange.prepare(b"AT+S." + head + data + b"\r", None, 3000)
            radio.channel.check(exchange)
    if ssid is not None:
        radio._key = (ssid, password)
        radio._ssid = ssid
    winds = radio.winds
    winds[35] = winds[40] = winds[41] = winds[85] = radio._stage = 0
    yield exchange.prepare(b"AT+S.WIFI=1\r")
    if exchange.code != 17:  # was on
        radio.channel.check(exchange)
    if not timeout_ms:
        return
    generation = radio.channel.generation

    # A lambda, because the name of a function takes memory for ever
    yield (
        lambda: (
            radio._ip
            or winds[85]  # DHCP gave nothing
            or winds[40] + winds[41] >= _REFUSALS
            or winds[35] >= _SCANS
            or radio.channel.generation != generation
        ),
        timeout_ms,
    )
    if radio._ip:
        return
    from ..at.failure import join

    failure = join(
        radio._ssid,
        timeout,
        radio.channel.generation != generation,
        winds[85],
        radio._stage in (25, 51),  # associated
        winds[40] + winds[41],
        radio._stage in (0, 21),  # scanning
        winds[35],
    )
    for step in disconnect(radio):  # or it goes on scanning for ever [k.14]
        yield step
    raise failure


def disconnect(radio):
    """Switch the radio off."""
    winds = radio.winds
    winds[38] = 0
    exchange = Exchange()
    yield exchange.prepare(b"AT+S.WIFI=0\r")
    if exchange.code != 18:  # was off
        radio.channel.check(exchange)
        yield lambda: winds[38], _OFF_MS
    radio._ip = None
    radio._known = True
