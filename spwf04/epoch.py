"""Dates as seconds since 1970-01-01 UTC, whatever epoch the interpreter has; NTP."""


def seconds(year, month, day, hour=0, minute=0, second=0):
    """Seconds from 1970-01-01T00:00:00Z to a moment of the Gregorian calendar, int."""
    if month < 3:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5
    return (((days + day - 719469) * 24 + hour) * 60 + minute) * 60 + second


def read(channel):
    """Ask the module's clock: AT-S.Date:<yy>.<mm>.<dd>…, AT-S.Time:<hh>.<mm>.<ss>. [c.1, l.12]

    What stands between the numbers is not certain, so it is not looked at.
    """
    fields = []

    def on_line(parser):
        if parser.starts(b"AT-S.Date:") or parser.starts(b"AT-S.Time:"):
            numbers = "".join([c if "0" <= c <= "9" else " " for c in parser.text(10)]).split()
            fields.extend([int(n) for n in numbers[:3]])

    channel.command(b"AT+S.TIME\r", None, 3000, on_line)
    if len(fields) != 6:
        raise ValueError("the module's time could not be read")
    year = fields[0]
    if year < 100:
        fields[0] = year + (2000 if year < 70 else 1900)
    return seconds(*fields)


def ntp(radio, timeout_ms):
    """radio.ntp(timeout=10): have the module's NTP client set its clock if it is not set.

    timeout: seconds to wait for a server's answer. True if the clock is set then. WIND 84 says
    so; the clock itself is asked too. [2.8]
    """
    from .at import Exchange

    if radio.time_is_set():
        return True
    # The module asks by itself once after joining; some firmware has a command for it [c.3 38*]
    radio.channel.run(Exchange().prepare(b"AT+S.NTP\r", None, 5000))
    radio.channel.wait(lambda: radio._clock_set, timeout_ms)
    return radio.time_is_set()
