"""Restarts the module by its RESET line, or by a command."""

from ..arguments import milliseconds
from ..at.exchange import ASLEEP, Exchange
from ..at.task import Wait
from ..const import const
from ..errors import NotFound, errno

_LOW_MS = const(200)  # [b.1]
_CONSOLE_MS = const(8000)  # reset to WIND 0, mbed's limit [b.3]
_RADIO_MS = const(8000)  # WIND 0 to WIND 32 [b.3]


def reset(radio, timeout):
    """SPWF04.reset(), as steps; timeout in seconds."""
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    lost = channel.lost()
    if radio.reset_line is not None:
        channel.lose()
        try:
            pull(radio.reset_line, 0)
            if hasattr(channel.parser, "lines"):  # what a stranger sent ends here, see at/raw.py
                channel.parser.leave(channel)
            yield Wait(lambda: False, _LOW_MS)
        finally:  # the steps may have been given up
            pull(radio.reset_line, 1)
        channel.booting = False
        before = channel.generation
    else:
        before = channel.generation
        exchange = Exchange().prepare(b"AT+S.RESET\r", None, 3000)
        exchange.restarts = True  # an OK may come, or not [b.3]
        yield exchange
        if exchange.code > 0 or exchange.code == ASLEEP:
            channel.check(exchange)
    if channel.generation == before:  # else more of what the start tells may have come
        channel.lose()
        radio.radio_up = False

    def up():
        return channel.generation != before and not channel.booting

    yield Wait(up, min(timeout_ms, _CONSOLE_MS))
    if not up():
        # If it was saved so (console_winds 0) it tells nothing of its start, but it answers [a.4]
        exchange = Exchange().prepare(b"AT\r", None, 2000)
        yield exchange
        if exchange.code or (not up() and radio.reset_line is not None):
            raise no_boot()
        if not up():
            channel.generation += 1
            for handler in channel.on_restart:
                handler()
    if lost:
        channel.recovered[3 if radio.reset_line is None else 4] += 1
    yield Wait(lambda: radio.radio_up, _RADIO_MS)
    radio.radio_up = True  # if it was saved as off, no WIND 32 comes [b.2]


def no_boot():
    """Return the exception for a reset after which nothing came."""
    return NotFound(
        errno.ENODEV,
        "the module did not start after a reset",
        hint="Check power and wiring. A push-pull output at the reset line blocks the module's "
        "own reset: make it open drain",
        remedy="release_reset",
    )


def pull(line, level):
    """Set a line of the host: a digitalio.DigitalInOut, a machine.Pin, or a function."""
    if hasattr(line, "value") and not callable(line.value):
        line.value = bool(level)
    else:
        line(level)
