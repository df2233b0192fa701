"""A date as seconds since 1970-01-01 UTC, whatever the epoch of the interpreter."""


def seconds(year, month, day, hour=0, minute=0, second=0):
    """Return the seconds, int, from 1970-01-01T00:00:00Z to a moment of the Gregorian calendar."""
    if month < 3:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5
    return (((days + day - 719469) * 24 + hour) * 60 + minute) * 60 + second
