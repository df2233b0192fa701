"""Points in time, as people read them."""

import datetime
import time


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


def apart(seconds):
    """The difference of a clock from this computer's, in seconds, as text."""
    if abs(seconds) < 2:
        return "as this computer's"
    units = (("days", 86400), ("h", 3600), ("min", 60), ("s", 1))
    unit, size = next((unit, size) for unit, size in units if abs(seconds) >= 2 * size)
    way = "ahead of" if seconds > 0 else "behind"
    return f"{abs(seconds) // size} {unit} {way} this computer's"
