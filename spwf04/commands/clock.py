"""The module's clock, as seconds since 1970-01-01 UTC, whatever epoch the interpreter has.

The functions are steps, see at/task.py, where nothing else is said.
"""

from ..arguments import milliseconds, moment
from ..at.exchange import RUNNING, Exchange
from ..at.task import Wait
from ..const import const
from ..dates import seconds
from ..errors import CertificateError, SPWF04Error, errno

# 2024-01-01: a clock that shows an earlier time has not been set
_PLAUSIBLE = const(1704067200)


def asking(channel):
    """SPWF04.time()"""
    # AT-S.Date:<yy>.<mm>.<dd>…, AT-S.Time:<hh>.<mm>.<ss>. What stands between the numbers is not
    # certain, so whatever is no digit separates them. [l.12]
    fields = []

    def on_line(parser):
        if parser.starts(b"AT-S.Date:") or parser.starts(b"AT-S.Time:"):
            numbers = "".join([c if "0" <= c <= "9" else " " for c in parser.text(10)]).split()
            fields.extend([int(n) for n in numbers[:3]])

    exchange = Exchange(on_line)
    yield exchange.prepare(b"AT+S.TIME\r", None, 3000)
    channel.check(exchange)
    if len(fields) != 6:
        raise SPWF04Error(
            errno.EIO,
            "the module's reply does not tell its date and time",
            hint="Try again: bytes of it may have been lost on the UART",
            remedy="retry",
        )
    year = fields[0]
    if year < 100:
        fields[0] = year + (2000 if year < 70 else 1900)
    return seconds(*fields)


def set_time(radio, seconds):
    """SPWF04.set_time()"""
    seconds = moment(seconds)
    exchange = Exchange()
    yield exchange.prepare(b"AT+S.TIME=%d\r" % seconds, None, 3000)
    radio.channel.check(exchange)
    radio.clock_set = seconds >= _PLAUSIBLE


def time_is_set(radio):
    """SPWF04.time_is_set()"""
    return radio.clock_set or is_set(radio, (yield from asking(radio.channel)))


def is_set(radio, now):
    """True if the clock is set, of which asking() gave `now`. No step."""
    radio.clock_set = radio.clock_set or now >= _PLAUSIBLE
    return radio.clock_set


def ntp(radio, timeout=10.0):
    """SPWF04.ntp()"""
    channel = radio.channel
    end = channel.deadline(milliseconds(timeout))
    if (yield from time_is_set(radio)):
        return True
    # The module asks by itself once after joining; some firmware has a command for it. [c.3]
    exchange = Exchange().prepare(b"AT+S.NTP\r", None, 5000)
    yield Wait(lambda: channel.start(exchange), channel.left(end))
    yield Wait(lambda: exchange.code != RUNNING, channel.left(end))
    # WIND 84 says that an answer came, and may be lost: so the clock is asked too [h.11]
    yield Wait(lambda: radio.clock_set, channel.left(end))
    return (yield from time_is_set(radio))


def ensure_set(radio, now=None, timeout=10.0):
    """Have a clock that is set, as TLS needs it. It waits: no steps.

    now: seconds since 1970, to which it is set; None: NTP sets it if it is not set. timeout:
    seconds for NTP; 0: the network is not asked. CertificateError if the clock is not set then.
    """
    if now is not None:
        radio.set_time(now)
    if not radio.time_is_set() and not (timeout and radio.ntp(timeout)):
        raise CertificateError(
            errno.EIO,
            "the module's clock is not set, and certificates are valid for a span of time only",
            hint="radio.set_time(seconds since 1970-01-01), or radio.ntp() on a network with "
            "internet access",
            remedy="set_clock",
        )
