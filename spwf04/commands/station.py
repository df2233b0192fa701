"""The radio as a station, as steps: wait until it has started; leave a network."""

from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const

_RADIO_MS = const(8000)  # WIND 0 to WIND 32 [b.3]
_OFF_MS = const(3000)  # WIFI=0 to WIND 38


def ready(radio):
    """Wait until the module answers and its radio has started.

    WIFI=0 before WIND 32 can stall the module. [k.14] A module in standby ends it at once.
    """
    channel = radio.channel
    if channel.gate is not None or not channel.in_step():
        exchange = Exchange().prepare(b"AT\r", None, 2000)
        yield exchange
        channel.check(exchange)
    if radio.radio_up is None:  # the module was running before the driver
        from .config import started

        yield from started(radio)
    if not radio.radio_up:
        yield Wait(lambda: radio.radio_up, _RADIO_MS)
        radio.radio_up = True  # if it was saved as off, no WIND 32 comes [b.2]


def disconnect(radio):
    """SPWF04.disconnect(), as steps."""
    yield from ready(radio)
    yield from off(radio)
    radio.joined_as = None


def tell(radio, settings):
    """Send settings, (beginning of the command, argument) each; b"" is not sent."""
    exchange = Exchange()
    for head, data in settings:
        if b"," in data:
            from .comma import steps

            yield from steps(radio.channel, head, data)
        elif data:
            yield exchange.prepare(b"AT+S." + head + data + b"\r", None, 3000)
            radio.channel.check(exchange)


def off(radio):
    """Switch the radio off until the next join; return whether it was on."""
    counts = radio.indications
    counts[38] = 0
    exchange = Exchange().prepare(b"AT+S.WIFI=0\r")
    yield exchange
    if exchange.code != 18:  # it was off
        radio.channel.check(exchange)
        yield Wait(lambda: counts[38], _OFF_MS)
    radio.told_down()
    radio.ap = None
    return exchange.code == 0
