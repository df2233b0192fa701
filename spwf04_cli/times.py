"""Points in time and counts, as people read them."""

import datetime
import time

from spwf04.dates import in_days

SOON = 30  # days: what ends within them is told


def now():
    """Seconds since 1970, by this computer's clock."""
    return int(time.time())


def date(seconds):
    """Seconds since 1970 as text; any number, because a module's clock may show any."""
    try:  # not fromtimestamp(): on Windows it knows no time before 1970
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return "after the year 9999" if seconds > 0 else "before the year 1"
    return moment.isoformat(" ") + " UTC"


def days_left(until):
    """Whole days until a moment, in seconds since 1970; below 0: it has passed. None for None."""
    return None if until is None else (until - now()) // 86400


def end(until):
    """When a certificate ends, as text that follows its name; "" if that is not known."""
    days = days_left(until)
    if days is None:
        return ""
    day = date(until)[:10]
    if days < 0:
        return f"expired {in_days(-1 - days)} ago, on {day}"
    return f"valid until {day}" + (f", ends in {in_days(days)}" if days < SOON else "")


def apart(seconds):
    """The difference of a clock from this computer's, in seconds, as text."""
    if abs(seconds) < 2:
        return "as this computer's"
    units = (("days", 86400), ("h", 3600), ("min", 60), ("s", 1))
    unit, size = next((unit, size) for unit, size in units if abs(seconds) >= 2 * size)
    way = "ahead of" if seconds > 0 else "behind"
    return f"{abs(seconds) // size} {unit} {way} this computer's"


def plural(n, what, many=None):
    """A count and its noun: "1 byte", "2 bytes". n: a number, or text that is one. many: the
    plural, if it is not the noun with an s."""
    return f"{n} {what if str(n) == '1' else many or what + 's'}"
