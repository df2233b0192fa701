"""Gives the module the settings of the factory again. [c.1, f.1]"""

from ..at.exchange import Exchange
from .baudrate import RATES, find_baudrate, get_baudrate, restart_at
from .config import done, save


def factory_reset(radio):
    """SPWF04.factory_reset(), as steps."""
    channel = radio.channel
    old = get_baudrate(radio)
    factory = RATES[0]
    yield from done(channel)  # so that the module is there
    yield from _restore(channel, old == factory)
    if old != factory:
        # Its rate may be the factory's already. Finding it switches the echo off, so once more
        yield from find_baudrate(radio, (old, factory))
        yield from _restore(channel, True)
    yield from save(radio)
    radio.joined_as = radio.ssid = None
    yield from restart_at(radio, factory)
    yield from find_baudrate(radio, (factory, old))


def _restore(channel, certain):
    """FCFG. certain: its OK comes at the rate that the host listens at."""
    channel.expect_echo()
    exchange = Exchange().prepare(b"AT+S.FCFG\r", None, 3000)
    yield exchange
    if exchange.code > 0 or (exchange.code and certain):
        channel.check(exchange)
