"""Points in time, as people read them."""

import datetime
import time


def now():
    """Seconds since 1970, by this computer's clock."""
    return int(time.time())


def date(seconds):
    """Seconds since 1970 as text. The module's clock, or a certificate, may say anything."""
    try:  # not fromtimestamp(): on Windows it knows no time before 1970
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return "after the year 9999" if seconds > 0 else "before the year 1"
    return moment.isoformat(" ") + " UTC"


def apart(seconds):
    """A difference of clocks as text."""
    if abs(seconds) < 2:
        return "as this computer's"
    units = (("days", 86400), ("h", 3600), ("min", 60), ("s", 1))
    unit, size = next((unit, size) for unit, size in units if abs(seconds) >= 2 * size)
    way = "ahead of" if seconds > 0 else "behind"
    return f"{abs(seconds) // size} {unit} {way} this computer's"
