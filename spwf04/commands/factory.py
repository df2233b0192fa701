"""Gives the module the settings of the factory again. [c.1, f.1]"""

from ..at.exchange import Exchange
from .baudrate import RATES, find_baudrate, get_baudrate, restart_at


def factory_reset(radio):
    """SPWF04.factory_reset()"""
    channel = radio.channel
    old = get_baudrate(radio)
    factory = RATES[0]
    channel.command(b"AT\r", None, 2000)  # so that the module is there
    _restore(channel, old == factory)
    if old != factory:
        # Its rate may be the factory's already. Finding it switches the echo off, so once more
        find_baudrate(radio, (old, factory))
        _restore(channel, True)
    radio.save()
    radio.joined_as = radio.ssid = None
    restart_at(radio, factory)
    find_baudrate(radio, (factory, old))


def _restore(channel, certain):
    """FCFG. certain: its OK comes at the rate that the host listens at."""
    channel.expect_echo()
    exchange = Exchange().prepare(b"AT+S.FCFG\r", None, 3000)
    channel.run(exchange)
    if exchange.code > 0 or (exchange.code and certain):
        channel.check(exchange)
