"""A date as seconds since 1970-01-01 UTC, whatever the epoch of the interpreter; days in words."""


def seconds(year, month, day, hour=0, minute=0, second=0):
    """Return the seconds, int, from 1970-01-01T00:00:00Z to a moment of the Gregorian calendar."""
    if month < 3:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5
    return (((days + day - 719469) * 24 + hour) * 60 + minute) * 60 + second


def encoded(tag, text):
    """Return the seconds since 1970 of a UTCTime (tag 0x17) or GeneralizedTime (0x18) of DER.

    text: its content, bytes. ValueError: it is no date, or has not the form of certificates.
    """
    n = {0x17: 2, 0x18: 4}.get(tag, 0)  # digits of the year
    if not n or len(text) != n + 11 or text[-1:] != b"Z":
        raise ValueError("a date of the certificate is not as it should be")
    fields = [0]
    for i in range(len(text) - 1):
        if not 48 <= text[i] <= 57:
            raise ValueError("a date of the certificate is not as it should be")
        if i >= n and (i - n) & 1 == 0:
            fields.append(0)
        fields[-1] = fields[-1] * 10 + text[i] - 48
    year, month, day, hour, minute, second = fields
    if n == 2:
        fields[0] = year = year + (1900 if year >= 50 else 2000)
    days = 30 + ((month + month // 8) & 1)
    if month == 2:
        days = 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    if not (0 < month < 13 and 0 < day <= days and hour < 24 and minute < 60 and second < 60):
        raise ValueError("a date of the certificate does not exist")
    return seconds(*fields)


def in_days(n):
    """A number of days in words: 1 day, 2 days."""
    return "%d day%s" % (n, "" if n == 1 else "s")
