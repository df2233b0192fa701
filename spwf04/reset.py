"""Restarts the module: by its RESET line, or by command. Imported when asked."""

from .at import Exchange
from .parser import const

_OUT_OF_STEP = const(2)  # of at.py
_LOW_MS = const(200)  # [b.1]
_CONSOLE_MS = const(8000)  # reset to WIND 0, MBED's limit [b.3]


def reset(radio, timeout_ms):
    """SPWF04.reset()."""
    channel = radio.channel
    lost = channel._state == _OUT_OF_STEP
    if radio.reset_line is not None:
        channel.lose()
        _pull(radio.reset_line, 0)
        channel.wait(lambda: False, _LOW_MS)
        _pull(radio.reset_line, 1)
        channel.booting = False
        before = channel.generation
    else:
        before = channel.generation
        exchange = Exchange().prepare(b"AT+S.RESET\r", None, 3000)
        exchange.restarts = True  # an OK may come or not [b.3]
        channel.run(exchange)
        if exchange.code > 0:
            channel.check(exchange)
        channel.lose()
    radio.radio_up = False

    def up():
        return channel.generation != before and not channel.booting

    if not channel.wait(up, min(timeout_ms, _CONSOLE_MS)):
        from .explain import no_boot

        raise no_boot()
    if lost:
        channel.recovered[3 if radio.reset_line is None else 4] += 1
    radio.await_radio()


def _pull(line, level):
    """A digitalio.DigitalInOut has a value, a machine.Pin and a function can be called."""
    if hasattr(line, "value") and not callable(line.value):
        line.value = bool(level)
    else:
        line(level)
