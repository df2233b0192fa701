"""Restarts the module: by its RESET line, or by command. Imported when asked.

Step by step: see ATChannel.follow().
"""

from ..arguments import milliseconds
from ..at.channel import Exchange
from ..const import const

_LOW_MS = const(200)  # [b.1]
_CONSOLE_MS = const(8000)  # reset to WIND 0, mbed's limit [b.3]
_RADIO_MS = const(8000)  # WIND 0 to WIND 32 [b.3]
_OUT_OF_STEP = const(2)  # of at.py


def reset(radio, timeout=16):
    """Restart the module, by the reset line if there is one, else by AT+S.RESET.

    Waits until console and radio have started, at most timeout seconds. Sockets, files in the
    module's RAM and settings that were not saved are gone. NotFound if it stays silent.
    """
    radio.channel.follow(steps(radio, milliseconds(timeout)))


def steps(radio, timeout_ms):
    """What to do; NotFound if the module does not start."""
    channel = radio.channel
    lost = channel._state == _OUT_OF_STEP
    if radio.reset_line is not None:
        channel.lose()
        _pull(radio.reset_line, 0)
        yield lambda: False, _LOW_MS
        _pull(radio.reset_line, 1)
        channel.booting = False
        before = channel.generation
    else:
        before = channel.generation
        exchange = Exchange().prepare(b"AT+S.RESET\r", None, 3000)
        exchange.restarts = True  # an OK may come or not [b.3]
        yield exchange
        if exchange.code > 0:
            channel.check(exchange)
        channel.lose()
    radio.radio_up = False

    def up():
        return channel.generation != before and not channel.booting

    yield up, min(timeout_ms, _CONSOLE_MS)
    if not up():
        from ..at.failure import no_boot

        raise no_boot()
    if lost:
        channel.recovered[3 if radio.reset_line is None else 4] += 1
    yield lambda: radio.radio_up, _RADIO_MS
    radio.radio_up = True  # saved as off: no WIND 32 comes in such a boot [b.2]


def _pull(line, level):
    """A digitalio.DigitalInOut has a value, a machine.Pin and a function can be called."""
    if hasattr(line, "value") and not callable(line.value):
        line.value = bool(level)
    else:
        line(level)
