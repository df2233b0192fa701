"""Speed and flow control of the UART, for boards that need another than 115200 without RTS/CTS.

from spwf04.commands.baudrate import fit, set_baudrate
set_baudrate(radio, 921600, save=True)
fit(radio, 64)                      # the UART's receive buffer has 64 bytes
"""

from ..at.channel import Exchange
from ..checks import flag, integer
from ..checks import radio as checked
from ..const import const
from ..errors import SPWF04Error, errno
from ..net.pool import SocketPool

# The factory's first, then what others may have left
RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)

_OVERHEAD = const(44)  # of a reply to SOCKR: "AT-S.Reading:730:8192", "AT-S.OK", line ends
_SMALL = const(128)  # a reply and an indication do not fit into less
_ASK_MS = const(20)
_MASK = b"0x00800000"  # WIND 55 in console_wind_off_medium [a.4]; 58 tells of an end


def fit(radio, size):
    """Bound the module's replies to a receive buffer of `size` bytes without RTS/CTS.

    So that a host that is busy for a while loses nothing: reads are as long as fits, and below
    128 bytes the module is asked for data instead of announcing them. Until the next restart of
    the module; call it again then. ValueError below 64 bytes. [a.4, g.7]
    """
    size = integer(size, "size", 64, 1 << 24)  # less cannot hold the module's replies
    pool = SocketPool(radio)
    pool.chunk = min(730, size - _OVERHEAD)
    if size < _SMALL:
        pool.quiet_ms = _ASK_MS
        radio.channel.command(b"AT+S.SCFG=console_wind_off_medium,%s\r" % _MASK, None, 3000)


def set_flow_control(radio, on, save=False):
    """Have the module heed RTS/CTS, or not. The host's UART must be opened accordingly.

    save: write it to the module's flash, with all its settings; else it is gone with the next
    restart. [a.1]
    """
    on, save = flag(on, "on"), flag(save, "save")
    checked(radio).set("console_hwfc", 1 if on else 0)
    if save:
        radio.save()


def set_baudrate(radio, rate, save=False):
    """Have module and UART at `rate` bit/s, and return the rate.

    Firmware may take a new rate only at a restart. That needs save=True: it is written to the
    flash with all other settings, and the module is reset. If the module does not answer at the
    new rate, but at another, the old one is restored; SPWF04Error says what became of it. So try
    a rate without `save` first. [b.4, f.1]
    """
    rate = integer(rate, "rate", 300, 10000000)
    save = flag(save, "save")
    channel = checked(radio).channel
    old = get_baudrate(radio)
    if rate == old:
        return rate
    channel.command(b"AT\r", None, 2000)
    exchange = Exchange().prepare(b"AT+S.SCFG=console_speed,%d\r" % rate, None, 1000)
    channel.run(exchange)  # its OK comes at the old rate, or at the new
    if exchange.code > 0:
        channel.check(exchange)
    if _answers(channel, rate):
        if save:
            radio.save()
        return rate
    if not _answers(channel, old):
        # It changed at once, and this UART cannot follow. Nothing was saved: a reset undoes it
        _restart(radio, old)
        raise SPWF04Error(
            errno.EIO,
            "nothing was understood at %d bit/s" % rate,
            hint="It is at %d again after a reset; without a reset line: switch it off and on"
            % old,
        )
    if not save:
        radio.set("console_speed", old)
        raise SPWF04Error(
            errno.EIO,
            "the module did not take %d bit/s at once" % rate,
            hint="It may do so at a restart: set_baudrate(rate, save=True)",
        )
    radio.save()
    _restart(radio, rate)
    if _answers(channel, rate):
        return rate
    try:
        found = find_baudrate(radio)
    except OSError:
        _switch(channel.port, old)
        raise SPWF04Error(
            errno.EIO,
            "the module is at %d bit/s now, and is not understood there" % rate,
            hint="Reach it with a UART that can do this rate, or have it restore the factory's "
            "settings (GPIO0 high at power-on); it is at 115200 then",
        )
    radio.set("console_speed", old)
    radio.save()
    _restart(radio, old)
    if found != old:
        find_baudrate(radio)
    raise SPWF04Error(
        errno.EIO,
        "nothing was understood at %d bit/s" % rate,
        hint="The old rate is in force again. Long wires, or a UART that cannot divide its clock "
        "to this rate, are likely causes",
    )


def find_baudrate(radio, rates=RATES):
    """Find the rate of a module that does not answer; returns it, or raises NotFound.

    After a factory reset it is 115200 again. [a.1] Takes about 5 s for each rate that is wrong.
    """
    if not isinstance(rates, (tuple, list)) or not rates:
        raise TypeError("rates must be a list of int")
    for rate in rates:
        integer(rate, "rates", 300, 10000000)
    checked(radio)
    for rate in rates:
        if _answers(radio.channel, rate):
            return rate
    radio.channel.command(b"AT\r", None, 2000)
    return rates[-1]


def get_baudrate(radio):
    """The rate of the host's UART in bit/s, as far as it tells; else 115200."""
    port = checked(radio).channel.port
    rate = getattr(port.uart, "baudrate", None)
    if isinstance(rate, int):
        return rate
    return getattr(port, "rate", 115200)


def _switch(port, rate):
    uart = port.uart
    if hasattr(uart, "baudrate") and not callable(uart.baudrate):
        uart.baudrate = rate  # busio.UART, serial.Serial
    else:
        uart.init(baudrate=rate)  # machine.UART
    port.rate = rate


def _answers(channel, rate):
    _switch(channel.port, rate)
    channel.lose()
    exchange = Exchange().prepare(b"AT\r", None, 1500)
    channel.run(exchange)
    return exchange.code == 0


def _restart(radio, rate):
    """Reset; what the module says then comes at the new rate."""
    from .reset import steps

    channel = radio.channel
    first = True
    try:
        for step in steps(radio, 9000):
            if isinstance(step, tuple):
                channel.wait(step[0], step[1])
            else:
                channel.run(step)
            if first:
                first = False
                _switch(channel.port, rate)
    except OSError:
        pass  # _answers() finds out
