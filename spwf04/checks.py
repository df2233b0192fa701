"""Checks arguments that are numbers, flags, functions, radios, fingerprints: see arguments.py."""

from .arguments import argument, exact, milliseconds


def integer(value, name, low, high):
    """Return an int from low to high (None: no limit); TypeError, ValueError."""
    kind = type(value)
    value = exact(value)
    if not isinstance(value, int):
        raise TypeError("%s must be an int, not %s" % (name, kind.__name__))
    if value < low or (high is not None and value > high):
        raise ValueError("%s must be %d to %d" % (name, low, high or 0x3FFFFFFF))
    return int(value)


def size(value, name="nbytes", least=0):
    """Return a number of bytes, cut to the largest that anything can have."""
    return min(integer(value, name, least, None), 0x3FFFFFFF)


def no_flags(flags):
    """Check that the flags of recv() or send() are 0; else OSError (EOPNOTSUPP)."""
    if integer(flags, "flags", 0, None):
        from .errors import errno

        raise OSError(errno.EOPNOTSUPP, "recv() and send() take no flags here")


def number(value, name):
    """Return an int or a float that is a number, not NaN; TypeError, ValueError."""
    kind = type(value)
    value = exact(value)
    if value is None:
        raise TypeError("%s must be a number, not %s" % (name, kind.__name__))
    if value != value:
        raise ValueError("%s must be a number" % name)
    return value


def seconds(value):
    """Return a socket's time-out: None, or a number of seconds for which int(value * 1000) gives
    the right ms."""
    if value is None:
        return None
    value = milliseconds(value)
    return value // 1000 if value % 1000 == 0 else (value + 0.5) / 1000


def flag(value, name):
    """Return a bool for a bool, an int or None; TypeError."""
    if value is not None and not isinstance(value, (bool, int)):
        raise TypeError("%s must be True or False, not %s" % (name, type(value).__name__))
    return bool(value)


def callback(value, name):
    """Return a function or None; TypeError."""
    if value is not None and not callable(value):
        raise TypeError("%s must be callable, not %s" % (name, type(value).__name__))
    return value


def radio(value):
    """Return an SPWF04, or an object that stands for one; TypeError."""
    try:
        if value.channel.uart is not None:
            return value
    except MemoryError:
        raise
    except Exception:
        pass
    raise TypeError("radio must be an SPWF04, not %s" % type(value).__name__)


def fingerprint(value, name="fingerprint"):
    """Return a SHA-256 as 64 hex digits in lower case, None for None. Colons and blanks are
    ignored. ValueError, TypeError."""
    if value is None:
        return None
    digits = argument(value, name).lower().replace(b":", b"").replace(b" ", b"")
    if len(digits) != 64 or not all([c in b"0123456789abcdef" for c in digits]):
        raise ValueError("%s must be a SHA-256: 64 hex digits" % name)
    return digits.decode()


def shown(value, name):
    """Return str(value), of an ipaddress.IPv4Address for example; TypeError."""
    try:
        return str(value)
    except MemoryError:
        raise
    except Exception:
        pass
    raise TypeError("%s must be str, or have one" % name)
