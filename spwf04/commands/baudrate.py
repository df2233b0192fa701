"""Speed and flow control of the UART, for boards that need another than the factory's settings.

What waits is steps: see at/task.py.
"""

from ..at.exchange import Exchange
from ..checks import flag, integer
from ..errors import SPWF04Error, errno
from .config import done, set_
from .config import save as keep

# The factory's first, then those that others may have set
RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)


def set_flow_control(radio, on, save):
    """SPWF04.set_flow_control()"""
    on, save = flag(on, "on"), flag(save, "save")
    yield from set_(radio, "console_hwfc", 1 if on else 0)
    if save:
        yield from keep(radio)


def set_baudrate(radio, rate, save):
    """SPWF04.set_baudrate()"""
    rate = integer(rate, "rate", 300, 10000000)
    save = flag(save, "save")
    channel = radio.channel
    old = get_baudrate(radio)
    if rate == old:
        return rate
    yield from done(channel)
    exchange = Exchange().prepare(b"AT+S.SCFG=console_speed,%d\r" % rate, None, 1000)
    yield exchange  # its OK comes at the old rate, or at the new
    if exchange.code > 0:
        channel.check(exchange)
    if (yield from _answers(channel, rate)):
        if save:
            yield from keep(radio)
        return rate
    if not (yield from _answers(channel, old)):
        # The module changed at once, and this UART cannot follow. A reset undoes it: nothing was
        # saved.
        yield from restart_at(radio, old)
        raise SPWF04Error(
            errno.EIO,
            "nothing was understood at %d bit/s; after a reset the module is at %d again"
            % (rate, old),
            hint="Without a reset line, switch the module off and on",
            remedy="restore_rate",
        )
    if not save:
        yield from set_(radio, "console_speed", old)
        raise SPWF04Error(
            errno.EIO,
            "the module did not take %d bit/s at once" % rate,
            hint="It may do so at a restart: radio.set_baudrate(rate, save=True)",
            remedy="save_rate",
        )
    yield from keep(radio)
    yield from restart_at(radio, rate)
    if (yield from _answers(channel, rate)):
        return rate
    try:
        found = yield from find_baudrate(radio, None)
    except OSError:
        switch(channel.uart, old)
        raise SPWF04Error(
            errno.EIO,
            "the module is at %d bit/s now, and is not understood there" % rate,
            hint="Reach it with a UART that can do this rate, or have it restore the factory's "
            "settings (GPIO0 high at power-on): then it is at 115200",
            remedy="restore_rate",
        )
    yield from set_(radio, "console_speed", old)
    yield from keep(radio)
    yield from restart_at(radio, old)
    if found != old:
        yield from find_baudrate(radio, None)
    raise SPWF04Error(
        errno.EIO,
        "nothing was understood at %d bit/s; the old rate is in force again" % rate,
        hint="Use shorter wires, or a rate to which this UART can divide its clock",
        remedy="check_wiring",
    )


def find_baudrate(radio, rates):
    """SPWF04.find_baudrate()"""
    if rates is None:
        rates = RATES
    if not isinstance(rates, (tuple, list)) or not rates:
        raise TypeError("rates must be a list of int")
    for rate in rates:
        integer(rate, "rates", 300, 10000000)
    for rate in rates:
        if (yield from _answers(radio.channel, rate)):
            return rate
    yield from done(radio.channel)
    return rates[-1]


def get_baudrate(radio):
    """SPWF04.baudrate. It asks nothing: no steps."""
    uart = radio.channel.uart
    rate = getattr(uart.device, "baudrate", None)
    return rate if isinstance(rate, int) else uart.rate


def switch(uart, rate):
    """Have the host's UART at another rate."""
    device = uart.device
    if hasattr(device, "baudrate") and not callable(device.baudrate):
        device.baudrate = rate  # busio.UART, serial.Serial
    else:
        device.init(baudrate=rate)  # machine.UART
    uart.rate = rate


def _answers(channel, rate):
    switch(channel.uart, rate)
    channel.lose()
    exchange = Exchange().prepare(b"AT\r", None, 1500)
    yield exchange
    return exchange.code == 0


def restart_at(radio, rate):
    """Reset the module, and listen at the new rate from then on."""
    from .reset import reset

    restart = reset(radio, 9)
    try:
        yield next(restart)
        switch(radio.channel.uart, rate)
        yield from restart
    except OSError:
        pass  # _answers() finds out
